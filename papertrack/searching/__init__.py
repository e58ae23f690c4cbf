"""Ranked search over papers: BM25 with fields, neighbours, and feedback for long queries.

    score = sum over units of weight * idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean))

the Okapi formula (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009) with
k1 = 1.5 and b = 0.75, where tf counts a mention in the title or the keywords three times and
lengths are in words. A unit is a word of the query, weight 1, in any simple inflection, repaired
where nothing has it; or two neighbours in it, weight 0.2, where a paper has them side by side: the
ordered pairs of the sequential dependence model (Metzler and Croft, A Markov Random Field Model
for Term Dependencies, SIGIR 2005).

A query of four units or more describes what it does not name. It is asked again with the words of
the papers that it found first, RM3 (Lavrenko and Croft, Relevance-Based Language Models, SIGIR
2001; Abdul-Jaleel et al., UMass at TREC 2004): 20 words of 10 papers, with

    P(word | query) = sum over papers of score / all scores * mentions / words of the paper

sharing 0.4 of all weight and the query 0.6. Words that a tenth of all papers say, or more than
1,000 of them, tell too little for the time that they take.

What more than 1,000 papers and an eighth of all say ranks papers and does not find them, as long as
something rarer was asked for, too.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from heapq import nlargest
from itertools import compress, islice
from math import log
from typing import NamedTuple

from papertrack.searching.lexicon import Lexicon, Postings, QueryTerm, Row, stemmed
from papertrack.searching.query import Query, words_of
from papertrack.searching.query_terms import COMMON, query_terms

_K1, _B, _TITLE_WEIGHT = 1.5, 0.75, 3
_NEIGHBOURS = 0.2
_DESCRIBES = 4
_FEEDBACK_PAPERS, _FEEDBACK_WORDS, _ASKED_SHARE = 10, 20, 0.6
_TELLING_SHARE, _COMMON_SHARE, _MANY = 0.1, 0.125, 1000

Texts = Callable[[Sequence[int]], Iterable[str]]
Scores = list[float]  # of papers, at their numbers; 0 where nothing was found


class Hit(NamedTuple):
    """A paper that a query found, by its number, and its score."""

    number: int
    score: float


class SearchResult(NamedTuple):
    """The best of what a query found, how many papers it found, and the words that they were found
    by, folded.
    """

    hits: list[Hit]
    total: int
    words: frozenset[str]


def search(
    query: Query,
    said: Postings,
    texts: Texts,
    within: AbstractSet[int] | None = None,
    limit: int | None = None,
) -> SearchResult:
    """The papers that say a word of the query, best first, ties by number; the newest first where
    it has no word. Only papers `within`, where it is given. `texts` are those of papers.
    """
    kept = _kept(query, said, within)
    if not query.words:
        return _newest(said, kept, limit)
    units, pairs = query_terms(query.words, Lexicon(said))
    weights = dict.fromkeys(units, 1.0) | dict.fromkeys(pairs, _NEIGHBOURS)
    scores = _scores(weights, said)
    if len(units) >= _DESCRIBES and not query.phrases:
        told = _scores(_feedback(units, scores, said, texts), said)
        scores = [asked_for + more for asked_for, more in zip(scores, told, strict=True)]
    numbers = [one for one in _found(scores) if kept is None or one in kept]
    best = _best(len(numbers) if limit is None else limit, numbers, scores)
    words = {
        word for unit in units for word in (*unit.words, *(w for row in unit.rows for w in row))
    }
    return SearchResult(
        [Hit(one, round(scores[one], 4)) for one in best], len(numbers), frozenset(words)
    )


def _papers(unit: QueryTerm, said: Postings) -> int:
    return sum(map(said.document_frequency, unit.words))


def _kept(query: Query, said: Postings, within: AbstractSet[int] | None) -> AbstractSet[int] | None:
    """The papers that say each phrase and nothing that is excluded, None for all."""
    kept = within
    for phrase in query.phrases:
        found = said.papers_with([phrase]).keys()
        kept = found if kept is None else kept & found
    if query.excluded:
        every = _every(said) if kept is None else kept
        kept = every - said.papers_with(_unwanted(query, said)).keys()
    return kept


def _unwanted(query: Query, said: Postings) -> list[Row]:
    lexicon = Lexicon(said)
    return [(*row[:-1], last) for row in query.excluded for last in lexicon.numbers(row[-1])]


def _every(said: Postings) -> set[int]:
    return {number for number, length in enumerate(said.lengths) if length}


def _newest(said: Postings, kept: AbstractSet[int] | None, limit: int | None) -> SearchResult:
    """Where nothing is asked, nothing is found."""
    order = sorted(kept or (), key=lambda one: (-said.days[one], one))
    return SearchResult([Hit(one, 0.0) for one in order[:limit]], len(order), frozenset())


def _scores(weights: dict[QueryTerm, float], said: Postings) -> Scores:
    lengths, count = said.lengths, said.paper_count
    mean = sum(lengths) / max(count, 1) or 1.0
    base, slope = _K1 * (1 - _B), _K1 * _B / mean
    scores = [0.0] * len(lengths)
    is_found = False
    for unit in sorted(weights, key=lambda one: _papers(one, said)):
        mentions = _mentions(unit, said)
        rarity = log(1 + (count - len(mentions) + 0.5) / (len(mentions) + 0.5))
        most = weights[unit] * rarity * (_K1 + 1)
        is_common = is_found and len(mentions) > max(_MANY, _COMMON_SHARE * count)
        for one, tf in mentions.items():
            if not is_common or scores[one]:
                scores[one] += most * tf / (tf + base + slope * lengths[one])
        is_found = is_found or bool(mentions)
    return scores


def _found(scores: Scores) -> list[int]:
    return list(compress(range(len(scores)), scores))


def _best(limit: int, numbers: Iterable[int], scores: Scores) -> list[int]:
    """The best of some papers, of equal ones those of the lowest numbers."""
    return nlargest(limit, numbers, key=scores.__getitem__)


def _mentions(unit: QueryTerm, said: Postings) -> dict[int, int]:
    """Its mentions by paper, those in titles weighing more."""
    found = said.term_frequencies(unit.words, _TITLE_WEIGHT)
    for one, tf in said.papers_with(unit.rows, _TITLE_WEIGHT).items():
        found[one] = found.get(one, 0) + tf
    return found


def _feedback(
    units: Sequence[QueryTerm], scores: Scores, said: Postings, texts: Texts
) -> dict[QueryTerm, float]:
    """The words that the best papers say, with their weights."""
    best = _best(_FEEDBACK_PAPERS, _found(scores), scores)
    likely: dict[str, float] = {}
    for number, text in zip(best, texts(best), strict=True):
        stems = Counter(stemmed(word) for word in words_of(text) if word not in COMMON)
        for stem, times in stems.items():
            likely[stem] = likely.get(stem, 0.0) + scores[number] * times / stems.total()
    told = list(islice(_telling(likely, said), _FEEDBACK_WORDS))
    whole = sum(weight for _, weight in told) or 1.0
    share = len(units) * (1 - _ASKED_SHARE) / _ASKED_SHARE
    return {unit: share * weight / whole for unit, weight in told}


def _telling(likely: dict[str, float], said: Postings) -> Iterable[tuple[QueryTerm, float]]:
    """The likeliest words that are neither too common nor said by one paper alone."""
    lexicon = Lexicon(said)
    most = min(_TELLING_SHARE * len(said.lengths), _MANY)
    for stem, weight in sorted(likely.items(), key=lambda one: (-one[1], one[0])):
        words = lexicon.inflections(stem) if len(stem) > 1 and not stem.isdigit() else ()
        if 1 < lexicon.papers(words) <= most:
            yield QueryTerm(words), weight
