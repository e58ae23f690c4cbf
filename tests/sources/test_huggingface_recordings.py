"""The source against recorded pages, and against the mirror that replays them with faults."""

import gzip
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from papertrack.errors import SourceError
from papertrack.models import PaperListing
from papertrack.sources import ListingRequest
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings, parse_page
from papertrack.text import clean

NOW = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)
DAY = date(2026, 3, 31)


@pytest.fixture
def fetch(mirror, client):
    source = HuggingFace(HuggingFaceSettings(mirror.url))

    def fetch_day(day=DAY, **fault):
        if fault:
            mirror.fail(**fault)
        (listing,) = source.listings(client(3.0), ListingRequest((day,)), NOW)
        return listing

    return fetch_day


def test_every_recorded_entry_is_parsed_and_dated_on_its_listing_day(captures):
    dated = Counter()
    for capture in captures:
        day = date.fromisoformat(capture.name[:10])
        page = parse_page(gzip.decompress(capture.read_bytes()), None, NOW)
        assert page.skipped == ()
        for sighting in page.sightings:
            dated[sighting.listed and sighting.listed.day == day] += 1
            assert clean(sighting.paper.title) == sighting.paper.title != ""
            assert sighting.paper.abstract
            assert sighting.paper.authors
            assert sighting.observations[0].upvotes is not None
            assert sighting.observations[0].comments is not None
    # 85 entries of March 2025 have no date, 11 were listed late.
    assert dated == {True: 7541, None: 85, False: 11}


def test_every_recorded_page_is_of_its_requested_day_and_of_no_other(captures):
    stale = Counter()
    for capture in captures:
        day, body = date.fromisoformat(capture.name[:10]), gzip.decompress(capture.read_bytes())
        page = parse_page(body, day, NOW)
        assert {sighting.listed.day for sighting in page.sightings} == {day}
        if day < date(2025, 3, 17):  # earlier entries have no date
            continue
        for other in (day - timedelta(days=1), day + timedelta(days=1)):
            with pytest.raises(
                SourceError, match=f"the papers of {day} instead of {other}"
            ) as caught:
                parse_page(body, other, NOW)
            stale[caught.value.kind] += 1
    assert stale == {"stale": 2 * 271}


def test_a_recorded_day_is_complete(fetch):
    listing = fetch()
    assert listing.state == "complete"
    assert len(listing.sightings) == 22
    upvotes = [sighting.observations[0].upvotes for sighting in listing.sightings]
    assert upvotes == sorted(upvotes, reverse=True)


def test_a_weekend_is_quiet_and_tomorrow_is_not_yet(fetch):
    assert fetch(date(2026, 3, 29)).state == "quiet"
    with pytest.raises(SourceError) as caught:
        fetch(date(2026, 4, 1))
    assert caught.value.kind == "not-yet"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 429, "retry_after": "60"}, "rate-limit"),
        ({"status": 429, "retry_after": "date:60"}, "rate-limit"),
        ({"status": 500}, "status"),
        ({"stall": 3}, "timeout"),
        ({"badgzip": True}, "connection"),
        ({"html200": True}, "not-json"),
        ({"empty200": True}, "not-json"),
        ({"invalid_json": True}, "not-json"),
        ({"invalid_utf8": True}, "not-json"),
        ({"deepjson": 100_000}, "not-json"),
        ({"huge": 0}, "too-large"),
        ({"redirect_loop": True}, "redirect"),
        ({"redirect_to": "http://papers.invalid/"}, "redirect"),
        ({"drop_field": "paper"}, "not-a-listing"),
        ({"wrong_type": "paper.id"}, "not-a-listing"),
        ({"rename_field": "title:name"}, "not-a-listing"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_fault_of_the_server_is_an_error_of_its_kind_not_an_empty_day(fetch, fault, kind):
    with pytest.raises(SourceError) as caught:
        fetch(**fault)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503, "times": 1},
        {"status": 429, "retry_after": "1", "times": 1},
        {"reset": True, "times": 2},
    ],
)
def test_a_temporary_fault_leaves_no_trace(fetch, fault):
    listing = fetch(**fault)
    assert (listing.state, len(listing.sightings)) == ("complete", 22)


@pytest.mark.parametrize(
    "fault",
    [{"wrong_type": key} for key in ("publishedAt", "upvotes", "authors", "ai_keywords")]
    + [{"wrong_type": "submittedOnDailyAt"}]
    + [{"null_field": key} for key in ("summary", "submittedOnDailyAt", "numComments", ".title")]
    + [{"drop_field": key} for key in ("upvotes", "hidden", "ai_summary", "githubRepo")],
    ids=str,
)
def test_a_damaged_field_loses_no_paper(fetch, fault):
    listing = fetch(**fault)
    assert (listing.state, len(listing.sightings)) == ("complete", 22)


def test_an_unusable_entry_does_not_affect_the_others(fetch):
    listing = fetch(drop_field="paper.id", item=6)
    assert (listing.state, len(listing.sightings)) == ("partial", 21)
    assert listing.skipped == (("entry 7", "no arXiv id"),)


def test_entries_sent_twice_count_once(fetch):
    assert len(fetch(dup_items=True).sightings) == 22


# Single papers


@pytest.fixture
def papers(mirror, client):
    source = HuggingFace(HuggingFaceSettings(mirror.url))
    return lambda *ids: source.papers(client(3.0), ids, NOW)


def test_papers_fetched_by_id_are_as_they_were_listed(fetch, papers):
    listed = fetch().sightings[:5]
    fetched_papers = papers(*(sighting.paper.id for sighting in listed))
    listed_papers = [sighting.paper for sighting in listed]
    assert [sighting.paper for sighting in fetched_papers] == listed_papers
    assert [sighting.listed for sighting in fetched_papers] == [
        PaperListing("huggingface", DAY)
    ] * 5
    for fetched, sighting in zip(fetched_papers, listed, strict=True):
        assert fetched.observations == (sighting.observations[0]._replace(comments=None),)


def test_a_paper_that_was_never_listed_is_left_out(mirror, papers):
    assert papers("2603.99999", "1706.03762", "cran:12") == []
    requests = [(request["path"], request["status"]) for request in mirror.log()["requests"]]
    assert requests == [(f"/hf/api/papers/{name}", 404) for name in ("2603.99999", "1706.03762")]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 500}, "status"),
        ({"status": 429, "retry_after": "60"}, "rate-limit"),
        ({"html200": True}, "not-json"),
        ({"drop_field": "id"}, "not-a-listing"),
        ({"wrong_type": "title"}, "not-a-listing"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_fault_is_not_an_unknown_paper(mirror, fetch, papers, fault, kind):
    paper_id = fetch().sightings[0].paper.id
    mirror.fail(**fault)
    with pytest.raises(SourceError) as caught:
        papers(paper_id)
    assert caught.value.kind == kind
