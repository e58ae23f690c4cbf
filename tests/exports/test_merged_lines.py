"""Which lines a merge keeps, replaces and moves."""

import re
from hashlib import blake2b

import pytest

from papertrack.errors import UsageError
from papertrack.exports.edit_merge import merge_edits
from papertrack.exports.markers import (
    BEGIN_MARKER,
    END_MARKER,
    bare,
    checksum,
    is_ticked,
    own_beginning,
    paper_marker,
    paper_of,
    tick_of,
    ticked_papers,
    with_checksums,
    with_tick,
)


def file(*papers, head=("# Papers", "", "## New", "")):
    """A file with these papers, each given as an id and the lines below its title."""
    lines = [BEGIN_MARKER, *head]
    for key, *facts in papers:
        lines += [f"- [ ] Title {key} {paper_marker(key)}", *(f"  {fact}" for fact in facts)]
    return "".join(f"{line}\n" for line in with_checksums([*lines, END_MARKER]))


def without_checksums(text):
    """The lines of a text without checksums."""
    return re.sub(r"( [0-9a-f]{10})+(?= -->)", "", text).splitlines()


OLD = file(("a", "one", "two"), ("b", "three"))
TITLES = [f"- [ ] Title {key} {paper_marker(key)}" for key in "abc"]


def merge(old, new=OLD):
    """The merged lines without checksums, after a check that a second merge changes nothing."""
    merged = merge_edits(old, new)
    assert merge_edits(merged, new) == merged
    return without_checksums(merged)


def replace_line(old, line, change):
    """The text with the lines that `change` returns instead of a line, given without checksums."""
    assert line in without_checksums(old)
    number = without_checksums(old).index(line)
    lines = old.splitlines()
    lines[number : number + 1] = change(lines[number])
    return "".join(f"{text}\n" for text in lines)


def test_a_file_without_edits_becomes_the_new_export():
    new = file(("b", "four"), ("c", "five"))
    assert merge_edits(OLD, new) == new
    assert merge_edits("", new) == merge_edits("\ufeff \t\r\n", new) == new


def test_blank_lines_stay_where_the_new_export_has_them():
    end = "<!-- papertrack end"
    new = file(("b", "four"), ("a", "one", "two")).replace(end, f"\n{end}")
    assert merge_edits(OLD, new) == merge_edits(new, new) == new
    edited = replace_line(OLD, "  two", lambda line: [line, "  mine"])
    expected = without_checksums(new)
    assert merge(edited, new) == [*expected[:-2], "  mine", "", END_MARKER]


def test_a_line_below_a_paper_stays_below_it():
    old = replace_line(OLD, "  two", lambda line: [line, "    mine", "", "    too"])
    lines = merge(old, file(("c", "five"), ("a", "six"), ("b", "three")))
    at = lines.index(TITLES[0])
    assert lines[at : at + 6] == [TITLES[0], "  six", "    mine", "", "    too", TITLES[1]]


def test_an_edited_paper_missing_from_the_new_export_stays_in_place_with_its_edits():
    old = replace_line(OLD, "  two", lambda line: [line, "    mine"])
    lines = merge(old, file(("c", "five"), ("b", "three")))
    assert lines == [
        BEGIN_MARKER,
        "# Papers",
        "",
        "## New",
        *(TITLES[0], "  one", "  two", "    mine"),
        "",
        *(TITLES[2], "  five", TITLES[1], "  three"),
        END_MARKER,
    ]


def test_an_edited_paper_missing_from_the_new_export_stays_behind_its_predecessor():
    old = replace_line(file(("b", "three"), ("a", "one")), "  one", lambda line: [line, "  mine"])
    lines = merge(old, file(("c", "five"), ("b", "three"), ("d", "x")))
    at = lines.index("  three")
    assert lines[at : at + 4] == ["  three", TITLES[0], "  one", "  mine"]


def test_an_unedited_paper_missing_from_the_new_export_is_removed():
    assert merge(OLD, file(("b", "three"))) == without_checksums(file(("b", "three")))


def test_words_at_the_end_of_a_line_stay_there_even_if_the_line_changes():
    old = replace_line(OLD, "  one", lambda line: [f"{line} mine"])
    assert "  one mine" in merge(old)
    assert "  six mine" in merge(old, file(("a", "six", "two"), ("b", "three")))


