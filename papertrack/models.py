"""The data types of papertrack: papers, entries, listings, topics, matches and reports.

They are named tuples because start-up time counts: creating these classes takes 3 ms as named
tuples and 30 ms as frozen dataclasses, including the import of `dataclasses` (measured with Python
3.11). Times are aware datetimes in UTC, listing days are dates, collections are tuples, and an
unknown value is None.
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

Measure = Literal["rising", "upvotes", "stars", "comments", "late", "code", "day", "match"]
SectionKind = Literal["new", "trending"]
Field = Literal["title", "abstract", "keywords", "authors", "organization", "categories"]
FIELDS: tuple[Field, ...] = get_args(Field)
ListingState = Literal["complete", "partial", "quiet", "stale", "unchanged"]
ListingKind = Literal["new", "cross", "revised"]
Breadth = Literal["phrases", "related"]
_CACHED_NAMES = 256


class Observation(NamedTuple):
    """The counts of a paper at a moment. Counts may fall from one moment to the next."""

    at: datetime
    upvotes: int | None = None
    comments: int | None = None
    stars: int | None = None


class Paper(NamedTuple):
    """A paper as such, without its listings and counts.

    `id` is an arXiv id without version, or another text with a namespace ("cran:12").
    `submitted` is the time of version 1, `updated` that of the newest version, and `announced`
    arXiv's announcement day. `withdrawn`: the authors have withdrawn it. `comment` and
    `journal_ref` are the authors' own words, `doi` is that of the published version, `tldr` a
    summary that the source wrote by machine. `code_url` is the address that a source names;
    papertrack.facts also finds addresses in the authors' texts. If the source names no `venue`, it
    is extracted when the paper is stored; see papertrack.venues.
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
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    venue: str | None = None
    tldr: str | None = None


class PaperListing(NamedTuple):
    """The listing of a single paper by a source on a day, with its rank from 1.

    `kind` is "new", "cross" (new, but from another category) or "revised" (a later version of a
    paper listed before).
    """

    source: str
    day: date
    rank: int | None = None
    kind: ListingKind = "new"


class Sighting(NamedTuple):
    """A paper in one response of a source. `listed` is None if the listing day is unknown."""

    paper: Paper
    source: str
    seen: datetime
    listed: PaperListing | None = None
    observations: tuple[Observation, ...] = ()


class Skipped(NamedTuple):
    """An entry of a response that could not be parsed: its position and the reason."""

    where: str
    reason: str


class Failure(NamedTuple):
    """A failed request, as reported to people and scripts; for `kind` see SourceError."""

    source: str
    kind: str
    message: str


