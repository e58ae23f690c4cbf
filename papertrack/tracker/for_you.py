"""*For you*: papers of an edition that `recommend` ranks among the best of the last 30 days.

The ranking is the one that was stored last: `recommend` stores one, and from then on `fetch` and
`alert` if they find new papers, and if the papers are few, `today`, `catchup` and `browse`.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from papertrack.library.recommended import StoredRanking, load_ranking, marks_fingerprint
from papertrack.models import Entry, Recommendation, Section, State
from papertrack.tracker import Tracker
from papertrack.tracker.wording import count

TITLE = "For you"
FEWEST_STARS = 10  # With five, rankings of simulated readers are a fifth worse than with 15.
_OUT_OF_DATE = "For you is out of date: papertrack recommend"


class ForYou(NamedTuple):
    """The best unread papers, best first, and a note to the reader, or ""."""

    best: tuple[Recommendation, ...] = ()
    note: str = ""

    def section(self, entries: Iterable[Entry], limit: int | None) -> Section:
        """The best of these entries, with the reasons; `limit` of them, all if it is None."""
        by_id = {entry.paper.id: entry for entry in entries}
        chosen = [
            by_id[paper.id]._replace(reasons=paper.reasons)
            for paper in self.best
            if paper.id in by_id
        ][:limit]
        return Section(TITLE, tuple(chosen), len(chosen), kind="new")


def for_you(tracker: Tracker, days: Collection[date]) -> ForYou:
    """The stored ranking without papers that were read or marked since, or that nothing speaks for.

    Empty with less than ten stars, if the configuration turns it off, and for a single topic. The
    note says what to do if there is no ranking, or if it lacks papers listed on these days, or
    stars.
    """
    if not tracker.recommends or tracker.only:
        return ForYou()
    states = tracker.library.states()
    starred = sum(state.starred for state in states.values())
    if starred < FEWEST_STARS:
        return ForYou()
    ranking = load_ranking(tracker.library)
    if ranking is None:
        stars = count(starred, "starred paper")
        return ForYou(note=f"{stars} can rank others as a section For you: papertrack recommend")
    has_marks = ranking.marks == marks_fingerprint(states)
    is_current = has_marks and _knows(tracker, ranking, days)
    best = (paper for paper in ranking.best if _is_unread(states.get(paper.id, State())))
    return ForYou(tuple(filter(is_likely, best)), "" if is_current else _OUT_OF_DATE)


def _knows(tracker: Tracker, ranking: StoredRanking, days: Collection[date]) -> bool:
    """Whether no papers were added to these days since they were ranked."""
    first = min(ranking.days, default="")
    return all(
        len(tracker.library.listed_ids(day)) <= ranking.days.get(str(day), 0)
        for day in days
        if str(day) >= first
    )


def is_likely(paper: Recommendation) -> bool:
    """Whether anything speaks for a paper; the best of few papers may be of no interest."""
    return paper.score > 0 and bool(paper.reasons.words or paper.reasons.papers)


def _is_unread(state: State) -> bool:
    return not (state.starred or state.hidden or state.read)