def test_words_at_the_end_of_a_removed_line_move_below_the_paper():
    old = replace_line(OLD, "  two", lambda line: [f"{line} mine"])
    lines = merge(old, file(("a", "one"), ("b", "three")))
    at = lines.index("  one")
    assert lines[at : at + 3] == ["  one", "  mine", TITLES[1]]


def test_words_behind_a_title_stay_behind_its_marker():
    old = replace_line(OLD, TITLES[0], lambda line: [f"{line} mine"])
    assert f"{TITLES[0]} mine" in merge(old)
    assert f"{TITLES[0]} mine" in merge(old, file(("a", "new")))


def test_words_before_the_marker_of_a_title_stay():
    old = replace_line(OLD, TITLES[0], lambda line: [line.replace(" <!--", " mine <!--")])
    assert f"{TITLES[0]} mine" in merge(old)


def test_a_title_that_the_reader_rewrote_stays_below_the_new_title():
    old = replace_line(OLD, TITLES[0], lambda line: [line.replace("Title a", "Mine")])
    lines = merge(old)
    at = lines.index(TITLES[0])
    assert lines[at : at + 4] == [TITLES[0], "  one", "  two", "  Mine"]


@pytest.mark.parametrize("tick", ["x", "X", "-", "/"])
def test_a_tick_stays_and_its_paper_too(tick):
    old = replace_line(OLD, TITLES[0], lambda line: [line.replace("[ ]", f"[{tick}]")])
    line = TITLES[0].replace("[ ]", f"[{tick}]")
    assert line in merge(old, file(("a", "six")))
    assert line in merge(old, file(("b", "three")))


def test_a_bullet_changed_by_an_editor_is_not_an_edit():
    old = replace_line(OLD, TITLES[0], lambda line: [line.replace("- [ ]", "* [ ]")])
    assert merge(old) == without_checksums(OLD)
    assert merge(old, file(("b", "three"))) == without_checksums(file(("b", "three")))


def test_words_at_a_heading_stay_with_it_and_remain_when_it_is_removed():
    old = replace_line(OLD, "## New", lambda line: [f"{line} mine", "beneath"])
    lines = merge(old)
    assert lines[3:6] == ["## New mine", "beneath", ""]
    removed = merge(old, file(("a", "one"), head=("# Papers", "")))
    assert removed[:5] == [BEGIN_MARKER, "# Papers", "mine", "beneath", ""]


def test_lines_above_all_blocks_stay_there():
    old = OLD.replace(f"{BEGIN_MARKER}\n", f"{BEGIN_MARKER}\nmine\n\n")
    assert merge(old)[:3] == [BEGIN_MARKER, "mine", "# Papers"]


