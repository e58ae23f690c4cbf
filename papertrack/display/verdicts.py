"""Topics, and what they say to papers, as lines or JSON."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from papertrack import facts
from papertrack.display import Format
from papertrack.display.structured import envelope, to_json
from papertrack.fields import paper
from papertrack.models import Entry, Related, Topic
from papertrack.results import Explanation, Verdict


def topic_lines(topics: Iterable[Topic], form: Format, now: datetime) -> Iterator[str]:
    """Each topic with its phrases."""
    rows = [topic._asdict() for topic in topics]
    if form == "json":
        yield from envelope("topics list", now, rows)
    elif form == "jsonl":
        yield from (to_json(row) + "\n" for row in rows)
    else:
        for row in rows:
            said = [f"{key}: {', '.join(value)}" for key, value in row.items() if _listed(value)]
            said += [f"{key}: {row[key]}" for key in ("threshold", "breadth")]
            yield row["name"] + "\t" + "; ".join(said) + "\n"


def verdict_lines(explained: Iterable[Explanation], form: Format, now: datetime) -> Iterator[str]:
    """For each paper and topic: what met which words where, what was missing, what excluded it."""
    if form in ("json", "jsonl"):
        rows = [
            paper(one.entry) | {"verdicts": [_row(verdict) for verdict in one.verdicts]}
            for one in explained
        ]
        if form == "json":
            yield from envelope("why", now, rows)
        else:
            yield from (to_json(row) + "\n" for row in rows)
        return
    for one in explained:
        yield f"{one.entry.paper.id}  {one.entry.paper.title}\n"
        for verdict in one.verdicts:
            yield from _told(verdict, one)


def _told(verdict: Verdict, explained: Explanation) -> Iterator[str]:
    yield f"  {'●' if verdict.matched else '○'} {verdict.topic}\n"
    for match in verdict.matches:
        met = f"{match.phrase!r} met {match.matched!r} in {match.field}"
        yield f"      {met}, score {match.score}\n"
    if verdict.excluded_by:
        one = verdict.excluded_by
        yield f"      excluded: {one.phrase!r} met {one.matched!r} in {one.field}\n"
    if verdict.outside:
        has = ", ".join(explained.entry.paper.categories) or "none that is known"
        yield f"      outside its categories: {', '.join(verdict.outside)}; the paper's: {has}\n"
    if verdict.missing:
        yield f"      not found: {', '.join(verdict.missing)}\n"
    for near in explained.near:
        if near.topic == verdict.topic and not verdict.matched:
            yield f"      {_relatedness(near, explained.entry)}\n"


def _relatedness(near: Related, entry: Entry) -> str:
    """How near a paper comes to the papers of a topic that it does not match."""
    related = near.topic in {one.topic for one in entry.related}
    return f"{'related' if related else 'not related'}: {facts.relatedness(near)}"


def _row(verdict: Verdict) -> dict[str, Any]:
    row = verdict._asdict()
    row["matches"] = [match._asdict() for match in verdict.matches]
    row["excluded_by"] = verdict.excluded_by and verdict.excluded_by._asdict()
    return row


def _listed(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value)
