"""A watched phrase as a person wrote it, read for being found in texts."""

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

# What ends a clause: "a point. Cloud storage" does not speak of point clouds.
CLAUSE_END = re.compile(r"[.,;:!?]\s")
SHORT = 3
# Stands for the * of a phrase: a letter to every rule, and of no language that papers are in.
ANY = "\u01c2"
_STARS = re.compile(r"\*+")
_OUTER = re.compile(rf"^(?:{ANY}\s+)+|(?:\s+{ANY})+$|^{ANY}$")


class Phrase(NamedTuple):
    """A watched phrase: its words' plain forms joined, and where they join. In `gaps`, where spaces
    are, other words may stand between; in `pairs`, where hyphens are, "and" may.

    `exact` gives for acronyms and words of up to three letters where in `key` they begin and end
    and how they may be spelled; they are never read with a typo. `literal` are the folded words of
    a phrase in quotes, which a text must say as they are.
    """

    key: str
    joints: frozenset[int]
    gaps: frozenset[int]
    pairs: frozenset[int]
    exact: tuple[tuple[int, int, str], ...]
    crosses_clauses: bool = False
    literal: tuple[str, ...] = ()


class PhraseWord(NamedTuple):
    """A folded word of a phrase without its plural, in its own and in American spelling."""

    folded: str
    singular: str
    plain: str
    is_acronym: bool

    @classmethod
    def read(cls, word: str) -> "PhraseWord":
        """A word as it stands in a phrase."""
        short = is_acronym(word)
        folded = fold_word(acronym_base(word) if short else word)
        one = singular(folded)
        return cls(folded, one, american(one), short)


class ParsedPhrase(NamedTuple):
    """How a phrase is read: in plain forms, and where they differ in singulars, too, as a British
    ending within a joined word (selfsupervisedlearning) stays; none where it has no words.
    """

    phrases: tuple[Phrase, ...]
    words: tuple[PhraseWord, ...]


def parse_phrase(text: str) -> ParsedPhrase:
    """A phrase as a person wrote it into the configuration."""
    # A star that means something becomes a letter; one before or after all words does not.
    bare = text.strip(' "')
    wording = TokenizedText(_OUTER.sub("", _STARS.sub(ANY, bare)) if "*" in bare else bare)
    words = tuple(map(PhraseWord.read, wording.words))
    literal = tuple(map(fold_word, wording.words)) if _is_quoted(text) else ()
    spaced = [wording.after(at).isspace() for at in range(len(words) - 1)]
    crosses = bool(CLAUSE_END.search(text))
    both = (tuple(word.plain for word in words), tuple(word.singular for word in words))
    read = (_phrase(words, forms, spaced, literal) for forms in dict.fromkeys(both))
    return ParsedPhrase(
        tuple(one._replace(crosses_clauses=crosses) for one in read if one.key), words
    )


def _phrase(
    words: Sequence[PhraseWord],
    forms: Sequence[str],
    spaced: Sequence[bool],
    literal: tuple[str, ...],
) -> Phrase:
    """A phrase whose words stand in these forms and are `spaced` so."""
    ends = list(accumulate(map(len, forms)))
    joints = frozenset(ends[:-1])
    gaps = frozenset(() if literal else compress(ends, spaced))
    exact = tuple(
        (end - len(form), end, word.folded)
        for word, form, end in zip(words, forms, ends, strict=True)
        if (word.is_acronym or len(form) <= SHORT) and ANY not in form
    )
    pairs = frozenset() if literal else joints - gaps
    return Phrase("".join(forms), joints, gaps, pairs, exact, literal=literal)


def _is_quoted(text: str) -> bool:
    stripped = text.strip()
    return len(stripped) > 1 and stripped[0] == stripped[-1] == '"'


def is_wild(form: str, word: str) -> bool:
    """Whether a form with a star stands for a word."""
    before, _, after = form.partition(ANY)
    fits = word.startswith(before) and word.endswith(after)
    return fits and len(word) >= len(before) + len(after)
