"""Verifying and repairing a library."""

import copy
import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, contents, papers, put, sighting, sightings, states

from papertrack.calendar import Span
from papertrack.errors import LibraryDamaged
from papertrack.library import match_cache, table_names
from papertrack.library.coverage_rows import Coverage
from papertrack.library.library import Library
from papertrack.library.verification import (
    compact,
    repair,
    repair_in_use,
    verify,
    verify_in_use,
)
from papertrack.models import Match, Related, State

_YEAR = Span(DAY.replace(month=1, day=1), DAY)
_SUNDAY = DAY.replace(day=29)
_INVALID_ROW = {"x": 1}


def _findings(library):
    return verify(library, lambda _done, _all: None)


def _problems(library):
    return list(_findings(library).lines())


def _repair(library):
    """Repair a library; returns the days that lost papers."""
    with library.transaction():
        return repair(library, _findings(library))


def _ids(library):
    return {entry.paper.id for entry in library.all_entries()}


def _answers(library):
    """The results of all queries, with entries sorted; None if a query finds damage."""
    try:
        entries = sorted(library.all_entries())
        return copy.deepcopy({
            "all": entries,
            "entries": library.entries(entry.paper.id for entry in entries),
            "listed": sorted(library.listed_entries(_YEAR)),
            "within": sorted(library.entries_within(_YEAR)),
            "states": library.states(),
            "coverage": library.coverage(_YEAR),
            "days": [day for day in library.listing_days() if library.briefs(day)],
            "size": library.paper_count(),
        })  # fmt: skip
    except LibraryDamaged:
        return None


def _fill(library, looks, marks):
    """Store sightings and marks, and for every listing day its coverage and matches."""
    put(library, *looks)
    library.change_states(marks, lambda key, _state: marks[key])
    days = library.listing_days()
    with library.transaction():
        library.save_coverage(Coverage("huggingface", day, "complete", NOW) for day in days)
        for day in days:
            cached = (Match("t", "p", "title", "p", 100),), (Related("t", 40, 30, ("word",)),)
            matches = {look.paper.id: cached for look in looks}
            match_cache.save_matches(library, day, "rule", matches)
    return library


_CONTENTS = st.tuples(
    st.lists(
        st.sampled_from(("2603.00001", "2603.00002", "2602.00001", "cran:1")).flatmap(
            lambda paper_id: sightings(papers(paper_id))
        ),
        min_size=1,
        max_size=5,
    ),
    st.dictionaries(st.sampled_from(("2603.00001", "cran:1")), states, max_size=2),
)


@settings(max_examples=20)
@given(_CONTENTS)
def test_a_library_in_use_has_no_problems_and_repairing_or_compacting_changes_nothing(contents):
    library = _fill(Library(None), *contents)
    before = _answers(library)
    assert before is not None
    assert _problems(library) == []
    assert _repair(library) == set()
    tables = len(library.database.tables())
    removed = compact(library)
    assert removed == tables - len(library.database.tables())
    assert (_problems(library), _answers(library)) == ([], before)


def _draw_row(drawn, library, kinds):
    """Draw the table and the key of a row from the tables of these kinds."""
    rows = [
        (table, key)
        for table in sorted(library.database.tables())
        for key, _ in library.database.rows(table)
        if table.partition(".")[0] in kinds
    ]
    return drawn.draw(st.sampled_from(rows))


# Tables whose rows can be checked against other tables.
_CROSS_CHECKED = (table_names.PAPERS, table_names.INDEX, table_names.LISTINGS)


@settings(max_examples=30)
@given(_CONTENTS, st.data(), st.booleans())
def test_a_lost_row_or_table_is_reported_or_changes_no_answer(contents, drawn, whole_table):
    library = _fill(Library(None), *contents)
    before, ids = _answers(library), _ids(library)
    table, key = _draw_row(drawn, library, _CROSS_CHECKED)
    lost = {row_key for row_key, _ in library.database.rows(table)} if whole_table else {key}
    library.database.remove(table, lost)
    assert _problems(library) or _answers(library) == before
    _repair(library)
    assert _problems(library) == []
    assert ids - lost <= _ids(library), "all other papers stay"


_KINDS = (
    *(table_names.PAPERS, table_names.INDEX, table_names.LISTINGS, table_names.COUNTS),
    *(table_names.STATE, table_names.COVERAGE, table_names.MATCHES),
)


