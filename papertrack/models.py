"""The things papertrack talks about, as immutable records.

They are named tuples, not dataclasses: `today` makes a process each time, and creating these
classes costs 3 ms as named tuples and 30 ms as frozen dataclasses with the import of
`dataclasses` (measured with Python 3.11). Every moment is an aware UTC datetime, every listing
day a date, every collection a tuple, and what is unknown is None.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal, NamedTuple

SectionKind = Literal["new", "trending"]
Field = Literal["title", "abstract", "keywords", "authors", "categories"]
ListingState = Literal["complete", "partial", "quiet", "unchanged"]
ListingKind = Literal["new", "cross", "revised"]
Breadth = Literal["phrases", "related"]


class Observation(NamedTuple):
    """The counts of a paper at one moment; they may fall from one moment to the next."""

    at: datetime
    upvotes: int | None = None
    comments: int | None = None
    stars: int | None = None


class Paper(NamedTuple):
    """What is known of a paper itself, apart from where it was listed and how it fared.

    `id` is an arXiv id without version, or any other text with a namespace ("cran:12").
    `submitted` is the moment of version 1, `announced` arXiv's announcement day,
    `updated` the moment of the present version; `withdrawn`: its authors took it back.
    """

    id: str
    title: str
    version: int | None = None
    abstract: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    submitted: datetime | None = None
    announced: date | None = None
    updated: datetime | None = None
    code_url: str | None = None
    project_url: str | None = None
    organization: str | None = None
    withdrawn: bool = False


class Listed(NamedTuple):
    """That a source listed a paper on a day, at a rank that counts from 1: as new, as new from
    another category ("cross"), or as a later version of a paper listed before ("revised").
    """

    source: str
    day: date
    rank: int | None = None
    kind: ListingKind = "new"


class Sighting(NamedTuple):
    """A paper as one source showed it once. `listed` is None where no listing day is known."""

    paper: Paper
    source: str
    seen: datetime
    listed: Listed | None = None
    observations: tuple[Observation, ...] = ()


class Skipped(NamedTuple):
    """An entry that could not be used: where it stood and why."""

    where: str
    reason: str


class Failure(NamedTuple):
    """What a source could not be asked, as it is reported to people and scripts; `kind` is that of
    SourceError.
    """

    source: str
    kind: str
    message: str


class Listing(NamedTuple):
    """What a source listed on one day: its sightings in the source's order.

    `category` is "" for a source that is not divided. "partial": something is missing, `failure`
    says what could not be had; "unchanged": nothing came because it is as it was under the
    `validator`, which is what the server calls this very answer.
    """

    source: str
    day: date
    state: ListingState
    sightings: tuple[Sighting, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    category: str = ""
    failure: Failure | None = None
    validator: str | None = None


class State(NamedTuple):
    """What the reader did with a paper."""

    starred: bool = False
    read: bool = False
    hidden: bool = False
    tags: tuple[str, ...] = ()
    note: str | None = None


class Topic(NamedTuple):
    """A watched topic: one of `any` and all of `all` and none of `none`, or by one of `authors`;
    only within `categories` where some are given. `threshold` is 0 to 100, 100 is exact. `when`
    says at which events alerts tell of its papers; see papertrack.events. `breadth` "related" also
    shows papers that say what its papers say, apart from them; see papertrack.searching.relevance.
    """

    name: str
    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    threshold: int = 90
    when: tuple[str, ...] = ("new",)
    breadth: Breadth = "phrases"


class Match(NamedTuple):
    """That a paper belongs to a topic: which phrase met which words of which field, how well."""

    topic: str
    phrase: str
    field: Field
    matched: str
    score: int


class Related(NamedTuple):
    """That a paper is related to a topic that it does not match: its score in the topic's relevance
    model, the `least` that was asked for, and the words of it that weigh most, best first.
    """

    topic: str
    score: float
    least: float
    words: tuple[str, ...]


class Claim(NamedTuple):
    """What one source said of a paper at one moment: only the fields that it did not say again
    later or of a higher version, so the title may be "".
    """

    source: str
    at: datetime
    paper: Paper


class Entry(NamedTuple):
    """One paper of the library with everything known of it.

    `paper` is the view over all `tellings`; where only a listing was read, the paper is brief
    (no abstract, the first authors) and `tellings` is empty. `observations` are in time order.
    The last seven are set by the question that was asked: topics it matches, section of the
    output, upvotes gained (None: seen once), rank score, whether it is a sample, the words of
    the abstract around what was searched for, and topics it is related to and does not match.
    """

    paper: Paper
    first_seen: datetime
    claims: tuple[Claim, ...] = ()
    listings: tuple[Listed, ...] = ()
    observations: tuple[Observation, ...] = ()
    state: State = State()
    matches: tuple[Match, ...] = ()
    section: SectionKind | None = None
    gained: int | None = None
    score: float | None = None
    sample: bool = False
    context: str | None = None
    related: tuple[Related, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """Who told of the paper or listed it, sorted."""
        told = {one.source for one in self.claims}
        return tuple(sorted(told.union(one.source for one in self.listings)))

    @property
    def latest(self) -> Observation | None:
        """The last known of each count, or None where none were ever seen."""
        latest = None
        for one in self.observations:
            pairs = zip(one, latest or one, strict=True)
            latest = Observation(*(old if new is None else new for new, old in pairs))  # type: ignore[arg-type]  # field by field
        return latest

    @property
    def first_listed(self) -> date:
        """The first listing day without revisions, else the UTC day of `first_seen`."""
        return min(self._listing_days)

    @property
    def last_listed(self) -> date:
        """The last listing day without revisions, else the UTC day of `first_seen`."""
        return max(self._listing_days)

    @property
    def _listing_days(self) -> list[date]:
        days = [listed.day for listed in self.listings if listed.kind != "revised"]
        return days or [self.first_seen.date()]

    def listed_within(self, since: date | None, until: date | None) -> bool:
        """Whether a listing day that is no revision lies within these days, both included."""
        first, last = since or date.min, until or date.max
        return any(first <= day <= last for day in self._listing_days)

    def listed(self, source: str) -> date | None:
        """The first day on which `source` listed the paper, not counting its revisions."""
        days = (one.day for one in self.listings if one.source == source and one.kind != "revised")
        return min(days, default=None)


class Section(NamedTuple):
    """One list of papers in an answer; `total`, and `matched` those of a topic, count what a
    limit left out, too. Whoever shows `entries` walks them once: those of a long list are read
    from the library meanwhile. Those of a `brief` section are told by their titles only.
    """

    title: str
    entries: Iterable[Entry]
    total: int
    matched: int = 0
    kind: SectionKind | None = None
    empty_text: str = "No papers."
    brief: bool = False


class Report(NamedTuple):
    """What a command answers, before anything is drawn.

    `headline` says in one line which day, which source and how fresh; `notes` say what else the
    reader should know, `failures` what could not be asked; `all_failed`: nothing could be;
    `words`, folded, are those that the papers were found by.
    """

    command: str
    generated_at: datetime
    headline: str
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    all_failed: bool = False
    sample: bool = False
    words: frozenset[str] = frozenset()
