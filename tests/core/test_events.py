"""Parsing the events of `when:`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.events import MEASURES, Event, EventError, parse_event

_NUMBERS = st.integers(1, 10**9 - 1)
events = (
    st.tuples(st.just("count"), st.sampled_from(MEASURES), _NUMBERS)
    | st.tuples(st.just("rising"), st.just(""), _NUMBERS)
    | st.tuples(st.just("listed"), st.sampled_from(("huggingface", "arxiv")), st.just(0))
    | st.tuples(st.sampled_from(("new", "code appears", "new version", "withdrawn")))
).map(lambda fields: Event(*fields))


@given(events, st.sampled_from((str, str.upper, str.title)))
def test_the_text_of_an_event_is_parsed_as_the_same_event_in_any_case(event, change_case):
    assert parse_event(f"  {change_case(str(event))} ") == event


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        ("upvotes > 50", 9, ">="),
        ("upvotes >= many", 12, "a whole number from 1"),
        ("upvotes >= 0", 12, "a whole number from 1"),
        ("upvotes", 8, ">="),
        ("new papers", 5, "version"),
        ("rising in top", 14, "a whole number from 1"),
        ("withdrawn now", 11, "nothing more"),
        ("listed on", 10, "the name of a source"),
        ("", 1, "one of: new"),
        ("citations >= 5", 1, "one of: new"),
    ],
)
def test_an_invalid_event_is_reported_with_its_column(text, column, expected):
    with pytest.raises(EventError) as error:
        parse_event(text)
    assert error.value.column == column
    assert expected in error.value.expected
