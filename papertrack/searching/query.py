"""What a person types into a search, taken apart: words, phrases in quotes, and filters."""

import re
from typing import Literal, NamedTuple, cast

from papertrack.text import fold

FilterField = Literal["author", "cat", "since", "is", "topic", "source"]
_PART = re.compile(
    r"(?P<minus>-)?(?:(?P<field>author|cat|since|is|topic|source):)?"
    r'(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))',
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")


class Filter(NamedTuple):
    """Which papers are meant, or with `excluded` which are not, as in author:hinton."""

    field: FilterField
    value: str
    excluded: bool = False


class Query(NamedTuple):
    """What was asked for: `words` in their order, those within quotes too.

    A paper must say each of `phrases`, none of `excluded` (a word or a phrase), and pass each of
    `filters`.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    filters: tuple[Filter, ...] = ()


def parse(text: str) -> Query:
    """The query that a text means. Every text means one: a quote that nothing closes is no quote,
    and a field that does not exist is a word.
    """
    if text.count('"') % 2:
        text = " ".join(text.rsplit('"', 1))
    words: list[str] = []
    phrases, excluded, filters = [], [], []
    for part in _PART.finditer(text):
        value = part["plain"] if part["quoted"] is None else part["quoted"]
        said = words_of(value)
        if part["field"] and value.strip():
            field = cast("FilterField", part["field"].lower())
            filters.append(Filter(field, value.strip(), bool(part["minus"])))
        elif part["minus"] and said:
            excluded.append(said)
        else:
            words += said
            phrases += [said] if part["quoted"] is not None and said else []
    return Query(tuple(words), tuple(phrases), tuple(excluded), tuple(filters))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded, as the index has them: a hyphen divides two."""
    return tuple(_WORD.findall(fold(text)))
