"""Phrases that one might watch: what sets some papers apart from all others.

How much a term tells is its log-likelihood ratio (Dunning, Accurate Methods for the Statistics of
Surprise and Coincidence, Computational Linguistics 19, 1993): of the papers in question and of all
others, how many say it, and how unlikely that is if both said it alike.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log
from typing import NamedTuple

from papertrack.library.search_index import SearchIndex
from papertrack.matching.terms import Term, parts_of, terms, within
from papertrack.matching.words import as_singular
from papertrack.models import Paper, Topic
from papertrack.results import SuggestedTerm, TermSuggestions, TopicDraft, TopicSuggestions
from papertrack.searching.query import words_of
from papertrack.tracker import Tracker

ENOUGH = 3  # starred papers, or papers of a topic
_MOST_PAPERS = 400  # the newest are read for their terms
_ASKED = 250  # terms that are counted in the whole library
_CERTAIN = 10.83  # the ratio that chance reaches once in a thousand: chi squared, one degree
_RARER = 20  # times as often as others: what all papers say now and then is no topic
_RARER_AMONG = 5  # the same among the papers of one topic
_FEW, _A_FIFTIETH = 6, 50
_PART = 0.7  # of the papers that say a term say the longer one: then that is meant
_TOGETHER = 0.5  # of two terms' papers say both: one topic
_TOPICS, _PHRASES, _TERMS = 5, 4, 12


def suggest_topics(tracker: Tracker) -> TopicSuggestions:
    """Topics that the starred papers suggest, the surest first; none that a watched topic says
    already. Raises LibraryError.
    """
    library = tracker.library
    ids = [key for key, state in library.states().items() if state.starred]
    starred = [one.paper for one in library.entries(ids).values()]
    if len(starred) < ENOUGH:
        return TopicSuggestions(len(starred))
    said = tracker.search_index()
    known = {_term(phrase) for topic in tracker.topics for phrase in (*topic.any, *topic.all)}
    told = [one for one in _telling(starred, said) if _term(one.phrase) not in known]
    return TopicSuggestions(len(starred), tuple(_grouped(told)))


def suggest_terms(tracker: Tracker, topic: Topic) -> TermSuggestions:
    """What goes with the papers of a topic. Raises LibraryError."""
    plain = tracker.with_phrases_only([topic])
    entries = list(plain.matching())
    papers = [one.paper for one in entries]
    if len(papers) < ENOUGH:
        return TermSuggestions(topic, len(papers), (), ())
    said = tracker.search_index()
    known = {_term(phrase) for phrase in (*topic.any, *topic.all, *topic.none)}
    add = [one for one in _telling(papers, said) if _is_new(one, known)][:_TERMS]
    hidden = [one.paper for one in entries if one.state.hidden]
    aside = hidden if len(hidden) >= ENOUGH else _aside(papers, add)
    exclude = [one for one in _among(aside, papers) if _is_new(one, known)]
    return TermSuggestions(topic, len(papers), tuple(add), tuple(exclude[:_TERMS]), len(hidden))


def log_likelihood(said: int, of: int, others: int, of_others: int) -> float:
    """How unlikely it is that `said` of some papers and `others` of all others say a term if both
    say it alike: twice the logarithm of the ratio; below 0 where the others say it more.
    """
    share = (said + others) / (of + of_others)
    parts = (
        (said, of * share),
        (of - said, of * (1 - share)),
        (others, of_others * share),
        (of_others - others, of_others * (1 - share)),
    )
    ratio = 2 * sum(seen * log(seen / expected) for seen, expected in parts if seen and expected)
    return ratio if said * of_others > others * of else -ratio


def _telling(papers: Sequence[Paper], said: SearchIndex) -> list[SuggestedTerm]:
    """The terms that set some papers apart from the rest of the library, the most telling first; of
    many, the newest are read, and their shares taken for those of all.
    """
    rest = sum(1 for length in said.lengths if length) - len(papers)
    read, found = _read(papers)
    told = []
    for term, ids in _frequent(found, len(read)):
        rows = {(*term[:-1], last) for last in (term[-1], *found[term].ends)}
        here = round(len(ids) * len(papers) / len(read))
        others = min(max(len(said.papers_with(rows)) - here, 0), rest)
        ratio = log_likelihood(here, len(papers), others, rest)
        if here * rest >= _RARER * others * len(papers):
            told.append(
                (term, SuggestedTerm(found[term].usual, here, others, round(ratio, 1), ids))
            )
    return _distinct(told)


def _among(some: Sequence[Paper], papers: Sequence[Paper]) -> list[SuggestedTerm]:
    """The terms that set some of a few papers apart from the others of them."""
    chosen = {one.id for one in some}
    others = [one for one in papers[:_MOST_PAPERS] if one.id not in chosen]
    if len(some) < ENOUGH or not others:
        return []
    (read, found), (_, elsewhere) = _read(some), _read(others)
    told = []
    for term, ids in _frequent(found, len(read)):
        count = len(elsewhere[term].ids) if term in elsewhere else 0
        ratio = log_likelihood(len(ids), len(read), count, len(others))
        if len(ids) * len(others) >= _RARER_AMONG * count * len(read):
            told.append(
                (term, SuggestedTerm(found[term].usual, len(ids), count, round(ratio, 1), ids))
            )
    return _distinct(told)


class _TermUse(NamedTuple):
    """Which papers say a term, and how each writes it."""

    ids: list[str]
    written: Counter[str]

    @property
    def usual(self) -> str:
        """As it is written most often, in small letters where some paper does that."""
        most = sorted(self.written, key=lambda one: (-self.written[one], one))
        return next((one for one in most if one == one.lower()), most[0])

    @property
    def ends(self) -> set[str]:
        """Its last word as papers write it, as the index has it."""
        return {words_of(one)[-1] for one in self.written}


def _read(papers: Sequence[Paper]) -> tuple[Sequence[Paper], dict[Term, _TermUse]]:
    read = papers[:_MOST_PAPERS]
    found: dict[Term, _TermUse] = {}
    for one in read:
        for term, written in terms(one.abstract or "", *one.keywords, one.title).items():
            known = found.setdefault(term, _TermUse([], Counter()))
            known.ids.append(one.id)
            known.written[written] += 1
    return read, found


def _frequent(found: dict[Term, _TermUse], papers: int) -> list[tuple[Term, tuple[str, ...]]]:
    """The terms that several papers say, longer ones first where as many do, without those that are
    mostly a part of a longer one.
    """
    least = max(2 if papers < _FEW else 3, papers / _A_FIFTIETH)
    often = {term: one.ids for term, one in found.items() if len(one.ids) >= least}
    parts = {
        inner
        for outer, ids in often.items()
        for inner in parts_of(outer) & often.keys()
        if len(ids) >= _PART * len(often[inner])
    }
    ranked = sorted(often.keys() - parts, key=lambda one: (-len(often[one]) * len(one), one))
    return [(term, tuple(often[term])) for term in ranked[:_ASKED]]


def _distinct(told: Iterable[tuple[Term, SuggestedTerm]]) -> list[SuggestedTerm]:
    """The certain ones, the most telling first, none that is part of another or has it as one."""
    chosen: list[tuple[Term, SuggestedTerm]] = []
    for term, one in sorted(told, key=lambda pair: (-pair[1].ratio, pair[0])):
        apart = not any(within(term, other) or within(other, term) for other, _ in chosen)
        if one.ratio >= _CERTAIN and apart:
            chosen.append((term, one))
    return [one for _, one in chosen]


def _grouped(told: Sequence[SuggestedTerm]) -> Iterable[TopicDraft]:
    """Topics of terms that the same papers say."""
    left = list(told)
    for _ in range(_TOPICS):
        if not left:
            return
        first = left[0]
        group = [one for one in left if one is first or _overlap(first, one) >= _TOGETHER]
        left = [one for one in left if one not in group]
        phrases = tuple(one.phrase for one in group[:_PHRASES])
        yield TopicDraft(Topic(first.phrase, any=phrases), tuple(group[:_PHRASES]))


def _overlap(one: SuggestedTerm, other: SuggestedTerm) -> float:
    return len(set(one.ids) & set(other.ids)) / len(set(one.ids) | set(other.ids))


def _aside(papers: Sequence[Paper], add: Sequence[SuggestedTerm]) -> list[Paper]:
    """The papers that say none of the terms that are typical of all."""
    typical = {paper_id for one in add for paper_id in one.ids}
    return [one for one in papers[:_MOST_PAPERS] if one.id not in typical]


def _is_new(told: SuggestedTerm, known: Iterable[Term]) -> bool:
    """Whether a term is none that is said already, nor a part of one, nor one with more words."""
    term = _term(told.phrase)
    return not any(term == one or within(term, one) or within(one, term) for one in known)


def _term(phrase: str) -> Term:
    words = [as_singular(word) for word in phrase.replace("-", " ").replace('"', " ").split()]
    return tuple(words)
