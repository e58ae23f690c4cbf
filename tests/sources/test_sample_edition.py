from datetime import UTC, date, datetime, time
from pathlib import Path

import papertrack.sources
from papertrack.calendar import is_listing_day
from papertrack.identifiers import is_arxiv
from papertrack.sources.links import code_url, web_url
from papertrack.sources.sample import edition
from papertrack.text import clean

NOW, LISTINGS = edition()
SIGHTINGS = [one for listing in LISTINGS for one in listing.sightings]


def test_the_sample_looks_back_on_about_a_week():
    assert datetime(2026, 3, 31, 18, tzinfo=UTC) == NOW
    days = [listing.day for listing in LISTINGS]
    assert days == sorted(days)
    assert (days[0], days[-1]) == (date(2026, 3, 23), date(2026, 3, 31))
    assert all(map(is_listing_day, days))


def test_each_listing_is_ranked_without_gaps():
    for listing in LISTINGS:
        ranks = [one.listed.rank for one in listing.sightings]
        assert ranks == list(range(1, len(ranks) + 1))
        assert {one.listed.day for one in listing.sightings} == {listing.day}


def test_papers_carry_facts_and_no_abstracts():
    for sighting in SIGHTINGS:
        paper = sighting.paper
        assert is_arxiv(paper.id)
        assert clean(paper.title) == paper.title != ""
        assert paper.authors
        assert paper.abstract is None
        assert paper.submitted < sighting.seen
        assert code_url(paper.code_url) == paper.code_url
        assert web_url(paper.project_url) == paper.project_url


def test_observations_are_in_order_after_the_listing_and_before_now():
    for sighting in SIGHTINGS:
        moments = [one.at for one in sighting.observations]
        assert moments == sorted(set(moments))
        assert datetime.combine(sighting.listed.day, time(), UTC) <= moments[0] == sighting.seen
        assert moments[-1] < NOW
        assert all(one.upvotes is not None for one in sighting.observations)


def test_most_papers_were_seen_more_than_once_so_that_something_rises():
    again = [one for one in SIGHTINGS if len(one.observations) > 1]
    assert len(again) > len(SIGHTINGS) / 2


def test_no_paper_is_listed_twice():
    ids = [one.paper.id for one in SIGHTINGS]
    assert len(ids) == len(set(ids)) > 100


def test_the_file_is_small_and_has_one_paper_a_line():
    file = Path(papertrack.sources.__file__).with_name("sample.json")
    lines = file.read_text("utf-8").splitlines()
    assert file.stat().st_size < 400_000
    assert len(lines) == len(SIGHTINGS) + 2
