"""Tab-separated lines for pipes, without colors and never shortened."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from papertrack import facts
from papertrack.display import SAMPLE
from papertrack.following import describe, word_changes
from papertrack.merge import provenance
from papertrack.models import Entry, Report, ServiceRank
from papertrack.source_registry import short_title
from papertrack.trending import trend

_EARLIER_RANKS = 4
_HOURS_IN_FULL = 36  # longer times are given in days


def rows(report: Report) -> Iterator[str]:
    """A line for each paper: section, id, upvotes, gained, comments, listing day, topics, title.

    Recommended papers have the reasons as a last field.
    """
    yield from _sample_notice(report)
    for section in report.sections:
        for entry in section.entries:
            fields = (
                section.kind or "-",
                entry.paper.id,
                facts.upvotes(entry),
                facts.signed_gain(entry),
                facts.comments(entry),
                str(facts.newest_listing_day(entry) or "-"),
                facts.topics(entry) or "-",
                entry.paper.title,
                *([facts.recommendation(entry)] if entry.reasons else []),
            )
            yield "\t".join(fields) + "\n"


def ids(report: Report) -> Iterator[str]:
    """The ids of the papers in the order of the report, each once."""
    yield from _sample_notice(report)
    written: set[str] = set()
    for section in report.sections:
        for entry in section.entries:
            if entry.paper.id not in written:
                written.add(entry.paper.id)
                yield entry.paper.id + "\n"


def cards(report: Report) -> Iterator[str]:
    """Papers in full: lines of name, tab and value, with an empty line between papers."""
    yield from _sample_notice(report)
    for section in report.sections:
        for number, entry in enumerate(section.entries):
            if number:
                yield "\n"
            values = card(entry, report.generated_at)
            yield from (f"{name}\t{value}\n" for name, value in values if value)


def card(entry: Entry, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield the names and values of a card at `now`, in order; a value may be ""."""
    paper = entry.paper
    yield "id", paper.id if paper.version is None else f"{paper.id} (version {paper.version})"
    yield "title", paper.title
    yield "authors", ", ".join(paper.authors)
    yield "organization", paper.organization or ""
    yield "dates", ", ".join(_dates(entry))
    yield "categories", ", ".join(paper.categories)
    yield "keywords", ", ".join(paper.keywords)
    yield "venue", paper.venue or ""
    yield "published in", paper.journal_ref or ""
    yield "doi", facts.doi(paper) or ""
    yield "comment", paper.comment or ""
    yield "upvotes", _counts(entry)
    yield "history", _history(entry)
    yield "trend", _trend(entry, now)
    yield "ranks", "; ".join(_ranks(entry))
    yield "since starred", "; ".join(events(entry))
    yield (
        "topics",
        "; ".join(
            f"{match.topic}: {match.phrase!r} matched {match.matched!r}"
            f" in {match.field} ({match.score})"
            for match in entry.matches
        ),
    )
    yield (
        "related",
        "; ".join(f"{topic.topic} ({', '.join(topic.words)})" for topic in entry.related),
    )
    yield "page", facts.page_url(entry) or ""
    yield "code", _code(entry)
    yield "project", paper.project_url or ""
    yield "state", _state(entry)
    yield "origins", _origins(entry)
    yield "tldr", _tldr(entry)
    yield "abstract", paper.abstract or ""
    yield "note", (entry.state.note or "").replace("\n", " / ")


def events(entry: Entry) -> Iterator[str]:
    """What happened to a paper since it was starred, and its texts' changes word by word."""
    for event in entry.events:
        yield f"{event.at:%Y-%m-%d} {describe(event)}"
        yield from (f"{change.field}: {word_changes(change)}" for change in event.changes)


def _dates(entry: Entry) -> Iterator[str]:
    paper = entry.paper
    announced = paper.announced or entry.first_listed_by("arxiv")
    if paper.submitted:
        yield f"submitted {paper.submitted.date()}"
    if announced:
        yield f"announced {announced}"
    for listed in entry.listings:
        if listed.kind == "revised":
            yield f"revised {listed.day}"
        elif listed.source == "huggingface":
            yield f"on Daily Papers {listed.day}"
        elif listed.source != "arxiv":
            yield f"listed by {short_title(listed.source)} {listed.day}"
    if paper.updated and paper.updated != paper.submitted:
        yield f"updated {paper.updated.date()}"
    yield f"first seen {entry.first_seen.date()}"


