"""What is found to be wrong with a library, and what putting it right leaves."""

import copy
import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, papers, put, sighting, sightings, states

from papertrack.calendar import Span
from papertrack.errors import LibraryDamaged
from papertrack.library import match_cache, table_names
from papertrack.library.library import Coverage, Library
from papertrack.library.verification import compact, repair, verify
from papertrack.models import Match, Related, State

_YEAR = Span(DAY.replace(month=1, day=1), DAY)
_SUNDAY = DAY.replace(day=29)
_NEVER_WRITTEN = {"x": 1}


def _findings(library):
    return verify(library, lambda _done, _all: None)


def _found(library):
    return list(_findings(library).lines())


def _repaired(library):
    """The days that lost papers."""
    with library.transaction():
        return repair(library, _findings(library))


def _ids(library):
    return {entry.paper.id for entry in library.all_entries()}


def _answers(library):
    """Everything that a library says, in an order of its own; nothing where it says it cannot."""
    try:
        whole = sorted(library.all_entries())
        return copy.deepcopy({
            "everything": whole,
            "entries": library.entries(entry.paper.id for entry in whole),
            "listed": sorted(library.listed(_YEAR)),
            "within": sorted(library.entries_within(_YEAR)),
            "states": library.states(),
            "coverage": library.coverage(_YEAR),
            "days": [day for day in library.listing_days() if library.briefs(day)],
            "size": library.size(),
        })  # fmt: skip
    except LibraryDamaged:
        return None


def _fill(library, seen, marks):
    """Store what was seen and marked, that every day was asked for and what was met on it."""
    put(library, *seen)
    library.change_states(marks, lambda key, _state: marks[key])
    days = library.listing_days()
    with library.transaction():
        library.save_coverage(Coverage("huggingface", day, "complete", NOW) for day in days)
        for day in days:
            found = (Match("t", "p", "title", "p", 100),), (Related("t", 40, 30, ("word",)),)
            match_cache.save_matches(library, day, "rule", {one.paper.id: found for one in seen})
    return library


_CONTENTS = st.tuples(
    st.lists(
        st.sampled_from(("2603.00001", "2603.00002", "2602.00001", "cran:1")).flatmap(
            lambda one: sightings(papers(one))
        ),
        min_size=1,
        max_size=5,
    ),
    st.dictionaries(st.sampled_from(("2603.00001", "cran:1")), states, max_size=2),
)


@settings(max_examples=20)
@given(_CONTENTS)
def test_nothing_is_wrong_with_what_storing_and_marking_made(contents):
    """So repairing changes nothing, nor does compacting."""
    library = _fill(Library(None), *contents)
    before = _answers(library)
    assert before is not None
    assert _found(library) == []
    assert _repaired(library) == set()
    compact(library)
    assert (_found(library), _answers(library)) == ([], before)


def _draw_row(drawn, library, kinds):
    """Some row of some table of these kinds, where there is one."""
    rows = [
        (table, key)
        for table in sorted(library.database.tables())
        for key, _ in library.database.rows(table)
        if table.partition(".")[0] in kinds
    ]
    return drawn.draw(st.sampled_from(rows))


# What else a library has, nothing else in it knows of.
_VOUCHED_FOR = (table_names.PAPERS, table_names.INDEX, table_names.LISTINGS)


@settings(max_examples=30)
@given(_CONTENTS, st.data(), st.booleans())
def test_a_row_or_table_that_is_gone_is_found_or_nobody_misses_it(contents, drawn, whole):
    library = _fill(Library(None), *contents)
    before, known = _answers(library), _ids(library)
    table, key = _draw_row(drawn, library, _VOUCHED_FOR)
    gone = {one for one, _ in library.database.rows(table)} if whole else {key}
    library.database.remove(table, gone)
    assert _found(library) or _answers(library) == before
    _repaired(library)
    assert _found(library) == []
    assert known - gone <= _ids(library), "the others stay"


_KINDS = (
    *(table_names.PAPERS, table_names.INDEX, table_names.LISTINGS, table_names.COUNTS),
    *(table_names.STATE, table_names.COVERAGE, table_names.MATCHES),
)


@pytest.fixture
def full():
    """Makes libraries that have rows of every kind, in memory."""
    seen = [
        sighting(rank=1, upvotes=2, abstract="A", authors=("B",), submitted=NOW, announced=DAY),
        sighting(day=_SUNDAY, source="arxiv", at=NOW - 48 * HOUR, categories=("cs.CL",)),
        sighting("cran:1", day=None, stars=3),
        sighting("2603.00002"),
    ]
    marks = {"2603.00001": State(starred=True, tags=("t",), note="n")}
    assert {one.partition(".")[0] for one in _made(seen, marks).database.tables()} == {*_KINDS}
    return lambda: _made(seen, marks)


def _made(seen, marks):
    return _fill(Library(None), seen, marks)


@pytest.mark.parametrize("kind", _KINDS)
def test_a_row_that_papertrack_never_wrote_is_named_by_its_table(full, kind):
    library = full()
    for table in library.database.names(kind):
        for key, row in list(library.database.rows(table)):
            library.database.put(table, {key: _NEVER_WRITTEN})
            assert any(line.startswith(f"{table}: 1 ") and key in line for line in _found(library))
            library.database.put(table, {key: row})
    assert _found(library) == []


