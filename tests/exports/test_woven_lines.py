"""Which lines a second export leaves, replaces and moves, to the letter."""

import re

import pytest

from papertrack.errors import UsageError
from papertrack.exports.edit_merge import merge_edits
from papertrack.exports.markers import (
    BEGINS,
    ENDS,
    bare,
    box,
    checksum,
    own_beginning,
    paper_mark,
    paper_of,
    ticked,
    with_checksums,
)


def file(*papers, head=("# Papers", "", "## New", "")):
    """A file with these papers, each an id with the lines that are told of it."""
    lines = [BEGINS, *head]
    for key, *said in papers:
        lines += [f"- [ ] Title {key} {paper_mark(key)}", *(f"  {one}" for one in said)]
    return "".join(f"{line}\n" for line in with_checksums([*lines, ENDS]))


def unsealed(text):
    """The lines without their checksums."""
    return re.sub(r"( [0-9a-f]{10})+(?= -->)", "", text).splitlines()


OLD = file(("a", "one", "two"), ("b", "three"))
TITLES = [f"- [ ] Title {key} {paper_mark(key)}" for key in "abc"]


def woven(old, new=OLD):
    once = merge_edits(old, new)
    assert merge_edits(once, new) == once
    return unsealed(once)


def changed(old, line, by):
    """A text with one line in place of another, which its checksums may end."""
    assert line in unsealed(old)
    number = unsealed(old).index(line)
    lines = old.splitlines()
    lines[number : number + 1] = by(lines[number])
    return "".join(f"{one}\n" for one in lines)


def test_what_nobody_touched_becomes_what_is_new():
    new = file(("b", "four"), ("c", "five"))
    assert merge_edits(OLD, new) == new
    assert merge_edits("", new) == merge_edits("\ufeff \t\r\n", new) == new


def test_a_line_beneath_a_paper_stays_beneath_it():
    old = changed(OLD, "  two", lambda line: [line, "    mine", "", "    too"])
    lines = woven(old, file(("c", "five"), ("a", "six"), ("b", "three")))
    at = lines.index(TITLES[0])
    assert lines[at : at + 6] == [TITLES[0], "  six", "    mine", "", "    too", TITLES[1]]


def test_a_paper_told_no_more_stays_with_what_was_written_beneath_it_where_it_was():
    old = changed(OLD, "  two", lambda line: [line, "    mine"])
    lines = woven(old, file(("c", "five"), ("b", "three")))
    assert lines == [
        BEGINS,
        "# Papers",
        "",
        "## New",
        *(TITLES[0], "  one", "  two", "    mine"),
        "",
        *(TITLES[2], "  five", TITLES[1], "  three"),
        ENDS,
    ]


def test_a_paper_told_no_more_follows_the_one_that_it_followed():
    old = changed(file(("b", "three"), ("a", "one")), "  one", lambda line: [line, "  mine"])
    lines = woven(old, file(("c", "five"), ("b", "three"), ("d", "x")))
    at = lines.index("  three")
    assert lines[at : at + 4] == ["  three", TITLES[0], "  one", "  mine"]


def test_a_paper_told_no_more_that_nobody_touched_goes():
    assert woven(OLD, file(("b", "three"))) == unsealed(file(("b", "three")))


def test_words_behind_a_line_stay_behind_it_also_where_it_says_something_else():
    old = changed(OLD, "  one", lambda line: [f"{line} mine"])
    assert "  one mine" in woven(old)
    assert "  six mine" in woven(old, file(("a", "six", "two"), ("b", "three")))


def test_words_behind_a_line_that_is_told_no_more_stay_beneath_the_paper():
    old = changed(OLD, "  two", lambda line: [f"{line} mine"])
    lines = woven(old, file(("a", "one"), ("b", "three")))
    at = lines.index("  one")
    assert lines[at : at + 3] == ["  one", "  mine", TITLES[1]]


