"""A topic held against the stored past, before it is watched: what it would have sent."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from papertrack.calendar import utc_day
from papertrack.matching.matcher import Matcher
from papertrack.models import Entry, Match, Topic
from papertrack.results import Trial, TrialPaper, TrialWeek, Verdict
from papertrack.tracker import Tracker

_OTHERS = (100, 95, 90, 85, 80)
_NEAR = 10  # points of score below the threshold
_ALWAYS = 100
_NEVER = -1


class _Held(NamedTuple):
    """What a paper says to a rule: it is sent at thresholds up to `reach`, unless what it is
    excluded by counts at them, too.
    """

    reach: int
    best: Match | None
    excluded_by: Match | None

    def is_sent(self, threshold: int) -> bool:
        return threshold <= self.reach and not self._is_excluded(threshold)

    def why_not(self, threshold: int) -> str:
        if self.reach == _NEVER:
            return "lacks what the rule asks for"
        if self.excluded_by and self._is_excluded(threshold):
            return f"excluded: {self.excluded_by.phrase!r} met {self.excluded_by.matched!r}"
        return f"scores {self.reach}, below {threshold}" if threshold > self.reach else ""

    def _is_excluded(self, threshold: int) -> bool:
        return self.excluded_by is not None and self.excluded_by.score >= threshold


def _reach(topic: Topic, verdict: Verdict) -> int:
    """The highest threshold at which a paper still meets a rule, -1 where it meets it at none."""
    if not verdict.matched:
        return _NEVER
    if not (topic.any or topic.all or topic.authors):
        return _ALWAYS
    people = [one.score for one in verdict.matches if one.field == "authors"]
    said: dict[str, int] = {}
    for one in verdict.matches:
        if one.field not in ("authors", "categories"):
            said[one.phrase] = max(said.get(one.phrase, _NEVER), one.score)
    needed = [said.get(phrase, _NEVER) for phrase in topic.all]
    if topic.any:
        needed.append(max(said.get(phrase, _NEVER) for phrase in topic.any))
    return max(min(needed, default=_NEVER), *people, _NEVER)


def run_trial(
    tracker: Tracker, topic: Topic, present: Topic | None = None, weeks: int | None = None
) -> Trial:
    """Hold a topic against everything stored, or what came in the last weeks, and compare it with
    the rule that is `present`. Nothing is changed.

    A paper counts once, on the first day it came: it would have been sent then. What was read or
    hidden counts as any other.
    """
    since = _monday(utc_day(tracker.now)) - timedelta(weeks=weeks - 1) if weeks else None
    rules = (topic,) if present in (None, topic) else (topic, present)
    asked = tracker._replace(topics=rules, only=None)
    papers = _Papers(rules)
    for paper in asked.map_matching(_Rules(rules).hold, since):
        if since is None or paper.day >= since:
            papers.take_in(paper)
    trial = papers.trial(present, _mondays(tracker, since))
    return _with_related(trial, tracker, since) if topic.breadth == "related" else trial


def _with_related(trial: Trial, tracker: Tracker, since: date | None) -> Trial:
    """A trial with the papers that came on a day or later and are related to its topic."""
    from papertrack.searching.relevance import ENOUGH
    from papertrack.tracker.relevance import related_papers, trial_model

    relevance = trial_model(tracker, trial.topic)
    (model,) = relevance.models
    note = ""
    if model.least is None:
        few = f"too few papers match to tell what is related: it takes {ENOUGH} at least"
        note = "no words tell the papers that match from others" if model.weights else few
    found = [
        TrialPaper(one.paper.id, one.paper.title, one.first_listed, None, related=one.related[0])
        for one in related_papers(tracker, relevance)
    ]
    kept = sorted((one for one in found if since is None or one.day >= since), key=_newest)
    counted = Counter(_monday(one.day) for one in kept)
    weeks = {one.monday: one for one in trial.weeks}
    weeks |= {
        monday: weeks.get(monday, TrialWeek(monday, 0))._replace(related=number)
        for monday, number in counted.items()
    }
    return trial._replace(weeks=tuple(sorted(weeks.values())), related=tuple(kept), note=note)


class _TriedPaper(NamedTuple):
    """A paper, the day on which it came, and what it says to each rule."""

    id: str
    title: str
    day: date
    held: tuple[_Held, ...]


class _Rules:
    """A rule, and the one that it is compared with, if there is one."""

    def __init__(self, rules: Sequence[Topic]) -> None:
        # Any mention counts for now. What excludes a paper is asked for apart, for its score.
        self._asking = [one._replace(none=(), threshold=0) for one in rules]
        excluding = [Topic(one.name, any=one.none, threshold=0) for one in rules]
        self._matcher = Matcher([*self._asking, *excluding])

    def hold(self, entries: Iterable[Entry]) -> Iterator[_TriedPaper]:
        """Hold papers against the rules."""
        some = list(entries)
        explained = self._matcher.explain_all(entry.paper for entry in some)
        for entry, verdicts in zip(some, explained, strict=True):
            held = tuple(self._held(verdicts))
            yield _TriedPaper(entry.paper.id, entry.paper.title, entry.first_listed, held)

    def _held(self, verdicts: Sequence[Verdict]) -> Iterator[_Held]:
        asked, excluded = verdicts[: len(self._asking)], verdicts[len(self._asking) :]
        for topic, one, against in zip(self._asking, asked, excluded, strict=True):
            yield _Held(_reach(topic, one), _best(one), _best(against))


class _Papers:
    """What is kept of a pass over the papers: of each a little, as there may be many."""

    def __init__(self, rules: Sequence[Topic]) -> None:
        """Begin for a rule, and the one that it is compared with, if there is one."""
        self._topic, self._old = rules[0], rules[1] if rules[1:] else None
        self._sent: list[TrialPaper] = []
        self._new: list[TrialPaper] = []
        self._lost: list[TrialPaper] = []
        self._near: list[tuple[int, TrialPaper]] = []
        thresholds = sorted({*_OTHERS, self._topic.threshold}, reverse=True)
        self._at = dict.fromkeys(thresholds, 0)

    def take_in(self, paper: _TriedPaper) -> None:
        """Count a paper."""
        held, *others = paper.held
        before = others[0] if others else None
        why_not = held.why_not(self._topic.threshold)
        found = TrialPaper(paper.id, paper.title, paper.day, held.best, why_not)
        for threshold in self._at:
            self._at[threshold] += held.is_sent(threshold)
        was_sent = bool(self._old and before and before.is_sent(self._old.threshold))
        if held.is_sent(self._topic.threshold):
            self._sent.append(found)
            if self._old and not was_sent:
                self._new.append(found)
            return
        if before and was_sent:
            self._lost.append(found._replace(match=before.best))
        if held.is_sent(held.reach) and held.reach >= self._topic.threshold - _NEAR:
            self._near.append((held.reach, found))

    def trial(self, present: Topic | None, mondays: set[date]) -> Trial:
        """What came of it, for weeks that begin on these days and those of the papers."""
        counted = dict.fromkeys(mondays, 0)
        for found in self._sent:
            monday = _monday(found.day)
            counted[monday] = counted.get(monday, 0) + 1
        near = sorted(self._near, key=lambda one: (-one[0], *_newest(one[1])))
        return Trial(
            self._topic,
            present,
            tuple(sorted(self._sent, key=_newest)),
            tuple(TrialWeek(*one) for one in sorted(counted.items())),
            tuple(sorted(self._new, key=_newest)),
            tuple(sorted(self._lost, key=_newest)),
            tuple(found for _, found in near),
            tuple(self._at.items()),
        )


def _best(verdict: Verdict) -> Match | None:
    return verdict.matches[0] if verdict.matches else None


def _mondays(tracker: Tracker, since: date | None) -> set[date]:
    """The weeks that the library has listings of: others say nothing about a rule."""
    return {_monday(day) for day in tracker.library.listing_days() if not since or day >= since}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _newest(found: TrialPaper) -> tuple[int, str]:
    return -found.day.toordinal(), found.id
