"""Parsing search queries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.searching.query import Filter, Query, parse_query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("Pre-Trained Café", Query(("pre", "trained", "cafe"))),
        (
            'a "chain of thought"',
            Query(("a", "chain", "of", "thought"), (("chain", "of", "thought"),)),
        ),
        ("graphs -draft", Query(("graphs",), excluded=(("draft",),))),
        ('-"a phrase"', Query(excluded=(("a", "phrase"),))),
        ("-pre-trained", Query(excluded=(("pre", "trained"),))),
        ("is:Unread", Query(filters=(Filter("is", "Unread"),))),
        ('AUTHOR:"Jason Wei"', Query(filters=(Filter("author", "Jason Wei"),))),
        ("-cat:cs.CV", Query(filters=(Filter("cat", "cs.CV", excluded=True),))),
        ("since:30d topic:rag", Query(filters=(Filter("since", "30d"), Filter("topic", "rag")))),
    ],
)
def test_words_phrases_and_filters_are_parsed(text, query):
    assert parse_query(text) == query


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("year:2020 graphs", ("year", "2020", "graphs")),
        ("https://x.org", ("https", "x", "org")),
        ('5" screens', ("5", "screens")),
        ('"graphs', ("graphs",)),
        ("author: graphs", ("author", "graphs")),
        ("- graphs --", ("graphs",)),
    ],
)
def test_invalid_syntax_is_treated_as_words(text, words):
    assert parse_query(text) == Query(words)


@given(st.text(alphabet='ab"-: \ttopic') | st.text())
def test_every_text_is_a_query(text):
    assert isinstance(parse_query(text), Query)
