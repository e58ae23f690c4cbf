"""Rows of JSON: the same text with either encoder."""

import json

from hypothesis import given
from hypothesis import strategies as st

from papertrack.display import structured

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["\ud800", 2**70]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), _VALUES, max_size=4))
def test_a_row_after_many_is_written_as_the_first(row):
    lines = list(structured.encoded(row for _ in range(structured.FEW_ROWS + 2)))
    assert lines == [structured.to_json(row)] * (structured.FEW_ROWS + 2)
    assert json.loads(lines[-1]) == row


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_after_many_rows_has_the_same_value(number):
    *_, last = structured.encoded({"score": number} for _ in range(structured.FEW_ROWS + 1))
    assert json.loads(last) == {"score": number}
