"""Ranking stored papers for a query, and measuring how related papers are to a topic.

The entry points are `query.parse_query` and `search` for queries, and `relevance.train` for topics.
All read the search index through the protocol `lexicon.Postings`. `tracker/` imports the package;
`library/`, `display/`, `exports/` and `cli/` import single modules of it.

`search` ranks with the Okapi BM25 formula (Robertson and Zaragoza, The Probabilistic Relevance
Framework, 2009):

    score = sum over terms of weight * idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / mean))

with k1 = 1.5 and b = 0.75. tf counts an occurrence in the title or the keywords three times, and
lengths are in words. A term is a word of the query in any simple inflection, corrected if no paper
contains it, with weight 1; or two neighbours in the query that a paper has side by side, with
weight 0.2: the ordered pairs of the sequential dependence model (Metzler and Croft, A Markov Random
Field Model for Term Dependencies, SIGIR 2005).

A query of four terms or more usually describes its subject without naming it. It is expanded with
words of the papers ranked first, by RM3 (Lavrenko and Croft, Relevance-Based Language Models, SIGIR
2001; Abdul-Jaleel et al., UMass at TREC 2004): 20 words of 10 papers, with

    P(word | query) = sum over papers of score / all scores * occurrences / words of the paper

They share 0.4 of the total weight, the query 0.6. Words in a tenth of all papers, or in more than
1,000, are left out, because they add little and take long.

Terms in more than 1,000 papers and more than an eighth of all papers change the order of results,
but do not add results if the query has a rarer term.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from heapq import nlargest
from itertools import compress, islice
from math import log
from typing import NamedTuple

from papertrack.searching.lexicon import Lexicon, Postings, QueryTerm, WordRun, stem_of
from papertrack.searching.query import Query, words_of
from papertrack.searching.query_terms import STOP_WORDS, query_terms

_K1, _B, _TITLE_WEIGHT = 1.5, 0.75, 3
_PAIR_WEIGHT = 0.2
_EXPANDED_FROM = 4  # terms
_FEEDBACK_PAPERS, _FEEDBACK_WORDS, _QUERY_SHARE = 10, 20, 0.6
_FEEDBACK_MAX_SHARE, _COMMON_SHARE, _MANY = 0.1, 0.125, 1000

Texts = Callable[[Sequence[int]], Iterable[str]]
Scores = list[float]  # by paper number; 0 for papers without any term


class Hit(NamedTuple):
    """A paper that a query found, identified by its number, with its score."""

    number: int
    score: float


class SearchResult(NamedTuple):
    """The best hits, the total number of hits, and the folded words that they match."""

    hits: list[Hit]
    total: int
    words: frozenset[str]


def search(
    query: Query,
    postings: Postings,
    texts: Texts,
    within: AbstractSet[int] | None = None,
    limit: int | None = None,
) -> SearchResult:
    """Return the papers that contain a word of the query, best first, ties by number.

    A query without words returns all papers that pass its conditions, newest first. `within`
    restricts the result to these papers; `texts` returns the texts of papers for the expansion.
    """
    allowed = _allowed_papers(query, postings, within)
    if not query.words:
        return _newest(postings, allowed, limit)
    terms, pairs = query_terms(query.words, Lexicon(postings))
    weights = dict.fromkeys(terms, 1.0) | dict.fromkeys(pairs, _PAIR_WEIGHT)
    scores = _scores(weights, postings)
    if len(terms) >= _EXPANDED_FROM and not query.phrases:
        expanded = _scores(_expansion(terms, scores, postings, texts), postings)
        scores = [score + added for score, added in zip(scores, expanded, strict=True)]
    numbers = [number for number in _matching(scores) if allowed is None or number in allowed]
    best = _best(len(numbers) if limit is None else limit, numbers, scores)
    hits = [Hit(number, round(scores[number], 4)) for number in best]
    words = {word for term in terms for word in _words_of_term(term)}
    return SearchResult(hits, len(numbers), frozenset(words))


def _words_of_term(term: QueryTerm) -> Iterable[str]:
    yield from term.words
    for phrase in term.phrases:
        yield from phrase


def _allowed_papers(
    query: Query, postings: Postings, within: AbstractSet[int] | None
) -> AbstractSet[int] | None:
    """The papers with each phrase and nothing that is excluded; None for all papers."""
    allowed = within
    for phrase in query.phrases:
        papers = postings.papers_with([phrase]).keys()
        allowed = papers if allowed is None else allowed & papers
    if query.excluded:
        excluded = postings.papers_with(_excluded_phrases(query, postings)).keys()
        allowed = (_all_papers(postings) if allowed is None else allowed) - excluded
    return allowed


def _excluded_phrases(query: Query, postings: Postings) -> list[WordRun]:
    lexicon = Lexicon(postings)
    return [
        (*phrase[:-1], last)
        for phrase in query.excluded
        for last in lexicon.singular_and_plural(phrase[-1])
    ]


def _all_papers(postings: Postings) -> set[int]:
    return {number for number, length in enumerate(postings.lengths) if length}


def _newest(
    postings: Postings, allowed: AbstractSet[int] | None, limit: int | None
) -> SearchResult:
    """The allowed papers, newest first; none if the query has no condition at all."""
    numbers = sorted(allowed or (), key=lambda number: (-postings.days[number], number))
    hits = [Hit(number, 0.0) for number in numbers[:limit]]
    return SearchResult(hits, len(numbers), frozenset())


def _scores(weights: dict[QueryTerm, float], postings: Postings) -> Scores:
    lengths, count = postings.lengths, postings.paper_count
    mean = sum(lengths) / max(count, 1) or 1.0
    base, slope = _K1 * (1 - _B), _K1 * _B / mean
    scores = [0.0] * len(lengths)
    has_rarer = False
    for term in sorted(weights, key=lambda term: _document_frequency(term, postings)):
        frequencies = _term_frequencies(term, postings)
        idf = log(1 + (count - len(frequencies) + 0.5) / (len(frequencies) + 0.5))
        maximum = weights[term] * idf * (_K1 + 1)
        is_common = has_rarer and len(frequencies) > max(_MANY, _COMMON_SHARE * count)
        for number, tf in frequencies.items():
            if not is_common or scores[number]:
                scores[number] += maximum * tf / (tf + base + slope * lengths[number])
        has_rarer = has_rarer or bool(frequencies)
    return scores


def _matching(scores: Scores) -> list[int]:
    return list(compress(range(len(scores)), scores))


def _best(limit: int, numbers: Iterable[int], scores: Scores) -> list[int]:
    """The papers with the highest scores; the lowest numbers first at equal scores."""
    return nlargest(limit, numbers, key=scores.__getitem__)


def _document_frequency(term: QueryTerm, postings: Postings) -> int:
    return sum(map(postings.document_frequency, term.words))


def _term_frequencies(term: QueryTerm, postings: Postings) -> dict[int, int]:
    """How often each paper contains a term, occurrences in titles weighted."""
    frequencies = postings.term_frequencies(term.words, _TITLE_WEIGHT)
    for number, tf in postings.papers_with(term.phrases, _TITLE_WEIGHT).items():
        frequencies[number] = frequencies.get(number, 0) + tf
    return frequencies


def _expansion(
    terms: Sequence[QueryTerm], scores: Scores, postings: Postings, texts: Texts
) -> dict[QueryTerm, float]:
    """The terms that RM3 adds to a query, with their weights."""
    best = _best(_FEEDBACK_PAPERS, _matching(scores), scores)
    likelihoods: dict[str, float] = {}
    for number, text in zip(best, texts(best), strict=True):
        stems = Counter(stem_of(word) for word in words_of(text) if word not in STOP_WORDS)
        for stem, count in stems.items():
            likelihoods[stem] = likelihoods.get(stem, 0.0) + scores[number] * count / stems.total()
    added = list(islice(_distinctive(likelihoods, postings), _FEEDBACK_WORDS))
    total = sum(likelihood for _, likelihood in added) or 1.0
    share = len(terms) * (1 - _QUERY_SHARE) / _QUERY_SHARE
    return {term: share * likelihood / total for term, likelihood in added}


def _distinctive(
    likelihoods: dict[str, float], postings: Postings
) -> Iterable[tuple[QueryTerm, float]]:
    """The likeliest terms first, without those that are too common or in only one paper."""
    lexicon = Lexicon(postings)
    maximum = min(_FEEDBACK_MAX_SHARE * len(postings.lengths), _MANY)
    for stem, likelihood in sorted(likelihoods.items(), key=lambda item: (-item[1], item[0])):
        words = lexicon.inflections(stem) if len(stem) > 1 and not stem.isdigit() else ()
        if 1 < lexicon.document_frequency(words) <= maximum:
            yield QueryTerm(words), likelihood
