"""Parsing search queries."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.errors import UsageError
from papertrack.searching.query import Filter, Query, parse_query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", Query()),
        ("Pre-Trained Café", Query(("pre", "trained", "cafe"))),
        ('a.i. and "A.I." -u.s.', Query(("ai", "and", "ai"), (("ai",),), (("us",),))),
        ("e.g of cs.ai", Query(("eg", "of", "cs", "ai"))),
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
        (
            "has:code -venue:ICML",
            Query(filters=(Filter("has", "code"), Filter("venue", "ICML", excluded=True))),
        ),
        (
            'org:"The Lab" upvotes:>50',
            Query(filters=(Filter("org", "The Lab"), Filter("upvotes", ">50"))),
        ),
        ("topic:rag -draft " * 200, Query((), (), (("draft",),), (Filter("topic", "rag"),))),
        ("since:30d topic:rag", Query(filters=(Filter("since", "30d"), Filter("topic", "rag")))),
    ],
)
def test_words_phrases_and_filters_are_parsed(text, query):
    assert parse_query(text) == query


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://x.org", ("https", "x", "org")),
        ("Graphs: a survey", ("graphs", "a", "survey")),
        ("std::vector", ("std", "vector")),
        ("arXiv:2603.10165", ("arxiv", "2603", "10165")),
        ("doi:10.1/x", ("doi", "10", "1", "x")),
        ("at 10:30", ("at", "10", "30")),
        ('5" screens', ("5", "screens")),
        ('"graphs', ("graphs",)),
        ("- graphs --", ("graphs",)),
    ],
)
def test_what_cannot_be_a_filter_is_words(text, words):
    assert parse_query(text) == Query(words)


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("year:2020 graphs", "cat:"),
        ("venu:ICML", "did you mean venue:?"),
        ("organization:lab", "did you mean org:?"),
        ("authors:wei", "did you mean author:?"),
        ("-hass:code", "did you mean has:?"),
        ('nothing:"two words"', '"nothing two words"'),
    ],
)
def test_an_unknown_filter_is_an_error_with_a_suggestion(text, mentioned):
    with pytest.raises(UsageError, match="unknown filter") as raised:
        parse_query(text)
    assert mentioned in " ".join(raised.value.lines())


@pytest.mark.parametrize("text", ['author:"wei', 'graphs -author:"wei chen', 'a "b c" org:"lab'])
def test_a_quote_after_a_filter_must_be_closed(text):
    with pytest.raises(UsageError, match="is not closed"):
        parse_query(text)
    assert parse_query(f'{text}"').filters


@pytest.mark.parametrize("text", ['author:"', '-org:" ', 'title:"x'])
def test_an_open_quote_is_no_value_and_makes_no_filter_of_a_word(text):
    with pytest.raises(UsageError, match=r"has no value|unknown filter"):
        parse_query(text)


def test_the_advice_for_an_open_quote_keeps_the_minus():
    with pytest.raises(UsageError) as raised:
        parse_query('graphs -author:"wei chen')
    assert raised.value.lines()[-1].endswith('-author:"wei chen"')


@pytest.mark.parametrize("text", ["author: graphs", "venue:", 'has:""', "upvotes:"])
def test_a_filter_without_a_value_is_an_error(text):
    with pytest.raises(UsageError, match="has no value"):
        parse_query(text)


@given(st.text(alphabet='ab"-: \ttopic') | st.text())
def test_every_text_is_a_query_or_has_a_filter_that_is_wrong(text):
    with suppress(UsageError):
        assert isinstance(parse_query(text), Query)


def test_a_colon_before_punctuation_is_not_a_filter():
    assert parse_query("the permutation:, a journal").words == (
        "the",
        "permutation",
        "a",
        "journal",
    )


def test_a_text_that_is_no_query_of_a_person_is_refused():
    with pytest.raises(UsageError) as caught:
        parse_query("a" * 4_001)
    assert len(caught.value.lines()) == 3
    assert parse_query("a" * 4_000).words == ("a" * 4_000,)
