from datetime import UTC, datetime

import pytest
from arxiv_pages import FAULTS, answer, result, thirty

from papertrack.errors import SourceError
from papertrack.models import Paper, Skipped
from papertrack.sources.arxiv.api import ApiPage, parse_answer
from papertrack.sources.arxiv.xml import ArxivRecord


def only(*args, **parts):
    """The one paper of an answer."""
    (announced,) = parse_answer(answer(result(*args, **parts))).announced
    return announced.paper


def refusal(body):
    with pytest.raises(SourceError) as caught:
        parse_answer(body)
    assert caught.value.source == "arxiv"
    assert len(caught.value.what) < 200
    return caught.value


def test_an_entry_becomes_a_paper_with_both_its_moments_and_no_day():
    paper = Paper(
        "2603.00001",
        "A Paper",
        2,
        abstract="What it says. In two lines.",
        authors=("Ada One", "Bo Two"),
        categories=("cs.CL", "cs.LG"),
        submitted=datetime(2026, 3, 27, 17, 59, 59, tzinfo=UTC),
        updated=datetime(2026, 3, 30, 9, tzinfo=UTC),
    )
    assert parse_answer(answer(result())) == ApiPage((ArxivRecord(paper),), (), 250, 100)


def test_what_an_entry_does_not_say_is_unknown():
    bare = "<entry><id>http://arxiv.org/abs/hep-th/9901001v3</id><title>T</title></entry>"
    (announced,) = parse_answer(answer(bare)).announced
    assert announced == ArxivRecord(Paper("hep-th/9901001", "T", 3))


def test_a_paper_may_be_titled_0():
    paper = only("2104.12255v1", title="<title>0</title>", summary="<summary>0</summary>")
    assert (paper.title, paper.abstract) == ("0", "0")


def test_the_primary_category_comes_first_and_only_those_of_arxiv_count():
    terms = ("eess.IV", "68T45", "cs.CV", "I.4.2; E.4")
    said = "".join(f'<category term="{term}"/>' for term in terms)
    primary = '<arxiv:primary_category term="cs.CV"/>'
    assert only(categories=said, primary=primary).categories == ("cs.CV", "eess.IV")
    assert only(categories=said, primary=None).categories == ("eess.IV", "cs.CV")


def test_authors_are_cleaned_and_listed_once():
    names = ("Ada\n  One", "Ada One", " ", "Bo\u202e Two")
    people = "".join(f"<author><name>{name}</name></author>" for name in names)
    assert only(authors=people).authors == ("Ada One", "Bo Two")


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-03-27T17:59:59Z", datetime(2026, 3, 27, 17, 59, 59, tzinfo=UTC)),
        ("2026-03-27T13:59:59-04:00", datetime(2026, 3, 27, 17, 59, 59, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        ("0001-01-01T00:00:00+23:59", None),
    ],
)
def test_moments_are_in_utc_or_unknown(said, moment):
    paper = only(published=f"<published>{said}</published>", updated=f"<updated>{said}</updated>")
    assert (paper.submitted, paper.updated) == (moment, moment)


def test_without_its_id_an_entry_is_known_by_its_links():
    paper = only(id=None)
    assert (paper.id, paper.version) == ("2603.00001", 2)


# Counts


@pytest.mark.parametrize(
    ("said", "total"),
    [
        ("0", 0),
        ("214881", 214881),
        *((said, None) for said in ("-1", "", "1e5", "٣", "9" * 5000)),
    ],
)
def test_only_a_plausible_whole_number_is_a_total(said, total):
    told = f"<opensearch:totalResults>{said}</opensearch:totalResults>"
    assert parse_answer(answer(result(), total=told)).total == total


def test_an_empty_page_shows_how_many_papers_there_are():
    found = parse_answer(answer())
    assert (found.size, found.total, found.start) == (0, 250, 100)


# Answers without use


def test_an_error_entry_is_an_error_with_the_reason_of_arxiv():
    bad = result(
        id="<id>https://arxiv.org/api/errors#incorrect_id_format_for_abc</id>",
        title="<title>Error</title>",
        summary="<summary>incorrect id format for abc</summary>",
    )
    error = refusal(answer(bad))
    assert (error.kind, error.what) == (
        "refused",
        "arXiv refused the query: incorrect id format for abc",
    )


def test_an_error_is_known_by_its_id_or_by_its_title_alone():
    named = "<id>http://arxiv.org/api/errors#x</id>"
    assert refusal(answer(result(id=named))).kind == "refused"
    for nameless in (None, "<id>https://arxiv.org/</id>"):
        error = refusal(answer(result(id=nameless, title="<title>Error</title>", summary=None)))
        assert (error.kind, error.what) == ("refused", "arXiv refused the query: ")


def test_a_paper_may_be_titled_error():
    assert only(title="<title>Error</title>").title == "Error"


@pytest.mark.parametrize(
    "body",
    [
        b"<rss/>",
        answer(total=None),
        answer(result()).replace(b"entry>", b"thing>"),
        answer(result("abc")),
        answer(result(), result(title=None)),
    ],
)
def test_xml_that_is_no_answer_is_an_error_and_no_empty_page(body):
    assert refusal(body).kind == "not-a-listing"


def test_an_entry_without_an_id_or_a_title_or_listed_twice_is_skipped():
    good = [result(f"2603.1000{number}v1") for number in range(5)]
    untitled = result("2603.00005v1", title=None)
    found = parse_answer(answer(*good, result("abc"), untitled, good[0]))
    assert found.size == 8
    assert found.skipped == (
        Skipped("entry 6 (http://arxiv.org/abs/abc)", "no arXiv id"),
        Skipped("entry 7 (http://arxiv.org/abs/2603.00005v1)", "no title"),
        Skipped("entry 8 (2603.10000)", "listed twice"),
    )


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "name",
    [
        *("id", "title", "updated", "link", "summary", "category", "published", "author", "name"),
        *("arxiv:comment", "arxiv:primary_category", "arxiv:affiliation"),
    ],
)
def test_an_element_gone_wrong_in_one_entry_costs_no_other_paper(fault, name):
    found = parse_answer(answer(*thirty(result, fault, name)))
    assert found.size == 30
    assert len(found.announced) == 29 + (name != "title")
