"""Questions to a library, and the reader's marks."""

from datetime import date, timedelta

import pytest
from invented import DAY, HOUR, NOW, contents, put, sighting

from papertrack.calendar import Span
from papertrack.errors import LibraryDamaged
from papertrack.library import table_names
from papertrack.library.library import Coverage, Library
from papertrack.models import State

FRIDAY, MONDAY = date(2026, 3, 27), date(2026, 3, 30)
WEEK = Span(FRIDAY, DAY)


@pytest.fixture
def library(tmp_path):
    """Three listing days, one paper on two of them, one that was never listed."""
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


def test_an_empty_library_answers_with_nothing(tmp_path):
    for library in (Library(None), Library(str(tmp_path / "nothing"))):
        assert library.size() == 0
        assert library.listing_days() == library.listed(WEEK) == []
        assert library.entries(["2603.00001"]) == library.states() == library.coverage(WEEK) == {}
        assert [*library.all_entries(), *library.entries_within(WEEK)] == []
        assert library.size() == 0
        assert library.locate(["2603.00001"]) == {}


def test_the_days_with_papers_are_known_oldest_first(library):
    assert library.listing_days() == [FRIDAY, MONDAY, DAY]
    assert library.size() > 0
    assert library.size() == 4


def test_a_span_lists_each_of_its_papers_once(library):
    assert sorted(_ids(library.listed(Span(DAY, DAY)))) == ["2603.00001", "hep-th/9901001"]
    assert sorted(_ids(library.listed(WEEK))) == ["2603.00001", "2603.00002", "hep-th/9901001"]
    assert library.listed(Span(date(2026, 1, 1), date(2026, 1, 2))) == []


def test_only_counted_papers_are_listed_where_counts_matter(library):
    assert _ids(library.listed(WEEK, counted=True)) == ["2603.00001"]
    assert _ids(library.briefs(MONDAY, counted=True)) == []


def test_entries_come_whole_in_the_order_asked_for_without_unknown_ones(library):
    asked = ["hep-th/9901001", "2603.00009", "2603.00001", "hep-th/9901001", "cran:1"]
    found = library.entries(asked)
    assert list(found) == ["hep-th/9901001", "2603.00001", "cran:1"]
    assert found["hep-th/9901001"].paper.abstract == "Strings."
    assert [one.upvotes for one in found["2603.00001"].observations] == [1, 2]


def test_ids_are_located_in_the_table_of_their_first_day(library):
    assert library.locate(["2603.00001", "hep-th/9901001", "2603.00009"]) == {
        f"papers.{FRIDAY}": {"2603.00001"},
        f"papers.{DAY}": {"hep-th/9901001"},
    }


def test_everything_is_every_paper_once(library):
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
def test_within_a_span_are_its_papers_and_the_unlisted_first_seen_in_it(library, span, ids):
    assert sorted(_ids(library.entries_within(span))) == ids


def test_an_unlisted_paper_is_not_within_a_span_because_its_neighbour_is(library):
    """A paper of the same table that is listed again later does not bring it along."""
    put(library, sighting("cran:2", day=None, at=NOW - 96 * HOUR))
    assert "cran:2" not in _ids(library.entries_within(Span(DAY, DAY)))
    assert "cran:2" in _ids(library.entries_within(Span(FRIDAY, FRIDAY)))


def test_all_marks_of_one_command_are_one_write(library, tmp_path):
    before = contents(tmp_path / "library")
    ids = ["2603.00001", "2603.00002", "cran:1"]
    assert library.change_states(ids, lambda _, state: state._replace(starred=True)) == 3
    after = contents(tmp_path / "library")
    new = {name for name in after if after[name] != before.get(name)}
    assert new == {"state.2603.json", f"state.{table_names.shard('cran:1')}.json"}
    assert not list((tmp_path / "library").glob("state*.bak")), "written once"
    assert library.states() == dict.fromkeys(ids, State(starred=True))
    assert {one.paper.id: one.state.starred for one in library.all_entries()} == {
        **dict.fromkeys(ids, True),
        "hep-th/9901001": False,
    }
    assert all(one.state.starred for one in library.entries(ids).values())
    assert library.listed(Span(MONDAY, MONDAY))[0].state == State(starred=True)


def test_a_mark_that_changes_nothing_writes_nothing(library, tmp_path):
    star = {"paper_ids": ["2603.00002", "2603.00001"]}
    assert library.change_states(**star, change=lambda _, state: state._replace(read=True)) == 2
    before = contents(tmp_path / "library")
    stamp = (tmp_path / "library" / "state.2603.json").stat().st_mtime_ns
    assert library.change_states(**star, change=lambda _, state: state._replace(read=True)) == 0
    assert contents(tmp_path / "library") == before
    assert (tmp_path / "library" / "state.2603.json").stat().st_mtime_ns == stamp


def test_a_mark_taken_back_leaves_no_row(library):
    library.change_states(["2603.00001", "2603.00002"], lambda *_: State(note="n", tags=("a",)))
    assert library.change_states(["2603.00001"], lambda *_: State()) == 1
    assert library.states() == {"2603.00002": State(note="n", tags=("a",))}


def test_a_change_knows_the_paper_it_is_for(library):
    library.change_states(["2603.00001", "cran:1"], lambda key, state: state._replace(note=key))
    assert {key: state.note for key, state in library.states().items()} == {
        "2603.00001": "2603.00001",
        "cran:1": "cran:1",
    }


def test_coverage_remembers_the_last_answer_of_each_source_and_day(library):
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


_QUESTIONS = {
    "listed": lambda library: library.listed(WEEK),
    "entries": lambda library: library.entries(["2603.00001"]),
    "everything": lambda library: list(library.all_entries()),
    "within": lambda library: list(library.entries_within(WEEK)),
    "size": lambda library: library.size(),
    "states": lambda library: library.states(),
    "coverage": lambda library: library.coverage(WEEK),
    "store": lambda library: put(library, sighting("2603.00001", upvotes=3, at=NOW + HOUR)),
}


@pytest.mark.parametrize(
    ("table", "row", "questions"),
    [
        (f"papers.{FRIDAY}", {"said": 7}, ["entries", "everything", "within", "store"]),
        (f"papers.{FRIDAY}", {}, ["entries", "everything"]),
        (f"listings.{DAY}", {"title": 7, "ranks": 7}, ["listed", "entries", "store"]),
        (f"listings.{DAY}", {}, ["listed", "store"]),
        (f"counts.{DAY}", {"seen": [["never", 1]]}, ["listed", "entries", "store"]),
        (f"counts.{DAY}", {"seen": 7}, ["listed", "entries"]),
        ("index.2603", {"no": "ids"}, ["entries", "size", "store"]),
        ("state.2603", {"tags": 7}, ["states", "entries", "everything"]),
        ("coverage.2026", {"source": "x"}, ["coverage"]),
    ],
)
def test_a_row_that_papertrack_never_wrote_is_named_as_damage(library, table, row, questions):
    library.database.put(table, {"2603.00001": row})
    for question in questions:
        with pytest.raises(LibraryDamaged, match=table):
            _QUESTIONS[question](Library(library.folder))
