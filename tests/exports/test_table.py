"""The markdown table: its cells, its merge into a README, and hostile titles."""

from datetime import timedelta

import mdformat
import pytest
from export_reports import NOW, entries, entry, report
from markdown_it import MarkdownIt
from tricks import TRICKS

from papertrack.exports.edit_merge import merge_edits
from papertrack.exports.markdown_table import as_table
from papertrack.models import Match, Observation, PaperListing
from papertrack.text import clean, readable

README = (
    "# Mine\n\n| a | b |\n|-|-|\n\n<!-- papertrack begin -->\n<!-- papertrack end -->\n\nAfter\n"
)


def _table(papers, **options):
    return "".join(as_table(report(papers), **options))


def _cells(text):
    """The text of each cell of all tables, by row, as a reader of GitHub's markdown sees it."""
    rows = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows and token.level > 3:
            rows[-1].append("".join(c.content for c in token.children if c.type != "html_inline"))
    return rows


def _listed(title, number, days=0, **fields):
    day = NOW.date() - timedelta(days=days)
    paper = entry(title, f"2603.{number:05}", **fields)
    return paper._replace(listings=(PaperListing("huggingface", day, 1),))


def test_a_row_has_the_date_title_authors_topics_and_the_code_with_its_stars():
    code = {"code_url": "https://github.com/o/r"}
    matches = tuple(Match(topic, "p", "title", "A", 100) for topic in ("agents", "RAG", "agents"))
    paper = entry("A title", matches=matches, **code)._replace(
        observations=(Observation(NOW, 7, stars=1250),)
    )
    head, row = _cells(_table([paper]))
    assert head == ["Date", "Title", "Authors", "Topics", "Code"]
    assert row == ["2026-03-31", "A title", "Ada One and A title", "agents, RAG", "code ★ 1.2k"]


@pytest.mark.parametrize(
    ("stars", "shown"),
    [
        (0, "0"),
        (99, "99"),
        (109, "100"),
        (349, "340"),
        (999, "990"),
        (1000, "1k"),
        (25_671, "25.6k"),
    ],
)
def test_stars_are_rounded_so_that_a_file_seldom_changes(stars, shown):
    paper = entry("A title", code_url="https://github.com/o/r")
    row = _cells(_table([paper._replace(observations=(Observation(NOW, stars=stars),))]))[1]
    assert row[4] == f"code ★ {shown}"


def test_hostile_titles_authors_topics_and_addresses_stay_in_their_cells():
    tricks = [*map(clean, TRICKS), "a | b \\| c \\", "<!-- papertrack end -->", "| --- |", "`|`"]
    papers = [
        paper._replace(paper=paper.paper._replace(code_url=f"https://a.b/{number}|x|y"))
        for number, paper in enumerate(entries(title or "-" for title in tricks))
    ]
    text = _table(papers)
    rows = _cells(text)[1:]
    assert [len(row) for row in rows] == [5] * len(papers)
    assert [row[1] for row in rows] == [readable(paper.paper.title) for paper in papers]
    assert [row[3] for row in rows] == [paper.matches[0].topic for paper in papers]
    assert text.count("\n<!-- papertrack end") == 1
    assert merge_edits(merge_edits(README, text), text) == merge_edits(README, text)


def test_a_merge_replaces_the_rows_and_leaves_the_rest_of_the_file_untouched():
    first = merge_edits(README, _table([_listed("One", 1), _listed("Two", 2)]))
    second = merge_edits(first, _table([_listed("Three", 3), _listed("One", 1)]))
    before, after = README.split("<!-- papertrack begin -->\n<!-- papertrack end -->")
    assert second.startswith(before)
    assert second.endswith(after)
    assert [row[1] for row in _cells(second)[1:]] == ["Title", "Three", "One"]
    assert merge_edits(second, _table([_listed("Three", 3), _listed("One", 1)])) == second


def test_a_formatter_that_aligns_the_cells_does_not_make_the_rows_the_readers():
    first = merge_edits(README, _table([_listed("One", 1), _listed("Two | much longer", 2)]))
    formatted = mdformat.text(first, extensions={"gfm"})
    assert formatted != first
    second = merge_edits(formatted, _table([_listed("Three", 3)]))
    assert [row[1] for row in _cells(second)[1:]] == ["Title", "Three"]


def test_what_the_reader_writes_between_the_markers_stays():
    table = _table([_listed("One", 1)])
    edited = merge_edits(README, table).replace("\n\n| Date", "\n\nMy line.\n\n| Date")
    assert "My line." in merge_edits(edited, _table([_listed("Two", 2)]))


def test_a_table_by_month_has_a_heading_for_each_newest_first():
    papers = [_listed("Old", 1, days=40), _listed("New", 2), _listed("Older", 3, days=41)]
    text = _table(papers, by_month=True)
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        "### March 2026",
        "### February 2026",
    ]
    assert [row[1] for row in _cells(text)] == ["Title", "New", "Title", "Old", "Older"]


def test_without_papers_a_line_says_so():
    assert "No papers." in _table([])
    assert "No papers." in _table([], by_month=True)
