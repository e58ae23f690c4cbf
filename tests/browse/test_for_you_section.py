"""The section *For you* of the reader."""

from datetime import UTC, datetime

import pytest
from invented import put, sighting

from papertrack.browse.sections import SectionKey, count_papers, read_section, section_keys
from papertrack.library.library import Library
from papertrack.library.recommended import load_ranking
from papertrack.tracker import Tracker
from papertrack.tracker.recommending import rank_recent

NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)
FOR_YOU = SectionKey("for_you")
SUBJECTS = ("wet soil microbes", "qubits in cold cavities")


def _sighting(number):
    title = f"{SUBJECTS[number % 2]} {number}"
    item = sighting(f"2603.{number:05}", title=title, day=NOW.date(), at=NOW)
    return item._replace(paper=item.paper._replace(abstract=f"{item.paper.title} at{number}"))


@pytest.fixture
def tracker(tmp_path):
    """A reader who starred ten papers of soil, of which ten more are unread."""
    library = Library(str(tmp_path / "library"))
    put(library, *map(_sighting, range(40)))
    starred = [f"2603.{number:05}" for number in range(0, 20, 2)]
    library.change_states(starred, lambda _, state: state._replace(starred=True))
    return Tracker(library, (), NOW)


def test_it_lists_the_ranking_with_reasons(tracker):
    ranking = rank_recent(tracker)
    contents = read_section(tracker, FOR_YOU)
    assert contents.ids == tuple(paper.id for paper in ranking.best[:10])
    assert contents.known[0].reasons == ranking.best[0].reasons
    assert dict(count_papers(tracker))[FOR_YOU] == 10
    assert contents.note == ""


def test_before_the_first_ranking_it_says_how_to_get_one(tracker):
    assert FOR_YOU in section_keys(tracker)
    contents = read_section(tracker, FOR_YOU)
    assert (contents.ids, "papertrack recommend" in contents.note) == ((), True)


def test_few_stars_and_the_setting_leave_it_out(tracker):
    rank_recent(tracker)
    assert FOR_YOU not in section_keys(tracker._replace(recommends=False))
    tracker.library.change_states(["2603.00000"], lambda _, state: state._replace(starred=False))
    assert FOR_YOU not in section_keys(tracker)


def test_new_papers_are_ranked_once_interests_were_learned(tracker):
    tracker.update_recommendations()
    assert load_ranking(tracker.library) is None
    rank_recent(tracker)
    put(tracker.library, _sighting(44))
    tracker.update_recommendations(most=29)
    assert "2603.00044" not in read_section(tracker, FOR_YOU).ids
    assert "out of date" in read_section(tracker, FOR_YOU).note
    tracker.update_recommendations(most=30)
    assert "2603.00044" in read_section(tracker, FOR_YOU).ids
    assert read_section(tracker, FOR_YOU).note == ""
