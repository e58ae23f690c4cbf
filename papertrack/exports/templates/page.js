"use strict";
(() => {
  const first = (selector) => document.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const fold = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const [search, filters, help] = ["#search", "#filters", "#help"].map(first);
  const [order, day] = ["#order", "#day"].map(first);

  const isPressed = (button) => button.getAttribute("aria-pressed") === "true";
  const press = (button, on) => button.setAttribute("aria-pressed", String(on));

  const KINDS = { topics: "Topics", sources: "Sources", unread: "State", gaining: "Gain" };
  const SEARCHED = "h3, .byline, .topics, .abstract, .authors";
  const papers = all(".paper").map((element, number) => ({
    element,
    number,
    parent: element.parentNode,
    title: element.querySelector("h3").textContent,
    topics: all(".topics li", element).map((chip) => chip.textContent),
    sources: element.dataset.sources.split("|").filter(Boolean),
    unread: element.classList.contains("read") ? [] : ["Unread"],
    gaining: Number(element.dataset.gain) > 0 ? ["Gaining"] : [],
  }));
  // A paper in several sections is counted once.
  const distinct = (shown) => new Set(shown.map((paper) => paper.title)).size;
  const total = distinct(papers);
  let current = null;

  // A paper passes if it has any of the pressed names of each group.
  const addFilters = (kind) => {
    const names = [...new Set(papers.flatMap((paper) => paper[kind]))];
    const counts = names
      .map((name) => [name, distinct(papers.filter((paper) => paper[kind].includes(name)))])
      .sort(([, count], [, other]) => other - count);
    if (kind !== "topics" && counts.every(([, count]) => count === total)) return;
    const group = document.createElement("div");
    group.className = "row";
    group.role = "group";
    group.ariaLabel = KINDS[kind];
    for (const [name, count] of counts) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `${name} ${count}`;
      Object.assign(button.dataset, { kind, name });
      press(button, false);
      group.append(button);
    }
    if (counts.length) filters.append(group);
  };

  const addDays = () => {
    const days = new Set(papers.map(({ element }) => element.dataset.day).filter(Boolean));
    day.append(...[...days].sort().reverse().map((name) => new Option(name, name)));
    day.hidden = days.size < 2;
  };

  // Papers stay in their section, before what follows them there; those without a value come last.
  const ends = new Map(papers.map(({ element, parent }) => [parent, element.nextElementSibling]));
  const parents = [...ends.keys()];
  const sort = () => {
    const value = ({ element }) => {
      const text = element.dataset[order.value];
      if (text === undefined) return -Infinity;
      return order.value === "day" ? Date.parse(text) : Number(text);
    };
    papers.sort(
      (paper, other) =>
        parents.indexOf(paper.parent) - parents.indexOf(other.parent) ||
        value(other) - value(paper) ||
        paper.number - other.number,
    );
    for (const { element, parent } of papers) parent.insertBefore(element, ends.get(parent));
  };

  const show = () => {
    const words = fold(search.value).split(/\s+/).filter(Boolean);
    const pressed = all("button", filters).filter(isPressed);
    const isShown = (paper) => {
      if (day.value && paper.element.dataset.day !== day.value) return false;
      const passes = Object.keys(KINDS).every((kind) => {
        const names = pressed.filter((button) => button.dataset.kind === kind);
        return !names.length || names.some(({ dataset }) => paper[kind].includes(dataset.name));
      });
      if (!passes || !words.length) return passes;
      paper.text ??= fold(all(SEARCHED, paper.element).map((part) => part.textContent).join(" "));
      return words.every((word) => paper.text.includes(word));
    };
    for (const paper of papers) paper.element.hidden = !isShown(paper);
    const narrowed = words.length > 0 || pressed.length > 0 || day.value !== "";
    for (const section of all("main section")) {
      section.hidden = narrowed && !section.querySelector(".paper:not([hidden])");
    }
    const shown = distinct(papers.filter((paper) => !paper.element.hidden));
    const noun = total === 1 ? "paper" : "papers";
    first("#no-match").hidden = !narrowed || shown > 0;
    first("#count").textContent = `${narrowed ? `${shown} of ` : ""}${total} ${noun}`;
  };

  const clear = () => {
    search.value = day.value = "";
    all("button", filters).forEach((button) => press(button, false));
    show();
  };

  const step = (by) => {
    const shown = papers.map((paper) => paper.element).filter((element) => !element.hidden);
    const at = shown.indexOf(current);
    const next = shown[at < 0 ? 0 : Math.min(Math.max(at + by, 0), shown.length - 1)];
    if (!next) return;
    current = next;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const inCurrent = (selector) => (current && !current.hidden ? current.querySelector(selector) : null);
  const open = () => {
    const link = inCurrent("h3 a");
    if (link) window.open(link.href, "_blank", "noopener,noreferrer");
  };
  const toggleAbstract = () => {
    const abstract = inCurrent("details");
    if (abstract) abstract.open = !abstract.open;
  };
  const escape = () => (document.activeElement === search ? search.blur() : clear());
  const KEYS = {
    j: () => step(1),
    k: () => step(-1),
    o: open,
    a: toggleAbstract,
    "/": () => search.select(),
    "?": () => help.showModal(),
  };

  filters.addEventListener("click", ({ target }) => {
    if (target.localName !== "button") return;
    press(target, !isPressed(target));
    show();
  });
  search.addEventListener("input", show);
  day.addEventListener("change", show);
  order.addEventListener("change", sort);
  first("#all").hidden = !first("main details");
  first("#all").addEventListener("click", ({ target }) => {
    press(target, !isPressed(target));
    all("main details").forEach((details) => { details.open = isPressed(target); });
  });
  first("#keys").addEventListener("click", () => help.showModal());
  first("#close").addEventListener("click", () => help.close());
  document.addEventListener("focusin", ({ target }) => {
    current = target.closest(".paper") ?? current;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help.open) return;
    if (event.key === "Escape") {
      escape();
    } else if (!["INPUT", "SELECT"].includes(event.target.tagName) && first("#single").checked && Object.hasOwn(KEYS, event.key)) {
      event.preventDefault();
      KEYS[event.key]();
    }
  });

  papers.forEach((paper) => { paper.element.tabIndex = -1; });
  Object.keys(KINDS).forEach(addFilters);
  addDays();
  first(".bar").hidden = false;
  show();
})();
