"""Which of arXiv's services is requested for which day, and the listings that result."""

from datetime import UTC, date, datetime, timedelta

import pytest
from arxiv_service import ArxivServer, StoredPaper
from werkzeug import Response

from papertrack.errors import SourceError

SEVEN = ("cs.AI", "cs.CL", "cs.CV", "cs.IR", "cs.LG", "cs.MA", "cs.NE")
BOTH = ("cs.CL", "cs.LG")
TODAY = "2026-03-31"

pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def arxiv(server):
    return ArxivServer(server)


def ids(listing):
    return [sighting.paper.id for sighting in listing.sightings]


def kinds(listing):
    return {sighting.paper.id: sighting.listed.kind for sighting in listing.sightings}


def failure(fetch):
    with pytest.raises(SourceError) as caught:
        fetch()
    assert caught.value.source == "arxiv"
    return caught.value


def test_the_current_day_is_requested_from_the_feeds_three_categories_at_a_time(arxiv, client):
    arxiv.listings(client(), TODAY, categories=SEVEN)
    assert [request.path for request in arxiv.requests] == [
        "/rss/cs.AI+cs.CL+cs.CV",
        "/rss/cs.IR+cs.LG+cs.MA",
        "/rss/cs.NE",
    ]


def test_other_days_are_requested_from_oai_by_week_and_category(arxiv, client):
    days = ("2026-03-30", "2026-03-27", "2026-03-26", "2026-03-25")
    arxiv.listings(client(), *days, categories=BOTH)
    assert [request.service for request in arxiv.requests] == ["oai"] * 4
    requests = {
        (request.params["set"], request.params["from"], request.params["until"])
        for request in arxiv.requests
    }
    assert requests == {
        (name, first, last)
        for name in ("cs:cs:CL", "cs:cs:LG")
        for first, last in (("2026-03-25", "2026-03-29"), ("2026-03-30", "2026-03-30"))
    }


def test_each_of_several_days_is_requested_from_its_own_service(arxiv, client):
    arxiv.listings(client(), TODAY, "2026-03-30")
    assert [request.service for request in arxiv.requests] == ["rss", "oai"]


@pytest.mark.parametrize(
    ("category", "name"),
    [("hep-th", "physics:hep-th"), ("math", "math"), ("stat.ML", "stat:stat:ML")],
)
def test_a_category_is_requested_from_oai_by_its_set(arxiv, client, category, name):
    arxiv.papers = [StoredPaper("2603.00001", "2026-03-30", category)]
    (listing,) = arxiv.listings(client(), "2026-03-30", categories=(category,))
    assert arxiv.requests[0].params["set"] == name
    assert ids(listing) == ["2603.00001"]


def test_the_kinds_of_a_feed_are_new_cross_and_revised(arxiv, client):
    types = ("new", "cross", "replace", "replace-cross")
    arxiv.papers = [
        StoredPaper(f"2603.0000{n}", announce_type=kind) for n, kind in enumerate(types, 1)
    ]
    (listing,) = arxiv.listings(client(), TODAY)
    assert list(kinds(listing).values()) == ["new", "cross", "revised", "revised"]
    announced = [sighting.paper.announced for sighting in listing.sightings]
    assert announced == [date(2026, 3, 31)] * 2 + [None] * 2, "that of a revision is unknown"


def test_new_papers_of_a_feed_with_unknown_types_are_not_revisions(arxiv, client):
    """A type that arXiv may add counts as unknown; category and id are used instead."""
    named = [("2603.00001", "cs.CL"), ("2603.00002", "cs.LG cs.CL"), ("2511.00003", "cs.CL")]
    arxiv.papers = [
        StoredPaper(name, categories=of, announce_type="announced") for name, of in named
    ]
    (listing,) = arxiv.listings(client(), TODAY, categories=("cs.CL",))
    assert list(kinds(listing).values()) == ["new", "cross", "revised"]


@pytest.mark.parametrize(("watched", "kind"), [(("cs.CL",), "cross"), (BOTH, "new")])
def test_oai_papers_are_new_where_their_primary_category_is_watched(arxiv, client, watched, kind):
    day = "2026-03-30"
    arxiv.papers = [
        StoredPaper("2603.00001", day, "cs.CL cs.LG"),
        StoredPaper("2603.00002", day, "cs.LG cs.CL"),
    ]
    listing = arxiv.listings(client(), day, categories=watched)[0]
    assert kinds(listing) == {"2603.00001": "new", "2603.00002": kind}
    assert {sighting.paper.announced for sighting in listing.sightings} == {date(2026, 3, 30)}


