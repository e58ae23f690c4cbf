import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from pages import DAY, NOW, entry, numbered, page
from werkzeug import Response

from papertrack.errors import SourceError
from papertrack.models import Failure, Listed, Listing, Observation
from papertrack.sources import ListingRequest, StatusError
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings

PATH = "/api/daily_papers"
EARLIER = DAY - timedelta(days=1)


@pytest.fixture
def ask(server, client):
    """Asks for a day of the test's server, which may be known under a validator."""
    source, one = HuggingFace(HuggingFaceSettings(server.url_for(""))), client()

    def listing(day=DAY, validator=None):
        (found,) = source.listings(one, ListingRequest((day,), validator=validator), NOW)
        return found

    return listing


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


def full(*firsts):
    """Pages of a hundred entries."""
    return [page(*numbered(first, 100)) for first in firsts]


def test_a_day_is_asked_for_with_the_largest_page(server, ask):
    asked = serve(server, page(entry()))
    listing = ask()
    assert asked == [{"date": "2026-03-31", "limit": "100", "p": "0"}]
    assert (listing.source, listing.day, listing.state) == ("huggingface", DAY, "complete")
    assert ids(listing) == ["2603.00001"]


def test_a_base_url_may_end_with_a_slash(server, client):
    serve(server, page(entry()))
    source = HuggingFace(HuggingFaceSettings(server.url_for("/")))
    (listing,) = source.listings(client(), ListingRequest((DAY,)), NOW)
    assert ids(listing) == ["2603.00001"]


def test_a_day_without_papers_is_quiet(server, ask):
    serve(server, b"[]")
    assert ask() == Listing("huggingface", DAY, "quiet")


def test_a_day_can_be_had_from_its_beginning_and_settles_after_the_week_in_which_it_gains():
    source = HuggingFace(HuggingFaceSettings("http://127.0.0.1:9"))
    assert source.available_from(DAY) == datetime(2026, 3, 31, tzinfo=UTC)
    assert source.final_after(DAY) == datetime(2026, 4, 8, tzinfo=UTC)
    assert source.counted


def test_each_day_is_asked_for_by_itself():
    wanted = [(DAY, ""), (EARLIER, "")]
    asks = HuggingFace(HuggingFaceSettings("http://127.0.0.1:9")).requests(wanted, NOW)
    assert asks == [ListingRequest((DAY,)), ListingRequest((EARLIER,))]


# Pages


@pytest.mark.parametrize(
    ("sizes", "requests"), [([99], 1), ([100, 0], 2), ([100, 1], 2), ([100, 100, 99], 3)]
)
def test_pages_are_asked_for_until_one_is_not_full(server, ask, sizes, requests):
    starts = [1 + sum(sizes[:number]) for number in range(len(sizes))]
    bodies = [page(*numbered(start, size)) for start, size in zip(starts, sizes, strict=True)]
    asked = serve(server, *bodies)
    listing = ask()
    assert [one["p"] for one in asked] == [str(number) for number in range(requests)]
    assert (listing.state, listing.failure) == ("complete", None)
    assert [one.listed.rank for one in listing.sightings] == list(range(1, sum(sizes) + 1))


@pytest.mark.parametrize("firsts", [(1, 1), (1, 101, 101), (1, 101, 1), (1, 101, 51)])
def test_a_page_that_repeats_what_came_ends_the_asking_and_is_missing(server, ask, firsts):
    asked = serve(server, *full(*firsts), *full(901))
    listing = ask()
    number = len(firsts)
    assert len(asked) == number
    assert (listing.state, len(listing.sightings)) == ("partial", 100 * (number - 1))
    message = f"page {number} of 2026-03-31: Hugging Face sent the same page twice"
    assert listing.failure == Failure("huggingface", "not-a-listing", message)


def test_a_paper_that_slides_to_the_next_page_counts_once(server, ask):
    serve(server, page(*numbered(1, 100)), page(*numbered(100, 3)))
    listing = ask()
    assert listing.state == "complete"
    assert ids(listing)[-3:] == ["2603.00100", "2603.00101", "2603.00102"]
    assert [one.listed.rank for one in listing.sightings][-3:] == [100, 102, 103]


@pytest.mark.parametrize("following", [(100, 1), (98, 3), (2, 100)])
def test_papers_that_slide_to_the_next_page_are_no_repeated_page(server, ask, following):
    """Be it all of a last page, or all but one of a full page."""
    first, count = following
    serve(server, page(*numbered(1, 100)), page(*numbered(first, count)), b"[]")
    listing = ask()
    assert (listing.state, listing.failure) == ("complete", None)
    assert len(listing.sightings) == max(100, first + count - 1)


