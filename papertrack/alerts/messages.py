"""Composing messages: a report of papers by topic, rendered in each format that channels use."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from papertrack.calendar import format_moment
from papertrack.config.channels import FOR_YOU
from papertrack.events import NEW
from papertrack.fields import paper
from papertrack.library.deliveries import FOR_YOU_RULE, Batch, Delivery, display_name
from papertrack.library.recommended import load_ranking
from papertrack.models import Entry, Report, Section
from papertrack.text import readable, shorten
from papertrack.tracker import Tracker
from papertrack.tracker.wording import count
from papertrack.trending import GAIN_WITHIN, upvote_gain

if TYPE_CHECKING:
    from papertrack.channels import Message

_TOPICS_IN_SUBJECT = 3
_LONGEST_TITLE = 120
Entries = Mapping[str, Entry]  # by paper id


def read_entries(tracker: Tracker, paper_ids: Iterable[str]) -> dict[str, Entry]:
    """Return the stored entries of these ids with their topics and gained upvotes.

    Papers that are recommended at present have the reasons.
    """
    entries = tracker.library.entries(paper_ids)
    ranking = load_ranking(tracker.library)
    reasons = {paper.id: paper.reasons for paper in ranking.best} if ranking else {}
    return {
        entry.paper.id: entry._replace(
            gained=upvote_gain(entry.observations, GAIN_WITHIN), reasons=reasons.get(entry.paper.id)
        )
        for entry in tracker.with_topics(tracker.topics).match(entries.values())
    }


def best_first(deliveries: Iterable[Delivery], entries: Entries) -> list[Delivery]:
    """Sort deliveries by the best match of their topics, then by upvotes.

    Papers that are no longer stored come last.
    """

    def rank(delivery: Delivery) -> tuple[object, ...]:
        place = (delivery.paper_id, delivery.event)
        if delivery.paper_id not in entries:
            return True, *place
        entry = _entry_of(delivery, entries)
        upvotes = entry.latest.upvotes if entry.latest else None
        return False, entry.match_order, -(upvotes or 0), *place

    return sorted(deliveries, key=rank)


def compose(
    batch: Batch,
    deliveries: Sequence[Delivery],
    entries: Entries,
    now: datetime,
    topics: Sequence[str] = (),
) -> Report:
    """Return the report of a message: its papers by topic, then the trending ones.

    Sections follow the order of `topics`, those of related papers after the others, and papers
    follow that of `deliveries`. A paper is listed once, under the first topic of its delivery. The
    first `batch.whole` papers are in full, the others as titles.
    """
    stored = without_duplicates(delivery for delivery in deliveries if delivery.paper_id in entries)
    full = stored if batch.whole is None else stored[: batch.whole]
    sections = [
        Section(title, tuple(papers), len(papers))
        for title, papers in _group_by_title(full, entries, topics)
    ]
    if rest := [_entry_of(delivery, entries) for delivery in stored[len(full) :]]:
        sections.append(Section("More" if full else "Papers", tuple(rest), len(rest), brief=True))
    trending = tuple(
        entries[key]._replace(section="trending") for key in batch.trending if key in entries
    )
    if trending:
        sections.append(Section("Trending", trending, len(trending), kind="trending"))
    headline = batch.heartbeat or _headline(stored, entries, len(trending))
    return Report("alert", now, headline, tuple(sections))


def subject(report: Report, batch: Batch) -> str:
    """The subject line of a message."""
    part = f" ({batch.part} of {batch.parts})" if batch.parts > 1 else ""
    return f"papertrack: {report.headline}{part}"


def render(report: Report, batch: Batch, *, html: bool) -> "Message":
    """Return the message of a report; `html` is included only on request."""
    from papertrack.channels import Message
    from papertrack.exports import render

    day = report.generated_at.astimezone().date()
    return Message(
        id=batch.id,
        at=report.generated_at,
        subject=subject(report, batch),
        text="".join(render("text", report)),
        markdown="".join(render("md", report, title=f"{day:%A} {day}")),
        html="".join(render("mail", report)) if html else None,
        data=_data(report, batch),
    )


def _data(report: Report, batch: Batch) -> dict[str, Any]:
    """The object of `--format json`, extended by the id, channel and subject of the message."""
    papers = [
        paper(entry) | {"event": section.title}
        for section in report.sections
        for entry in section.entries
    ]
    return {
        "schema": 1,
        "command": report.command,
        "generated_at": format_moment(report.generated_at),
        "id": batch.id,
        "channel": batch.channel,
        "subject": subject(report, batch),
        "part": batch.part,
        "parts": batch.parts,
        "data": papers,
        "errors": [],
        "notes": list(report.notes),
    }


def without_duplicates(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Keep one delivery for each paper: that of the event "new", otherwise one of all its events.

    So a paper is announced as new even if other events have happened to it.
    """
    chosen: dict[str, Delivery] = {}
    for delivery in deliveries:
        first = chosen.setdefault(delivery.paper_id, delivery)
        if first is not delivery and first.event != NEW:
            chosen[delivery.paper_id] = (
                delivery if delivery.event == NEW else _joined(first, delivery)
            )
    return list(chosen.values())


