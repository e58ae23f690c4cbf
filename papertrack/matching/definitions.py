"""Short names that a text defines itself: "retrieval-augmented generation (RAG)".

The long form is found as by Schwartz and Hearst, A Simple Algorithm for Identifying Abbreviation
Definitions in Biomedical Text (PSB 2003): from the bracket backwards, the letters of the short name
are met in order, its first one at the beginning of a word.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from papertrack.matching.words import acronym_base, is_acronym

_IN_BRACKETS = re.compile(r"\(([A-Za-z][A-Za-z0-9-]{1,9})\)")
_END = 60  # letters, in which the last word is


class Definition(NamedTuple):
    """A short name and what it stands for, as they are written."""

    short: str
    long: str


def definitions(
    text: str, asked: Callable[[str, str], bool] = lambda _short, _last: True
) -> Iterator[Definition]:
    """Every short name that a text defines, in its order; of those that are `asked` for by the
    short name and the end of what it may stand for, which is far sooner known than all of it.
    """
    for found in _IN_BRACKETS.finditer(text):
        if is_acronym(found[1]):
            short, before = acronym_base(found[1]), text[: found.start()]
            if asked(short, before[-_END:]) and (long := _long_form(short, before)):
                yield Definition(short, long)


def _long_form(short: str, before: str) -> str | None:
    """The end of `before` that a short name stands for, None where none does."""
    letters = [one for one in short.lower() if one.isalnum()]
    most = 2 * len(letters)
    nearest = before.rsplit(None, most)[-most:]
    text = " ".join(nearest).lower()
    at = len(text)
    for place, letter in reversed(list(enumerate(letters))):
        at = text.rfind(letter, 0, at)
        while place == 0 < at and text[at - 1].isalnum():
            at = text.rfind(letter, 0, at)
        if at < 0:
            return None
    return " ".join(nearest)[text.rfind(" ", 0, at) + 1 :]
