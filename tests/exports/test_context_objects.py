"""The context objects by which Zotero recognises papers."""

from urllib.parse import parse_qs

import pytest
from invented import NOW

from papertrack.exports.context_objects import context_object
from papertrack.models import Entry, Paper


def fields(paper):
    """The values of each key."""
    return parse_qs(context_object(Entry(paper, NOW)), strict_parsing=True)


def test_the_keys_are_those_of_a_preprint():
    paper = Paper("2603.00001", "Of & in", venue="J. & P.", doi="10.1/x", authors=("A", "B"))
    assert fields(paper) == {
        "ctx_ver": ["Z39.88-2004"],
        "rft_val_fmt": ["info:ofi/fmt:kev:mtx:dc"],
        "rft_id": ["info:doi/10.1/x"],
        "rft.type": ["preprint"],
        "rft.title": ["Of & in"],
        "rft.source": ["J. & P."],
        "rft.date": [str(NOW.date())],
        "rft.identifier": ["https://arxiv.org/abs/2603.00001"],
        "rft.au": ["A", "B"],
    }


@pytest.mark.parametrize(("length", "listed"), [(243, 6), (244, 5)])
def test_only_authors_that_fit_are_listed(length, listed):
    """Each of six with its key has 250 bytes, all together 1,500."""
    names = [str(number) + "a" * (length - 1) for number in range(7)]
    assert fields(Paper("x:1", "T", authors=tuple(names)))["rft.au"] == names[:listed]


def test_a_long_field_is_cut():
    paper = fields(Paper("x:1", "t" * 401, venue="v" * 400, authors=("a" * 401,)))
    assert (paper["rft.title"], paper["rft.source"]) == (["t" * 400], ["v" * 400])
    assert paper["rft.au"] == ["a" * 400]
