"""The command export: files are written completely or not at all."""

import csv
import json
import os
import re
import stat

import feedparser
import pytest
from invented import contents, put, sighting
from program import Program

from papertrack.library.library import Library

EXPORT = ["export", "--since", "2026-03-31"]


def test_an_exported_and_imported_library_is_the_same(owner, tmp_path):
    """Including marks, notes, history and provenance."""
    owner("star", "2603.00001", "--tag", "x")
    owner("hide", "2603.00002")
    result = owner("export", "--all", "-o", "all.jsonl")
    assert (result.code, result.out) == (0, "")
    assert result.err == "papertrack: 50 papers written to all.jsonl\n"
    other = Program(tmp_path / "other")
    other.configure("")
    assert other("import", owner.home / "all.jsonl").code == 0
    printed = [program("export", "--all", "-f", "jsonl", "-q").out for program in (owner, other)]
    edited, its = ([_without_topics(line) for line in text.splitlines()] for text in printed)
    assert edited == its


def _without_topics(line):
    return {key: value for key, value in json.loads(line).items() if key != "topics"}


def test_export_selects_the_same_papers_as_list(reader):
    options = ["--all", "--topic", "agents", "--until", "2026-03-30"]
    assert reader("export", "-f", "ids", *options).out == reader("list", "-f", "ids", *options).out
    assert len(reader("export", "-f", "ids", "--limit", "3").out.split()) == 3


@pytest.mark.parametrize(
    ("name", "starts"),
    [("a.md", "---\ntitle"), ("a.CSV", "section,"), ("a.json", '{"schema"'), ("a", "---\ntitle"),
     ("a.bib", "% Written by"), ("a.ris", "TY  - "), ("a.atom", "<?xml")],
)  # fmt: skip
def test_the_extension_of_the_file_selects_the_format(owner, name, starts):
    assert owner(*EXPORT, "-q", "-o", name).err == ""
    assert (owner.home / name).read_text().startswith(starts)


def test_a_file_has_the_same_content_as_stdout_in_each_format(owner):
    for form in ("csv", "json", "md", "bibtex", "atom"):
        assert owner(*EXPORT, "-f", form, "-o", f"one {form}").code == 0
        text = (owner.home / f"one {form}").read_text()
        assert text == owner(*EXPORT, "-f", form).out, form
    rows = csv.DictReader(owner(*EXPORT, "-f", "csv").out.splitlines())
    assert len(list(rows)) == 25


def test_a_file_keeps_its_permissions_and_a_link_stays_a_link(owner):
    file, link = owner.home / "real.csv", owner.home / "link.csv"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    assert owner(*EXPORT, "-o", "link.csv").code == 0
    assert link.is_symlink()
    assert file.read_text().startswith("section,")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_new_file_gets_the_default_permissions(owner):
    (owner.home / "other").write_text("")
    owner(*EXPORT, "-o", "new.md")
    modes = [stat.S_IMODE((owner.home / name).stat().st_mode) for name in ("other", "new.md")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("where", ["no/such/folder.md", "/dev/full", "/dev/null/x/"])
def test_an_unwritable_path_is_reported_in_three_lines(owner, where):
    result = owner(*EXPORT, "-o", where)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 3)
    assert result.err.startswith(f"papertrack: cannot write {where}")


def test_an_export_that_fails_half_way_leaves_the_file_unchanged(owner):
    """The damaged listing is read after other papers were already rendered."""
    (owner.home / "old.csv").write_text("old")
    library = Library(str(owner.library))
    library.database.put("listings.2025-12-01", {"2512.00001": {"ranks": 5}})
    result = owner("export", "--all", "-o", "old.csv")
    assert (result.code, result.out) == (5, "")
    assert (owner.home / "old.csv").read_text() == "old"
    assert not list(owner.home.glob("old.csv.*"))


