"""Recommendations: the unread papers ranked by what the reader starred and hid."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from papertrack.calendar import Span, utc_day
from papertrack.models import Entry, Paper, Report, Section
from papertrack.searching.recommending import Profile, Ranking, Recommendation
from papertrack.tracker import Tracker
from papertrack.tracker.editions import is_shown
from papertrack.tracker.papers import RECENT_DAYS
from papertrack.tracker.wording import count
from papertrack.trending import GAIN_WITHIN, upvote_gain

HOW_TO_BEGIN = (
    "nothing is starred yet, and recommendations follow from starred papers",
    "to begin: papertrack star ID, or papertrack recommend --like ID",
)
_FEW_STARS = 10  # With five, rankings of simulated readers are a fifth worse than with 15.
# Papers that stand for what the reader does not want, if fewer are to be ranked.
_MIN_OTHERS = 1000


class RecommendRequest(NamedTuple):
    """Which unread papers to rank, and by which papers.

    Those listed since a day, by default in the last 30 days; `everything` includes older papers
    and cross-lists. With `like`, papers are ranked by these, whatever is starred or hidden.
    """

    topic: str | None = None
    since: date | None = None
    everything: bool = False
    limit: int | None = None
    like: Sequence[Paper] = ()


def recommend(tracker: Tracker, request: RecommendRequest) -> Report:
    """The unread papers, best first, with the reasons. Raises UsageError for an unknown topic."""
    tracker = tracker.for_topic(request.topic)
    starred, hidden = _marked(tracker)
    liked = list(request.like) or starred
    if not liked:
        return Report("recommend", tracker.now, "", (), HOW_TO_BEGIN)
    entries = {entry.paper.id: entry for entry in _selected(tracker, request)}
    for paper in request.like:
        entries.pop(paper.id, None)
    ranking = _ranking(tracker, liked, () if request.like else hidden, entries.values())
    ids = _of_topic(tracker, entries) if request.topic else list(entries)
    best = ranking.best(ids, request.limit)
    section = Section("", _shown(tracker, best), len(ids))
    by = count(len(liked), "given paper" if request.like else "starred paper")
    headline = f"{count(len(ids), 'unread paper')} ranked by {by}"
    notes = (_thin_evidence(len(liked)),) if len(liked) < _FEW_STARS and not request.like else ()
    return Report("recommend", tracker.now, headline, (section,), notes)


def reader_profile(tracker: Tracker) -> Profile | None:
    """What the ranking of the last 30 days has learned; None if nothing is starred."""
    starred, hidden = _marked(tracker)
    if not starred:
        return None
    return _ranking(tracker, starred, hidden, _selected(tracker, RecommendRequest())).profile()


def _marked(tracker: Tracker) -> tuple[list[Paper], list[Paper]]:
    """The starred papers, and the hidden ones."""
    states = tracker.library.states()
    ids = [key for key, state in states.items() if state.starred or state.hidden]
    marked = list(tracker.library.entries(ids).values())
    return (
        [entry.paper for entry in marked if entry.state.starred],
        [entry.paper for entry in marked if entry.state.hidden and not entry.state.starred],
    )


def _selected(tracker: Tracker, request: RecommendRequest) -> Iterable[Entry]:
    """The papers to rank: unread, neither starred nor hidden."""
    today = utc_day(tracker.now)
    first = date.min if request.everything else today - timedelta(days=RECENT_DAYS)
    first = request.since or first
    if first == date.min:
        entries = tracker.library.all_entries()
    else:
        entries = tracker.library.entries_within(Span(first, max(first, today)))
    for entry in tracker.progress(entries, tracker.library.paper_count):
        state = entry.state
        if not (state.starred or state.hidden or state.read) and (
            request.everything or is_shown(entry, cross_lists=False)
        ):
            yield entry


def _ranking(
    tracker: Tracker, liked: Sequence[Paper], hidden: Sequence[Paper], entries: Iterable[Entry]
) -> Ranking:
    """A ranking of these papers, trained on others, too, if they are few."""
    others = {entry.paper.id: entry.paper for entry in entries}
    if len(others) < _MIN_OTHERS:
        recent = islice(tracker.library.all_entries(), 2 * _MIN_OTHERS)
        others |= {entry.paper.id: entry.paper for entry in recent}
    for paper in (*liked, *hidden):
        others.pop(paper.id, None)
    return Ranking(liked, hidden, list(others.values()))


def _of_topic(tracker: Tracker, entries: dict[str, Entry]) -> list[str]:
    matched = tracker.match(entries.values())
    return [entry.paper.id for entry in matched if entry.matches or entry.related]


def _shown(tracker: Tracker, best: Sequence[Recommendation]) -> list[Entry]:
    entries = tracker.library.entries(item.id for item in best)
    matched = {entry.paper.id: entry for entry in tracker.match(entries.values())}
    return [
        matched[item.id]._replace(
            score=round(item.score, 4),
            reasons=item.reasons,
            gained=upvote_gain(matched[item.id].observations, GAIN_WITHIN),
        )
        for item in best
    ]


def _thin_evidence(starred: int) -> str:
    verb = "is" if starred == 1 else "are"
    return f"{count(starred, 'starred paper')} {verb} thin evidence: the more stars, the better"
