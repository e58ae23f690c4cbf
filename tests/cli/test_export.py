"""Stored papers as a file: all of it or what was there before."""

import csv
import json
import os
import stat

import pytest
from program import Program

from papertrack.library.library import Library

SEEN = ["export", "--since", "2026-03-31"]


def test_what_is_exported_and_imported_elsewhere_is_the_same_library(owner, tmp_path):
    """With marks, notes, history and where each fact is from."""
    owner("star", "2603.00001", "--tag", "x")
    owner("hide", "2603.00002")
    done = owner("export", "--all", "-o", "all.jsonl")
    assert (done.code, done.out) == (0, "")
    assert done.err == "papertrack: 50 papers written to all.jsonl\n"
    other = Program(tmp_path / "other")
    other.configure("")
    assert other("import", owner.home / "all.jsonl").code == 0
    printed = [one("export", "--all", "-f", "jsonl", "-q").out for one in (owner, other)]
    mine, its = ([_told(line) for line in text.splitlines()] for text in printed)
    assert mine == its


def _told(line):
    return {key: value for key, value in json.loads(line).items() if key != "topics"}


def test_a_selection_is_that_of_list(reader):
    chosen = ["--all", "--topic", "agents", "--until", "2026-03-30"]
    assert reader("export", "-f", "ids", *chosen).out == reader("list", "-f", "ids", *chosen).out
    assert len(reader("export", "-f", "ids", "--limit", "3").out.split()) == 3


@pytest.mark.parametrize(
    ("name", "starts"),
    [("a.md", "# papertrack"), ("a.CSV", "section,"), ("a.json", '{"schema"'), ("a", "# papert")],
)
def test_the_ending_of_the_file_says_the_format(owner, name, starts):
    assert owner(*SEEN, "-q", "-o", name).err == ""
    assert (owner.home / name).read_text().startswith(starts)


def test_each_format_is_whole(owner):
    for form in ("csv", "json", "md"):
        assert owner(*SEEN, "-f", form, "-o", "one").code == 0
        text = (owner.home / "one").read_text()
        assert text == owner(*SEEN, "-f", form).out, form
    rows = csv.DictReader(owner(*SEEN, "-f", "csv").out.splitlines())
    assert len(list(rows)) == 25


def test_a_file_keeps_its_rights_and_a_link_its_place(owner):
    file, link = owner.home / "real.md", owner.home / "link.md"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    assert owner(*SEEN, "-o", "link.md").code == 0
    assert link.is_symlink()
    assert file.read_text().startswith("# papertrack")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_new_file_gets_the_rights_of_every_new_file(owner):
    (owner.home / "other").write_text("")
    owner(*SEEN, "-o", "new.md")
    modes = [stat.S_IMODE((owner.home / name).stat().st_mode) for name in ("other", "new.md")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("where", ["no/such/folder.md", ".", "/dev/full"])
def test_what_cannot_be_written_is_said_in_three_lines(owner, where):
    done = owner(*SEEN, "-o", where)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 3)
    assert done.err.startswith(f"papertrack: cannot write {where}")


def test_an_export_that_fails_half_way_leaves_the_file_as_it_was(owner):
    """As of a listing that is not what papertrack wrote, met when others were written."""
    (owner.home / "old.csv").write_text("old")
    library = Library(str(owner.library))
    library.database.put("listings.2025-12-01", {"2512.00001": {"ranks": 5}})
    done = owner("export", "--all", "-o", "old.csv")
    assert (done.code, done.out) == (5, "")
    assert (owner.home / "old.csv").read_text() == "old"
    assert not list(owner.home.glob("old.csv.*"))


def test_what_is_no_file_is_written_to(owner):
    os.mkfifo(owner.home / "pipe")
    reading = os.open(owner.home / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert owner(*SEEN, "-f", "ids", "-o", "pipe").code == 0
        assert len(os.read(reading, 100_000).split()) == 25
    finally:
        os.close(reading)


def test_an_unknown_format_is_refused_with_those_there_are(reader):
    done = reader("export", "-f", "table")
    assert (done.code, done.err.count("md, csv, json, jsonl, ids")) == (2, 1)
