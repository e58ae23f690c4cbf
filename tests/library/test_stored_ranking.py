"""The stored ranking of `recommend`: what is written is read back, and nothing else is used."""

import json
import stat
import zlib

import pytest

from papertrack.library.library import Library
from papertrack.library.recommended import (
    StoredRanking,
    forget_rankings,
    load_other_ranking,
    load_ranking,
    marks_fingerprint,
    save_other_ranking,
    save_ranking,
)
from papertrack.models import Reasons, Recommendation, State

REASONS = Reasons(("soil", "by Ada"), ("2603.00001",), ())
RANKING = StoredRanking("f", 7, 3, {"2026-03-31": 2}, [Recommendation("a:1", 0.5, REASONS)])
NAME, OTHERS = ".recommend.best.json", ".recommend.others.json"


@pytest.fixture
def library(tmp_path):
    return Library(str(tmp_path))


def test_a_ranking_is_read_back_and_forgotten(library, tmp_path):
    save_ranking(library, RANKING)
    assert load_ranking(library) == RANKING
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
    assert (load_ranking(library, "f"), load_ranking(library, "g")) == (RANKING, None)
    assert forget_rankings(library)
    assert (load_ranking(library), forget_rankings(library)) == (None, False)


def test_the_last_five_other_rankings_are_read_back_and_forgotten(library, tmp_path):
    for fingerprint in ("a", "b", "c", "d", "b", "e", "f", "f"):
        save_other_ranking(library, RANKING._replace(fingerprint=fingerprint))
    assert [key for key in "abcdef" if load_other_ranking(library, key)] == list("bcdef")
    assert load_other_ranking(library, "f") == RANKING
    assert stat.S_IMODE((tmp_path / OTHERS).stat().st_mode) == 0o600
    assert forget_rankings(library)
    assert (load_other_ranking(library, "f"), forget_rankings(library)) == (None, False)


def test_other_rankings_have_ten_thousand_papers_at_most(library):
    def save(fingerprint, papers):
        ranking = RANKING._replace(fingerprint=fingerprint, best=list(RANKING.best) * papers)
        save_other_ranking(library, ranking)
        return [key for key in "abcd" if load_other_ranking(library, key)]

    assert save("a", 4_000) == ["a"]
    assert save("b", 6_000) == ["a", "b"]
    assert save("c", 4_001) == ["c"]
    assert save("d", 10_001) == ["c"]


@pytest.mark.parametrize(
    "content", [b"{}", b"7", b'[{"best": []}]', b'[{"fingerprint": "f"}]', b"["]
)
def test_a_foreign_file_of_other_rankings_is_replaced(library, tmp_path, content):
    (tmp_path / OTHERS).write_bytes(b"%d\n%b" % (zlib.crc32(content), content))
    assert load_other_ranking(library, "f") is None
    save_other_ranking(library, RANKING)
    assert load_other_ranking(library, "f") == RANKING


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
    save_other_ranking(Library(None), RANKING)
    assert load_ranking(Library(None)) is None
    assert load_other_ranking(Library(None), RANKING.fingerprint) is None


def test_only_stars_and_hides_change_the_fingerprint_of_marks():
    states = {"a": State(starred=True), "b": State(hidden=True)}
    marked = marks_fingerprint(states)
    assert marks_fingerprint(states | {"c": State(read=True, tags=("x",))}) == marked
    assert marks_fingerprint(states | {"c": State(starred=True)}) != marked
    assert marks_fingerprint({"b": State(starred=True), "a": State(hidden=True)}) != marked
