"""New papers, those from other categories, and later versions of known ones are told apart."""

from datetime import timedelta

import pytest
from invented import DAY, NOW, put, sighting

from papertrack.calendar import Span
from papertrack.library.library import Library
from papertrack.tracker import Tracker
from papertrack.tracker.editions import EditionRequest, today
from papertrack.tracker.papers import Selection, list_papers

EARLIER = DAY - timedelta(days=4)


@pytest.fixture(params=["folder", "memory"])
def library(request, tmp_path):
    return Library(str(tmp_path) if request.param == "folder" else None)


def seen(number=1, *, kind="new", day=DAY, source="arxiv", **more):
    one = sighting(f"2603.{number:05}", source=source, day=day, **more)
    return one._replace(listed=one.listed._replace(kind=kind))


def new(library, day=DAY, **more):
    report = today(Tracker(library, (), NOW), EditionRequest(Span(day, day), **more))
    return [entry.paper.id for entry in report.sections[0].entries]


def test_a_cross_listed_paper_is_shown_only_if_asked_for(library):
    put(library, seen(1), seen(2, kind="cross"))
    assert new(library) == ["2603.00001"]
    assert new(library, cross_lists=True) == ["2603.00001", "2603.00002"]


def test_one_that_another_source_lists_is_shown_whatever_its_category(library):
    put(library, seen(2, kind="cross"), seen(2, source="huggingface"))
    assert new(library) == ["2603.00002"]


def test_a_paper_new_in_one_category_and_crossed_in_another_is_new_in_any_order(library):
    put(library, seen(1, kind="cross"))
    put(library, seen(1, kind="new"))
    put(library, seen(1, kind="cross"))
    assert new(library) == ["2603.00001"]


def test_a_revision_is_not_new_and_stands_in_the_papers_history(library):
    put(library, seen(1, day=EARLIER, title="First", version=1))
    put(library, seen(1, kind="revised", title="Second", version=2))
    assert (new(library), new(library, EARLIER)) == ([], ["2603.00001"])
    (entry,) = library.entries(["2603.00001"]).values()
    assert (entry.paper.title, entry.listed("arxiv")) == ("Second", EARLIER)


def test_what_seemed_new_is_a_revision_once_its_first_day_is_known(library):
    """A back-fill goes from day to day backwards."""
    put(library, seen(1, version=2))
    assert new(library) == ["2603.00001"]
    put(library, seen(1, day=EARLIER, version=2))
    assert (new(library), new(library, EARLIER)) == ([], ["2603.00001"])
    put(library, seen(1, version=2))
    assert new(library) == [], "also when the later day is looked at again"


def test_a_revision_of_an_unknown_paper_is_not_stored(library):
    put(library, seen(1, kind="revised"))
    assert library.entries(["2603.00001"]) == {}
    assert library.size() == 0


def test_list_sorts_by_the_day_a_paper_came_and_leaves_cross_lists_out(library):
    put(library, seen(1, day=EARLIER), seen(2, day=EARLIER + timedelta(days=1)))
    put(library, seen(1, kind="revised", version=2), seen(3, kind="cross"))

    def ids(**more):
        report = list_papers(Tracker(library, (), NOW), Selection(**more))
        return [entry.paper.id for entry in report.sections[0].entries]

    assert ids() == ["2603.00002", "2603.00001"]
    assert ids(cross_lists=True) == ids(everything=True) == ["2603.00003", *ids()]


def test_counts_of_one_source_stay_with_its_listing(library):
    """arXiv's day of a paper has no counts, whether it is stored with them or apart."""
    put(library, seen(1, day=EARLIER), seen(1, source="huggingface", upvotes=7))
    assert library.listed(Span(EARLIER, EARLIER), counted=True) == []
    (entry,) = library.listed(Span(DAY, DAY), counted=True)
    assert entry.latest.upvotes == 7
    (whole,) = library.entries(["2603.00001"]).values()
    assert whole.latest.upvotes == 7
