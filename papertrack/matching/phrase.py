"""A watched phrase as a person wrote it, read for being found in texts."""

import re
from collections.abc import Callable
from itertools import accumulate
from typing import NamedTuple

from papertrack.matching.words import Wording, acronym_base, is_acronym, plain, spelled

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
    crosses_clauses: bool
    literal: tuple[str, ...] = ()


def read_phrase(text: str, form_of: Callable[[str], str] = plain) -> Phrase:
    """A phrase as a person wrote it into the configuration; its key is empty without words."""
    wording = phrase_words(text)
    named = [acronym_base(word) if is_acronym(word) else word for word in wording.words]
    forms = [form_of(word) for word in named]
    ends = list(accumulate(map(len, forms)))
    exact = tuple(
        (end - len(form), end, spelled(word))
        for word, form, end in zip(named, forms, ends, strict=True)
        if (is_acronym(word) or len(form) <= SHORT) and ANY not in form
    )
    joints = frozenset(ends[:-1])
    literal = tuple(map(spelled, wording.words)) if _is_quoted(text) else ()
    spaces = (end for at, end in enumerate(ends[:-1]) if wording.after(at).isspace())
    gaps = frozenset(() if literal else spaces)
    pairs = frozenset() if literal else joints - gaps
    crosses = bool(CLAUSE_END.search(text))
    return Phrase("".join(forms), joints, gaps, pairs, exact, crosses, literal)


def phrase_words(text: str) -> Wording:
    """The words of a phrase, with ANY for each star that means something: one before or after all
    words does not.
    """
    return Wording(_OUTER.sub("", _STARS.sub(ANY, text.strip(' "'))))


def _is_quoted(text: str) -> bool:
    stripped = text.strip()
    return len(stripped) > 1 and stripped[0] == stripped[-1] == '"'


def is_wild(form: str, word: str) -> bool:
    """Whether a form with a star stands for a word."""
    before, _, after = form.partition(ANY)
    fits = word.startswith(before) and word.endswith(after)
    return fits and len(word) >= len(before) + len(after)
