"""Fetching and showing arXiv listings, against the mirror with real papers."""

import gzip
import json
import shutil
from urllib.request import urlopen

import pytest
from arxiv_reader import (
    WATCHED,
    Reader,
    arxiv_listings,
    arxiv_requests,
    corpus,
    coverage_rows,
    new_papers,
    stored_papers,
)

DAY, NOW = "2026-03-20", "2026-03-20T18:00:00Z"
WEEK = [f"2026-03-{day}" for day in range(16, 21)]


@pytest.fixture
def reader(papertrack, mirror):
    return Reader(papertrack.home).watch(mirror).at(mirror, NOW)


@pytest.fixture(scope="session")
def listed(mirror_data):
    """The expected arXiv listings by day and id, from the mirror's data."""
    return corpus(mirror_data)


@pytest.fixture(scope="session")
def _week(tmp_path_factory):
    return tmp_path_factory.mktemp("week") / "library"


@pytest.fixture
def fetched(reader, _week):
    """The reader with a week in the library, fetched once for all tests."""
    if _week.exists():
        shutil.copytree(_week, reader.library)
    else:
        assert reader("fetch").code == 0
        shutil.copytree(reader.library, _week)
    return reader


def daily(mirror, day):
    """The ids in the Daily Papers listing of a day."""
    with urlopen(f"{mirror.url}/api/daily_papers?date={day}&limit=100&p=0") as answer:
        body = answer.read()
    is_gzip = body[:2] == b"\x1f\x8b"
    return {
        entry["paper"]["id"] for entry in json.loads(gzip.decompress(body) if is_gzip else body)
    }


def test_today_stores_exactly_what_arxiv_lists_for_the_day(reader, listed):
    result = reader("today", "-f", "json")
    assert (result.code, json.loads(result.out)["errors"]) == (0, [])
    papers = stored_papers(reader)
    assert arxiv_listings(papers) == {DAY: listed[DAY]}
    for paper in papers:
        if "arxiv" in paper["sources"]:
            assert paper["announced"] == paper["listed"]["arxiv"] == DAY
            assert paper["title"]
            assert paper["abstract"]
            assert set(WATCHED) & set(paper["categories"])


def test_today_sends_one_request_to_arxiv(reader, mirror):
    mirror.forget()
    reader("today")
    assert [request["path"] for request in arxiv_requests(mirror)] == ["/rss/rss/cs.CL+cs.LG"]
    mirror.forget()
    reader.at(mirror, "2026-03-20T21:30:00Z")("today")
    assert arxiv_requests(mirror) == [], "an announcement does not change"


def test_cross_lists_are_hidden_without_the_option(reader, mirror, listed):
    daily_ids = daily(mirror, DAY)
    all_ids, new_ids = listed[DAY], {key for key, kind in listed[DAY].items() if kind == "new"}
    shown = {paper["id"] for paper in new_papers(reader("today", "-f", "json"))}
    assert shown - daily_ids == new_ids - daily_ids
    assert shown >= daily_ids, "papers of Daily Papers are shown, cross-listed or not"
    with_cross_lists = {
        paper["id"] for paper in new_papers(reader("today", "--cross-lists", "-f", "json"))
    }
    assert with_cross_lists == all_ids.keys() | daily_ids


def test_a_week_is_fetched_completely(fetched, listed):
    assert arxiv_listings(stored_papers(fetched)) == {day: listed[day] for day in WEEK}


def test_a_week_is_fetched_once(fetched, mirror):
    mirror.forget()
    assert "nothing was due" in fetched("fetch").err
    assert arxiv_requests(mirror) == []


def test_coverage_lists_each_day_of_each_category(fetched, listed):
    rows = coverage_rows(fetched, "--since", "2026-03-14")
    assert {key: row["state"] for key, row in rows.items()} == {
        (name, f"2026-03-{day}"): "complete" if day > 15 else "quiet"
        for name in WATCHED
        for day in range(14, 21)
    }
    for day in WEEK:
        in_any = sum(rows[name, day]["papers"] for name in WATCHED)
        assert max(rows[name, day]["papers"] for name in WATCHED) < len(listed[day]) <= in_any


def test_a_paper_of_both_sources_is_stored_once_with_both_days(fetched, mirror, listed):
    ids = [paper["id"] for paper in stored_papers(fetched)]
    for announced, on_daily in ((DAY, DAY), ("2026-03-18", "2026-03-19")):
        both = sorted(daily(mirror, on_daily) & listed[announced].keys())
        assert [ids.count(paper_id) for paper_id in both] == [1] * len(both)
        dates = f"announced {announced}, on Daily Papers {on_daily}"
        assert fetched("show", *both).out.count(dates) == len(both) > 1


SATURDAY = "2026-03-14T18:00:00Z"


@pytest.mark.parametrize(
    ("zone", "when"),
    [
        ("Europe/Berlin", "01:00 your time on Monday 2026-03-16"),
        ("Asia/Tokyo", "09:00 your time on Monday 2026-03-16"),
        ("Asia/Kolkata", "05:30 your time on Monday 2026-03-16"),
        ("America/Los_Angeles", "17:00 your time on Sunday 2026-03-15"),
    ],
)
def test_on_a_saturday_today_shows_the_next_arxiv_announcement_in_local_time(
    reader, mirror, zone, when
):
    mirror.forget()
    result = reader.at(mirror, SATURDAY)("today", env={"TZ": zone})
    assert (result.code, result.out.count("new\t")) == (0, 0)
    assert f"arXiv announces at {when}\n" in result.err
    assert arxiv_requests(mirror) == []


@pytest.fixture
def without_arxiv(papertrack, mirror):
    """A reader without arXiv enabled."""
    return Reader(papertrack.home).watch(mirror, enabled=False).at(mirror, NOW)


def test_a_paper_is_fetched_by_id_from_arxiv_that_is_not_enabled(without_arxiv, mirror):
    mirror.forget()
    result = without_arxiv("fetch", "2603.17024")
    assert (result.code, result.err) == (0, "papertrack: 1 paper of 1, 1 new\n")
    assert len(arxiv_requests(mirror)) == 1
    (paper,) = stored_papers(without_arxiv)
    assert (paper["id"], paper["version"], paper["listed"]) == ("2603.17024", 1, {})
    assert paper["categories"] == ["cs.CV", "cs.AI", "cs.CL"]


def test_papers_are_fetched_by_ids_in_any_form(without_arxiv):
    forms = ("arXiv:2603.17024v1", "https://arxiv.org/abs/2603.17512", "2603.17942")
    result = without_arxiv("fetch", *forms)
    assert (result.code, result.err) == (0, "papertrack: 3 papers of 3, 3 new\n")
    assert {paper["id"] for paper in stored_papers(without_arxiv)} == {
        "2603.17024",
        "2603.17512",
        "2603.17942",
    }


def test_an_unknown_id_is_reported(without_arxiv):
    result = without_arxiv("fetch", "2603.99999", "2603.17024")
    assert result.code == 0
    assert "1 paper of 2, 1 new" in result.err
    assert "no source has 2603.99999" in result.err
    assert "2603.17024" not in result.err
