"""Query expansion with words of the papers that rank first, by RM3.

Lavrenko and Croft, Relevance-Based Language Models, SIGIR 2001; Abdul-Jaleel et al., UMass at TREC
2004. The 10 likeliest terms of the 10 best papers are added, with

    P(term | query) ~ sum over papers of P(query | paper) P(term | paper)
    P(query | paper) ~ exp(score / weight of the query)
    P(term | paper) ~ occurrences / (1 - b + b * length / mean length)

The score of BM25 is a sum of logarithms of probabilities, and the exponential of their mean over
the query is what the search engine Indri takes (Strohman et al., Indri: A Language Model-based
Search Engine for Complex Queries, 2005). The length normalization is that of BM25, which is also
Dirichlet smoothing with a third of the mean length: a bare title does not determine the terms. The
added terms share 0.2 of the total weight, the terms of the query 0.8.

Terms in a tenth of all papers, or in more than 1,000, are left out, because they add little and
take long.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from math import exp

from papertrack.searching.bm25f import length_norm
from papertrack.searching.lexicon import STOP_WORDS, Lexicon, Postings, QueryTerm
from papertrack.searching.query import words_of

PAPERS = 10
_TERMS, _QUERY_SHARE = 10, 0.8
_MAX_SHARE, _MAX_PAPERS = 0.1, 1000

Texts = Callable[[Sequence[int]], Iterable[str]]
ScoredText = tuple[float, str]


def added_terms(
    best: Iterable[ScoredText], query_weight: float, postings: Postings
) -> dict[QueryTerm, float]:
    """Return the terms to add to a query, with their weights.

    `best` are the papers that rank first, `query_weight` is the total weight of the query's terms.
    """
    weighted = [(exp(score / query_weight), text) for score, text in best]
    likelihoods = _likelihoods(weighted, postings)
    added = dict(islice(_distinctive(likelihoods, postings), _TERMS))
    scale = query_weight * (1 / _QUERY_SHARE - 1) / (sum(added.values()) or 1.0)
    return {term: scale * likelihood for term, likelihood in added.items()}


def _likelihoods(
    weighted: Iterable[tuple[float, str]], postings: Postings
) -> dict[tuple[str, ...], float]:
    """The likelihood of each term, given as all its words, from texts with their weights."""
    totals = postings.totals
    mean = (totals.title_words + totals.abstract_words) / totals.papers
    by_word: dict[str, float] = {}
    for weight, text in weighted:
        words = words_of(text)
        for word, count in Counter(words).items():
            by_word[word] = by_word.get(word, 0.0) + weight * count * length_norm(len(words), mean)
    inflections = Lexicon(postings).inflections_of([*filter(_is_significant, by_word)])
    likelihoods: dict[tuple[str, ...], float] = {}
    for word, term in inflections.items():
        likelihoods[term] = likelihoods.get(term, 0.0) + by_word[word]
    return likelihoods


def _is_significant(word: str) -> bool:
    return len(word) > 1 and not word.isdigit() and word not in STOP_WORDS


def _distinctive(
    likelihoods: dict[tuple[str, ...], float], postings: Postings
) -> Iterable[tuple[QueryTerm, float]]:
    """The likeliest terms first, without those that are too common or in only one paper."""
    maximum = min(_MAX_SHARE * postings.paper_count, _MAX_PAPERS)
    for words, likelihood in sorted(likelihoods.items(), key=lambda item: (-item[1], item[0])):
        if 1 < sum(map(postings.document_frequency, words)) <= maximum:
            yield QueryTerm(words), likelihood
