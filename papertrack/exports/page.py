"""The HTML page and the HTML of a mail.

Both are templates over the same mappings of papers. The page needs no other file: its style and
script are inline, and its content security policy allows these two by hash, so that text from a
source can never run as a script.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from typing import Any, NamedTuple

from papertrack import facts
from papertrack.exports.templating import built_in, render
from papertrack.highlighting import occurrences, spans
from papertrack.identifiers import pdf_url
from papertrack.merge import provenance
from papertrack.models import Entry, Match, Observation, Report
from papertrack.source_registry import short_title

HUES = 12  # the number of topic colours in page.css
_WIDTH, _HEIGHT = 60, 16  # of a curve, in SVG units; the stroke needs one more at top and bottom
_CURVE_POINTS = 30
_SEVERAL = 3
_LISTED_AUTHORS = 6  # a paper may have hundreds
# A page of 200 papers stays below 300 kB. Full abstracts alone would take 280 kB, so they are cut
# to a length that depends on the number of papers. Sizes are in bytes.
_PAPERS_SIZE = 272_000
_SIZE_WITHOUT_ABSTRACT = 1130
_MIN_ABSTRACT = 200
_COUNTED_PAPERS = 400  # per section; counting all would read the whole library at once

_SAMPLE = "Sample edition: real listings of a past week, shipped with papertrack; not your library."

Runs = Sequence[tuple[str, bool]]  # a text in pieces, each with whether it is highlighted


class Curve(NamedTuple):
    """Upvotes over time: the path of an SVG 60 wide and 18 high, and its text alternative.

    `dates` are those of the first and the last count, shown below it.
    """

    path: str
    words: str
    dates: str


class PageEntry(NamedTuple):
    """A paper as the templates of page and mail use it.

    `abstract` may be cut, see `is_cut`. `first_authors` are listed below the abstract, and
    `more_authors` counts the others. `chips` are the topics, each with the number of its colour;
    `sparkline` is the curve as text, for mails.
    """

    id: str
    title: str
    title_runs: Runs
    url: str | None
    links: Sequence[tuple[str, str]]
    abstract: Runs
    is_cut: bool
    byline: str
    first_authors: Sequence[str]
    more_authors: int
    organization: str | None
    venue: str | None
    tldr: str | None
    tldr_author: str
    day: date | None
    sources: Sequence[str]
    upvotes: int | None
    gained: int | None
    curve: Curve | None
    sparkline: str
    matches: Sequence[Match]
    chips: Sequence[tuple[str, int]]
    reasons: str
    recommended_for: str
    is_read: bool
    is_starred: bool
    note: str | None


def render_page(report: Report, days: str = "") -> Iterator[str]:
    """The HTML page, readable without its scripted search and filters.

    Its title names `days`, the listing days of the papers.
    """
    report = facts.readable_report(report)
    style, script = inline_asset("page.css"), inline_asset("theme.js") + inline_asset("page.js")
    return render(
        built_in("page.html.j2"),
        report,
        **_notices(report),
        sections=_sections(report),
        days=days,
        written=report.generated_at.astimezone(UTC),
        style=style,
        script=script,
        policy=_policy(style, script),
    )


def render_mail(report: Report, **_options: object) -> Iterator[str]:
    """The HTML of a mail: no script, nothing to load, each paper once."""
    report = facts.readable_report(report)
    sections = _sections(report)
    seen_ids: set[str] = set()
    for section in sections:
        section["papers"] = _without_repeats(section["papers"], seen_ids)
    return render(built_in("mail.html.j2"), report, **_notices(report), sections=sections)


def inline_asset(name: str) -> str:
    """The text of a style or script in the folder `templates`."""
    from importlib.resources import files

    return (files("papertrack.exports") / "templates" / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{inline_hash(style)}'; "
        f"script-src '{inline_hash(script)}'; "
        "img-src 'none'; base-uri 'none'; form-action 'none'"
    )


def inline_hash(text: str) -> str:
    """The hash of an inline style or script, as a content security policy writes it."""
    from base64 import b64encode
    from hashlib import sha256

    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _notices(report: Report) -> dict[str, list[str]]:
    """The texts above the papers: warnings, and notes that no section repeats."""
    empty_texts = {section.empty_text for section in report.sections if not section.total}
    failures = (
        f"{short_title(failure.source)} failed: {failure.message}" for failure in report.failures
    )
    return {
        "warnings": [*([_SAMPLE] if report.sample else []), *failures],
        "notes": [note for note in report.notes if note not in empty_texts],
    }


def _sections(report: Report) -> list[dict[str, Any]]:
    """The sections as mappings with their papers, whose abstracts are cut to fit the page.

    Papers are mappings, which Jinja's sandbox reads three times as fast as records.
    """
    walks = [iter(section.entries) for section in report.sections]
    heads = [tuple(islice(walk, _COUNTED_PAPERS)) for walk in walks]
    count = sum(map(len, heads)) or 1
    length = max(_MIN_ABSTRACT, _PAPERS_SIZE // count - _SIZE_WITHOUT_ABSTRACT)

    def papers(entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
        return (page_entry(entry, report.words, length)._asdict() for entry in entries)

    return [
        section._asdict() | {"papers": papers(chain(head, walk))}
        for section, head, walk in zip(report.sections, heads, walks, strict=True)
    ]


def _without_repeats(
    papers: Iterable[dict[str, Any]], seen_ids: set[str]
) -> Iterator[dict[str, Any]]:
    for paper in papers:
        if paper["id"] not in seen_ids:
            seen_ids.add(paper["id"])
            yield paper


def page_entry(entry: Entry, words: AbstractSet[str], length: int) -> PageEntry:
    """A paper as the templates use it; its abstract is cut to `length` characters."""
    paper, latest = entry.paper, entry.latest
    full_abstract = paper.abstract or ""
    abstract = _cut(full_abstract, length)
    # If abstracts have to be cut, there is no room for summaries either.
    tldr_author = facts.summary_author(provenance(entry.claims).get("tldr"))
    summary = f"{paper.tldr} ({tldr_author})" if paper.tldr else ""
    return PageEntry(
        id=paper.id,
        title=paper.title,
        title_runs=_highlight(paper.title, entry, words),
        url=_web_url(facts.page_url(entry)),
        links=_links(entry),
        abstract=_highlight(abstract, entry, words),
        is_cut=abstract != full_abstract,
        byline=facts.authors(entry),
        first_authors=paper.authors[:_LISTED_AUTHORS] if len(paper.authors) >= _SEVERAL else (),
        more_authors=len(paper.authors[_LISTED_AUTHORS:]),
        organization=paper.organization,
        venue=paper.venue,
        tldr=paper.tldr if len(full_abstract) + len(summary) <= length else None,
        tldr_author=tldr_author,
        day=facts.newest_listing_day(entry),
        sources=[short_title(source) for source in entry.sources],
        upvotes=latest and latest.upvotes,
        gained=entry.gained,
        curve=curve(entry.observations),
        sparkline=facts.sparkline(entry),
        matches=entry.matches,
        chips=[(name, hue(name)) for name in dict.fromkeys(hit.topic for hit in entry.matches)],
        reasons=facts.reasons(entry),
        recommended_for=facts.recommendation(entry),
        is_read=entry.state.read,
        is_starred=entry.state.starred,
        note=entry.state.note,
    )


def _links(entry: Entry) -> list[tuple[str, str]]:
    paper, stars = entry.paper, facts.stars(entry)
    links = (
        (pdf_url(paper.id), "PDF"),
        (facts.code(paper).url, f"Code ★ {stars}" if stars else "Code"),
        (paper.project_url, "Project"),
    )
    return [(web_url, label) for url, label in links if (web_url := _web_url(url))]


def _web_url(url: str | None) -> str | None:
    """The URL if it is http or https, else None."""
    return url if url and url.startswith(("https://", "http://")) else None


def _cut(text: str, length: int) -> str:
    """A text, cut after a whole word if it has more than `length` characters."""
    if len(text) <= length:
        return text
    return f"{text[:length].rpartition(' ')[0] or text[:length]} …"


def _highlight(text: str, entry: Entry, words: AbstractSet[str]) -> Runs:
    """A text in runs that highlight matches of topics and the words of a search."""
    highlights = [
        *spans(text, words),
        *occurrences(text, (match.matched for match in entry.matches)),
    ]
    runs, position = [], 0
    for start, end in sorted(highlights):
        if start >= position:
            runs += [(text[position:start], False), (text[start:end], True)]
            position = end
    return [run for run in (*runs, (text[position:], False)) if run[0]]


def hue(name: str) -> int:
    """The colour number of a topic, from 0 to 11; the same name always has the same colour."""
    from zlib import crc32

    return crc32(name.encode()) % HUES


def curve(observations: Iterable[Observation]) -> Curve | None:
    """The upvotes over time; None for fewer than three observations."""
    counts = [(item.at, item.upvotes) for item in observations if item.upvotes is not None]
    if len(counts) < _SEVERAL:
        return None
    (start, first), (end, last) = counts[0], counts[-1]
    values = [upvotes for _, upvotes in counts]
    low, height = min(values), max(values) - min(values) or 1
    step = (end - start) / _CURVE_POINTS or timedelta(1)
    points = {
        round((at - start) / step) * _WIDTH // _CURVE_POINTS: (
            1 + _HEIGHT - (upvotes - low) * _HEIGHT // height
        )
        for at, upvotes in counts
    }
    path = " ".join(f"{x} {y}" for x, y in points.items())
    words = f"Upvotes: {first} on {start:%Y-%m-%d}, {last} on {end:%Y-%m-%d}"
    return Curve(f"M{path}", words, _days(start, end))


def _days(start: datetime, end: datetime) -> str:
    """The days of two times, as short as the space below a curve: "25-31 Mar"."""
    if start.date() == end.date():
        return f"{end.day} {end:%b}"
    month = "" if (start.year, start.month) == (end.year, end.month) else f" {start:%b}"
    return f"{start.day}{month}\u2013{end.day} {end:%b}"