def _code(entry: Entry) -> str:
    code = facts.code(entry.paper)
    return f"{code.url} (from the {code.named_in})" if code.named_in else code.url or ""


def _tldr(entry: Entry) -> str:
    text = entry.paper.tldr
    author = facts.summary_author(provenance(entry.claims).get("tldr"))
    return f"{text} ({author})" if text else ""


def _origins(entry: Entry) -> str:
    """The fields taken from each source, if there are several."""
    by_source: dict[str, list[str]] = {}
    for field, source in provenance(entry.claims).items():
        by_source.setdefault(source, []).append(field.removesuffix("_url"))
    if len(by_source) < 2:  # noqa: PLR2004  # all fields come from one source
        return ""
    return "; ".join(f"{', '.join(fields)} from {name}" for name, fields in by_source.items())


def _counts(entry: Entry) -> str:
    latest = entry.latest
    if latest is None or latest.upvotes is None:
        return ""
    gain = "gain unknown: observed once" if entry.gained is None else f"{entry.gained:+d}"
    comments = "" if latest.comments is None else f", comments: {latest.comments}"
    stars = "" if latest.stars is None else f", code stars: {latest.stars}"
    return f"{latest.upvotes} ({gain}){comments}{stars}"


def _history(entry: Entry) -> str:
    counts = [item for item in entry.observations if item.upvotes is not None]
    if len(counts) < 2:  # noqa: PLR2004  # a history needs two observations
        return ""
    first, last = counts[0], counts[-1]
    start = f"{first.upvotes} on {first.at:%m-%d %H:%M}"
    end = f"{last.upvotes} on {last.at:%m-%d %H:%M} UTC"
    return f"{facts.sparkline(entry)} {start} to {end}".strip()


def _trend(entry: Entry, now: datetime) -> str:
    """The parts of the trending score, and the score.

    A gain that is not measured, for want of counts twelve hours apart, is as the score takes it.
    """
    current = trend(entry.observations, entry.first_listed, now) if entry.listings else None
    if current is None:
        return ""
    gain = f"{current.gained:+d} in {_duration(current.over)}"
    if not current.measured:
        gain = f"gain not measured over 12 h yet (taken as {gain})"
    listed = f"listed {_duration(current.age)} ago"
    upvotes = facts.in_words(str(current.upvotes), "upvote")
    return f"{upvotes}, {gain}, {listed} → {current.score:.0f}"


def _ranks(entry: Entry) -> Iterator[str]:
    """The newest rank at each service that has ranked the paper, and the last different ones."""
    for source in dict.fromkeys(each.source for each in entry.ranks):
        ranks = [each for each in entry.ranks if each.source == source]
        newest = ranks[-1]
        changes = [
            f"{_place(before)} on {before.at:%m-%d}"
            for before, after in pairwise(ranks)
            if before.rank != after.rank
        ]
        earlier = ", ".join(changes[: -_EARLIER_RANKS - 1 : -1])
        text = f"{_place(newest)} on {short_title(source)} at {newest.at:%m-%d %H:%M} UTC"
        yield f"{text}, before {earlier}" if earlier else text


def _place(rank: ServiceRank) -> str:
    return f"#{rank.rank}" if rank.rank else "not ranked"


def _duration(time: timedelta) -> str:
    hours = time / timedelta(hours=1)
    if hours < _HOURS_IN_FULL:
        return f"{hours:.0f} h"
    return f"{hours / 24:.1f} days"


def _state(entry: Entry) -> str:
    state = entry.state
    marks = [name for name in ("starred", "read", "hidden") if getattr(state, name)]
    return ", ".join([*marks, *(f"#{tag}" for tag in state.tags)])


def _sample_notice(report: Report) -> Iterator[str]:
    if report.sample:
        yield f"# {SAMPLE}\n"
