"""What topics ask of papers, in the language of SQLite's FTS5."""

from itertools import product
from math import prod

from papertrack.matching.candidates import AllOf, Condition, OneOf, WordSequence

_MOST_ROWS = 400


def asked(condition: Condition) -> str:
    """A condition as FTS5 reads it, "" where nothing can meet it."""
    if isinstance(condition, str):
        return f'"{condition}"'
    if isinstance(condition, WordSequence):
        return _in_a_row(condition)
    parts = [asked(one) for one in condition.conditions]
    if isinstance(condition, AllOf) and not all(parts):
        return ""
    between = " AND " if isinstance(condition, AllOf) else " OR "
    said = between.join(filter(None, parts))
    return said and f"({said})"


def _in_a_row(condition: WordSequence) -> str:
    """Each row of words is a phrase of FTS5, or a group of near words, for which it counts those
    between the first and the last; of very many only whether they are said is asked.
    """
    if prod(map(len, condition.places)) > _MOST_ROWS:
        return asked(AllOf(tuple(OneOf(tuple(sorted(words))) for words in condition.places)))
    rows = product(*map(sorted, condition.places))
    if condition.between and len(condition.places) > 1:
        near = condition.between + len(condition.places) - 2
        said = " OR ".join(f"NEAR({' '.join(map(_quoted, row))}, {near})" for row in rows)
    else:
        said = " OR ".join(_quoted(" ".join(row)) for row in rows)
    return said and f"({said})"


def _quoted(words: str) -> str:
    return f'"{words}"'
