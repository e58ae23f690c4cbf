import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from pages import DAY, NOW, entry, numbered, page
from werkzeug import Response

from papertrack.errors import SourceError
from papertrack.models import Failure, Listing, Observation, PaperListing
from papertrack.sources import ListingRequest, StatusError
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings

PATH = "/api/daily_papers"
EARLIER = DAY - timedelta(days=1)


@pytest.fixture
def fetch(server, client):
    """Fetches a day, with the validator of an earlier response."""
    source, http = HuggingFace(HuggingFaceSettings(server.url_for(""))), client()

    def fetch_day(day=DAY, validator=None):
        request = ListingRequest((day,), validator=validator)
        (listing,) = source.listings(http, request, NOW)
        return listing

    return fetch_day


def serve(server, *bodies):
    """Respond to page p with the p-th body: bytes with 200, or a status; return the requests."""
    requests = []

    def respond(request):
        requests.append(dict(request.args))
        body = bodies[min(int(request.args["p"]), len(bodies) - 1)]
        return Response(body) if isinstance(body, bytes) else Response(status=body)

    server.expect_request(PATH).respond_with_handler(respond)
    return requests


def ids(listing):
    return [sighting.paper.id for sighting in listing.sightings]


def full(*firsts):
    """Pages of a hundred entries."""
    return [page(*numbered(first, 100)) for first in firsts]


def test_a_day_is_requested_with_the_largest_page_size(server, fetch):
    requests = serve(server, page(entry()), b"[]")
    listing = fetch()
    query = {"date": "2026-03-31", "limit": "100"}
    assert requests == [query | {"p": "0"}, query | {"p": "1"}]
    assert (listing.source, listing.day, listing.state) == ("huggingface", DAY, "complete")
    assert ids(listing) == ["2603.00001"]


def test_a_base_url_may_end_with_a_slash(server, client):
    serve(server, page(entry()))
    source = HuggingFace(HuggingFaceSettings(server.url_for("/")))
    (listing,) = source.listings(client(), ListingRequest((DAY,)), NOW)
    assert ids(listing) == ["2603.00001"]


def test_a_day_without_papers_is_quiet(server, fetch):
    serve(server, b"[]")
    assert fetch() == Listing("huggingface", DAY, "quiet")


def test_a_day_is_available_from_its_beginning_and_final_after_its_week_of_upvotes():
    source = HuggingFace(HuggingFaceSettings("http://127.0.0.1:9"))
    assert source.available_from(DAY) == datetime(2026, 3, 31, tzinfo=UTC)
    assert source.final_after(DAY) == datetime(2026, 4, 8, tzinfo=UTC)
    assert source.counted


def test_each_day_is_requested_by_itself():
    due = [(DAY, ""), (EARLIER, "")]
    requests = HuggingFace(HuggingFaceSettings("http://127.0.0.1:9")).requests(due, NOW)
    assert requests == [ListingRequest((DAY,)), ListingRequest((EARLIER,))]


# Pages


@pytest.mark.parametrize(
    ("sizes", "count"),
    [([99, 0], 2), ([100, 0], 2), ([100, 1], 2), ([100, 100, 99], 3), ([50, 50, 30], 3)],
)
def test_pages_are_requested_until_one_is_empty_or_shorter_than_the_others(
    server, fetch, sizes, count
):
    """A server may send fewer papers at once than requested."""
    starts = [1 + sum(sizes[:number]) for number in range(len(sizes))]
    bodies = [page(*numbered(start, size)) for start, size in zip(starts, sizes, strict=True)]
    requests = serve(server, *bodies)
    listing = fetch()
    assert [request["p"] for request in requests] == [str(number) for number in range(count)]
    assert (listing.state, listing.failure) == ("complete", None)
    assert [sighting.listed.rank for sighting in listing.sightings] == list(
        range(1, sum(sizes) + 1)
    )


def test_the_days_of_a_server_tell_together_how_long_its_pages_are(server, fetch):
    """So that not every day takes a request for an empty page."""
    requests = serve(server, page(*numbered(1, 30)), page(*numbered(31, 9)))
    assert len(ids(fetch())) == 39
    server.clear()
    requests = serve(server, page(*numbered(1, 29)), b"[]")
    assert len(ids(fetch())) == 29
    assert len(requests) == 1


