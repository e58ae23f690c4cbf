"""Papers revised later, which OAI-PMH has on another day: the query API has their first date."""

from datetime import datetime

import pytest
from arxiv_pages import api_response
from arxiv_service import REPEAT, ArxivServer, StoredPaper, api_page, error_entry
from werkzeug import Response

WEEK = ("2026-03-16", "2026-03-17", "2026-03-18")
# By arXiv's schedule: the first before, the second after the deadline for Monday's listing.
FRIDAY_NOON, FRIDAY_EVENING = "2026-03-13T16:00:00Z", "2026-03-13T22:00:00Z"

pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def arxiv(server):
    return ArxivServer(server)


def revised(number, submitted=FRIDAY_NOON, **fields):
    """A paper with a second version."""
    return StoredPaper(f"2603.{number:05}", "2026-03-25", version=2, submitted=submitted, **fields)


def ids(listing):
    return [sighting.paper.id for sighting in listing.sightings]


def the_failure(listings):
    """The failure that all days share."""
    assert {listing.state for listing in listings} == {"partial"}
    (failure,) = {listing.failure for listing in listings}
    assert (failure.source, failure.message[:22]) == ("arxiv", "papers revised later: ")
    return failure


def test_papers_revised_later_are_listed_on_the_days_of_the_schedule(arxiv, client):
    arxiv.papers = [
        StoredPaper("2603.00001", "2026-03-16"),
        revised(2),
        revised(3, FRIDAY_EVENING),
        revised(4, "2026-03-17T12:00:00Z"),
    ]
    listings = arxiv.listings(client(), *WEEK)
    assert [ids(listing) for listing in listings] == [
        ["2603.00001", "2603.00002"],
        ["2603.00003"],
        ["2603.00004"],
    ]
    assert {listing.state for listing in listings} == {"complete"}
    for listing in listings:
        for sighting in listing.sightings:
            assert (sighting.listed.day, sighting.paper.announced) == (listing.day, listing.day)


def test_papers_without_a_second_version_are_listed_from_oai(arxiv, client):
    late = StoredPaper("2603.00002", "2026-03-18", submitted=FRIDAY_NOON)
    held = StoredPaper("2603.00003", "2026-03-25", submitted=FRIDAY_NOON)
    arxiv.papers = [late, held]
    listings = arxiv.listings(client(), *WEEK)
    assert len(arxiv.requests_to("api")) == 1
    assert [ids(listing) for listing in listings] == [[], [], ["2603.00002"]]


def test_papers_revised_later_are_new_or_cross_by_their_primary_category(arxiv, client):
    arxiv.papers = [revised(1), revised(2, categories="cs.LG cs.CL")]
    (listing,) = arxiv.listings(client(), "2026-03-16")
    assert [sighting.listed.kind for sighting in listing.sightings] == ["new", "cross"]


def test_the_days_of_a_request_are_one_query(arxiv, client):
    arxiv.listings(client(), *WEEK)
    (request,) = arxiv.requests_to("api")
    assert request.params["search_query"] == (
        "cat:cs.CL AND submittedDate:[202603121800 TO 202603171800]"
    )


def test_an_archive_is_queried_with_its_categories(arxiv, client):
    arxiv.papers = [revised(1, categories="math.AG"), revised(2, categories="math-ph")]
    (listing,) = arxiv.listings(client(), WEEK[0], categories=("math",))
    assert ids(listing) == ["2603.00001"]


@pytest.mark.parametrize(("now", "times"), [("13:59", 0), ("14:01", 1)])
def test_the_query_api_is_used_from_a_week_after_the_deadline(arxiv, client, now, times):
    arxiv.now = datetime.fromisoformat(f"2026-03-30T{now}-04:00")
    arxiv.listings(client(), "2026-03-24")
    assert len(arxiv.requests_to("api")) == times


def test_only_the_older_days_of_a_week_are_queried(arxiv, client):
    arxiv.papers = [revised(1, "2026-03-23T12:00:00Z"), revised(2, "2026-03-24T12:00:00Z")]
    tuesday, wednesday = arxiv.listings(client(), "2026-03-24", "2026-03-25")
    (request,) = arxiv.requests_to("api")
    assert request.params["search_query"].endswith("[202603201800 TO 202603231800]")
    assert ids(tuesday) == ["2603.00001"]
    assert ids(wednesday) == ["2603.00001", "2603.00002"], "revised that day, from OAI"


