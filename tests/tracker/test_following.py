"""What happens to starred papers is noticed, shown once a day, and never lost or repeated."""

from datetime import timedelta

import pytest
from invented import DAY, NOW, put, sighting

from papertrack.calendar import Span
from papertrack.following import describe, word_changes
from papertrack.library.library import Library
from papertrack.library.paper_events import (
    load_events,
    load_followed,
    rename_in_events,
    save_look,
)
from papertrack.models import TextChange
from papertrack.tracker import Tracker
from papertrack.tracker.editions import EditionRequest, today
from papertrack.tracker.marks import MARKS, apply_mark
from papertrack.tracker.papers import show

ID = "2603.00001"
LATER = NOW + timedelta(hours=1)
FIRST = {"version": 1, "title": "A small model", "abstract": "It is small. It works."}


def _starred(**more):
    library = Library(None)
    put(library, sighting(source="arxiv", day=None, **FIRST | more))
    put(library, sighting(upvotes=7, title="A small model"))
    apply_mark(library, MARKS["star"], [ID], NOW)
    return library


def _events(library):
    return [describe(event) for event in load_events(library)]


def _from_arxiv(**more):
    return sighting(source="arxiv", day=None, at=LATER, **FIRST | more)


NEWS = {
    "version": (
        {"version": 2, "abstract": "It is large.\nIt works."},
        "version 2: abstract changed (+1 -1 words)",
    ),
    "title": (
        {"version": 3, "title": "A large model"},
        "version 3: title changed (+1 -1 words)",
    ),
    "no text": ({"version": 2}, "version 2"),
    "withdrawn": ({"withdrawn": True}, "withdrawn by its authors"),
    "journal": ({"journal_ref": "JMLR 27 (2026)"}, "published: JMLR 27 (2026)"),
    "doi": ({"doi": "10.1/x"}, "published: 10.1/x"),
    "code": ({"code_url": "https://github.com/o/r"}, "code: https://github.com/o/r"),
    "code in a comment": (
        {"comment": "Code: https://github.com/o/r"},
        "code: https://github.com/o/r",
    ),
}


@pytest.mark.parametrize("name", NEWS)
def test_what_happens_to_a_starred_paper_is_stored_once(name):
    fields, expected = NEWS[name]
    library = _starred()
    put(library, _from_arxiv(**fields))
    put(library, _from_arxiv(**fields))
    put(library, sighting(at=LATER, upvotes=8))
    assert _events(library) == [expected]


@pytest.mark.parametrize("name", NEWS)
def test_what_happens_to_other_papers_is_not_stored(name):
    library = _starred()
    apply_mark(library, MARKS["unstar"], [ID], NOW)
    put(library, _from_arxiv(**NEWS[name][0]))
    assert _events(library) == []


def test_upvotes_double_from_the_star_and_again_from_there():
    library = _starred()
    for hours, upvotes in enumerate((13, 14, 20, 27, 28, 55), 1):
        put(library, sighting(at=NOW + timedelta(hours=hours), upvotes=upvotes))
    assert _events(library) == ["upvotes doubled from 7 to 14", "upvotes doubled from 14 to 28"]


def test_few_upvotes_do_not_double():
    library = Library(None)
    put(library, sighting(upvotes=1))
    apply_mark(library, MARKS["star"], [ID], NOW)
    put(library, sighting(at=LATER, upvotes=9))
    assert _events(library) == []
    put(library, sighting(at=LATER + timedelta(hours=1), upvotes=10))
    assert _events(library) == ["upvotes doubled from 1 to 10"]


def test_a_source_that_is_asked_for_the_first_time_brings_no_news():
    library = Library(None)
    put(library, sighting(upvotes=7, title="A small model"))
    apply_mark(library, MARKS["star"], [ID], NOW)
    old = {"updated": NOW - timedelta(days=9), "journal_ref": "J", "comment": "github.com/o/r"}
    put(library, _from_arxiv(**old | {"version": 2}))
    assert _events(library) == []
    put(library, _from_arxiv(**old | {"version": 3}))
    assert _events(library) == ["version 3"]


