"""Names of files and citations, whatever strangers call their papers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.exports.file_names import paper_name
from papertrack.exports.templating import tag

STRANGE = (
    "../../etc/passwd", "/etc/passwd", "-rf", "nul\x00byte", "CON", "nul", "com1", "a" * 5000,
    "doi:10.1/x", "doi:10.1/X", "..", ".", "", "C:\\x", "a b", "a-b", "hep-th-9901001", "~/x",
    "大规模", "x\n", "\ud800",
)  # fmt: skip


def seems_safe(name):
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}", name)
    assert name.partition(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}


@pytest.mark.parametrize("paper_id", STRANGE, ids=lambda one: ascii(one)[:20])
def test_strange_ids_become_plain_names(paper_id):
    seems_safe(paper_name(paper_id))


@given(st.text(), st.text())
def test_each_id_has_a_safe_name_of_its_own(one, other):
    seems_safe(paper_name(one))
    assert (paper_name(one).lower() == paper_name(other).lower()) == (one == other)


def test_arxiv_ids_are_their_own_names():
    ids = ("2603.10165", "hep-th/9901001")
    assert [paper_name(one) for one in ids] == ["2603.10165", "hep-th-9901001"]
    assert len({paper_name(one).lower() for one in STRANGE}) == len(STRANGE)


@given(st.text())
def test_any_topic_is_a_tag(topic):
    assert re.fullmatch(r"[\w-]*[^\W\d][\w-]*", tag(topic))
