import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.identifiers import (
    Identifier,
    abstract_url,
    is_arxiv,
    namespace,
    parse_arxiv,
    pdf_url,
)

_MONTHS = st.integers(1, 12).map("{:02}".format)
_FOUR_DIGITS = st.builds("{:02}{}.{:04}".format, st.integers(7, 14), _MONTHS, st.integers(1, 9999))
_FIVE_DIGITS = st.builds(
    "{:02}{}.{:05}".format, st.integers(15, 99), _MONTHS, st.integers(1, 99999)
)
_OLD = st.builds(
    "{}/{:02}{}{:03}".format,
    st.sampled_from(["hep-th", "math", "cs", "cond-mat", "q-bio", "cmp-lg"]),
    st.integers(91, 99) | st.integers(0, 7),
    _MONTHS,
    st.integers(1, 999),
)
_IDS = _FOUR_DIGITS | _FIVE_DIGITS | _OLD
_FORMS = (
    "{}",
    "  {}\n",
    "arXiv:{}",
    "arxiv:{}",
    "ARXIV:{}",
    "http://arxiv.org/abs/{}",
    "https://arxiv.org/abs/{}",
    "https://arxiv.org/abs/{}?context=cs#top",
    "https://www.arxiv.org/abs/{}/",
    "https://export.arxiv.org/abs/{}",
    "https://arxiv.org/pdf/{}",
    "https://arxiv.org/pdf/{}.pdf",
    "https://arxiv.org/html/{}",
    "arxiv.org/abs/{}",
    "https://huggingface.co/papers/{}",
    "https://hf.co/papers/{}.md",
    "huggingface.co/papers/{}",
    "oai:arXiv.org:{}",
    "10.48550/arXiv.{}",
    "doi.org/10.48550/arXiv.{}",
    "https://doi.org/10.48550/arXiv.{}",
)


@pytest.mark.parametrize("form", _FORMS)
@given(paper_id=_IDS, version=st.none() | st.integers(1, 999))
def test_every_form_of_an_id_gives_the_id_and_its_version(form, paper_id, version):
    text = form.format(paper_id if version is None else f"{paper_id}v{version}")
    assert parse_arxiv(text) == Identifier(paper_id, version)


@given(_IDS)
def test_links_to_a_paper_lead_back_to_its_id(paper_id):
    assert parse_arxiv(abstract_url(paper_id)).id == paper_id
    assert parse_arxiv(pdf_url(paper_id)).id == paper_id


@pytest.mark.parametrize(
    ("text", "paper_id"),
    [
        ("2503.0213", "2503.0213"),  # an id that was read as a float has lost its last zero
        ("2503.02130", "2503.02130"),
        ("0704.0001", "0704.0001"),
        ("math.GT/0309136", "math/0309136"),
        ("Hep-Th/9901001v2", "hep-th/9901001"),
    ],
)
def test_ids_are_canonical_and_never_read_as_numbers_or_padded(text, paper_id):
    assert parse_arxiv(text).id == paper_id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "attention",
        "2603.101",
        "2603.101655",
        "2613.10165",
        "2600.10165",
        "2603.10165 2603.10166",
        "2603.10165\n2603.10166",
        "hep-th/991300",
        "hep-th/9913001",
        "٢٦٠٣.١٠١٦٥",
        "https://example.org/abs/2603.10165",
        "https://arxiv.org.evil.example/abs/2603.10165",
        "cran:12",
        "10.1/x",
        "../../etc/passwd",
    ],
)
def test_other_text_is_not_an_arxiv_id(text):
    assert parse_arxiv(text) is None
    assert not is_arxiv(text)
    assert abstract_url(text) is pdf_url(text) is None


@pytest.mark.parametrize(
    ("paper_id", "page"),
    [
        ("doi:10.1/x", "https://doi.org/10.1/x"),
        ("doi:10.1101/2026.03.20.712001", "https://doi.org/10.1101/2026.03.20.712001"),
        ("doi:10.1/a#b?c d%e<é>", "https://doi.org/10.1/a%23b%3Fc%20d%25e%3C%C3%A9%3E"),
        ("doi:10.1/2603.10165", "https://doi.org/10.1/2603.10165"),
    ],
)
def test_a_doi_is_not_an_arxiv_id_but_has_a_page_and_no_pdf(paper_id, page):
    assert parse_arxiv(paper_id) is None
    assert not is_arxiv(paper_id)
    assert abstract_url(paper_id) == page
    assert pdf_url(paper_id) is None


@pytest.mark.parametrize(
    ("paper_id", "group"),
    [
        ("2603.10165", "2603"),
        ("hep-th/9901001", "hep-th"),
        ("math.GT/0309136", "math"),
        ("cran:12", "cran"),
        ("doi:10.1/x", "doi"),
        ("nonsense", "other"),
    ],
)
def test_ids_of_the_same_month_or_archive_share_a_namespace(paper_id, group):
    assert namespace(paper_id) == group