def test_words_behind_a_title_stay_behind_its_mark():
    old = changed(OLD, TITLES[0], lambda line: [f"{line} mine"])
    assert f"{TITLES[0]} mine" in woven(old)
    assert f"{TITLES[0]} mine" in woven(old, file(("a", "new")))


def test_words_before_the_mark_of_a_title_stay_as_well():
    old = changed(OLD, TITLES[0], lambda line: [line.replace(" <!--", " mine <!--")])
    assert f"{TITLES[0]} mine" in woven(old)


def test_a_title_that_was_rewritten_stays_beneath_the_new_one():
    old = changed(OLD, TITLES[0], lambda line: [line.replace("Title a", "Mine")])
    lines = woven(old)
    at = lines.index(TITLES[0])
    assert lines[at : at + 4] == [TITLES[0], "  one", "  two", "  Mine"]


@pytest.mark.parametrize("tick", ["x", "X", "-", "/"])
def test_a_tick_stays_and_keeps_a_paper(tick):
    old = changed(OLD, TITLES[0], lambda line: [line.replace("[ ]", f"[{tick}]")])
    line = TITLES[0].replace("[ ]", f"[{tick}]")
    assert line in woven(old, file(("a", "six")))
    assert line in woven(old, file(("b", "three")))


def test_a_bullet_that_an_editor_changed_is_no_word_of_the_reader():
    old = changed(OLD, TITLES[0], lambda line: [line.replace("- [ ]", "* [ ]")])
    assert woven(old) == unsealed(OLD)
    assert woven(old, file(("b", "three"))) == unsealed(file(("b", "three")))


def test_words_at_a_heading_stay_with_it_and_where_it_is_gone_by_themselves():
    old = changed(OLD, "## New", lambda line: [f"{line} mine", "beneath"])
    lines = woven(old)
    assert lines[3:6] == ["## New mine", "beneath", ""]
    gone = woven(old, file(("a", "one"), head=("# Papers", "")))
    assert gone[:5] == [BEGINS, "# Papers", "mine", "beneath", ""]


def test_lines_above_all_pieces_stay_there():
    old = OLD.replace(f"{BEGINS}\n", f"{BEGINS}\nmine\n\n")
    assert woven(old)[:3] == [BEGINS, "mine", "# Papers"]


