"""Highlighted query terms in search results on a terminal."""

import io
import re
from datetime import UTC, datetime

import pytest

from papertrack.display import DrawStyle, write
from papertrack.models import Entry, Match, Paper, Report, Section

NOW = datetime(2026, 3, 31, tzinfo=UTC)
ENTRY = Entry(Paper("2603.00001", "On graphs"), NOW, context="We rank graphs [bold]here")


@pytest.fixture
def draw_results(monkeypatch):
    """A function that draws search results in 80 columns, with these words highlighted."""

    def draw(words, *, color=True):
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.delenv("NO_COLOR", raising=False)
        report = Report("search", NOW, "", (Section("", (ENTRY,), 1),), words=frozenset(words))
        out = io.StringIO()
        write(report, "table", out, DrawStyle(color))
        return out.getvalue()

    return draw


def test_query_terms_are_bold_in_the_title_and_in_the_context(draw_results):
    assert draw_results({"graphs"}).count("\x1b[1mgraphs") == 2
    assert "\x1b[1mgraphs" not in draw_results({"zebra"})


def test_the_context_is_shown_as_text_and_not_markup(draw_results):
    assert "[bold]here" in draw_results(set())


def test_without_color_no_color_codes_are_sent(draw_results):
    assert "\x1b[3" not in draw_results({"graphs"}, color=False)


def test_all_occurrences_of_matched_words_are_bold(draw_results, monkeypatch):
    match = Match("graphs", "graph", "title", "Graphs", 100)
    paper = Paper("2603.00001", "Graphs of graphs in telegraphs")
    entry = Entry(paper, NOW, matches=(match,), context="A graph of graphs")
    section = Section("graphs", (entry,), 1, detailed=True)
    out = io.StringIO()
    draw_results(set())  # sets a terminal with colours
    monkeypatch.setenv("COLUMNS", "100")
    write(Report("today", NOW, "", (section,)), "table", out, DrawStyle())
    assert re.findall("\x1b\\[1m(\\w+)", out.getvalue()) == ["graphs", "Graphs", "graphs", "graphs"]
