"""The faulty services, and libraries that were filled from them before the fault."""

from functools import cache
from random import Random
from typing import NamedTuple

import pytest
from faulty import Services, before, running
from program import Program
from readers import Reader, stored_ids


class Libraries(NamedTuple):
    """Two libraries for a day, with their folders and the papers stored in them.

    "unseen" has the listing day before it; "seen" also has an early listing of the day with a third
    of its papers, fetched at `early`.
    """

    folders: dict[str, object]
    stored: dict[str, set[str]]
    early: str


@pytest.fixture(scope="session")
def libraries(filled):
    """Creates the libraries of a day, once for all workers."""

    @cache
    def create(day):
        folder = filled(f"faults-{day}", lambda folder: _fill(folder, day))
        homes = {home.name: Program(home) for home in folder.iterdir()}
        return Libraries(
            {name: program.library for name, program in homes.items()},
            {name: stored_ids(program.library) for name, program in homes.items()},
            _early(day),
        )

    return create


def _early(day):
    return f"{day}T03:00:00Z"


def _fill(folder, day):
    with running(Services(before(day))) as services:
        unseen_reader = _refreshed_reader(folder / "unseen", services, f"{before(day)}T18:00:00Z")
    with running(Services(day, count=10)) as services:
        _refreshed_reader(folder / "seen", services, _early(day), unseen_reader.library)


def _refreshed_reader(home, services, now, library=None):
    reader = Reader(home, services, library=library)
    reader.now = now
    assert reader.run_here(*reader.today).process.code == 0
    states = {source["state"] for source in reader.coverage().values()}
    assert states == {"complete"}
    return reader


@pytest.fixture
def services(request):
    """The services on the day that is the parameter of the test, by default 2026-03-31."""
    day = getattr(request, "param", None)
    with running(Services(day) if day else Services()) as services:
        yield services


def pytest_collection_modifyitems(items):
    """Shuffle the tests of this folder, always in the same way.

    xdist gives neighbours to the same worker, and each worker should get a share of the slow ones.
    """
    places = [place for place, item in enumerate(items) if "faults" in item.path.parts]
    shuffled = [items[place] for place in places]
    Random(0).shuffle(shuffled)
    for place, item in zip(places, shuffled, strict=True):
        items[place] = item