def test_a_paper_that_stands_twice_is_told_once_with_all_that_was_written():
    block = changed(OLD, "  one", lambda line: [line, "  mine"])
    again = [*OLD.splitlines()[5:8], "  too"]
    old = block.replace(ENDS[:-4], "\n".join(again) + "\n" + ENDS[:-4])
    lines = woven(old)
    assert lines.count(TITLES[0]) == 1
    assert [one for one in lines if one in ("  mine", "  too")] == ["  mine", "  too"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_did(end):
    old = changed(OLD, "  one", lambda line: [line, "  mine"]).replace("\n", end)
    new = merge_edits(old, file(("a", "six")))
    assert set(re.findall(r"\r\n|\n|\r", new)) == {end}
    assert new.endswith(f"-->{end}")


FRONT = "---\ntitle: x\nupvotes: 1\nversion: 1\nmine: 2\n---\n\n"
FRESH = "---\ntitle: y\nupvotes: 5\ncode_stars: 7\n---\n\n"


def test_front_matter_has_the_new_counts_and_the_readers_other_keys():
    assert merge_edits(FRONT + OLD, FRESH + OLD) == FRONT.replace("upvotes: 1", "upvotes: 5") + OLD
    assert merge_edits(OLD, FRESH + OLD) == OLD
    assert merge_edits(FRONT + OLD, OLD) == FRONT + OLD
    listed = FRONT.replace("upvotes: 1\n", "upvotes: 1\n  - mine\n")
    assert merge_edits(listed + OLD, FRESH + OLD) == listed + OLD


@pytest.mark.parametrize("key", ["version", "updated", "upvotes", "comments", "code_stars"])
def test_these_keys_of_front_matter_are_counted(key):
    old, new = (f"---\r\n{key}: {number}\r\nx{key}: 0\r\n---\r\n" for number in (1, 2))
    assert merge_edits("\ufeff" + old + OLD, new + file(("c",))).startswith("\ufeff" + new)


@pytest.mark.parametrize(("begins", "ends"), [(0, 1), (1, 0), (2, 1), (1, 2), (2, 2)])
def test_marks_that_are_damaged_are_counted(begins, ends):
    with pytest.raises(UsageError) as caught:
        merge_edits(f"{BEGINS}\n" * begins + f"{ENDS}\n" * ends, OLD)
    assert caught.value.what == (
        f"it has {begins} marks where papertrack's lines begin and {ends} where they end"
    )
    assert caught.value.next_step == (
        "leave one line <!-- papertrack begin --> and one line <!-- papertrack end --> around them"
    )


def test_marks_in_the_wrong_order_are_damaged_and_a_file_without_is_somebody_elses():
    with pytest.raises(UsageError, match="it has 1 marks"):
        merge_edits(f"{ENDS}\n{BEGINS}\n", OLD)
    with pytest.raises(UsageError) as caught:
        merge_edits("mine", OLD)
    assert caught.value.what == (
        "it does not have papertrack's marks, so its words are somebody else's"
    )
    assert caught.value.next_step == (
        "write <!-- papertrack begin --> and <!-- papertrack end --> on two lines of it"
        " to have papers between them, or name another file"
    )


@pytest.mark.parametrize(
    ("line", "inside", "words"),
    [
        ("- [x] Title", "x", "Title"),
        ("  * [ ] a", " ", "a"),
        ("+ a  ", " ", "a"),
        ("[x] a", " ", "[x] a"),
        ("-[x] a", " ", "-[x] a"),
        ("- [x]a", " ", "[x]a"),
        ("- [xy] a", " ", "[xy] a"),
        ("- [-]", "-", ""),
        ("", " ", ""),
    ],
)
def test_a_line_has_a_box_and_words(line, inside, words):
    assert (box(line), bare(line)) == (inside, words)


def test_a_checksum_is_of_the_words_alone():
    assert checksum("- [x] Title") == checksum("  Title  ") != checksum("title")
    assert re.fullmatch("[0-9a-f]{10}", checksum("\ud800"))


def test_what_was_added_to_a_line_is_told_from_its_beginning():
    sums = [checksum("Title"), checksum("Other")]
    assert own_beginning("Title", sums) == 5
    assert own_beginning("Title more", sums) == 5
    assert own_beginning("A Title", sums) is None
    assert own_beginning("Title", []) is None


def test_a_mark_has_the_id_without_hyphens():
    assert paper_mark("a-b/c:d e") == "<!-- papertrack paper a%2Db/c:d%20e -->"
    assert paper_of(f"x {paper_mark('a-b/c:d e')} y") == "a-b/c:d e"
    assert paper_of("x") is None


def test_what_is_ticked_is_told_once_in_its_order():
    lines = [
        f"- [{tick}] T {paper_mark(key)}"
        for tick, key in (("x", "b"), (" ", "c"), ("X", "a"), ("x", "b"), ("-", "d"))
    ]
    assert ticked("\n".join([*lines, "- [x] no paper"])) == ("b", "a")


def test_a_file_is_sealed_with_the_checksums_of_all_its_lines():
    first = f"- [ ] T {paper_mark('a')}  "
    lines = ["above", BEGINS, "# H", "# H", "", first, "  one", "# I", ENDS, "below"]
    heads = " ".join(map(checksum, ("# H", "# I")))
    sums = f"{checksum('T')} {checksum('one')}"
    assert list(with_checksums(lines)) == [
        *("above", BEGINS, "# H", "# H", ""),
        first.replace(" -->", f" {sums} -->"),
        *("  one", "# I"),
        ENDS.replace(" -->", f" {heads} -->"),
        "below",
    ]