def test_a_duplicate_paper_is_merged_into_one_with_all_edits():
    block = replace_line(OLD, "  one", lambda line: [line, "  mine"])
    again = [*OLD.splitlines()[5:8], "  too"]
    old = block.replace(END_MARKER[:-4], "\n".join(again) + "\n" + END_MARKER[:-4])
    lines = merge(old)
    assert lines.count(TITLES[0]) == 1
    assert [line for line in lines if line in ("  mine", "  too")] == ["  mine", "  too"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_stay_as_they_are(end):
    old = replace_line(OLD, "  one", lambda line: [line, "  mine"]).replace("\n", end)
    new = merge_edits(old, file(("a", "six")))
    assert set(re.findall(r"\r\n|\n|\r", new)) == {end}
    assert new.endswith(f"-->{end}")


FRONT = "---\ntitle: x\nupvotes: 1\nversion: 1\nmine: 2\n---\n\n"
FRESH = "---\ntitle: y\nupvotes: 5\ncode_stars: 7\n---\n\n"


def test_front_matter_gets_the_new_counts_and_keeps_the_readers_other_keys():
    assert merge_edits(FRONT + OLD, FRESH + OLD) == FRONT.replace("upvotes: 1", "upvotes: 5") + OLD
    assert merge_edits(OLD, FRESH + OLD) == OLD
    assert merge_edits(FRONT + OLD, OLD) == FRONT + OLD
    listed = FRONT.replace("upvotes: 1\n", "upvotes: 1\n  - mine\n")
    assert merge_edits(listed + OLD, FRESH + OLD) == listed + OLD


@pytest.mark.parametrize("key", ["version", "updated", "upvotes", "comments", "code_stars"])
def test_these_keys_of_front_matter_are_updated(key):
    old, new = (f"---\r\n{key}: {number}\r\nx{key}: 0\r\n---\r\n" for number in (1, 2))
    assert merge_edits("\ufeff" + old + OLD, new + file(("c",))).startswith("\ufeff" + new)


@pytest.mark.parametrize(("begins", "ends"), [(0, 1), (1, 0), (2, 1), (1, 2), (2, 2)])
def test_a_wrong_number_of_markers_is_reported(begins, ends):
    with pytest.raises(UsageError) as caught:
        merge_edits(f"{BEGIN_MARKER}\n" * begins + f"{END_MARKER}\n" * ends, OLD)
    assert caught.value.what == (f"it has {begins} begin and {ends} end markers")
    assert caught.value.next_step == (
        "keep one line <!-- papertrack begin --> and, below it, one line <!-- papertrack end -->"
    )


def test_markers_in_the_wrong_order_are_reported_and_a_file_without_markers_is_refused():
    with pytest.raises(UsageError, match="it has 1 begin and 1 end markers"):
        merge_edits(f"{END_MARKER}\n{BEGIN_MARKER}\n", OLD)
    with pytest.raises(UsageError) as caught:
        merge_edits("mine", OLD)
    assert caught.value.what == ("it has no papertrack markers, so it may be a file of yours")
    assert caught.value.next_step == (
        "add the lines <!-- papertrack begin --> and <!-- papertrack end --> where the papers"
        " should go, or name another file"
    )


@pytest.mark.parametrize(
    ("line", "tick", "text"),
    [
        ("- [x] Title", "[x]", "Title"),
        ("  * [ ] a", "[ ]", "a"),
        ("+ a  ", "", "a"),
        ("[x] a", "", "[x] a"),
        ("-[x] a", "", "-[x] a"),
        ("- [x]a", "", "[x]a"),
        ("- [xy] a", "", "[xy] a"),
        ("- [-]", "[-]", ""),
        ("", "", ""),
        ("- TODO a", "TODO", "a"),
        ("\t- IN-PROGRESS [#B] a", "IN-PROGRESS [#B]", "a"),
        ("- DONE [ ] [T](u)", "DONE [ ]", "[T](u)"),
        ("- DONE", "DONE", ""),
        ("- [ ] DONE right", "[ ]", "DONE right"),
        ("- DONEa", "", "DONEa"),
        ("- done a", "", "done a"),
        ("DONE a", "", "DONE a"),
    ],
)
def test_a_line_is_split_into_tick_and_text(line, tick, text):
    assert (tick_of(line), bare(line)) == (tick, text)


@pytest.mark.parametrize(
    ("tick", "in_boxes", "in_logseq"),
    [
        ("[x]", "[x]", "DONE"),
        ("[X]", "[X]", "DONE"),
        ("[-]", "[-]", "CANCELED"),
        ("[?]", "[?]", "TODO [?]"),
        ("DONE", "[x]", "DONE"),
        ("NOW", "[/]", "NOW"),
        ("LATER", "[ ]", "LATER"),
        ("DONE [ ]", "DONE [ ]", "DONE"),
        ("TODO [#A]", "TODO [#A]", "TODO [#A]"),
    ],
)
def test_a_tick_stays_as_written_in_its_style_and_is_translated_into_the_other(
    tick, in_boxes, in_logseq
):
    assert with_tick("- [ ] TODO", tick) == f"- {in_boxes} TODO"
    assert with_tick("- TODO TODO [ ]", tick) == f"- {in_logseq} TODO [ ]"
    assert is_ticked(f"- {in_boxes} T") == is_ticked(f"- {in_logseq} T")


@pytest.mark.parametrize("tick", ["DONE", "DONE [ ]", "DOING", "LATER [#A]"])
def test_a_task_of_logseq_stays_and_its_paper_too(tick):
    """Also in a file with boxes, before which Logseq puts its task, and with its time log."""
    new = OLD.replace("- [ ]", "- TODO")
    written = [f"- {tick} Title a", "  :LOGBOOK:", "  CLOCK: [2026-04-01 Wed 08:00:00]", "  :END:"]
    old = replace_line(
        new,
        TITLES[0].replace("[ ]", "TODO"),
        lambda line: [line.replace("- TODO Title a", written[0]), *written[1:]],
    )
    kept = f"- {tick.removesuffix(' [ ]')} Title a {paper_marker('a')}"
    assert [line for line in merge(old, new) if "Title a" in line] == [kept]
    assert set(written[1:]) <= set(merge(old, new))
    assert any("Title a" in line for line in merge(old, file(("b", "three"))))
    ticked = ("a",) if "DONE" in tick else ()
    assert ticked_papers(old) == ticked_papers(merge_edits(old, OLD)) == ticked


def test_a_checksum_covers_the_text_alone():
    assert checksum("- [x] Title") == checksum("  Title  ") != checksum("title")
    assert re.fullmatch("[0-9a-f]{10}", checksum("\ud800"))


def test_text_appended_to_a_line_is_separated_from_its_beginning():
    sums = [checksum("Title"), checksum("Other")]
    assert own_beginning("Title", sums) == (5, sums[0])
    assert own_beginning("Title more", sums) == (5, sums[0])
    assert own_beginning("A Title", sums) is None
    assert own_beginning("Title", []) is None
    assert own_beginning("\ud800 Title", sums) is None


def test_what_formatters_change_in_a_line_does_not_count():
    sums = [checksum(r"A \#1 of [x](<https://x.org>)")]
    assert own_beginning("A #1 of [x](https://x.org) more", sums) == (26, sums[0])


def test_lines_with_the_checksums_of_papertrack_0_1_are_known():
    """They counted every character."""
    written = r"Title \#1"
    former = blake2b(written.encode(), digest_size=5).hexdigest()
    assert own_beginning(written, [former]) == (len(written), former)
    marker = paper_marker("a").replace(" -->", f" {former} -->")
    old = f"{BEGIN_MARKER}\n- [x] {written} {marker} mine\n{END_MARKER}\n"
    merged = merge(old, file(("a", "one")))
    assert [line for line in merged if "Title" in line] == [
        f"- [x] Title a {paper_marker('a')} mine"
    ]


def test_words_behind_signs_that_a_formatter_took_away_stay():
    new = file(("a", r"one\>", "two"))
    for ending in (r"\>", ">", ""):
        old = replace_line(new, r"  one\>", lambda _, ending=ending: [f"  one{ending} mine"])
        assert merge(old, new) == without_checksums(
            replace_line(new, r"  one\>", lambda line: [f"{line} mine"])
        )


def test_words_behind_a_title_that_ends_with_a_sign_stay():
    title = rf"- [ ] Is a \> {paper_marker('a')}"
    new = "\n".join(with_checksums([BEGIN_MARKER, title, END_MARKER])) + "\n"
    for ending in (r"\>", ">"):
        old = new.replace(r"\> <!--", f"{ending} mine <!--")
        assert merge(old, new) == [BEGIN_MARKER, f"{title} mine", END_MARKER]


def test_a_hard_break_of_a_formatter_is_no_edit():
    old = replace_line(OLD, TITLES[0], lambda line: [f"{line.rstrip()}\\"])
    assert merge_edits(old, OLD) == OLD
    assert paper_marker("a") not in "".join(merge(old, file(("b", "two"))))


def test_a_marker_has_the_id_without_hyphens():
    assert paper_marker("a-b/c:d e") == "<!-- papertrack paper a%2Db/c:d%20e -->"
    assert paper_of(f"x {paper_marker('a-b/c:d e')} y") == "a-b/c:d e"
    assert paper_of("x") is None


def test_ticked_papers_are_returned_once_in_order():
    lines = [
        f"- [{tick}] T {paper_marker(key)}"
        for tick, key in (("x", "b"), (" ", "c"), ("X", "a"), ("x", "b"), ("-", "d"))
    ]
    assert ticked_papers("\n".join([*lines, "- [x] no paper"])) == ("b", "a")


def test_the_markers_of_a_file_have_the_checksums_of_all_its_lines():
    first = f"- [ ] T {paper_marker('a')}  "
    lines = ["above", BEGIN_MARKER, "# H", "# H", "", first, "  one", "# I", END_MARKER, "below"]
    heading_sums = " ".join(map(checksum, ("# H", "# I")))
    sums = f"{checksum('T')} {checksum('one')}"
    assert list(with_checksums(lines)) == [
        *("above", BEGIN_MARKER, "# H", "# H", ""),
        first.replace(" -->", f" {sums} -->"),
        *("  one", "# I"),
        END_MARKER.replace(" -->", f" {heading_sums} -->"),
        "below",
    ]