def test_a_server_without_pages_lists_each_day_completely(server, fetch):
    requests = serve(server, page(*numbered(1, 30)))
    listing = fetch()
    assert (listing.state, len(listing.sightings), len(requests)) == ("complete", 30, 2)


@pytest.mark.parametrize("firsts", [(1, 1), (1, 101, 101), (1, 101, 1), (1, 101, 51)])
def test_a_repeated_page_ends_the_requests_and_is_missing(server, fetch, firsts):
    requests = serve(server, *full(*firsts), *full(901))
    listing = fetch()
    number = len(firsts)
    assert len(requests) == number
    assert (listing.state, len(listing.sightings)) == ("partial", 100 * (number - 1))
    message = f"page {number} of 2026-03-31: Hugging Face sent the same page twice"
    assert listing.failure == Failure("huggingface", "not-a-listing", message)


def test_a_paper_that_moves_to_the_next_page_counts_once(server, fetch):
    serve(server, page(*numbered(1, 100)), page(*numbered(100, 3)))
    listing = fetch()
    assert listing.state == "complete"
    assert ids(listing)[-3:] == ["2603.00100", "2603.00101", "2603.00102"]
    assert [sighting.listed.rank for sighting in listing.sightings][-3:] == [100, 102, 103]


@pytest.mark.parametrize("following", [(100, 1), (98, 3), (2, 100)])
def test_papers_that_move_to_the_next_page_are_not_a_repeated_page(server, fetch, following):
    """Whether all of a last page, or all but one of a full page."""
    first, count = following
    serve(server, page(*numbered(1, 100)), page(*numbered(first, count)), b"[]")
    listing = fetch()
    assert (listing.state, listing.failure) == ("complete", None)
    assert len(listing.sightings) == max(100, first + count - 1)


def test_endless_pages_are_abandoned_and_the_first_pages_are_stored(server, fetch):
    numbers = []

    def respond(request):
        numbers.append(int(request.args["p"]))
        return Response(page(*numbered(1 + 100 * numbers[-1], 100)))

    server.expect_request(PATH).respond_with_handler(respond)
    listing = fetch()
    assert numbers == list(range(20))
    assert (listing.state, len(listing.sightings)) == ("partial", 2000)
    message = "page 21 of 2026-03-31: Hugging Face lists more than 20 pages"
    assert listing.failure == Failure("huggingface", "not-a-listing", message)
    assert listing.skipped == ()


@pytest.mark.parametrize("pages", [1, 2])
@pytest.mark.parametrize(
    ("missing", "why"),
    [
        (404, ("status", "127.0.0.1 responded with status 404")),
        (b"<html>", ("not-json", "Hugging Face sent invalid JSON: '<html>'")),
        (b"{}", ("not-a-listing", "Hugging Face sent no list of papers: '{}'")),
        (
            page(*numbered(901, 9, EARLIER)),
            ("stale", "Hugging Face sent the papers of 2026-03-30 instead of 2026-03-31"),
        ),
    ],
    ids=["status", "html", "object", "stale"],
)
def test_a_failing_later_page_keeps_the_earlier_pages(server, fetch, pages, missing, why):
    requests = serve(server, *full(1, 101)[:pages], missing)
    listing = fetch()
    assert len(requests) == pages + 1
    assert (listing.state, len(listing.sightings)) == ("partial", 100 * pages)
    kind, reason = why
    message = f"page {pages + 1} of 2026-03-31: {reason}"
    assert listing.failure == Failure("huggingface", kind, message)
    assert listing.skipped == ()


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        (404, "status"),
        (b"<html>", "not-json"),
        (b"{}", "not-a-listing"),
        (page(*numbered(1, 9, EARLIER)), "stale"),
    ],
    ids=["status", "html", "object", "stale"],
)
def test_a_failing_first_page_is_an_error(server, fetch, first, kind):
    serve(server, first)
    with pytest.raises(SourceError) as caught:
        fetch()
    assert (caught.value.source, caught.value.kind) == ("huggingface", kind)


