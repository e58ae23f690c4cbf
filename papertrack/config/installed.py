"""What other installed packages provide for papertrack."""

from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "papertrack.sources"


def provided(group: str = GROUP) -> "dict[str, EntryPoint]":
    """The entry points of a group, as that for sources, by name, none of them imported; of two with
    one name that of the package that is found first. Slow, as it opens a file of every package.
    """
    from importlib.metadata import distributions

    found: dict[str, EntryPoint] = {}
    for package in distributions():
        # Not entry_points(), to which one damaged package is the end of all.
        with suppress(Exception):
            for one in package.entry_points.select(group=group):
                found.setdefault(one.name, one)
    return dict(sorted(found.items()))
