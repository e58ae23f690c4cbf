"""Ranking stored papers for a query, and measuring how related papers are to a topic.

The entry points are `query.parse_query` and `search` for queries, and `relevance.train` for topics.
All read the search index through the protocol `lexicon.Postings`. `tracker/` imports the package;
`library/`, `display/`, `exports/` and `cli/` import single modules of it.

`search` ranks by BM25F (`bm25f`). A term of a query is a word in any inflection, corrected if no
paper contains it; a word that the query repeats weighs more. Each pair of neighbours in the query
is another term, with weight 0.2, for papers that have the two side by side: the ordered pairs of
the sequential dependence model (Metzler and Croft, A Markov Random Field Model for Term
Dependencies, SIGIR 2005).

A query of four terms or more usually describes its subject without naming it, so it is expanded
with words of the papers ranked first (`expansion`).
"""

from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from heapq import nlargest
from itertools import compress
from math import inf
from typing import NamedTuple

from papertrack.searching.bm25f import Bm25f, Scores, query_weights
from papertrack.searching.expansion import PAPERS, Texts, added_terms
from papertrack.searching.lexicon import STOP_WORDS, Lexicon, Postings, QueryTerm, WordRun
from papertrack.searching.query import Query
from papertrack.searching.query_terms import query_terms

_PAIR_WEIGHT = 0.2
_EXPANDED_FROM = 4  # terms


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
    formula = Bm25f(postings)
    weights = query_weights(terms)
    scores = formula.scores(weights | dict.fromkeys(pairs, _PAIR_WEIGHT))
    if len(weights) >= _EXPANDED_FROM and not query.phrases:
        best = _best(PAPERS, _matching(scores), scores)
        scored_texts = zip((scores[number] for number in best), texts(best), strict=True)
        added = added_terms(scored_texts, sum(weights.values()), postings)
        added_scores = formula.scores(added)
        for number in _matching(added_scores):
            scores[number] += added_scores[number]
    numbers = [number for number in _matching(scores) if allowed is None or number in allowed]
    best = _best(len(numbers) if limit is None else limit, numbers, scores)
    hits = [Hit(number, round(scores[number], 4)) for number in best]
    words = {word for term in terms for word in _words_of_term(term)}
    return SearchResult(hits, len(numbers), frozenset(words))


def _words_of_term(term: QueryTerm) -> Iterable[str]:
    yield from term.words
    for phrase in term.phrases:
        yield from (word for word in phrase if word not in STOP_WORDS)  # text to image


def _allowed_papers(
    query: Query, postings: Postings, within: AbstractSet[int] | None
) -> AbstractSet[int] | None:
    """The papers with each phrase and nothing that is excluded; None for all papers."""
    allowed = within
    for phrase in query.phrases:
        papers = postings.papers_with([phrase])
        allowed = papers if allowed is None else allowed & papers
    if query.excluded:
        excluded = postings.papers_with(_excluded_phrases(query, postings))
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
    return {number for number, length in enumerate(postings.title_lengths) if length}


def _newest(
    postings: Postings, allowed: AbstractSet[int] | None, limit: int | None
) -> SearchResult:
    """The allowed papers, newest first; none if the query has no condition at all."""
    numbers = sorted(allowed or (), key=lambda number: (-postings.days[number], number))
    hits = [Hit(number, 0.0) for number in numbers[:limit]]
    return SearchResult(hits, len(numbers), frozenset())


def _matching(scores: Scores) -> list[int]:
    return list(compress(range(len(scores)), scores))


def _best(limit: int, numbers: Collection[int], scores: Scores) -> list[int]:
    """The papers with the highest scores; the lowest numbers first at equal scores."""
    if limit < len(numbers):
        least = min(nlargest(limit, map(scores.__getitem__, numbers)), default=inf)
        numbers = [number for number in numbers if scores[number] >= least]
    return sorted(numbers, key=lambda number: (-scores[number], number))[:limit]