def test_a_paper_of_the_last_minute_is_listed_however_arxiv_reads_a_minute(arxiv, client):
    arxiv.first_second_only = True
    arxiv.papers = [revised(1, "2026-03-13T17:59:30Z")]
    (listing,) = arxiv.listings(client(), "2026-03-16")
    assert ids(listing) == ["2603.00001"]


FAULTS = {
    "an error of the server": (Response(status=500), "status"),
    "HTML": (b"<html></html>", "not-xml"),
    "a refusal": (error_entry("out of order"), "refused"),
    "no results at all": (b"<feed/>", "not-a-listing"),
}


@pytest.mark.parametrize(("fault", "kind"), FAULTS.values(), ids=FAULTS)
def test_when_the_query_api_fails_the_days_have_the_papers_of_oai_and_are_partial(
    arxiv, client, fault, kind
):
    arxiv.faults["api", 1] = fault
    arxiv.papers = [StoredPaper("2603.00001", WEEK[0]), revised(2)]
    listings = arxiv.listings(client(), *WEEK)
    assert [ids(listing) for listing in listings] == [["2603.00001"], [], []]
    assert the_failure(listings).kind == kind


# Pages of the query API


@pytest.fixture
def paged(arxiv):
    """Five papers revised later, which arXiv sends two at a time, whatever is requested."""
    arxiv.page = 2
    arxiv.papers = [revised(number) for number in range(1, 6)]
    return arxiv


def starts(arxiv):
    return [int(request.params["start"]) for request in arxiv.requests_to("api")]


FIVE = [f"2603.0000{number}" for number in range(1, 6)]


def test_the_page_after_a_short_page_starts_after_its_entries(paged, client):
    (listing,) = paged.listings(client(), WEEK[0])
    assert (ids(listing), listing.state) == (FIVE, "complete")
    assert starts(paged) == [0, 2, 4]
    assert {request.params["max_results"] for request in paged.requests_to("api")} == {"500"}


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_page_that_is_empty_by_mistake_is_requested_again(paged, client, page):
    paged.faults["api", page] = paged.faults["api", page + 1] = api_page(total=5)
    (listing,) = paged.listings(client(), WEEK[0])
    assert (ids(listing), listing.state) == (FIVE, "complete")
    assert starts(paged) == sorted([0, 2, 4, *[2 * (page - 1)] * 2])


def test_a_page_that_stays_empty_is_a_failure(paged, client):
    paged.faults |= {("api", number): api_page(total=5) for number in (2, 3, 4)}
    listings = paged.listings(client(), *WEEK)
    assert the_failure(listings).kind == "not-a-listing"
    assert ids(listings[0]) == FIVE[:2]
    assert starts(paged) == [0, 2, 2, 2]


def test_a_repeated_page_is_a_failure(paged, client):
    paged.faults["api", 2] = REPEAT
    listings = paged.listings(client(), *WEEK)
    assert the_failure(listings).kind == "not-a-listing"
    assert ids(listings[0]) == FIVE[:2]
    assert starts(paged) == [0, 2]


def test_a_page_without_a_total_does_not_count_as_the_last(paged, client):
    def without_total(page):
        return page.replace(b"<opensearch:totalResults>5</opensearch:totalResults>", b"")

    paged.faults["api", 1] = without_total
    (listing,) = paged.listings(client(), WEEK[0])
    assert listing.state == "partial" or ids(listing) == FIVE


def test_an_unusable_entry_of_the_query_api_makes_the_day_partial(arxiv, client):
    arxiv.papers = [revised(number) for number in range(1, 6)]
    arxiv.faults["api", 1] = lambda page: page.replace(b"<title>A Paper</title>", b"", 1)
    (listing,) = arxiv.listings(client(), WEEK[0])
    assert (ids(listing), listing.state) == (FIVE[1:], "partial")
    assert [entry.reason for entry in listing.skipped] == ["no title"]


def test_no_papers_at_all_are_not_a_failure(arxiv, client):
    arxiv.faults["api", 1] = api_response(
        total="<opensearch:totalResults>0</opensearch:totalResults>"
    )
    (listing,) = arxiv.listings(client(), WEEK[0])
    assert (listing.state, listing.failure) == ("quiet", None)
    assert starts(arxiv) == [0]
