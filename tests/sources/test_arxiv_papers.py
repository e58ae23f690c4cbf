"""Single papers of arXiv by their ids."""

from datetime import UTC, datetime

import pytest
from arxiv_service import Kept, Service, api_page, error_entry
from werkzeug import Response

from papertrack.errors import SourceError

pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def arxiv(server):
    return Service(server)


@pytest.fixture
def papers(arxiv, client):
    """Asks for papers, in a source that watches nothing."""
    source, one = arxiv.source(), client()
    return lambda *ids: source.papers(one, ids, arxiv.now.astimezone(UTC))


def ids(sightings):
    return [one.paper.id for one in sightings]


FORMS = ("2603.00001", "0704.0001", "hep-th/9901001", "math/0309136", "1412.9999")


def test_ids_of_every_age_are_found_in_one_request(arxiv, papers):
    arxiv.papers = [Kept(one) for one in FORMS]
    assert ids(papers(*FORMS)) == list(FORMS)
    (asked,) = arxiv.to("api")
    assert asked.params["id_list"] == ",".join(FORMS)


def test_papers_come_in_their_latest_version_and_without_a_listing(arxiv, papers):
    arxiv.papers = [Kept("2603.00001", version=3, submitted="2026-03-01T12:00:00Z")]
    (one,) = papers("2603.00001")
    assert (one.source, one.listed, one.paper.version) == ("arxiv", None, 3)
    assert one.paper.submitted == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert one.paper.announced is None, "the API does not tell"
    assert one.seen == arxiv.now


def test_unknown_ids_are_left_out(arxiv, papers):
    arxiv.papers = [Kept("2603.00001")]
    assert ids(papers("2603.00002", "2603.00001")) == ["2603.00001"]
    assert papers("2603.00002") == []


def test_ids_of_others_are_not_asked_for(arxiv, papers):
    arxiv.papers = [Kept("2603.00001")]
    assert ids(papers("cran:12", "2603.00001", "doi:10.1101/2026.01.01")) == ["2603.00001"]
    assert papers("cran:12") == papers() == []
    assert [one.params["id_list"] for one in arxiv.asked] == ["2603.00001"]


def test_an_id_is_asked_for_once(arxiv, papers):
    arxiv.papers = [Kept("2603.00001")]
    assert ids(papers("2603.00001", "2603.00001")) == ["2603.00001"]
    assert arxiv.asked[0].params["id_list"] == "2603.00001"


def test_many_ids_are_asked_for_a_hundred_at_a_time(arxiv, papers):
    many = [f"2603.{number:05}" for number in range(1, 251)]
    arxiv.papers = [Kept(one) for one in many]
    assert ids(papers(*many)) == many
    assert [len(one.params["id_list"].split(",")) for one in arxiv.asked] == [100, 100, 50]
    assert [one.params["max_results"] for one in arxiv.asked] == ["100", "100", "50"]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error_entry("incorrect id format for abc"), "refused"),
        (error_entry("incorrect id format for abc", 400), "refused"),
        (Response("Rate exceeded.", 403), "status"),
        (b"<html></html>", "not-xml"),
    ],
    ids=["an error entry", "an error entry with its status", "a refusal", "HTML"],
)
def test_an_error_is_no_unknown_paper(arxiv, papers, reply, kind):
    arxiv.faults["api", 1] = reply
    with pytest.raises(SourceError) as caught:
        papers("2603.00001")
    assert (caught.value.source, caught.value.kind) == ("arxiv", kind)


def test_an_answer_that_is_empty_by_mistake_is_asked_for_again(arxiv, papers):
    arxiv.papers = [Kept("2603.00001")]
    arxiv.faults["api", 1] = api_page(total=1)
    assert ids(papers("2603.00001")) == ["2603.00001"]


def test_an_answer_that_stays_empty_is_no_unknown_paper(arxiv, papers):
    arxiv.faults |= {("api", number): api_page(total=1) for number in (1, 2, 3)}
    with pytest.raises(SourceError) as caught:
        papers("2603.00001")
    assert caught.value.kind == "not-a-listing"


def test_after_a_short_answer_the_rest_is_asked_for(arxiv, papers):
    arxiv.page = 2
    arxiv.papers = [Kept(one) for one in FORMS]
    assert sorted(ids(papers(*FORMS))) == sorted(FORMS)
