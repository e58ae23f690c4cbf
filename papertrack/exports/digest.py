"""A digest: a report regrouped by topic, then related papers, rising papers, and the rest."""

from collections.abc import Sequence
from operator import attrgetter

from papertrack.models import Entry, Report, Section
from papertrack.trending import GAIN_WITHIN, rank_rising

_RISING_LIMIT = 10


def digest(report: Report) -> Report:
    """Return the report with each paper once, in the section of the topic that it matches best.

    The best matches of each topic are first. Papers without a match follow as related, Trending or
    The rest. Reads all entries first.
    """
    entries = {entry.paper.id: entry for section in report.sections for entry in section.entries}
    by_topic: dict[str, list[Entry]] = {}
    related: dict[str, list[Entry]] = {}
    without_topic: list[Entry] = []
    for entry in entries.values():
        if entry.matches:
            best = min(entry.matches, key=attrgetter("order"))
            by_topic.setdefault(best.topic, []).append(entry)
        elif entry.related:
            related.setdefault(f"Related to {entry.related[0].topic}", []).append(entry)
        else:
            without_topic.append(entry)
    ranked = rank_rising(without_topic, report.generated_at, GAIN_WITHIN, _RISING_LIMIT)
    top = ranked[:_RISING_LIMIT]
    top_ids = {entry.paper.id for entry in top}
    rest = [entry for entry in without_topic if entry.paper.id not in top_ids]
    for group in (*by_topic.values(), *related.values()):
        group.sort(key=attrgetter("match_order"))
    groups = [*by_topic.items(), *related.items(), ("Trending", top), ("The rest", rest)]
    sections = tuple(_section(title, group) for title, group in groups if group)
    return report._replace(sections=sections or (_section("", ()),))


def _section(title: str, entries: Sequence[Entry]) -> Section:
    return Section(title, entries, len(entries))