def test_an_export_can_write_to_a_pipe(owner):
    os.mkfifo(owner.home / "pipe")
    reading = os.open(owner.home / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert owner(*EXPORT, "-f", "ids", "-o", "pipe").code == 0
        assert len(os.read(reading, 100_000).split()) == 25
    finally:
        os.close(reading)


def test_an_unknown_format_is_rejected_with_a_list_of_formats(reader):
    result = reader("export", "-f", "table")
    assert (result.code, result.err.count("md, html, atom, bibtex, ris, text, mail, csv")) == (2, 1)
    listed = reader("export", "--list-formats").out
    assert {"md", "html", "atom", "bibtex", "ris", "json"} <= {
        line.split()[0] for line in listed.splitlines()
    }


@pytest.mark.parametrize("name", ["a.docx", "a.b.PDF", "notes/2026.x"])
def test_an_unknown_extension_is_rejected_with_a_list_of_formats_and_writes_nothing(owner, name):
    result = owner(*EXPORT, "-o", name)
    assert (result.code, result.out) == (2, "")
    assert "formats: md, html, atom, bibtex, ris, text, mail, csv" in result.err
    assert not (owner.home / name).exists()


def test_an_extension_does_not_matter_with_a_format_a_template_or_a_folder(owner):
    (owner.home / "mine.j2").write_text("mine")
    (owner.home / "notes.d").mkdir()
    assert owner(*EXPORT, "-f", "csv", "-o", "a.docx").code == 0
    assert owner(*EXPORT, "--template", "mine.j2", "-o", "a.org").code == 0
    assert (owner.home / "a.org").read_text() == "mine"
    assert owner("export", "--all", "-o", "notes.d").code == 0
    assert list((owner.home / "notes.d").glob("*.md"))


def test_a_day_and_a_search_select_papers(reader):
    assert len(reader("export", "-f", "ids", "--date", "2026-03-30").out.split()) == 24
    exported = reader("export", "-f", "ids", "--search", "agents", "-t", "agents", "--limit", "2")
    assert (
        exported.out == reader("search", "agents", "topic:agents", "--limit", "2", "-f", "ids").out
    )


@pytest.mark.parametrize(
    "words",
    [["--style", "note"], ["-f", "csv", "--style", "digest"], ["--search", "x", "--tag", "y"],
     ["--date", "today", "--since", "7d"], ["--search", "x", "--date", "today"]],
    ids=" ".join,
)  # fmt: skip
def test_conflicting_options_are_rejected(reader, words):
    assert reader("export", *words).code == 2


def test_a_folder_gets_a_file_per_day_that_keeps_edits(owner):
    words = ["export", "--style", "digest", "--all", "-o", "notes/"]
    assert owner(*words).err == "papertrack: 50 papers written to 3 files in notes/\n"
    notes = owner.home / "notes"
    assert sorted(path.name for path in notes.iterdir()) == [
        "2025-12-01.md", "2026-03-30.md", "2026-03-31.md",
    ]  # fmt: skip
    edited = (notes / "2026-03-31.md").read_text().replace("- [ ]", "- [x]", 1) + "my words\n"
    (notes / "2026-03-31.md").write_text(edited)
    (notes / "2026-03-30.md").write_text("not papertrack's")
    before = {path.name: path.read_bytes() for path in notes.iterdir()}
    result = owner(*words)
    assert (result.code, "2026-03-30.md is unchanged" in result.err) == (2, True)
    assert {path.name: path.read_bytes() for path in notes.iterdir()} == before


def test_a_folder_gets_a_note_per_paper_with_any_id(owner):
    """Strange ids are refused today, but may be stored since an earlier version."""
    strange_ids = ["../../x", "-rf", "CON", "a/b", "doi:10.1/x"]
    put(Library(str(owner.library)), *(sighting(paper_id, title="T") for paper_id in strange_ids))
    assert owner("list", "-f", "ids").code == 0, "the configuration is cached"
    before = {path for path in owner.home.parent.rglob("*") if "notes" not in path.parts}
    assert owner("export", "--all", "--style", "note", "-o", "notes").code == 2, "no folder yet"
    assert owner("export", "--all", "--style", "note", "-o", "notes/").code == 0
    assert len(list((owner.home / "notes").glob("*.md"))) == 55
    assert {path for path in owner.home.parent.rglob("*") if "notes" not in path.parts} == before


def test_a_folder_gets_a_feed_of_all_papers_one_per_topic_and_one_of_trending_papers(owner):
    assert owner("export", "-f", "atom", "-o", "feeds/").code == 0
    assert sorted(path.name for path in (owner.home / "feeds").iterdir()) == [
        "all.atom", "topic-agents.atom", "trending.atom",
    ]  # fmt: skip
    trending = owner("trending", "-f", "atom").out
    assert (owner.home / "feeds" / "trending.atom").read_text(encoding="utf-8") == trending
    titles = [item.title for item in feedparser.parse(trending).entries]
    assert titles == [line.split("\t")[-1] for line in owner("trending").out.splitlines()]
    other = feedparser.parse(owner("trending", "-f", "atom", "--by", "upvotes").out).feed
    assert other.id != feedparser.parse(trending).feed.id


def test_a_table_for_excel_begins_with_a_byte_order_mark(owner):
    table = owner("export", "--all", "-f", "csv").out
    assert owner("export", "--all", "-f", "csv", "--bom").out == f"\ufeff{table}"
    owner("export", "--all", "-o", "table.csv", "--bom")
    assert (owner.home / "table.csv").read_text(encoding="utf-8-sig") == table


def test_options_for_another_format_are_refused(owner):
    for option, form in (("--bom", "json"), ("--utf8", "ris"), ("--notes", "csv")):
        result = owner("export", "--all", "-f", form, option)
        assert (result.code, result.out) == (2, "")
        assert option in result.err


def test_references_keep_their_letters_on_request(owner):
    row = {"id": "2603.09999", "title": "Étale maps", "authors": ["Max Grün"]}
    (owner.home / "one.jsonl").write_text(json.dumps(row | {"listed": "2026-03-31"}))
    owner("import", "one.jsonl")
    ascii_text = owner("cite", "2603.09999").out
    assert ascii_text.isascii()
    assert "author = {Max Grün}" in owner("cite", "2603.09999", "--utf8").out
    exported = owner("export", "--all", "-f", "bibtex", "--utf8").out
    assert "title = {Étale maps}" in exported
    assert owner("export", "--all", "-f", "bibtex").out.isascii()


def test_an_export_changes_nothing_in_the_library_and_fetches_nothing(owner, wire):
    unused_source = wire(lambda _connection: None)
    owner.ask(unused_source.url, "topics: [{name: agents, any: [agent]}]")
    before = contents(owner.library)
    for form in ("md", "bibtex", "atom", "csv"):
        assert owner("export", "--all", "-f", form, "-t", "agents").code == 0
    assert contents(owner.library) == before
    assert unused_source.asked == []


def test_ticked_papers_are_marked_and_the_undo_command_is_printed(owner):
    owner("export", "--all", "-o", "all.md")
    file = owner.home / "all.md"
    text = file.read_text()
    for paper in ("2603.00001", "2603.00002"):
        line = next(text_line for text_line in text.splitlines() if f"paper {paper} " in text_line)
        text = text.replace(line, line.replace("[ ]", "[x]"))
    file.write_text(text + "- [x] gone <!-- papertrack paper 2601.99999 -->\n")
    result = owner("import", "--ticks", "all.md")
    assert (result.code, result.out) == (0, "")
    assert "1 ticked paper not in the library: 2601.99999" in result.err
    assert "2 ticked papers read, 0 already" in result.err
    assert "undo: papertrack undo" in result.err
    assert "0 ticked papers read, 2 already" in owner("import", "--ticks", "all.md").err
    assert owner("import", "--ticks", ".", "--as", "star").code == 0
    starred = owner("list", "--starred", "--all", "-f", "ids").out.split()
    assert sorted(starred) == ["2603.00001", "2603.00002"]


def test_tags_and_notes_are_in_bibliographies_only_if_asked_for(owner):
    owner("tag", "-t", "to-cite", "2603.00001")
    owner("note", "2603.00001", "mine, all mine")
    for form in ("bibtex", "ris"):
        without, with_notes = (
            owner("export", "--all", "-f", form, *words) for words in ((), ("--notes",))
        )
        assert "mine, all mine" not in without.out
        assert "mine, all mine" in with_notes.out
        assert "to-cite" in with_notes.out
    assert owner("export", "--notes", "-f", "html").code == 2


def test_tags_and_notes_are_in_markdown_if_asked_for_and_edits_stay(owner):
    owner("tag", "-t", "to cite!", "2603.00001")
    owner("tag", "-t", "To-Cite", "2603.00001")
    owner("note", "2603.00001", "mine, *all* mine\n\nsecond")
    owner("export", "--all", "--notes", "-o", "all.md")
    text = (owner.home / "all.md").read_text()
    assert " · #to-cite\n" in text
    assert "  > mine, \\*all\\* mine\n  >\n  > second\n" in text
    ticked = text.replace("- [ ] [Paper number 1 ", "- [x] [Paper number 1 ") + "own words\n"
    (owner.home / "all.md").write_text(ticked)
    owner("note", "2603.00001", "now other")
    owner("export", "--all", "--notes", "-o", "all.md")
    text = (owner.home / "all.md").read_text()
    assert "- [x] [Paper number 1 " in text
    assert text.endswith("own words\n")
    assert "  > now other\n" in text
    assert "mine" not in text
    owner("export", "--tag", "To-Cite", "--style", "note", "--notes", "-o", "notes/")
    (note,) = (path.read_text() for path in (owner.home / "notes").iterdir())
    assert "to-cite" in note.partition("tags:")[2].partition("\n")[0]
    assert "\n\n> now other\n" in note
    without = owner("export", "--all").out
    assert "#to-cite" not in without
    assert "now other" not in without


def test_tasks_done_in_logseq_are_marked_and_stay_done_in_the_next_export(owner):
    export = ("export", "--all", "--ticks", "logseq")
    owner(*export, "-o", "all.md")
    owner(*export, "--style", "note", "-o", "notes/")
    for path, title in (("all.md", "["), ("notes/2603.00002.md", "read")):
        file = owner.home / path
        file.write_text(file.read_text().replace(f"- TODO {title}", f"- DONE {title}", 1))
    assert "1 ticked paper read" in owner("import", "--ticks", "all.md").err
    owner("import", "--ticks", "notes/")
    assert owner(*export, "-o", "all.md").code == 0
    assert (owner.home / "all.md").read_text().count("- DONE [") == 1
    assert owner("export", "-f", "ris", "--ticks", "logseq").code == 2


def test_a_user_template_is_rendered_and_its_errors_name_the_line(owner):
    (owner.home / "mine.html.j2").write_text("{% for p in papers %}<p>{{ p.title }}{% endfor %}")
    assert owner("export", "--template", "mine.html.j2").out.startswith("<p>")
    (owner.home / "bad.j2").write_text("\n{{ papers.empty_text() }}")
    result = owner("export", "--template", "bad.j2")
    assert (result.code, "bad.j2, line 2" in result.err) == (2, True)


def test_the_title_of_a_page_names_its_days(papertrack):
    rows = [
        {"id": f"2603.0000{number}", "title": "A paper", "listed": f"2026-03-{day:02}"}
        for number, day in enumerate((2, 9, 30), 1)
    ]
    papers = papertrack.home / "papers.jsonl"
    papers.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert papertrack("import", papers).code == 0
    titles = [
        re.search("<title>(.*)</title>", papertrack("export", "-f", "html", *options).out)[1]
        for options in (("--since", "2026-03-03"), ("--all",), ("--date", "2026-03-09"))
    ]
    assert titles == [
        "2 papers · 2026-03-09 to 2026-03-30 · papertrack",
        "3 papers · 2026-03-02 to 2026-03-30 · papertrack",
        "1 paper · 2026-03-09 · papertrack",
    ]
    searched = papertrack("export", "-f", "html", "--search", "paper").out
    assert "<title>3 papers for &#39;paper&#39; · papertrack</title>" in searched


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_in_the_place_of_a_note_is_reported_and_the_others_are_written(owner):
    (owner.home / "notes").mkdir()
    os.mkfifo(owner.home / "notes" / "2026-03-31.md")
    run = owner("export", "--all", "-f", "md", "-o", "notes/")
    assert run.code == 2
    assert "2026-03-31.md is unchanged: it is not a regular file" in run.err
