"""Conditions in the query language of SQLite's FTS5: see `fts`."""

from itertools import product
from math import prod

from papertrack.library.search_index.fts import any_phrase, quote
from papertrack.matching.candidates import AllOf, AnyOf, Condition, WordSequence

_MAX_PHRASES = 400


def fts_query(condition: Condition) -> str:
    """Return the FTS5 query of a condition, "" if no paper can satisfy it."""
    if isinstance(condition, str):
        return quote(condition)
    if isinstance(condition, WordSequence):
        return _sequence(condition)
    parts = [fts_query(part) for part in condition.conditions]
    if isinstance(condition, AllOf) and not all(parts):
        return ""
    operator = " AND " if isinstance(condition, AllOf) else " OR "
    return _group(operator.join(filter(None, parts)))


def _sequence(condition: WordSequence) -> str:
    """Write each combination of words as a phrase, or as a NEAR group if words may be between.

    Beyond _MAX_PHRASES combinations the query requires only the words, in any order, which is
    weaker but never misses a paper.
    """
    if prod(map(len, condition.positions)) > _MAX_PHRASES:
        return fts_query(AllOf(tuple(AnyOf(tuple(sorted(words))) for words in condition.positions)))
    phrases = product(*map(sorted, condition.positions))
    if condition.max_between and len(condition.positions) > 1:
        # FTS5 counts the words between the first and the last phrase of a NEAR group.
        distance = condition.max_between + len(condition.positions) - 2
        groups = (f"NEAR({' '.join(map(quote, phrase))}, {distance})" for phrase in phrases)
        return _group(" OR ".join(groups))
    return _group(any_phrase(phrases))


def _group(query: str) -> str:
    return query and f"({query})"