def test_a_server_that_ignores_the_date_has_no_past_days(server, fetch):
    serve(server, page(*numbered(1, 9)))
    assert fetch(DAY).state == "complete"
    with pytest.raises(SourceError) as caught:
        fetch(EARLIER)
    assert caught.value.kind == "stale"
    assert caught.value.what == "Hugging Face sent the papers of 2026-03-31 instead of 2026-03-30"


def test_a_day_with_an_unusable_entry_is_partial(server, fetch):
    serve(server, page(*numbered(1, 2), entry("no id")))
    listing = fetch()
    assert (listing.state, listing.failure) == ("partial", None)
    assert listing.skipped == (("entry 3 (no id)", "no arXiv id"),)


@pytest.mark.parametrize("days", [0, 1, 400])
def test_a_day_that_the_server_has_not_reached_is_not_yet(server, fetch, days):
    serve(server, 400)
    day = DAY + timedelta(days=days)
    with pytest.raises(SourceError) as caught:
        fetch(day)
    assert caught.value.kind == "not-yet"
    assert caught.value.what == f"Hugging Face does not list {day} yet"


def test_status_400_for_a_past_day_is_a_failure(server, fetch):
    serve(server, 400)
    with pytest.raises(SourceError) as caught:
        fetch(EARLIER)
    assert caught.value.kind == "status"


def test_another_status_for_today_does_not_count_as_not_yet(server, fetch):
    serve(server, 404)
    with pytest.raises(SourceError) as caught:
        fetch()
    assert caught.value.kind == "status"


# Validators


MODIFIED = "Tue, 31 Mar 2026 04:00:00 GMT"
VALIDATORS = [
    ('ETag: W/"abc"', "If-None-Match"),
    (f"Last-Modified: {MODIFIED}", "If-Modified-Since"),
]


@pytest.fixture
def serve_validator(server):
    """Serves pages with these validator headers and responds with "not modified" to them.

    Returns the page and the conditional headers of each request.
    """

    def start(headers, *bodies):
        conditions = []

        def respond(request):
            names = ("If-None-Match", "If-Modified-Since")
            sent = {name: request.headers[name] for name in names if request.headers.get(name)}
            number = int(request.args["p"])
            conditions.append((number, sent))
            if sent and set(sent.values()) <= set(headers.values()):
                return Response(status=304)
            return Response(bodies[number] if number < len(bodies) else b"[]", headers=headers)

        server.expect_request(PATH).respond_with_handler(respond)
        return conditions

    return start


@pytest.mark.parametrize(("validator", "condition"), VALIDATORS)
def test_a_day_that_is_not_modified_is_unchanged(fetch, serve_validator, validator, condition):
    name, _, value = validator.partition(": ")
    conditions = serve_validator({name: value}, page(entry()))
    first = fetch()
    assert (first.state, first.validator) == ("complete", validator)
    again = fetch(validator=first.validator)
    assert again == Listing("huggingface", DAY, "unchanged", validator=validator)
    assert conditions == [(0, {}), (1, {}), (0, {condition: value})]


@pytest.mark.parametrize(("validator", "condition"), VALIDATORS)
def test_a_modified_day_is_listed_completely_with_its_new_validator(
    fetch, serve_validator, validator, condition
):
    conditions = serve_validator({"ETag": "new"}, page(*numbered(1, 2)))
    listing = fetch(validator=validator)
    assert (listing.state, len(listing.sightings)) == ("complete", 2)
    assert listing.validator == "ETag: new"
    assert conditions == [(0, {condition: validator.partition(": ")[2]}), (1, {})]


def test_a_day_of_a_server_without_validators_has_no_validator(fetch, serve_validator):
    serve_validator({}, page(entry()))
    assert fetch().validator is None
    assert fetch(validator="ETag: old").validator is None


@pytest.mark.parametrize(
    ("body", "state"),
    [
        (b"[]", "quiet"),
        (page(*numbered(1, 99)), "complete"),
        (page(entry(), entry("x"), entry("2603.00002")), "partial"),
    ],
    ids=["quiet", "99", "partial"],
)
def test_a_listing_of_one_page_has_its_validator(fetch, serve_validator, body, state):
    serve_validator({"ETag": "abc"}, body)
    listing = fetch()
    assert (listing.state, listing.validator) == (state, "ETag: abc")


