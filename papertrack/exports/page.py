"""One page for a browser, which needs nothing but itself, and the HTML of a mail.

Both are templates made of the same parts. The page's style and script stand in it and are allowed
by their hashes, so that no text of a stranger can ever be one.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, timedelta
from itertools import chain, islice
from typing import Any, NamedTuple

from papertrack import facts
from papertrack.exports.templating import built_in, render
from papertrack.identifiers import pdf_url
from papertrack.models import Entry, Match, Observation, Report
from papertrack.searching.highlighting import spans
from papertrack.source_registry import short_title

HUES = 12  # as many colours of topics as page.css has
_WIDTH, _HEIGHT = 60, 16  # of a curve, whose line is two wide
_POINTS = 30
_SEVERAL = 3
_NAMED = 6  # authors told by name, of those who may be hundreds
# A page of 200 papers is to stay under 300 kB, and their abstracts alone would be 280: the room for
# papers in bytes, and what one takes beside its abstract.
_ROOM = 275_000
_BESIDE = 1020
_SHORTEST = 300
_PEEKED = 400

_SAMPLE = (
    "Sample edition: real listings of one past week, shipped with papertrack, not your library."
)

Runs = Sequence[tuple[str, bool]]


class Curve(NamedTuple):
    """The upvotes over time: the path of an SVG 60 wide and 18 high, and the same in words."""

    path: str
    words: str


class PageEntry(NamedTuple):
    """A paper as the page and the mail tell it. `heading` is its title and `opening` its abstract,
    cut where `is_cut`, in runs; `everyone` are its first authors and `others` how many follow them,
    `chips` the topics, each with the number of its colour, `bars` the curve in a mail.
    """

    id: str
    title: str
    heading: Runs
    url: str | None
    links: Sequence[tuple[str, str]]
    opening: Runs
    is_cut: bool
    by: str
    everyone: Sequence[str]
    others: int
    organization: str | None
    day: date | None
    sources: Sequence[str]
    upvotes: int | None
    gained: int | None
    curve: Curve | None
    bars: str
    matches: Sequence[Match]
    chips: Sequence[tuple[str, int]]
    reasons: str
    is_read: bool
    is_starred: bool
    note: str | None


def render_page(report: Report, **_options: object) -> Iterator[str]:
    """A page with its own search and filters, complete without them: its papers walked once."""
    style, script = _beside("page.css"), _beside("page.js")
    return render(
        built_in("page.html.j2"),
        report,
        **_said(report),
        sections=_sections(report),
        written=report.generated_at.astimezone(UTC),
        style=style,
        script=script,
        policy=_policy(style, script),
    )


def render_mail(report: Report, **_options: object) -> Iterator[str]:
    """What mail programs show: no script, nothing to load, each paper once."""
    sections = _sections(report)
    seen: set[str] = set()
    for section in sections:
        section["papers"] = _unseen(section["papers"], seen)
    return render(built_in("mail.html.j2"), report, **_said(report), sections=sections)


def _beside(name: str) -> str:
    from importlib.resources import files

    return (files("papertrack.exports") / "templates" / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src 'none'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    """How a content security policy names what stands between two tags."""
    from base64 import b64encode
    from hashlib import sha256

    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _said(report: Report) -> dict[str, list[str]]:
    """What the reader should know before the papers, the weighty first."""
    empty = {one.empty_text for one in report.sections if not one.total}
    failed = (
        f"{short_title(one.source)} could not be asked: {one.message}" for one in report.failures
    )
    return {
        "warnings": [*([_SAMPLE] if report.sample else []), *failed],
        "notes": [note for note in report.notes if note not in empty],
    }


def _sections(report: Report) -> list[dict[str, Any]]:
    """The sections with their papers as templates take them, which the sandbox reads thrice as fast
    from a mapping. The more papers, the shorter their abstracts, for which the first of each
    section are counted.
    """
    walks = [iter(one.entries) for one in report.sections]
    heads = [tuple(islice(walk, _PEEKED)) for walk in walks]
    length = max(_SHORTEST, _ROOM // (sum(map(len, heads)) or 1) - _BESIDE)
    return [
        section._asdict()
        | {"papers": (_shown(one, report.words, length)._asdict() for one in chain(head, walk))}
        for section, head, walk in zip(report.sections, heads, walks, strict=True)
    ]


def _unseen(papers: Iterable[dict[str, Any]], seen: set[str]) -> Iterator[dict[str, Any]]:
    for one in papers:
        if one["id"] not in seen:
            seen.add(one["id"])
            yield one


def _shown(entry: Entry, words: AbstractSet[str], length: int) -> PageEntry:
    known, latest = entry.paper, entry.latest
    abstract = known.abstract or ""
    opening = _opening(abstract, length)
    return PageEntry(
        id=known.id,
        title=known.title,
        heading=_marked(known.title, entry, words),
        url=_web(facts.page(entry)),
        links=_links(entry),
        opening=_marked(opening, entry, words),
        is_cut=opening != abstract,
        by=facts.authors(entry),
        everyone=known.authors[:_NAMED] if len(known.authors) >= _SEVERAL else (),
        others=len(known.authors[_NAMED:]),
        organization=known.organization,
        day=facts.listed(entry),
        sources=[short_title(one) for one in entry.sources],
        upvotes=latest and latest.upvotes,
        gained=entry.gained,
        curve=curve(entry.observations),
        bars=facts.sparkline(entry),
        matches=entry.matches,
        chips=[(name, hue(name)) for name in dict.fromkeys(one.topic for one in entry.matches)],
        reasons=facts.reasons(entry),
        is_read=entry.state.read,
        is_starred=entry.state.starred,
        note=entry.state.note,
    )


def _links(entry: Entry) -> list[tuple[str, str]]:
    known, stars = entry.paper, facts.stars(entry)
    named = (
        (pdf_url(known.id), "PDF"),
        (known.code_url, f"Code ★ {stars}" if stars else "Code"),
        (known.project_url, "Project"),
    )
    return [(address, words) for url, words in named if (address := _web(url))]


def _web(url: str | None) -> str | None:
    """The address where a browser may follow it."""
    return url if url and url.startswith(("https://", "http://")) else None


def _opening(text: str, length: int) -> str:
    """A text, or of a long one whole words that are no longer than `length` letters."""
    if len(text) <= length:
        return text
    return f"{text[:length].rpartition(' ')[0] or text[:length]} …"


def _marked(text: str, entry: Entry, words: AbstractSet[str]) -> Runs:
    """A text in runs, each with whether it is what a topic met or what was searched for."""
    met = sorted({re.escape(one.matched) for one in entry.matches if one.matched}, key=len)
    found = list(spans(text, words))
    if met:
        pattern = rf"(?<!\w)(?:{'|'.join(reversed(met))})(?!\w)"
        found += (one.span() for one in re.finditer(pattern, text, re.IGNORECASE))
    runs, at = [], 0
    for first, last in sorted(found):
        if first >= at:
            runs += [(text[at:first], False), (text[first:last], True)]
            at = last
    return [run for run in (*runs, (text[at:], False)) if run[0]]


def hue(name: str) -> int:
    """The colour of a topic by its number, which is always the same."""
    from zlib import crc32

    return crc32(name.encode()) % HUES


def curve(observations: Iterable[Observation]) -> Curve | None:
    """The upvotes over time; None for fewer than three sights, which make no curve."""
    sights = [(one.at, one.upvotes) for one in observations if one.upvotes is not None]
    if len(sights) < _SEVERAL:
        return None
    (begin, before), (end, now) = sights[0], sights[-1]
    values = [upvotes for _, upvotes in sights]
    low, rise = min(values), max(values) - min(values) or 1
    step = (end - begin) / _POINTS or timedelta(1)
    points = {
        round((at - begin) / step) * _WIDTH // _POINTS: 1 + _HEIGHT - (up - low) * _HEIGHT // rise
        for at, up in sights
    }
    path = " ".join(f"{x} {y}" for x, y in points.items())
    return Curve(f"M{path}", f"Upvotes: {before} on {begin:%Y-%m-%d}, {now} on {end:%Y-%m-%d}")
