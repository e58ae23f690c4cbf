"""The trial of a topic on stored papers, drawn for a terminal or written for programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

from papertrack import facts
from papertrack.calendar import json_value
from papertrack.display import DrawStyle, Format
from papertrack.display.structured import envelope, to_json
from papertrack.models import Topic
from papertrack.results import Trial, TrialPaper, TrialWeek
from papertrack.text import readable, shorten

if TYPE_CHECKING:  # Rich is slow to import, and only drawings need it.
    from rich.text import Text

_PAPERS_SHOWN = 10  # papers of each kind, in formats for people
_WEEKS = 12
_BAR_WIDTH = 30


def trial_lines(trial: Trial, form: Format, now: datetime) -> Iterator[str]:
    """One JSON object with all papers, or tab-separated lines that start with their kind."""
    if form == "json":
        notes = [trial.note] if trial.note else []
        yield from envelope("topics test", now, [_row(trial)], notes=notes)
    elif form == "jsonl":
        yield to_json(_row(trial)) + "\n"
    else:
        yield from ("\t".join(map(str, fields)) + "\n" for fields in _plain(trial))


def _row(trial: Trial) -> dict[str, Any]:
    return {
        "topic": _topic_row(trial.topic),
        "present": trial.present and _topic_row(trial.present),
        "papers": len(trial.sent),
        "a_week": round(trial.a_week, 2),
        "ids": [paper.id for paper in trial.sent],
        "weeks": [
            {
                "week": _iso_week(week),
                "monday": json_value(week.monday),
                "papers": week.papers,
                "related": week.related,
            }
            for week in trial.weeks
        ],
        "sent": [_paper_row(paper) for paper in trial.sent],
        "new": [_paper_row(paper) for paper in trial.new],
        "lost": [_paper_row(paper) for paper in trial.lost],
        "near": [_paper_row(paper) for paper in trial.near],
        "thresholds": [
            {"threshold": threshold, "papers": papers} for threshold, papers in trial.at_thresholds
        ],
        "related": [_related_row(paper) for paper in trial.related],
        "related_new": [_related_row(paper) for paper in trial.related_new],
        "related_lost": [_related_row(paper) for paper in trial.related_lost],
        "related_a_week": round(trial.related_a_week, 2),
        "note": trial.note or None,
    }


def _topic_row(topic: Topic) -> dict[str, Any]:
    return {key: json_value(value) for key, value in topic._asdict().items()}


def _common_fields(paper: TrialPaper) -> dict[str, Any]:
    return {"id": paper.id, "title": paper.title, "day": json_value(paper.day)}


def _paper_row(paper: TrialPaper) -> dict[str, Any]:
    match = paper.match
    return _common_fields(paper) | {
        "phrase": match and match.phrase,
        "matched": match and match.matched,
        "field": match and match.field,
        "score": match and match.score,
        "why_not": paper.why_not or None,
    }


def _related_row(paper: TrialPaper) -> dict[str, Any]:
    related = paper.related
    return _common_fields(paper) | {
        "score": related and related.score,
        "least": related and related.least,
        "words": related and list(related.words),
    }


def _plain(trial: Trial) -> Iterator[Sequence[object]]:
    yield "papers", len(trial.sent), f"{trial.a_week:.1f} a week", *_related_a_week(trial)
    for week in trial.weeks[-_WEEKS:]:
        yield "week", week.monday, week.papers, *_related_in(week)
    for threshold, number in trial.at_thresholds:
        yield "threshold", threshold, number
    for kind, papers in _kinds(trial):
        for paper in papers[:_PAPERS_SHOWN]:
            yield kind, paper.id, paper.day, _reason(paper), readable(paper.title)
        if len(papers) > _PAPERS_SHOWN:
            yield kind, f"and {len(papers) - _PAPERS_SHOWN:,} more"
    if trial.note:
        yield "note", trial.note


def _kinds(trial: Trial) -> Iterator[tuple[str, Sequence[TrialPaper]]]:
    yield "sent", trial.sent
    yield "new", trial.new
    yield "lost", trial.lost
    yield "near", trial.near
    yield "related", trial.related
    yield "related_new", trial.related_new
    yield "related_lost", trial.related_lost


def _related_a_week(trial: Trial) -> tuple[str, ...]:
    """The number of related papers as text, for a topic that shows them."""
    text = f"and {trial.related_a_week:.1f} related"
    return (text,) if trial.topic.breadth == "related" else ()


def _related_in(week: TrialWeek) -> tuple[str, ...]:
    return (f"and {week.related:,} related",) if week.related else ()


def draw_trial(trial: Trial, out: TextIO, draw_style: DrawStyle) -> None:
    """Draw the summary, a bar for each week, other thresholds, and papers of each kind."""
    from papertrack.display.looks import new_console

    console = new_console(out, draw_style)
    for line in _drawn(trial, console.width):
        console.print(line, soft_wrap=True)


def _drawn(trial: Trial, width: int) -> "Iterator[Text]":
    from rich.text import Text

    from papertrack.display.looks import BAR, HEADING, SECONDARY, wrapped

    yield from wrapped(Text(_headline(trial), HEADING), width)
    thresholds = [threshold for threshold, _ in trial.at_thresholds]
    rows = [
        *(Text(bar, BAR) for bar in _bars(trial.weeks[-_WEEKS:])),
        Text(),
        Text(_number_row("threshold", thresholds), SECONDARY),
        Text(_number_row("papers", [papers for _, papers in trial.at_thresholds])),
    ]
    for row in rows:
        row.truncate(width, overflow="ellipsis")
        yield row
    for kind, papers in _kinds(trial):
        if papers:
            yield Text(f"\n{_HEADINGS[kind]}: {len(papers):,}", HEADING)
            yield from _paper_list(papers, width)
    if trial.note:
        yield Text()
        yield from wrapped(Text(trial.note, SECONDARY), width)


def _paper_list(papers: Sequence[TrialPaper], width: int) -> "Iterator[Text]":
    from rich.text import Text

    from papertrack.display.looks import SECONDARY, aligned, indented

    for paper in papers[:_PAPERS_SHOWN]:
        row = (Text(f"  {paper.id}"), Text(str(paper.day), SECONDARY), Text(readable(paper.title)))
        yield from aligned([row], width)
        yield from indented(Text(_reason(paper), SECONDARY), width, 6)
    if len(papers) > _PAPERS_SHOWN:
        yield Text(f"  {len(papers) - _PAPERS_SHOWN:,} more: use -f json for all", SECONDARY)


_HEADINGS = {
    "sent": "Latest papers that it would have sent",
    "new": "New, compared with the present rule",
    "lost": "Lost, compared with the present rule",
    "near": "Just below the threshold",
    "related": "Related papers, listed separately",
    "related_new": "New related papers, compared with the present rule",
    "related_lost": "Related papers lost, compared with the present rule",
}


def _headline(trial: Trial) -> str:
    rate = ", ".join((f"{trial.a_week:.1f} a week", *_related_a_week(trial)))
    return (
        f"{trial.topic.name}, threshold {trial.topic.threshold}: {rate} "
        f"(papers: {len(trial.sent):,}, weeks stored: {len(trial.weeks):,})"
    )


def _number_row(name: str, numbers: Sequence[int]) -> str:
    return f"  {name:<9}" + "".join(f"{number:>8,}" for number in numbers)


def _bars(weeks: Sequence[TrialWeek]) -> Iterator[str]:
    maximum = max((week.papers for week in weeks), default=0) or 1
    for week in weeks:
        bar = "█" * max(round(_BAR_WIDTH * week.papers / maximum), bool(week.papers))
        line = "  ".join((f"{week.papers:>5,}", *filter(None, (bar,)), *_related_in(week)))
        yield f"  {_iso_week(week)}  {line}"


def _reason(paper: TrialPaper) -> str:
    """The best match and, if the paper is not sent, why; or how similar a related paper is."""
    if paper.related:
        return facts.relatedness(paper.related)
    if paper.match is None:
        return paper.why_not
    _, phrase, field, matched, score, _ = paper.match
    text = f"{phrase!r} matched {shorten(matched, 40)!r} in {field} ({score})"
    return f"{text}; {paper.why_not}" if paper.why_not else text


def _iso_week(week: TrialWeek) -> str:
    year, number, _ = week.monday.isocalendar()
    return f"{year}-W{number:02}"