@pytest.mark.parametrize(
    ("paper_id", "day", "kind"),
    [
        ("2604.00001", "2026-04-08", "new"),
        ("2603.99999", "2026-04-07", "new"),
        ("2603.99999", "2026-04-08", "revised"),
        ("2602.99999", "2026-04-01", "revised"),
        ("2504.00001", "2026-04-08", "revised"),
        ("hep-th/9904001", "2026-04-08", "revised"),
    ],
)
def test_oai_papers_of_an_earlier_month_are_revised_except_on_the_first_days_of_a_month(
    arxiv, client, paper_id, day, kind
):
    arxiv.now = datetime.fromisoformat("2026-04-09T10:00-04:00")
    arxiv.papers = [StoredPaper(paper_id, day)]
    assert kinds(arxiv.listings(client(), day)[0]) == {paper_id: kind}


def test_there_is_one_listing_for_each_day_and_category_with_its_papers(arxiv, client):
    days = ("2026-03-31", "2026-03-30", "2026-03-27", "2026-03-26")
    names = ("cs.CL", "cs.LG", "cs.LG cs.CL", "cs.AI")
    arxiv.papers = [
        StoredPaper(f"2603.{day[-2:]}00{number}", day, name)
        for day in (*days[:3], "2026-03-25")
        for number, name in enumerate(names, 1)
    ]
    listings = arxiv.listings(client(), *days, categories=BOTH)
    assert {
        (str(listing.day), listing.category): (listing.state, ids(listing)) for listing in listings
    } == {
        (day, name): ("complete", [f"2603.{day[-2:]}00{number}" for number in numbers])
        for day in days[:3]
        for name, numbers in (("cs.CL", (1, 3)), ("cs.LG", (2, 3)))
    } | {(days[3], name): ("quiet", []) for name in BOTH}
    assert len(listings) == 8
    for listing in listings:
        assert {sighting.listed.day for sighting in listing.sightings} <= {listing.day}


def test_days_between_the_requested_days_are_left_out(arxiv, client):
    arxiv.papers = [StoredPaper(f"2603.000{day}", f"2026-03-{day}") for day in (25, 26, 27)]
    listings = arxiv.listings(client(), "2026-03-25", "2026-03-27")
    assert [ids(listing) for listing in listings] == [["2603.00025"], ["2603.00027"]]
    assert len(arxiv.requests) == 1


def test_changes_on_a_weekend_belong_to_friday(arxiv, client):
    arxiv.papers = [StoredPaper(f"2603.000{day}", f"2026-03-{day}") for day in (26, 27, 28, 29, 30)]
    (friday,) = arxiv.listings(client(), "2026-03-27")
    assert ids(friday) == ["2603.00027", "2603.00028", "2603.00029"]
    assert {sighting.listed.day for sighting in friday.sightings} == {date(2026, 3, 27)}
    (thursday,) = arxiv.listings(client(), "2026-03-26")
    assert ids(thursday) == ["2603.00026"]


def test_on_saturday_friday_is_requested_up_to_saturday(arxiv, client):
    arxiv.now = datetime.fromisoformat("2026-03-28T10:00-04:00")
    arxiv.papers = [
        StoredPaper("2603.00027", "2026-03-27"),
        StoredPaper("2603.00028", "2026-03-28"),
    ]
    (friday,) = arxiv.listings(client(), "2026-03-27")
    assert arxiv.requests[0].params["until"] == "2026-03-28"
    assert ids(friday) == ["2603.00027", "2603.00028"]


@pytest.mark.parametrize("days", [-1, 1])
def test_a_feed_of_another_day_is_stale(arxiv, client, days):
    arxiv.papers = [StoredPaper("2603.00001", str(date(2026, 3, 31) + timedelta(days=days)))]
    now = arxiv.now.astimezone(UTC)
    arxiv.now += timedelta(days=days)
    error = failure(lambda: arxiv.listings(client(), TODAY, now=now))
    assert error.kind == "stale"
    assert "2026-03-31" in error.what


def test_a_feed_without_entries_is_a_quiet_day(arxiv, client):
    listings = arxiv.listings(client(), TODAY, categories=BOTH)
    assert [(listing.category, listing.state, ids(listing)) for listing in listings] == [
        ("cs.CL", "quiet", []),
        ("cs.LG", "quiet", []),
    ]


def numbered(first, count, name):
    return [
        StoredPaper(f"2603.{number:05}", categories=name) for number in range(first, first + count)
    ]


def test_a_feed_of_two_thousand_papers_is_requested_again_by_category(arxiv, client):
    arxiv.papers = numbered(1, 1500, "cs.CL") + numbered(1501, 600, "cs.LG")
    listings = arxiv.listings(client(), TODAY, categories=("cs.AI", *BOTH))
    assert {listing.category: (listing.state, len(listing.sightings)) for listing in listings} == {
        "cs.AI": ("quiet", 0),
        "cs.CL": ("complete", 1500),
        "cs.LG": ("complete", 600),
    }
    assert len(listings) == 3


