"""Rows of JSON: the same text with either encoder."""

import json

from hypothesis import given
from hypothesis import strategies as st
from reports import REPORT

from papertrack.display import structured
from papertrack.models import Entry, Paper, Reasons, Recommendation, Section

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


def test_json_lines_are_the_same_as_text_and_as_utf_8():
    odd = "\ud800 \u200d é"
    papers = [Entry(Paper(f"2603.{number:05}", odd), REPORT.generated_at) for number in range(300)]
    report = REPORT._replace(sections=(Section("", papers, len(papers)),))
    encoded = [line.decode(errors="surrogatepass") for line in structured.jsonl_utf8(report)]
    assert encoded == list(structured.as_jsonl(report))
    assert [json.loads(line)["title"] for line in encoded] == [odd] * len(papers)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_after_many_rows_has_the_same_value(number):
    *_, last = structured.encoded({"score": number} for _ in range(structured.FEW_ROWS + 1))
    assert json.loads(last) == {"score": number}


def test_recommended_papers_have_a_key_of_their_own_with_their_reasons():
    reasons = {"words": ["soil"], "papers": ["2603.00001"], "against": ["law", "qubit"]}
    paper = Recommendation("2603.00002", 7.5, Reasons(**reasons))
    report = json.loads("".join(structured.as_json(REPORT._replace(for_you=(paper,)))))
    assert report["for_you"] == [{"id": "2603.00002", "score": 7.5, "reasons": reasons}]
    assert "for_you" not in json.loads("".join(structured.as_json(REPORT)))