@pytest.mark.parametrize(
    ("second", "state"),
    [
        (b"[]", "complete"),
        (page(*numbered(101, 9)), "complete"),
        (page(*numbered(1, 100)), "partial"),
        (b"<html>", "partial"),
    ],
    ids=["empty", "more", "repeated", "html"],
)
def test_a_listing_of_several_pages_has_no_validator(fetch, serve_validator, second, state):
    conditions = serve_validator({"ETag": "abc"}, page(*numbered(1, 100)), second)
    listing = fetch(validator="ETag: old")
    assert (listing.state, listing.validator) == (state, None)
    assert conditions == [(0, {"If-None-Match": "old"}), (1, {})], (
        "only the first request is conditional"
    )


# Single papers


@pytest.fixture
def papers(server, client):
    """Fetches papers from a server with these responses by id: an object, bytes or a status.

    Other ids are 404. Returns the requested ids and the sightings.
    """

    def start(responses, *ids):
        requested = []

        def respond(request):
            requested.append(request.path.removeprefix("/api/papers/"))
            body = responses.get(requested[-1], 404)
            if isinstance(body, int):
                return Response(status=body)
            return Response(body if isinstance(body, bytes) else json.dumps(body))

        server.expect_request(re.compile("/api/papers/.+")).respond_with_handler(respond)
        source = HuggingFace(HuggingFaceSettings(server.url_for("/")))
        return requested, source.papers(client(), ids, NOW)

    return start


def single(paper_id, **changed):
    """The response of the API about a single paper."""
    return entry(paper_id, paper=changed)["paper"]


def test_papers_are_requested_one_by_one_with_their_counts_and_listing_day(papers):
    responses = {
        f"2603.0000{number}": single(f"2603.0000{number}", upvotes=number) for number in (1, 2)
    }
    requested, sightings = papers(responses, "2603.00002", "2603.00001")
    assert (
        requested == [sighting.paper.id for sighting in sightings] == ["2603.00002", "2603.00001"]
    )
    assert [sighting.observations for sighting in sightings] == [
        (Observation(NOW, upvotes, None, 70),) for upvotes in (2, 1)
    ]
    assert {(sighting.source, sighting.seen, sighting.listed) for sighting in sightings} == {
        ("huggingface", NOW, PaperListing("huggingface", DAY))
    }


def test_a_paper_that_the_service_does_not_have_is_left_out(papers):
    responses = {"2603.00002": single("2603.00002")}
    requested, sightings = papers(responses, "2603.00001", "2603.00002")
    assert requested == ["2603.00001", "2603.00002"]
    assert [sighting.paper.id for sighting in sightings] == ["2603.00002"]


def test_papers_of_another_namespace_are_not_requested(papers):
    assert papers({}, "cran:12", "doi:10.1101/2603.00001", "nonsense") == ([], [])


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (400, "status"),
        (403, "status"),
        (500, "status"),
        (b"<html>", "not-json"),
        ([], "not-a-listing"),
    ],
)
def test_another_failure_of_a_paper_is_not_an_unknown_paper(papers, body, kind):
    with pytest.raises(SourceError) as caught:
        papers({"2603.00001": body}, "2603.00001")
    assert (caught.value.source, caught.value.kind) == ("huggingface", kind)
    assert isinstance(caught.value, StatusError) == (kind == "status")


def test_a_response_about_another_paper_is_an_error(papers):
    with pytest.raises(SourceError) as caught:
        papers({"2603.00001": single("2603.99999")}, "2603.00001")
    assert caught.value.kind == "not-a-listing"
    assert "2603.99999 instead of 2603.00001" in caught.value.what


def test_status_400_for_a_later_page_of_today_is_a_failure_and_not_not_yet(server, fetch):
    serve(server, *full(1, 101)[:1], 400)
    listing = fetch()
    assert (listing.state, listing.failure.kind) == ("partial", "status")
