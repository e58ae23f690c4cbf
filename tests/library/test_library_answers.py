"""Queries to a library, and the reader's marks."""

from datetime import date, timedelta

import pytest
from invented import DAY, HOUR, NOW, contents, put, sighting

from papertrack.calendar import Span
from papertrack.errors import LibraryDamaged
from papertrack.library import table_names
from papertrack.library.coverage_rows import Coverage
from papertrack.library.library import Library
from papertrack.models import State

FRIDAY, MONDAY = date(2026, 3, 27), date(2026, 3, 30)
WEEK = Span(FRIDAY, DAY)


@pytest.fixture
def library(tmp_path):
    """A library of three listing days, with a paper on two of them and one never listed."""
    library = Library(str(tmp_path / "library"))
    put(
        library,
        sighting("2603.00001", day=FRIDAY, upvotes=1, at=NOW - 96 * HOUR),
        sighting("2603.00002", day=MONDAY, source="arxiv", at=NOW - 24 * HOUR),
        sighting("2603.00001", day=DAY, upvotes=2),
        sighting("hep-th/9901001", day=DAY, abstract="Strings."),
        sighting("cran:1", day=None, at=NOW - 24 * HOUR),
    )
    return library


def _ids(entries):
    return [entry.paper.id for entry in entries]


def test_all_queries_to_an_empty_library_have_empty_results(tmp_path):
    for library in (Library(None), Library(str(tmp_path / "nothing"))):
        assert library.paper_count() == 0
        assert library.listing_days() == library.listed_entries(WEEK) == []
        assert library.entries(["2603.00001"]) == library.states() == library.coverage(WEEK) == {}
        assert [*library.all_entries(), *library.entries_within(WEEK)] == []
        assert library.paper_count() == 0
        assert library.locate(["2603.00001"]) == {}


def test_listing_days_are_sorted_oldest_first(library):
    assert library.listing_days() == [FRIDAY, MONDAY, DAY]
    assert library.paper_count() > 0
    assert library.paper_count() == 4


def test_a_span_lists_each_of_its_papers_once(library):
    assert sorted(_ids(library.listed_entries(Span(DAY, DAY)))) == ["2603.00001", "hep-th/9901001"]
    assert sorted(_ids(library.listed_entries(WEEK))) == [
        "2603.00001",
        "2603.00002",
        "hep-th/9901001",
    ]
    assert library.listed_entries(Span(date(2026, 1, 1), date(2026, 1, 2))) == []


def test_only_papers_with_counts_are_listed_on_request(library):
    assert _ids(library.listed_entries(WEEK, counted=True)) == ["2603.00001"]
    assert _ids(library.briefs(MONDAY, counted=True)) == []


def test_entries_are_complete_in_the_requested_order_without_unknown_ids(library):
    ids = ["hep-th/9901001", "2603.00009", "2603.00001", "hep-th/9901001", "cran:1"]
    entries = library.entries(ids)
    assert list(entries) == ["hep-th/9901001", "2603.00001", "cran:1"]
    assert entries["hep-th/9901001"].paper.abstract == "Strings."
    assert [counts.upvotes for counts in entries["2603.00001"].observations] == [1, 2]


def test_ids_are_located_in_the_table_of_their_first_day(library):
    assert library.locate(["2603.00001", "hep-th/9901001", "2603.00009"]) == {
        f"papers.{FRIDAY}": {"2603.00001"},
        f"papers.{DAY}": {"hep-th/9901001"},
    }


def test_all_entries_contains_every_paper_once(library):
    assert sorted(_ids(library.all_entries())) == [
        "2603.00001",
        "2603.00002",
        "cran:1",
        "hep-th/9901001",
    ]


@pytest.mark.parametrize(
    ("span", "ids"),
    [
        (WEEK, ["2603.00001", "2603.00002", "cran:1", "hep-th/9901001"]),
        (Span(FRIDAY, FRIDAY), ["2603.00001"]),
        (Span(MONDAY, MONDAY), ["2603.00002", "cran:1"]),
        (Span(DAY, DAY), ["2603.00001", "hep-th/9901001"]),
        (Span(date.min, date.max), ["2603.00001", "2603.00002", "cran:1", "hep-th/9901001"]),
        (Span(DAY, FRIDAY), []),
    ],
)
def test_entries_within_a_span_are_listed_or_else_first_seen_in_it(library, span, ids):
    assert sorted(_ids(library.entries_within(span))) == ids


def test_an_unlisted_paper_is_not_within_a_span_because_of_its_table(library):
    """Another paper of the same table is listed again in the span."""
    put(library, sighting("cran:2", day=None, at=NOW - 96 * HOUR))
    assert "cran:2" not in _ids(library.entries_within(Span(DAY, DAY)))
    assert "cran:2" in _ids(library.entries_within(Span(FRIDAY, FRIDAY)))


