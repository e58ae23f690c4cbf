"""Stored papers as a file: all of it or what was there before."""

import csv
import json
import os
import stat

import pytest
from invented import contents
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
    [("a.md", "---\ntitle"), ("a.CSV", "section,"), ("a.json", '{"schema"'), ("a", "---\ntitle"),
     ("a.bib", "% Written by"), ("a.ris", "TY  - "), ("a.atom", "<?xml")],
)  # fmt: skip
def test_the_ending_of_the_file_says_the_format(owner, name, starts):
    assert owner(*SEEN, "-q", "-o", name).err == ""
    assert (owner.home / name).read_text().startswith(starts)


def test_each_format_is_whole(owner):
    for form in ("csv", "json", "md", "bibtex", "atom"):
        assert owner(*SEEN, "-f", form, "-o", f"one {form}").code == 0
        text = (owner.home / f"one {form}").read_text()
        assert text == owner(*SEEN, "-f", form).out, form
    rows = csv.DictReader(owner(*SEEN, "-f", "csv").out.splitlines())
    assert len(list(rows)) == 25


def test_a_file_keeps_its_rights_and_a_link_its_place(owner):
    file, link = owner.home / "real.csv", owner.home / "link.csv"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    assert owner(*SEEN, "-o", "link.csv").code == 0
    assert link.is_symlink()
    assert file.read_text().startswith("section,")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_new_file_gets_the_rights_of_every_new_file(owner):
    (owner.home / "other").write_text("")
    owner(*SEEN, "-o", "new.md")
    modes = [stat.S_IMODE((owner.home / name).stat().st_mode) for name in ("other", "new.md")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("where", ["no/such/folder.md", "/dev/full", "/dev/null/x/"])
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
    assert (done.code, done.err.count("md, html, atom, bibtex, ris, text, mail, csv")) == (2, 1)
    listed = reader("export", "--list-formats").out
    assert {"md", "html", "atom", "bibtex", "ris", "json"} <= {
        line.split()[0] for line in listed.splitlines()
    }


def test_a_day_and_a_search_choose_papers_too(reader):
    assert len(reader("export", "-f", "ids", "--date", "2026-03-30").out.split()) == 24
    found = reader("export", "-f", "ids", "--search", "agents", "-t", "agents", "--limit", "2")
    assert found.out == reader("search", "agents", "topic:agents", "--limit", "2", "-f", "ids").out


@pytest.mark.parametrize(
    "words",
    [["--style", "note"], ["-f", "csv", "--style", "digest"], ["--search", "x", "--tag", "y"],
     ["--date", "today", "--since", "7d"], ["--search", "x", "--date", "today"]],
    ids=" ".join,
)  # fmt: skip
def test_what_cannot_be_together_is_refused(reader, words):
    assert reader("export", *words).code == 2


def test_a_folder_gets_a_file_a_day_that_the_reader_may_write_in(owner):
    words = ["export", "--style", "digest", "--all", "-o", "notes/"]
    assert owner(*words).err == "papertrack: 50 papers written to 3 files in notes/\n"
    notes = owner.home / "notes"
    assert sorted(path.name for path in notes.iterdir()) == [
        "2025-12-01.md", "2026-03-30.md", "2026-03-31.md",
    ]  # fmt: skip
    mine = (notes / "2026-03-31.md").read_text().replace("- [ ]", "- [x]", 1) + "my words\n"
    (notes / "2026-03-31.md").write_text(mine)
    (notes / "2026-03-30.md").write_text("not papertrack's")
    before = {path.name: path.read_bytes() for path in notes.iterdir()}
    done = owner(*words)
    assert (done.code, "2026-03-30.md stays as it is" in done.err) == (2, True)
    assert {path.name: path.read_bytes() for path in notes.iterdir()} == before


def test_a_folder_gets_a_note_a_paper_with_any_id(owner):
    strange = ["../../x", "-rf", "CON", "a/b", "doi:10.1/x"]
    lines = (json.dumps({"id": one, "title": "T", "listed": "2026-03-31"}) for one in strange)
    (owner.home / "strange.jsonl").write_text("\n".join(lines))
    assert owner("import", "strange.jsonl").code == 0
    before = {path for path in owner.home.parent.rglob("*") if "notes" not in path.parts}
    assert owner("export", "--all", "--style", "note", "-o", "notes").code == 2, "no folder yet"
    assert owner("export", "--all", "--style", "note", "-o", "notes/").code == 0
    assert len(list((owner.home / "notes").glob("*.md"))) == 55
    assert {path for path in owner.home.parent.rglob("*") if "notes" not in path.parts} == before


def test_a_folder_gets_a_feed_of_all_and_one_a_topic(owner):
    assert owner("export", "-f", "atom", "-o", "feeds/").code == 0
    assert sorted(path.name for path in (owner.home / "feeds").iterdir()) == [
        "all.atom", "topic-agents.atom",
    ]  # fmt: skip


def test_an_export_leaves_the_library_as_it_was_and_asks_nobody(owner, wire):
    tempting = wire(lambda _connection: None)
    owner.ask(tempting.url, "topics: [{name: agents, any: [agent]}]")
    before = contents(owner.library)
    for form in ("md", "bibtex", "atom", "csv"):
        assert owner("export", "--all", "-f", form, "-t", "agents").code == 0
    assert contents(owner.library) == before
    assert tempting.asked == []


def test_ticked_papers_become_read_or_starred_and_how_to_undo_it_is_told(owner):
    owner("export", "--all", "-o", "all.md")
    file = owner.home / "all.md"
    text = file.read_text()
    for paper in ("2603.00001", "2603.00002"):
        line = next(one for one in text.splitlines() if f"paper {paper} " in one)
        text = text.replace(line, line.replace("[ ]", "[x]"))
    file.write_text(text + "- [x] gone <!-- papertrack paper 2601.99999 -->\n")
    done = owner("import", "--ticks", "all.md")
    assert (done.code, done.out) == (0, "")
    assert "1 ticked paper not in the library: 2601.99999" in done.err
    assert "2 ticked papers read, 0 already" in done.err
    assert "undo: papertrack unread 2603.0000" in done.err
    assert "0 ticked papers read, 2 already" in owner("import", "--ticks", "all.md").err
    assert owner("import", "--ticks", ".", "--as", "star").code == 0
    starred = owner("list", "--starred", "--all", "-f", "ids").out.split()
    assert sorted(starred) == ["2603.00001", "2603.00002"]


def test_a_template_of_the_readers_own_is_rendered_or_told_with_its_line(owner):
    (owner.home / "mine.html.j2").write_text("{% for p in papers %}<p>{{ p.title }}{% endfor %}")
    assert owner("export", "--template", "mine.html.j2").out.startswith("<p>")
    (owner.home / "bad.j2").write_text("\n{{ papers.empty_text() }}")
    done = owner("export", "--template", "bad.j2")
    assert (done.code, "bad.j2, line 2" in done.err) == (2, True)
