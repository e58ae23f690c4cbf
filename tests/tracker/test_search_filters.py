"""Filters of a search: authors, categories, days, marks, topics, and what a paper has."""

from datetime import timedelta

import pytest
from invented import DAY, HOUR, NOW, put, sighting

from papertrack.errors import UsageError
from papertrack.library.library import Library
from papertrack.models import State, Topic
from papertrack.searching.query import parse_query
from papertrack.tracker import Tracker
from papertrack.tracker.papers import Selection, list_papers
from papertrack.tracker.search import search


@pytest.fixture(scope="module")
def tracker():
    """Three papers on graphs, each older than the one before, and an older one on strings."""
    library = Library(None)
    authors_of_papers = (("Geoffrey Hinton", "Ada One"), ("G. E. Hinton",), ("Ana Hintonova",), ())
    categories_of_papers = (("cs.CL", "stat.ML"), ("cs.CV",), ("math.CS", "csx.A"), ())
    for number, (authors, categories) in enumerate(
        zip(authors_of_papers, categories_of_papers, strict=True)
    ):
        put(
            library,
            sighting(
                str(number),
                title="Strings" if number == 3 else f"Graphs {number}",
                day=DAY - timedelta(days=10 * number),
                authors=authors,
                categories=categories,
            ),
        )
    states = {"0": State(read=True), "1": State(starred=True, hidden=True)}
    library.change_states(states, lambda key, _: states[key])
    return Tracker(library, (Topic("stringy", any=("string",)),), NOW)


def test_authors_of_papers_that_are_added_later_are_found_in_the_same_index(tmp_path):
    library = Library(str(tmp_path / "library"))
    names = ("Ada One", "王小明", "Kai Müller-Lyer", "José de la Paz")
    for number, name in enumerate(names):
        put(library, sighting(f"2603.0000{number}", authors=(name,)))
        for earlier, other in enumerate(names[: number + 1]):
            found = search(Tracker(library, (), NOW), f'author:"{other}"').sections[0].entries
            assert [entry.paper.id for entry in found] == [f"2603.0000{earlier}"]
    assert not [*search(Tracker(library, (), NOW), "author:Nobody").sections[0].entries]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("author:hinton", "01"),
        ('author:"geoffrey hinton"', "01"),
        ('author:"Hinton, Geoffrey"', "01"),
        ('author:"ada hinton"', ""),
        ("cat:cs", "01"),
        ("cat:CS.*", "01"),
        ("cat:cs.cl", "0"),
        ("-cat:cs.cl graphs", "12"),
        ("is:read", "0"),
        ("is:unread", "123"),
        ("is:starred", "1"),
        ("-is:hidden graphs", "02"),
        ("since:15d", "01"),
        ("since:2026-03-31", "0"),
        ("topic:string", "3"),
        ("-topic:stringy", "012"),
        ("graphs is:unread cat:cs", "1"),
        ("strings cat:cs", ""),
        ("-graphs is:unread", "3"),
    ],
)
def test_all_filters_must_hold_and_filters_alone_list_the_newest_first(tracker, query, ids):
    found_ids = [entry.paper.id for entry in search(tracker, query).sections[0].entries]
    assert "".join(sorted(found_ids) if "graphs" in query else found_ids) == ids


def test_a_first_day_beside_the_query_is_a_filter_too(tracker):
    report = search(tracker, "graphs", DAY - timedelta(days=15))
    assert {entry.paper.id for entry in report.sections[0].entries} == {"0", "1"}
    assert report.sections[0].total == 2


@pytest.mark.parametrize("query", ["is:blue", "since:whenever", "topic:nobody"])
def test_an_invalid_filter_is_a_usage_error(tracker, query):
    with pytest.raises(UsageError):
        search(tracker, query)


