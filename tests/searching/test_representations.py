"""Representations of papers: computed once, and the same after they were stored."""

import pytest

from papertrack.models import Paper
from papertrack.searching import representations
from papertrack.searching.representations import Kind, Representations
from papertrack.searching.word_vectors import in_units

KINDS = [
    Kind(in_units({"soil": [1.0, -0.5], "law": [0.25, 0.0]}), 0.5),
    Kind(in_units({}), 0.1),
    Kind(in_units({"law": [2.0, 1.0, 0.0]}), 0.25),
]
PAPERS = [
    Paper("1", "Wet soil", abstract="Soil and law " * 300, authors=("Ada One",)),
    Paper("2", "The law of soils", keywords=("statute",)),
    Paper("3", ""),
    Paper("4", "Surrogates \ud800 \x00", abstract=None, authors=("\udfff",)),
]


def stored(papers):
    made = Representations(KINDS)
    for paper in papers:
        made.of(paper)
    return made.to_bytes()


def test_a_subject_has_the_share_of_each_kind_as_its_squared_length():
    _, subject = Representations(KINDS).of(PAPERS[1])
    first, second = subject.coordinates[:2], subject.coordinates[2:]
    assert sum(x * x for x in first) == pytest.approx(0.5)
    assert sum(x * x for x in second) == pytest.approx(0.25)


def test_what_was_stored_is_as_it_was_computed():
    computed, read = Representations(KINDS), Representations(KINDS, memoryview(stored(PAPERS)))
    for paper in (*PAPERS, Paper("5", "New soil")):
        assert read.of(paper) == computed.of(paper) == computed.of(paper)


def test_only_papers_that_were_asked_for_are_stored_again():
    read = Representations(KINDS, memoryview(stored(PAPERS)))
    for paper in PAPERS[:2]:
        read.of(paper)
    assert read.to_bytes() == stored(PAPERS[:2])


def test_what_is_all_stored_is_not_worth_storing_again():
    read = Representations(KINDS, memoryview(stored(PAPERS)))
    read.of(PAPERS[0])
    assert not read.is_worth_keeping
    read.of(Paper("5", "New soil"))
    assert read.is_worth_keeping


def test_a_paper_with_another_text_is_computed_again():
    read = Representations(KINDS, memoryview(stored(PAPERS)))
    for changed in (
        PAPERS[0]._replace(abstract="Law"),
        PAPERS[1]._replace(keywords=(), authors=("statute",)),
        PAPERS[0]._replace(authors=("Ada Two",)),
    ):
        assert read.of(changed) == Representations(KINDS).of(changed)


@pytest.mark.parametrize("change", ["begun", "cut", "cut entries", "longer", "other byte order"])
def test_what_is_not_whole_or_from_another_machine_is_refused(change):
    content = stored(PAPERS)
    changed = {
        "begun": content[:5],
        "cut": content[:-1],
        "cut entries": content[:30],
        "longer": content + b"\0",
        "other byte order": b"unknown".ljust(16) + content[16:],
    }[change]
    with pytest.raises(ValueError, match="whole"):
        Representations(KINDS, memoryview(changed))


def test_beyond_a_limit_papers_are_computed_and_not_kept(monkeypatch):
    monkeypatch.setattr(representations, "_MOST_KEPT", 2)
    made, without_limit = Representations(KINDS), stored(PAPERS[:2])
    for paper in (*PAPERS, *PAPERS):
        assert made.of(paper) == Representations(KINDS).of(paper)
    assert not made.is_worth_keeping
    assert made.to_bytes() == without_limit