def test_all_marks_of_a_command_are_a_single_write(library, tmp_path):
    before = contents(tmp_path / "library")
    ids = ["2603.00001", "2603.00002", "cran:1"]
    assert library.change_states(ids, lambda _, state: state._replace(starred=True)) == 3
    after = contents(tmp_path / "library")
    written = {name for name in after if after[name] != before.get(name)}
    assert written == {"state.2603.json", f"state.{table_names.shard('cran:1')}.json"}
    assert not list((tmp_path / "library").glob("state*.bak")), "written once"
    assert library.states() == dict.fromkeys(ids, State(starred=True))
    assert {entry.paper.id: entry.state.starred for entry in library.all_entries()} == {
        **dict.fromkeys(ids, True),
        "hep-th/9901001": False,
    }
    assert all(entry.state.starred for entry in library.entries(ids).values())
    assert library.listed_entries(Span(MONDAY, MONDAY))[0].state == State(starred=True)


def test_a_mark_that_changes_nothing_writes_nothing(library, tmp_path):
    ids = ["2603.00002", "2603.00001"]
    assert library.change_states(ids, lambda _, state: state._replace(read=True)) == 2
    before = contents(tmp_path / "library")
    time = (tmp_path / "library" / "state.2603.json").stat().st_mtime_ns
    assert library.change_states(ids, lambda _, state: state._replace(read=True)) == 0
    assert contents(tmp_path / "library") == before
    assert (tmp_path / "library" / "state.2603.json").stat().st_mtime_ns == time


def test_a_removed_mark_leaves_no_row(library):
    library.change_states(["2603.00001", "2603.00002"], lambda *_: State(note="n", tags=("a",)))
    assert library.change_states(["2603.00001"], lambda *_: State()) == 1
    assert library.states() == {"2603.00002": State(note="n", tags=("a",))}


def test_a_change_receives_the_id_of_its_paper(library):
    library.change_states(["2603.00001", "cran:1"], lambda key, state: state._replace(note=key))
    assert {key: state.note for key, state in library.states().items()} == {
        "2603.00001": "2603.00001",
        "cran:1": "cran:1",
    }


def test_the_last_coverage_of_each_source_and_day_is_stored(library):
    first = Coverage("huggingface", DAY, "partial", NOW, 3, 1)
    other = Coverage("arxiv", DAY, "quiet", NOW)
    last_year = Coverage("huggingface", date(2025, 12, 31), "failed", NOW)
    with library.transaction():
        library.save_coverage([first, other, last_year])
    with library.transaction():
        library.save_coverage([first._replace(state="complete", asked=NOW + HOUR)])
    assert library.coverage(Span(DAY - timedelta(days=1), DAY)) == {
        ("huggingface", "", DAY): first._replace(state="complete", asked=NOW + HOUR),
        ("arxiv", "", DAY): other,
    }
    assert library.coverage(Span(date(2025, 12, 31), date(2026, 1, 1))) == {
        ("huggingface", "", date(2025, 12, 31)): last_year
    }


_QUERIES = {
    "listed": lambda library: library.listed_entries(WEEK),
    "entries": lambda library: library.entries(["2603.00001"]),
    "all": lambda library: list(library.all_entries()),
    "within": lambda library: list(library.entries_within(WEEK)),
    "size": lambda library: library.paper_count(),
    "states": lambda library: library.states(),
    "coverage": lambda library: library.coverage(WEEK),
    "store": lambda library: put(library, sighting("2603.00001", upvotes=3, at=NOW + HOUR)),
}


@pytest.mark.parametrize(
    ("table", "row", "queries"),
    [
        (f"papers.{FRIDAY}", {"said": 7}, ["entries", "all", "within", "store"]),
        (f"papers.{FRIDAY}", {}, ["entries", "all"]),
        (f"listings.{DAY}", {"title": 7, "ranks": 7}, ["listed", "entries", "store"]),
        (f"listings.{DAY}", {}, ["listed", "store"]),
        (f"counts.{DAY}", {"seen": [["never", 1]]}, ["listed", "entries", "store"]),
        (f"counts.{DAY}", {"seen": 7}, ["listed", "entries"]),
        ("index.2603", {"no": "ids"}, ["entries", "size", "store"]),
        ("state.2603", {"tags": 7}, ["states", "entries", "all"]),
        ("coverage.2026", {"source": "x"}, ["coverage"]),
    ],
)
def test_an_invalid_row_is_damage_and_its_table_is_named(library, table, row, queries):
    library.database.put(table, {"2603.00001": row})
    for query in queries:
        with pytest.raises(LibraryDamaged, match=table):
            _QUERIES[query](Library(library.folder))
