"""Recommendations: the unread papers ranked by what the reader starred and hid."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from hashlib import blake2b
from itertools import islice, takewhile
from typing import NamedTuple, TypeVar

from papertrack.calendar import Span, utc_day
from papertrack.library.latent_cache import (
    CachedVectors,
    forget_computed,
    load_representations,
    load_vectors,
    save_representations,
    save_vectors,
)
from papertrack.library.recommended import (
    KEPT,
    StoredRanking,
    forget_rankings,
    load_other_ranking,
    load_ranking,
    marks_fingerprint,
    save_other_ranking,
    save_ranking,
)
from papertrack.models import Entry, Paper, Recommendation, Report, Section
from papertrack.results import Standing
from papertrack.searching.recommending import (
    VERSION,
    Profile,
    Ranking,
    learn_word_vectors,
    represent,
    sampled,
)
from papertrack.searching.representations import Representations
from papertrack.searching.word_vectors import WordVectors
from papertrack.tracker import Tracker
from papertrack.tracker.editions import is_profile, is_shown
from papertrack.tracker.for_you import FEWEST_STARS
from papertrack.tracker.papers import RECENT_DAYS
from papertrack.tracker.wording import count
from papertrack.trending import GAIN_WITHIN, upvote_gain

_T = TypeVar("_T")
HOW_TO_BEGIN = (
    "nothing is starred yet, and recommendations follow from starred papers",
    "to begin: papertrack recommend --begin offers ten papers to judge",
    "or: papertrack star ID, papertrack import refs.bib --as-starred",
)
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

    @property
    def is_recent(self) -> bool:
        """Whether it is about the last 30 days."""
        return not (self.since or self.everything)

    @property
    def has_options(self) -> bool:
        """Whether it is not about all papers of the last 30 days, by the marked ones."""
        return not self.is_recent or bool(self.topic or self.like)


def recommend(tracker: Tracker, request: RecommendRequest) -> Report:
    """The unread papers, best first, with the reasons. Raises UsageError for an unknown topic.

    The ranking is stored, and made again if anything has changed.
    """
    tracker = tracker.for_topic(request.topic)
    marked = _marked(tracker)
    liked = list(request.like) or marked.starred
    if not liked:
        return Report("recommend", tracker.now, "", (), HOW_TO_BEGIN)
    papers = _papers(tracker, request, liked, () if request.like else marked.hidden)
    stored = _rank(tracker, request, papers)
    total, best = stored.papers, stored.best[: request.limit]
    section = Section("", _shown(tracker, best), total)
    by = count(len(liked), "given paper" if request.like else "starred paper")
    headline = f"{count(total, 'unread paper')} ranked by {by}"
    notes = (_thin_evidence(len(liked)),) if len(liked) < FEWEST_STARS and not request.like else ()
    return Report("recommend", tracker.now, headline, (section,), notes)


def reader_profile(tracker: Tracker) -> Profile | None:
    """What the ranking of the last 30 days has learned; None if nothing is starred."""
    marked = _marked(tracker)
    if not marked.starred:
        return None
    papers = _papers(tracker, RecommendRequest(), marked.starred, marked.hidden)
    return papers.ranking(tracker, _represent(tracker, papers, _sample(tracker, papers))).profile()


def rank_recent(tracker: Tracker, *, learn: bool = True) -> StoredRanking | None:
    """The ranking of the unread papers of the last 30 days, made again if anything has changed.

    None with less than ten stars. Unless `learn` is on, it is made with the word vectors that were
    learned last, if there are any, which is quick.
    """
    marked = _marked(tracker)
    if len(marked.starred) < FEWEST_STARS:
        return None
    request = RecommendRequest(limit=KEPT)
    return _rank(tracker, request, _papers(tracker, request, *marked), learn=learn)


def standings(tracker: Tracker, entries: Sequence[Entry]) -> list[Standing | None]:
    """How each paper ranks among the unread papers of the last 30 days, or would if it were one.

    None for starred and hidden papers, by which others are ranked, and all None without stars.
    """
    marked = _marked(tracker)
    if not marked.starred:
        return [None for _ in entries]
    papers = _papers(tracker, RecommendRequest(), marked.starred, marked.hidden)
    marks = {paper.id for paper in (*marked.starred, *marked.hidden)}
    known = {paper.id for paper in papers.others} | marks
    asked = [entry.paper for entry in entries if entry.paper.id not in known]
    papers = papers._replace(others=[*papers.others, *asked])
    ranking = papers.ranking(tracker, _represent(tracker, papers, _sample(tracker, papers)))

    def standing(paper_id: str) -> Standing | None:
        if paper_id in marks:
            return None
        ids = list(dict.fromkeys((*papers.to_rank, paper_id)))
        ranked = (key for key, _ in ranking.order(ids))
        place = 1 + sum(1 for _ in takewhile(paper_id.__ne__, ranked))
        return Standing(place, len(ids), ranking.reasons(paper_id))

    return [standing(entry.paper.id) for entry in entries]


def forget(tracker: Tracker) -> bool:
    """Delete what is derived from stars and papers; whether there was any."""
    return any([forget_computed(tracker.library), forget_rankings(tracker.library)])


def unread_papers(tracker: Tracker) -> list[Entry]:
    """The papers of the last 30 days that are neither read nor marked."""
    listed = _listed(tracker, RecommendRequest(), _first_day(tracker, RecommendRequest()))
    return [entry for entry in listed if _is_unread(entry)]


class _Marked(NamedTuple):
    """The starred papers, and the hidden ones."""

    starred: list[Paper]
    hidden: list[Paper]


class _Papers(NamedTuple):
    """The papers of a ranking: liked, hidden and read ones, those to rank, and all others."""

    liked: Sequence[Paper]
    hidden: Sequence[Paper]
    read: Sequence[Paper]
    to_rank: dict[str, Entry]
    others: Sequence[Paper]
    # Those that word vectors are learned from: they do not depend on what the reader read.
    learned: Sequence[Paper]
    # Whether they are those of the last 30 days, by the marked ones.
    are_recent: bool

    def ranking(self, tracker: Tracker, known: Representations) -> Ranking:
        groups, reading = (self.liked, self.hidden, self.others), _progress(tracker, "Reading")
        training = _progress(tracker, "Training", "steps")
        return Ranking(*groups, known, read=self.read, reading=reading, training=training)


def _marked(tracker: Tracker) -> _Marked:
    states = tracker.library.states()
    ids = [key for key, state in states.items() if state.starred or state.hidden]
    marked = list(tracker.library.entries(ids).values())
    return _Marked(
        [entry.paper for entry in marked if entry.state.starred],
        [entry.paper for entry in marked if entry.state.hidden and not entry.state.starred],
    )


def _papers(
    tracker: Tracker, request: RecommendRequest, liked: Sequence[Paper], hidden: Sequence[Paper]
) -> _Papers:
    """The papers that a request ranks, and those that the ranking is learned from.

    Word vectors are learned from the listed and the marked papers; those of the last 30 days
    without papers first listed this week, so that they are learned once a week.
    """
    first, until = _first_day(tracker, request), date.max
    since = first
    if request.is_recent:
        today = utc_day(tracker.now)
        until = today - timedelta(days=today.weekday())
        since = until - timedelta(days=RECENT_DAYS)
    read = list(_listed(tracker, request, since))
    listed = {entry.paper.id: entry for entry in read if entry.last_listed >= first}
    learned = {entry.paper.id: entry for entry in read if entry.first_listed < until}
    to_rank = {key: entry for key, entry in listed.items() if _is_unread(entry)}
    known = {paper.id for paper in (*liked, *hidden)}
    seen = [entry.paper for key, entry in listed.items() if entry.state.read and key not in known]
    for paper in request.like:
        to_rank.pop(paper.id, None)
    others = dict(to_rank)
    if len(others) < _MIN_OTHERS or len(learned) < _MIN_OTHERS:
        recent = islice(tracker.library.all_entries(), 2 * _MIN_OTHERS)
        older = {entry.paper.id: entry for entry in recent if not is_profile(entry)}
        others |= older
        learned |= listed | older
    this_week = {entry.paper.id for entry in read}.difference(learned)
    marked = {paper.id: paper for paper in (*liked, *hidden) if paper.id not in this_week}
    return _Papers(
        liked,
        hidden,
        seen,
        to_rank,
        [entry.paper for key, entry in others.items() if key not in known],
        list((marked | {key: entry.paper for key, entry in learned.items()}).values()),
        request.is_recent and not request.like,
    )


def _first_day(tracker: Tracker, request: RecommendRequest) -> date:
    """The first day whose papers are ranked."""
    if request.is_recent:
        return utc_day(tracker.now) - timedelta(days=RECENT_DAYS)
    return request.since or date.min


def _listed(tracker: Tracker, request: RecommendRequest, first: date) -> Iterable[Entry]:
    """The papers listed since a day, read or not."""
    if first == date.min:
        entries = tracker.library.all_entries()
    else:
        span = Span(first, max(first, utc_day(tracker.now)))
        entries = tracker.library.entries_within(span)
    for entry in tracker.progress(entries, tracker.library.paper_count):
        if request.everything or is_shown(entry, cross_lists=False):
            yield entry


def _is_unread(entry: Entry) -> bool:
    return not (entry.state.starred or entry.state.hidden or entry.state.read)


def _rank(
    tracker: Tracker, request: RecommendRequest, papers: _Papers, *, learn: bool = True
) -> StoredRanking:
    """The stored ranking for a request or, if something has changed, a new one, which is stored.

    It has as many papers as the request wants, or more.
    """
    library, limit = tracker.library, request.limit
    ids = _of_topic(tracker, papers.to_rank) if request.topic else list(papers.to_rank)
    sample = _sample(tracker, papers, learn=learn)
    groups = papers.liked, papers.hidden, papers.others, papers.read
    fingerprint = _fingerprint([sample.fingerprint, *sorted(ids)], *groups)
    number = len(ids) if limit is None else min(limit, len(ids))
    for load in (load_ranking, load_other_ranking):
        stored = load(library, fingerprint)
        if stored and len(stored.best) >= number:
            return stored
    known = _represent(tracker, papers, sample)
    ranking = papers.ranking(tracker, known)
    most = None if limit is None else max(limit, KEPT)
    best = ranking.best(_progress(tracker, "Ranking")(ids), most)
    first = _first_day(tracker, request)
    days = {
        str(day): len(library.listed_ids(day)) for day in library.listing_days() if day >= first
    }
    marks = marks_fingerprint(library.states())
    result = StoredRanking(fingerprint, marks, len(ids), days, best)
    if not request.has_options:
        save_ranking(library, result._replace(best=best[:KEPT]))
        if known.is_worth_keeping:
            save_representations(library, sample.fingerprint, known.to_bytes())
    if request.has_options or len(best) > KEPT:
        save_other_ranking(library, result._replace(days={}))
    return result


class _Sample(NamedTuple):
    """The papers that word vectors are learned from, and the vectors if these are cached."""

    papers: Sequence[Paper]
    fingerprint: str
    vectors: WordVectors | None


def _sample(tracker: Tracker, papers: _Papers, *, learn: bool = True) -> _Sample:
    """The sample of papers or, unless `learn` is on, the one that was learned from last."""
    sample, cached = sampled(papers.learned), load_vectors(tracker.library)
    if cached and not learn:
        return _Sample(sample, *cached)
    fingerprint = _fingerprint([], sample)
    is_learned = cached and cached.fingerprint == fingerprint
    return _Sample(sample, fingerprint, cached.vectors if cached and is_learned else None)


def _represent(tracker: Tracker, papers: _Papers, sample: _Sample) -> Representations:
    """What is known of papers: those that were ranked last are not computed again."""
    vectors = _vectors(tracker, papers, sample)
    with suppress(ValueError):
        kept = load_representations(tracker.library, sample.fingerprint)
        return represent(vectors, content=kept)
    return represent(vectors)


def _vectors(tracker: Tracker, papers: _Papers, sample: _Sample) -> WordVectors:
    """The word vectors of a sample, learned if they are not cached."""
    if sample.vectors:
        return sample.vectors

    reading, steps = _progress(tracker, "Reading"), _progress(tracker, "Learning", "steps")
    vectors = learn_word_vectors(sample.papers, reading, steps)
    if papers.are_recent:  # Others would take the place of these, which are needed more often.
        save_vectors(tracker.library, CachedVectors(sample.fingerprint, vectors))
    return vectors


def _progress(
    tracker: Tracker, verb: str, unit: str = "papers"
) -> Callable[[Sequence[_T]], Iterable[_T]]:
    """A function that yields what it is given, with a progress bar."""
    return lambda items: tracker.progress(items, lambda: len(items), verb, unit)


def _fingerprint(texts: Sequence[str], *groups: Sequence[Paper]) -> str:
    """A fingerprint of texts, and of what a ranking uses of groups of papers."""
    digest = blake2b(repr((VERSION, texts, *map(len, groups))).encode(errors="surrogatepass"))
    for papers in groups:
        for paper in sorted(papers, key=lambda paper: paper.id):
            fields = (paper.id, paper.title, paper.abstract or "", *paper.authors, *paper.keywords)
            digest.update(
                "\0".join((*fields, str(len(paper.authors)), "")).encode(errors="surrogatepass")
            )
    return digest.hexdigest()


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
