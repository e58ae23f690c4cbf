"""The results of commands: made by `tracker/`, drawn by `display/`.

They are plain data, so that neither package imports the other. The result of commands that list
papers is `Report` in `models`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from papertrack.calendar import Span
from papertrack.models import Entry, Match, Reasons, Related, Topic

CoverageState = Literal["complete", "partial", "quiet", "stale", "failed", "missing"]
CheckState = Literal["ok", "warning", "problem"]


class DayCoverage(NamedTuple):
    """The coverage of one day of a source and category.

    `asked` is the time of the last request. The state is "quiet" if the source listed nothing or
    lists nothing on such days, "stale" if it sent the papers of another day, and "missing" if the
    day was never requested. `problem` is the kind of the error of a failed, stale or partial day;
    see SourceError. `repaired` counts papers that the source first left out and that were added.
    """

    source: str
    category: str
    day: date
    state: CoverageState
    papers: int = 0
    skipped: int = 0
    asked: datetime | None = None
    problem: str | None = None
    repaired: int = 0


class SourceStatus(NamedTuple):
    """The status of a source.

    `last_asked` is the time of the last request, `last_whole` that of the last complete or quiet
    day; `whole` counts those days, and `gaps` the other days requested. `ranked` is the number of
    papers in the newest ranking of a source that ranks papers instead of listing them.
    """

    name: str
    title: str
    enabled: bool
    categories: tuple[str, ...] = ()
    last_asked: datetime | None = None
    last_whole: datetime | None = None
    whole: int = 0
    gaps: int = 0
    papers: int = 0
    ranked: int = 0


class Verdict(NamedTuple):
    """Why a paper belongs to a topic, or why not.

    `matches` are the phrases, authors and categories that match, best first; `missing` are the
    phrases of `any` and `all` that do not; `excluded_by` is a match of `none`; `outside` are the
    topic's categories if the paper has none of them. `others` are the authors and organizations of
    the topic if the paper has none of them.
    """

    topic: str
    matches: tuple[Match, ...]
    missing: tuple[str, ...]
    excluded_by: Match | None
    outside: tuple[str, ...]
    matched: bool
    others: tuple[str, ...] = ()


class Standing(NamedTuple):
    """The rank of a paper among `papers` that `recommend` ranks, and the reasons."""

    rank: int
    papers: int
    reasons: Reasons


class Explanation(NamedTuple):
    """A paper with its verdict for each topic.

    `related` has its score in the relevance model of each topic with related papers. `standing` is
    how it would rank in `recommend`, None if nothing is starred, or if it is starred or hidden.
    """

    entry: Entry
    verdicts: tuple[Verdict, ...]
    related: tuple[Related, ...] = ()
    standing: Standing | None = None


class TrialPaper(NamedTuple):
    """A paper in a trial: its first listing day and its best match.

    `why_not` says why the rule does not send it, or is "". `related` is set instead of `match` if
    the paper is only related.
    """

    id: str
    title: str
    day: date
    match: Match | None
    why_not: str = ""
    related: Related | None = None


class TrialWeek(NamedTuple):
    """The number of papers that a rule sends in a week, and of related papers beside them."""

    monday: date
    papers: int
    related: int = 0


class Trial(NamedTuple):
    """The stored papers that a rule would have sent, newest first.

    `new` and `lost` are the differences from the rule `present`, and `near` the papers that a lower
    threshold would add. `weeks` are the weeks with stored papers, oldest first. `at_thresholds` has
    pairs of a threshold and its number of papers. `related` are the related papers, newest first,
    `related_new` and `related_lost` the differences from `present` in papers sent in any way, and
    `note` is the reason if there can be none.
    """

    topic: Topic
    present: Topic | None
    sent: tuple[TrialPaper, ...]
    weeks: tuple[TrialWeek, ...]
    new: tuple[TrialPaper, ...]
    lost: tuple[TrialPaper, ...]
    near: tuple[TrialPaper, ...]
    at_thresholds: tuple[tuple[int, int], ...]
    related: tuple[TrialPaper, ...] = ()
    related_new: tuple[TrialPaper, ...] = ()
    related_lost: tuple[TrialPaper, ...] = ()
    note: str = ""

    @property
    def a_week(self) -> float:
        """The average number of papers per week."""
        return len(self.sent) / (len(self.weeks) or 1)

    @property
    def related_a_week(self) -> float:
        """The average number of related papers per week."""
        return len(self.related) / (len(self.weeks) or 1)


class BroadPhrase(NamedTuple):
    """A phrase that matches very many of the papers counted in a forecast, and how many."""

    phrase: str
    papers: int


class Forecast(NamedTuple):
    """How many papers a topic matches: `matched` of the `papers` listed since a day, included.

    If `since` is None, `papers` are all stored ones. They have listings on so many `days` of so
    many `weeks`, none if they were never listed.
    """

    matched: int
    papers: int
    since: date | None
    days: int
    weeks: int
    broad: tuple[BroadPhrase, ...] = ()


class SuggestedTerm(NamedTuple):
    """A suggested term in its usual spelling.

    `papers` and `others` count the papers in question and all others that contain it; `ratio` is
    its log-likelihood ratio, and `ids` are some of the papers in question that contain it. `adds`
    is the number of papers that the topic matches only with the term, or without it if the term is
    to be excluded; None if unknown. `titles` are some of these papers.
    """

    phrase: str
    papers: int
    others: int
    ratio: float
    ids: tuple[str, ...]
    adds: int | None = None
    titles: tuple[str, ...] = ()


class TopicDraft(NamedTuple):
    """A suggested topic with the terms behind its phrases."""

    topic: Topic
    terms: tuple[SuggestedTerm, ...]


class TermSuggestions(NamedTuple):
    """Suggestions for a topic that matches `papers` papers.

    `add` are terms typical of its papers. `exclude` are terms typical of its `hidden` papers, or
    without enough of these, of the outliers, which contain none of the `add` terms.
    """

    topic: Topic
    papers: int
    add: tuple[SuggestedTerm, ...]
    exclude: tuple[SuggestedTerm, ...]
    hidden: int = 0


class TopicSuggestions(NamedTuple):
    """Topics drafted from the starred papers, of which `starred` is the number."""

    starred: int
    drafts: tuple[TopicDraft, ...] = ()


class Suggestion(NamedTuple):
    """A suggestion to show: a new topic, or a phrase for `any` or `none` (see `kind`).

    `name` is the topic's name or the phrase, `command` the command line that adds it, `yaml` the
    topic if it is a new one, and `terms` are the phrases behind it.
    """

    kind: str
    name: str
    command: str
    terms: "Sequence[SuggestedTerm]"
    yaml: str = ""


class CheckResult(NamedTuple):
    """A result of `doctor` in an area: a line about its state, and the next step or "".

    The areas are configuration, library, search index, channels, schedule, network, sources,
    terminal and versions. A warning does not keep papertrack from working.
    """

    area: str
    state: CheckState
    message: str
    next_step: str = ""


class WeekStats(NamedTuple):
    """The papers first listed in a week, how many match a topic, and how many match each topic.

    `by_topic` has pairs of a topic and its number of papers, in the order of the configuration.
    """

    monday: date
    papers: int
    matching: int
    by_topic: tuple[tuple[str, int], ...] = ()


class RisingTerm(NamedTuple):
    """A term that is more frequent in recent papers than before.

    `papers` and `before` count the recent and the earlier papers that contain it, and `z` is its
    z-score; see papertrack.tracker.rising_terms.
    """

    phrase: str
    papers: int
    before: int
    z: float


class TermTrends(NamedTuple):
    """The rising terms, best first, of the `papers` of `recent` against those of `baseline`."""

    recent: Span
    baseline: Span
    papers: int
    before: int
    terms: tuple[RisingTerm, ...] = ()


class ReadingStats(NamedTuple):
    """The numbers of starred, read, hidden and tagged papers of the library, and the backlog.

    `unread_starred` are starred papers that were not read, `unread_matches` the papers of the span
    that match a topic and were neither read nor hidden.
    """

    starred: int = 0
    read: int = 0
    hidden: int = 0
    tagged: int = 0
    unread_starred: int = 0
    unread_matches: int = 0


class LibraryStats(NamedTuple):
    """What the library holds over a span of days; the weeks are complete and oldest first.

    `papers` is the number of all stored papers; `sources` have the coverage of the span. If no
    week has papers, `note` says why and what to do.
    """

    span: Span
    papers: int
    weeks: tuple[WeekStats, ...]
    rising: TermTrends
    reading: ReadingStats
    sources: tuple[SourceStatus, ...]
    note: str = ""