@pytest.fixture(scope="module")
def described():
    """Papers that differ in what authors and services wrote about them, newest first."""
    library = Library(None)
    put(
        library,
        sighting("0", comment="Accepted at ICML 2025. Code: https://github.com/o/r", upvotes=60),
        sighting("1", venue="NeurIPS 2025 Workshop", organization="The ML Lab", upvotes=50),
        sighting("2", code_url="https://github.com/o/s", doi="10.1000/2", tldr="Short.", upvotes=7),
        sighting("3", organization="mllab", abstract="Text.", journal_ref="J. Inv. 1 (2025)"),
        sighting("4", day=None, project_url="https://example.org", upvotes=100),
    )
    put(library, sighting("2", at=NOW + HOUR, upvotes=51))
    put(library, sighting("4", day=None, at=NOW + HOUR, upvotes=99))
    library.change_states(["4"], lambda *_: State(note="mine"))
    return Tracker(library, (), NOW)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("has:code", "02"),
        ("-has:code", "134"),
        ("has:venue", "013"),
        ("has:comment", "0"),
        ("has:doi", "2"),
        ("has:journal_ref", "3"),
        ("has:tldr", "2"),
        ("has:organization", "13"),
        ("has:abstract", "3"),
        ("has:project", "4"),
        ("has:note", "4"),
        ("venue:icml", "0"),
        ("venue:ICML2025", "0"),
        ('venue:"2025 workshop"', "1"),
        ("venue:J", "3"),
        ("venue:CML", ""),
        ('org:"ml lab"', "1"),
        ("org:lab", "1"),
        ("upvotes:>50", "024"),
        ("upvotes:>=50", "0124"),
        ("upvotes:<=50", "1"),
        ("upvotes:51", "2"),
        ("upvotes:=99", "4"),
        ("has:code upvotes:>55", "0"),
    ],
)
def test_search_and_list_select_by_what_was_written_about_a_paper(described, query, ids):
    hits = [entry.paper.id for entry in search(described, query).sections[0].entries]
    assert "".join(sorted(hits)) == ids
    selection = Selection(filters=parse_query(query).filters, everything=True)
    listed = [entry.paper.id for entry in list_papers(described, selection).sections[0].entries]
    assert "".join(sorted(listed)) == ids


def test_a_list_with_filters_shows_only_what_the_list_shows(described):
    selection = Selection(filters=parse_query("has:code").filters, until=DAY - 9 * HOUR * 24)
    assert list_papers(described, selection).sections[0].total == 0


@pytest.mark.parametrize(
    "query", ["has:everything", "upvotes:many", "upvotes:>-1", "source:nobody"]
)
def test_a_value_that_a_filter_does_not_take_is_a_usage_error(described, query):
    with pytest.raises(UsageError):
        search(described, query)


def _found(report):
    return [entry.paper.id for section in report.sections for entry in section.entries]


@pytest.mark.parametrize("query", ["Hinton", "geoffrey hinton", '"Hinton"'])
def test_the_name_of_an_author_that_no_text_has_lists_the_authors_papers(tracker, query):
    report = search(tracker, query)
    assert sorted(_found(report)) == ["0", "1"]
    assert "by an author of that name" in report.notes[0]


def test_a_name_that_is_also_a_word_is_searched_as_a_word_with_a_hint():
    library = Library(None)
    put(library, sighting("a:1", title="Strings"), sighting("a:2", authors=("Cy String",)))
    report = search(Tracker(library, (), NOW), "string")
    assert _found(report) == ["a:1"]
    assert report.notes == ("1 paper by an author of that name: search 'author:string'",)


@pytest.mark.parametrize("query", ["graphs", "hinton since:15d", "hinton -x", "a b c hinton"])
def test_other_queries_have_no_hint(tracker, query):
    assert search(tracker, query).notes == ()


@pytest.fixture(scope="module")
def published():
    """Papers with ids of several namespaces."""
    library = Library(None)
    put(
        library,
        sighting("2603.00001", doi="10.1/Nests"),
        sighting("cran:1"),
        sighting("doi:10.1/x"),
    )
    return Tracker(library, (), NOW)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("2603.00001", ["2603.00001"]),
        ("https://arxiv.org/pdf/2603.00001v2", ["2603.00001"]),
        ('"2603.00001"', ["2603.00001"]),
        ("papers like 2603.00001", ["2603.00001"]),
        ("doi:10.1/nests", ["2603.00001"]),
        ("10.1/X cran:1", ["doi:10.1/x", "cran:1"]),
    ],
)
def test_an_id_in_any_form_finds_its_paper(published, query, ids):
    report = search(published, query)
    assert (_found(report), report.notes) == (ids, ())


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("2603.00009", "to fetch: papertrack fetch 2603.00009"),
        ("2613.00001", "no month 13"),
        ("2703.00001", "future"),
    ],
)
def test_an_id_that_is_not_stored_is_answered_with_a_note(published, query, note):
    report = search(published, query)
    assert _found(report) == []
    assert note in report.notes[0]
