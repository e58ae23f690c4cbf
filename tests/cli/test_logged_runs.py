"""The log of whole runs: its events, its destination, and that nothing depends on it."""

import os
from datetime import datetime

import pytest
from log_lines import events
from pages import numbered

from papertrack.library.library import Library

DAY = "2026-03-31"
LOG = "log: ../../papertrack.log\n"  # next to the other files of the home folder


@pytest.fixture
def reader(papertrack, daily):
    """The program with a log, configured for a local server with a day of two papers."""
    daily.days = {DAY: numbered(1, 2)}
    papertrack.ask(daily.url, LOG)
    return papertrack


def logged(program, *names):
    return events((program.home / "papertrack.log").read_text(), *names)


def test_a_refresh_logs_every_request_listing_and_write(reader, daily):
    assert reader("today", "--limit", "1").code == 0
    start, *_, end = logged(reader)
    assert (start.name, start["command"]) == ("start", "today --limit 1")
    assert start["library"] == str(reader.library)
    assert (end.name, end["code"]) == ("end", "0")
    requests = logged(reader, "request")
    assert len([request for request in requests if "p=0" in request["url"]]) == len(daily.asked)
    for request in requests:
        assert (request["method"], request["status"]) == ("GET", "200")
        assert request["url"].startswith(f"{daily.url}/api/daily_papers?date=")
        assert float(request["seconds"]) >= 0
        assert int(request["bytes"]) > 0
    assert {request["url"].partition("date=")[2][:10] for request in requests} == set(daily.asked)
    states = {
        listing["day"]: (listing["state"], listing["papers"])
        for listing in logged(reader, "listing")
    }
    assert states.pop(DAY) == ("complete", "2")
    assert set(states.values()) == {("quiet", "0")}
    writes = logged(reader, "write")
    tables = {name for write in writes for name in write["names"].split(",")}
    assert f"papers.{DAY}" in tables
    assert tables <= set(Library(str(reader.library)).database.tables())
    assert all(int(write["rows"]) > 0 and int(write["bytes"]) > 0 for write in writes)
    assert all(int(write["tables"]) == len(write["names"].split(",")) for write in writes)


def test_a_failed_request_is_logged_with_its_status_and_the_kind_of_failure(
    reader, server, unused_url
):
    server.expect_request("/broken/api/daily_papers").respond_with_data("no", 500)
    for base in (server.url_for("/broken"), unused_url):
        reader.ask(base, LOG)
        assert reader("today").code == 4
    requests = logged(reader, "request")
    assert {request.level for request in requests} == {"WARNING"}
    assert {(request.facts.get("status"), request["failed"]) for request in requests} == {
        ("500", "status"),
        (None, "ConnectError"),
    }
    assert {listing["failed"] for listing in logged(reader, "listing")} == {"status", "connection"}
    assert [event["code"] for event in logged(reader, "end")] == ["4", "4"]


def test_a_request_without_a_response_is_logged_as_a_timeout(papertrack, wire):
    hanging = wire(lambda connection: connection.recv(1))
    papertrack.ask(hanging.url, LOG + "network: {deadline_seconds: 2}\n")
    assert papertrack("today").code == 4
    requests = logged(papertrack, "request")
    assert requests
    assert {request["failed"] for request in requests} == {"timeout"}


def test_vv_prints_the_log_and_v_does_not(papertrack, daily):
    daily.days = {DAY: numbered(1, 1)}
    papertrack.ask(daily.url)
    quiet = papertrack("today")
    assert quiet.err.count(" INFO ") == 0
    assert papertrack("today", "--refresh", "-v").err.count(" INFO ") == 0
    for options in (["-vv"], ["-v", "--verbose"]):
        result = papertrack("today", "--refresh", *options)
        assert (result.code, result.out) == (0, quiet.out)
        lines = [line for line in result.err.splitlines() if " INFO " in line]
        names = [event.name for event in events("\n".join(lines))]
        assert (names[0], names[-1]) == ("start", "end")
        assert "request" in names
    assert not list(papertrack.home.glob("*.log"))


def test_vv_shows_no_progress_bar(papertrack, daily):
    papertrack.ask(daily.url)
    _, output = papertrack.in_terminal("today", "--refresh", "-vv")
    assert b" INFO " in output
    assert b"Fetching" not in output


def test_log_times_come_from_the_configured_clock(reader):
    assert reader("today").code == 0
    assert {event.at for event in logged(reader)} == {datetime.fromisoformat(reader.now)}


def test_a_run_with_a_cached_configuration_is_logged(reader):
    for _ in range(2):
        assert reader("list").code == 0
    assert [event["command"] for event in logged(reader, "start")] == ["list", "list"]


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


@pytest.mark.parametrize("create", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_an_unwritable_log_only_causes_a_warning(reader, daily, create):
    create(reader.home / "papertrack.log")
    reader.ask(daily.url)
    reader("today")
    for words, code in ((["today", "--refresh"], 0), (["show", "2601.99999"], 2)):
        reader.ask(daily.url)
        without_log = reader(*words)
        reader.ask(daily.url, LOG)
        with_log = reader(*words)
        assert (with_log.code, with_log.out) == (without_log.code, without_log.out)
        assert with_log.code == code
        assert with_log.err.count("cannot write the log") == 1
        assert with_log.err.endswith(without_log.err)


def test_two_runs_at_once_share_the_log(reader):
    processes = [reader.start("list") for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    for process in processes:
        process.communicate()
    logged_events = logged(reader)
    assert len({event.process for event in logged_events}) == len(processes)
    for name in ("start", "end"):
        assert sum(event.name == name for event in logged_events) == len(processes)


def test_tab_completion_writes_no_log(reader):
    completion = {
        "_PAPERTRACK_COMPLETE": "complete_bash",
        "COMP_WORDS": "papertrack list -t ",
        "COMP_CWORD": "3",
    }
    reader("list", env=completion)
    assert not (reader.home / "papertrack.log").exists()


def test_config_shows_the_path_of_the_log_and_reports_an_invalid_value(reader):
    assert f'log: "{reader.home / "papertrack.log"}"' in reader("config", "show").out
    assert reader("config", "check").code == 0
    reader.configure("log: [a]\n")
    invalid = reader("config", "check")
    assert invalid.code == 2
    assert "line 1: log: is a list, not a file" in invalid.err
