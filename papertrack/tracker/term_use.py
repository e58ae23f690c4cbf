"""The terms of papers: which papers contain them, and how much more often than others do."""

from collections import Counter
from collections.abc import Sequence
from math import log
from typing import NamedTuple

from papertrack.matching.terms import Term, parts_of, terms
from papertrack.matching.words import folded_singular
from papertrack.models import Paper
from papertrack.searching.query import words_of
from papertrack.text import readable

MAX_READ = 400  # Only the newest papers are read for their terms.
_PART_SHARE = 0.7  # If this share of a term's papers contains a longer term, that is used.


def log_likelihood(with_term: int, papers: int, others_with_term: int, others: int) -> float:
    """Dunning's log-likelihood ratio of a term in a group of papers against all others.

    `with_term` of `papers` in the group and `others_with_term` of `others` contain the term.
    Negative if the term is more frequent in the others.
    """
    share = (with_term + others_with_term) / (papers + others)
    cells = (
        (with_term, papers * share),
        (papers - with_term, papers * (1 - share)),
        (others_with_term, others * share),
        (others - others_with_term, others * (1 - share)),
    )
    ratio = 2 * sum(
        observed * log(observed / expected) for observed, expected in cells if observed and expected
    )
    return ratio if with_term * others > others_with_term * papers else -ratio


class TermUse(NamedTuple):
    """The ids of the papers that contain a term, and its spellings in them."""

    ids: list[str]
    spellings: Counter[str]

    @property
    def usual_form(self) -> str:
        """The most frequent spelling in lower case, or the most frequent one."""
        ranked = sorted(self.spellings, key=lambda text: (-self.spellings[text], text))
        return next((text for text in ranked if text == text.lower()), ranked[0])

    def variants(self, term: Term) -> set[tuple[str, ...]]:
        """Return the term with each of its last words, as the search index has them."""
        last_words = {words_of(text)[-1] for text in self.spellings}
        return {(*term[:-1], last) for last in (term[-1], *last_words)}


def read_terms(
    papers: Sequence[Paper], limit: int = MAX_READ
) -> tuple[Sequence[Paper], dict[Term, TermUse]]:
    """Return the first papers, at most `limit`, and the use of each term in them."""
    sample = papers[:limit]
    uses: dict[Term, TermUse] = {}
    for paper in sample:
        texts = (readable(paper.abstract or ""), *paper.keywords, readable(paper.title))
        for term, spelling in terms(*texts).items():
            use = uses.setdefault(term, TermUse([], Counter()))
            use.ids.append(paper.id)
            use.spellings[spelling] += 1
    return sample, uses


def frequent_terms(
    uses: dict[Term, TermUse], minimum: float, limit: int
) -> list[tuple[Term, tuple[str, ...]]]:
    """Return at most `limit` terms of at least `minimum` papers, with the ids of these papers.

    Without those that mostly occur inside a longer one. Ordered by number of papers times number
    of words.
    """
    frequent = {term: use.ids for term, use in uses.items() if len(use.ids) >= minimum}
    parts = {
        inner
        for outer, ids in frequent.items()
        for inner in parts_of(outer) & frequent.keys()
        if len(ids) >= _PART_SHARE * len(frequent[inner])
    }
    ranked = sorted(
        frequent.keys() - parts, key=lambda term: (-len(frequent[term]) * len(term), term)
    )
    return [(term, tuple(frequent[term])) for term in ranked[:limit]]


def term_of(phrase: str) -> Term:
    """Return a phrase as a term."""
    words = [folded_singular(word) for word in phrase.replace("-", " ").replace('"', " ").split()]
    return tuple(words)
