"""Past days of arXiv out of the pages of OAI-PMH."""

import pytest
from arxiv_pages import oai, records
from arxiv_service import AGAIN, Kept, Service
from werkzeug import Response

from papertrack.errors import SourceError

DAYS = ("2026-03-25", "2026-03-26", "2026-03-27")

pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def arxiv(server):
    """Five papers on three days, on pages of two."""
    service = Service(server)
    service.page = 2
    service.papers = [Kept(f"2603.0000{number}", DAYS[number // 2]) for number in range(5)]
    return service


def ids(told):
    return [[one.paper.id[-1] for one in listing.sightings] for listing in told]


def states(told):
    return {one.state for one in told}


def the_failure(told):
    """What all days failed in."""
    (failure,) = {one.failure for one in told}
    return failure


def refused(code):
    return oai(f'<error code="{code}">No.</error>')


def test_pages_are_followed_to_the_last(arxiv, client):
    told = arxiv.listings(client(), *DAYS)
    assert (ids(told), states(told)) == ([["0", "1"], ["2", "3"], ["4"]], {"complete"})
    assert the_failure(told) is None
    assert len(arxiv.asked) == 3


def test_tokens_are_percent_encoded_again_and_sent_alone(arxiv, client):
    arxiv.listings(client(), *DAYS)
    _, second, third = arxiv.asked
    assert second.params.keys() == third.params.keys() == {"verb", "resumptionToken"}
    assert "resumptionToken=verb%253DListRecords%2526metadataPrefix%253DarXiv" in second.raw
    assert second.raw.endswith("skip%253D2")
    assert third.raw.endswith("skip%253D4")


def same_papers(page):
    """The second page with the papers of the first, and with the token of its own."""
    changes = (b"2603.00002", b"2603.00000"), (b"2603.00003", b"2603.00001"), (b"03-26<", b"03-25<")
    for one, other in changes:
        page = page.replace(one, other)
    return page


@pytest.mark.parametrize(
    ("fault", "came"),
    [
        (AGAIN, [["0", "1"], [], []]),
        (same_papers, [["0", "1"], [], []]),
        (lambda page: page.replace(b"skip%3D4", b"skip%3D2"), [["0", "1"], ["2", "3"], []]),
    ],
    ids=["page and token", "only the page", "only the token"],
)
def test_what_comes_twice_ends_it_and_all_days_are_partial(arxiv, client, fault, came):
    arxiv.faults["oai", 2] = fault
    told = arxiv.listings(client(), *DAYS)
    assert (ids(told), states(told)) == (came, {"partial"})
    assert the_failure(told).kind == "not-a-listing"
    assert "page 2" in the_failure(told).message
    assert len(arxiv.asked) == 2


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
def test_when_a_later_page_fails_what_came_is_kept_and_all_days_are_partial(
    arxiv, client, page, fault, kind
):
    arxiv.faults["oai", page] = fault
    told = arxiv.listings(client(), *DAYS)
    assert ids(told) == ([["0", "1"], [], []] if page == 2 else [["0", "1"], ["2", "3"], []])
    assert states(told) == {"partial"}
    assert the_failure(told).kind == kind
    assert the_failure(told).message.startswith(f"page {page}: ")
    assert the_failure(told).source == "arxiv"


@pytest.mark.parametrize(("fault", "kind"), FAULTS.values(), ids=FAULTS)
def test_when_the_first_page_fails_there_are_no_listings(arxiv, client, fault, kind):
    arxiv.faults["oai", 1] = fault
    with pytest.raises(SourceError) as caught:
        arxiv.listings(client(), *DAYS)
    assert (caught.value.source, caught.value.kind) == ("arxiv", kind)
    assert len(arxiv.asked) == 1


def test_a_week_of_which_arxiv_has_no_records_is_quiet(arxiv, client):
    arxiv.papers = []
    told = arxiv.listings(client(), *DAYS)
    assert (ids(told), states(told)) == ([[], [], []], {"quiet"})
    assert the_failure(told) is None


def test_a_record_without_use_makes_each_day_partial_that_it_may_be_of(arxiv, client):
    arxiv.page = 500
    arxiv.faults["oai", 1] = lambda page: page.replace(b"<title>A Paper</title>", b"", 1)
    told = arxiv.listings(client(), *DAYS)
    assert (ids(told), states(told)) == ([["1"], ["2", "3"], ["4"]], {"partial"})
    assert the_failure(told) is None
    assert {one.skipped for one in told} == {(("entry 1 (2603.00000)", "no title"),)}
