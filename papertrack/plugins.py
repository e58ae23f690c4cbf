"""The entry points through which other installed packages extend papertrack."""

import sys
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def entry_points(group: str) -> "dict[str, EntryPoint]":
    """Return the entry points of a group by name, without importing what they name.

    If two packages use the same name, the package found first provides it. The first call is slow:
    it opens a file of every installed package.
    """
    return _entry_points(group, tuple(sys.path))


@cache
def _entry_points(group: str, path: tuple[str, ...]) -> "dict[str, EntryPoint]":
    from importlib.metadata import distributions

    points: dict[str, EntryPoint] = {}
    for package in distributions(path=list(path)):
        # Not importlib.metadata.entry_points(), which fails if a single package is damaged.
        with suppress(Exception):
            for point in package.entry_points.select(group=group):
                points.setdefault(point.name, point)
    return dict(sorted(points.items()))
