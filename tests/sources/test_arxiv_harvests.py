"""Past days of arXiv from the pages of OAI-PMH."""

import pytest
from arxiv_pages import oai, records
from arxiv_service import REPEAT, ArxivServer, StoredPaper
from werkzeug import Response

from papertrack.errors import SourceError

DAYS = ("2026-03-25", "2026-03-26", "2026-03-27")

pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def arxiv(server):
    """Five papers on three days, on pages of two."""
    service = ArxivServer(server)
    service.page = 2
    service.papers = [StoredPaper(f"2603.0000{number}", DAYS[number // 2]) for number in range(5)]
    return service


def ids(listings):
    return [[sighting.paper.id[-1] for sighting in listing.sightings] for listing in listings]


def states(listings):
    return {listing.state for listing in listings}


def the_failure(listings):
    """The failure that all days share."""
    (failure,) = {listing.failure for listing in listings}
    return failure


def refused(code):
    return oai(f'<error code="{code}">No.</error>')


def test_pages_are_followed_to_the_last(arxiv, client):
    listings = arxiv.listings(client(), *DAYS)
    assert (ids(listings), states(listings)) == ([["0", "1"], ["2", "3"], ["4"]], {"complete"})
    assert the_failure(listings) is None
    assert len(arxiv.requests) == 3


def test_tokens_are_percent_encoded_again_and_sent_alone(arxiv, client):
    arxiv.listings(client(), *DAYS)
    _, second, third = arxiv.requests
    assert second.params.keys() == third.params.keys() == {"verb", "resumptionToken"}
    assert "resumptionToken=verb%253DListRecords%2526metadataPrefix%253DarXiv" in second.raw
    assert second.raw.endswith("skip%253D2")
    assert third.raw.endswith("skip%253D4")


def same_papers(page):
    """The second page with the papers of the first, but its own token."""
    changes = (b"2603.00002", b"2603.00000"), (b"2603.00003", b"2603.00001"), (b"03-26<", b"03-25<")
    for old, new in changes:
        page = page.replace(old, new)
    return page


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (REPEAT, [["0", "1"], [], []]),
        (same_papers, [["0", "1"], [], []]),
        (lambda page: page.replace(b"skip%3D4", b"skip%3D2"), [["0", "1"], ["2", "3"], []]),
    ],
    ids=["page and token", "only the page", "only the token"],
)
def test_a_repeated_page_ends_the_harvest_and_all_days_are_partial(arxiv, client, fault, expected):
    arxiv.faults["oai", 2] = fault
    listings = arxiv.listings(client(), *DAYS)
    assert (ids(listings), states(listings)) == (expected, {"partial"})
    assert the_failure(listings).kind == "not-a-listing"
    assert "page 2" in the_failure(listings).message
    assert len(arxiv.requests) == 2


FAULTS = {
    "an error of the server": (lambda _: Response(status=500), "status"),
    "HTML": (lambda _: b"<html><body>Checking your browser</body></html>", "not-xml"),
    "half a page": (lambda page: page[: len(page) // 2], "not-xml"),
    "nothing": (lambda _: b"", "not-xml"),
    "an empty page": (lambda _: records(), "not-a-listing"),
    "a refusal": (lambda _: refused("badResumptionToken"), "refused"),
}


@pytest.mark.parametrize(("fault", "kind"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("page", [2, 3])
def test_a_failing_later_page_keeps_the_earlier_pages_and_all_days_are_partial(
    arxiv, client, page, fault, kind
):
    arxiv.faults["oai", page] = fault
    listings = arxiv.listings(client(), *DAYS)
    assert ids(listings) == ([["0", "1"], [], []] if page == 2 else [["0", "1"], ["2", "3"], []])
    assert states(listings) == {"partial"}
    assert the_failure(listings).kind == kind
    assert the_failure(listings).message.startswith(f"page {page}: ")
    assert the_failure(listings).source == "arxiv"


@pytest.mark.parametrize(("fault", "kind"), FAULTS.values(), ids=FAULTS)
def test_a_failing_first_page_is_an_error(arxiv, client, fault, kind):
    arxiv.faults["oai", 1] = fault
    with pytest.raises(SourceError) as caught:
        arxiv.listings(client(), *DAYS)
    assert (caught.value.source, caught.value.kind) == ("arxiv", kind)
    assert len(arxiv.requests) == 1


def test_a_week_without_records_is_quiet(arxiv, client):
    arxiv.papers = []
    listings = arxiv.listings(client(), *DAYS)
    assert (ids(listings), states(listings)) == ([[], [], []], {"quiet"})
    assert the_failure(listings) is None


def test_an_unusable_record_makes_all_days_partial(arxiv, client):
    arxiv.page = 500
    arxiv.faults["oai", 1] = lambda page: page.replace(b"<title>A Paper</title>", b"", 1)
    listings = arxiv.listings(client(), *DAYS)
    assert (ids(listings), states(listings)) == ([["1"], ["2", "3"], ["4"]], {"partial"})
    assert the_failure(listings) is None
    assert {listing.skipped for listing in listings} == {(("entry 1 (2603.00000)", "no title"),)}
