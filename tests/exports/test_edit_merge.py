"""A second export into a file that its reader has edited."""

import re
import sys
from functools import cache

import pytest
import yaml
from export_reports import entries, entry, render_papers, report
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.errors import UsageError
from papertrack.exports.edit_merge import merge_edits
from papertrack.exports.markdown_notes import as_note
from papertrack.exports.markers import ticked_papers
from papertrack.models import Observation

TITLES = ("One", "[Two] _b_ `c`", "- [ ] Three", "<!-- papertrack end -->", "Five --> five")
ALL = entries(TITLES)
selections = st.lists(st.sampled_from(ALL), unique_by=lambda item: item.paper.id, max_size=5)
words = st.sampled_from(
    ["word", "  word", "- word", "\t- word", "# word", "> word", "```\nword", "| word |",
     "- [x] word", "\n\nword\n", "word   ", "<b>word", "é word ﬀ", "---\nword"]
)  # fmt: skip
positions = st.sampled_from(["above", "behind", "before", "amid"])
edits = st.lists(st.tuples(st.integers(0, 60), positions, words), max_size=6)


def export(papers, upvotes=7):
    """An export that can be edited."""
    return _export(tuple(papers), upvotes)


@cache
def _export(papers, upvotes):
    with_upvotes = [_with_upvotes(item, upvotes) for item in papers]
    return render_papers("md", with_upvotes, editable=True, abstracts=True)


def _with_upvotes(item, upvotes):
    return item._replace(observations=(Observation(item.first_seen, upvotes),))


def apply_edits(text, changes):
    """The text with the reader's words, which are numbered, and a list of these words."""
    lines, added = text.split("\n"), []
    for number, (index, position, word) in enumerate(changes):
        unique = word.replace("word", f"word{number}.")
        at = index % len(lines)
        line = lines[at]
        marker = line.find("<!--")
        if position == "above" or "\n" in word or marker == 0:
            lines.insert(at, unique)
        elif position == "behind" or marker < 0:
            lines[at] = f"{line} {unique}"
        elif position == "before":
            lines[at] = f"{unique} {line}"
        else:
            lines[at] = f"{line[:marker]}{unique} {line[marker:]}"
        added.append(f"word{number}.")
    return "\n".join(lines), added


def outside_markers(text):
    """The text above and below papertrack's lines."""
    above, _, rest = text.partition("<!-- papertrack begin -->")
    return above, re.split("<!-- papertrack end[^>]*-->", rest)[-1]


@given(
    selections,
    selections,
    edits,
    st.integers(0, 9),
    st.sampled_from([("", "\n"), ("\ufeff", "\r\n")]),
)
@settings(max_examples=60)
def test_no_word_of_the_reader_is_lost_and_a_second_merge_changes_nothing(
    before, after, changes, upvotes, encoding
):
    old, added = apply_edits(export(before), changes)
    old = encoding[0] + old.replace("\n", encoding[1])
    new = export(after, upvotes)
    merged = merge_edits(old, new)
    assert [word for word in added if merged.count(word) != 1] == []
    assert merge_edits(merged, new) == merged
    assert outside_markers(merged) == outside_markers(old)
    for item in after:
        assert merged.count(f"papertrack paper {item.paper.id} ") == 1


@given(selections, st.sets(st.sampled_from([item.paper.id for item in ALL])), selections)
def test_ticked_papers_stay_ticked(before, ticks, after):
    lines = export(before).split("\n")
    for number, line in enumerate(lines):
        if any(f"paper {paper_id} " in line for paper_id in ticks):
            lines[number] = line.replace("[ ]", "[x]", 1)
    expected = {item.paper.id for item in before} & ticks
    assert set(ticked_papers("\n".join(lines))) == expected
    assert set(ticked_papers(merge_edits("\n".join(lines), export(after)))) == expected


# Hypothesis also draws texts that it finds in the code, such as the markers.
outside_texts = st.text().filter(lambda text: "<!-- papertrack" not in text)


# A backslash before a marker makes it text.
@given(outside_texts.filter(lambda text: not text.endswith("\\")), outside_texts, selections)
@settings(max_examples=25)
def test_text_outside_the_markers_stays_byte_for_byte(above, below, papers):
    markers = "<!-- papertrack begin -->\n<!-- papertrack end -->"
    merged = merge_edits(f"{above}{markers}{below}", export(papers))
    assert merged.startswith(above)
    assert merged.endswith(below)
    assert "papertrack begin" in merged