def test_a_paper_starred_before_papertrack_followed_papers_is_followed_from_the_next_fetch():
    library = Library(None)
    put(library, _from_arxiv())
    library.change_states([ID], lambda _, state: state._replace(starred=True))
    put(library, _from_arxiv(journal_ref="J"))  # known only since papertrack reads it
    put(library, _from_arxiv(journal_ref="J", withdrawn=True))
    assert _events(library) == ["withdrawn by its authors"]


def test_a_doi_of_arxiv_is_no_publication():
    library = _starred()
    put(library, _from_arxiv(doi=f"10.48550/arXiv.{ID}"))
    assert _events(library) == []


def test_a_revision_without_a_number_is_a_new_version():
    library = Library(None)
    put(library, sighting(source="arxiv", day=DAY - timedelta(days=5)))
    apply_mark(library, MARKS["star"], [ID], NOW - timedelta(days=4))
    put(library, sighting(source="arxiv", day=DAY, title="Paper changed"))
    assert _events(library) == ["new version: title changed (+1 -1 words)"]


def test_changes_are_shown_word_by_word():
    before = "We train a small model on ten tasks and it is good at all of them, we think."
    after = "We train a large model on ten tasks and it is good at most of them, we think so."
    assert word_changes(TextChange("abstract", before, after)) == (
        "We train a [-small-]{+large+} model on ten tasks and it is good at [-all-]{+most+} of"
        " them, we [-think.-]{+think so.+}"
    )
    long = " ".join(map(str, range(30)))
    assert word_changes(TextChange("abstract", f"a {long} b", f"c {long} d")) == (
        "[-a-]{+c+} 0 1 2 3 … 26 27 28 29 [-b-]{+d+}"
    )


def _edition(library, now, *, by_topic=True, topic=None):
    request = EditionRequest(
        Span(now.date(), now.date()), by_topic=by_topic, full=not by_topic, topic=topic
    )
    return today(Tracker(library, (), now), request)


def test_an_edition_has_the_news_since_an_earlier_day(tmp_path):
    library = _on_disk(tmp_path)
    put(library, _from_arxiv(version=2))
    save_look(library, LATER)
    section = _edition(library, LATER).sections[0]
    assert (section.title, [entry.context for entry in section.entries]) == (
        "Starred papers",
        ["version 2"],
    )
    the_next_day = NOW + timedelta(days=1)
    assert "Starred papers" not in {s.title for s in _edition(library, the_next_day).sections}
    put(library, _from_arxiv(version=2, withdrawn=True)._replace(seen=the_next_day))
    events = _edition(library, the_next_day, by_topic=False).events
    assert [describe(event) for event in events] == ["withdrawn by its authors"]


def _on_disk(tmp_path):
    library = Library(str(tmp_path / "library"))
    put(library, sighting(source="arxiv", day=None, **FIRST))
    apply_mark(library, MARKS["star"], [ID], NOW)
    return library


def test_papers_that_are_no_longer_starred_have_no_news():
    library = _starred()
    put(library, _from_arxiv(version=2))
    assert _edition(library, LATER).events
    apply_mark(library, MARKS["unstar"], [ID], LATER)
    assert not _edition(library, LATER).events


def test_show_has_all_events():
    library = _starred()
    put(library, _from_arxiv(version=2))
    put(library, _from_arxiv(version=3)._replace(seen=NOW + timedelta(days=90)))
    (entry,) = show(Tracker(library, (), NOW), [ID]).sections[0].entries
    assert [describe(event) for event in entry.events] == ["version 2", "version 3"]


def test_events_stay_with_a_paper_that_gets_another_id():
    library = Library(None)
    put(library, sighting("doi:10.1/x", source="arxiv", day=None, **FIRST))
    apply_mark(library, MARKS["star"], ["doi:10.1/x"], NOW)
    put(
        library,
        sighting("doi:10.1/x", source="arxiv", day=None, at=LATER, **FIRST | {"version": 2}),
    )
    with library.transaction():
        rename_in_events(library, "doi:10.1/x", ID)
    assert [(event.paper_id, event.value) for event in load_events(library)] == [(ID, "2")]
    assert set(load_followed(library)) == {ID}