def test_pages_without_end_are_given_up_and_what_came_is_kept(server, ask):
    asked = []

    def answer(request):
        asked.append(int(request.args["p"]))
        return Response(page(*numbered(1 + 100 * asked[-1], 100)))

    server.expect_request(PATH).respond_with_handler(answer)
    listing = ask()
    assert asked == list(range(20))
    assert (listing.state, len(listing.sightings)) == ("partial", 2000)
    message = "page 21 of 2026-03-31: Hugging Face lists more than 20 pages"
    assert listing.failure == Failure("huggingface", "not-a-listing", message)
    assert listing.skipped == ()


@pytest.mark.parametrize("pages", [1, 2])
@pytest.mark.parametrize(
    ("missing", "why"),
    [
        (404, ("status", "127.0.0.1 answered 404")),
        (b"<html>", ("not-json", "Hugging Face sent no JSON but '<html>'")),
        (b"{}", ("not-a-listing", "Hugging Face sent no list of papers but '{}'")),
        (
            page(*numbered(901, 9, EARLIER)),
            ("stale", "Hugging Face sent the papers of 2026-03-30 for 2026-03-31"),
        ),
    ],
    ids=["status", "html", "object", "stale"],
)
def test_when_a_later_page_fails_what_came_is_kept(server, ask, pages, missing, why):
    asked = serve(server, *full(1, 101)[:pages], missing)
    listing = ask()
    assert len(asked) == pages + 1
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
def test_when_the_first_page_fails_there_is_no_listing(server, ask, first, kind):
    serve(server, first)
    with pytest.raises(SourceError) as caught:
        ask()
    assert (caught.value.source, caught.value.kind) == ("huggingface", kind)


def test_a_server_that_takes_no_notice_of_the_day_has_no_past_days(server, ask):
    serve(server, page(*numbered(1, 9)))
    assert ask(DAY).state == "complete"
    with pytest.raises(SourceError) as caught:
        ask(EARLIER)
    assert caught.value.kind == "stale"
    assert caught.value.what == "Hugging Face sent the papers of 2026-03-31 for 2026-03-30"


def test_a_day_with_an_entry_without_use_is_partial(server, ask):
    serve(server, page(*numbered(1, 2), entry("no id")))
    listing = ask()
    assert (listing.state, listing.failure) == ("partial", None)
    assert listing.skipped == (("entry 3 (no id)", "no arXiv id"),)


@pytest.mark.parametrize("days", [0, 1, 400])
def test_a_day_that_the_server_has_not_reached_is_not_yet(server, ask, days):
    serve(server, 400)
    day = DAY + timedelta(days=days)
    with pytest.raises(SourceError) as caught:
        ask(day)
    assert caught.value.kind == "not-yet"
    assert caught.value.what == f"Hugging Face has not begun {day} yet"


def test_a_past_day_that_the_server_refuses_is_a_failure(server, ask):
    serve(server, 400)
    with pytest.raises(SourceError) as caught:
        ask(EARLIER)
    assert caught.value.kind == "status"


def test_another_failure_of_today_is_not_taken_for_not_yet(server, ask):
    serve(server, 404)
    with pytest.raises(SourceError) as caught:
        ask()
    assert caught.value.kind == "status"


# Validators


MODIFIED = "Tue, 31 Mar 2026 04:00:00 GMT"
KNOWN = [('ETag: W/"abc"', "If-None-Match"), (f"Last-Modified: {MODIFIED}", "If-Modified-Since")]


@pytest.fixture
def remembering(server):
    """Names its first page as `headers` say, and knows it again by that name; the conditions
    under which its pages were asked for.
    """

    def start(headers, *bodies):
        conditions = []

        def answer(request):
            named = {
                key: request.headers.get(key) for key in ("If-None-Match", "If-Modified-Since")
            }
            said = {key: value for key, value in named.items() if value}
            number = int(request.args["p"])
            conditions.append((number, said))
            if said and set(said.values()) <= set(headers.values()):
                return Response(status=304)
            return Response(bodies[number], headers=headers)

        server.expect_request(PATH).respond_with_handler(answer)
        return conditions

    return start


@pytest.mark.parametrize(("validator", "condition"), KNOWN)
def test_a_day_that_did_not_change_since_it_was_asked_for_is_unchanged(
    ask, remembering, validator, condition
):
    name, _, value = validator.partition(": ")
    conditions = remembering({name: value}, page(entry()))
    first = ask()
    assert (first.state, first.validator) == ("complete", validator)
    again = ask(validator=first.validator)
    assert again == Listing("huggingface", DAY, "unchanged", validator=validator)
    assert conditions == [(0, {}), (0, {condition: value})]