_STRANGE = (None, 7, "text", [], [7], ["text"], [[7]], {}, {"x": 1}, True)


def _spoilt(row):
    """Other rows in the place of one."""
    yield {}
    yield _NEVER_WRITTEN
    for field in row:
        yield {key: value for key, value in row.items() if key != field}
        yield from (row | {field: value} for value in _STRANGE)


@pytest.mark.parametrize("kind", _KINDS)
def test_whatever_a_row_becomes_repairing_leaves_a_library_with_nothing_wrong(full, kind):
    """One that answers, and has all the other papers."""
    whole = full()
    known = _ids(whole)
    for table in whole.database.names(kind):
        for key, row in list(whole.database.rows(table)):
            for other in _spoilt(row):
                library = full()
                library.database.put(table, {key: copy.deepcopy(other)})
                _repaired(library)
                assert _found(library) == [], (table, key, other)
                assert _answers(library) is not None, (table, key, other)
                assert known - {key} <= _ids(library)


@pytest.mark.parametrize("kind", _KINDS)
def test_a_table_whose_name_says_no_day_or_month_is_named_and_made_harmless(full, kind):
    """As when someone keeps a copy beside it."""
    library = full()
    before = _answers(library)
    table = library.database.names(kind)[0]
    library.database.put(f"{kind}.old", dict(library.database.rows(table)))
    named = any(f"{kind}.old" in line for line in _found(library))
    assert named or _answers(library) == before
    _repaired(library)
    assert (_found(library), _answers(library)) == ([], before)


@pytest.mark.parametrize("table", ["papers", "papers.soon", "", "a.b.c"])
def test_an_index_of_what_is_no_papers_table_is_named_and_put_right(full, table):
    library = full()
    before = _answers(library)
    library.database.put("index.2603", {table: {"ids": ["2603.99999"]}})
    assert any(line.startswith("index.2603: 1 ") for line in _found(library))
    _repaired(library)
    assert (_found(library), _answers(library)) == ([], before)


@pytest.mark.parametrize("lose", ["papers", "listings"])
def test_each_day_that_lost_a_paper_will_be_asked_for_again_and_no_other(full, lose):
    """Whether the paper is gone, or only what its days showed of it."""
    library = full()
    days = (_SUNDAY, DAY)
    library.change_states(["cran:1"], lambda _id, _state: State(read=True))
    put(library, sighting("2603.00003", day=DAY.replace(day=20)))
    with library.transaction():
        library.save_coverage([Coverage("huggingface", DAY.replace(day=20), "complete", NOW)])
    for table in library.database.names(lose):
        library.database.remove(table, ["2603.00001"])
    assert _repaired(library) == set(days)
    states_of = {one.day: one.state for one in library.coverage(_YEAR).values()}
    assert states_of == {**dict.fromkeys(days, "failed"), DAY.replace(day=20): "complete"}


def test_one_paper_in_two_tables_is_found_and_counted_once_after_repair(full):
    library = full()
    size = library.size()
    table = table_names.papers_table(DAY, 1)
    library.database.put(table, {"2603.00001": library.database.row(*_home(library, "2603.00001"))})
    assert _found(library)
    _repaired(library)
    assert (_found(library), library.size()) == ([], size)


def _home(library, paper_id):
    (table,) = library.locate([paper_id])
    return table, paper_id


_DAMAGES = {
    "gone": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-3]),
    "rows that are none": lambda path: path.write_text(
        json.dumps({"papertrack": 1, "rows": {"x": [1]}}), encoding="ascii"
    ),
}


# Not smaller examples of a failure: to find them, thousands of folders would be written.
@settings(max_examples=20, phases=[Phase.reuse, Phase.generate])
@given(
    contents=_CONTENTS,
    drawn=st.data(),
    damage=st.sampled_from(sorted(_DAMAGES)),
    journal=st.booleans(),
    backup=st.booleans(),
)
def test_a_damaged_file_is_told_of_and_repaired_and_kept(contents, drawn, damage, journal, backup):
    """Whatever serves in its place. A file that is gone with all its copies is missed where others
    know of what it held.
    """
    with tempfile.TemporaryDirectory() as folder:
        library = _fill(Library(folder), *contents)
        before = _answers(library)
        vouched = damage != "gone" or backup
        table, _ = _draw_row(drawn, library, _KINDS if vouched else _VOUCHED_FOR)
        path = Path(folder, f"{table}.json")
        if backup:
            shutil.copy(path, f"{path}.bak")
        if not journal:
            shutil.rmtree(path.parent / ".journal")
        _DAMAGES[damage](path)
        kept = path.read_bytes() if path.exists() else None
        told = []
        library = Library(folder, told.append)
        assert _found(library) or told or _answers(library) == before
        _repaired(library)
        library = Library(folder, lambda damage: pytest.fail(str(damage)))
        assert _found(library) == []
        assert _answers(library) is not None
        if backup:
            assert _answers(library) == before
        if kept is not None:
            assert kept in {one.read_bytes() for one in path.parent.glob(f"{path.name}*")}
