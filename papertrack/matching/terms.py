"""The terms of a text: runs of one to four words that may be phrases of a topic."""

import re
from collections.abc import Iterator

from papertrack.matching.phrases import APART
from papertrack.matching.words import TokenizedText, as_singular, fold_word, is_acronym

Term = tuple[str, ...]  # folded words, the last one singular
LONGEST = 4
_SHORTEST = 4  # letters of a word that stands alone and is no acronym
_INSIDE = frozenset(("and", "for", "in", "of", "on", "to"))  # joining words that a term may have
_PART = re.compile(r"[.,;:!?()\[\]{}\"$\\<>|=]+(?:\s|$)|[()\[\]{}\"$\\<>|=]")


def terms(*texts: str) -> dict[Term, str]:
    """Every term of some texts, and how it is first written there. None crosses the end of a clause
    or a bracket, or begins or ends within a hyphenated word or with one that only joins others.
    """
    found: dict[Term, str] = {}
    for text in texts:
        for clause in _PART.split(text):
            for term, written in _of_clause(TokenizedText(clause)):
                found.setdefault(term, written)
    return found


def within(inner: Term, outer: Term) -> bool:
    """Whether a term is a part of a longer one."""
    return inner in parts_of(outer)


def parts_of(term: Term) -> set[Term]:
    """Every shorter run of words in a term, as a term."""
    runs = [(at, to) for at in range(len(term)) for to in range(at + 1, len(term) + 1)]
    return {(*term[at : to - 1], as_singular(term[to - 1])) for at, to in runs} - {term}


def _of_clause(wording: TokenizedText) -> Iterator[tuple[Term, str]]:
    folded = [fold_word(word) for word in wording.words]
    joins = [word in APART or len(word) == 1 or word.isdigit() for word in folded]
    parts = [join and word not in _INSIDE for join, word in zip(joins, folded, strict=True)]
    apart = [True, *(wording.after(at).isspace() for at in range(len(folded) - 1)), True]
    for first in range(len(folded)):
        for last in range(first + 1, min(first + LONGEST, len(folded)) + 1):
            if joins[first] or joins[last - 1] or not (apart[first] and apart[last]):
                continue
            if any(parts[first:last]):
                break
            if last == first + 1 and not _may_stand_alone(wording.words[first]):
                continue
            singular = as_singular(wording.words[last - 1])
            yield (*folded[first : last - 1], singular), wording.said(first, last)


def _may_stand_alone(word: str) -> bool:
    return is_acronym(word) or len(word) >= _SHORTEST