class Listing(NamedTuple):
    """The sightings of a source on one day, in the source's order.

    `category` is "" for a source without categories. `validator` is the HTTP validator of the
    response (ETag or Last-Modified). The state is "partial" if something is missing and "stale" if
    most papers are of another day, with the reason in `failure`, and "unchanged" if the server
    responded "not modified". `once` means that the source lists a new paper on a single day, so
    that a listing of papers it has listed before is stale. With `keeps_day`, a paper stays on the
    day on which the source first listed it, whatever the listing says.
    """

    source: str
    day: date
    state: ListingState
    sightings: tuple[Sighting, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    category: str = ""
    failure: Failure | None = None
    validator: str | None = None
    once: bool = False
    keeps_day: bool = False


class State(NamedTuple):
    """The reader's marks, tags and note on a paper."""

    starred: bool = False
    read: bool = False
    hidden: bool = False
    tags: tuple[str, ...] = ()
    note: str | None = None


class Topic(NamedTuple):
    """A topic: the phrases, authors, organizations and categories that select its papers.

    A paper matches if it contains one of `any`, all of `all` and none of `none`, or is by one of
    `authors` or from one of `organizations`; and, if there are `categories`, has one of them.
    `threshold` is 0 to 100, where 100 is an exact match. `when` names the events that trigger
    alerts; see papertrack.events. With the breadth "related", similar papers are listed
    separately; see papertrack.searching.relevance.
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
    organizations: tuple[str, ...] = ()


class Match(NamedTuple):
    """Why a paper belongs to a topic: which phrase matched which words, where, with what score.

    `phrases` is the number of the topic's phrases, authors and organizations that the paper has.
    """

    topic: str
    phrase: str
    field: Field
    matched: str
    score: int
    phrases: int = 1

    @property
    def order(self) -> tuple[int, float, int]:
        """Sorts the best matches first: by field, the title first, by score, and by `phrases`."""
        return FIELDS.index(self.field), -self.score, -self.phrases


class Related(NamedTuple):
    """The relation of a paper to a topic that it does not match.

    `score` is that of the topic's relevance model, `least` the score required, and `words` are the
    words of the paper that contribute most, best first.
    """

    topic: str
    score: float
    least: float
    words: tuple[str, ...]


class Reasons(NamedTuple):
    """Why `recommend` ranks a paper as it does, the weightiest reasons first.

    The `words` that speak for it, the ids of the most similar starred `papers`, and the words
    `against` it. A word may also be a pair of words, or "by" and the name of an author.
    """

    words: tuple[str, ...]
    papers: tuple[str, ...]
    against: tuple[str, ...]


class Recommendation(NamedTuple):
    """A recommended paper: its score, higher for better papers, and what speaks for and against it.

    Scores of papers for different interests of a reader cannot be compared.
    """

    id: str
    score: float
    reasons: Reasons


class Claim(NamedTuple):
    """The fields that a source gave for a paper at a moment.

    Fields that the source gave again later, or for a higher version, are empty, so the title may
    be "".
    """

    source: str
    at: datetime
    paper: Paper


class TextChange(NamedTuple):
    """A title or an abstract before and after a new version."""

    field: Literal["title", "abstract"]
    before: str
    after: str


class PaperEvent(NamedTuple):
    """Something that happened to a starred paper, and when papertrack learned of it (UTC).

    `event` is one of those of papertrack.events: VERSION with the number as `value` and the
    `changes` of the text, CODE with the address, PUBLISHED with the reference, DOUBLED with the
    upvotes, or WITHDRAWN. `previous` is the value before, "" if unknown.
    """

    paper_id: str
    at: datetime
    event: str
    value: str = ""
    previous: str = ""
    changes: tuple[TextChange, ...] = ()


class ServiceRank(NamedTuple):
    """The rank of a paper in the ranking of another service at a moment, from 1.

    None if the service did not rank the paper at that moment.
    """

    source: str
    at: datetime
    rank: int | None


class Entry(NamedTuple):
    """A paper of the library with everything stored about it.

    `paper` combines all `claims`; see papertrack.merge.view. A brief entry, read from a listing
    alone, has no abstract, only the first authors, and no claims. `observations` are in time
    order. The fields from `matches` on are not stored but set by each command: the topics, the
    section of the output, the upvotes gained (None with a single observation), the score of the
    ranking, whether it is sample data, an excerpt of the abstract around the search terms, the
    topics that it is related to without matching, its rank of a week before, what happened to
    it since it was starred, why it is recommended, and its ranks at other services in time order.
    """

    paper: Paper
    first_seen: datetime
    claims: tuple[Claim, ...] = ()
    listings: tuple[PaperListing, ...] = ()
    observations: tuple[Observation, ...] = ()
    state: State = State()
    matches: tuple[Match, ...] = ()
    section: SectionKind | None = None
    gained: int | None = None
    score: float | None = None
    sample: bool = False
    context: str | None = None
    related: tuple[Related, ...] = ()
    rank_before: int | None = None
    events: tuple[PaperEvent, ...] = ()
    reasons: Reasons | None = None
    ranks: tuple[ServiceRank, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources with claims or listings of the paper, sorted."""
        claiming = [claim.source for claim in self.claims]
        return _sorted_once(*claiming, *[listed.source for listed in self.listings])

    @property
    def latest(self) -> Observation | None:
        """The last known value of each count; None without observations."""
        latest = None
        for observation in self.observations:
            pairs = zip(observation, latest or observation, strict=True)
            latest = Observation(*(old if new is None else new for new, old in pairs))  # type: ignore[arg-type]  # field by field
        return latest

    @property
    def match_order(self) -> tuple[int, float, int]:
        """Sorts by the best match, best first, then related papers by score, then the others."""
        if self.matches:
            return min([match.order for match in self.matches])
        score = max([related.score for related in self.related], default=0.0)
        return len(FIELDS) + (not self.related), -score, 0

    @property
    def first_listed(self) -> date:
        """The first listing day without revisions, or else the UTC day of `first_seen`."""
        return min(self._listing_days)

    @property
    def last_listed(self) -> date:
        """The last listing day without revisions, or else the UTC day of `first_seen`."""
        return max(self._listing_days)

    @property
    def _listing_days(self) -> list[date]:
        days = [day for _, day, _, kind in self.listings if kind != "revised"]
        return days or [self.first_seen.date()]

    def listed_within(self, since: date | None, until: date | None) -> bool:
        """Whether a listing other than a revision is within these days, both included."""
        if since is None and until is None:
            return True
        first, last = since or date.min, until or date.max
        return any(first <= day <= last for day in self._listing_days)

    def first_listed_by(self, source: str) -> date | None:
        """The first day on which a source listed the paper, not counting revisions."""
        return self.first_days.get(source)

    @property
    def first_days(self) -> dict[str, date]:
        """The first day on which each source listed the paper, not counting revisions."""
        days: dict[str, date] = {}
        for listed in self.listings:
            source, day, _, kind = listed
            if kind != "revised" and (source not in days or day < days[source]):
                days[source] = day
        return days


# A library repeats few combinations of sources many times.
@lru_cache(_CACHED_NAMES)
def _sorted_once(*names: str) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


class Section(NamedTuple):
    """A list of papers in a report.

    `total` and `matched` (papers with a topic) also count the papers beyond the limit; `more` is
    the command that shows all of them. `entries` may be iterated only once, as a long list is read
    from the library during the iteration. `measure` is what the papers are ordered by. `detailed`:
    show complete titles and what each paper is about; `brief`: show only titles; `compared`: show
    how the ranks have changed.
    """

    title: str
    entries: Iterable[Entry]
    total: int
    matched: int = 0
    kind: SectionKind | None = None
    empty_text: str = "No papers."
    brief: bool = False
    measure: Measure = "upvotes"
    detailed: bool = False
    more: str = ""
    compared: bool = False


class Report(NamedTuple):
    """The result of a command that lists papers, before it is formatted.

    `headline` is one line with days, sources, numbers and age. `notes` are further lines for the
    reader. `all_failed`: every request failed. `words` are the words to highlight, folded.
    `events` are those of starred papers that the reader has not seen, and `for_you` are the papers
    of the report that `recommend` ranks best, best first.
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
    events: tuple[PaperEvent, ...] = ()
    for_you: tuple[Recommendation, ...] = ()
