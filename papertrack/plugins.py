"""Entry points of installed packages, by which other packages extend papertrack."""

import sys
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def entry_points(group: str) -> "dict[str, EntryPoint]":
    """Return the entry points of a group by name, none of them imported.

    If two packages use one name, the package found first provides it. The first call is slow: it
    opens a file of every installed package.
    """
    return _entry_points(group, tuple(sys.path))


@cache
def _entry_points(group: str, path: tuple[str, ...]) -> "dict[str, EntryPoint]":
    from importlib.metadata import distributions

    found: dict[str, EntryPoint] = {}
    for package in distributions(path=list(path)):
        # Not importlib.metadata.entry_points(): a single damaged package makes it fail.
        with suppress(Exception):
            for point in package.entry_points.select(group=group):
                found.setdefault(point.name, point)
    return dict(sorted(found.items()))
