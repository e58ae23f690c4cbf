"""Short names that a text defines: "retrieval-augmented generation (RAG)".

The algorithm is that of Schwartz and Hearst, A Simple Algorithm for Identifying Abbreviation
Definitions in Biomedical Text (PSB 2003): going back from the bracket, the letters of the short
name must occur in order, and the first of them must begin a word.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from papertrack.matching.words import acronym_base, is_acronym

_IN_BRACKETS = re.compile(r"\(([A-Za-z][A-Za-z0-9-]{1,9})\)")
_END = 60  # letters before the bracket, enough to contain the last word


class Definition(NamedTuple):
    """A short name and its long form, as written."""

    short: str
    long: str


def definitions(
    text: str, is_relevant: Callable[[str, str], bool] = lambda _short, _end: True
) -> Iterator[Definition]:
    """Yield the short names that a text defines, in order.

    `is_relevant` gets the short name and the last letters before the bracket. It is called first,
    because it is much cheaper than searching for the long form.
    """
    for bracket in _IN_BRACKETS.finditer(text):
        if is_acronym(bracket[1]):
            short, before = acronym_base(bracket[1]), text[: bracket.start()]
            if is_relevant(short, before[-_END:]) and (long := _long_form(short, before)):
                yield Definition(short, long)


def _long_form(short: str, before: str) -> str | None:
    """The long form of a short name at the end of `before`, or None."""
    letters = [letter for letter in short.lower() if letter.isalnum()]
    max_words = 2 * len(letters)
    last_words = before.rsplit(None, max_words)[-max_words:]
    text = " ".join(last_words).lower()
    at = len(text)
    for index, letter in reversed(list(enumerate(letters))):
        at = text.rfind(letter, 0, at)
        while index == 0 < at and text[at - 1].isalnum():
            at = text.rfind(letter, 0, at)
        if at < 0:
            return None
    return " ".join(last_words)[text.rfind(" ", 0, at) + 1 :]
