"""The stored ranking of `recommend`: what is written is read back, and nothing else is used."""

import json
import stat
import zlib

import pytest

from papertrack.library.library import Library
from papertrack.library.recommended import (
    StoredRanking,
    forget_ranking,
    load_ranking,
    marks_fingerprint,
    save_ranking,
)
from papertrack.models import Reasons, Recommendation, State

REASONS = Reasons(("soil", "by Ada"), ("2603.00001",), ())
RANKING = StoredRanking("f", 7, 3, {"2026-03-31": 2}, [Recommendation("a:1", 0.5, REASONS)])
NAME = ".recommend.best.json"


@pytest.fixture
def library(tmp_path):
    return Library(str(tmp_path))


def test_a_ranking_is_read_back_and_forgotten(library, tmp_path):
    save_ranking(library, RANKING)
    assert load_ranking(library) == RANKING
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert forget_ranking(library)
    assert (load_ranking(library), forget_ranking(library)) == (None, False)


@pytest.mark.parametrize(
    "change",
    [
        {"best": [["a:1", "best", [[], [], []]]]},
        {"best": [["a:1", 0.5, [[1], [], []]]]},
        {"best": [["a:1", 0.5, [[]]]]},
        {"days": []},
        {"days": {"2026-03-31": "2"}},
        {"marks": None},
        {"papers": True},
    ],
)
def test_what_papertrack_did_not_write_is_no_ranking(library, tmp_path, change):
    content = json.dumps(RANKING._asdict() | change).encode()
    (tmp_path / NAME).write_bytes(b"%d\n%b" % (zlib.crc32(content), content))
    assert load_ranking(library) is None


def test_control_characters_of_an_edited_file_do_not_reach_the_terminal(library):
    reasons = Reasons(("so\x1b[31mil",), (), ())
    save_ranking(library, RANKING._replace(best=[Recommendation("a:1", 0.5, reasons)]))
    (paper,) = load_ranking(library).best
    assert "\x1b" not in paper.reasons.words[0]


def test_a_library_in_memory_has_none():
    save_ranking(Library(None), RANKING)
    assert load_ranking(Library(None)) is None


def test_only_stars_and_hides_change_the_fingerprint_of_marks():
    states = {"a": State(starred=True), "b": State(hidden=True)}
    marked = marks_fingerprint(states)
    assert marks_fingerprint(states | {"c": State(read=True, tags=("x",))}) == marked
    assert marks_fingerprint(states | {"c": State(starred=True)}) != marked
    assert marks_fingerprint({"b": State(starred=True), "a": State(hidden=True)}) != marked
