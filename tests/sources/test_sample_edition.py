from datetime import UTC, date, datetime, time
from pathlib import Path

import papertrack.sources
from papertrack.calendar import is_listing_day
from papertrack.identifiers import is_arxiv
from papertrack.sources.links import code_url, web_url
from papertrack.sources.sample import edition
from papertrack.text import clean

NOW, LISTINGS = edition()
SIGHTINGS = [sighting for listing in LISTINGS for sighting in listing.sightings]


def test_the_sample_covers_about_a_week():
    assert datetime(2026, 3, 31, 18, tzinfo=UTC) == NOW
    days = [listing.day for listing in LISTINGS]
    assert days == sorted(days)
    assert (days[0], days[-1]) == (date(2026, 3, 23), date(2026, 3, 31))
    assert all(map(is_listing_day, days))


def test_each_listing_is_ranked_without_gaps():
    for listing in LISTINGS:
        ranks = [sighting.listed.rank for sighting in listing.sightings]
        assert ranks == list(range(1, len(ranks) + 1))
        assert {sighting.listed.day for sighting in listing.sightings} == {listing.day}


def test_papers_have_facts_and_no_abstracts():
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
        times = [observation.at for observation in sighting.observations]
        assert times == sorted(set(times))
        assert datetime.combine(sighting.listed.day, time(), UTC) <= times[0] == sighting.seen
        assert times[-1] < NOW
        assert all(observation.upvotes is not None for observation in sighting.observations)


def test_most_papers_have_several_observations_so_that_some_rise():
    repeated = [sighting for sighting in SIGHTINGS if len(sighting.observations) > 1]
    assert len(repeated) > len(SIGHTINGS) / 2


def test_no_paper_is_listed_twice():
    ids = [sighting.paper.id for sighting in SIGHTINGS]
    assert len(ids) == len(set(ids)) > 100


def test_the_file_is_small_and_has_one_paper_per_line():
    file = Path(papertrack.sources.__file__).with_name("sample.json")
    lines = file.read_text("utf-8").splitlines()
    assert file.stat().st_size < 400_000
    assert len(lines) == len(SIGHTINGS) + 2
