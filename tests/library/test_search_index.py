"""The word index: what search asks, and what may be lost at any time."""

import os
import stat
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from itertools import pairwise

import pytest
from invented import DAY, put, sighting

from papertrack.library.library import Library
from papertrack.library.search_index import FILE, open_search_index
from papertrack.searching import search
from papertrack.searching.query import parse
from papertrack.tracker import no_progress


@pytest.fixture
def library(tmp_path):
    """A library of four papers."""
    found = Library(str(tmp_path / "library"))
    put(
        found,
        sighting("2603.00001", title="Retrieval for long documents", abstract="About ranking."),
        sighting("2603.00002", title="Ranking", abstract="Documents are retrieved and ranked."),
        sighting("2603.00003", title="Schrödinger bridges", day=DAY - timedelta(days=3)),
        sighting("2603.00004", title="Pre-trained models", abstract="Nothing else."),
    )
    return found


def _found(library, query):
    """The ids that a query finds, best first, asked through a newly opened index."""
    said = open_search_index(Library(library.folder), no_progress)
    return said.ids([hit.number for hit in search(parse(query), said, _silent).hits])


def _silent(numbers):
    """Texts that add no words to a query."""
    return [""] * len(numbers)


def test_the_title_weighs_more_and_inflections_are_one_word(library):
    assert _found(library, "retrieving") == ["2603.00001", "2603.00002"]
    assert _found(library, "rank") == ["2603.00002", "2603.00001"]


def test_accents_case_and_hyphens_do_not_matter(library):
    assert _found(library, "SCHRODINGER") == ["2603.00003"]
    assert _found(library, "pre-trained") == ["2603.00004"]


def test_a_word_that_nobody_says_is_taken_for_the_nearest_or_for_two(library):
    assert _found(library, "retreival") == ["2603.00001"]
    assert _found(library, "pretrained") == ["2603.00004"]
    assert _found(library, "zebra") == []
    assert _found(library, "of the") == []


def test_what_was_stored_changed_or_added_since_is_found(library):
    _found(library, "anything")
    put(
        library,
        sighting("2603.00001", title="Diffusion of heat", version=2, abstract="Other words."),
        sighting("2604.00009", title="Retrieval again", day=DAY + timedelta(days=1)),
    )
    assert _found(library, "retrieving") == ["2604.00009", "2603.00002"]
    assert _found(library, "diffusion heat") == ["2603.00001"]


def test_papers_of_a_table_that_is_gone_are_not_found(library):
    _found(library, "anything")
    for name in library.database.names("papers"):
        library.database.drop_table(name)
    assert _found(library, "retrieving") == []


@pytest.mark.parametrize("hurt", [b"", b"SQLite format 3\x00" + b"\x00" * 4096, b"garbage" * 999])
def test_a_damaged_index_is_made_anew(library, hurt):
    expected = _found(library, "ranking documents")
    path = os.path.join(library.folder, FILE)
    with open(path, "wb") as file:
        file.write(hurt)
    assert _found(library, "ranking documents") == expected != []
    with open(path, "rb") as file:
        assert file.read(15) == b"SQLite format 3"


def test_an_index_whose_end_is_cut_off_is_made_anew(library):
    expected = _found(library, "ranking documents")
    path = os.path.join(library.folder, FILE)
    os.truncate(path, os.path.getsize(path) // 2)
    put(library, sighting("2604.00009", title="Unrelated"))
    assert _found(library, "ranking documents") == expected


def test_an_index_of_another_version_is_made_anew(library):
    import sqlite3

    expected = _found(library, "ranking")
    with closing(sqlite3.connect(os.path.join(library.folder, FILE))) as other:
        other.execute("PRAGMA user_version = 99")
    assert _found(library, "ranking") == expected != []


def test_after_many_changes_it_is_made_anew_and_says_the_same(library):
    """Each change leaves the words of before in the file, until they are too many."""
    sizes = []
    for turn in range(6):
        put(
            library,
            *(
                sighting(f"2603.1{number:04}", title=f"Turn {turn} of {number}", version=turn + 1)
                for number in range(300)
            ),
        )
        assert len(_found(library, f"turn {turn}")) == 300
        sizes.append(open_search_index(Library(library.folder), no_progress).highest_number)
    assert sizes != sorted(sizes)


def test_grown_by_days_it_says_the_same_as_made_at_once(tmp_path):
    """Also of words that so many papers say that it is kept which they are."""
    library = Library(str(tmp_path / "library"))
    queries = ("heat", "-model heat", '"models"', '"models of"', "plain heat transfer models")
    for day, (first, last) in enumerate(pairwise((0, 240, 255, 270, 285))):
        put(
            library,
            *(_about_heat(number) for number in range(first, last)),
            sighting("2603.00001", title="Plain", abstract=f"Version {day}", version=day + 1),
        )
        grown = [_scored(library, query) for query in queries]
    os.unlink(os.path.join(library.folder, FILE))
    assert grown == [_scored(library, query) for query in queries]
    assert [len(one) for one in grown[:2]] == [284, 24]


def _about_heat(number):
    title = ("One", "Models of heat", "Models of transfer")[number % 3]
    models = " and a model" * (number % 4)
    return sighting(f"2603.{number:05}", title=title, abstract=f"Some{models} of heat {number}")


def _scored(library, query):
    said = open_search_index(Library(library.folder), no_progress)
    hits = search(parse(query), said, _silent).hits
    found = zip(said.ids([hit.number for hit in hits]), hits, strict=True)
    return sorted((paper_id, hit.score) for paper_id, hit in found)


def test_it_is_its_owner_s_alone(library):
    old = os.umask(0)
    try:
        _found(library, "anything")
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(os.path.join(library.folder, FILE)).st_mode) == 0o600


def test_a_library_in_memory_can_be_searched():
    library = Library(None)
    put(library, sighting("2603.00001", title="Retrieval"))
    said = open_search_index(library, no_progress)
    assert said.ids([hit.number for hit in search(parse("retrieving"), said, _silent).hits]) == [
        "2603.00001"
    ]


def test_where_no_file_can_be_kept_the_answers_are_the_same(library):
    os.mkdir(os.path.join(library.folder, FILE))
    assert _found(library, "retrieving") == ["2603.00001", "2603.00002"]


_ASKING = """
import sys
from papertrack.library.search_index import open_search_index
from papertrack.library.library import Library
from papertrack.searching import search
from papertrack.searching.query import parse
from papertrack.tracker import no_progress
said = open_search_index(Library(sys.argv[1]), no_progress)
print(*said.ids([hit.number for hit in search(parse("retrieving"), said, None).hits]))
"""


def test_several_processes_may_make_it_at_once(library):
    command = [sys.executable, "-c", _ASKING, library.folder]
    asking = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [process.communicate(timeout=300)[0].split() for process in asking]
    assert answers == [["2603.00001", "2603.00002"]] * 4
