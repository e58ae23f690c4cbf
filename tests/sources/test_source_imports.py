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
    """The modules that a new process has imported after `statement`."""
    script = f"{statement}\nimport sys\nprint(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", script], text=True).split())


def making(name):
    """Lines that build a built-in source as the configuration does."""
    return (
        "from papertrack.config.records import Sources\n"
        "from papertrack.sources.factory import make_source\n"
        f"make_source({name!r}, Sources()[{name!r}])"
    )


@pytest.mark.parametrize(
    "statement",
    ["import papertrack.sources", "import papertrack.sources.sample", *map(making, BUILT_IN)],
)
def test_sources_import_no_network_library_before_connect(statement):
    modules = loaded_by(statement)
    assert any(name.startswith("papertrack.sources") for name in modules)
    assert not modules & NETWORK


def test_connect_imports_the_network_library():
    assert "httpx" in loaded_by("import papertrack.sources as s; s.connect(None, 1)")


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_sources_are_sources_of_their_name(name):
    source = make_source(name, Sources()[name])
    assert isinstance(source, Source)
    assert source.name == name
    assert source.max_concurrent >= 1


def test_a_source_must_implement_listings():
    with pytest.raises(TypeError, match="listings"):
        Source()


class MinimalSource(Source):
    """Has only what a source must have."""

    name = title = "plain"

    def listings(self, client, request, now):  # noqa: ARG002
        return ()


def test_a_minimal_source_lists_each_day_from_its_beginning_and_is_final_at_its_end():
    source = MinimalSource()
    assert source.lists_on(DAY)
    assert source.available_from(DAY) == datetime(2026, 3, 31, tzinfo=UTC)
    assert source.final_after(DAY) == datetime(2026, 4, 1, tzinfo=UTC)
    assert (source.max_concurrent, source.categories, source.counted) == (1, ("",), False)
    assert source.papers(None, ["2603.00001"], NOW) == ()


def test_a_minimal_source_has_a_request_per_day_with_all_its_categories():
    due = [(NEXT, "b"), (DAY, "a"), (NEXT, "a"), (DAY, "c")]
    assert MinimalSource().requests(due, NOW) == [
        ListingRequest((NEXT,), ("b", "a")),
        ListingRequest((DAY,), ("a", "c")),
    ]
    assert MinimalSource().requests([], NOW) == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_source_sets_and_overrides_only_what_a_source_has(name):
    """A misspelled attribute or method would be ignored silently."""
    known = {*dir(Source), *Source.__annotations__}
    public = set(dir(type(make_source(name, Sources()[name]))))
    assert {attribute for attribute in public if not attribute.startswith("_")} <= known


def test_hugging_face_allows_several_requests_at_once_and_arxiv_one():
    sources = {name: make_source(name, Sources()[name]) for name in ("huggingface", "arxiv")}
    assert sources["huggingface"].max_concurrent > sources["arxiv"].max_concurrent == 1
