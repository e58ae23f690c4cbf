"""Fetching and showing papers from day to day, against a local server."""

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


def entry_with_upvotes(paper_id, upvotes, title="A Paper"):
    return entry(paper_id, paper={"upvotes": upvotes, "title": title}, title=title)


def papers_of(result, section="new"):
    assert result.code == 0, result.err
    return [paper for paper in json.loads(result.out)["data"] if paper["section"] == section]


def requested_days(program, daily, now, *words):
    """Run `today` at a time and return the days that it requested."""
    daily.asked.clear()
    program.now = now
    result = program("today", *words)
    assert result.code == 0, result.err
    return sorted(daily.asked)


def test_today_shows_the_listing_of_today_and_fetches_the_week(reader, daily):
    daily.days = {LAST: numbered(1, 3), "2026-03-30": numbered(11, 2)}
    new = papers_of(reader("today", "-f", "json"))
    assert [paper["id"] for paper in new] == ["2603.00001", "2603.00002", "2603.00003"]
    assert new[0]["listed"] == {"huggingface": LAST}
    assert new[0]["abstract"] == "What it says."
    assert sorted(daily.asked) == WEEK


def test_days_are_fetched_again_when_they_may_have_changed(reader, daily):
    daily.days = {LAST: numbered(1, 3)}
    assert requested_days(reader, daily, "2026-03-31T18:00:00Z") == WEEK
    assert requested_days(reader, daily, "2026-03-31T18:05:00Z") == []
    assert requested_days(reader, daily, "2026-03-31T18:20:00Z") == [LAST]
    assert requested_days(reader, daily, "2026-03-31T22:00:00Z") == WEEK
    assert requested_days(reader, daily, "2026-03-31T22:05:00Z", "--refresh") == WEEK
    assert requested_days(reader, daily, "2026-04-01T09:00:00Z", "--offline") == []


def test_a_past_day_is_fetched_once(reader, daily):
    daily.days = {"2026-02-10": numbered(1, 3)}
    past = ("--date", "2026-02-10")
    assert "2026-02-10" in requested_days(reader, daily, "2026-03-31T18:00:00Z", *past)
    assert requested_days(reader, daily, "2026-04-30T18:00:00Z", *past) == []


def test_counts_are_stored_over_time_and_gains_are_shown(reader, daily):
    daily.days = {LAST: [entry_with_upvotes("2603.00001", 5)]}
    reader.now = "2026-03-31T10:00:00Z"
    assert papers_of(reader("today", "-f", "json"))[0]["upvotes_gained"] is None
    daily.days = {LAST: [entry_with_upvotes("2603.00001", 12)]}
    reader.now = "2026-03-31T16:00:00Z"
    (new,) = papers_of(reader("today", "-f", "json"))
    assert (new["upvotes"], new["upvotes_gained"]) == (12, 7)
    assert [observation["upvotes"] for observation in new["observations"]] == [5, 12]
    assert "5 on 03-31 10:00 to 12 on 03-31 16:00" in reader("show", "2603.00001").out


def test_a_weekend_is_quiet_and_names_the_last_listing(reader, daily):
    daily.days = {"2026-03-27": numbered(1, 3)}
    reader.now = "2026-03-28T18:00:00Z"
    result = reader("today", "-f", "json")
    assert papers_of(result) == []
    assert any("2026-03-27" in note for note in json.loads(result.out)["notes"])
    plain = reader("today")
    assert plain.code == 0
    assert "2026-03-27" in plain.err


def test_ranges_show_each_paper_once_over_their_days(reader, daily):
    daily.days = {day: numbered(number * 10, 2) for number, day in enumerate(WEEK, 1)}
    for words in (["--days", "7"], ["--week", "2026-W14"], ["--month", "2026-03"]):
        new = papers_of(reader("today", *words, "-f", "json"))
        assert len(new) == len({paper["id"] for paper in new}) == (4 if "--week" in words else 14)


