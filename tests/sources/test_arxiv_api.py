from datetime import UTC, datetime

import pytest
from arxiv_pages import FAULTS, api_response, result, thirty_entries

from papertrack.errors import SourceError
from papertrack.models import Paper, Skipped
from papertrack.sources.arxiv.api import ApiPage, parse_api_page
from papertrack.sources.arxiv.xml import ArxivRecord


def only(*args, **parts):
    """The only paper of a response."""
    (record,) = parse_api_page(api_response(result(*args, **parts))).records
    return record.paper


def refusal(body):
    with pytest.raises(SourceError) as caught:
        parse_api_page(body)
    assert caught.value.source == "arxiv"
    assert len(caught.value.what) < 200
    return caught.value


def test_an_entry_becomes_a_paper_with_both_dates_and_no_day():
    paper = Paper(
        "2603.00001",
        "A Paper",
        2,
        abstract="What it says. In two lines.",
        authors=("Ada One", "Bo Two"),
        categories=("cs.CL", "cs.LG"),
        submitted=datetime(2026, 3, 27, 17, 59, 59, tzinfo=UTC),
        updated=datetime(2026, 3, 30, 9, tzinfo=UTC),
        comment="9 pages",
    )
    expected = ApiPage((ArxivRecord(paper),), (), 250, 100, 1)
    assert parse_api_page(api_response(result())) == expected


def test_elements_missing_from_an_entry_are_unknown():
    bare = "<entry><id>http://arxiv.org/abs/hep-th/9901001v3</id><title>T</title></entry>"
    (record,) = parse_api_page(api_response(bare)).records
    assert record == ArxivRecord(Paper("hep-th/9901001", "T", 3))


def test_a_paper_may_be_titled_0():
    paper = only("2104.12255v1", title="<title>0</title>", summary="<summary>0</summary>")
    assert (paper.title, paper.abstract) == ("0", "0")


def test_the_primary_category_comes_first_and_only_those_of_arxiv_count():
    terms = ("eess.IV", "68T45", "cs.CV", "I.4.2; E.4")
    categories = "".join(f'<category term="{term}"/>' for term in terms)
    primary = '<arxiv:primary_category term="cs.CV"/>'
    assert only(categories=categories, primary=primary).categories == ("cs.CV", "eess.IV")
    assert only(categories=categories, primary=None).categories == ("eess.IV", "cs.CV")


def test_authors_are_cleaned_and_listed_once():
    names = ("Ada\n  One", "Ada One", " ", "Bo\u202e Two")
    people = "".join(f"<author><name>{name}</name></author>" for name in names)
    assert only(authors=people).authors == ("Ada One", "Bo Two")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-27T17:59:59Z", datetime(2026, 3, 27, 17, 59, 59, tzinfo=UTC)),
        ("2026-03-27T13:59:59-04:00", datetime(2026, 3, 27, 17, 59, 59, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        ("0001-01-01T00:00:00+23:59", None),
    ],
)
def test_dates_are_in_utc_or_unknown(text, moment):
    paper = only(published=f"<published>{text}</published>", updated=f"<updated>{text}</updated>")
    assert (paper.submitted, paper.updated) == (moment, moment)


def test_an_entry_without_an_id_gets_it_from_its_links():
    paper = only(id=None)
    assert (paper.id, paper.version) == ("2603.00001", 2)


# Counts


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("0", 0),
        ("214881", 214881),
        *((text, None) for text in ("-1", "", "1e5", "٣", "9" * 5000)),
    ],
)
def test_only_a_plausible_whole_number_is_a_total(text, total):
    element = f"<opensearch:totalResults>{text}</opensearch:totalResults>"
    assert parse_api_page(api_response(result(), total=element)).total == total


def test_an_empty_page_has_the_total():
    page = parse_api_page(api_response())
    assert (page.size, page.total, page.start) == (0, 250, 100)


# Unusable responses


def test_an_error_entry_is_an_error_with_arxivs_reason():
    bad = result(
        id="<id>https://arxiv.org/api/errors#incorrect_id_format_for_abc</id>",
        title="<title>Error</title>",
        summary="<summary>incorrect id format for abc</summary>",
    )
    error = refusal(api_response(bad))
    assert (error.kind, error.what) == (
        "refused",
        "arXiv refused the query: incorrect id format for abc",
    )


def test_an_error_is_recognised_by_its_id_or_its_title_alone():
    named = "<id>http://arxiv.org/api/errors#x</id>"
    assert refusal(api_response(result(id=named))).kind == "refused"
    for nameless in (None, "<id>https://arxiv.org/</id>"):
        error = refusal(
            api_response(result(id=nameless, title="<title>Error</title>", summary=None))
        )
        assert (error.kind, error.what) == ("refused", "arXiv refused the query: ")


def test_a_paper_may_be_titled_error():
    assert only(title="<title>Error</title>").title == "Error"


@pytest.mark.parametrize(
    "body",
    [
        b"<rss/>",
        api_response(total=None),
        api_response(result()).replace(b"entry>", b"thing>"),
        api_response(result("abc")),
        api_response(result(), result(title=None)),
    ],
)
def test_xml_without_query_results_is_an_error_not_an_empty_page(body):
    assert refusal(body).kind == "not-a-listing"


def test_an_entry_without_an_id_or_a_title_is_skipped_and_a_paper_listed_twice_counts_once():
    good = [result(f"2603.1000{number}v1") for number in range(5)]
    untitled = result("2603.00005v1", title=None)
    page = parse_api_page(api_response(*good, result("abc"), untitled, good[0]))
    assert (page.size, len(page.records)) == (8, 5)
    assert page.skipped == (
        Skipped("entry 6 (http://arxiv.org/abs/abc)", "no arXiv id"),
        Skipped("entry 7 (http://arxiv.org/abs/2603.00005v1)", "no title"),
    )


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "name",
    [
        *("id", "title", "updated", "link", "summary", "category", "published", "author", "name"),
        *("arxiv:comment", "arxiv:primary_category", "arxiv:affiliation"),
    ],
)
def test_a_damaged_element_in_an_entry_loses_no_other_paper(fault, name):
    page = parse_api_page(api_response(*thirty_entries(result, fault, name)))
    assert page.size == 30
    assert len(page.records) == 29 + (name != "title")
