"""The results of commands, as records: what `tracker/` returns and `display/` draws.

They are data and nothing else, so that neither package needs to know the other. The report of
papers, which most commands return, is `Report` in `models`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal, NamedTuple

from papertrack.models import Entry, Match, Related, Topic

CoverageState = Literal["complete", "partial", "quiet", "failed", "missing"]


class DayCoverage(NamedTuple):
    """One day of one source and category: its state, how many papers came, and when it was asked.

    "quiet": nothing was listed, because the source said so or lists nothing on such a day.
    "missing": it was never asked for. `problem` is the kind of what kept a failed or partial day.
    """

    source: str
    category: str
    day: date
    state: CoverageState
    papers: int = 0
    skipped: int = 0
    asked: datetime | None = None
    problem: str | None = None


class SourceStatus(NamedTuple):
    """How a source is doing: when it was last asked, when it last gave a whole day, and how many
    of the days asked for are whole and how many have gaps.
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


class Verdict(NamedTuple):
    """Why a paper belongs to a topic or does not.

    `matches` are all phrases, authors and categories that met, the best first; `missing` the
    phrases of `any` and `all` that did not; `excluded_by` a phrase of `none` that met; `outside`
    the required categories where the paper has none of them.
    """

    topic: str
    matches: tuple[Match, ...]
    missing: tuple[str, ...]
    excluded_by: Match | None
    outside: tuple[str, ...]
    matched: bool


class Explanation(NamedTuple):
    """A paper, what each topic says to it, and how near it comes to those topics that ask for what
    is related to them and that it does not match.
    """

    entry: Entry
    verdicts: tuple[Verdict, ...]
    near: tuple[Related, ...] = ()


class TrialPaper(NamedTuple):
    """A paper, the day it came, what of it matches best, and why a rule does not send it, or ""
    where it does; `related` where it is that only.
    """

    id: str
    title: str
    day: date
    match: Match | None
    why_not: str = ""
    related: Related | None = None


class TrialWeek(NamedTuple):
    """How many papers a rule sends in the week that begins on `monday`, and how many it does not
    that are related.
    """

    monday: date
    papers: int
    related: int = 0


class Trial(NamedTuple):
    """What a rule sends of the stored past, the newest paper first; `new` and `lost` are what it
    sends and does not send other than the rule `present`, `near` what a lower threshold would add.

    `weeks` are those of which papers are stored, oldest first; `at_thresholds` says how many papers
    there would be at others; `related` are the papers that a topic of that breadth shows beside,
    the newest first, and `note` says why there cannot be any.
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
    note: str = ""

    @property
    def a_week(self) -> float:
        """How many papers there are in a week, on average."""
        return len(self.sent) / (len(self.weeks) or 1)

    @property
    def related_a_week(self) -> float:
        """How many related papers there are in a week, on average."""
        return len(self.related) / (len(self.weeks) or 1)


class SuggestedTerm(NamedTuple):
    """A term as it is written, in how many of the papers in question it is, in how many of all
    others, its log-likelihood ratio, and some of the papers in question that say it.
    """

    phrase: str
    papers: int
    others: int
    ratio: float
    ids: tuple[str, ...]


class TopicDraft(NamedTuple):
    """A topic that one might add, and what speaks for each of its phrases."""

    topic: Topic
    terms: tuple[SuggestedTerm, ...]


class TermSuggestions(NamedTuple):
    """What goes with a topic of so many `papers`: terms that one might `add`, and terms of those of
    its papers that say none of them, or that the reader hid, which one might `exclude`.
    """

    topic: Topic
    papers: int
    add: tuple[SuggestedTerm, ...]
    exclude: tuple[SuggestedTerm, ...]
    hidden: int = 0


class TopicSuggestions(NamedTuple):
    """What so many `starred` papers suggest; nothing where they are too few."""

    starred: int
    drafts: tuple[TopicDraft, ...] = ()


class Suggestion(NamedTuple):
    """One thing to take up: the `kind` ("topic", "any", "none"), its name or phrase, the command
    that does it, the topic as YAML where it is a new one, and what speaks for it.
    """

    kind: str
    name: str
    command: str
    told: "Sequence[SuggestedTerm]"
    yaml: str = ""
