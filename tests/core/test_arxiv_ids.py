from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papertrack.identifiers import (
    Identifier,
    abstract_url,
    arxiv_problem,
    find_arxiv,
    is_arxiv,
    namespace,
    parse_arxiv,
    parse_id,
    pdf_url,
)
from papertrack.library.table_names import shard

_MONTHS = st.integers(1, 12).map("{:02}".format)
_FOUR_DIGITS = st.builds("{:02}{}.{:04}".format, st.integers(8, 14), _MONTHS, st.integers(1, 9999))
_FIVE_DIGITS = st.builds(
    "{:02}{}.{:05}".format, st.integers(15, 99), _MONTHS, st.integers(1, 99999)
)
_OLD = st.builds(
    "{}/{:02}{}{:03}".format,
    st.sampled_from(["hep-th", "math", "cs", "cond-mat", "q-bio", "cmp-lg"]),
    st.integers(91, 99) | st.integers(0, 6),
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
    "doi:10.48550/arXiv.{}",
    "https://doi.org/10.48550%2FarXiv.{}",
    "arXiv: {}",
    "arXiv:{} [cs.CL]",
    "arXiv:{}  [cond-mat.str-el]  12 Mar 2026",
    "https://arxiv.org/abs/arXiv:{}",
    "https://arxiv.org//abs/{}",
    "https://arxiv.org/src/{}/anc/data.csv",
    "https://arxiv.org/e-print/{}",
    "https://arxiv.org/ps/{}.ps.gz",
    "https://arxiv.org/html/{}/index.html#S3",
    "https://arxiv.org/pdf/{}.pdf#page=3",
    "https://uk.arxiv.org/abs/{}",
    "https://export.arxiv.org/api/query?id_list={}",
    "https://export.arxiv.org/oai2?verb=GetRecord&identifier=oai:arXiv.org:{}&metadataPrefix=arXiv",
    "http://xxx.lanl.gov/abs/{}",
    "https://ar5iv.org/abs/{}",
    "https://ar5iv.labs.arxiv.org/html/{}",
    "https://www.alphaxiv.org/overview/{}",
    "https://huggingface.co/papers/{}?utm=1#community",
    "https://huggingface.co/api/papers/{}",
    "https://hf-mirror.com/papers/{}",
    "https://www.semanticscholar.org/arxiv/{}",
    "https://ui.adsabs.harvard.edu/abs/arXiv:{}/abstract",
)
_TODAY = date(2026, 3, 31)


@given(paper_id=_IDS, version=st.none() | st.integers(1, 999))
def test_every_form_of_an_id_gives_the_id_and_its_version(paper_id, version):
    written = paper_id if version is None else f"{paper_id}v{version}"
    texts = [form.format(written) for form in _FORMS]
    assert {text: parse_arxiv(text) for text in texts} == dict.fromkeys(
        texts, Identifier(paper_id, version)
    )


@given(_IDS)
def test_links_to_a_paper_lead_back_to_its_id(paper_id):
    assert parse_arxiv(abstract_url(paper_id)).id == paper_id
    assert parse_arxiv(pdf_url(paper_id)).id == paper_id


