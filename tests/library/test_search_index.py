"""The search index: its results, updates, and rebuilding after loss or damage."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from invented import DAY, put, sighting

from papertrack.library.library import Library
from papertrack.library.search_index import FILE, open_search_index
from papertrack.library.search_index.check import index_problem
from papertrack.searching import search
from papertrack.searching.query import parse_query
from papertrack.tracker import no_progress


@pytest.fixture
def library(tmp_path):
    """A library of four papers."""
    library = Library(str(tmp_path / "library"))
    put(
        library,
        sighting("2603.00001", title="Retrieval for long documents", abstract="About ranking."),
        sighting("2603.00002", title="Ranking", abstract="Documents are retrieved and ranked."),
        sighting("2603.00003", title="Schrödinger bridges", day=DAY - timedelta(days=3)),
        sighting("2603.00004", title="Pre-trained models", abstract="Nothing else."),
    )
    return library


def _search(library, query):
    """The ids of the papers that a query matches, best first, in a newly opened index."""
    index = open_search_index(Library(library.folder), no_progress)
    return index.ids([hit.number for hit in search(parse_query(query), index, _no_texts).hits])


def _no_texts(numbers):
    """Empty texts, which add no terms to a query."""
    return [""] * len(numbers)


def test_titles_weigh_more_and_inflections_are_the_same_term(library):
    assert _search(library, "retrieving") == ["2603.00001", "2603.00002"]
    assert _search(library, "rank") == ["2603.00002", "2603.00001"]


def test_accents_case_and_hyphens_do_not_matter(library):
    assert _search(library, "SCHRODINGER") == ["2603.00003"]
    assert _search(library, "pre-trained") == ["2603.00004"]


@pytest.mark.parametrize(
    ("title", "query", "other"),
    [
        ("基于扩散模型的LLM综述", "扩散模型", "图像"),
        ("基于扩散模型的LLM综述", "LLM", "KLM"),
        ("拡散モデルの学習", "モデル", "画像"),
        ("확산모델을 이용한 생성", "확산모델", "언어"),
        ("การเรียนรู้เชิงลึก", "เรียนรู้", "ภาพ"),
        ("न्यूरल नेटवर्क की समीक्षा", "नेटवर्क", "नेट"),
        ("بناء شَبَكة عصبية", "شَبَكة", "شب"),
        ("بناء شَبَكة عصبية", "شبكة", "شبكه"),
        ("שָׁלוֹם עולם", "שלום", "שלו"),
        ("новый мой", "мой", "мои"),
        ("зелёный свет", "зеленый", "белый"),
        ("かぎ ガイド", "ガイド", "カト"),
        ("The A.I. of today", "AI", "I"),
        ("The AI of today", "A.I.", "EU"),
    ],
)
def test_titles_of_every_script_are_found(library, title, query, other):
    put(library, sighting("2603.00009", title=title))
    assert _search(library, query) == _search(library, f'"{query}"') == ["2603.00009"]
    assert _search(library, other) == []


def test_an_umlaut_may_be_spelled_out_in_a_paper_or_a_query(library):
    put(library, sighting("2603.00008", title="Of Gr\u00f6bner bases by Claire"))
    put(library, sighting("2603.00009", title="Of Groebner bases"))
    for query in ("Groebner", "Gr\u00f6bner", "Grobner"):
        assert sorted(_search(library, query)) == ["2603.00008", "2603.00009"]


def test_an_unknown_word_is_corrected_or_split_into_two(library):
    assert _search(library, "retreival") == ["2603.00001", "2603.00002"]
    assert _search(library, "pretrained") == ["2603.00004"]
    assert _search(library, "zebra") == []
    assert _search(library, "of the") == []


def test_changed_and_added_papers_are_found(library):
    _search(library, "anything")
    put(
        library,
        sighting("2603.00001", title="Diffusion of heat", version=2, abstract="Other words."),
        sighting("2604.00009", title="Retrieval again", day=DAY + timedelta(days=1)),
    )
    assert _search(library, "retrieving") == ["2604.00009", "2603.00002"]
    assert _search(library, "diffusion heat") == ["2603.00001"]


def test_papers_of_a_removed_table_are_not_found(library):
    _search(library, "anything")
    for name in library.database.names("papers"):
        library.database.drop_table(name)
    assert _search(library, "retrieving") == []


@pytest.mark.parametrize("body", [b"", b"SQLite format 3\x00" + b"\x00" * 4096, b"garbage" * 999])
def test_a_damaged_index_is_rebuilt(library, body):
    expected = _search(library, "ranking documents")
    path = os.path.join(library.folder, FILE)
    with open(path, "wb") as file:
        file.write(body)
    assert _search(library, "ranking documents") == expected != []
    with open(path, "rb") as file:
        assert file.read(15) == b"SQLite format 3"


def test_a_truncated_index_is_rebuilt(library):
    expected = _search(library, "ranking documents")
    path = os.path.join(library.folder, FILE)
    os.truncate(path, os.path.getsize(path) // 2)
    put(library, sighting("2604.00009", title="Unrelated"))
    assert _search(library, "ranking documents") == expected


_BLOCK = 512


@pytest.mark.parametrize("damage", ["zeros", "other bytes", "a bit"])
def test_damage_in_any_block_of_an_index_is_noticed_and_repaired(library, damage):
    """Whether or not the structure of the file is still valid."""
    expected = _search(library, "ranking documents")
    path = Path(library.folder, FILE)
    good = path.read_bytes()
    for start in range(0, len(good), 16 * _BLOCK):
        block = good[start : start + _BLOCK]
        damaged = {
            "zeros": bytes(_BLOCK) if any(block) else b"\1" * _BLOCK,
            "other bytes": bytes(255 - byte for byte in block),
            "a bit": bytes([block[0] ^ 4]) + block[1:],
        }[damage]
        path.write_bytes(good[:start] + damaged + good[start + _BLOCK :])
        assert _search(library, "ranking documents") == expected != [], start
        assert index_problem(library.folder) is None
        good = path.read_bytes()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE papers SET id = '9999.00000'",
        "UPDATE papers SET id = NULL",
        "DELETE FROM papers",
        "DELETE FROM known",
        "UPDATE terms SET papers = 'x'",
        "DROP TABLE words",
        "CREATE TRIGGER t AFTER INSERT ON tables BEGIN DELETE FROM papers; END",
        "CREATE VIEW v AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n FROM c) SELECT 1",
    ],
)
def test_an_index_that_another_program_changed_is_rebuilt(library, statement):
    expected = _search(library, "ranking documents")
    with closing(sqlite3.connect(os.path.join(library.folder, FILE))) as other:
        other.execute(statement)
        other.commit()
    assert "checksum" in (index_problem(library.folder) or "")
    assert _search(library, "ranking documents") == expected != []
    assert index_problem(library.folder) is None


@pytest.mark.parametrize("is_link", [True, False])
def test_a_database_of_another_program_stays_as_it_is(library, tmp_path, is_link):
    path = Path(library.folder, FILE)
    database = tmp_path / "zotero.sqlite" if is_link else path
    with closing(sqlite3.connect(database)) as other:
        other.execute("CREATE TABLE papers (title)")
        other.execute("INSERT INTO papers VALUES ('mine')")
        other.commit()
    before = database.read_bytes()
    if is_link:
        path.symlink_to(database)
    assert _search(library, "ranking") != []
    assert not path.is_symlink()
    if is_link:
        assert database.read_bytes() == before
    else:
        (aside,) = path.parent.glob(f"{FILE}.damaged-*")
        assert aside.read_bytes() == before


def test_a_link_to_nothing_is_not_followed(library, tmp_path):
    Path(library.folder, FILE).symlink_to(tmp_path / "new")
    assert _search(library, "ranking") != []
    assert not (tmp_path / "new").exists()


def test_a_copied_index_is_used_again(library, tmp_path):
    expected = _search(library, "ranking")
    copied = shutil.copytree(library.folder, tmp_path / "copied")
    inode = (copied / FILE).stat().st_ino
    assert _search(Library(str(copied)), "ranking") == expected != []
    assert (copied / FILE).stat().st_ino == inode


def test_an_index_of_another_version_is_rebuilt(library):
    expected = _search(library, "ranking")
    with closing(sqlite3.connect(os.path.join(library.folder, FILE))) as other:
        other.execute("PRAGMA user_version = 99")
    assert _search(library, "ranking") == expected != []


def test_after_many_changes_the_index_is_rebuilt_with_the_same_results(library):
    """Each change leaves the earlier postings in the file, until there are too many."""
    sizes = []
    for turn in range(6):
        put(
            library,
            *(
                sighting(f"2603.1{number:04}", title=f"Turn {turn} of {number}", version=turn + 1)
                for number in range(300)
            ),
        )
        assert len(_search(library, f"turn {turn}")) == 300
        sizes.append(open_search_index(Library(library.folder), no_progress).highest_number)
    assert sizes != sorted(sizes)


def test_an_index_updated_daily_gives_the_same_results_as_one_built_at_once(tmp_path):
    """Also for common words, whose postings are stored as arrays."""
    library = Library(str(tmp_path / "library"))
    queries = ("heat", "-model heat", '"models"', '"models of"', "plain heat transfer models")
    for day, (first, last) in enumerate(pairwise((0, 240, 255, 270, 285))):
        put(
            library,
            *(_about_heat(number) for number in range(first, last)),
            sighting("2603.00001", title="Plain", abstract=f"Version {day}", version=day + 1),
        )
        updated = [_scores(library, query) for query in queries]
    os.unlink(os.path.join(library.folder, FILE))
    assert updated == [_scores(library, query) for query in queries]
    assert [len(scores) for scores in updated[:2]] == [284, 24]


def _about_heat(number):
    title = ("One", "Models of heat", "Models of transfer")[number % 3]
    models = " and a model" * (number % 4)
    return sighting(f"2603.{number:05}", title=title, abstract=f"Some{models} of heat {number}")


def _scores(library, query):
    index = open_search_index(Library(library.folder), no_progress)
    hits = search(parse_query(query), index, _no_texts).hits
    ids = index.ids([hit.number for hit in hits])
    return sorted((paper_id, hit.score) for paper_id, hit in zip(ids, hits, strict=True))


def test_the_index_file_is_private_to_its_owner(library):
    old = os.umask(0)
    try:
        _search(library, "anything")
    finally:
        os.umask(old)
    assert stat.S_IMODE(os.stat(os.path.join(library.folder, FILE)).st_mode) == 0o600


def test_a_library_in_memory_can_be_searched():
    library = Library(None)
    put(library, sighting("2603.00001", title="Retrieval"))
    index = open_search_index(library, no_progress)
    hits = search(parse_query("retrieving"), index, _no_texts).hits
    assert index.ids([hit.number for hit in hits]) == ["2603.00001"]


def test_results_are_the_same_if_no_index_file_can_be_written(library):
    os.mkdir(os.path.join(library.folder, FILE))
    assert _search(library, "retrieving") == ["2603.00001", "2603.00002"]


_PROGRAM = """
import sys
from papertrack.library.search_index import open_search_index
from papertrack.library.library import Library
from papertrack.searching import search
from papertrack.searching.query import parse_query
from papertrack.tracker import no_progress
index = open_search_index(Library(sys.argv[1]), no_progress)
print(*index.ids([hit.number for hit in search(parse_query("retrieving"), index, None).hits]))
"""


def test_several_processes_can_create_the_index_at_the_same_time(library):
    command = [sys.executable, "-c", _PROGRAM, library.folder]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    results = [process.communicate(timeout=300)[0].split() for process in processes]
    assert results == [["2603.00001", "2603.00002"]] * 4
