"""The command `publish`, and the table that `export` keeps in a README."""

import json

import pytest
from invented import DAY, NOW, put, sighting

from papertrack.library.library import Library


@pytest.fixture
def program(papertrack):
    papers = [
        sighting(f"2603.{n:05}", title=f"Graphs {n}", day=DAY, at=NOW, upvotes=n) for n in range(3)
    ]
    put(Library(str(papertrack.library)), *papers)
    return papertrack


def test_a_site_is_written_with_the_title_and_address_of_the_configuration(program):
    program.configure(
        "topics: [{name: graphs, any: [graphs]}]\nsite: {title: My lab, url: 'https://a.b/c/'}"
    )
    run = program("publish", "site")
    assert (run.code, run.out) == (0, "")
    site = program.home / "site"
    assert "<title>Tuesday 2026-03-31 · My lab</title>" in (site / "index.html").read_text()
    assert "<loc>https://a.b/c/topic/graphs.html</loc>" in (site / "sitemap.xml").read_text()
    assert len(json.loads((site / "topic/graphs.json").read_text())["data"]) == 3
    again = program("publish", "site", env={"PAPERTRACK_NOW": "2026-05-01T00:00:00Z"})
    assert "0 changed" in again.err
    assert program("-q", "publish", "site").err == ""
    program("publish", "site", "--url", "https://d.e/f")
    assert "https://d.e/f/all.atom" in (site / "all.atom").read_text()


def test_what_prevents_publishing_is_a_usage_error_and_nothing_is_changed(program):
    assert program("publish", "site", "--url", "ftp://a.b").code == 2
    assert not (program.home / "site").exists()
    (program.home / "site").mkdir()
    (program.home / "site/index.html").write_text("mine")
    run = program("publish", "site")
    assert (run.code, run.err.count("\n")) == (2, 3)
    assert [path.name for path in (program.home / "site").iterdir()] == ["index.html"]


def test_the_library_with_its_notes_is_not_published_with_a_site(program):
    before = sorted(program.library.rglob("*"))
    for folder in (program.library, program.library / "site", program.library.parent):
        run = program("publish", folder)
        assert (run.code, "would be published with" in run.err) == (2, True)
    assert sorted(program.library.rglob("*")) == before
    assert not (program.library.parent / "index.html").exists()


def test_a_site_without_papers_names_the_command_that_fetches_some(papertrack):
    run = papertrack("publish", "site")
    assert (run.code, run.out) == (0, "")
    assert run.err.splitlines()[1:] == ["  the library is empty: `papertrack fetch` fills it"]


def test_a_published_page_is_imported_from_its_json(program, tmp_path):
    program("publish", "site")
    (program.home / "other").mkdir()
    run = program("import", "site/index.json", env={"PAPERTRACK_LIBRARY": str(tmp_path / "other")})
    assert "3 new" in run.err


def test_export_keeps_a_table_in_a_readme(program):
    readme = program.home / "README.md"
    readme.write_text("# Mine\n\n<!-- papertrack begin -->\n<!-- papertrack end -->\n\nAfter\n")
    assert program("export", "--style", "table", "--limit", "2", "-o", "README.md").code == 0
    text = readme.read_text()
    assert text.startswith("# Mine\n\n<!-- papertrack begin -->\n\n| Date |")
    assert text.endswith("-->\n\nAfter\n")
    assert text.count("\n| 2026-03-31 |") == 2
    readme.write_text("no markers")
    assert program("export", "--style", "table", "-o", "README.md").code == 2
    assert readme.read_text() == "no markers"


@pytest.mark.parametrize(
    "options",
    [
        ["--style", "months", "--ticks", "logseq"],
        ["--style", "table", "--folded"],
        ["--style", "table", "-f", "csv"],
    ],
)
def test_options_that_do_not_fit_a_table_are_usage_errors(program, options):
    assert program("export", *options).code == 2
