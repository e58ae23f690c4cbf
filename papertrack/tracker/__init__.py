"""The use cases of papertrack: updating the library, and queries and reports from it.

Every command makes one `Tracker` (the library, the topics and the time) and passes it to the
module of its feature: `refresh.refresh` fetches listings, `lookup` single papers, and
`importing.import_file` reads files; `editions.today` and `editions.trending` make the daily
reports, `papers.list_papers` and `search.search` the others; `trial`, `verdicts` and
`suggestions` help to write topics, and `forecast` counts what a new one will match.

Only `papertrack.alerts` and `papertrack.cli` import this package. It prints nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import date, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from papertrack import log
from papertrack.errors import LibraryBusy, LibraryError, UsageError
from papertrack.models import Entry, Match, Related, Topic

if TYPE_CHECKING:  # Some commands need no library.
    from papertrack.library.library import Library
    from papertrack.library.match_cache import CachedMatches
    from papertrack.library.search_index import SearchIndex
    from papertrack.tracker.relevance import Relevance


_T = TypeVar("_T", Match, Related)
_Result = TypeVar("_Result")
_Item = TypeVar("_Item")
_TABLES = 16  # tables that are read together, as few papers of each may match
MANY_PAPERS = 2000  # papers that take longer to match than to look up in the search index
QUICKLY_RANKED = 2000  # papers that are ranked again while a reader waits, in a second or two


class ReadingProgress(Protocol):
    """Yields papers, or other items, and may draw a progress bar."""

    def __call__(
        self,
        items: Iterable[Any],
        size: Callable[[], int],
        verb: str = "Reading",
        unit: str = "papers",
    ) -> Iterable[Any]:
        """Yield the items.

        The number of items, which is only asked for if they are slow, is in units, and the verb
        tells what is done with them.
        """


def no_progress(
    items: Iterable[Any],
    size: Callable[[], int],  # noqa: ARG001  # as in ReadingProgress
    verb: str = "",  # noqa: ARG001
    unit: str = "",  # noqa: ARG001
) -> Iterable[Any]:
    """Return the items unchanged."""
    return items


class Tracker(NamedTuple):
    """A library, its topics, and the time of the command.

    With `only`, results are restricted to the topic of that name. `recommends`: whether editions
    have a section of recommended papers. All commands match papers through this class, so that
    they agree on every paper.
    """

    library: "Library"
    topics: tuple[Topic, ...]
    now: datetime
    only: str | None = None
    progress: ReadingProgress = no_progress
    recommends: bool = True

    def for_topic(self, name: str | None) -> "Tracker":
        """Return a tracker restricted to one topic, or this one if the name is None.

        Case is ignored, and a unique beginning of the name is enough. Raises UsageError.
        """
        return self if name is None else self._replace(only=topic_named(self.topics, name).name)

    def with_topics(self, topics: Iterable[Topic]) -> "Tracker":
        """Return a tracker for these topics, with related papers if the models can be had.

        The models need the search index. Without it, papers are matched all the same.
        """
        tracker = self._replace(topics=tuple(topics), only=None)
        try:
            tracker.relevance()
        except LibraryError as error:
            log.warning("relevance", problem=str(error))
            return tracker.with_phrases_only(tracker.topics)
        return tracker

    def with_phrases_only(self, topics: Iterable[Topic]) -> "Tracker":
        """Return a tracker for these topics without related papers.

        Training the relevance models would take seconds.
        """
        phrase_topics = tuple(topic._replace(breadth="phrases") for topic in topics)
        return self._replace(topics=phrase_topics, only=None)

    @property
    def selected_topics(self) -> tuple[Topic, ...]:
        """The topics that results are restricted to; usually all of them."""
        return tuple(topic for topic in self.topics if self.only in (None, topic.name))

    def scan(self, *, outlined: bool = False) -> Iterable[Entry]:
        """Every paper of the library, with progress: reading a large library takes seconds.

        For `outlined` see Library.records.
        """
        entries = self.library.all_entries(outlined=outlined)
        return self.progress(entries, self.library.paper_count)

    def search_index(self) -> "SearchIndex":
        """The search index, updated; with progress, as indexing many new papers takes seconds."""
        from papertrack.library.search_index import open_search_index

        return open_search_index(self.library, self.progress)

    def map_candidates(
        self, work: Callable[[Iterable[Entry]], Iterable[_Result]], since: date | None = None
    ) -> Iterable[_Result]:
        """Apply a function to all papers that may match the selected topics, with progress.

        The candidates come from the search index; with `since`, only papers listed on that day or
        later. `work` returns one result per paper.
        """
        candidates = self.candidates(since)
        tables = self.library.papers_tables() if candidates is None else candidates
        batches = _batched(sorted(tables, reverse=True), _TABLES if candidates else 1)
        results = chain.from_iterable(
            work(self.library.entries_in({name: tables[name] for name in names}))
            for names in batches
        )
        size = (
            self.library.paper_count
            if candidates is None
            else lambda: sum(map(len, candidates.values()))
        )
        return self.progress(results, size)

    def matching(self, since: date | None = None) -> Iterator[Entry]:
        """The papers of the library that match a selected topic, with their matches.

        With `since`, only papers listed on that day or later. Related papers are not included.
        """
        from papertrack.matching.matcher import Matcher

        matcher = Matcher(self.selected_topics)

        def match_batch(entries: Iterable[Entry]) -> Iterator[Entry | None]:
            batch = list(entries)
            matches_of_papers = matcher.match_all(entry.paper for entry in batch)
            for entry, matches in zip(batch, matches_of_papers, strict=True):
                yield entry._replace(matches=matches) if matches else None

        return filter(None, self.map_candidates(match_batch, since))

    def related(self) -> Iterator[Entry]:
        """The papers of the library that are related to a selected topic and match none of them.

        Raises LibraryError.
        """
        relevance = self.relevance()
        if relevance is None:
            return iter(())
        from papertrack.tracker.relevance import related_papers

        return related_papers(self, relevance)

    def candidates(self, since: date | None = None) -> dict[str, set[str]] | None:
        """The ids of papers that may match, by table; None if the index cannot narrow them."""
        from papertrack.matching.candidates import condition

        index, first = self.search_index(), since.toordinal() if since else 0
        query = condition(self.selected_topics, index.vocabulary())
        if query is None:
            return index.papers_since(first) if since else None
        return index.papers_satisfying(query, first)

    def match(self, entries: Iterable[Entry], *, many: bool = False) -> Iterable[Entry]:
        """Yield complete entries with the topics that they match or are related to.

        Entries that already have topics stay as they are. With `many`, the search index first
        excludes the papers that cannot match.
        """
        if not self.topics:
            return entries
        candidates = self.candidates() if many else None
        ids = None if candidates is None else set().union(*candidates.values())
        return self._match_entries(entries, ids, self.relevance())

    def relevance(self, *, train: bool = True) -> "Relevance | None":
        """The relevance models of the selected topics; None if no topic uses one.

        See papertrack.tracker.relevance for `train` and the errors.
        """
        if all(topic.breadth == "phrases" for topic in self.selected_topics):
            return None
        from papertrack.tracker.relevance import relevance

        return relevance(self, train=train)

    def update_relevance(self) -> None:
        """Train relevance models again once the library has grown well beyond them."""
        if any(topic.breadth == "related" for topic in self.topics):
            from papertrack.tracker.relevance import update_models

            update_models(self)

    def update_recommendations(self, most: int | None = None) -> None:
        """Rank new papers for the reader, if `recommend` has learned their interests before.

        With `most`, only if it ranked so many papers or fewer, as a thousand take a second. What
        cannot be read is reported by the commands that read it.
        """
        from papertrack.library.recommended import has_learned, load_ranking

        if not (self.recommends and has_learned(self.library)):
            return
        ranking = load_ranking(self.library)
        if most is None or (ranking and ranking.papers <= most):
            from papertrack.tracker.recommending import rank_recent

            with suppress(LibraryError):
                rank_recent(self, learn=False)

    def with_matches(self, entries: Sequence[Entry]) -> list[Entry]:
        """Add to brief entries the topics that their complete texts match or are related to."""
        if not self.topics:
            return list(entries)
        by_id = self._matches_by_id(entries)
        return [
            entry._replace(matches=self._of_selected(matches), related=self._of_selected(related))
            for entry in entries
            for matches, related in (by_id.get(entry.paper.id, ((), ())),)
        ]

    def complete(self, brief_entries: Sequence[Entry]) -> list[Entry]:
        """The complete entries of brief ones, with the fields that the command has set on these.

        A paper whose complete entry is lost stays brief.
        """
        complete = self.library.entries(entry.paper.id for entry in brief_entries)
        return [
            complete.get(entry.paper.id, entry)._replace(
                matches=entry.matches,
                related=entry.related,
                gained=entry.gained,
                score=entry.score,
                reasons=entry.reasons,
            )
            for entry in brief_entries
        ]

    def cache_matches(self, days: Iterable[date]) -> None:
        """Store the topics of the papers listed on these days for the next command.

        Must run within a transaction. Does nothing if a relevance model would have to be trained
        first, which takes too long to hold the lock.
        """
        fingerprint = self._fingerprint(train=False) if self.topics else None
        if fingerprint is None:
            return
        from papertrack.library.match_cache import load_matches, save_matches

        for day in days:
            cached = load_matches(self.library, day, fingerprint)
            ids = [entry.paper.id for entry in self.library.briefs(day)]
            new = self._match_ids(paper_id for paper_id in ids if paper_id not in cached)
            if new:
                save_matches(self.library, day, fingerprint, cached | new)

    def _match_entries(
        self,
        entries: Iterable[Entry],
        candidates: AbstractSet[str] | None,
        relevance: "Relevance | None",
    ) -> Iterator[Entry]:
        """Add topics to the entries that have none; only candidates, if given, can match."""
        from papertrack.matching.matcher import BATCH_SIZE, Matcher

        def needs_matching(entry: Entry) -> bool:
            has_topics = entry.matches or entry.related
            return not has_topics and (candidates is None or entry.paper.id in candidates)

        matcher = Matcher(self.selected_topics)
        for batch in _batched(entries, BATCH_SIZE):
            results = iter(matcher.match_all(e.paper for e in batch if needs_matching(e)))
            for entry in batch:
                if entry.matches or entry.related:
                    yield entry
                    continue
                matches = next(results) if needs_matching(entry) else ()
                related = relevance.related(entry.paper, matches) if relevance else ()
                yield entry._replace(matches=matches, related=self._of_selected(related))

    def _of_selected(self, results: tuple[_T, ...]) -> tuple[_T, ...]:
        """Only the matches, or related topics, of the selected topics."""
        # A list comprehension is faster than a generator, and this runs for each paper of a day.
        return tuple([result for result in results if self.only in (None, result.topic)])

    def _fingerprint(self, *, train: bool = True) -> str | None:
        """A fingerprint of the topics and their relevance models, the key of cached matches.

        None if a relevance model is missing and `train` is off.
        """
        from papertrack.matching import fingerprint

        of_topics = fingerprint(self.topics)
        if all(topic.breadth == "phrases" for topic in self.topics):
            return of_topics
        relevance = self._replace(only=None).relevance(train=train)
        return f"{of_topics} {relevance.fingerprint}" if relevance else None

    def _matches_by_id(self, entries: Sequence[Entry]) -> dict[str, "CachedMatches"]:
        """The matches of these entries for all topics, from the cache or computed now."""
        from papertrack.library.match_cache import load_matches

        fingerprint = self._fingerprint() or ""
        cached: dict[str, CachedMatches] = {}
        for day in {listed.day for entry in entries for listed in entry.listings}:
            cached |= load_matches(self.library, day, fingerprint)
        new = self._match_ids(entry.paper.id for entry in entries if entry.paper.id not in cached)
        if new:
            self._cache_computed(entries, new, fingerprint)
        return cached | new

    def _cache_computed(
        self, entries: Sequence[Entry], new: dict[str, "CachedMatches"], fingerprint: str
    ) -> None:
        """Cache matches that a query had to compute, as after an import or a change of topics.

        The cache only saves time, so a library that is locked or read-only is no error here.
        """
        from papertrack.library.match_cache import load_matches, save_matches

        by_day: dict[date, dict[str, CachedMatches]] = {}
        for entry in entries:
            if entry.paper.id in new:
                for listed in entry.listings:
                    by_day.setdefault(listed.day, {})[entry.paper.id] = new[entry.paper.id]
        with suppress(LibraryBusy, LibraryError), self.library.transaction(timeout=0):
            for day, matches in by_day.items():
                cached = load_matches(self.library, day, fingerprint)
                save_matches(self.library, day, fingerprint, cached | matches)

    def _match_ids(self, paper_ids: Iterable[str]) -> dict[str, "CachedMatches"]:
        entries = self.library.entries(paper_ids)
        if not entries:
            return {}
        matched = self._replace(only=None).match(entries.values())
        return {entry.paper.id: (entry.matches, entry.related) for entry in matched}


def topic_named(topics: Sequence[Topic], name: str) -> Topic:
    """Return the topic of a name; see Tracker.for_topic. Raises UsageError."""
    folded = name.strip().casefold()
    exact = [topic for topic in topics if topic.name.casefold() == folded]
    begins = [topic for topic in topics if folded and topic.name.casefold().startswith(folded)]
    candidates = exact or begins
    if len(candidates) != 1:
        names = ", ".join(topic.name for topic in candidates or topics) or "none are configured"
        raise UsageError(
            f"{'several topics begin with' if candidates else 'no topic is named'} {name!r}",
            f"topics: {names}",
            "they are in the configuration file: see `papertrack config path`",
        )
    return candidates[0]


def _batched(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Split items into lists of a size; the last list may be shorter."""
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
