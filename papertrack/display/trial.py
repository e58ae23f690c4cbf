"""What a topic would have sent of the stored past, drawn for people and written for programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TextIO

from papertrack import facts
from papertrack.calendar import json_value
from papertrack.display import DrawStyle, Format
from papertrack.display.structured import envelope, to_json
from papertrack.models import Topic
from papertrack.results import Trial, TrialPaper, TrialWeek
from papertrack.text import shorten

SHOWN = 10  # papers of a kind that a person reads
_WEEKS = 12
_BAR = 30


def trial_lines(trial: Trial, form: Format, now: datetime) -> Iterator[str]:
    """As JSON, one object with everything; else tab-separated lines that begin with their kind."""
    if form == "json":
        notes = [trial.note] if trial.note else []
        yield from envelope("topics test", now, [_row(trial)], notes=notes)
    elif form == "jsonl":
        yield to_json(_row(trial)) + "\n"
    else:
        yield from ("\t".join(map(str, fields)) + "\n" for fields in _plain(trial))


def _row(trial: Trial) -> dict[str, Any]:
    return {
        "topic": _rule(trial.topic),
        "present": trial.present and _rule(trial.present),
        "papers": len(trial.sent),
        "a_week": round(trial.a_week, 2),
        "ids": [one.id for one in trial.sent],
        "weeks": [
            {
                "week": _week(one),
                "monday": json_value(one.monday),
                "papers": one.papers,
                "related": one.related,
            }
            for one in trial.weeks
        ],
        "new": [_paper(one) for one in trial.new],
        "lost": [_paper(one) for one in trial.lost],
        "near": [_paper(one) for one in trial.near],
        "thresholds": [
            {"threshold": threshold, "papers": papers} for threshold, papers in trial.at_thresholds
        ],
        "related": [_near_paper(one) for one in trial.related],
        "related_a_week": round(trial.related_a_week, 2),
        "note": trial.note or None,
    }


def _rule(topic: Topic) -> dict[str, Any]:
    return {key: json_value(value) for key, value in topic._asdict().items()}


def _which(found: TrialPaper) -> dict[str, Any]:
    return {"id": found.id, "title": found.title, "day": json_value(found.day)}


def _paper(found: TrialPaper) -> dict[str, Any]:
    match = found.match
    return _which(found) | {
        "phrase": match and match.phrase,
        "matched": match and match.matched,
        "field": match and match.field,
        "score": match and match.score,
        "why_not": found.why_not or None,
    }


def _near_paper(found: TrialPaper) -> dict[str, Any]:
    near = found.related
    return _which(found) | {
        "score": near and near.score,
        "least": near and near.least,
        "words": near and list(near.words),
    }


def _plain(trial: Trial) -> Iterator[Sequence[object]]:
    yield "papers", len(trial.sent), f"{trial.a_week:.1f} a week", *_beside(trial)
    for week in trial.weeks[-_WEEKS:]:
        yield "week", week.monday, week.papers, *_and_related(week)
    for threshold, number in trial.at_thresholds:
        yield "threshold", threshold, number
    for kind, papers in _kinds(trial):
        for one in papers[:SHOWN]:
            yield kind, one.id, one.day, _why(one), one.title
        if len(papers) > SHOWN:
            yield kind, f"and {len(papers) - SHOWN:,} more"
    if trial.note:
        yield "note", trial.note


def _kinds(trial: Trial) -> Iterator[tuple[str, Sequence[TrialPaper]]]:
    yield "new", trial.new
    yield "lost", trial.lost
    yield "near", trial.near
    yield "related", trial.related


def _beside(trial: Trial) -> tuple[str, ...]:
    """The related papers of a topic that shows them, as counted beside those that match."""
    many = f"and {trial.related_a_week:.1f} related"
    return (many,) if trial.topic.breadth == "related" else ()


def _and_related(week: TrialWeek) -> tuple[str, ...]:
    return (f"and {week.related:,} related",) if week.related else ()


def draw_trial(trial: Trial, out: TextIO, look: DrawStyle) -> None:
    """What it comes to, a bar a week, other thresholds, and some papers of each kind."""
    from rich.text import Text

    from papertrack.display.tables import new_console

    console = new_console(out, look)
    for text, style in _drawn(trial):
        line = Text(text, style=style)
        line.truncate(console.width, overflow="ellipsis")
        console.print(line, soft_wrap=True)


def _drawn(trial: Trial) -> Iterator[tuple[str, str]]:
    yield _headline(trial), "bold"
    yield from _bars(trial.weeks[-_WEEKS:])
    yield "", ""
    yield _spread("threshold", [at for at, _ in trial.at_thresholds]), "dim"
    yield _spread("papers", [papers for _, papers in trial.at_thresholds]), ""
    for kind, papers in _kinds(trial):
        yield from _some(_HEADINGS[kind], papers)
    if trial.note:
        yield "", ""
        yield trial.note, "dim"


_HEADINGS = {
    "new": "New, against the present rule",
    "lost": "Lost, against the present rule",
    "near": "Near misses, just under the threshold",
    "related": "Related, shown apart from what matches",
}


def _headline(trial: Trial) -> str:
    many = ", ".join((f"{trial.a_week:.1f} a week", *_beside(trial)))
    return (
        f"{trial.topic.name}, threshold {trial.topic.threshold}: {many} "
        f"(papers: {len(trial.sent):,}, weeks stored: {len(trial.weeks):,})"
    )


def _spread(name: str, numbers: Sequence[int]) -> str:
    return f"  {name:<9}" + "".join(f"{number:>8,}" for number in numbers)


def _bars(weeks: Sequence[TrialWeek]) -> Iterator[tuple[str, str]]:
    most = max((one.papers for one in weeks), default=0) or 1
    for one in weeks:
        bar = "█" * max(round(_BAR * one.papers / most), bool(one.papers))
        said = "  ".join((f"{one.papers:>5,}", *filter(None, (bar,)), *_and_related(one)))
        yield f"  {_week(one)}  {said}", "cyan"


def _some(heading: str, papers: Sequence[TrialPaper]) -> Iterator[tuple[str, str]]:
    if not papers:
        return
    yield "", ""
    yield f"{heading}: {len(papers):,}", "bold"
    for one in papers[:SHOWN]:
        yield f"  {one.id}  {one.day}  {one.title}", ""
        yield f"      {_why(one)}", "dim"
    if len(papers) > SHOWN:
        yield f"  {len(papers) - SHOWN:,} more: -f json has all", "dim"


def _why(found: TrialPaper) -> str:
    """What met which words, and why that is not enough; or what a related paper is found by."""
    if found.related:
        return facts.relatedness(found.related)
    if found.match is None:
        return found.why_not
    _, phrase, field, matched, score = found.match
    met = f"{phrase!r} met {shorten(matched, 40)!r} in {field} ({score})"
    return f"{met}; {found.why_not}" if found.why_not else met


def _week(week: TrialWeek) -> str:
    year, number, _ = week.monday.isocalendar()
    return f"{year}-W{number:02}"
