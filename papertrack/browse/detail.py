"""A paper in full, as the lines below or beside the list."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from rich.text import Text

from papertrack import facts
from papertrack.browse.rows import highlight
from papertrack.display.looks import GAIN, HEADING, SECONDARY, TOPIC, aligned, indented, wrapped
from papertrack.display.plain import card, events
from papertrack.identifiers import is_arxiv, pdf_url
from papertrack.models import Entry
from papertrack.text import TexReader, clean, clean_lines, readable

_MAX_WIDTH = 90  # cells; longer lines are hard to read
_MAX_AUTHORS, _MAX_CATEGORIES = 12, 3
_CURVE = 32  # cells
# What the rows of facts show, in order; the rest is shown below or is in `show`.
_FACTS = (
    "id", "organization", "dates", "venue", "published in", "comment", "categories", "upvotes",
    "trend", "topics", "related", "state",
)  # fmt: skip


class Detail(NamedTuple):
    """The lines of a paper, and its links: the address of link 1, 2, … in order.

    `link_lines` has the number of the line of each link.
    """

    lines: tuple[Text, ...] = ()
    links: tuple[str, ...] = ()
    link_lines: tuple[int, ...] = ()


def detail(
    entry: Entry,
    now: datetime,
    width: int,
    words: frozenset[str] = frozenset(),
    related: Sequence[Entry] = (),
) -> Detail:
    """Return the lines of a paper; `related` are papers listed below it, numbered as links."""
    width = min(width, _MAX_WIDTH)
    entry = facts.readable_entry(entry, TexReader.of_a_text())
    values = {name: clean(value) for name, value in card(entry, now)}
    lines = [*_head(entry, width, words)]
    for name in ("tldr", "abstract", "note"):
        text = clean_lines(entry.state.note or "") if name == "note" else values.get(name, "")
        lines += _paragraph("" if name == "abstract" else name, text, entry, width, words)
    if not entry.paper.abstract:
        lines += [Text(), Text("no abstract is stored", SECONDARY)]
    rows = [(Text(name, SECONDARY), Text(values[name])) for name in _FACTS if values.get(name)]
    if curve := facts.sparkline(entry, _CURVE):
        rows.append((Text("curve", SECONDARY), Text(curve, GAIN)))
    rows += [(Text("since starred", SECONDARY), Text(clean(line))) for line in events(entry)]
    lines += [Text(), *aligned(rows, width)]
    links, link_lines = links_of(entry), []
    lines.append(Text())
    for number, url in enumerate(links, 1):
        link_lines.append(len(lines))
        label = Text().append(f"[{number}] ", SECONDARY).append(clean(url), "underline")
        lines += wrapped(label, width)
    lines += _related(related, width)
    return Detail(tuple(lines), tuple(links), tuple(link_lines))


def detail_of_text(text: str, width: int) -> Detail:
    """Return the lines of a text, each indented as it is."""
    lines: list[Text] = []
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        lines += indented(Text(clean(line)), width, indent)
    return Detail(tuple(lines))


def links_of(entry: Entry) -> list[str]:
    """The addresses of a paper, each once: its page, PDF, HTML version, code and project."""
    paper = entry.paper
    urls = [facts.page_url(entry)]
    if is_arxiv(paper.id):
        urls += [f"https://arxiv.org/abs/{paper.id}", pdf_url(paper.id)]
        urls.append(f"https://arxiv.org/html/{paper.id}")
    urls += [facts.code(paper).url, paper.project_url]
    if doi := facts.doi(paper):
        urls.append(f"https://doi.org/{doi}")
    web = [url for url in urls if url and url.startswith(("https://", "http://"))]
    return list(dict.fromkeys(url for url in web if url.isascii() and url.isprintable()))


def phrases_of(entry: Entry) -> list[str]:
    """What may be added to a topic: the phrases that matched, then keywords and title words."""
    paper = entry.paper
    matched = [match.phrase for match in entry.matches]
    return list(dict.fromkeys([*matched, *paper.keywords, clean(readable(paper.title))]))


def _head(entry: Entry, width: int, words: frozenset[str]) -> Iterator[Text]:
    title = Text(clean(entry.paper.title), HEADING)
    highlight(title, entry, words, "underline")
    yield from wrapped(title, width)
    authors = entry.paper.authors
    more = f" +{len(authors) - _MAX_AUTHORS}" if len(authors) > _MAX_AUTHORS else ""
    if authors:
        yield from wrapped(Text(clean(", ".join(authors[:_MAX_AUTHORS]) + more)), width)
    paper, day = entry.paper, facts.newest_listing_day(entry)
    brief = [
        paper.id,
        str(day or ""),
        f"▲{facts.upvotes(entry)}" if entry.latest and entry.latest.upvotes is not None else "",
        facts.sparkline(entry),
        ", ".join(paper.categories[:_MAX_CATEGORIES]),
        paper.venue or "",
        "code" if facts.code(paper).url else "",
    ]
    yield from wrapped(Text(clean(" · ".join(filter(None, brief))), SECONDARY), width)
    if reasons := facts.reasons(entry):
        yield from wrapped(Text(clean(reasons), TOPIC), width)
    if entry.reasons:
        recommendation = f"for you: {facts.recommendation(entry)}"
        yield from wrapped(Text(clean(recommendation), TOPIC), width)


def _paragraph(
    name: str, text: str, entry: Entry, width: int, words: frozenset[str]
) -> Iterator[Text]:
    """An empty line and the lines of a text, with its matched words bold."""
    if not text:
        return
    yield Text()
    for number, line in enumerate(text.split("\n")):
        label = Text().append(f"{name}: " if name and not number else "", SECONDARY)
        body = Text(line)
        highlight(body, entry, words)
        yield from wrapped(label.append_text(body), width)


def _related(related: Sequence[Entry], width: int) -> Iterator[Text]:
    if related:
        yield Text()
        yield Text("Related papers in the library", HEADING)
    for entry in related:
        title = clean(readable(entry.paper.title))
        mark = "★" if entry.state.starred else "✓" if entry.state.read else " "
        text = Text(title).append(f"  {clean(entry.paper.id)}", SECONDARY)
        for number, line in enumerate(wrapped(text, max(width - 2, 1))):
            yield Text(f"{' ' if number else mark} ").append_text(line)
