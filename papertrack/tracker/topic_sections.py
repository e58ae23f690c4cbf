"""The sections of an edition for reading: matches by topic, other new papers, rising papers.

`arrange` and `without_shown` are the entry points. Formats for programs get the two sections of
`editions` instead.
"""

from collections.abc import Iterable, Sequence
from shlex import join
from typing import TYPE_CHECKING, NamedTuple

from papertrack.highlighting import excerpt
from papertrack.models import Entry, Match, Section
from papertrack.text import fold_word
from papertrack.tracker import Tracker
from papertrack.word_breaks import words_in

if TYPE_CHECKING:  # Most libraries have no ranking.
    from papertrack.tracker.for_you import ForYou

_MIN_PER_TOPIC = 3  # the best papers of each topic are shown, whatever the limit
_MAX_FOR_YOU = 5


class Limits(NamedTuple):
    """How many papers to show at most: matches of all topics together, and of each other section.

    None for all of them. At least `per_topic` of each topic are shown, whatever the limit, unless
    it is 0. `option` is the one that sets the limit. `shared`: the sections without topics together
    have at most `others`.
    """

    matches: int | None
    others: int | None
    per_topic: int = _MIN_PER_TOPIC
    option: str = "--limit"
    shared: bool = False


def arrange(
    tracker: Tracker,
    new: Section,
    limits: Limits,
    command: Sequence[str],
    recommended: "ForYou | None" = None,
) -> list[Section]:
    """Divide the new papers by topic, best match first, recommended ones, and the others.

    `new` holds all its papers, in order. `command` is the one that shows the same edition again.
    Without a match and a recommended paper there is one section of new papers.
    """
    sections = _topic_sections(tracker, new, limits, command)
    others = [entry for entry in new.entries if not (entry.matches or entry.related)]
    if recommended and recommended.best:
        most = _MAX_FOR_YOU if limits.others is None else min(_MAX_FOR_YOU, limits.others)
        section = recommended.section(others, most)
        sections += [section] if section.total else []
        others = without(others, section)
        if limits.shared and limits.others is not None:
            limits = limits._replace(others=limits.others - section.total)
    if others or not sections:
        title = "Also new" if sections else new.title
        more = join([*command, limits.option, str(len(others))])
        entries = tuple(others[: limits.others])
        sections.append(
            new._replace(title=title, entries=entries, total=len(others), matched=0, more=more)
        )
    return sections


def without_shown(
    rising: Section, sections: Iterable[Section], limits: Limits, command: Sequence[str]
) -> Section:
    """The section *Rising* without the papers that stand in the sections above it."""
    not_shown = without(rising.entries, *sections)
    more = join([*command, limits.option, str(len(not_shown))])
    entries = tuple(not_shown[: limits.others])
    empty_text = "No others." if rising.total else rising.empty_text
    return rising._replace(entries=entries, total=len(not_shown), more=more, empty_text=empty_text)


def without(entries: Iterable[Entry], *sections: Section) -> list[Entry]:
    """The entries that stand in none of the sections."""
    shown = {entry.paper.id for section in sections for entry in section.entries}
    return [entry for entry in entries if entry.paper.id not in shown]


def _topic_sections(
    tracker: Tracker, new: Section, limits: Limits, command: Sequence[str]
) -> list[Section]:
    groups = {name: entries for name, entries in _by_topic(tracker, new).items() if entries}
    shares = _shares([len(entries) for entries in groups.values()], limits)
    return [
        Section(
            title=name,
            entries=tuple(entries[:share]),
            total=len(entries),
            matched=sum(1 for entry in entries if entry.matches),
            kind="new",
            detailed=True,
            more=join([*command, *_all_of_topic(tracker, name, limits.option, len(entries))]),
        )
        for (name, entries), share in zip(groups.items(), shares, strict=True)
    ]


def _all_of_topic(tracker: Tracker, name: str, option: str, number: int) -> tuple[str, str]:
    """The option that shows all papers of a topic; of the selected topic, a higher limit."""
    return (option, str(number)) if tracker.only else ("-t", name)


def _by_topic(tracker: Tracker, new: Section) -> dict[str, list[Entry]]:
    """The papers of each topic, best match first; a paper of several topics is in one of them."""
    groups: dict[str, list[Entry]] = {topic.name: [] for topic in tracker.selected_topics}
    for entry in new.entries:
        if entry.matches:
            best = min(entry.matches, key=lambda match: match.order)
            groups[best.topic].append(entry)
        elif entry.related:
            groups[entry.related[0].topic].append(entry)
    for entries in groups.values():
        entries.sort(key=match_order)
    return groups


def match_order(entry: Entry) -> tuple[tuple[int, float, int], int, str]:
    """Matches before related papers, then by match, upvotes and id."""
    upvotes = entry.latest.upvotes if entry.latest else None
    return entry.match_order, -(upvotes or 0), entry.paper.id


def _shares(sizes: Sequence[int], limits: Limits) -> list[int]:
    """How many papers of each topic are shown: a minimum of each, then one by one to the limit."""
    limit = limits.matches
    if limit is None:
        return list(sizes)
    shares = [min(size, limits.per_topic if limit else 0) for size in sizes]
    while sum(shares) < limit and shares != list(sizes):
        for index, size in enumerate(sizes):
            if shares[index] < size and sum(shares) < limit:
                shares[index] += 1
    return shares


def in_full(tracker: Tracker, section: Section) -> tuple[Entry, ...]:
    """The entries of a section, complete and with a summary if the section is detailed."""
    entries = list(section.entries)
    if section.detailed:
        entries = [_with_summary(entry) for entry in tracker.complete(entries)]
    return tuple(entry._replace(section=section.kind) for entry in entries)


def _with_summary(entry: Entry) -> Entry:
    """Add what a paper is about: its summary, else the sentence of the abstract with the match."""
    paper = entry.paper
    words = {fold_word(word) for match in entry.matches for word in _words(match)}
    abstract = paper.abstract or ""
    context = f"AI summary: {paper.tldr}" if paper.tldr else excerpt(abstract, words)
    return entry._replace(context=context)


def _words(match: Match) -> list[str]:
    in_text = match.field in ("title", "abstract", "keywords")
    return [word[0] for word in words_in(match.matched)] if in_text else []
