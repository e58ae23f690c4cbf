"""The entry points through which other installed packages extend papertrack."""

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_T = TypeVar("_T")
SECONDS = 30.0  # for an import, which may be slow after the start of the system
_given_up: set[str] = set()


def run_plugin(name: str, work: Callable[[], _T], seconds: float | None = None) -> _T:
    """Run code of the plugin `name` and return its result; raises what it raises.

    Raises TimeoutError after so many seconds, by default SECONDS. That plugin is not run again by
    this process: its module may be imported for ever.
    """
    from papertrack.deadlines import finish_within  # few runs need it

    if name in _given_up:
        raise TimeoutError("the plugin did not finish in time")
    try:
        return finish_within(SECONDS if seconds is None else seconds, work)
    except TimeoutError as error:
        _given_up.add(name)
        raise TimeoutError("the plugin did not finish in time") from error


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
