"""The library in pictures, drawn for a terminal or written for programs."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

from papertrack.calendar import Span, json_value
from papertrack.display import DrawStyle, Format
from papertrack.display.structured import envelope, to_json
from papertrack.facts import levels
from papertrack.results import LibraryStats, ReadingStats, TermTrends, WeekStats

if TYPE_CHECKING:  # Rich is slow to import, and only drawings need it.
    from rich.text import Text

_BAR_WIDTH = 40
_NAME_WIDTH = 30
_SOURCE_COUNTS = ("papers", "whole", "gaps")
Row = Sequence["Text"]


def stats_lines(stats: LibraryStats, form: Format, now: datetime) -> Iterator[str]:
    """One JSON object, or tab-separated lines of a figure: its kind, name, week and value.

    There are no lines if the library is empty.
    """
    if form == "json":
        notes = [stats.note] if stats.note else []
        yield from envelope("stats", now, [_json_row(stats)], notes=notes)
    elif form == "jsonl":
        yield to_json(_json_row(stats)) + "\n"
    elif stats.papers:
        yield from ("\t".join(map(str, fields)) + "\n" for fields in _plain(stats))


def _json_row(stats: LibraryStats) -> dict[str, Any]:
    rising = stats.rising
    return {
        "span": _json_span(stats.span),
        "papers": stats.papers,
        "weeks": [
            {
                "week": json_value(week.monday),
                "papers": week.papers,
                "matching": week.matching,
                "topics": dict(week.by_topic),
            }
            for week in stats.weeks
        ],
        "rising_terms": {
            "measure": "z-score of the log-odds ratio with an informative Dirichlet prior",
            "recent": _json_span(rising.recent) | {"papers": rising.papers},
            "baseline": _json_span(rising.baseline) | {"papers": rising.before},
            "terms": [term._asdict() for term in rising.terms],
        },
        "reading": stats.reading._asdict(),
        "sources": [
            {key: json_value(value) for key, value in source._asdict().items()}
            for source in stats.sources
        ],
    }


def _json_span(span: Span) -> dict[str, str]:
    return {"first": str(span.first), "last": str(span.last)}


def _plain(stats: LibraryStats) -> Iterator[tuple[object, ...]]:
    for week in stats.weeks:
        yield "papers", "-", week.monday, week.papers
        yield "matching", "-", week.monday, week.matching
        yield from (("topic", name, week.monday, papers) for name, papers in week.by_topic)
    for term in stats.rising.terms:
        yield "rising", term.phrase, stats.rising.recent.first, term.z
    yield from (("reading", name, "-", value) for name, value in stats.reading._asdict().items())
    for source in stats.sources:
        for name in _SOURCE_COUNTS:
            yield "source", f"{source.name} {name}", "-", getattr(source, name)


def draw_stats(stats: LibraryStats, out: TextIO, draw_style: DrawStyle) -> None:
    """Draw the statistics: bars of papers a week, curves of topics, terms, reading, sources."""
    from rich.text import Text

    from papertrack.display.looks import (
        GAP,
        HEADING,
        SECONDARY,
        aligned,
        indented,
        new_console,
        wrapped,
    )

    console = new_console(out, draw_style)
    for line in wrapped(Text(stats.note, SECONDARY), console.width) if stats.note else ():
        console.print(line, soft_wrap=True)
    if not stats.papers:
        return
    if stats.note:
        console.print()
    for heading, note, rows in _parts(stats, console.width):
        console.print(Text(heading, HEADING))
        for line in aligned(rows, console.width - len(GAP)) if rows else ():
            console.print(Text(GAP).append_text(line), soft_wrap=True)
        for line in indented(Text(note, SECONDARY), console.width, len(GAP)) if note else ():
            console.print(line, soft_wrap=True)
        console.print()


def _parts(stats: LibraryStats, width: int) -> Iterator[tuple[str, str, list[Row]]]:
    """The parts of the drawing: heading, note and rows of each."""
    if not stats.note:
        yield from _week_parts(stats, width)
    yield "Reading", "", list(_pair_rows(_reading_pairs(stats.reading)))
    yield "Sources", "", list(_source_rows(stats))


def _week_parts(stats: LibraryStats, width: int) -> Iterator[tuple[str, str, list[Row]]]:
    rising = stats.rising
    weeks = list(_week_rows(stats.weeks, min(_BAR_WIDTH, max(width - 36, 8))))
    yield f"Papers a week, {stats.span}", "█ match a topic  ░ others", weeks
    if topics := list(_topic_rows(stats.weeks)):
        yield "Share of topics", "a bar a week, each topic to its own scale", topics
    heading = f"Rising terms, {rising.recent} against the {_days(rising.baseline)} days before"
    yield heading, _term_note(rising), list(_term_rows(rising))


def _days(span: Span) -> int:
    return (span.last - span.first).days + 1


def _week_rows(weeks: Sequence[WeekStats], width: int) -> Iterator[Row]:
    from rich.text import Text

    from papertrack.display.looks import BAR, SECONDARY

    most = max([1, *(week.papers for week in weeks)])
    for week in weeks:
        length = max(round(width * week.papers / most), bool(week.papers))
        matching = min(max(round(width * week.matching / most), bool(week.matching)), length)
        numbers = f"{week.papers:,}" + (f", {week.matching:,} match" if week.matching else "")
        others = ("░" * (length - matching), SECONDARY)
        space = " " * bool(length)
        bar = Text.assemble(("█" * matching, BAR), others, f"{space}{numbers}")
        yield Text(str(week.monday), SECONDARY), bar


def _topic_rows(weeks: Sequence[WeekStats]) -> Iterator[Row]:
    from rich.text import Text

    from papertrack.display.looks import SECONDARY, TOPIC
    from papertrack.text import shorten

    total = sum(week.papers for week in weeks) or 1
    for name, counts in topic_counts(weeks):
        # A week without papers has no share.
        shares = [
            count / week.papers for count, week in zip(counts, weeks, strict=True) if week.papers
        ]
        overall = Text(f"{sum(counts) / total:.1%} of all", SECONDARY)
        last = Text(f"latest week {shares[-1]:.1%}" if shares else "", SECONDARY)
        yield Text(shorten(name, _NAME_WIDTH), TOPIC), Text(levels(shares)), overall, last


def topic_counts(weeks: Sequence[WeekStats]) -> Iterator[tuple[str, list[int]]]:
    """Each topic with its number of papers in each week."""
    for position, (name, _) in enumerate(weeks[0].by_topic if weeks else ()):
        yield name, [week.by_topic[position][1] for week in weeks]


def _term_rows(rising: TermTrends) -> Iterator[Row]:
    from rich.text import Text

    from papertrack.display.looks import GAIN, SECONDARY
    from papertrack.text import shorten

    for term in rising.terms:
        share, before = term.papers / rising.papers, term.before / rising.before
        figures = f"{share:.1%} of papers ({term.papers}), before {before:.1%}"
        z = Text(f"z {term.z:.1f}", GAIN)
        yield Text(shorten(term.phrase, _NAME_WIDTH)), z, Text(figures, SECONDARY)


def _term_note(rising: TermTrends) -> str:
    if not rising.terms:
        return (
            f"none: {rising.papers:,} recent papers and {rising.before:,} before"
            if not (rising.papers and rising.before)
            else "none that chance does not explain"
        )
    return "z: log-odds ratio with an informative prior (Monroe et al. 2008)"


def _reading_pairs(reading: ReadingStats) -> Iterator[tuple[str, str]]:
    yield "starred", f"{reading.starred:,}"
    yield "read", f"{reading.read:,}"
    matches = f"{reading.unread_matches:,} matching papers of these weeks unread"
    yield "backlog", f"{reading.unread_starred:,} starred and {matches}"
    if reading.hidden or reading.tagged:
        yield "other marks", f"{reading.tagged:,} tagged, {reading.hidden:,} hidden"


def _pair_rows(pairs: Iterable[tuple[str, str]]) -> Iterator[Row]:
    from rich.text import Text

    from papertrack.display.looks import SECONDARY

    yield from ((Text(name, SECONDARY), Text(value)) for name, value in pairs)


def _source_rows(stats: LibraryStats) -> Iterator[Row]:
    from rich.text import Text

    from papertrack.display.looks import BAD, GOOD, SECONDARY

    for source in stats.sources:
        days = f"{source.whole:,} day{'s' * (source.whole != 1)} complete"
        coverage = Text.assemble(
            _paper_count(source.papers) + " · ",
            (days, GOOD if source.whole else SECONDARY),
            (f" · {source.gaps:,} with gaps" if source.gaps else "", BAD),
        )
        yield Text(source.title), coverage
    yield Text("all stored", SECONDARY), Text(_paper_count(stats.papers))


def _paper_count(papers: int) -> str:
    return f"{papers:,} paper{'s' * (papers != 1)}"
