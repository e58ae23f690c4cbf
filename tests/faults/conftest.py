"""Libraries that have seen better days, and the services that they come from."""

from random import Random
from typing import NamedTuple

import pytest
from faulty import Services, before, running
from readers import Reader


class Libraries(NamedTuple):
    """Two libraries of one day: "unseen" has the listing day before it, "seen" also an early look
    at that day, when a third of its papers were there, made at the moment `early`. Where each is,
    and the papers stored in it.
    """

    library: dict[str, object]
    stored: dict[str, set[str]]
    early: str


@pytest.fixture(scope="session")
def libraries(tmp_path_factory):
    """Makes the libraries of a day, once."""
    made = {}

    def make(day):
        if day not in made:
            made[day] = _libraries(tmp_path_factory.mktemp(str(day)), day)
        return made[day]

    return make


def _libraries(folder, day):
    early = f"{day}T03:00:00Z"
    with running(Services(before(day))) as services:
        unseen = _looked(folder / "unseen", services, f"{before(day)}T18:00:00Z")
    with running(Services(day, count=10)) as services:
        seen = _looked(folder / "seen", services, early, unseen.library)
    readers = {"unseen": unseen, "seen": seen}
    return Libraries(
        {name: one.library for name, one in readers.items()},
        {name: one.stored() for name, one in readers.items()},
        early,
    )


def _looked(home, services, now, library=None):
    reader = Reader(home, services, library=library)
    reader.now = now
    assert reader.here(*reader.edition).run.code == 0
    assert {one["state"] for one in reader.coverage().values()} == {"complete"}
    return reader


@pytest.fixture
def services(request):
    """The services on the day that the test asks for, else on 2026-03-31."""
    day = getattr(request, "param", None)
    with running(Services(day) if day else Services()) as one:
        yield one


def pytest_collection_modifyitems(items):
    """Shuffled, always the same way: xdist deals out neighbours, and each worker should get its
    share of what takes long.
    """
    places = [place for place, one in enumerate(items) if "faults" in one.path.parts]
    mine = [items[place] for place in places]
    Random(0).shuffle(mine)
    for place, one in zip(places, mine, strict=True):
        items[place] = one
