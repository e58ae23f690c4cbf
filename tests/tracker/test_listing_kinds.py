"""New papers, cross-listed papers and revisions are distinguished."""

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


def _seen(number=1, *, kind="new", day=DAY, source="arxiv", **more):
    plain = sighting(f"2603.{number:05}", source=source, day=day, **more)
    return plain._replace(listed=plain.listed._replace(kind=kind))


def _new(library, day=DAY, **options):
    report = today(Tracker(library, (), NOW), EditionRequest(Span(day, day), **options))
    return [entry.paper.id for entry in report.sections[0].entries]


def test_a_cross_listed_paper_is_shown_only_on_request(library):
    put(library, _seen(1), _seen(2, kind="cross"))
    assert _new(library) == ["2603.00001"]
    assert _new(library, cross_lists=True) == ["2603.00001", "2603.00002"]


def test_a_paper_that_another_source_lists_is_shown_whatever_its_category(library):
    put(library, _seen(2, kind="cross"), _seen(2, source="huggingface"))
    assert _new(library) == ["2603.00002"]


def test_a_paper_new_in_one_category_and_cross_listed_in_another_is_new_in_any_order(library):
    put(library, _seen(1, kind="cross"))
    put(library, _seen(1, kind="new"))
    put(library, _seen(1, kind="cross"))
    assert _new(library) == ["2603.00001"]


def test_a_revision_is_not_new_and_is_part_of_the_papers_history(library):
    put(library, _seen(1, day=EARLIER, title="First", version=1))
    put(library, _seen(1, kind="revised", title="Second", version=2))
    assert (_new(library), _new(library, EARLIER)) == ([], ["2603.00001"])
    (entry,) = library.entries(["2603.00001"]).values()
    assert (entry.paper.title, entry.first_listed_by("arxiv")) == ("Second", EARLIER)


def test_a_new_paper_becomes_a_revision_once_its_first_day_is_known(library):
    """A backfill goes backwards from day to day."""
    put(library, _seen(1, version=2))
    assert _new(library) == ["2603.00001"]
    put(library, _seen(1, day=EARLIER, version=2))
    assert (_new(library), _new(library, EARLIER)) == ([], ["2603.00001"])
    put(library, _seen(1, version=2))
    assert _new(library) == [], "also when the later day is fetched again"


def test_a_revision_of_an_unknown_paper_is_not_stored(library):
    put(library, _seen(1, kind="revised"))
    assert library.entries(["2603.00001"]) == {}
    assert library.paper_count() == 0


def test_list_sorts_by_listing_day_and_leaves_cross_lists_out(library):
    put(library, _seen(1, day=EARLIER), _seen(2, day=EARLIER + timedelta(days=1)))
    put(library, _seen(1, kind="revised", version=2), _seen(3, kind="cross"))

    def ids(**selection):
        report = list_papers(Tracker(library, (), NOW), Selection(**selection))
        return [entry.paper.id for entry in report.sections[0].entries]

    assert ids() == ["2603.00002", "2603.00001"]
    assert ids(cross_lists=True) == ids(everything=True) == ["2603.00003", *ids()]


def test_counts_of_one_source_stay_with_its_listing(library):
    """The arXiv listing has no counts, whether it is stored with the counts or elsewhere."""
    put(library, _seen(1, day=EARLIER), _seen(1, source="huggingface", upvotes=7))
    assert library.listed_entries(Span(EARLIER, EARLIER), counted=True) == []
    (entry,) = library.listed_entries(Span(DAY, DAY), counted=True)
    assert entry.latest.upvotes == 7
    (complete,) = library.entries(["2603.00001"]).values()
    assert complete.latest.upvotes == 7
