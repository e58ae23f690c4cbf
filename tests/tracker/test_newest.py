"""All papers, the newest first, read day by day."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from invented import DAY, NOW, put, sighting

from papertrack.library.library import Library
from papertrack.tracker.newest import newest_first
from papertrack.tracker.orders import in_order

DAYS = [DAY - timedelta(days=number) for number in range(5)]


def _looks():
    """Sightings of few papers on few days, so that most papers are listed more than once."""
    return st.builds(
        lambda number, source, day, kind, days_ago: _with_kind(
            sighting(f"2603.0000{number}", source=source, day=day, at=NOW - days_ago), kind
        ),
        st.integers(0, 9),
        st.sampled_from(["arxiv", "huggingface"]),
        st.none() | st.sampled_from(DAYS),
        st.sampled_from(["new", "cross", "revised"]),
        st.timedeltas(timedelta(0), timedelta(days=9)),
    )


def _with_kind(look, kind):
    return look._replace(listed=look.listed._replace(kind=kind)) if look.listed else look


@settings(deadline=None)
@given(st.lists(st.lists(_looks(), max_size=4), max_size=6), st.integers(0, 9))
def test_the_days_have_all_papers_in_the_order_of_a_list(batches, kept):
    library = Library(None)
    for looks in batches:
        put(library, *looks)
    days = list(newest_first(library, kept))
    expected = in_order(library.all_entries(), "newest")
    assert [paper_id for day in days for paper_id in day.ids] == [e.paper.id for e in expected]
    by_id = {entry.paper.id: entry for entry in expected}
    assert all(by_id[key] == entry for day in days for key, entry in day.entries.items())
    assert all(len(day.entries) == min(kept, len(day.ids)) for day in days)


def test_the_first_papers_are_read_without_the_others(tmp_path):
    put(Library(str(tmp_path)), *(sighting(f"2603.0000{n}", day=day) for n, day in enumerate(DAYS)))
    for path in tmp_path.glob(f"*.{DAYS[-1]}.json"):
        path.unlink()
    damages = []
    days = newest_first(Library(str(tmp_path), damages.append), kept=9)
    assert next(days).ids == ["2603.00000"]
    assert not damages
