"""Comments and abstracts that say that a paper was withdrawn."""

import pytest

from papertrack.sources.arxiv.xml import is_withdrawn


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn by the author due to a sign error in equation 1",
        "Withdrawn",
        "Paper withdrawn",
        "12 pages; this version withdrawn by arXiv administrators",
        "We withdraw this paper because of an error in Lemma 2",
        "I would like to withdraw the paper because some of the results change",
        "Author has withdrawn the paper",
        "This manuscript was withdrawn from publication by the authors",
        "This paper has been retracted",
    ],
)
def test_a_paper_whose_authors_withdrew_it_is_withdrawn(comment):
    assert is_withdrawn(comment, "We study nests.")


@pytest.mark.parametrize(
    ("comment", "abstract"),
    [
        ("Accepted at ICML 2026 (withdrawn from ICLR 2026)", ""),
        ("Withdrawn before presentation due to lack of travel funding", ""),
        ("The paper was withdrawn from ICLR 2026", ""),
        ("An earlier version was withdrawn", ""),
        ("", "Retracted papers are cited for years."),
        ("", "We study papers that have been withdrawn from arXiv."),
    ],
)
def test_a_paper_withdrawn_elsewhere_or_about_withdrawals_is_not_withdrawn(comment, abstract):
    assert not is_withdrawn(comment, abstract)