@pytest.fixture
def full():
    """A function that creates a library in memory with rows of every kind."""
    looks = [
        sighting(rank=1, upvotes=2, abstract="A", authors=("B",), submitted=NOW, announced=DAY),
        sighting(day=_SUNDAY, source="arxiv", at=NOW - 48 * HOUR, categories=("cs.CL",)),
        sighting("cran:1", day=None, stars=3),
        sighting("2603.00002"),
    ]
    marks = {"2603.00001": State(starred=True, tags=("t",), note="n")}

    def create():
        return _fill(Library(None), looks, marks)

    assert {table.partition(".")[0] for table in create().database.tables()} == {*_KINDS}
    return create


@pytest.mark.parametrize("kind", _KINDS)
def test_an_invalid_row_is_reported_with_its_table(full, kind):
    library = full()
    for table in library.database.names(kind):
        for key, row in list(library.database.rows(table)):
            library.database.put(table, {key: _INVALID_ROW})
            assert any(
                line.startswith(f"{table}: 1 ") and key in line for line in _problems(library)
            )
            library.database.put(table, {key: row})
    assert _problems(library) == []


_WRONG_VALUES = (None, 7, "text", [], [7], ["text"], [[7]], {}, {"x": 1}, True)


def _damaged_rows(row):
    """Rows to put in the place of a row: empty, invalid, or with a field lost or replaced."""
    yield {}
    yield _INVALID_ROW
    for field in row:
        yield {key: value for key, value in row.items() if key != field}
        yield from (row | {field: value} for value in _WRONG_VALUES)


@pytest.mark.parametrize("kind", _KINDS)
def test_repairing_any_damaged_row_leaves_a_library_without_problems(full, kind):
    """It answers all queries, and has all other papers."""
    undamaged = full()
    ids = _ids(undamaged)
    for table in undamaged.database.names(kind):
        for key, row in list(undamaged.database.rows(table)):
            for damaged in _damaged_rows(row):
                library = full()
                library.database.put(table, {key: copy.deepcopy(damaged)})
                _repair(library)
                assert _problems(library) == [], (table, key, damaged)
                assert _answers(library) is not None, (table, key, damaged)
                assert ids - {key} <= _ids(library)


@pytest.mark.parametrize("kind", _KINDS)
def test_a_copy_of_a_table_under_another_name_is_reported_or_ignored(full, kind):
    library = full()
    before = _answers(library)
    table = library.database.names(kind)[0]
    library.database.put(f"{kind}.old", dict(library.database.rows(table)))
    reported = any(f"{kind}.old" in line for line in _problems(library))
    assert reported or _answers(library) == before
    _repair(library)
    assert (_problems(library), _answers(library)) == ([], before)


@pytest.mark.parametrize("table", ["papers", "papers.soon", "", "a.b.c"])
def test_an_index_row_of_no_papers_table_is_reported_and_repaired(full, table):
    library = full()
    before = _answers(library)
    library.database.put("index.2603", {table: {"ids": ["2603.99999"]}})
    assert any(line.startswith("index.2603: 1 ") for line in _problems(library))
    _repair(library)
    assert (_problems(library), _answers(library)) == ([], before)


@pytest.mark.parametrize("kind", ["papers", "listings"])
def test_only_the_days_that_lost_a_paper_will_be_fetched_again(full, kind):
    """Whether its record is lost or only its briefs."""
    library = full()
    days = (_SUNDAY, DAY)
    library.change_states(["cran:1"], lambda _id, _state: State(read=True))
    put(library, sighting("2603.00003", day=DAY.replace(day=20)))
    with library.transaction():
        library.save_coverage([Coverage("huggingface", DAY.replace(day=20), "complete", NOW)])
    for table in library.database.names(kind):
        library.database.remove(table, ["2603.00001"])
    assert _repair(library) == set(days)
    states_by_day = {each.day: each.state for each in library.coverage(_YEAR).values()}
    assert states_by_day == {**dict.fromkeys(days, "failed"), DAY.replace(day=20): "complete"}


def test_a_paper_in_two_tables_is_reported_and_merged(full):
    library = full()
    size = library.paper_count()
    table = table_names.papers_table(DAY, 1)
    library.database.put(table, {"2603.00001": library.database.row(*_home(library, "2603.00001"))})
    assert _problems(library)
    _repair(library)
    assert (_problems(library), library.paper_count()) == ([], size)


