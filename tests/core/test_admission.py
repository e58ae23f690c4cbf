"""What the library admits of a paper: clean texts within the limits, and nothing else."""

from datetime import UTC, datetime

import pytest

from papertrack.admission import admit
from papertrack.models import Paper, Sighting, Skipped
from papertrack.text import clean, shorten

NOW = datetime(2026, 3, 31, tzinfo=UTC)
PAPER = Paper(
    "2603.00001", "A title", 1, "An abstract", ("Ada One", "Bo Two"), ("cs.CL",), ("word",)
)
TEXTS = {"title": 2_000, "abstract": 30_000, "organization": 1_000, "venue": 1_000, "tldr": 10_000}
LISTS = {"authors": 20_000, "categories": 200, "keywords": 500}
UNCLEAN = (
    *("", " a", "a ", "a  b", "a\tb", "a\x1b[31m", "caf\xe9", "a &lt; b", "a | b", "|", "\u200b"),
    *("x" * 999, "x" * 1_001, "x" * 31_000),
)


def admitted(**fields):
    return admit(Sighting(PAPER._replace(**fields), "import", NOW))


@pytest.mark.parametrize("field", TEXTS)
def test_texts_are_cleaned_and_cut(field):
    for text in UNCLEAN:
        expected = shorten(clean(text), TEXTS[field])
        result = admitted(**{field: text})
        if field == "title" and not text:
            assert isinstance(result, Skipped)
        else:
            assert getattr(result.paper, field) == expected


@pytest.mark.parametrize("field", LISTS)
def test_names_are_cleaned_and_cut_and_empty_ones_left_out(field):
    for text in UNCLEAN:
        expected = shorten(clean(text), 500)
        paper = admitted(**{field: ("first", text)}).paper
        assert getattr(paper, field) == (("first", expected) if expected else ("first",))
    many = ("a",) * (LISTS[field] + 1)
    assert getattr(admitted(**{field: many}).paper, field) == many[:-1]


@pytest.mark.parametrize(
    "fields",
    [
        *({"title": None}, {"title": 1}, {"abstract": 0}, {"venue": b"a"}, {"authors": ["Ada"]}),
        *({"authors": (1,)}, {"version": "1"}, {"updated": "now"}),
    ],
    ids=str,
)
def test_values_of_other_types_are_refused(fields):
    assert isinstance(admitted(**fields), Skipped)


def test_a_clean_paper_is_admitted_as_it_is():
    assert admit(Sighting(PAPER, "import", NOW)).paper is PAPER
