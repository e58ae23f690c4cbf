"""Parsing search queries into words, phrases in quotes, and filters."""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeVar, cast, get_args

from papertrack.errors import UsageError
from papertrack.text import fold
from papertrack.word_breaks import split_words, without_dots

FilterField = Literal[
    "author", "cat", "topic", "since", "is", "has", "venue", "org", "source", "upvotes", "tag"
]
_Condition = TypeVar("_Condition")
FILTER_FIELDS: tuple[str, ...] = get_args(FilterField)
_PART = re.compile(
    r"(?P<minus>-)?(?:(?P<field>[a-z][a-z_-]*):(?![:/]))?"
    r'(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+)|(?P<end>(?=\s|$)))',
    re.IGNORECASE | re.ASCII,
)
# In any case, as people type queries in small letters; papers have A.I., see `word_breaks`.
_ABBREVIATION = re.compile(r"(?:[a-z]\.)+[a-z]\.?", re.IGNORECASE | re.ASCII)
_LONGEST_QUERY = 4_000  # characters
_ID_PREFIXES = {"arxiv", "doi"}  # The ids of papers begin with these.


class Filter(NamedTuple):
    """A condition such as author:hinton on the papers of a result; `excluded` negates it."""

    field: FilterField
    value: str
    excluded: bool = False


class Query(NamedTuple):
    """A parsed query: its `words` in order, those of phrases included.

    A paper must contain every phrase and nothing in `excluded` (words or phrases), and pass every
    filter; none of these is repeated. All words are folded.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    filters: tuple[Filter, ...] = ()


def parse_query(text: str) -> Query:
    """Parse a query.

    An unmatched quote is ignored, unless a filter precedes it. Raises UsageError for that, for a
    filter that does not exist or has no value, and for a text that is no query of a person.
    """
    if len(text) > _LONGEST_QUERY:
        raise UsageError(
            f"the query has {len(text):,} characters",
            f"a query has at most {_LONGEST_QUERY:,}",
            "search for a title, or for fewer words",
        )
    if text.count('"') % 2:
        text = _without_last_quote(text)
    words: list[str] = []
    phrases, excluded, filters = [], [], []
    for part in _PART.finditer(text):
        value = part["plain"] or part["quoted"] or ""
        field = (part["field"] or "").lower()
        if _ABBREVIATION.fullmatch(value):
            value = value.replace(".", "")
        part_words = words_of(f"{field} {value}" if field in _ID_PREFIXES else value)
        if field in FILTER_FIELDS and value.strip():
            named = cast("FilterField", field)
            filters.append(Filter(named, value.strip(), bool(part["minus"])))
        elif field in FILTER_FIELDS or (field and part_words and field not in _ID_PREFIXES):
            raise _invalid_filter(field, part[0])
        elif field and not part_words:  # "Attention: a survey" is a title.
            words += words_of(field)
        elif part["minus"] and part_words:
            excluded.append(part_words)
        else:
            words += part_words
            if part["quoted"] is not None and part_words:
                phrases.append(part_words)
    return Query(tuple(words), _distinct(phrases), _distinct(excluded), _distinct(filters))


def _without_last_quote(text: str) -> str:
    before, _, value = text.rpartition('"')
    written = before.rpartition(" ")[2]
    field = written.removeprefix("-").lower().removesuffix(":")
    if not (field and written.endswith(":")) or field in _ID_PREFIXES:
        return f"{before} {value}"
    if field in FILTER_FIELDS and value.strip():
        raise UsageError(
            f"the quote after {written} is not closed",
            next_step=f'write {written}"{value.strip()}"',
        )
    raise _invalid_filter(field, f"{written}{value}")


def _distinct(conditions: Iterable[_Condition]) -> tuple[_Condition, ...]:
    return tuple(dict.fromkeys(conditions))


def _invalid_filter(field: str, text: str) -> UsageError:
    words = re.sub(r"""[:"-]""", " ", text).split()
    quoted = f'"{" ".join(words)}"'
    if field in FILTER_FIELDS:
        next_step = f"write the value right after the colon, or {quoted} to search for the word"
        if field == "upvotes":
            next_step = 'put the filter in quotes for the shell: "upvotes:>50"'
        return UsageError(f"the filter {field}: has no value", next_step=next_step)
    from difflib import get_close_matches

    close = [name for name in FILTER_FIELDS if field.startswith(name) or name.startswith(field)]
    close = close or get_close_matches(field, FILTER_FIELDS, n=1)
    suggestion = f"did you mean {close[0]}:?" if close else ""
    names = ", ".join(f"{name}:" for name in FILTER_FIELDS)
    return UsageError(
        f"unknown filter {field}:",
        suggestion or f"the filters are {names}",
        f"to search for the words, write them in quotes: {quoted}",
    )


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words of a text as the search index divides them; hyphens separate."""
    return tuple(split_words(fold(without_dots(text))))
