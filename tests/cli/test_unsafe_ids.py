"""Ids that earlier versions stored, and that commands could take for options or row numbers."""

import json

import pytest
from invented import DAY, put, sighting

from papertrack.identifiers import is_safe_argument, is_valid_id
from papertrack.library.library import Library
from papertrack.models import State

UNSAFE = ("-rf", "--library=elsewhere", "3", "5-7,9", "a b", "x'y", "-", "../../x", '"q', "a\\b")
GOOD = "2603.00001"


@pytest.fixture
def old(papertrack):
    """A program with a library of an earlier version."""
    papertrack.configure("sources: {huggingface: {enabled: false}}")
    library = Library(str(papertrack.library))
    put(library, sighting(GOOD, rank=1), sighting("other/id", rank=2))
    put(library, *(sighting(key, rank=3, upvotes=4, title=f"Of {key}") for key in UNSAFE))
    library.change_states(UNSAFE, lambda *_: State(starred=True, note="my words"))
    return papertrack


@pytest.mark.parametrize(
    "words",
    [
        *(("list", "--all", "-f", "ids"), ("today", "--offline", "-f", "ids")),
        *(("export", "--all", "-f", "ids"), ("list", "--all", "-f", "plain")),
    ],
)
def test_unsafe_ids_are_left_out_of_pipes_and_named_on_stderr(old, words):
    result = old(*words)
    assert result.code == 0
    ids = [line.split("\t")[1 if "plain" in words else 0] for line in result.out.splitlines()]
    assert sorted(ids) == [GOOD, "other/id"]
    assert "verify --repair" in result.err
    assert any(repr(unsafe) in result.err for unsafe in UNSAFE)


def test_data_has_every_paper(old):
    data = json.loads(old("list", "--all", "-f", "json").out)["data"]
    assert {paper["id"] for paper in data} == {GOOD, "other/id", *UNSAFE}


def test_repair_renames_papers_with_unsafe_ids_and_keeps_what_belongs_to_them(old):
    assert old("library", "verify").code == 5
    assert old("library", "verify", "--repair").code == 0
    assert old("library", "verify").code == 0
    ids = old("list", "--all", "-f", "ids").out.split()
    assert len(ids) == len(UNSAFE) + 2
    assert all(map(is_valid_id, set(ids) - {"other/id"}))
    entries = Library(str(old.library)).entries(ids).values()
    renamed = {e.paper.title: e for e in entries if e.paper.id.startswith("renamed:")}
    assert renamed.keys() == {f"Of {key}" for key in UNSAFE}
    for entry in renamed.values():
        assert entry.state == State(starred=True, note="my words")
        assert [(listed.day, listed.rank) for listed in entry.listings] == [(DAY, 3)]
        assert entry.latest.upvotes == 4


@pytest.mark.parametrize(
    "paper_id",
    ["2603.00001", "hep-th/9901001", "doi:10.1002/(sici)1097<1661::aid>3.0.co;2-2", "cran:12"],
)
def test_every_valid_id_is_safe(paper_id):
    assert is_valid_id(paper_id)
    assert is_safe_argument(paper_id)
