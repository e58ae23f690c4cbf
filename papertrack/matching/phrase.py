"""Parsing watched phrases into the form that texts are compared with."""

import re
from collections.abc import Sequence
from itertools import accumulate, compress
from typing import NamedTuple

from papertrack.matching.words import (
    TokenizedText,
    acronym_base,
    american,
    fold_word,
    is_acronym,
    singular,
)

# The end of a clause: "a point. Cloud storage" does not mention point clouds.
CLAUSE_END = re.compile(r"[.,;:!?]\s")
SHORT = 3
# Replaces the * of a phrase. Every rule treats it as a letter, and no paper contains it.
WILDCARD = "\u01c2"
_STARS = re.compile(r"\*+")
_OUTER_STARS = re.compile(rf"^(?:{WILDCARD}\s+)+|(?:\s+{WILDCARD})+$|^{WILDCARD}$")


class Phrase(NamedTuple):
    """A watched phrase: the normal forms of its words, joined into one `key`.

    The other fields are offsets in the key. `boundaries` are where one word ends and the next
    begins: `gaps` those written as a space, where a text may have other words between, and
    `hyphens` those written as a hyphen, where a text may have "and" between.

    `exact` has the start, end and spelling of acronyms and of words of up to three letters, which
    are never matched with a typo. `literal` has the folded words of a phrase in quotes, which a
    text must contain unchanged.
    """

    key: str
    boundaries: frozenset[int]
    gaps: frozenset[int]
    hyphens: frozenset[int]
    exact: tuple[tuple[int, int, str], ...]
    crosses_clauses: bool = False
    literal: tuple[str, ...] = ()


class PhraseWord(NamedTuple):
    """A word of a phrase: folded, then in the singular, then in American spelling."""

    folded: str
    singular: str
    normal: str
    is_acronym: bool

    @classmethod
    def parse(cls, word: str) -> "PhraseWord":
        """Return the forms of a word as written in a phrase."""
        acronym = is_acronym(word)
        folded = fold_word(acronym_base(word) if acronym else word)
        base = singular(folded)
        return cls(folded, base, american(base), acronym)


class ParsedPhrase(NamedTuple):
    """A phrase in normal forms and, if these differ, also in singulars; none if it has no words.

    The singulars are needed because a British ending inside a joined word, as in
    selfsupervisedlearning, is not normalized.
    """

    phrases: tuple[Phrase, ...]
    words: tuple[PhraseWord, ...]


def parse_phrase(text: str) -> ParsedPhrase:
    """Parse a phrase as written in the configuration; every text is valid."""
    # A star alone at either end would only require another word there, so it is dropped.
    bare = text.strip(' "')
    tokens = TokenizedText(
        _OUTER_STARS.sub("", _STARS.sub(WILDCARD, bare)) if "*" in bare else bare
    )
    words = tuple(map(PhraseWord.parse, tokens.words))
    literal = tuple(map(fold_word, tokens.words)) if _is_quoted(text) else ()
    spaced = [tokens.separator_after(index).isspace() for index in range(len(words) - 1)]
    crosses = bool(CLAUSE_END.search(text))
    both = (tuple(word.normal for word in words), tuple(word.singular for word in words))
    phrases = (_phrase(words, forms, spaced, literal) for forms in dict.fromkeys(both))
    return ParsedPhrase(
        tuple(phrase._replace(crosses_clauses=crosses) for phrase in phrases if phrase.key), words
    )


def _phrase(
    words: Sequence[PhraseWord],
    forms: Sequence[str],
    spaced: Sequence[bool],
    literal: tuple[str, ...],
) -> Phrase:
    """The phrase of words in these forms; `spaced` is true for words followed by a space."""
    ends = list(accumulate(map(len, forms)))
    boundaries = frozenset(ends[:-1])
    gaps = frozenset(() if literal else compress(ends, spaced))
    exact = tuple(
        (end - len(form), end, word.folded)
        for word, form, end in zip(words, forms, ends, strict=True)
        if (word.is_acronym or len(form) <= SHORT) and WILDCARD not in form
    )
    hyphens = frozenset() if literal else boundaries - gaps
    return Phrase("".join(forms), boundaries, gaps, hyphens, exact, literal=literal)


def _is_quoted(text: str) -> bool:
    stripped = text.strip()
    return len(stripped) > 1 and stripped[0] == stripped[-1] == '"'


def matches_wildcard(form: str, word: str) -> bool:
    """Whether a word matches a form that contains a star."""
    before, _, after = form.partition(WILDCARD)
    fits = word.startswith(before) and word.endswith(after)
    return fits and len(word) >= len(before) + len(after)
