"""A second export into a file that its reader wrote in."""

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import entries, entry, report, written

from papertrack.errors import UsageError
from papertrack.exports.edit_merge import merge_edits
from papertrack.exports.markdown_notes import as_note
from papertrack.exports.markers import ticked
from papertrack.models import Observation

TITLES = ("One", "[Two] _b_ `c`", "- [ ] Three", "<!-- papertrack end -->", "Five --> five")
ALL = entries(TITLES)
chosen = st.lists(st.sampled_from(ALL), unique_by=lambda one: one.paper.id, max_size=5)
words = st.sampled_from(
    ["word", "  word", "- word", "\t- word", "# word", "> word", "```\nword", "| word |",
     "- [x] word", "\n\nword\n", "word   ", "<b>word", "é word ﬀ", "---\nword"]
)  # fmt: skip
places = st.sampled_from(["above", "behind", "before", "amid"])
edits = st.lists(st.tuples(st.integers(0, 60), places, words), max_size=6)


def kept(papers, upvotes=7):
    return _kept(tuple(papers), upvotes)


@cache
def _kept(papers, upvotes):
    voted = [_voted(one, upvotes) for one in papers]
    return written("md", voted, kept=True, abstracts=True)


def _voted(one, upvotes):
    return one._replace(observations=(Observation(one.first_seen, upvotes),))


def edited(text, changes):
    """The text with the reader's words, each with a number of its own, and those words."""
    lines, said = text.split("\n"), []
    for number, (somewhere, place, word) in enumerate(changes):
        unique = word.replace("word", f"word{number}.")
        at = somewhere % len(lines)
        line = lines[at]
        mark = line.find("<!--")
        if place == "above" or "\n" in word or mark == 0:
            lines.insert(at, unique)
        elif place == "behind" or mark < 0:
            lines[at] = f"{line} {unique}"
        elif place == "before":
            lines[at] = f"{unique} {line}"
        else:
            lines[at] = f"{line[:mark]}{unique} {line[mark:]}"
        said.append(f"word{number}.")
    return "\n".join(lines), said


def among(text):
    """What stands before papertrack's lines, and behind."""
    above, _, rest = text.partition("<!-- papertrack begin -->")
    return above, re.split("<!-- papertrack end[^>]*-->", rest)[-1]


@given(chosen, chosen, edits, st.integers(0, 9), st.sampled_from([("", "\n"), ("\ufeff", "\r\n")]))
@settings(max_examples=60)
def test_no_word_of_the_reader_is_lost_and_writing_twice_changes_nothing(
    before, after, changes, upvotes, coding
):
    old, said = edited(kept(before), changes)
    old = coding[0] + old.replace("\n", coding[1])
    new = kept(after, upvotes)
    once = merge_edits(old, new)
    assert [one for one in said if once.count(one) != 1] == []
    assert merge_edits(once, new) == once
    assert among(once) == among(old)
    for one in after:
        assert once.count(f"papertrack paper {one.paper.id} ") == 1


@given(chosen, st.sets(st.sampled_from([one.paper.id for one in ALL])), chosen)
def test_what_was_ticked_stays_ticked(before, ticks, after):
    old = kept(before)
    lines = old.split("\n")
    for number, line in enumerate(lines):
        if any(f"paper {one} " in line for one in ticks):
            lines[number] = line.replace("[ ]", "[x]", 1)
    there = {one.paper.id for one in before} & ticks
    assert set(ticked("\n".join(lines))) == there
    assert set(ticked(merge_edits("\n".join(lines), kept(after)))) == there


@given(st.text(), st.text(), chosen)
@settings(max_examples=25)
def test_what_stands_outside_the_marks_stays_byte_for_byte(above, below, papers):
    marks = "<!-- papertrack begin -->\n<!-- papertrack end -->"
    once = merge_edits(f"{above}{marks}{below}", kept(papers))
    assert once.startswith(above)
    assert once.endswith(below)
    assert "papertrack begin" in once


def test_a_remark_stays_with_its_paper_when_the_paper_changes():
    old = kept(ALL[:2], 1)
    lines = old.split("\n")
    first = next(number for number, line in enumerate(lines) if "paper 2603.00000" in line)
    lines[first] = lines[first].replace("[ ]", "[x]") + " read this"
    lines[first + 1] += " !!"
    lines.insert(first + 3, "    - my own thought")
    woven = merge_edits("\n".join(lines), kept(list(reversed(ALL[:3])), 22)).split("\n")
    at = next(number for number, line in enumerate(woven) if "paper 2603.00000" in line)
    assert woven[at].startswith("- [x] ")
    assert woven[at].endswith(" read this")
    assert "22 upvotes" in woven[at + 1]
    assert woven[at + 1].endswith(" !!")
    assert woven[at + 3] == "    - my own thought"


def test_a_line_of_papertrack_that_the_reader_rewrote_stays_beneath_the_new_one():
    woven = merge_edits(kept(ALL[:1]).replace("[One]", "[Uno]"), kept(ALL[:1]))
    assert woven.count("[One]") == 1
    assert woven.count("[Uno]") == 1
    assert merge_edits(woven, kept(ALL[:1])) == woven


def test_a_paper_that_is_told_no_more_stays_only_where_the_reader_did_something_with_it():
    old = kept(ALL[:3]).replace("- [ ] [One]", "- [x] [One]")
    woven = merge_edits(old, kept(ALL[4:]))
    assert ticked(woven) == ("2603.00000",)
    assert "2603.00001" not in woven


@pytest.mark.parametrize(
    "spoil",
    [lambda text: text.replace("<!-- papertrack begin -->", "<!-- papertrack beg"),
     lambda text: text[: text.index("<!-- papertrack end 0") if "end 0" in text else -30],
     lambda text: text + text,
     lambda _: "my own words"],
    ids=["begin", "end", "twice", "none"],
)  # fmt: skip
def test_damaged_marks_are_told_with_what_to_do_and_nothing_is_woven(spoil):
    with pytest.raises(UsageError) as caught:
        merge_edits(spoil(kept(ALL)), kept(ALL))
    assert "<!-- papertrack begin -->" in caught.value.next_step


def test_front_matter_keeps_what_the_reader_wrote_and_has_the_new_counts():
    old = "".join(as_note(_note(7)))
    mine = old.replace("tags:", "rating: 5\ntags:").replace('tags: ["paper"', 'tags: ["mine"')
    woven = merge_edits(mine, "".join(as_note(_note(9))))
    assert "upvotes: 9" in woven
    assert "rating: 5" in woven
    assert 'tags: ["mine"' in woven


def _note(upvotes):
    one = entry("A title")
    seen = (Observation(one.first_seen, upvotes),)
    return report([one._replace(observations=seen)])
