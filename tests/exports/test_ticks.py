"""Ticks of papers in markdown: boxes, and tasks of Logseq."""

import pytest

from papertrack.exports.markers import bare, checksum, is_ticked, paper_marker, tick_of, with_tick

STATES = (
    *("TODO", "LATER", "WAITING", "WAIT", "DOING", "NOW", "STARTED", "IN-PROGRESS"),
    *("CANCELED", "CANCELLED", "DONE"),
)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("rest", ["", " [#A]", " [#C] [x]", " [ ]"])
def test_a_tick_is_all_before_the_title(state, rest):
    tick = state + rest
    assert tick_of(f"- {tick} A title") == tick
    assert bare(f"  * {tick} A title ") == "A title"
    assert checksum(f"- {tick} A title") == checksum("A title")


@pytest.mark.parametrize(
    "line", ["- TODOs of science", "TODO A title", "- [ab] A", "- [#A] A", "-A"]
)
def test_a_line_without_a_tick(line):
    assert tick_of(line) == ""


@pytest.mark.parametrize("bullet", ["-", "*", "+", "  -"])
def test_a_paper_is_ticked_with_x_or_done(bullet):
    ticked = [
        tick for tick in ("[x]", "[X]", "[ ]", "[/]", *STATES) if is_ticked(f"{bullet} {tick} A")
    ]
    assert ticked == ["[x]", "[X]", "DONE"]


@pytest.mark.parametrize(
    ("state", "box"),
    [
        *((state, "[ ]") for state in ("TODO", "LATER", "WAITING", "WAIT")),
        *((state, "[/]") for state in ("DOING", "NOW", "STARTED", "IN-PROGRESS")),
        *((state, "[-]") for state in ("CANCELED", "CANCELLED")),
        ("DONE", "[x]"),
        ("TODO [#A]", "TODO [#A]"),
        ("[?]", "[?]"),
    ],
)
def test_a_tick_in_a_list_of_boxes(state, box):
    assert with_tick("- [ ] A [ ]", state) == f"- {box} A [ ]"


@pytest.mark.parametrize(
    ("tick", "task"),
    [
        *(("[x]", "DONE"), ("[X]", "DONE"), ("[/]", "DOING"), ("[-]", "CANCELED")),
        *(("[?]", "TODO [?]"), ("WAIT", "WAIT"), ("LATER [#B]", "LATER [#B]"), ("NOW [x]", "NOW")),
    ],
)
def test_a_tick_in_a_list_of_tasks(tick, task):
    assert with_tick("- TODO A TODO", tick) == f"- {task} A TODO"


def test_the_marker_of_a_paper_quotes_what_could_end_it():
    assert paper_marker("cs/1") == "<!-- papertrack paper cs/1 -->"
    assert paper_marker("10.1/a--> b:c") == "<!-- papertrack paper 10.1/a%2D%2D%3E%20b:c -->"
