"""The main job from day to day, against a small service on this machine."""

import json

import pytest
from pages import entry, numbered
from werkzeug import Response

WEEK = [f"2026-03-{day}" for day in range(25, 32)]
LAST = WEEK[-1]


@pytest.fixture
def reader(papertrack, daily):
    papertrack.ask(daily.url)
    return papertrack


def counted(paper_id, upvotes, title="A Paper"):
    return entry(paper_id, paper={"upvotes": upvotes, "title": title}, title=title)


def data(done, section="new"):
    assert done.code == 0, done.err
    return [one for one in json.loads(done.out)["data"] if one["section"] == section]


def asked_at(program, daily, now, *words):
    """The days asked for by one more `today` at a moment."""
    daily.asked.clear()
    program.now = now
    done = program("today", *words)
    assert done.code == 0, done.err
    return sorted(daily.asked)


def test_today_shows_what_the_service_lists_today_and_asks_for_the_week(reader, daily):
    daily.days = {LAST: numbered(1, 3), "2026-03-30": numbered(11, 2)}
    new = data(reader("today", "-f", "json"))
    assert [one["id"] for one in new] == ["2603.00001", "2603.00002", "2603.00003"]
    assert new[0]["listed"] == {"huggingface": LAST}
    assert new[0]["abstract"] == "What it says."
    assert sorted(daily.asked) == WEEK


def test_days_are_asked_again_when_they_may_have_changed(reader, daily):
    daily.days = {LAST: numbered(1, 3)}
    assert asked_at(reader, daily, "2026-03-31T18:00:00Z") == WEEK
    assert asked_at(reader, daily, "2026-03-31T18:05:00Z") == []
    assert asked_at(reader, daily, "2026-03-31T18:20:00Z") == [LAST]
    assert asked_at(reader, daily, "2026-03-31T22:00:00Z") == WEEK
    assert asked_at(reader, daily, "2026-03-31T22:05:00Z", "--refresh") == WEEK
    assert asked_at(reader, daily, "2026-04-01T09:00:00Z", "--offline") == []


def test_a_past_day_is_asked_for_once(reader, daily):
    daily.days = {"2026-02-10": numbered(1, 3)}
    past = ("--date", "2026-02-10")
    assert "2026-02-10" in asked_at(reader, daily, "2026-03-31T18:00:00Z", *past)
    assert asked_at(reader, daily, "2026-04-30T18:00:00Z", *past) == []


def test_counts_are_kept_over_time_and_what_was_gained_is_told(reader, daily):
    daily.days = {LAST: [counted("2603.00001", 5)]}
    reader.now = "2026-03-31T10:00:00Z"
    assert data(reader("today", "-f", "json"))[0]["upvotes_gained"] is None
    daily.days = {LAST: [counted("2603.00001", 12)]}
    reader.now = "2026-03-31T16:00:00Z"
    (new,) = data(reader("today", "-f", "json"))
    assert (new["upvotes"], new["upvotes_gained"]) == (12, 7)
    assert [one["upvotes"] for one in new["observations"]] == [5, 12]
    assert "5 on 03-31 10:00 to 12 on 03-31 16:00" in reader("show", "2603.00001").out


def test_a_weekend_is_quiet_and_names_the_last_listing(reader, daily):
    daily.days = {"2026-03-27": numbered(1, 3)}
    reader.now = "2026-03-28T18:00:00Z"
    done = reader("today", "-f", "json")
    assert data(done) == []
    assert any("2026-03-27" in note for note in json.loads(done.out)["notes"])
    plain = reader("today")
    assert plain.code == 0
    assert "2026-03-27" in plain.err


def test_ranges_show_each_paper_once_over_their_days(reader, daily):
    daily.days = {day: numbered(number * 10, 2) for number, day in enumerate(WEEK, 1)}
    for words in (["--days", "7"], ["--week", "2026-W14"], ["--month", "2026-03"]):
        new = data(reader("today", *words, "-f", "json"))
        assert len(new) == len({one["id"] for one in new}) == (4 if "--week" in words else 14)


