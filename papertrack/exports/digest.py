"""A digest: the papers of each topic, those related to it, what is rising, and the rest."""

from collections.abc import Sequence
from datetime import timedelta

from papertrack.models import Entry, Report, Section
from papertrack.trending import rising

_RISING = 10
_WITHIN = timedelta(hours=20)  # a day, less the hours by which a morning may come early


def digest(report: Report) -> Report:
    """The same papers, each told once: under the first topic that it matches or is related to, else
    under Trending or The rest. All of them are read before anything is told.
    """
    entries = {one.paper.id: one for section in report.sections for one in section.entries}
    topics: dict[str, list[Entry]] = {}
    related: dict[str, list[Entry]] = {}
    others: list[Entry] = []
    for entry in entries.values():
        if entry.matches:
            topics.setdefault(entry.matches[0].topic, []).append(entry)
        elif entry.related:
            related.setdefault(f"Related to {entry.related[0].topic}", []).append(entry)
        else:
            others.append(entry)
    risen = rising(others, report.generated_at, _WITHIN)[:_RISING]
    apart = {one.paper.id for one in risen}
    rest = [one for one in others if one.paper.id not in apart]
    sections = [*topics.items(), *related.items(), ("Trending", risen), ("The rest", rest)]
    told = tuple(_section(title, among) for title, among in sections if among)
    return report._replace(sections=told or (_section("", ()),))


def _section(title: str, entries: Sequence[Entry]) -> Section:
    return Section(title, entries, len(entries))
