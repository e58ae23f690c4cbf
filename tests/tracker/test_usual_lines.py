"""Parsing the usual lines of import files quickly, with the results of the complete parser."""

import json
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from invented import NOW

from papertrack.text import clean, has_plain_texts
from papertrack.tracker.import_lines import BadLine, parse_line
from papertrack.tracker.usual_lines import parse_usual_line

# Escapes of JSON and HTML, spaces, line ends, invisible characters, marks and separators of names.
_texts = st.text(
    st.sampled_from('aZ7.,&;#lt\\"/\n\t\r \x00\x1b\x7f\xa0\u200d\u202eé\u0301\ud800中')
)
_words = st.sampled_from(
    ("", " ", "A. Heron", "B  Stork", "cs.CL", "&amp;lt;", "and", ":", "x" * 600)
)
_some = st.lists(_texts | _words, max_size=4)
_dates = st.sampled_from(
    (
        "2026-03-30",
        " 2026-03-30T10:00:00+02:00",
        "30 Mar 2026",
        "0001-01-01",
        "9999-12-31",
        "soon",
        "",
    )
)
_VALUES = {
    "abstract": _texts | st.just("w" * 60_000) | st.none(),
    "comment": _texts | st.just("This paper has been withdrawn") | st.just(" " * 3) | st.integers(),
    "authors": _some | _texts | st.just(["A"] * 300),
    "categories": _some | st.just("cs.CL cs.AI") | st.none(),
    "keywords": _some,
    "doi": _texts | st.just("1" * 5_000),
    **dict.fromkeys(("journal_ref", "venue", "organization", "upvotes", "state"), _texts),
    **dict.fromkeys(("submitted", "announced", "updated", "listed", "first_seen"), _dates),
}
_ids = st.sampled_from(
    ("2603.00001", " arXiv:2603.00001v2", "cran:12", "doi:10.1/X", "9912.00001", "bib:a1", "x")
)
_titles = _texts | st.just("A title")
_lines = st.fixed_dictionaries({"id": _ids, "title": _titles}, optional=_VALUES)


@given(fields=_lines, escaped=st.booleans())
@example(
    fields={
        "id": "2603.00001",
        "title": "A\\",
        "abstract": 'a\nb\t"c"  d\\n',
        "listed": "2026-03-30",
    },
    escaped=True,
)
@example(
    fields={"id": "2603.00001", "title": "T", "submitted": "2026-03-30"},
    escaped=True,
)
@example(fields={"id": "bib:a1", "title": "T", "submitted": "2026-03-30"}, escaped=True)
@example(
    fields={"id": "2603.00001", "title": "T", "organization": "é", "authors": ["A"] * 21_000},
    escaped=False,
)
def test_a_usual_line_is_parsed_as_any_other(fields, escaped):
    line = json.dumps(fields, ensure_ascii=escaped).encode(errors="surrogatepass")
    expected = None
    with suppress(BadLine):
        expected = parse_line(line, NOW, NOW)
    assert parse_usual_line(line, NOW, NOW) in (None, expected)


@pytest.mark.parametrize("abstract", ['A\nplain\ttext with a \\ and a ".', "Ångström, “quoted”"])
def test_a_line_with_the_fields_of_a_paper_is_usual(abstract):
    fields = {"id": "2603.00001", "title": "T", "authors": ["A. Heron"], "listed": "2026-03-30"}
    line = json.dumps(fields | {"abstract": abstract}).encode()
    assert parse_usual_line(line, NOW, NOW) == parse_line(line, NOW, NOW)


@pytest.mark.parametrize(
    "fields", [{"upvotes": 3}, {"authors": "A. Heron"}, {"title": " "}, {"listed": "soon"}]
)
def test_a_line_with_anything_else_is_left_to_the_complete_parser(fields):
    line = json.dumps({"id": "2603.00001", "title": "T"} | fields).encode()
    assert parse_usual_line(line, NOW, NOW) is None


@given(_texts)
@example('\\n"\\\\')
def test_plain_texts_of_a_line_need_no_cleaning_but_of_spaces(text):
    if has_plain_texts(json.dumps([text]).encode()):
        assert clean(text) == " ".join(text.split())