def test_a_feed_of_two_thousand_papers_in_one_category_is_partial(arxiv, client):
    arxiv.papers = numbered(1, 2001, "cs.CL") + numbered(2002, 1, "cs.LG")
    listings = arxiv.listings(client(), TODAY, categories=BOTH)
    (cut, other) = listings
    assert (cut.category, cut.state, len(cut.sightings)) == ("cs.CL", "partial", 2000)
    assert cut.failure.kind == "not-a-listing"
    assert "2000" in cut.failure.message
    assert cut.validator is None, "the next response must not be not modified"
    assert (other.category, other.state, other.failure) == ("cs.LG", "complete", None)


def test_an_unknown_category_does_not_affect_the_others(arxiv, client):
    arxiv.unknown_categories, arxiv.papers = {"cs.XX"}, numbered(1, 3, "cs.LG cs.CL")
    listings = arxiv.listings(client(), TODAY, categories=("cs.CL", "cs.XX", "cs.LG"))
    assert {listing.category: (listing.state, len(ids(listing))) for listing in listings} == {
        "cs.CL": ("complete", 3),
        "cs.XX": ("partial", 0),
        "cs.LG": ("complete", 3),
    }
    (refused,) = (listing.failure for listing in listings if listing.failure)
    assert refused.kind == "refused"
    assert "Bad subject class 'XX'" in refused.message


@pytest.mark.parametrize("categories", [("cs.XX",), ("cs.XX", "cs.YY")])
def test_unknown_categories_only_are_a_failure(arxiv, client, categories):
    arxiv.unknown_categories = {"cs.XX", "cs.YY"}
    error = failure(lambda: arxiv.listings(client(), TODAY, categories=categories))
    assert error.kind == "refused"


def requested_again(arxiv, client, categories):
    """The validator of today's listings, and a function that requests them with it."""
    source, now = arxiv.source(*categories), arxiv.now.astimezone(UTC)
    (request,) = source.requests([(now.date(), name) for name in categories], now)
    first = source.listings(client, request, now)
    (validator,) = {listing.validator for listing in first}
    return validator, lambda: source.listings(client, request._replace(validator=validator), now)


def test_a_feed_that_is_not_modified_is_unchanged_in_each_category(arxiv, client):
    arxiv.papers = numbered(1, 3, "cs.CL")
    validator, again = requested_again(arxiv, client(), BOTH)
    assert [
        (listing.category, listing.state, listing.sightings, listing.validator)
        for listing in again()
    ] == [(name, "unchanged", (), validator) for name in BOTH]


def test_a_modified_feed_is_listed_completely(arxiv, client):
    arxiv.papers = numbered(1, 3, "cs.CL")
    validator, again = requested_again(arxiv, client(), ("cs.CL",))
    arxiv.papers += numbered(4, 1, "cs.CL")
    (listing,) = again()
    assert (listing.state, len(ids(listing))) == ("complete", 4)
    assert listing.validator not in (None, validator)


def test_if_the_feed_fails_oai_is_requested_for_the_same_day(arxiv, client):
    arxiv.papers = [
        StoredPaper("2603.00001"),
        StoredPaper("2603.00002", categories="cs.LG"),
        StoredPaper("2603.00003", day="2026-03-30"),
    ]
    arxiv.faults["rss", 1] = Response(status=500)
    listings = arxiv.listings(client(), TODAY, categories=BOTH)
    assert [request.service for request in arxiv.requests] == ["rss", "oai", "oai"]
    assert [(listing.category, listing.state, ids(listing)) for listing in listings] == [
        ("cs.CL", "complete", ["2603.00001"]),
        ("cs.LG", "complete", ["2603.00002"]),
    ]


def test_a_category_without_papers_in_oai_is_not_quiet_if_its_feed_failed(arxiv, client):
    arxiv.papers = [StoredPaper("2603.00001")]
    arxiv.faults["rss", 1] = Response(status=500)
    _, other = arxiv.listings(client(), TODAY, categories=BOTH)
    assert (other.state, other.failure.kind, other.sightings) == ("partial", "status", ())


@pytest.mark.parametrize("status", [404, 500])
def test_if_oai_has_no_papers_either_the_feed_has_failed(arxiv, client, status):
    arxiv.faults["rss", 1] = Response(b"<html>")
    arxiv.faults["oai", 1] = Response(status=status) if status == 500 else None
    assert failure(lambda: arxiv.listings(client(), TODAY)).kind == "not-xml"
    assert [request.service for request in arxiv.requests] == ["rss", "oai"]


def test_after_a_rate_limit_no_other_service_is_requested(arxiv, client):
    arxiv.faults["rss", 1] = Response(status=429, headers={"Retry-After": "7200"})
    error = failure(lambda: arxiv.listings(client(), TODAY))
    assert (error.kind, error.wait) == ("rate-limit", 7200)
    assert [request.service for request in arxiv.requests] == ["rss"]
