"""The main job with arXiv, against the mirror of its services and its real papers."""

import gzip
import json
import shutil
from urllib.request import urlopen

import pytest
from arxiv_reader import WATCHED, Reader, asked, corpus, covered, new, of_arxiv, stored

DAY, NOW = "2026-03-20", "2026-03-20T18:00:00Z"
WEEK = [f"2026-03-{day}" for day in range(16, 21)]


@pytest.fixture
def reader(papertrack, mirror):
    return Reader(papertrack.home).watch(mirror).at(mirror, NOW)


@pytest.fixture(scope="session")
def listed(shared):
    """What arXiv lists by the mirror's data: day, id, kind."""
    return corpus(shared("data"))


@pytest.fixture(scope="session")
def _week(tmp_path_factory):
    return tmp_path_factory.mktemp("week") / "library"


@pytest.fixture
def fetched(reader, _week):
    """The reader with the week in the library, fetched once for all tests."""
    if _week.exists():
        shutil.copytree(_week, reader.library)
    else:
        assert reader("fetch").code == 0
        shutil.copytree(reader.library, _week)
    return reader


def daily(mirror, day):
    """The ids that Daily Papers list on a day."""
    with urlopen(f"{mirror.url}/api/daily_papers?date={day}&limit=100&p=0") as answer:
        body = answer.read()
    packed = body[:2] == b"\x1f\x8b"
    return {one["paper"]["id"] for one in json.loads(gzip.decompress(body) if packed else body)}


def test_today_stores_exactly_what_arxiv_lists_for_the_day(reader, listed):
    done = reader("today", "-f", "json")
    assert (done.code, json.loads(done.out)["errors"]) == (0, [])
    papers = stored(reader)
    assert of_arxiv(papers) == {DAY: listed[DAY]}
    for one in papers:
        if "arxiv" in one["sources"]:
            assert one["announced"] == one["listed"]["arxiv"] == DAY
            assert one["title"]
            assert one["abstract"]
            assert set(WATCHED) & set(one["categories"])


def test_today_asks_arxiv_once(reader, mirror):
    mirror.forget()
    reader("today")
    assert [one["path"] for one in asked(mirror)] == ["/rss/rss/cs.CL+cs.LG"]
    mirror.forget()
    reader.at(mirror, "2026-03-20T21:30:00Z")("today")
    assert asked(mirror) == [], "an announcement does not change"


def test_cross_lists_are_hidden_unless_asked_for(reader, mirror, listed):
    elsewhere = daily(mirror, DAY)
    every, some = listed[DAY], {key for key, kind in listed[DAY].items() if kind == "new"}
    shown = {one["id"] for one in new(reader("today", "-f", "json"))}
    assert shown - elsewhere == some - elsewhere
    assert shown >= elsewhere, "what Daily Papers list is shown, cross-listed or not"
    crossed = {one["id"] for one in new(reader("today", "--cross-lists", "-f", "json"))}
    assert crossed == every.keys() | elsewhere


def test_a_week_is_fetched_whole(fetched, listed):
    assert of_arxiv(stored(fetched)) == {day: listed[day] for day in WEEK}


def test_a_week_is_fetched_once(fetched, mirror):
    mirror.forget()
    assert "nothing was due" in fetched("fetch").err
    assert asked(mirror) == []


def test_coverage_tells_each_day_of_each_category(fetched, listed):
    known = covered(fetched, "--since", "2026-03-14")
    assert {key: one["state"] for key, one in known.items()} == {
        (name, f"2026-03-{day}"): "complete" if day > 15 else "quiet"
        for name in WATCHED
        for day in range(14, 21)
    }
    for day in WEEK:
        in_any = sum(known[name, day]["papers"] for name in WATCHED)
        assert max(known[name, day]["papers"] for name in WATCHED) < len(listed[day]) <= in_any


def test_a_paper_of_both_sources_is_one_with_both_days(fetched, mirror, listed):
    ids = [one["id"] for one in stored(fetched)]
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
def test_on_a_saturday_today_says_when_arxiv_announces_in_the_readers_time(
    reader, mirror, zone, when
):
    mirror.forget()
    done = reader.at(mirror, SATURDAY)("today", env={"TZ": zone})
    assert (done.code, done.out.count("new\t")) == (0, 0)
    assert f"arXiv announces at {when}\n" in done.err
    assert asked(mirror) == []


@pytest.fixture
def without(papertrack, mirror):
    """A reader who has not enabled arXiv."""
    return Reader(papertrack.home).watch(mirror, enabled=False).at(mirror, NOW)


def test_a_single_paper_is_fetched_with_arxiv_not_enabled(without, mirror):
    mirror.forget()
    done = without("fetch", "2603.17024")
    assert (done.code, done.err) == (0, "papertrack: 1 paper of 1, 1 new\n")
    assert len(asked(mirror)) == 1
    (paper,) = stored(without)
    assert (paper["id"], paper["version"], paper["listed"]) == ("2603.17024", 1, {})
    assert paper["categories"] == ["cs.CV", "cs.AI", "cs.CL"]


def test_papers_are_fetched_by_their_ids_in_any_form(without):
    forms = ("arXiv:2603.17024v1", "https://arxiv.org/abs/2603.17512", "2603.17942")
    done = without("fetch", *forms)
    assert (done.code, done.err) == (0, "papertrack: 3 papers of 3, 3 new\n")
    assert {one["id"] for one in stored(without)} == {"2603.17024", "2603.17512", "2603.17942"}


def test_fetching_an_unknown_id_says_so(without):
    done = without("fetch", "2603.99999", "2603.17024")
    assert done.code == 0
    assert "1 paper of 2, 1 new" in done.err
    assert "no source knows 2603.99999" in done.err
    assert "2603.17024" not in done.err
