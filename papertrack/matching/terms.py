"""The terms of a text: runs of one to four words that may be suggested as phrases of a topic."""

import re
from collections.abc import Iterator

from papertrack.matching.phrases import SEPARATING_WORDS
from papertrack.matching.words import TokenizedText, folded_singular, is_acronym
from papertrack.text import fold_word

Term = tuple[str, ...]  # folded words, the last in the singular
MAX_WORDS = 4
_SHORTEST = 4  # letters of a single word that is not an acronym
_ALLOWED_INSIDE = frozenset(("and", "for", "in", "of", "on", "to"))
_CLAUSE_BOUNDARY = re.compile(r"[.,;:!?()\[\]{}\"$\\<>|=]+(?:\s|$)|[()\[\]{}\"$\\<>|=]")


def terms(*texts: str) -> dict[Term, str]:
    """Return every term of these texts with its first spelling.

    A term never crosses the end of a clause or a bracket. It does not begin or end inside a
    hyphenated word, nor with a separating word, a number or a single letter.
    """
    spellings: dict[Term, str] = {}
    for text in texts:
        for clause in _CLAUSE_BOUNDARY.split(text):
            for term, spelling in _terms_of_clause(TokenizedText(clause)):
                spellings.setdefault(term, spelling)
    return spellings


def is_part_of(inner: Term, outer: Term) -> bool:
    """Whether a term is a part of a longer term."""
    return inner in parts_of(outer)


def parts_of(term: Term) -> set[Term]:
    """Return every shorter run of words of a term, as a term."""
    runs = [(first, last) for first in range(len(term)) for last in range(first + 1, len(term) + 1)]
    return {(*term[first : last - 1], folded_singular(term[last - 1])) for first, last in runs} - {
        term
    }


def _terms_of_clause(tokens: TokenizedText) -> Iterator[tuple[Term, str]]:
    folded = [fold_word(word) for word in tokens.words]
    count = len(folded)
    separates = [word in SEPARATING_WORDS or len(word) == 1 or word.isdigit() for word in folded]
    not_inside = [
        separating and word not in _ALLOWED_INSIDE
        for separating, word in zip(separates, folded, strict=True)
    ]
    spaced = [tokens.separator_after(index).isspace() for index in range(count - 1)]
    may_divide = [True, *spaced, True]
    for first in range(count):
        for last in range(first + 1, min(first + MAX_WORDS, count) + 1):
            if separates[first] or separates[last - 1]:
                continue
            if not (may_divide[first] and may_divide[last]):
                continue
            if any(not_inside[first:last]):
                break
            if last == first + 1 and not _may_stand_alone(tokens.words[first]):
                continue
            singular = folded_singular(tokens.words[last - 1])
            yield (*folded[first : last - 1], singular), tokens.text_between(first, last)


def _may_stand_alone(word: str) -> bool:
    return is_acronym(word) or len(word) >= _SHORTEST
