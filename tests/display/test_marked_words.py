"""The words that a search found papers by, on a terminal."""

import io
from datetime import UTC, datetime

import pytest

from papertrack.display import DrawStyle, write
from papertrack.models import Entry, Paper, Report, Section

NOW = datetime(2026, 3, 31, tzinfo=UTC)
ENTRY = Entry(Paper("2603.00001", "On graphs"), NOW, context="We rank graphs [bold]here")


@pytest.fixture
def drawn(monkeypatch):
    """What a terminal of 80 columns is sent for a report found by some words."""

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


def test_matched_words_are_bold_in_the_title_and_in_the_line_below(drawn):
    assert drawn({"graphs"}).count("\x1b[1mgraphs") == 2
    assert "\x1b[1mgraphs" not in drawn({"zebra"})


def test_the_line_below_is_text_and_not_markup(drawn):
    assert "[bold]here" in drawn(set())


def test_without_colours_none_are_sent(drawn):
    assert "\x1b[3" not in drawn({"graphs"}, color=False)