def _joined(first: Delivery, second: Delivery) -> Delivery:
    """Both events as one, for all topics."""
    topics = tuple(dict.fromkeys(first.topics + second.topics))
    return first._replace(event=f"{first.event}, {second.event}", topics=topics)


def _group_by_title(
    deliveries: Iterable[Delivery], entries: Entries, topics: Sequence[str]
) -> list[tuple[str, list[Entry]]]:
    groups: dict[tuple[bool, int, str], list[Entry]] = {}
    order = {name: number for number, name in enumerate(topics)}
    for delivery in deliveries:
        entry = _entry_of(delivery, entries)
        position = order.get(delivery.topics[0], len(order))
        title = _section_title(delivery, entry)
        groups.setdefault((_is_only_related(delivery, entry), position, title), []).append(entry)
    return [(place[-1], groups[place]) for place in sorted(groups)]


def _entry_of(delivery: Delivery, entries: Entries) -> Entry:
    """The entry of a delivery, with only the delivery's topics if it has any of them.

    Only recommended papers have the reasons.
    """
    entry = entries[delivery.paper_id]._replace(section="new")
    if FOR_YOU_RULE not in delivery.topics:
        entry = entry._replace(reasons=None)
    matches = tuple(match for match in entry.matches if match.topic in delivery.topics)
    related = tuple(hit for hit in entry.related if hit.topic in delivery.topics)
    return entry._replace(matches=matches, related=related) if matches or related else entry


def _topic_names(delivery: Delivery) -> list[str]:
    return [display_name(name) for name in delivery.topics]


def _section_title(delivery: Delivery, entry: Entry) -> str:
    """The first topic of a new paper; for other events all topics and the event."""
    names = _topic_names(delivery)
    if delivery.event != NEW:
        return f"{', '.join(names)}: {delivery.event}"
    return f"Related to {names[0]}" if _is_only_related(delivery, entry) else names[0]


def _is_only_related(delivery: Delivery, entry: Entry) -> bool:
    """Whether the topics of a delivery are related to its paper, which matches none of them."""
    return not entry.matches and any(hit.topic in delivery.topics for hit in entry.related)


def _headline(deliveries: Sequence[Delivery], entries: Entries, trending: int) -> str:
    if not deliveries:
        return f"{count(trending, 'trending paper')}" if trending else "nothing"
    if len(deliveries) == 1:
        (delivery,) = deliveries
        entry = _entry_of(delivery, entries)
        title = shorten(readable(entry.paper.title), _LONGEST_TITLE)
        return f"{title} [{_section_title(delivery, entry)}]"
    named = dict.fromkeys(name for item in deliveries for name in _topic_names(item))
    names = sorted(named, key=lambda name: name == FOR_YOU)  # which comes last
    first = ", ".join(names[:_TOPICS_IN_SUBJECT])
    unnamed = len(names) - _TOPICS_IN_SUBJECT
    more = f" and {unnamed} more" if unnamed > 0 else ""
    preposition = "" if first.startswith(FOR_YOU) else "for "
    return f"{count(len(deliveries), 'paper')} {preposition}{first}{more}"
