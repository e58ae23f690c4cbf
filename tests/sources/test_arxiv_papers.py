"""Single papers of arXiv by their ids."""

from datetime import UTC, datetime

import pytest
from arxiv_service import ArxivServer, StoredPaper, api_page, error_entry
from werkzeug import Response

from papertrack.errors import SourceError

pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def arxiv(server):
    return ArxivServer(server)


@pytest.fixture
def papers(arxiv, client):
    """Fetches papers, with a source without categories."""
    source, http = arxiv.source(), client()
    return lambda *ids: source.papers(http, ids, arxiv.now.astimezone(UTC))


def ids(sightings):
    return [sighting.paper.id for sighting in sightings]


FORMS = ("2603.00001", "0704.0001", "hep-th/9901001", "math/0309136", "1412.9999")


def test_ids_of_every_form_are_fetched_in_one_request(arxiv, papers):
    arxiv.papers = [StoredPaper(paper_id) for paper_id in FORMS]
    assert ids(papers(*FORMS)) == list(FORMS)
    (request,) = arxiv.requests_to("api")
    assert request.params["id_list"] == ",".join(FORMS)


def test_papers_have_their_latest_version_and_no_listing(arxiv, papers):
    arxiv.papers = [StoredPaper("2603.00001", version=3, submitted="2026-03-01T12:00:00Z")]
    (sighting,) = papers("2603.00001")
    assert (sighting.source, sighting.listed, sighting.paper.version) == ("arxiv", None, 3)
    assert sighting.paper.submitted == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert sighting.paper.announced is None, "the API does not have it"
    assert sighting.seen == arxiv.now


def test_unknown_ids_are_left_out(arxiv, papers):
    arxiv.papers = [StoredPaper("2603.00001")]
    assert ids(papers("2603.00002", "2603.00001")) == ["2603.00001"]
    assert papers("2603.00002") == []


def test_ids_of_other_namespaces_are_not_requested(arxiv, papers):
    arxiv.papers = [StoredPaper("2603.00001")]
    assert ids(papers("cran:12", "2603.00001", "doi:10.1101/2026.01.01")) == ["2603.00001"]
    assert papers("cran:12") == papers() == []
    assert [request.params["id_list"] for request in arxiv.requests] == ["2603.00001"]


def test_an_id_is_requested_once(arxiv, papers):
    arxiv.papers = [StoredPaper("2603.00001")]
    assert ids(papers("2603.00001", "2603.00001")) == ["2603.00001"]
    assert arxiv.requests[0].params["id_list"] == "2603.00001"


def test_many_ids_are_requested_a_hundred_at_a_time(arxiv, papers):
    many = [f"2603.{number:05}" for number in range(1, 251)]
    arxiv.papers = [StoredPaper(paper_id) for paper_id in many]
    assert ids(papers(*many)) == many
    assert [len(request.params["id_list"].split(",")) for request in arxiv.requests] == [
        100,
        100,
        50,
    ]
    assert [request.params["max_results"] for request in arxiv.requests] == ["100", "100", "50"]


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (error_entry("incorrect id format for abc"), "refused"),
        (error_entry("incorrect id format for abc", 400), "refused"),
        (Response("Rate exceeded.", 403), "status"),
        (b"<html></html>", "not-xml"),
    ],
    ids=["an error entry", "an error entry with its status", "a refusal", "HTML"],
)
def test_an_error_is_not_an_unknown_paper(arxiv, papers, response, kind):
    arxiv.faults["api", 1] = response
    with pytest.raises(SourceError) as caught:
        papers("2603.00001")
    assert (caught.value.source, caught.value.kind) == ("arxiv", kind)


def test_a_response_that_is_empty_by_mistake_is_requested_again(arxiv, papers):
    arxiv.papers = [StoredPaper("2603.00001")]
    arxiv.faults["api", 1] = api_page(total=1)
    assert ids(papers("2603.00001")) == ["2603.00001"]


def test_a_response_that_stays_empty_is_not_an_unknown_paper(arxiv, papers):
    arxiv.faults |= {("api", number): api_page(total=1) for number in (1, 2, 3)}
    with pytest.raises(SourceError) as caught:
        papers("2603.00001")
    assert caught.value.kind == "not-a-listing"


def test_the_rest_of_a_short_response_is_requested(arxiv, papers):
    arxiv.page = 2
    arxiv.papers = [StoredPaper(paper_id) for paper_id in FORMS]
    assert sorted(ids(papers(*FORMS))) == sorted(FORMS)
