"""Recommendations: the unread papers ranked by what the reader starred and hid."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from papertrack.calendar import Span, utc_day
from papertrack.library.library import Library
from papertrack.library.recommendations import (
    Derived,
    forget_derived,
    load_derived,
    save_derived,
)
from papertrack.models import Entry, Paper, Report, Section
from papertrack.searching.latent import LatentSpace
from papertrack.searching.recommending import (
    VERSION,
    Profile,
    Ranking,
    Recommendation,
    learn_latent_space,
    sampled,
)
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
    papers = _papers(tracker, request, liked, () if request.like else hidden)
    entries = papers.to_rank
    ids = _of_topic(tracker, entries) if request.topic else list(entries)
    best = _best(tracker.library, papers, ids, request.limit)
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
    papers = _papers(tracker, RecommendRequest(), starred, hidden)
    space = _space(tracker.library, papers, load_derived(tracker.library))
    return papers.ranking(space.space).profile()


def forget(tracker: Tracker) -> bool:
    """Delete what is derived from stars and papers; whether there was any."""
    return forget_derived(tracker.library)


class _Papers(NamedTuple):
    """The papers of a ranking: liked and hidden ones, those to rank, and all others."""

    liked: Sequence[Paper]
    hidden: Sequence[Paper]
    to_rank: dict[str, Entry]
    others: Sequence[Paper]
    # Those that the latent space is learned from: they do not depend on what the reader read.
    listed: Sequence[Paper]

    def ranking(self, space: LatentSpace | None) -> Ranking:
        return Ranking(self.liked, self.hidden, self.others, space)


def _marked(tracker: Tracker) -> tuple[list[Paper], list[Paper]]:
    """The starred papers, and the hidden ones."""
    states = tracker.library.states()
    ids = [key for key, state in states.items() if state.starred or state.hidden]
    marked = list(tracker.library.entries(ids).values())
    return (
        [entry.paper for entry in marked if entry.state.starred],
        [entry.paper for entry in marked if entry.state.hidden and not entry.state.starred],
    )


def _papers(
    tracker: Tracker, request: RecommendRequest, liked: Sequence[Paper], hidden: Sequence[Paper]
) -> _Papers:
    """The papers that a request ranks, and those that the ranking is learned from."""
    listed = {entry.paper.id: entry for entry in _listed(tracker, request)}
    to_rank = {
        key: entry
        for key, entry in listed.items()
        if not (entry.state.starred or entry.state.hidden or entry.state.read)
    }
    known = {paper.id for paper in (*liked, *hidden)}
    for paper in request.like:
        to_rank.pop(paper.id, None)
    others = dict(to_rank)
    if len(others) < _MIN_OTHERS:
        recent = islice(tracker.library.all_entries(), 2 * _MIN_OTHERS)
        older = {entry.paper.id: entry for entry in recent}
        others |= older
        listed |= older
    return _Papers(
        liked,
        hidden,
        to_rank,
        [entry.paper for key, entry in others.items() if key not in known],
        [entry.paper for entry in listed.values()],
    )


def _listed(tracker: Tracker, request: RecommendRequest) -> Iterable[Entry]:
    """The papers of the days of a request, read or not."""
    today = utc_day(tracker.now)
    first = date.min if request.everything else today - timedelta(days=RECENT_DAYS)
    first = request.since or first
    if first == date.min:
        entries = tracker.library.all_entries()
    else:
        entries = tracker.library.entries_within(Span(first, max(first, today)))
    for entry in tracker.progress(entries, tracker.library.paper_count):
        if request.everything or is_shown(entry, cross_lists=False):
            yield entry


def _best(
    library: Library, papers: _Papers, ids: Sequence[str], limit: int | None
) -> Sequence[Recommendation]:
    """The best papers of these ids: the cached ones, if nothing has changed since."""
    derived = load_derived(library)
    groups = (papers.liked, papers.hidden, papers.others)
    fingerprint = _fingerprint(limit, sorted(ids), *map(_contents, groups))
    if derived.ranking_fingerprint == fingerprint:
        return derived.best
    derived = _space(library, papers, derived)
    best = papers.ranking(derived.space).best(ids, limit)
    save_derived(library, derived._replace(ranking_fingerprint=fingerprint, best=best))
    return best


def _space(library: Library, papers: _Papers, derived: Derived) -> Derived:
    """What is derived, with the latent space of the papers, learned again if they changed."""
    sample = sampled(papers.listed)
    fingerprint = _fingerprint(_contents(sample))
    if derived.space_fingerprint == fingerprint:
        return derived
    derived = Derived(fingerprint, learn_latent_space(sample))
    save_derived(library, derived)
    return derived


def _contents(papers: Sequence[Paper]) -> list[tuple[object, ...]]:
    """What a ranking uses of papers."""
    return sorted(
        (paper.id, paper.title, paper.abstract or "", paper.authors, paper.keywords)
        for paper in papers
    )


def _fingerprint(*values: object) -> str:
    return sha256(repr((VERSION, values)).encode(errors="surrogatepass")).hexdigest()


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
