"""Topics, and why papers belong to them or not, as plain lines or JSON."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from papertrack import facts
from papertrack.display import Format
from papertrack.display.structured import envelope, to_json
from papertrack.fields import paper
from papertrack.models import Entry, Match, Related, Topic
from papertrack.results import Explanation, Verdict


def topic_lines(topics: Iterable[Topic], form: Format, now: datetime) -> Iterator[str]:
    """A line for each topic, with its phrases and settings."""
    rows = [topic._asdict() for topic in topics]
    if form == "json":
        yield from envelope("topics list", now, rows)
    elif form == "jsonl":
        yield from (to_json(row) + "\n" for row in rows)
    else:
        for row in rows:
            settings = [
                f"{key}: {', '.join(value)}"
                for key, value in row.items()
                if _is_filled_tuple(value)
            ]
            settings += [f"{key}: {row[key]}" for key in ("threshold", "breadth")]
            yield row["name"] + "\t" + "; ".join(settings) + "\n"


def verdict_lines(
    explanations: Iterable[Explanation], form: Format, now: datetime
) -> Iterator[str]:
    """For each paper and topic: the matches, the phrases not found, and what excludes the paper."""
    if form in ("json", "jsonl"):
        rows = [
            paper(explanation.entry)
            | {"verdicts": [_row(verdict) for verdict in explanation.verdicts]}
            for explanation in explanations
        ]
        if form == "json":
            yield from envelope("why", now, rows)
        else:
            yield from (to_json(row) + "\n" for row in rows)
        return
    for explanation in explanations:
        yield f"{explanation.entry.paper.id}  {explanation.entry.paper.title}\n"
        for verdict in explanation.verdicts:
            yield from _plain(verdict, explanation)


def _plain(verdict: Verdict, explanation: Explanation) -> Iterator[str]:
    yield f"  {'●' if verdict.matched else '○'} {verdict.topic}\n"
    for match in verdict.matches:
        yield f"      {_matched(match)}, score {match.score}\n"
    if verdict.excluded_by:
        yield f"      excluded: {_matched(verdict.excluded_by)}\n"
    if verdict.outside:
        required = ", ".join(verdict.outside)
        categories = ", ".join(explanation.entry.paper.categories) or "unknown"
        yield f"      outside its categories: {required}; the paper's: {categories}\n"
    if verdict.missing:
        yield f"      not found: {', '.join(verdict.missing)}\n"
    for related in explanation.related:
        if related.topic == verdict.topic and not verdict.matched:
            yield f"      {_relatedness(related, explanation.entry)}\n"


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


def _is_filled_tuple(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value)
