"""What papertrack does: bringing the library up to date and answering questions from it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from papertrack.errors import LibraryBusy, LibraryError, UsageError
from papertrack.models import Entry, Match, Paper, Related, Topic

if TYPE_CHECKING:  # some commands need no library
    from papertrack.library.library import Library
    from papertrack.library.search_index import SearchIndex
    from papertrack.tracker.relevance import Relevance


_T = TypeVar("_T", Match, Related)
_Result = TypeVar("_Result")
Found = tuple[tuple[Match, ...], tuple[Related, ...]]  # the topics that a paper is of, is near to
_TABLES = 16  # of papers, of which a few match in each, that are a tenth of a second's work
MANY = 2000  # papers that take longer to match than to look up in the index of words
# Passes papers on and shows how far it is; asks for the number of all only if it takes long.
ProgressCallback = Callable[[Iterable[Any], Callable[[], int]], Iterable[Any]]


def no_progress(papers: Iterable[Any], _size: Callable[[], int]) -> Iterable[Any]:
    """The papers as they come."""
    return papers


class Tracker(NamedTuple):
    """A library, the topics watched in it, the moment that counts as now, and the one topic that
    is asked about, if it is one.

    Every command applies topics through it, so that all agree on every paper.
    """

    library: "Library"
    topics: tuple[Topic, ...]
    now: datetime
    only: str | None = None
    progress: ProgressCallback = no_progress

    def for_topic(self, name: str | None) -> "Tracker":
        """This tracker for the one topic of that name, written in any case or by a unique
        beginning; for all topics where no name is given. Raises UsageError.
        """
        return self if name is None else self._replace(only=topic_named(self.topics, name).name)

    def with_phrases_only(self, topics: Iterable[Topic]) -> "Tracker":
        """This tracker for these topics, as far as their phrases go: without what is related, whose
        models take seconds to make.
        """
        plain = tuple(one._replace(breadth="phrases") for one in topics)
        return self._replace(topics=plain, only=None)

    @property
    def selected_topics(self) -> tuple[Topic, ...]:
        """The topics that answers are about: all, or the one asked for."""
        return tuple(one for one in self.topics if self.only in (None, one.name))

    def scan(self) -> Iterable[Entry]:
        """Every paper of the library, watched: reading all of a large one takes seconds."""
        return self.progress(self.library.all_entries(), self.library.size)

    def search_index(self) -> "SearchIndex":
        """The words of all papers, up to date: to read many new papers takes seconds, watched."""
        from papertrack.library.search_index import open_search_index

        return open_search_index(self.library, self.progress)

    def map_matching(
        self, work: Callable[[Iterable[Entry]], Iterable[_Result]], since: date | None = None
    ) -> Iterator[_Result]:
        """What some work, which gives one result a paper, makes of the papers of the library that
        may match the topics asked about, watched: those that say the words, and that came on a day
        or later. Several processes read and work.
        """
        from papertrack.processes import pieces, shared

        chosen = self._saying(since)
        tables = self.library.papers_tables() if chosen is None else chosen
        some = pieces(sorted(tables, reverse=True), _TABLES if chosen else 1)

        def worked(names: Iterable[str]) -> list[_Result]:
            return list(work(self.library.entries_in({name: tables[name] for name in names})))

        found = shared(worked, some, self.library.database.fail_on_damage)
        size = self.library.size if chosen is None else lambda: sum(map(len, chosen.values()))
        yield from self.progress(chain.from_iterable(found), size)

    def matching(self, since: date | None = None) -> Iterator[Entry]:
        """The papers of the library that say what the topics asked about ask for, with that; of
        those that came on a day or later. Not what is related.
        """
        from papertrack.matching.matcher import Matcher

        matcher = Matcher(self.selected_topics)

        def matched(entries: Iterable[Entry]) -> Iterator[Entry | None]:
            some = list(entries)
            found = matcher.match_all(entry.paper for entry in some)
            for entry, matches in zip(some, found, strict=True):
                yield entry._replace(matches=matches) if matches else None

        return filter(None, self.map_matching(matched, since))

    def _saying(self, since: date | None = None) -> dict[str, set[str]] | None:
        """By table the papers that may match; None where words cannot tell."""
        from papertrack.matching.candidates import condition

        said = self.search_index()
        asked = condition(self.selected_topics, said.vocabulary())
        return (
            None
            if asked is None
            else said.papers_satisfying(asked, since.toordinal() if since else 0)
        )

    def match(self, entries: Iterable[Entry], *, many: bool = False) -> Iterable[Entry]:
        """These whole entries, one by one, with the topics they match and those they are related
        to, where they have none yet. Of `many` only those are read that say the words.
        """
        if not self.topics:
            return entries
        chosen = self._saying() if many else None
        likely = None if chosen is None else set().union(*chosen.values())
        return self._matched(entries, likely, self.relevance())

    def relevance(self, *, make: bool = True) -> "Relevance | None":
        """The relevance models of the topics that ask for one, None where none does; see
        papertrack.tracker.relevance.
        """
        if all(topic.breadth == "phrases" for topic in self.selected_topics):
            return None
        from papertrack.tracker.relevance import relevance

        return relevance(self, make=make)

    def update_relevance(self) -> None:
        """Make those relevance models anew that the library has outgrown."""
        if any(topic.breadth == "related" for topic in self.topics):
            from papertrack.tracker.relevance import renew

            renew(self)

    def with_matches(self, entries: Sequence[Entry]) -> list[Entry]:
        """These brief entries with the topics that their whole text matches or is related to."""
        if not self.topics:
            return list(entries)
        met = self._met(entries)
        return [
            entry._replace(matches=self._asked(matches), related=self._asked(related))
            for entry in entries
            for matches, related in (met.get(entry.paper.id, ((), ())),)
        ]

    def cache_matches(self, days: Iterable[date]) -> None:
        """Keep what the papers listed on these days match, for the next look at them; within a
        transaction. Not where a relevance model has to be made first, which takes its time.
        """
        rule = self._rule(make=False) if self.topics else None
        if rule is None:
            return
        from papertrack.library.match_cache import load_matches, save_matches

        for day in days:
            known = load_matches(self.library, day, rule)
            listed = [entry.paper.id for entry in self.library.briefs(day)]
            fresh = self._match_anew(one for one in listed if one not in known)
            if fresh:
                save_matches(self.library, day, rule, known | fresh)

    def _matched(
        self,
        entries: Iterable[Entry],
        likely: AbstractSet[str] | None,
        relevance: "Relevance | None",
    ) -> Iterator[Entry]:
        """Entries with what they match, if it is not known and their ids are among the likely, and
        what they are related to.
        """
        from papertrack.matching.matcher import AT_ONCE, Matcher
        from papertrack.processes import pieces, shared

        def is_asked(entry: Entry) -> bool:
            known = entry.matches or entry.related
            return not known and (likely is None or entry.paper.id in likely)

        waiting: deque[list[Entry]] = deque()

        def papers() -> Iterator[list[Paper]]:
            for piece in pieces(entries, AT_ONCE):
                waiting.append(piece)
                yield [one.paper for one in piece if is_asked(one)]

        for matched in shared(Matcher(self.selected_topics).match_all, papers()):
            piece = waiting.popleft()
            matches = iter(matched)
            for entry in piece:
                met = next(matches) if is_asked(entry) else ()
                if entry.matches or entry.related:
                    yield entry
                    continue
                related = relevance.related(entry.paper, met) if relevance else ()
                yield entry._replace(matches=met, related=self._asked(related))

    def _asked(self, found: tuple[_T, ...]) -> tuple[_T, ...]:
        """Those of the topics that answers are about."""
        return tuple([one for one in found if self.only in (None, one.topic)])

    def _rule(self, *, make: bool = True) -> str | None:
        """What changes when other matches are found, None where a relevance model is missing that
        is not to be made.
        """
        from papertrack.matching import fingerprint

        whole = self._replace(only=None)
        rule = fingerprint(self.topics)
        if all(topic.breadth == "phrases" for topic in self.topics):
            return rule
        found = whole.relevance(make=make)
        return f"{rule} {found.fingerprint}" if found else None

    def _met(self, entries: Sequence[Entry]) -> dict[str, Found]:
        """What these entries match of all topics: as kept for a listing day, else found now."""
        from papertrack.library.match_cache import load_matches

        rule = self._rule() or ""
        met: dict[str, Found] = {}
        for day in {listed.day for entry in entries for listed in entry.listings}:
            met |= load_matches(self.library, day, rule)
        fresh = self._match_anew(entry.paper.id for entry in entries if entry.paper.id not in met)
        if fresh:
            self._keep_found(entries, fresh, rule)
        return met | fresh

    def _keep_found(self, entries: Sequence[Entry], fresh: dict[str, Found], rule: str) -> None:
        """Keep matches that a question had to find, as after an import or a change of topics; it
        is only a saving, so not where another run writes or the library cannot be written.
        """
        from papertrack.library.match_cache import load_matches, save_matches

        by_day: dict[date, dict[str, Found]] = {}
        for entry in entries:
            if entry.paper.id in fresh:
                for listed in entry.listings:
                    by_day.setdefault(listed.day, {})[entry.paper.id] = fresh[entry.paper.id]
        with suppress(LibraryBusy, LibraryError), self.library.transaction(timeout=0):
            for day, found in by_day.items():
                save_matches(self.library, day, rule, load_matches(self.library, day, rule) | found)

    def _match_anew(self, paper_ids: Iterable[str]) -> dict[str, Found]:
        whole = self.library.entries(paper_ids)
        if not whole:
            return {}
        matched = self._replace(only=None).match(whole.values())
        return {entry.paper.id: (entry.matches, entry.related) for entry in matched}


def topic_named(topics: Sequence[Topic], name: str) -> Topic:
    """The topic of that name, written in any case or by a unique beginning. Raises UsageError."""
    wanted = name.strip().casefold()
    exact = [topic for topic in topics if topic.name.casefold() == wanted]
    begun = [topic for topic in topics if wanted and topic.name.casefold().startswith(wanted)]
    found = exact or begun
    if len(found) != 1:
        names = ", ".join(topic.name for topic in found or topics) or "none are configured"
        raise UsageError(
            f"{'several topics begin' if found else 'no topic is named'} {name!r}",
            f"topics: {names}",
            "they are in the configuration file: see `papertrack config path`",
        )
    return found[0]
