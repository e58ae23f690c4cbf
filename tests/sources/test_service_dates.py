"""Dates that a service writes in its own way, or badly: the paper is kept in any case."""

import json
from datetime import UTC, date, datetime

import pytest
from arxiv_pages import api_response, item, record, records, result, rss
from pages import DAY, NOW, entry, page

from papertrack.sources.arxiv.api import parse_api_page
from papertrack.sources.arxiv.feeds import parse_feed
from papertrack.sources.arxiv.oai import parse_records
from papertrack.sources.biorxiv import PageContext
from papertrack.sources.biorxiv import parse_page as parse_preprints
from papertrack.sources.huggingface import parse_page
from papertrack.sources.pages import JsonService
from papertrack.tracker.import_lines import parse_line

SUBMITTED = datetime(2026, 6, 30, tzinfo=UTC)
WRITTEN = ["2026-6-30", "2026/06/30", "30 June 2026", "Tue, 30 Jun 2026 00:00:00 GMT"]
BAD = ["", "soon", "0000-00-00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-02-31"]
DATES = [*((text, SUBMITTED) for text in WRITTEN), *((text, None) for text in BAD)]


@pytest.mark.parametrize(("text", "submitted"), DATES)
def test_huggingface(text, submitted):
    dates = {"publishedAt": text, "submittedOnDailyAt": text if text in BAD else None}
    (sighting,) = parse_page(page(entry(paper=dates)), DAY, NOW).sightings
    assert sighting.paper.submitted == submitted
    (saved,) = parse_page(page(entry(paper=dates, publishedAt=text)), None, NOW).sightings
    assert saved.paper.submitted == submitted


@pytest.mark.parametrize(("value", "submitted"), [(1782777600, SUBMITTED), (7, None), ([], None)])
def test_numbers_from_huggingface(value, submitted):
    (sighting,) = parse_page(page(entry(paper={"publishedAt": value})), DAY, NOW).sightings
    assert sighting.paper.submitted == submitted


@pytest.mark.parametrize(("text", "submitted"), DATES)
def test_the_query_api_of_arxiv(text, submitted):
    published, updated = f"<published>{text}</published>", f"<updated>{text}</updated>"
    body = api_response(result(published=published, updated=updated))
    (parsed,) = parse_api_page(body).records
    assert (parsed.paper.submitted, parsed.paper.updated) == (submitted, submitted)


@pytest.mark.parametrize(("text", "submitted"), DATES)
def test_records_of_arxiv(text, submitted):
    stamp = f"<datestamp>{text}</datestamp>"
    body = records(record().replace("<datestamp>2026-03-31</datestamp>", stamp))
    (parsed,) = parse_records(body).records
    assert parsed.day == (submitted and submitted.date())


@pytest.mark.parametrize("text", WRITTEN)
def test_a_feed_of_arxiv(text):
    body = rss(item(pubDate=f"<pubDate>{text}</pubDate>"), pubDate=f"<pubDate>{text}</pubDate>")
    feed = parse_feed(body)
    assert len(feed.records) == 1
    expected = date(2026, 6, 29) if "GMT" in text else date(2026, 6, 30)  # it is Eastern
    assert feed.day == expected


@pytest.mark.parametrize("text", BAD)
def test_a_feed_of_arxiv_with_one_bad_date(text):
    body = rss(item(pubDate=f"<pubDate>{text}</pubDate>"), pubDate=f"<pubDate>{text}</pubDate>")
    feed = parse_feed(body)
    assert (len(feed.records), feed.day) == (1, date(2026, 3, 31))


@pytest.mark.parametrize(("text", "posted"), DATES)
def test_preprints(text, posted):
    listed = {"doi": "10.1101/2026.03.20.712001", "title": "A Paper", "date": text, "version": "1"}
    body = json.dumps({"messages": [{"status": "ok"}], "collection": [listed]}).encode()
    context = PageContext(DAY, NOW, divided=False)
    (sighting,) = parse_preprints(JsonService("biorxiv", "bioRxiv"), body, context).sightings
    assert sighting.paper.submitted == posted


@pytest.mark.parametrize("text", WRITTEN)
def test_imported_lines(text):
    line = {"id": "2603.00001", "title": "A Paper", "submitted": text, "listed": text}
    (sighting,) = parse_line(json.dumps(line).encode(), NOW, NOW).sightings
    assert sighting.paper.submitted == SUBMITTED
    assert sighting.listed.day == SUBMITTED.date()


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_an_imported_year_that_stands_for_none_is_unknown(text):
    line = {"id": "2603.00001", "title": "A Paper", "submitted": text, "updated": text}
    (sighting,) = parse_line(json.dumps(line).encode(), NOW, NOW).sightings
    assert (sighting.paper.submitted, sighting.paper.updated) == (None, None)
