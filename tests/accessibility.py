"""A check of a page's accessibility, run inside the page: what WCAG 2.2 asks for and is computable.

`PROBLEMS` is an expression whose value lists the problems, each as "kind: element". Contrast is 4.5
to 1: https://www.w3.org/TR/WCAG22/#contrast-minimum.
"""

PROBLEMS = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const computed = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    const linear = [r, g, b].map((value) => value / 255).map(
      (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return a ? 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] : null;
  };
  const luminance = (colour) => {
    if (!known.has(colour)) known.set(colour, computed(colour));
    return known.get(colour);
  };
  const background = (element) => {
    const own = element ? luminance(getComputedStyle(element).backgroundColor) : 1;
    return own ?? background(element.parentElement);
  };
  const contrast = (element) => {
    const text = luminance(getComputedStyle(element).color);
    const [low, high] = [text, background(element)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const hasText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const shown = [...document.querySelectorAll("body *")].filter((item) => item.checkVisibility());
  const problems = [];
  const add = (kind, element) =>
    problems.push(`${kind}: ${element?.outerHTML.slice(0, 200) ?? ""}`);
  const labelled = (element) => {
    const ids = (element.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean);
    return ids.map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  };
  const name = (element) => [
    element.ariaLabel, labelled(element), element.querySelector(":scope > title")?.textContent,
    element.textContent, element.alt,
  ].find((text) => text?.trim());

  if (!document.documentElement.lang) add("no language");
  if (!document.title.trim()) add("no title");
  if (document.querySelectorAll("main").length !== 1) add("no main");
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of new Set(ids.filter((id, number) => ids.indexOf(id) !== number))) {
    add("duplicate id", document.getElementById(id));
  }
  let level = 0;
  for (const heading of shown.filter((item) => /^H[1-6]$/.test(item.tagName))) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) add("heading level", heading);
    level = own;
  }
  const titles = document.querySelectorAll("h1");
  if (titles.length !== 1) add("heading level", titles[0]);
  for (const element of shown) {
    const { localName } = element;
    if (hasText(element) && contrast(element) < 4.5) add("contrast", element);
    if (localName === "img" && !element.hasAttribute("alt")) add("no alternative", element);
    if (element.role === "img" && !name(element)) add("no alternative", element);
    if (["input", "select", "textarea"].includes(localName)) {
      const labels = [...(element.labels ?? [])].map((label) => label.textContent).join("");
      if (!(element.ariaLabel || labelled(element) || labels.trim())) add("no label", element);
    }
    if (["a", "button", "h1", "h2", "h3", "summary"].includes(localName) && !name(element)) {
      add("no name", element);
    }
    if (["section", "nav"].includes(localName) && !(element.ariaLabel || labelled(element))) {
      add("no label", element);
    }
  }
  return problems;
})()
"""