@pytest.mark.parametrize(("validator", "condition"), KNOWN)
def test_a_day_that_changed_comes_whole_with_its_new_validator(
    ask, remembering, validator, condition
):
    conditions = remembering({"ETag": "new"}, page(*numbered(1, 2)))
    listing = ask(validator=validator)
    assert (listing.state, len(listing.sightings)) == ("complete", 2)
    assert listing.validator == "ETag: new"
    assert conditions == [(0, {condition: validator.partition(": ")[2]})]


def test_a_day_of_a_server_that_names_none_has_no_validator(ask, remembering):
    remembering({}, page(entry()))
    assert ask().validator is None
    assert ask(validator="ETag: old").validator is None


@pytest.mark.parametrize(
    ("body", "state"),
    [(b"[]", "quiet"), (page(*numbered(1, 99)), "complete"), (page(entry(), entry()), "partial")],
    ids=["quiet", "99", "partial"],
)
def test_a_listing_of_one_page_keeps_its_validator(ask, remembering, body, state):
    remembering({"ETag": "abc"}, body)
    listing = ask()
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
def test_the_validator_of_a_first_page_stands_for_no_listing_of_several(
    ask, remembering, second, state
):
    conditions = remembering({"ETag": "abc"}, page(*numbered(1, 100)), second)
    listing = ask(validator="ETag: old")
    assert (listing.state, listing.validator) == (state, None)
    assert conditions == [(0, {"If-None-Match": "old"}), (1, {})], "only the first may be unchanged"


# Single papers


@pytest.fixture
def papers(server, client):
    """Asks the test's server for papers, each answered with what is under its id: an object, bytes
    or a status; 404 where it is not there. What was asked for, and what came.
    """

    def start(known, *ids):
        asked = []

        def answer(request):
            asked.append(request.path.removeprefix("/api/papers/"))
            said = known.get(asked[-1], 404)
            if isinstance(said, int):
                return Response(status=said)
            return Response(said if isinstance(said, bytes) else json.dumps(said))

        server.expect_request(re.compile("/api/papers/.+")).respond_with_handler(answer)
        return asked, HuggingFace(HuggingFaceSettings(server.url_for("/"))).papers(
            client(), ids, NOW
        )

    return start


def alone(paper_id, **changed):
    """What the API says of one paper alone."""
    return entry(paper_id, paper=changed)["paper"]


def test_papers_are_asked_for_one_by_one_and_keep_their_counts_and_listing_day(papers):
    known = {f"2603.0000{number}": alone(f"2603.0000{number}", upvotes=number) for number in (1, 2)}
    asked, found = papers(known, "2603.00002", "2603.00001")
    assert asked == [one.paper.id for one in found] == ["2603.00002", "2603.00001"]
    assert [one.observations for one in found] == [
        (Observation(NOW, upvotes, None, 70),) for upvotes in (2, 1)
    ]
    assert {(one.source, one.seen, one.listed) for one in found} == {
        ("huggingface", NOW, Listed("huggingface", DAY))
    }


def test_a_paper_that_the_service_does_not_know_is_left_out(papers):
    asked, found = papers({"2603.00002": alone("2603.00002")}, "2603.00001", "2603.00002")
    assert asked == ["2603.00001", "2603.00002"]
    assert [one.paper.id for one in found] == ["2603.00002"]


def test_papers_of_another_namespace_are_not_asked_for(papers):
    assert papers({}, "cran:12", "doi:10.1101/2603.00001", "nonsense") == ([], [])


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (400, "status"),
        (403, "status"),
        (500, "status"),
        (b"<html>", "not-json"),
        ([], "not-a-listing"),
    ],
)
def test_another_failure_of_a_paper_is_not_taken_for_one_that_is_not_known(papers, said, kind):
    with pytest.raises(SourceError) as caught:
        papers({"2603.00001": said}, "2603.00001")
    assert (caught.value.source, caught.value.kind) == ("huggingface", kind)
    assert isinstance(caught.value, StatusError) == (kind == "status")


def test_a_paper_that_was_not_asked_for_is_not_taken_for_the_one_that_was(papers):
    with pytest.raises(SourceError) as caught:
        papers({"2603.00001": alone("2603.99999")}, "2603.00001")
    assert caught.value.kind == "not-a-listing"
    assert "2603.99999 for 2603.00001" in caught.value.what


def test_a_later_page_of_today_that_is_refused_is_a_failure_and_not_a_day_to_come(server, ask):
    serve(server, *full(1, 101)[:1], 400)
    listing = ask()
    assert (listing.state, listing.failure.kind) == ("partial", "status")
