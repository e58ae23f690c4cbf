"""Topics, and explanations why papers match them or not, in all formats."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO

from papertrack import facts
from papertrack.display import DrawStyle, Format
from papertrack.display.structured import envelope, to_json
from papertrack.display.tabular import row_lines
from papertrack.escaping import markdown as escape
from papertrack.fields import paper
from papertrack.fields import reasons as reasons_fields
from papertrack.models import Entry, Match, Related, Topic
from papertrack.results import Explanation, Verdict
from papertrack.text import readable


def draw_topics(topics: Sequence[Topic], out: TextIO, draw_style: DrawStyle) -> None:
    """Draw each topic with its phrases, and below them the settings that are not the defaults."""
    from rich.text import Text

    from papertrack.display.looks import HEADING, SECONDARY, aligned, new_console, print_lines

    console = new_console(out, draw_style)
    rows = []
    for topic in topics:
        settings = [
            f"{key}: {', '.join(value) if isinstance(value, tuple) else value}"
            for key, value in topic._asdict().items()
            if key not in ("name", "any") and value != Topic._field_defaults[key]
        ]
        lines = [Text(", ".join(topic.any))] if topic.any else []
        lines += [Text(setting, style=SECONDARY) for setting in settings]
        names = [Text(topic.name, style=HEADING), *(Text() for _ in lines[1:])]
        rows += list(zip(names, lines or [Text()], strict=True))
    print_lines(console, aligned(rows, console.width))


def topic_lines(topics: Iterable[Topic], form: Format, now: datetime) -> Iterator[str]:
    """A line for each topic, with its phrases and settings."""
    rows = [topic._asdict() for topic in topics]
    if form == "json":
        yield from envelope("topics list", now, rows)
    elif form == "jsonl":
        yield from (to_json(row) + "\n" for row in rows)
    else:
        for row in rows:
            lists = {key: value for key, value in row.items() if isinstance(value, tuple) and value}
            settings = [f"{key}: {', '.join(value)}" for key, value in lists.items()]
            settings += [f"{key}: {row[key]}" for key in ("threshold", "breadth")]
            yield row["name"] + "\t" + "; ".join(settings) + "\n"


def draw_verdicts(explanations: Iterable[Explanation], out: TextIO, draw_style: DrawStyle) -> None:
    """Draw each paper with its topics, and below each topic the reasons."""
    from rich.text import Text

    from papertrack.display.looks import (
        HEADING,
        SECONDARY,
        TOPIC,
        aligned,
        indented,
        new_console,
        print_lines,
    )

    console = new_console(out, draw_style)
    for number, explanation in enumerate(explanations):
        paper_id, title = explanation.entry.paper.id, readable(explanation.entry.paper.title)
        row = (Text(paper_id, SECONDARY), Text(title, HEADING))
        lines = [*([Text()] if number else []), *aligned([row], console.width)]
        for verdict in explanation.verdicts:
            mark, style = ("●", TOPIC) if verdict.matched else ("○", SECONDARY)
            lines += indented(Text(f"{mark} {verdict.topic}", style), console.width, 2)
            for reason in _reasons(verdict, explanation):
                lines += indented(Text(reason, SECONDARY), console.width, 6)
        for rank, reasons in _standing(explanation):
            lines += indented(Text(rank, TOPIC), console.width, 2)
            lines += indented(Text(reasons, SECONDARY), console.width, 6)
        print_lines(console, lines)


def verdict_lines(
    explanations: Iterable[Explanation], form: Format, now: datetime
) -> Iterator[str]:
    """For each paper and topic: the matches, the phrases not found, and what excludes the paper."""
    if form in ("json", "jsonl"):
        rows = [
            paper(explanation.entry)
            | {"verdicts": [_row(verdict) for verdict in explanation.verdicts]}
            | _standing_fields(explanation)
            for explanation in explanations
        ]
        if form == "json":
            yield from envelope("why", now, rows)
        else:
            yield from (to_json(row) + "\n" for row in rows)
        return
    if form == "csv":
        yield from row_lines("why", _rows(explanations), form, now)
        return
    for explanation in explanations:
        yield from _LINES.get(form, _plain_lines)(explanation)


def _rows(explanations: Iterable[Explanation]) -> Iterator[dict[str, Any]]:
    """A row for each paper and topic, with the reasons in words."""
    for explanation in explanations:
        for verdict in explanation.verdicts:
            yield {
                "id": explanation.entry.paper.id,
                "title": explanation.entry.paper.title,
                "topic": verdict.topic,
                "matched": verdict.matched,
                "reasons": "; ".join(_reasons(verdict, explanation)),
            }


def _plain_lines(explanation: Explanation) -> Iterator[str]:
    yield f"{explanation.entry.paper.id}  {readable(explanation.entry.paper.title)}\n"
    for verdict in explanation.verdicts:
        yield f"  {'●' if verdict.matched else '○'} {verdict.topic}\n"
        yield from (f"      {reason}\n" for reason in _reasons(verdict, explanation))
    for rank, reasons in _standing(explanation):
        yield f"  {rank}\n      {reasons}\n"


def _markdown_lines(explanation: Explanation) -> Iterator[str]:
    yield f"## {escape(readable(explanation.entry.paper.title))}\n\n"
    for verdict in explanation.verdicts:
        yield f"- {'●' if verdict.matched else '○'} {escape(verdict.topic)}\n"
        yield from (f"  - {escape(reason)}\n" for reason in _reasons(verdict, explanation))
    for rank, reasons in _standing(explanation):
        yield f"- {escape(rank)}\n  - {escape(reasons)}\n"
    yield "\n"


def _ids(explanation: Explanation) -> Iterator[str]:
    yield f"{explanation.entry.paper.id}\n"


_LINES: Mapping[str, Callable[[Explanation], Iterator[str]]] = {
    "md": _markdown_lines,
    "ids": _ids,
}


def _reasons(verdict: Verdict, explanation: Explanation) -> Iterator[str]:
    for match in verdict.matches:
        yield f"{_matched(match)}, score {match.score}"
    if verdict.excluded_by:
        yield f"excluded: {_matched(verdict.excluded_by)}"
    if verdict.outside:
        required = ", ".join(verdict.outside)
        categories = ", ".join(explanation.entry.paper.categories) or "unknown"
        yield f"outside its categories: {required}; the paper's: {categories}"
    if verdict.missing:
        yield f"not found: {', '.join(verdict.missing)}"
    if verdict.others and not verdict.matched:
        yield f"not by or from: {', '.join(verdict.others)}"
    for related in explanation.related:
        if related.topic == verdict.topic and not verdict.matched:
            yield _relatedness(related, explanation.entry)


def _standing(explanation: Explanation) -> Iterator[tuple[str, str]]:
    """Yield how the paper would rank in `recommend`, and why, if it would."""
    if standing := explanation.standing:
        entry = explanation.entry._replace(reasons=standing.reasons)
        rank = f"★ recommend: {standing.rank:,} of {standing.papers:,} unread papers"
        yield rank, facts.recommendation(entry)


def _standing_fields(explanation: Explanation) -> dict[str, Any]:
    """The key `recommendation`, only of papers that would be ranked."""
    if (standing := explanation.standing) is None:
        return {}
    return {"recommendation": standing._asdict() | {"reasons": reasons_fields(standing.reasons)}}


def _matched(match: Match) -> str:
    return f"{match.phrase!r} matched {match.matched!r} in {match.field}"


def _relatedness(related: Related, entry: Entry) -> str:
    """How similar a paper is to the papers of a topic that it does not match."""
    is_related = related.topic in {topic.topic for topic in entry.related}
    return f"{'related' if is_related else 'not related'}: {facts.relatedness(related)}"


def _row(verdict: Verdict) -> dict[str, Any]:
    row = verdict._asdict()
    row["matches"] = [match._asdict() for match in verdict.matches]
    row["excluded_by"] = verdict.excluded_by and verdict.excluded_by._asdict()
    return row
