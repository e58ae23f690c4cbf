"""The command stats."""

import json

import html5lib
import pytest


@pytest.fixture
def program(papertrack):
    rows = [
        {"id": f"2603.0000{number}", "title": f"<b>Graphs</b> {number}", "listed": "2026-03-31"}
        for number in range(1, 4)
    ]
    papers = papertrack.home / "papers.jsonl"
    papers.write_text("".join(json.dumps(row) + "\n" for row in rows))
    papertrack.configure("topics: [{name: '<i>graphs', any: [graph]}]")
    assert papertrack("import", papers).code == 0
    return papertrack


def test_plain_lines_have_a_figure_its_name_its_week_and_its_value(program):
    lines = program("stats", "--since", "2026-03-30", "-f", "plain").out.splitlines()
    assert lines[:3] == [
        "papers\t-\t2026-03-30\t3",
        "matching\t-\t2026-03-30\t3",
        "topic\t<i>graphs\t2026-03-30\t3",
    ]


def test_json_has_thirteen_weeks_in_one_object(program):
    (row,) = json.loads(program("stats", "-f", "json").out)["data"]
    assert [week["papers"] for week in row["weeks"]] == [0] * 12 + [3]
    assert row["weeks"][0]["week"] == "2026-01-05"
    assert row["reading"]["unread_matches"] == 3
    assert {"span", "papers", "rising_terms", "sources"} <= row.keys()


def test_the_page_is_valid_and_needs_no_other_file(program):
    file = program.home / "stats.html"
    assert program("stats", "--html", "-o", file).code == 0
    text = file.read_text()
    assert program("stats", "--html").out == text
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    cells = ["".join(cell.itertext()) for cell in tree.iter("th")]
    assert "<i>graphs" in cells
    assert "2026-01-05 to 2026-03-31" in "".join(tree.find(".//h1").itertext())
    assert not list(tree.iter("script"))
    assert not [tag for tag in tree.iter() if {"src", "href", "style"} & set(tag.attrib)]


def test_an_empty_library_has_a_line_that_says_how_to_fill_it_instead_of_zeros(papertrack):
    note = "the library is empty: `papertrack fetch` fills it"
    plain = papertrack("stats")
    assert (plain.code, plain.out) == (0, "")
    assert note in plain.err
    assert papertrack("stats", "-f", "table").out == f"{note}\n"
    assert json.loads(papertrack("stats", "-f", "json").out)["notes"] == [note]
    page = papertrack("stats", "--html").out
    assert note in page
    assert "<h2" not in page


def test_weeks_without_papers_have_a_line_with_the_last_listing(program):
    drawn = program("stats", "--since", "2019-01-01", "--until", "2019-02-01", "-f", "table").out
    note = " ".join(drawn.partition("Reading")[0].split())
    assert note.endswith("the last listing is 2026-03-31: papertrack stats --until 2026-03-31")


def test_a_page_of_an_empty_library_is_valid(papertrack):
    run = papertrack("stats", "--html")
    assert run.code == 0
    html5lib.HTMLParser(strict=True).parse(run.out)


def test_an_output_file_is_only_for_the_page(program):
    run = program("stats", "-o", program.home / "stats.txt")
    assert run.code == 2
    assert "--html" in run.err
