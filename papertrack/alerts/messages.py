"""What a message says: a report of its papers by topic, in every form that channels want."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from papertrack.calendar import format_moment
from papertrack.events import NEW
from papertrack.fields import paper
from papertrack.library.deliveries import STARRED, Batch, Delivery
from papertrack.models import Entry, Report, Section
from papertrack.text import shorten
from papertrack.tracker import Tracker
from papertrack.tracker.editions import GAIN_WITHIN
from papertrack.tracker.wording import count
from papertrack.trending import gained

if TYPE_CHECKING:
    from papertrack.channels import Message

_NAMED = 3
_TITLE = 120
Entries = Mapping[str, Entry]


def read_entries(tracker: Tracker, paper_ids: Iterable[str]) -> dict[str, Entry]:
    """The whole papers of these ids with what they match and gained."""
    whole = tracker.library.entries(paper_ids)
    return {
        entry.paper.id: entry._replace(gained=gained(entry.observations, GAIN_WITHIN))
        for entry in tracker.with_phrases_only(tracker.topics).match(whole.values())
    }


def best_first(deliveries: Iterable[Delivery], entries: Entries) -> list[Delivery]:
    """Deliveries in the order in which they are told: most upvotes, then nearest match; those of
    papers that are stored no longer come last.
    """

    def rank(delivery: Delivery) -> tuple[int, int, str, str]:
        entry = entries.get(delivery.paper_id)
        latest = entry.latest if entry else None
        score = max((one.score for one in entry.matches), default=0) if entry else -1
        return (-((latest and latest.upvotes) or 0), -score, delivery.paper_id, delivery.event)

    return sorted(deliveries, key=rank)


def compose(
    batch: Batch,
    deliveries: Sequence[Delivery],
    entries: Entries,
    now: datetime,
    topics: Sequence[str] = (),
) -> Report:
    """The report that a message is: each paper of its deliveries once, under the first of its
    topics, these in the given order and papers in theirs; then the trending ones. From
    `batch.whole` on papers are told by their titles.
    """
    known = without_duplicates(one for one in deliveries if one.paper_id in entries)
    titled = known if batch.whole is None else known[: batch.whole]
    sections = [
        Section(title, tuple(papers), len(papers))
        for title, papers in _grouped(titled, entries, topics)
    ]
    if rest := [_marked(one, entries) for one in known[len(titled) :]]:
        sections.append(Section("More" if titled else "Papers", tuple(rest), len(rest), brief=True))
    trending = [entries[key] for key in batch.trending if key in entries]
    if trending:
        marked = tuple(one._replace(section="trending") for one in trending)
        sections.append(Section("Trending", marked, len(marked), kind="trending"))
    return Report("alert", now, _headline(known, entries, len(trending)), tuple(sections))


def subject(report: Report, batch: Batch) -> str:
    """One line that says what is in a message."""
    part = f" ({batch.part} of {batch.parts})" if batch.parts > 1 else ""
    return f"papertrack: {report.headline}{part}"


def render(report: Report, batch: Batch, *, html: bool) -> "Message":
    """The message of a report."""
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
    """The object of `--format json`, with the id, the channel and the subject of the message."""
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
    """Each paper once: as new where it is, for then what else happened to it is seen as well."""
    first: dict[str, Delivery] = {}
    for one in deliveries:
        known = first.setdefault(one.paper_id, one)
        if one.event == NEW and known.event != NEW:
            first[one.paper_id] = one
    return list(first.values())


def _grouped(
    deliveries: Iterable[Delivery], entries: Entries, topics: Sequence[str]
) -> list[tuple[str, list[Entry]]]:
    groups: dict[tuple[int, str], list[Entry]] = {}
    order = {name: number for number, name in enumerate(topics)}
    for one in deliveries:
        place = order.get(one.topics[0], len(order))
        groups.setdefault((place, _title(one)), []).append(_marked(one, entries))
    return [(title, groups[place, title]) for place, title in sorted(groups)]


def _marked(delivery: Delivery, entries: Entries) -> Entry:
    """The paper with what it matches of the topics that the delivery is about."""
    entry = entries[delivery.paper_id]
    matches = tuple(one for one in entry.matches if one.topic in delivery.topics)
    return entry._replace(matches=matches or entry.matches, section="new")


def _names(delivery: Delivery) -> list[str]:
    return ["starred" if name == STARRED else name for name in delivery.topics]


def _title(delivery: Delivery) -> str:
    """A new paper's topic; else all of its topics, and what happened."""
    names = _names(delivery)
    return names[0] if delivery.event == NEW else f"{', '.join(names)}: {delivery.event}"


def _headline(deliveries: Sequence[Delivery], entries: Entries, trending: int) -> str:
    if not deliveries:
        return f"{count(trending, 'trending paper')}" if trending else "nothing"
    if len(deliveries) == 1:
        first = deliveries[0]
        return f"{shorten(entries[first.paper_id].paper.title, _TITLE)} [{_title(first)}]"
    names = list(dict.fromkeys(name for one in deliveries for name in _names(one)))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{count(len(deliveries), 'paper')} for {', '.join(names[:_NAMED])}{more}"
