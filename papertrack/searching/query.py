"""Parsing search queries into words, phrases in quotes, and filters."""

import re
from typing import Literal, NamedTuple, cast

from papertrack.text import fold
from papertrack.word_breaks import words_in

FilterField = Literal["author", "cat", "since", "is", "topic", "source"]
_PART = re.compile(
    r"(?P<minus>-)?(?:(?P<field>author|cat|since|is|topic|source):)?"
    r'(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))',
    re.IGNORECASE,
)


class Filter(NamedTuple):
    """A condition such as author:hinton on the papers of a result; `excluded` negates it."""

    field: FilterField
    value: str
    excluded: bool = False


class Query(NamedTuple):
    """A parsed query: its `words` in order, those of phrases included.

    A paper must contain every phrase and nothing in `excluded` (words or phrases), and pass every
    filter. All words are folded.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    filters: tuple[Filter, ...] = ()


def parse_query(text: str) -> Query:
    """Parse a query; every text is valid.

    An unmatched quote is ignored, and a field that does not exist is a word.
    """
    if text.count('"') % 2:
        text = " ".join(text.rsplit('"', 1))
    words: list[str] = []
    phrases, excluded, filters = [], [], []
    for part in _PART.finditer(text):
        value = part["plain"] if part["quoted"] is None else part["quoted"]
        part_words = words_of(value)
        if part["field"] and value.strip():
            field = cast("FilterField", part["field"].lower())
            filters.append(Filter(field, value.strip(), bool(part["minus"])))
        elif part["minus"] and part_words:
            excluded.append(part_words)
        else:
            words += part_words
            if part["quoted"] is not None and part_words:
                phrases.append(part_words)
    return Query(tuple(words), tuple(phrases), tuple(excluded), tuple(filters))


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words of a text as the search index divides them; hyphens separate."""
    return tuple(word[0] for word in words_in(fold(text)))
