from datetime import timedelta

import pytest
from pages import DAY, NOW, entry, numbered, page
from werkzeug import Response

from papertrack.errors import SourceError
from papertrack.sources.huggingface import HuggingFace

PATH = "/api/daily_papers"


@pytest.fixture
def ask(server, client):
    """Asks for a day of the test's server."""
    source, one = HuggingFace(server.url_for("")), client()
    return lambda day=DAY: source.listing(one, day, NOW)


def serve(server, *bodies):
    """Answers page p with the p-th body; bytes with 200, a number as a status."""
    asked = []

    def answer(request):
        asked.append(dict(request.args))
        body = bodies[min(int(request.args["p"]), len(bodies) - 1)]
        return Response(body) if isinstance(body, bytes) else Response(status=body)

    server.expect_request(PATH).respond_with_handler(answer)
    return asked


def ids(listing):
    return [one.paper.id for one in listing.sightings]


def test_a_day_is_asked_for_with_the_largest_page(server, ask):
    asked = serve(server, page(entry()))
    listing = ask()
    assert asked == [{"date": "2026-03-31", "limit": "100", "p": "0"}]
    assert (listing.source, listing.day, listing.state) == ("huggingface", DAY, "complete")
    assert ids(listing) == ["2603.00001"]


def test_a_base_url_may_end_with_a_slash(server, client):
    serve(server, page(entry()))
    source = HuggingFace(server.url_for("/"))
    assert ids(source.listing(client(), DAY, NOW)) == ["2603.00001"]


def test_a_day_without_papers_is_quiet(server, ask):
    serve(server, b"[]")
    assert ask() == ("huggingface", DAY, "quiet", (), ())


@pytest.mark.parametrize(
    ("sizes", "requests"), [([99], 1), ([100, 0], 2), ([100, 1], 2), ([100, 100, 99], 3)]
)
def test_pages_are_asked_for_until_one_is_not_full(server, ask, sizes, requests):
    starts = [1 + sum(sizes[:number]) for number in range(len(sizes))]
    bodies = [page(*numbered(start, size)) for start, size in zip(starts, sizes, strict=True)]
    asked = serve(server, *bodies)
    listing = ask()
    assert len(asked) == requests
    assert listing.state == "complete"
    assert [one.listed.rank for one in listing.sightings] == list(range(1, sum(sizes) + 1))


def test_a_server_that_repeats_its_page_is_asked_twice(server, ask):
    asked = serve(server, page(*numbered(1, 100)))
    listing = ask()
    assert len(asked) == 2
    assert (listing.state, len(listing.sightings)) == ("complete", 100)


def test_a_paper_that_slides_to_the_next_page_counts_once(server, ask):
    serve(server, page(*numbered(1, 100)), page(*numbered(100, 3)))
    listing = ask()
    assert ids(listing)[-3:] == ["2603.00100", "2603.00101", "2603.00102"]
    assert [one.listed.rank for one in listing.sightings][-3:] == [100, 102, 103]


def test_pages_without_end_are_given_up_and_what_came_is_kept(server, ask):
    asked = []

    def answer(request):
        asked.append(int(request.args["p"]))
        return Response(page(*numbered(1 + 100 * asked[-1], 100)))

    server.expect_request(PATH).respond_with_handler(answer)
    listing = ask()
    assert asked == list(range(20))
    assert (listing.state, len(listing.sightings)) == ("partial", 2000)
    assert listing.skipped == (("page 21", "Hugging Face lists more than 20 pages"),)


@pytest.mark.parametrize("second", [404, b"<html>", b"{}"])
def test_when_a_later_page_fails_what_came_is_kept(server, ask, second):
    serve(server, page(*numbered(1, 100)), second)
    listing = ask()
    assert (listing.state, len(listing.sightings)) == ("partial", 100)
    (missing,) = listing.skipped
    assert missing.where == "page 2"
    assert missing.reason


@pytest.mark.parametrize(
    ("first", "kind"), [(404, "status"), (b"<html>", "not-json"), (b"{}", "not-a-listing")]
)
def test_when_the_first_page_fails_there_is_no_listing(server, ask, first, kind):
    serve(server, first)
    with pytest.raises(SourceError) as caught:
        ask()
    assert (caught.value.source, caught.value.kind) == ("huggingface", kind)


def test_a_day_with_an_entry_without_use_is_partial(server, ask):
    serve(server, page(*numbered(1, 2), entry("no id")))
    listing = ask()
    assert listing.state == "partial"
    assert listing.skipped == (("entry 3 (no id)", "no arXiv id"),)


@pytest.mark.parametrize("days", [0, 1, 400])
def test_a_day_that_the_server_has_not_reached_is_not_yet(server, ask, days):
    serve(server, 400)
    with pytest.raises(SourceError) as caught:
        ask(DAY + timedelta(days=days))
    assert caught.value.kind == "not-yet"


def test_a_past_day_that_the_server_refuses_is_a_failure(server, ask):
    serve(server, 400)
    with pytest.raises(SourceError) as caught:
        ask(DAY - timedelta(days=1))
    assert caught.value.kind == "status"


def test_another_failure_of_today_is_not_taken_for_not_yet(server, ask):
    serve(server, 404)
    with pytest.raises(SourceError) as caught:
        ask()
    assert caught.value.kind == "status"
