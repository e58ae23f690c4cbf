import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from papertrack.config.records import Sources
from papertrack.source_registry import BUILT_IN
from papertrack.sources import ListingRequest, Source
from papertrack.sources.factory import make_source

DAY, NEXT = date(2026, 3, 31), date(2026, 4, 1)
NOW = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
NETWORK = {"httpx", "httpcore", "tenacity", "dataclasses", "threading", "logging", "ssl", "socket"}


def loaded_by(statement):
    """The modules in a new process after `statement`."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", script], text=True).split())


def made(name):
    """Lines that make a built-in source as the configuration does."""
    return (
        "from papertrack.config.records import Sources\n"
        "from papertrack.sources.factory import make_source\n"
        f"make_source({name!r}, Sources()[{name!r}])"
    )


@pytest.mark.parametrize(
    "statement",
    ["import papertrack.sources", "import papertrack.sources.sample", *map(made, BUILT_IN)],
)
def test_sources_load_no_network_library_until_one_connects(statement):
    quiet = loaded_by(statement)
    assert any(name.startswith("papertrack.sources") for name in quiet)
    assert not quiet & NETWORK


def test_the_network_library_is_loaded_by_who_connects():
    assert "httpx" in loaded_by("import papertrack.sources as s; s.connect(None, 1)")


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_sources_fulfil_their_protocol(name):
    source = make_source(name, Sources()[name])
    assert isinstance(source, Source)
    assert source.name == name
    assert source.max_concurrent >= 1


def test_a_source_must_say_how_it_lists():
    with pytest.raises(TypeError, match="listings"):
        Source()


class Plain(Source):
    """Says no more than a source must."""

    name = title = "plain"

    def listings(self, client, ask, now):  # noqa: ARG002
        return ()


def test_a_source_that_says_no_more_lists_each_day_from_its_beginning_and_settles_at_its_end():
    source = Plain()
    assert source.lists_on(DAY)
    assert source.available_from(DAY) == datetime(2026, 3, 31, tzinfo=UTC)
    assert source.final_after(DAY) == datetime(2026, 4, 1, tzinfo=UTC)
    assert (source.max_concurrent, source.categories, source.counted) == (1, ("",), False)
    assert source.papers(None, ["2603.00001"], NOW) == ()


def test_a_source_that_says_no_more_is_asked_for_all_categories_of_a_day_as_they_are_wanted():
    wanted = [(NEXT, "b"), (DAY, "a"), (NEXT, "a"), (DAY, "c")]
    assert Plain().requests(wanted, NOW) == [
        ListingRequest((NEXT,), ("b", "a")),
        ListingRequest((DAY,), ("a", "c")),
    ]
    assert Plain().requests([], NOW) == []