def _home(library, paper_id):
    (table,) = library.locate([paper_id])
    return table, paper_id


_DAMAGES = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-3]),
    "a row is a list": lambda path: path.write_text(
        json.dumps({"papertrack": 1, "rows": {"x": [1]}}), encoding="ascii"
    ),
}


# Without shrinking, which would write thousands of folders.
@settings(max_examples=20, phases=[Phase.reuse, Phase.generate])
@given(
    contents=_CONTENTS,
    drawn=st.data(),
    damage=st.sampled_from(sorted(_DAMAGES)),
    journal=st.booleans(),
    backup=st.booleans(),
)
def test_a_damaged_file_is_reported_repaired_and_kept(contents, drawn, damage, journal, backup):
    """With and without usable copies.

    The loss of a file with all its copies is reported if other tables refer to its rows.
    """
    with tempfile.TemporaryDirectory() as folder:
        library = _fill(Library(folder), *contents)
        before = _answers(library)
        detectable = damage != "missing" or backup
        table, _ = _draw_row(drawn, library, _KINDS if detectable else _CROSS_CHECKED)
        path = Path(folder, f"{table}.json")
        if backup:
            shutil.copy(path, f"{path}.bak")
        if not journal:
            shutil.rmtree(path.parent / ".journal")
        _DAMAGES[damage](path)
        damaged = path.read_bytes() if path.exists() else None
        damages = []
        library = Library(folder, damages.append)
        assert _problems(library) or damages or _answers(library) == before
        _repair(library)
        library = Library(folder, lambda damage: pytest.fail(str(damage)))
        assert _problems(library) == []
        assert _answers(library) is not None
        if backup:
            assert _answers(library) == before
        if damaged is not None:
            assert damaged in {file.read_bytes() for file in path.parent.glob(f"{path.name}*")}


# --- a library in use


class _InUse:
    """A library in which another process stores papers while its first tables are read.

    Their listings are in a table that has been read by then, and in tables that did not exist.
    """

    def __init__(self, folder):
        self.folder = str(folder)
        put(Library(self.folder), sighting("2603.00001", day=DAY))
        self._written = False

    def open(self, on_damage):
        return Library(self.folder, on_damage)

    def progress(self, done, _all):
        if not self._written:
            self._written = True
            assert done == 1
            other = Library(self.folder)
            put(
                other,
                sighting("2603.00002", day=DAY.replace(day=2), rank=1),
                sighting("2603.00002", day=DAY, source="arxiv", rank=2),
            )


def test_a_library_that_is_written_meanwhile_is_healthy(tmp_path):
    in_use = _InUse(tmp_path)
    assert verify_in_use(in_use.open, in_use.progress).lines() == []


def test_a_repair_harms_nothing_that_was_written_meanwhile(tmp_path):
    in_use = _InUse(tmp_path)
    verification, days = repair_in_use(in_use.open, in_use.progress)
    assert (verification.lines(), days) == ([], set())
    (entry,) = Library(in_use.folder).entries(["2603.00002"]).values()
    assert [(listed.source, listed.rank) for listed in entry.listings] == [
        ("huggingface", 1),
        ("arxiv", 2),
    ]


def test_the_first_look_of_these_tests_does_find_problems(tmp_path):
    in_use = _InUse(tmp_path)
    assert list(verify(in_use.open(lambda _damage: None), in_use.progress).lines()) != []


def test_a_problem_is_repaired_as_it_is_under_the_lock(tmp_path):
    in_use = _InUse(tmp_path)
    library = Library(in_use.folder)
    library.database.remove(table_names.papers_table(DAY, 0), ["2603.00001"])
    verification, days = repair_in_use(in_use.open, in_use.progress)
    assert all("2603.00002" not in line for line in verification.lines())
    assert days == {DAY}
    assert verify_in_use(in_use.open, in_use.progress).lines() == []
    assert _ids(Library(in_use.folder)) == {"2603.00002"}


def test_verifying_again_under_the_lock_changes_no_file(tmp_path):
    put(Library(str(tmp_path)), sighting("2603.00001"))
    table = tmp_path / f"papers.{DAY}.json"
    table.write_bytes(b"damaged")
    before = contents(tmp_path)
    assert len(
        verify_in_use(lambda report: Library(str(tmp_path), report), lambda *_: None).lines()
    )
    assert contents(tmp_path) == before