def test_a_remark_stays_with_its_paper_when_the_paper_changes():
    lines = export(ALL[:2], 1).split("\n")
    first = next(number for number, line in enumerate(lines) if "paper 2603.00000" in line)
    lines[first] = lines[first].replace("[ ]", "[x]") + " read this"
    lines[first + 1] += " !!"
    lines.insert(first + 3, "    - my own thought")
    merged = merge_edits("\n".join(lines), export(list(reversed(ALL[:3])), 22)).split("\n")
    at = next(number for number, line in enumerate(merged) if "paper 2603.00000" in line)
    assert merged[at].startswith("- [x] ")
    assert merged[at].endswith(" read this")
    assert "22 upvotes" in merged[at + 1]
    assert merged[at + 1].endswith(" !!")
    assert merged[at + 3] == "    - my own thought"


def test_a_line_of_papertrack_that_the_reader_rewrote_stays_below_the_new_line():
    merged = merge_edits(export(ALL[:1]).replace("[One]", "[Uno]"), export(ALL[:1]))
    assert merged.count("[One]") == 1
    assert merged.count("[Uno]") == 1
    assert merge_edits(merged, export(ALL[:1])) == merged


def test_a_paper_missing_from_the_new_export_stays_only_if_the_reader_edited_it():
    old = export(ALL[:3]).replace("- [ ] [One]", "- [x] [One]")
    merged = merge_edits(old, export(ALL[4:]))
    assert ticked_papers(merged) == ("2603.00000",)
    assert "2603.00001" not in merged


_BEGIN, _END = "<!-- papertrack begin -->", "<!-- papertrack end -->"
_KEEP = f"keep one line {_BEGIN} and, below it, one line {_END}"


@pytest.mark.parametrize(
    ("old", "what", "next_step"),
    [
        (f"a\n{_END}", "it has 0 begin and 1 end markers", _KEEP),
        (f"{_BEGIN}\na", "it has 1 begin and 0 end markers", _KEEP),
        (f"{_BEGIN}{_END}" * 2, "it has 2 begin and 2 end markers", _KEEP),
        (f"{_END}{_BEGIN}", "it has 1 begin and 1 end markers", _KEEP),
        (
            "my own words",
            "it has no papertrack markers, so it may be a file of yours",
            f"add the lines {_BEGIN} and {_END} where the papers should go, or name another file",
        ),
    ],
)
def test_damaged_markers_are_reported_with_a_next_step_and_nothing_is_merged(old, what, next_step):
    with pytest.raises(UsageError) as caught:
        merge_edits(old, export(ALL))
    assert (caught.value.what, caught.value.next_step) == (what, next_step)


def test_front_matter_keeps_the_readers_edits_and_gets_the_new_counts():
    old = "".join(as_note(_note(7)))
    edited = old.replace("tags:", "rating: 5\ntags:").replace('tags: ["paper"', 'tags: ["mine"')
    merged = merge_edits(edited, "".join(as_note(_note(9))))
    assert "upvotes: 9" in merged
    assert "rating: 5" in merged
    assert 'tags: ["mine"' in merged


# Programs that read notes give these keys a meaning of their own.
RESERVED = {
    *("aliases", "build", "cascade", "description", "draft", "expiryDate", "headless", "lastmod"),
    *("layout", "linkTitle", "markup", "menus", "outputs", "params", "path", "publishDate", "slug"),
    *("sitemap", "summary", "translationKey", "type", "url", "weight"),  # Hugo
    *("id", "permalink", "published", "excerpt", "content", "collection", "next", "previous"),
    *("format", "execute", "engine", "listing", "citation", "comments", "image", "subtitle"),
    *("alias", "icon", "template", "public", "filters", "collapsed", "created-at", "updated-at"),
    *("cssclasses", "publish", "cover"),  # Jekyll, Quarto, Logseq, Obsidian
}