def test_a_topic_marks_what_it_matches_and_alone_shows_only_that(reader, daily):
    daily.days = {LAST: [counted("2603.00001", 9), counted("2603.00002", 1, "On Agents")]}
    reader.ask(daily.url, "topics: [{name: agents, any: [agent]}]")
    new = data(reader("today", "-f", "json"))
    assert [(one["id"], len(one["topics"])) for one in new] == [
        ("2603.00002", 1),
        ("2603.00001", 0),
    ]
    only = reader("today", "-t", "agents", "-f", "ids")
    assert only.out.split() == ["2603.00002"]


@pytest.mark.parametrize(
    "answer",
    [
        Response("<html><title>Sorry", 200, content_type="text/html"),
        Response('[{"paper"', 200, content_type="application/json"),
        Response('{"error": "no"}', 200, content_type="application/json"),
        Response('{"error": "no"}', 500, content_type="application/json"),
    ],
    ids=["html", "cut off", "an object", "status 500"],
)
def test_an_answer_that_is_no_listing_is_an_error_never_a_quiet_day(reader, daily, answer):
    daily.days = {"2026-03-30": numbered(1, 3)}
    daily.answer = lambda day: answer if day == LAST else None
    done = reader("today", "-f", "json")
    assert done.code == 3
    (error,) = json.loads(done.out)["errors"]
    assert error["source"] == "huggingface"
    assert error["kind"] in ("not-json", "not-a-listing", "status")
    daily.answer = lambda _day: None
    daily.days[LAST] = numbered(11, 2)
    assert len(data(reader("today", "-f", "json"))) == 2, "the day is asked for again"


def test_a_bad_entry_is_named_and_the_rest_of_the_page_kept(reader, daily):
    daily.days = {LAST: [*numbered(1, 5), entry("2603.00009", paper={"title": None}, title=None)]}
    done = reader("today", "-f", "json")
    assert len(data(done)) == 5
    (note,) = json.loads(done.out)["notes"]
    assert "2603.00009" in note
    assert "title" in note


def test_a_failure_takes_nothing_from_what_is_stored(reader, daily):
    daily.days = {LAST: numbered(1, 3)}
    reader("today")
    daily.answer = lambda _day: Response("<html>", 200)
    reader.now = "2026-03-31T23:00:00Z"
    done = reader("today", "-f", "ids", "--limit", "3")
    assert (done.code, done.out.split()) == (4, ["2603.00001", "2603.00002", "2603.00003"])


def test_a_back_fill_goes_on_where_it_stopped(reader, daily):
    daily.days = {f"2026-01-{day:02}": numbered(day * 10, 2) for day in range(1, 11)}
    daily.answer = lambda day: Response("", 500) if day <= "2026-01-04" else None
    span = ("--since", "2026-01-01", "--until", "2026-01-10")
    assert reader("fetch", *span).code == 3
    daily.answer = lambda _day: None
    daily.asked.clear()
    done = reader("fetch", *span)
    assert done.code == 0
    assert sorted(daily.asked) == [f"2026-01-0{day}" for day in range(1, 5)]
    assert "8 of them new" in done.err
    assert len(reader("list", "--all", "-f", "ids").out.split()) == 20


def test_a_dry_run_names_the_days_and_asks_for_none(reader, daily):
    done = reader("fetch", "--since", "2026-03-01", "--until", "2026-03-03", "--dry-run")
    assert done.code == 0
    assert sorted(done.out.splitlines()) == [f"huggingface\t2026-03-0{day}" for day in (1, 2, 3)]
    assert daily.asked == []
    assert not reader.library.exists()


def test_pages_are_asked_for_until_they_end(reader, server):
    entries, pages = numbered(1, 140), []

    def respond(request):
        page = int(request.args["p"])
        if request.args["date"] != LAST:
            return Response("[]")
        pages.append(page)
        return Response(json.dumps(entries[100 * page : 100 * page + 100]))

    server.clear()
    server.expect_request("/api/daily_papers").respond_with_handler(respond)
    assert len(data(reader("today", "-f", "json"))) == 140
    assert sorted(pages) == [0, 1]
