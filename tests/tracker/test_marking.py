"""Tags and notes, and taking changes back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import NOW, put, sighting

from papertrack.errors import UsageError
from papertrack.library.library import Library
from papertrack.library.undo import undo_last
from papertrack.library.verification import verify
from papertrack.models import State
from papertrack.tracker.marks import MARKS, apply_mark, combine, note_mark, tag_mark

IDS = ("2603.00001", "2603.00002", "cran:12")


def _library():
    library = Library(None)
    put(library, *(sighting(paper_id) for paper_id in IDS))
    return library


def test_a_tag_is_added_once_and_removed():
    library = _library()
    apply_mark(library, tag_mark("#reading"), IDS, NOW)
    apply_mark(library, tag_mark("reading"), IDS[:1], NOW)
    assert library.states()[IDS[0]].tags == ("reading",)
    apply_mark(library, tag_mark("reading", remove=True), IDS[:2], NOW)
    assert library.states() == {IDS[2]: State(tags=("reading",))}


@pytest.mark.parametrize("text", ["", "#", " ", "two words", "a,b", "x" * 61, "\u202e"])
def test_what_cannot_be_a_tag_is_a_usage_error(text):
    with pytest.raises(UsageError, match="not a valid tag"):
        tag_mark(text)


def test_tags_keep_letters_of_all_scripts():
    library = _library()
    apply_mark(library, tag_mark("\u8aad\u3080"), IDS[:1], NOW)
    assert library.states()[IDS[0]].tags == ("\u8aad\u3080",)


def test_a_note_is_set_extended_and_removed():
    library = _library()
    for mark, note in [
        (note_mark(" first "), "first"),
        (note_mark("second", append=True), "first\nsecond"),
        (note_mark("third"), "third"),
        (note_mark(""), None),
        (note_mark("alone", append=True), "alone"),
    ]:
        apply_mark(library, mark, IDS[:1], NOW)
        assert library.states().get(IDS[0], State()).note == note


def test_several_marks_are_one_change():
    library = _library()
    apply_mark(library, combine([tag_mark("a"), tag_mark("b")]), IDS, NOW)
    assert undo_last(library).action == "tagged a, tagged b"
    assert library.states() == {}


MARKINGS = st.one_of(
    st.sampled_from(sorted(MARKS)).map(MARKS.get),
    st.sampled_from(["a", "b"]).map(tag_mark),
    st.sampled_from(["a", "b"]).map(lambda tag: tag_mark(tag, remove=True)),
    st.sampled_from(["x", ""]).map(note_mark),
)


@settings(max_examples=25)
@given(st.lists(st.tuples(MARKINGS, st.sets(st.sampled_from(IDS), min_size=1)), max_size=30))
def test_undo_goes_back_through_the_last_twenty_changes_in_any_history(steps):
    library = _library()
    states = [library.states()]
    for mark, ids in steps:
        if apply_mark(library, mark, sorted(ids), NOW).changed:
            states.append(library.states())
    for expected in reversed(states[-21:-1]):
        assert undo_last(library) is not None
        assert library.states() == expected
    assert undo_last(library) is None
    assert not list(verify(library, lambda *_: None).lines())


def test_a_mark_that_changes_nothing_leaves_the_last_change_to_undo():
    library = _library()
    apply_mark(library, MARKS["star"], IDS, NOW)
    apply_mark(library, MARKS["star"], IDS[:1], NOW)
    assert undo_last(library).action == "starred"
