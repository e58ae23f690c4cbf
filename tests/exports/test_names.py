"""File names and tags from arbitrary ids and topics."""

import re
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.exports.file_names import paper_name
from papertrack.exports.templating import tag

STRANGE_IDS = (
    "../../etc/passwd", "/etc/passwd", "-rf", "nul\x00byte", "CON", "nul", "com1", "a" * 5000,
    "doi:10.1/x", "doi:10.1/X", "..", ".", "", "C:\\x", "a b", "a-b", "hep-th-9901001", "~/x",
    "大规模", "x\n", "\ud800",
)  # fmt: skip


def assert_safe(name):
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}", name)
    assert name.partition(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}


@pytest.mark.parametrize("paper_id", STRANGE_IDS, ids=lambda paper_id: ascii(paper_id)[:20])
def test_strange_ids_become_plain_names(paper_id):
    assert_safe(paper_name(paper_id))


@given(st.text(), st.text())
def test_each_id_has_a_safe_and_unique_name(first, second):
    assert_safe(paper_name(first))
    assert (paper_name(first).lower() == paper_name(second).lower()) == (first == second)


def test_the_name_of_an_arxiv_id_is_the_id():
    ids = ("2603.10165", "hep-th/9901001")
    assert [paper_name(paper_id) for paper_id in ids] == ["2603.10165", "hep-th-9901001"]
    assert len({paper_name(paper_id).lower() for paper_id in STRANGE_IDS}) == len(STRANGE_IDS)


@given(st.text())
def test_any_topic_becomes_a_valid_tag(topic):
    plain = "".join(char for char in tag(topic) if category(char)[0] != "M")
    assert re.fullmatch(r"[\w-]*[^\W\d][\w-]*", plain)