def test_a_note_has_no_key_that_another_program_reads_as_its_own():
    front_matter = "".join(as_note(_note(7))).split("---\n")[1]
    keys = yaml.safe_load(front_matter).keys()
    assert {"title", "paper_id", "paper_url"} <= keys
    assert not keys & RESERVED


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("quote", ['"', "", "'"])
def test_a_note_of_papertrack_0_1_gets_the_new_keys_and_keeps_what_the_reader_wrote(quote, end):
    new = "".join(as_note(_note(9)))
    old = new.replace('paper_id: "2603.00001"', f"id: {quote}2603.00001{quote}\nrating: 5")
    old = re.sub('paper_url: "(.*)"', rf"url: {quote}https://old.example/p{quote}", old)
    old = f"{old}\nMy words.\n".replace("- [ ] read", "- [x] read").replace("\n", end)
    merged = merge_edits(old, new)
    expected = old.replace("\nid:", "\npaper_id:").replace("\nurl:", "\npaper_url:")
    assert merged == expected == merge_edits(merged, new)


@pytest.mark.parametrize("line", ["id: 202603311200", "url: /mine/", "id: 2603.00001-mine"])
def test_a_key_that_the_reader_wrote_stays(line):
    new = "".join(as_note(_note(9)))
    old = re.sub("paper_id: .*", line, re.sub("paper_url: .*\n", "", new))
    assert f"\n{line}\n" in merge_edits(old, new)


def _note(upvotes):
    return report([_with_upvotes(entry("A title"), upvotes)])


def _calls(work):
    """The number of calls of functions that some work makes."""
    count = 0

    def count_call(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(count_call)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("changed", [False, True])
def test_the_work_grows_no_faster_than_the_lines_of_the_reader(changed):
    old, new = export(ALL[:4]), export(ALL)
    if changed:
        old = old.replace("[ ] One", "[ ] One, as I call it")
    line = "a line of the reader's own words, as long as people write them; " * 5 + "\n"

    def calls(lines):
        text = old.replace("<!-- papertrack end", line * lines + "<!-- papertrack end", 1)
        merged = []
        count = _calls(lambda: merged.append(merge_edits(text, new)))
        assert line * lines in merged[0]
        return count

    few, many = calls(200), calls(400)
    assert many - few < 200 * len(line), "every beginning of every line is tried"


@pytest.mark.parametrize("title", ["Less than \\<", "A <!-- papertrack end -->", "x > y >"])
@pytest.mark.parametrize("formatted", [False, True])
def test_words_behind_a_sign_that_formatters_change_stay_where_they_are(title, formatted):
    items = entries([title, "Another"])
    text = export(items)
    for line in text.splitlines():
        if line.rstrip().endswith((">", "<")) and "papertrack" not in line:
            ending = line.replace("\\", "") if formatted else line
            text = text.replace(f"{line}\n", f"{ending} my words\n", 1)
    merged = merge_edits(text, export(items, 8))
    assert merged.count("my words") == text.count("my words")
    for _ in range(2):
        assert merge_edits(merged, export(items, 8)) == merged


FORGED = (
    "Agents <!-- papertrack paper x",
    "Agents <!-- papertrack paper 2603.00001 0123456789 -->",
    "Agents <!-- papertrack begin -->",
    "Agents <!-- papertrack end -->",
    "Agents <!-- papertrack end 0123456789 --> and more",
)


@pytest.mark.parametrize("title", FORGED)
def test_a_title_that_looks_like_a_marker_stays_text(title):
    forged, other = entries([title, "Another"])
    text = export([forged, other])
    for upvotes in (8, 9):
        text = merge_edits(text, export([forged, other], upvotes))
        assert text == export([forged, other], upvotes)
    assert forged.paper.id not in merge_edits(text, export([other]))
    assert ticked_papers(text.replace("- [ ]", "- [x]")) == (forged.paper.id, other.paper.id)


@pytest.mark.parametrize("title", FORGED)
def test_a_note_of_a_paper_whose_title_looks_like_a_marker_can_be_written_again(title):
    (item,) = entries([title])

    def note(upvotes):
        return "".join(as_note(report([_with_upvotes(item, upvotes)]), item.last_listed, "boxes"))

    text = note(7) + "\nmy words\n"
    for upvotes in (8, 9):
        text = merge_edits(text, note(upvotes))
        assert text == note(upvotes) + "\nmy words\n"
