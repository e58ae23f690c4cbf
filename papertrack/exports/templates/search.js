"use strict";
// The search of a site: its index is a file per month, loaded as a script, so that it also works
// for a folder that is opened without a server.
const papertrack = {};
(() => {
  const SHOWN = 100;
  const WEIGHTS = { title: 4, topics: 3, authors: 3, abstract: 1 };
  const fold = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const words = (text) => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  const months = new Map();
  const first = (selector) => document.querySelector(selector);
  let shown = SHOWN, waiting = 0, failed = 0;

  // A word of the query is found at the beginning of a word; in scripts without spaces, anywhere.
  const isFound = (term, word) => (/^[\x00-\x7f]+$/.test(term) ? word.startsWith(term) : word.includes(term));

  // The numbers of papers are the differences to the number before.
  const numbers = (text) => {
    let number = 0;
    return text.split(" ").map((step) => (number += Number(step)));
  };

  papertrack.month = ({ name, topics, papers, words: inAbstracts }) => {
    months.set(name, {
      abstracts: Object.entries(inAbstracts),
      papers: papers.map(([title, url, authors, day, place, upvotes, ...topicNumbers]) => {
        const names = topicNumbers.map((number) => topics[number]);
        const fields = { title: words(title), authors: words(authors), topics: words(names.join(" ")) };
        return { title, url, authors, day, place, upvotes, topics: names, fields };
      }),
    });
  };

  // The weights of the papers of a month that have a term.
  const scores = ({ papers, abstracts }, term) => {
    const found = new Map();
    for (const [word, steps] of abstracts) {
      if (isFound(term, word)) for (const number of numbers(steps)) found.set(number, WEIGHTS.abstract);
    }
    papers.forEach(({ fields }, number) => {
      const weights = Object.keys(fields)
        .filter((name) => fields[name].some((word) => isFound(term, word)))
        .map((name) => WEIGHTS[name]);
      if (weights.length) found.set(number, Math.max(...weights));
    });
    return found;
  };

  const resultsOf = (month, terms, topic) => {
    const found = terms.map((term) => scores(month, term));
    return month.papers.flatMap((paper, number) => {
      if (topic && !paper.topics.includes(topic)) return [];
      if (!found.every((scored) => scored.has(number))) return [];
      return [{ paper, score: found.reduce((sum, scored) => sum + scored.get(number), 0) }];
    });
  };

  const ORDERS = {
    "": (one, other) => other.score - one.score,
    day: () => 0,
    upvotes: (one, other) => (other.paper.upvotes ?? -1) - (one.paper.upvotes ?? -1),
  };
  const byDay = (one, other) => (one.paper.day < other.paper.day ? 1 : one.paper.day > other.paper.day ? -1 : 0);

  const element = (name, text, properties = {}) =>
    Object.assign(document.createElement(name), { textContent: text }, properties);

  const resultElement = ({ title, url, authors, day, place, upvotes, topics }) => {
    const item = element("li", "", { className: "paper" });
    const heading = element("h2", "", { className: "result" });
    heading.append(url ? element("a", title, { href: url, rel: "noopener noreferrer" }) : title);
    const names = authors.split(", ");
    const people = names.length > 3 ? `${names[0]} et al.` : authors;
    const line = element("p", people ? `${people} · ` : "", { className: "byline" });
    line.append(element("a", day, { href: place }));
    const more = [upvotes === null ? "" : `${upvotes} upvotes`, ...topics].filter(Boolean);
    if (more.length) line.append(` · ${more.join(" · ")}`);
    item.append(heading, line);
    return item;
  };

  const message = (terms, count) => {
    if (waiting) return "Loading …";
    const missing = failed ? ` ${failed} of ${failed + months.size} months could not be loaded.` : "";
    if (!terms) return missing;
    return `${count} ${count === 1 ? "paper" : "papers"}.${missing}`;
  };

  const show = () => {
    const terms = words(first("#query").value), topic = first("#topic").value;
    const narrowed = terms.length > 0 || topic !== "";
    const results = narrowed ? [...months.values()].flatMap((month) => resultsOf(month, terms, topic)) : [];
    results.sort((one, other) => ORDERS[first("#order").value](one, other) || byDay(one, other));
    first("#results").replaceChildren(...results.slice(0, shown).map(({ paper }) => resultElement(paper)));
    first("#more").hidden = results.length <= shown;
    first("#status").textContent = message(narrowed, results.length);
  };

  const load = (name) => {
    waiting += 1;
    const script = element("script", "", { src: `search/${name}.js` });
    const done = () => { waiting -= 1; show(); };
    script.addEventListener("load", done);
    script.addEventListener("error", () => { failed += 1; done(); });
    document.head.append(script);
  };

  const again = () => { shown = SHOWN; show(); };
  const asked = new URLSearchParams(location.search);
  first("#query").value = asked.get("q") ?? "";
  for (const name of ["topic", "order"]) {
    const select = first(`#${name}`);
    select.value = asked.get(name) ?? "";
    if (select.selectedIndex < 0) select.value = "";
  }
  for (const name of ["query", "topic", "order"]) first(`#${name}`).addEventListener("input", again);
  first("#more").addEventListener("click", () => { shown += SHOWN; show(); });
  first("form").dataset.months.split(" ").filter(Boolean).forEach(load);
  first("#query").focus();
})();
