"""The terms that papers contain, as candidates for suggestions and for rising terms."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from papertrack.matching.terms import Term, parts_of, terms
from papertrack.models import Paper
from papertrack.searching.query import words_of
from papertrack.text import readable

_PART_SHARE = 0.7  # If this share of a term's papers contains a longer term, that is used.


class TermUse(NamedTuple):
    """The papers that contain a term, and its spellings in them."""

    ids: list[str]
    spellings: Counter[str]

    @property
    def usual_form(self) -> str:
        """The most frequent spelling in lower case, or the most frequent one."""
        ranked = sorted(self.spellings, key=lambda text: (-self.spellings[text], text))
        return next((text for text in ranked if text == text.lower()), ranked[0])

    def variants(self, term: Term) -> set[Term]:
        """The term with each of its last words, singular and plural, as the search index has it."""
        last_words = {words_of(text)[-1] for text in self.spellings}
        return {(*term[:-1], last) for last in (term[-1], *last_words)}


def read_terms(papers: Iterable[Paper]) -> dict[Term, TermUse]:
    """Return the terms in the titles, keywords and abstracts of papers."""
    uses: dict[Term, TermUse] = {}
    for paper in papers:
        texts = (readable(paper.abstract or ""), *paper.keywords, readable(paper.title))
        for term, spelling in terms(*texts).items():
            use = uses.setdefault(term, TermUse([], Counter()))
            use.ids.append(paper.id)
            use.spellings[spelling] += 1
    return uses


def frequent_terms(
    uses: dict[Term, TermUse], minimum: float, limit: int
) -> list[tuple[Term, tuple[str, ...]]]:
    """Return the terms of at least `minimum` papers, with the ids of these papers.

    Without those that mostly occur inside a longer one. The first are those with the highest
    number of papers times number of words.
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