@pytest.mark.parametrize(
    ("text", "paper_id"),
    [
        ("2503.02130", "2503.02130"),
        ("0704.0001", "0704.0001"),
        ("math.GT/0309136", "math/0309136"),
        ("Hep-Th/9901001v2", "hep-th/9901001"),
        ("cond-mat.str-el/0301001", "cond-mat/0301001"),
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
        "2503.0213",
        "1412.00001",
        "1501.0001",
        "0703.0001",
        "hep-th/991300",
        "hep-th/9913001",
        "hep-th/0704001",
        "birds/9901001",
        "https://export.arxiv.org/api/query?id_list=2603.10165,2603.10166",
        "٢٦٠٣.١٠١٦٥",
        "https://example.org/abs/2603.10165",
        "https://arxiv.org.evil.example/abs/2603.10165",
        "https://evil-arxiv.org/abs/2603.10165",
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


def test_all_ids_of_a_mail_are_found_once_and_in_order():
    mail = """
    Have a look at https://arxiv.org/abs/2603.00001, and [this](https://arxiv.org/pdf/2603.00002v2),
    or (arXiv:hep-th/9901001v2); <https://huggingface.co/papers/2603.00003>.
    [1] arXiv:2603.00004 [pdf, html, other]
    10.48550/arXiv.2603.00005. https://export.arxiv.org/api/query?id_list=2603.00006,2603.00007
    "2603.00008" arXiv:2603.00001v3 [2603.00009] Nests
    """
    found = [identifier.id for identifier in find_arxiv(mail)]
    ids = [f"2603.{number:05}" for number in range(1, 10)]
    assert found == [*ids[:2], "hep-th/9901001", *ids[2:]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no ids at all",
        "https://example.org/2603.00001",
        "doi:10.1/2603.00001",
        "version 1.2603.00001",
        "2603.00001.2",
        "12603.00001",
        "2613.00001 or 2603.001",
        "https://arxiv.org/" + "a" * 50_000,
    ],
)
def test_other_numbers_in_a_text_are_not_ids(text):
    assert find_arxiv(text) == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2613.00001", "no month 13"),
        ("https://arxiv.org/abs/2600.00001", "no month 00"),
        ("2603.0001", "5 digits"),
        ("arXiv:2603.000001", "5 digits"),
        ("1412.00001", "4 digits"),
        ("0703.0001", "archive"),
        ("hep-th/0704001", "April 2007"),
        ("hep-th/990100", "seven digits"),
        ("2605.00001", "future"),
        ("9901.00001", "future"),
    ],
)
def test_an_id_that_cannot_exist_is_refused_with_the_reason(text, problem):
    assert problem in arxiv_problem(text, _TODAY)
    with pytest.raises(ValueError, match=problem):
        parse_id(text, _TODAY)


@pytest.mark.parametrize("text", ["2604.00001", "2603.00001", "nonsense", "doi:10.1/x", ""])
def test_an_id_of_the_next_month_and_other_text_are_no_impossible_ids(text):
    assert arxiv_problem(text, _TODAY) is None


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("arXiv:2603.00001v2", Identifier("2603.00001", 2)),
        ("doi:10.48550/arXiv.2603.00001", Identifier("2603.00001")),
        (" cran:12 ", Identifier("cran:12")),
        ("acl:2023.acl-long.1", Identifier("acl:2023.acl-long.1")),
        ("DOI: 10.1/X", Identifier("doi:10.1/x")),
        ("10.1/x", Identifier("doi:10.1/x")),
        ("https://doi.org/10.1/x%281%29", Identifier("doi:10.1/x(1)")),
    ],
)
def test_a_paper_is_stored_with_one_id_whatever_form_it_has(text, stored):
    assert parse_id(text, _TODAY) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "--library=elsewhere",
        "-x:1",
        "cran:-x",
        "cran:a b",
        "cran:a/b",
        "cran:..",
        "../../etc/passwd",
        "cran:'x'",
        'cran:"x"',
        "cran:`x`",
        "cran:x;y",
        "cran:$x",
        "cran:",
        ":x",
        "1:x",
        "birds/9901001",
        "doi:x",
        "doi:10.1/../x",
        'doi:10.1/"x"',
        "arxiv:nests",
        "https://example.org/x",
        "javascript:alert(1)",
        "cran:" + "x" * 300,
        "x" * 60 + ":1",
    ],
)
def test_other_text_is_no_id(text):
    with pytest.raises(ValueError, match="an id is like"):
        parse_id(text, _TODAY)


@pytest.mark.parametrize(
    ("paper_id", "tables"),
    [
        ("2603.10165", "2603"),
        ("2613.00001", "2613"),
        ("2503.0213", "2503"),
        ("hep-th/9901001", "hep-th"),
        ("birds/9901001", "birds"),
        ("doi:10.48550/arXiv.2603.10165", "doi-f"),
        ("https://arxiv.org/src/2603.10165", "https-2"),
    ],
)
def test_papers_that_earlier_releases_stored_stay_where_they_are(paper_id, tables):
    """Release 0.1 accepted ids that are no longer valid."""
    assert shard(paper_id) == tables


def test_an_address_within_the_address_of_an_archive_has_its_id():
    text = (
        "https://web.archive.org/web/2026/https://arxiv.org/abs/2603.00001v2 and x.org/2603.00002"
    )
    assert find_arxiv(text) == (Identifier("2603.00001", 2),)
