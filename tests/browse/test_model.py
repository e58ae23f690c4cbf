"""The sections and the list of the reader, without a screen."""

from datetime import timedelta

from invented import DAY, NOW, put, sighting
from reader import TOPICS, fill

from papertrack.browse.paper_list import OpenList
from papertrack.browse.sections import (
    Contents,
    SectionKey,
    count_papers,
    read_papers,
    read_section,
    related_papers,
)
from papertrack.tracker import Tracker, marks
from papertrack.tracker.papers import Selection, list_papers


def test_sections_list_what_the_commands_list_and_their_counts_agree(tmp_path):
    library = fill(tmp_path, 6)
    old = DAY - timedelta(days=40)
    put(library, sighting("2602.00001", day=old, at=NOW - timedelta(days=40), title="Old agents"))
    marks.apply_mark(library, marks.MARKS["star"], ["2603.00001", "2602.00001"], NOW)
    marks.apply_mark(library, marks.MARKS["read"], ["2603.00002"], NOW)
    tracker = Tracker(library, TOPICS, NOW)
    listed = {
        "starred": Selection(starred=True),
        "unread": Selection(unread=True),
        "all": Selection(everything=True),
    }
    for kind, selection in listed.items():
        (section, *_) = list_papers(tracker, selection).sections
        expected = [entry.paper.id for entry in section.entries]
        assert list(read_section(tracker, SectionKey(kind)).ids) == expected, kind
    counts = dict(count_papers(tracker))
    for key, number in counts.items():
        assert number == read_section(tracker, key).total, key
    assert read_section(tracker, SectionKey("all"), DAY).total == 6
    assert read_section(tracker, SectionKey("starred"), DAY).ids == ("2603.00001",)
    assert read_section(tracker, SectionKey("search", "agents"), old).total == 7
    (entry,) = read_papers(tracker, ["2602.00001", "2609.99999"], ())
    assert [match.topic for match in entry.matches] == ["agents"]
    assert entry.paper.id not in {other.paper.id for other in related_papers(tracker, entry.paper)}


def test_new_papers_are_inserted_where_they_belong_and_nothing_else_moves():
    papers = OpenList(SectionKey("unread"), Contents("Unread", ("a", "b", "c")))
    papers.move_to(1)
    assert papers.add(Contents("Unread", ("x", "a", "y", "c", "z"))) == 3
    assert papers.ids == ["x", "a", "y", "b", "c", "z"]
    assert papers.current_id == "b", "a paper that was read meanwhile stays until it is left"
    assert papers.add(Contents("Unread", ("x", "a", "y", "c", "z"))) == 0
    papers.toggle_range()
    papers.move(-2)
    papers.pick()
    assert papers.targets == ["a", "y", "b"]
    empty = OpenList(SectionKey("unread"), Contents("Unread"))
    empty.move(1)
    assert (empty.current_id, empty.current, empty.targets) == (None, None, [])
