"""The log of whole runs: what is in it, where it goes, and that nothing depends on it."""

import os
from datetime import datetime

import pytest
from log_lines import events
from pages import numbered

from papertrack.library.library import Library

DAY = "2026-03-31"
LOG = "log: ../../papertrack.log\n"  # beside the home's other files


@pytest.fixture
def reader(papertrack, daily):
    """The program with a log, asking a small service for one day with two papers."""
    daily.days = {DAY: numbered(1, 2)}
    papertrack.ask(daily.url, LOG)
    return papertrack


def logged(program, *names):
    return events((program.home / "papertrack.log").read_text(), *names)


def test_a_refresh_logs_each_request_each_listing_and_each_write(reader, daily):
    assert reader("today", "--limit", "1").code == 0
    start, *_, end = logged(reader)
    assert (start.name, start["command"]) == ("start", "today --limit 1")
    assert start["library"] == str(reader.library)
    assert (end.name, end["code"]) == ("end", "0")
    requests = logged(reader, "request")
    assert len(requests) == len(daily.asked)
    for one in requests:
        assert (one["method"], one["status"]) == ("GET", "200")
        assert one["url"].startswith(f"{daily.url}/api/daily_papers?date=")
        assert float(one["seconds"]) >= 0
        assert int(one["bytes"]) > 0
    assert {one["url"].partition("date=")[2][:10] for one in requests} == set(daily.asked)
    states = {one["day"]: (one["state"], one["papers"]) for one in logged(reader, "listing")}
    assert states.pop(DAY) == ("complete", "2")
    assert set(states.values()) == {("quiet", "0")}
    writes = logged(reader, "write")
    tables = {name for one in writes for name in one["names"].split(",")}
    assert f"papers.{DAY}" in tables
    assert tables <= set(Library(str(reader.library)).database.tables())
    assert all(int(one["rows"]) > 0 and int(one["bytes"]) > 0 for one in writes)
    assert all(int(one["tables"]) == len(one["names"].split(",")) for one in writes)


def test_a_failed_request_is_logged_with_its_status_and_the_kind_of_failure(
    reader, server, unused_url
):
    server.expect_request("/broken/api/daily_papers").respond_with_data("no", 500)
    for base in (server.url_for("/broken"), unused_url):
        reader.ask(base, LOG)
        assert reader("today").code == 4
    requests = logged(reader, "request")
    assert {one.level for one in requests} == {"WARNING"}
    assert {(one.facts.get("status"), one["failed"]) for one in requests} == {
        ("500", "status"),
        (None, "ConnectError"),
    }
    assert {one["failed"] for one in logged(reader, "listing")} == {"status", "connection"}
    assert [one["code"] for one in logged(reader, "end")] == ["4", "4"]


def test_a_request_without_an_answer_is_logged_as_a_timeout(papertrack, wire):
    hanging = wire(lambda connection: connection.recv(1))
    papertrack.ask(hanging.url, LOG + "network: {deadline_seconds: 2}\n")
    assert papertrack("today").code == 4
    requests = logged(papertrack, "request")
    assert requests
    assert {one["failed"] for one in requests} == {"timeout"}


def test_vv_prints_the_log_and_v_does_not(papertrack, daily):
    daily.days = {DAY: numbered(1, 1)}
    papertrack.ask(daily.url)
    quiet = papertrack("today")
    assert quiet.err.count(" INFO ") == 0
    assert papertrack("today", "--refresh", "-v").err.count(" INFO ") == 0
    for loud in (["-vv"], ["-v", "--verbose"]):
        done = papertrack("today", "--refresh", *loud)
        assert (done.code, done.out) == (0, quiet.out)
        lines = [line for line in done.err.splitlines() if " INFO " in line]
        names = [one.name for one in events("\n".join(lines))]
        assert (names[0], names[-1]) == ("start", "end")
        assert "request" in names
    assert not list(papertrack.home.glob("*.log"))


def test_vv_draws_no_bar_through_its_lines(papertrack, daily):
    papertrack.ask(daily.url)
    _, seen = papertrack.in_terminal("today", "--refresh", "-vv")
    assert b" INFO " in seen
    assert b"Asking" not in seen


def test_times_are_those_of_the_given_clock(reader):
    assert reader("today").code == 0
    assert {one.at for one in logged(reader)} == {datetime.fromisoformat(reader.now)}


def test_a_run_with_a_cached_configuration_is_logged_too(reader):
    for _ in range(2):
        assert reader("list").code == 0
    assert [one["command"] for one in logged(reader, "start")] == ["list", "list"]


def test_a_failure_is_logged_with_its_message_and_exit_code(reader):
    assert reader("show", "2601.99999").code == 2
    (failed,) = logged(reader, "failed")
    assert (failed.level, failed["code"]) == ("ERROR", "2")
    assert "2601.99999" in failed["problem"]
    assert logged(reader)[-1]["code"] == "2"


def test_damage_to_the_library_is_logged(reader):
    assert reader("today").code == 0
    (reader.library / f"listings.{DAY}.json").write_text("{")
    assert reader("today", "--offline").code == 0
    (damage,) = logged(reader, "damage")
    assert damage.level == "WARNING"
    assert f"listings.{DAY}" in damage["problem"]


@pytest.mark.parametrize("spoil", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_a_log_that_cannot_be_written_changes_nothing_but_one_warning(reader, daily, spoil):
    spoil(reader.home / "papertrack.log")
    reader.ask(daily.url)
    reader("today")
    for words, code in ((["today", "--refresh"], 0), (["show", "2601.99999"], 2)):
        reader.ask(daily.url)
        without = reader(*words)
        reader.ask(daily.url, LOG)
        logging = reader(*words)
        assert (logging.code, logging.out) == (without.code, without.out)
        assert logging.code == code
        assert logging.err.count("cannot write the log") == 1
        assert logging.err.endswith(without.err)


def test_two_runs_at_once_share_the_log(reader):
    running = [reader.start("list") for _ in range(4)]
    assert [one.wait(60) for one in running] == [0, 0, 0, 0]
    for one in running:
        one.communicate()
    found = logged(reader)
    assert len({one.process for one in found}) == len(running)
    for name in ("start", "end"):
        assert sum(one.name == name for one in found) == len(running)


def test_pressing_tab_writes_no_log(reader):
    asked = {
        "_PAPERTRACK_COMPLETE": "complete_bash",
        "COMP_WORDS": "papertrack list -t ",
        "COMP_CWORD": "3",
    }
    reader("list", env=asked)
    assert not (reader.home / "papertrack.log").exists()


def test_config_shows_where_the_log_is_and_a_wrong_value(reader):
    assert f'log: "{reader.home / "papertrack.log"}"' in reader("config", "show").out
    assert reader("config", "check").code == 0
    reader.configure("log: [a]\n")
    wrong = reader("config", "check")
    assert wrong.code == 2
    assert "line 1: log: is a list, not a file" in wrong.err
