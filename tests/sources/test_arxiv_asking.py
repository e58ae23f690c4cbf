"""Which of arXiv's services is asked for which day, and what comes of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from arxiv_service import Kept, Service

from papertrack.errors import SourceError

SEVEN = ("cs.AI", "cs.CL", "cs.CV", "cs.IR", "cs.LG", "cs.MA", "cs.NE")
BOTH = ("cs.CL", "cs.LG")
TODAY = "2026-03-31"

pytestmark = pytest.mark.usefixtures("temporary")


@pytest.fixture
def arxiv(server):
    return Service(server)


def ids(listing):
    return [one.paper.id for one in listing.sightings]


def kinds(listing):
    return {one.paper.id: one.listed.kind for one in listing.sightings}


def failure(ask):
    with pytest.raises(SourceError) as caught:
        ask()
    assert caught.value.source == "arxiv"
    return caught.value


def test_the_present_day_is_asked_of_the_feeds_three_categories_at_a_time(arxiv, client):
    arxiv.listings(client(), TODAY, categories=SEVEN)
    assert [one.path for one in arxiv.asked] == [
        "/rss/cs.AI+cs.CL+cs.CV",
        "/rss/cs.IR+cs.LG+cs.MA",
        "/rss/cs.NE",
    ]


def test_other_days_are_asked_of_oai_each_week_of_each_category_together(arxiv, client):
    days = ("2026-03-30", "2026-03-27", "2026-03-26", "2026-03-25")
    arxiv.listings(client(), *days, categories=BOTH)
    assert [one.service for one in arxiv.asked] == ["oai"] * 4
    asked = {(one.params["set"], one.params["from"], one.params["until"]) for one in arxiv.asked}
    assert asked == {
        (name, first, last)
        for name in ("cs:cs:CL", "cs:cs:LG")
        for first, last in (("2026-03-25", "2026-03-29"), ("2026-03-30", "2026-03-30"))
    }


def test_each_day_goes_to_its_own_service_where_several_are_asked_for(arxiv, client):
    arxiv.listings(client(), TODAY, "2026-03-30")
    assert [one.service for one in arxiv.asked] == ["rss", "oai"]


@pytest.mark.parametrize(
    ("category", "name"),
    [("hep-th", "physics:hep-th"), ("math", "math"), ("stat.ML", "stat:stat:ML")],
)
def test_a_category_is_asked_of_oai_by_its_set(arxiv, client, category, name):
    arxiv.papers = [Kept("2603.00001", "2026-03-30", category)]
    (listing,) = arxiv.listings(client(), "2026-03-30", categories=(category,))
    assert arxiv.asked[0].params["set"] == name
    assert ids(listing) == ["2603.00001"]


def test_a_feed_says_what_is_new_crossed_and_revised(arxiv, client):
    fed = ("new", "cross", "replace", "replace-cross")
    arxiv.papers = [Kept(f"2603.0000{n}", fed=kind) for n, kind in enumerate(fed, 1)]
    (listing,) = arxiv.listings(client(), TODAY)
    assert list(kinds(listing).values()) == ["new", "cross", "revised", "revised"]
    announced = [one.paper.announced for one in listing.sightings]
    assert announced == [date(2026, 3, 31)] * 2 + [None] * 2, "that of a revision is unknown"


def test_of_a_feed_that_does_not_say_it_no_new_paper_is_taken_for_a_revision(arxiv, client):
    """A word that arXiv may bring one day counts as unknown; then category and id tell."""
    named = [("2603.00001", "cs.CL"), ("2603.00002", "cs.LG cs.CL"), ("2511.00003", "cs.CL")]
    arxiv.papers = [Kept(name, categories=of, fed="announced") for name, of in named]
    (listing,) = arxiv.listings(client(), TODAY, categories=("cs.CL",))
    assert list(kinds(listing).values()) == ["new", "cross", "revised"]


@pytest.mark.parametrize(("watched", "kind"), [(("cs.CL",), "cross"), (BOTH, "new")])
def test_oai_papers_are_new_where_their_primary_category_is_watched(arxiv, client, watched, kind):
    day = "2026-03-30"
    arxiv.papers = [Kept("2603.00001", day, "cs.CL cs.LG"), Kept("2603.00002", day, "cs.LG cs.CL")]
    listing = arxiv.listings(client(), day, categories=watched)[0]
    assert kinds(listing) == {"2603.00001": "new", "2603.00002": kind}
    assert {one.paper.announced for one in listing.sightings} == {date(2026, 3, 30)}


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
def test_oai_papers_of_an_earlier_month_are_revised_but_for_its_last_days(
    arxiv, client, paper_id, day, kind
):
    arxiv.now = datetime.fromisoformat("2026-04-09T10:00-04:00")
    arxiv.papers = [Kept(paper_id, day)]
    assert kinds(arxiv.listings(client(), day)[0]) == {paper_id: kind}


def test_there_is_one_listing_for_each_day_and_category_with_its_papers(arxiv, client):
    days = ("2026-03-31", "2026-03-30", "2026-03-27", "2026-03-26")
    names = ("cs.CL", "cs.LG", "cs.LG cs.CL", "cs.AI")
    arxiv.papers = [
        Kept(f"2603.{day[-2:]}00{number}", day, name)
        for day in (*days[:3], "2026-03-25")
        for number, name in enumerate(names, 1)
    ]
    told = arxiv.listings(client(), *days, categories=BOTH)
    assert {(str(one.day), one.category): (one.state, ids(one)) for one in told} == {
        (day, name): ("complete", [f"2603.{day[-2:]}00{number}" for number in numbers])
        for day in days[:3]
        for name, numbers in (("cs.CL", (1, 3)), ("cs.LG", (2, 3)))
    } | {(days[3], name): ("quiet", []) for name in BOTH}
    assert len(told) == 8
    assert all(one.listed.day == listing.day for listing in told for one in listing.sightings)


def test_days_between_those_asked_for_are_left_out(arxiv, client):
    arxiv.papers = [Kept(f"2603.000{day}", f"2026-03-{day}") for day in (25, 26, 27)]
    told = arxiv.listings(client(), "2026-03-25", "2026-03-27")
    assert [ids(one) for one in told] == [["2603.00025"], ["2603.00027"]]
    assert len(arxiv.asked) == 1


def test_what_changed_on_a_weekend_belongs_to_friday(arxiv, client):
    arxiv.papers = [Kept(f"2603.000{day}", f"2026-03-{day}") for day in (26, 27, 28, 29, 30)]
    (friday,) = arxiv.listings(client(), "2026-03-27")
    assert ids(friday) == ["2603.00027", "2603.00028", "2603.00029"]
    assert {one.listed.day for one in friday.sightings} == {date(2026, 3, 27)}
    (thursday,) = arxiv.listings(client(), "2026-03-26")
    assert ids(thursday) == ["2603.00026"]


def test_on_saturday_friday_is_asked_up_to_saturday(arxiv, client):
    arxiv.now = datetime.fromisoformat("2026-03-28T10:00-04:00")
    arxiv.papers = [Kept("2603.00027", "2026-03-27"), Kept("2603.00028", "2026-03-28")]
    (friday,) = arxiv.listings(client(), "2026-03-27")
    assert arxiv.asked[0].params["until"] == "2026-03-28"
    assert ids(friday) == ["2603.00027", "2603.00028"]


@pytest.mark.parametrize("days", [-1, 1])
def test_a_feed_of_another_day_is_stale(arxiv, client, days):
    arxiv.papers = [Kept("2603.00001", str(date(2026, 3, 31) + timedelta(days=days)))]
    now = arxiv.now.astimezone(UTC)
    arxiv.now += timedelta(days=days)
    error = failure(lambda: arxiv.listings(client(), TODAY, now=now))
    assert error.kind == "stale"
    assert "2026-03-31" in error.what


def test_a_feed_without_entries_is_a_quiet_day(arxiv, client):
    told = arxiv.listings(client(), TODAY, categories=BOTH)
    assert [(one.category, one.state, ids(one)) for one in told] == [
        ("cs.CL", "quiet", []),
        ("cs.LG", "quiet", []),
    ]


def numbered(first, count, name):
    return [Kept(f"2603.{number:05}", categories=name) for number in range(first, first + count)]


def test_a_feed_of_two_thousand_is_asked_again_in_parts(arxiv, client):
    arxiv.papers = numbered(1, 1500, "cs.CL") + numbered(1501, 600, "cs.LG")
    told = arxiv.listings(client(), TODAY, categories=("cs.AI", *BOTH))
    assert {one.category: (one.state, len(one.sightings)) for one in told} == {
        "cs.AI": ("quiet", 0),
        "cs.CL": ("complete", 1500),
        "cs.LG": ("complete", 600),
    }
    assert len(told) == 3


def test_a_feed_of_two_thousand_in_one_category_is_partial(arxiv, client):
    arxiv.papers = numbered(1, 2001, "cs.CL") + numbered(2002, 1, "cs.LG")
    told = arxiv.listings(client(), TODAY, categories=BOTH)
    (cut, whole) = told
    assert (cut.category, cut.state, len(cut.sightings)) == ("cs.CL", "partial", 2000)
    assert cut.failure.kind == "not-a-listing"
    assert "2000" in cut.failure.message
    assert cut.validator is None, "the next look must not be told that nothing changed"
    assert (whole.category, whole.state, whole.failure) == ("cs.LG", "complete", None)


def test_a_category_that_arxiv_does_not_know_takes_nothing_from_the_others(arxiv, client):
    arxiv.unknown, arxiv.papers = {"cs.XX"}, numbered(1, 3, "cs.LG cs.CL")
    told = arxiv.listings(client(), TODAY, categories=("cs.CL", "cs.XX", "cs.LG"))
    assert {one.category: (one.state, len(ids(one))) for one in told} == {
        "cs.CL": ("complete", 3),
        "cs.XX": ("partial", 0),
        "cs.LG": ("complete", 3),
    }
    (refused,) = (one.failure for one in told if one.failure)
    assert refused.kind == "refused"
    assert "Bad subject class 'XX'" in refused.message


@pytest.mark.parametrize("categories", [("cs.XX",), ("cs.XX", "cs.YY")])
def test_where_arxiv_knows_none_of_the_categories_there_are_no_listings(arxiv, client, categories):
    arxiv.unknown = {"cs.XX", "cs.YY"}
    error = failure(lambda: arxiv.listings(client(), TODAY, categories=categories))
    assert error.kind == "refused"


def known(arxiv, client, categories):
    """What the source says of today when it is asked with the validator of its last answer."""
    source, now = arxiv.source(*categories), arxiv.now.astimezone(UTC)
    (ask,) = source.requests([(now.date(), name) for name in categories], now)
    before = source.listings(client, ask, now)
    (validator,) = {one.validator for one in before}
    return validator, lambda: source.listings(client, ask._replace(validator=validator), now)


def test_a_feed_that_is_as_it_was_is_unchanged_in_each_category(arxiv, client):
    arxiv.papers = numbered(1, 3, "cs.CL")
    validator, again = known(arxiv, client(), BOTH)
    assert [(one.category, one.state, one.sightings, one.validator) for one in again()] == [
        (name, "unchanged", (), validator) for name in BOTH
    ]


def test_a_feed_that_is_another_comes_whole(arxiv, client):
    arxiv.papers = numbered(1, 3, "cs.CL")
    validator, again = known(arxiv, client(), ("cs.CL",))
    arxiv.papers += numbered(4, 1, "cs.CL")
    (listing,) = again()
    assert (listing.state, len(ids(listing))) == ("complete", 4)
    assert listing.validator not in (None, validator)
