"""Fetching and showing papers from the mirror of Hugging Face with its real listings and faults."""

import gzip
import json
from urllib.request import Request, urlopen

import pytest

WEEK = [f"2026-03-{day}" for day in range(25, 32)]
LAST = WEEK[-1]
FULL = "2026-03-27"


@pytest.fixture
def reader(papertrack, mirror):
    papertrack.ask(mirror.url, "network: {deadline_seconds: 60}\n")
    return papertrack


def listed(mirror, day):
    """The listing of a day, read from the mirror directly."""
    address = Request(f"{mirror.url}/api/daily_papers?date={day}&limit=100&p=0")
    with urlopen(address) as answer:
        body = answer.read()
    is_gzip = body[:2] == b"\x1f\x8b"
    return json.loads(gzip.decompress(body) if is_gzip else body)


def new_papers(result):
    return {
        paper["id"]: paper for paper in json.loads(result.out)["data"] if paper["section"] == "new"
    }


def requested_days(program, mirror, now, *words):
    mirror.forget()
    mirror.clock(now)
    program.now = now
    assert program("today", *words).code == 0
    return mirror.asked()


def test_today_shows_the_listing_of_the_mirror(reader, mirror):
    result = reader("today", "-f", "json")
    assert result.code == 0
    expected = {entry["paper"]["id"]: entry for entry in listed(mirror, LAST)}
    shown = new_papers(result)
    assert shown.keys() == expected.keys()
    for paper_id, paper in shown.items():
        assert paper["title"] == " ".join(expected[paper_id]["paper"]["title"].split())
        assert paper["upvotes"] == expected[paper_id]["paper"]["upvotes"]
        assert paper["comments"] == expected[paper_id]["numComments"]
        assert paper["listed"] == {"huggingface": LAST}


def test_each_day_is_fetched_as_often_as_it_may_change(reader, mirror):
    assert requested_days(reader, mirror, "2026-03-31T18:00:00Z") == WEEK
    assert requested_days(reader, mirror, "2026-03-31T18:05:00Z") == []
    assert requested_days(reader, mirror, "2026-03-31T18:20:00Z") == [LAST]
    assert requested_days(reader, mirror, "2026-03-31T22:00:00Z") == WEEK
    assert "2026-01-15" in requested_days(
        reader, mirror, "2026-03-31T22:01:00Z", "--date", "2026-01-15"
    )
    assert requested_days(reader, mirror, "2026-05-31T22:01:00Z", "--date", "2026-01-15") == []


def test_upvotes_gained_equal_the_gain_on_the_mirror(reader, mirror):
    day = "2026-03-24"
    reader.now = f"{day}T23:00:00Z"
    mirror.clock(reader.now)
    reader("today", "-f", "json")
    before = {entry["paper"]["id"]: entry["paper"]["upvotes"] for entry in listed(mirror, day)}
    reader.now = "2026-03-26T23:00:00Z"
    mirror.clock(reader.now)
    after = {entry["paper"]["id"]: entry["paper"]["upvotes"] for entry in listed(mirror, day)}
    assert before != after, "the mirror's counts move"
    shown = new_papers(reader("today", "--date", day, "-f", "json"))
    assert {key: shown[key]["upvotes_gained"] for key in before} == {
        key: after[key] - before[key] for key in before
    }


def test_a_weekend_is_quiet_and_names_the_last_listing(reader, mirror):
    reader.now = "2026-03-29T18:00:00Z"
    mirror.clock(reader.now)
    result = reader("today", "-f", "json")
    assert (result.code, new_papers(result)) == (0, {})
    assert any(FULL in note for note in json.loads(result.out)["notes"])


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"html200": True}, "not-json"),
        ({"invalid_json": True}, "not-json"),
        ({"status": 500}, "status"),
        ({"reset": True}, "connection"),
        ({"truncate": True}, "connection"),
        ({"status": 429, "retry_after": 3600}, "rate-limit"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value,
)
def test_a_failed_day_is_reported_and_the_other_days_are_shown(reader, mirror, fault, kind):
    mirror.fail(**fault, path=f"date={LAST}")
    result = reader("today", "--days", "2", "-f", "json")
    assert result.code == 3
    (error,) = json.loads(result.out)["errors"]
    assert (error["source"], error["kind"]) == ("huggingface", kind)
    if kind == "rate-limit":
        # Requests that were not sent yet are held back, as the service asks to wait.
        assert "of 7 days" in error["message"]
        return
    assert "1 of 7 days" in error["message"]
    assert new_papers(result).keys() == {
        entry["paper"]["id"] for entry in listed(mirror, "2026-03-30")
    }


@pytest.mark.parametrize("fault", [{"drop_field": "title"}, {"wrong_type": "paper"}])
def test_an_invalid_entry_of_thirty_is_reported_and_the_others_are_stored(reader, mirror, fault):
    entries = listed(mirror, FULL)
    mirror.fail(**fault, item=3, path=f"date={FULL}")
    result = reader("today", "--date", FULL, "-f", "json")
    assert result.code == 0
    assert len(new_papers(result)) == len(entries) - 1
    (note,) = [note for note in json.loads(result.out)["notes"] if "topics" not in note]
    assert "left out entry 3" in note or "left out entry 4" in note


def test_a_backfill_requests_each_day_once_and_resumes(reader, mirror):
    span = ("--since", "2026-02-02", "--until", "2026-02-13")
    mirror.fail(status=500, path="date=2026-02-0")
    mirror.forget()
    assert reader("fetch", *span).code == 3
    assert len(set(mirror.asked())) == 12
    mirror.fail(status=500, times=0, path="nowhere")
    mirror.forget()
    assert reader("fetch", *span).code == 0
    assert mirror.asked() == [f"2026-02-0{day}" for day in range(2, 10)]
    mirror.forget()
    assert "nothing was due" in reader("fetch", *span).err
    assert mirror.asked() == []
    days = {
        day
        for line in reader("list", "--all", "-f", "jsonl").out.splitlines()
        for day in json.loads(line)["listed"].values()
    }
    assert len(days) == 10, "the weekends between are quiet"