def test_a_topic_marks_its_matches_and_filters_by_them(reader, daily):
    daily.days = {
        LAST: [
            entry_with_upvotes("2603.00001", 9),
            entry_with_upvotes("2603.00002", 1, "On Agents"),
        ]
    }
    reader.ask(daily.url, "topics: [{name: agents, any: [agent]}]")
    new = papers_of(reader("today", "-f", "json"))
    assert [(paper["id"], len(paper["topics"])) for paper in new] == [
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
def test_a_response_that_is_not_a_listing_is_an_error_never_a_quiet_day(reader, daily, answer):
    daily.days = {"2026-03-30": numbered(1, 3)}
    daily.answer = lambda day: answer if day == LAST else None
    result = reader("today", "-f", "json")
    assert result.code == 3
    (error,) = json.loads(result.out)["errors"]
    assert error["source"] == "huggingface"
    assert error["kind"] in ("not-json", "not-a-listing", "status")
    daily.answer = lambda _day: None
    daily.days[LAST] = numbered(11, 2)
    assert len(papers_of(reader("today", "-f", "json"))) == 2, "the day is fetched again"


def test_an_invalid_entry_is_reported_and_the_rest_of_the_page_is_stored(reader, daily):
    daily.days = {LAST: [*numbered(1, 5), entry("2603.00009", paper={"title": None}, title=None)]}
    result = reader("today", "-f", "json")
    assert len(papers_of(result)) == 5
    (note,) = [note for note in json.loads(result.out)["notes"] if "topics" not in note]
    assert "2603.00009" in note
    assert "title" in note


def test_a_failure_removes_no_stored_papers(reader, daily):
    daily.days = {LAST: numbered(1, 3)}
    reader("today")
    daily.answer = lambda _day: Response("<html>", 200)
    reader.now = "2026-03-31T23:00:00Z"
    result = reader("today", "-f", "ids", "--limit", "3")
    assert (result.code, result.out.split()) == (4, ["2603.00001", "2603.00002", "2603.00003"])


def test_a_backfill_resumes_where_it_failed(reader, daily):
    daily.days = {f"2026-01-{day:02}": numbered(day * 10, 2) for day in range(1, 11)}
    daily.answer = lambda day: Response("", 500) if day <= "2026-01-04" else None
    span = ("--since", "2026-01-01", "--until", "2026-01-10")
    assert reader("fetch", *span).code == 3
    daily.answer = lambda _day: None
    daily.asked.clear()
    result = reader("fetch", *span)
    assert result.code == 0
    assert sorted(daily.asked) == [f"2026-01-0{day}" for day in range(1, 5)]
    assert "8 of them new" in result.err
    assert len(reader("list", "--all", "-f", "ids").out.split()) == 20


def test_a_partial_day_is_fetched_by_the_next_fetch_at_once_and_by_today_later(reader, daily):
    daily.days = {LAST: [*numbered(1, 3), {"paper": {"id": "2603.00009"}}]}
    assert reader("fetch").code == 0
    daily.days = {LAST: numbered(1, 4)}
    assert requested_days(reader, daily, "2026-03-31T18:05:00Z") == []
    assert "1 listing requested, 4 papers, 1 of them new" in reader("fetch").err
    assert "nothing was due" in reader("fetch").err


def test_a_day_is_fetched_again_if_asked_for_whatever_is_stored(reader, daily):
    daily.days = {"2026-01-05": numbered(1, 3)}
    assert reader("fetch", "--since", "2026-01-05", "--until", "2026-01-05").code == 0
    daily.days = {"2026-01-05": numbered(1, 4)}
    daily.asked.clear()
    result = reader("fetch", "--again", "2026-01-05")
    assert (result.code, daily.asked) == (0, ["2026-01-05"])
    assert "1 listing requested, 4 papers, 1 of them new" in result.err
    listed = reader("fetch", "--again", "2026-01-05", "--dry-run").out
    assert listed == "huggingface\t2026-01-05\n"


@pytest.mark.parametrize(
    "words",
    [
        ("--again", "2026-04-01"),
        ("--again", "someday"),
        ("--again", "2026-01-05", "--since", "2026-01-01"),
        ("--again", "2026-01-05", "2603.00001"),
    ],
)
def test_a_day_to_fetch_again_has_begun_and_excludes_ranges_and_ids(reader, daily, words):
    result = reader("fetch", *words)
    assert (result.code, daily.asked) == (2, [])
    assert 1 <= len(result.err.splitlines()) <= 3


def test_a_wait_of_hours_is_shown_and_kept_by_the_next_run(reader, daily):
    daily.answer = lambda _day: Response("", 429, headers={"Retry-After": "7200"})
    result = reader("today", env={"TZ": "UTC"})
    assert result.code == 4
    assert "Hugging Face asks to wait until 20:00" in result.err
    daily.asked.clear()
    daily.answer = lambda _day: None
    reader.now = "2026-03-31T19:30:00Z"
    result = reader("today", env={"TZ": "UTC"})
    assert (result.code, daily.asked) == (4, [])
    assert "Hugging Face asks to wait until 20:00" in result.err
    assert requested_days(reader, daily, "2026-03-31T20:00:00Z") == WEEK


def test_a_dry_run_prints_the_days_and_fetches_nothing(reader, daily):
    result = reader("fetch", "--since", "2026-03-01", "--until", "2026-03-03", "--dry-run")
    assert result.code == 0
    assert sorted(result.out.splitlines()) == [f"huggingface\t2026-03-0{day}" for day in (1, 2, 3)]
    assert daily.asked == []
    assert not reader.library.exists()


def test_all_pages_of_a_day_are_fetched(reader, server):
    entries, pages = numbered(1, 140), []

    def respond(request):
        page = int(request.args["p"])
        if request.args["date"] != LAST:
            return Response("[]")
        pages.append(page)
        return Response(json.dumps(entries[100 * page : 100 * page + 100]))

    server.clear()
    server.expect_request("/api/daily_papers").respond_with_handler(respond)
    assert len(papers_of(reader("today", "-f", "json"))) == 140
    assert sorted(pages) == [0, 1]


def test_without_topics_today_shows_the_command_that_adds_one(reader, daily):
    advice = "papertrack topics add"
    assert advice in reader("today").err
    daily.days = {LAST: numbered(1, 5)}
    assert advice in reader("today", "--refresh", "-f", "json").out
    reader("topics", "add", "papers", "--any", "paper")
    assert advice not in reader("today").err
