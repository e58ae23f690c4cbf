"""Filters of a search: authors, categories, days, marks and topics."""

from datetime import timedelta

import pytest
from invented import DAY, NOW, put, sighting

from papertrack.errors import UsageError
from papertrack.library.library import Library
from papertrack.models import State, Topic
from papertrack.tracker import Tracker
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
