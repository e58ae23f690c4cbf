"""Run a topic on the stored papers before it is added, to see what it would have sent."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple

from papertrack.calendar import utc_day
from papertrack.matching.matcher import Matcher
from papertrack.models import Entry, Match, Topic
from papertrack.results import Trial, TrialPaper, TrialWeek, Verdict
from papertrack.tracker import Tracker

_THRESHOLDS = (100, 95, 90, 85, 80)
_NEAR_MISS = 10  # points of score below the threshold
_ANY_THRESHOLD = 100
_NAMES = ("authors", "organization")  # fields that match by themselves
_NO_THRESHOLD = -1


class _Score(NamedTuple):
    """The score of a paper under a rule.

    The rule sends the paper at thresholds up to `reach`, except those at which `excluded_by` also
    matches.
    """

    reach: int
    best: Match | None
    excluded_by: Match | None

    def is_sent(self, threshold: int) -> bool:
        return threshold <= self.reach and not self._is_excluded(threshold)

    def why_not(self, threshold: int) -> str:
        if self.reach == _NO_THRESHOLD:
            return "does not match the rule"
        if self.excluded_by and self._is_excluded(threshold):
            return f"excluded: {self.excluded_by.phrase!r} matches {self.excluded_by.matched!r}"
        return f"scores {self.reach}, below {threshold}" if threshold > self.reach else ""

    def _is_excluded(self, threshold: int) -> bool:
        return self.excluded_by is not None and self.excluded_by.score >= threshold


def _reach(topic: Topic, verdict: Verdict) -> int:
    """The highest threshold at which a paper matches a rule; -1 if it never does."""
    if not verdict.matched:
        return _NO_THRESHOLD
    if not (topic.any or topic.all or topic.authors or topic.organizations):
        return _ANY_THRESHOLD
    by_name = [match.score for match in verdict.matches if match.field in _NAMES]
    scores: dict[str, int] = {}
    for match in verdict.matches:
        if match.field not in (*_NAMES, "categories"):
            scores[match.phrase] = max(scores.get(match.phrase, _NO_THRESHOLD), match.score)
    required = [scores.get(phrase, _NO_THRESHOLD) for phrase in topic.all]
    if topic.any:
        required.append(max(scores.get(phrase, _NO_THRESHOLD) for phrase in topic.any))
    return max(min(required, default=_NO_THRESHOLD), *by_name, _NO_THRESHOLD)


def run_trial(
    tracker: Tracker, topic: Topic, present: Topic | None = None, weeks: int | None = None
) -> Trial:
    """Run a topic on all stored papers, or those of the last weeks, and compare with `present`.

    A paper counts once, on its first listing day, when it would have been sent. Read and hidden
    papers count as well. Nothing in the library changes.
    """
    since = _monday(utc_day(tracker.now)) - timedelta(weeks=weeks - 1) if weeks else None
    rules = (topic,) if present in (None, topic) else (topic, present)
    candidates = tracker._replace(topics=rules, only=None)
    tally = _Tally(rules)
    for paper in candidates.map_candidates(_Scorer(rules).score_all, since):
        if since is None or paper.day >= since:
            tally.add(paper)
    trial = tally.trial(present, _mondays(tracker, since))
    return _with_related(trial, tracker, since)


def _with_related(trial: Trial, tracker: Tracker, since: date | None) -> Trial:
    """A trial with the related papers listed since a day, compared with those of `present`."""
    papers, note = _related_papers(tracker, trial.topic, since)
    present = trial.present
    if present and present != trial.topic and "related" in (present.breadth, trial.topic.breadth):
        before, _ = _related_papers(tracker, present, since)
        sent_before = {paper.id for paper in (*before, *trial.lost)}
        sent = {paper.id for paper in (*papers, *trial.sent)}
        trial = trial._replace(
            related_new=tuple(paper for paper in papers if paper.id not in sent_before),
            related_lost=tuple(paper for paper in before if paper.id not in sent),
        )
    weeks = {week.monday: week for week in trial.weeks}
    weeks |= {
        monday: weeks.get(monday, TrialWeek(monday, 0))._replace(related=number)
        for monday, number in Counter(_monday(paper.day) for paper in papers).items()
    }
    return trial._replace(weeks=tuple(sorted(weeks.values())), related=tuple(papers), note=note)


def _related_papers(
    tracker: Tracker, topic: Topic, since: date | None
) -> tuple[list[TrialPaper], str]:
    """The papers related to a topic, newest first, and the reason if there can be none."""
    if topic.breadth == "phrases":
        return [], ""
    from papertrack.searching.relevance import MIN_TOPIC_PAPERS
    from papertrack.tracker.relevance import related_papers, trial_model

    relevance = trial_model(tracker, topic)
    (model,) = relevance.models
    note = ""
    if model.least is None:
        too_few = (
            f"too few papers match to find related ones: at least {MIN_TOPIC_PAPERS} are needed"
        )
        note = "no words distinguish the matches from other papers" if model.weights else too_few
    papers = (
        TrialPaper(
            entry.paper.id, entry.paper.title, entry.first_listed, None, related=entry.related[0]
        )
        for entry in related_papers(tracker, relevance)
    )
    recent = (paper for paper in papers if since is None or paper.day >= since)
    return sorted(recent, key=_newest_first), note


class _ScoredPaper(NamedTuple):
    """A paper, its first listing day, and its score under each rule."""

    id: str
    title: str
    day: date
    scores: tuple[_Score, ...]


class _Scorer:
    """Scores papers under a rule and, if there is one, the rule to compare it with."""

    def __init__(self, rules: Sequence[Topic]) -> None:
        # At threshold 0 every mention has a score, from which all thresholds can be evaluated.
        # The excluding phrases become separate topics, because their scores are needed, too.
        self._including = [rule._replace(none=(), threshold=0) for rule in rules]
        excluding = [Topic(rule.name, any=rule.none, threshold=0) for rule in rules]
        self._excludes = any(rule.none for rule in rules)
        self._matcher = Matcher([*self._including, *(excluding if self._excludes else ())])

    def score_all(self, entries: Iterable[Entry]) -> Iterator[_ScoredPaper]:
        batch = list(entries)
        papers = (entry.paper for entry in batch)
        explained = self._matcher.explain_all(papers, only_best=True)
        for entry, verdicts in zip(batch, explained, strict=True):
            scores = tuple(self._scores(verdicts))
            yield _ScoredPaper(entry.paper.id, entry.paper.title, entry.first_listed, scores)

    def _scores(self, verdicts: Sequence[Verdict]) -> Iterator[_Score]:
        number = len(self._including)
        excluded = verdicts[number:] if self._excludes else (None,) * number
        for topic, verdict, excluding in zip(
            self._including, verdicts[:number], excluded, strict=True
        ):
            matches = excluding.matches if excluding else ()
            highest = max(matches, key=attrgetter("score"), default=None)
            yield _Score(_reach(topic, verdict), _best(verdict), highest)


class _Tally:
    """Collects the result of a trial paper by paper, without holding the texts."""

    def __init__(self, rules: Sequence[Topic]) -> None:
        self._topic, self._present = rules[0], rules[1] if rules[1:] else None
        self._sent: list[TrialPaper] = []
        self._new: list[TrialPaper] = []
        self._lost: list[TrialPaper] = []
        self._near: list[tuple[int, TrialPaper]] = []
        thresholds = sorted({*_THRESHOLDS, self._topic.threshold}, reverse=True)
        self._at_thresholds = dict.fromkeys(thresholds, 0)

    def add(self, paper: _ScoredPaper) -> None:
        score, *others = paper.scores
        before = others[0] if others else None
        why_not = score.why_not(self._topic.threshold)
        result = TrialPaper(paper.id, paper.title, paper.day, score.best, why_not)
        for threshold in self._at_thresholds:
            self._at_thresholds[threshold] += score.is_sent(threshold)
        was_sent = bool(self._present and before and before.is_sent(self._present.threshold))
        if score.is_sent(self._topic.threshold):
            self._sent.append(result)
            if self._present and not was_sent:
                self._new.append(result)
            return
        if before and was_sent:
            self._lost.append(result._replace(match=before.best))
        if score.is_sent(score.reach) and score.reach >= self._topic.threshold - _NEAR_MISS:
            self._near.append((score.reach, result))

    def trial(self, present: Topic | None, mondays: set[date]) -> Trial:
        """The result, with the weeks of these Mondays and of the papers sent."""
        per_week = dict.fromkeys(mondays, 0)
        for paper in self._sent:
            monday = _monday(paper.day)
            per_week[monday] = per_week.get(monday, 0) + 1
        near = sorted(self._near, key=lambda pair: (-pair[0], *_newest_first(pair[1])))
        return Trial(
            self._topic,
            present,
            tuple(sorted(self._sent, key=_newest_first)),
            tuple(TrialWeek(*week) for week in sorted(per_week.items())),
            tuple(sorted(self._new, key=_newest_first)),
            tuple(sorted(self._lost, key=_newest_first)),
            tuple(paper for _, paper in near),
            tuple(self._at_thresholds.items()),
        )


def _best(verdict: Verdict) -> Match | None:
    return verdict.matches[0] if verdict.matches else None


def _mondays(tracker: Tracker, since: date | None) -> set[date]:
    """The weeks with stored listings; weeks without any would lower the average."""
    return {_monday(day) for day in tracker.library.listing_days() if not since or day >= since}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _newest_first(paper: TrialPaper) -> tuple[int, str]:
    return -paper.day.toordinal(), paper.id
