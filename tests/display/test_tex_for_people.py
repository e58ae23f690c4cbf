"""TeX in titles, abstracts and names: text for people, as it is for programs."""

import io
from datetime import UTC, datetime

import pytest

from papertrack.display import DrawStyle, write
from papertrack.exports import render
from papertrack.models import Entry, Paper, Report, Section

NOW = datetime(2026, 3, 31, tzinfo=UTC)
TITLE, ABSTRACT, AUTHOR = r"$\beta$-VAE of H$_2$O", r"We \textbf{R}ead 5\% of it.", r"Jos\'e Wren"
PAPER = Paper("2603.00001", TITLE, abstract=ABSTRACT, authors=(AUTHOR,))
REPORT = Report("list", NOW, "", (Section("", (Entry(PAPER, NOW),), 1),))


def _written(form, *, cards=False):
    out = io.StringIO()
    write(REPORT, form, out, DrawStyle(color=False, cards=cards))
    return out.getvalue()


@pytest.mark.parametrize("form", ["table", "plain", "md"])
def test_people_read_titles_as_text(form, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert "β-VAE of H₂O" in _written(form)


@pytest.mark.parametrize("form", ["table", "plain"])
def test_people_read_abstracts_and_names_as_text(form):
    text = _written(form, cards=True)
    assert "We Read 5% of it." in text
    assert "José Wren" in text


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_programs_get_titles_as_they_are(form):
    assert TITLE.replace("\\", "\\\\" if form != "csv" else "\\") in _written(form)


@pytest.mark.parametrize("form", ["html", "mail", "atom", "md", "text", "ris"])
def test_exports_for_people_have_titles_as_text(form):
    assert "β-VAE of H₂O" in "".join(render(form, REPORT))


def test_a_bibliography_has_tex_as_it_is():
    text = "".join(render("bibtex", REPORT))
    assert r"title = {{$\beta$-VAE} of {H$_2$O}}" in text
    assert rf"author = {{{AUTHOR}}}" in text
    assert ABSTRACT in text
