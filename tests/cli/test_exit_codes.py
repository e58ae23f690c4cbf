"""The exit codes of CONTRACT.md, each with a helpful message and without a traceback."""

import json
import re
import signal
import sys
import threading
from time import sleep

import pytest
from pages import numbered
from werkzeug import Response

from papertrack.library.library import Library

DAY = "2026-03-31"


def has_short_message(result):
    """Check that stderr has one to three lines and no traceback."""
    lines = list(filter(None, result.err.splitlines()))
    assert 1 <= len(lines) <= 3, result.err
    assert "Traceback" not in result.err
    return True


@pytest.mark.parametrize(
    "words",
    [
        "nope",
        "show",
        "import",
        "today --bad",
        "today --format pdf",
        "today --limit many",
        "today --date 2026-02-30",
        "today --month 2026-13",
        "today --days 0",
        "today --date 2026-03-01 --days 3",
        "today --source nope",
        "today --source nope --offline",
        "fetch --since 2026-03-02 --until 2026-03-01",
        "list --since soon",
        "list --topic nope",
        "trending --window 2d",
        "show 2601.99999 --format json",
        "star 2601.99999",
        "why 2603.00001 --topic nope",
        "import nowhere.jsonl",
        "completion nosh",
        "--config",
        "--config nowhere.yaml config check",
    ],
)
def test_a_usage_error_exits_with_2_and_a_short_message_on_stderr(reader, words):
    result = reader(*words.split())
    assert (result.code, result.out) == (2, "")
    assert has_short_message(result)


@pytest.mark.parametrize("mistyped", ["todya", "lst", "trendin"])
def test_a_mistyped_command_gets_a_suggestion(reader, mistyped):
    expected = {"todya": "today", "lst": "list", "trendin": "trending"}[mistyped]
    assert re.search(rf"\b{expected}\b", reader(mistyped).err)


@pytest.mark.parametrize("now", ["soon", "2026-03-31T25:00:00Z"])
def test_an_invalid_clock_is_a_usage_error(papertrack, now):
    papertrack.now = now
    result = papertrack("list")
    assert (result.code, result.out) == (2, "")
    assert "PAPERTRACK_NOW" in result.err


@pytest.mark.parametrize("words", ["today --offline --date", "list --until", "list --since"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_last_dates_of_the_calendar_do_not_crash(reader, words, day):
    assert reader(*words.split(), day).code in (0, 2)


BROKEN = """
sources: {hugingface: {enabled: true}}
topics:
  - {name: one, any: []}
  - {name: one, any: [two], threshold: 900}
network: {deadline_seconds: never}
"""


@pytest.mark.parametrize("words", ["today --offline", "topics list", "config check"])
def test_all_problems_of_the_configuration_are_reported_at_once(papertrack, words):
    papertrack.configure(BROKEN)
    result = papertrack(*words.split())
    assert (result.code, result.out) == (2, "")
    for place in ("hugingface", "topics[1].threshold", "network.deadline_seconds"):
        assert re.search(rf"line \d+: \S*{re.escape(place)}", result.err), place
    assert "huggingface" in result.err, "a suggestion"


def test_help_and_version_work_with_a_broken_configuration(papertrack):
    papertrack.configure(BROKEN)
    for words in (["--help"], ["today", "--help"], ["--version"], ["config", "path"]):
        assert papertrack(*words).code == 0


@pytest.mark.parametrize("form", ["plain", "json"])
def test_no_network_and_an_empty_library_exit_with_4_and_advice(papertrack, unused_url, form):
    papertrack.ask(unused_url)
    result = papertrack("today", "--format", form)
    assert result.code == 4
    assert "cannot be reached" in result.err
    assert re.search(r"papertrack today --sample|--offline|try again", result.err), (
        "what to do next"
    )
    if form == "json":
        document = json.loads(result.out)
        assert document["data"] == []
        assert document["errors"][0].keys() >= {"source", "kind", "message"}
        assert document["errors"][0]["source"] == "huggingface"


@pytest.fixture
def offline_reader(papertrack, daily, unused_url):
    """A library filled at 12:00; it is now 18:00 and there is no network."""
    daily.days[DAY] = numbered(1, 3)
    papertrack.ask(daily.url)
    papertrack.now = "2026-03-31T12:00:00Z"
    assert papertrack("today").code == 0
    papertrack.ask(unused_url)
    papertrack.now = "2026-03-31T18:00:00Z"
    return papertrack


@pytest.mark.parametrize("form", ["plain", "table", "json", "ids"])
def test_without_a_network_stored_papers_and_their_age_are_shown(offline_reader, form):
    result = offline_reader("today", "--format", form)
    assert result.code == 4
    assert "2603.00001" in result.out
    assert "cannot be reached" in result.err
    assert "6 hours ago" in result.out + result.err


def test_offline_fetches_nothing_and_succeeds(offline_reader):
    result = offline_reader("today", "--offline", "-f", "json")
    assert result.code == 0
    assert json.loads(result.out)["errors"] == []


@pytest.mark.parametrize("command", ["today", "fetch"])
def test_some_failed_days_exit_with_3_and_the_other_days_are_stored(papertrack, daily, command):
    daily.days = {DAY: numbered(1, 3), "2026-03-30": numbered(11, 3)}
    daily.answer = lambda day: Response("<html>", 200) if day == "2026-03-30" else None
    papertrack.ask(daily.url)
    result = papertrack(command)
    assert result.code == 3
    assert "1 of 7 days" in result.err
    assert len(papertrack("list", "-f", "ids").out.split()) == 3


def test_fetch_exits_with_4_if_every_day_fails(papertrack, daily):
    daily.answer = lambda _day: Response("{}", 200)
    papertrack.ask(daily.url)
    assert papertrack("fetch").code == 4


@pytest.mark.parametrize("words", ["list", "star 2603.00001", "today"])
def test_a_library_path_that_is_a_file_exits_with_5(papertrack, daily, words):
    papertrack.ask(daily.url)
    papertrack.library.write_text("not a folder")
    result = papertrack(*words.split())
    assert (result.code, result.out) == (5, "")
    assert has_short_message(result)
    assert papertrack.library.read_text() == "not a folder"


TRUNCATED = b'{"papertrack": 1, "ro'


@pytest.mark.parametrize(
    ("words", "damage"),
    [
        ("today --offline", TRUNCATED),
        ("today --offline -f json", b""),
        ("list", b"[]"),
        ("fetch", TRUNCATED),
        ("import more.jsonl", b""),
    ],
)
def test_a_damaged_file_is_reported_once_and_kept(owner, daily, words, damage):
    """The damaged bytes stay under the name of the file or, after a write, under a new name."""
    owner.ask(daily.url)
    daily.days[DAY] = numbered(1, 3)
    (owner.home / "more.jsonl").write_text(
        f'{{"id": "2603.77777", "title": "T", "listed": "{DAY}"}}'
    )
    expected = owner("list", "-f", "ids").out
    file = owner.library / f"listings.{DAY}.json"
    file.write_bytes(damage)
    result = owner(*words.split())
    assert result.code == 0
    warnings = [line for line in result.err.splitlines() if "damaged" in line]
    assert len(warnings) == 1
    assert str(file) in warnings[0]
    assert damage in {path.read_bytes() for path in owner.library.glob(f"{file.name}*")}
    assert set(expected.split()) <= set(owner("list", "-f", "ids").out.split())


def test_two_damaged_files_are_reported_in_one_warning(owner):
    for file in owner.library.glob(f"*.{DAY}.json"):
        file.write_bytes(b"")
    result = owner("today", "--offline")
    assert (result.code, result.err.count("is damaged")) == (0, 1)
    assert "library verify" in result.err


_WITH_SMALL_BATCHES = (
    "from papertrack.__main__ import main; from papertrack.tracker import papers; "
    "from papertrack.matching import matcher; papers.BATCH_SIZE = matcher.BATCH_SIZE = 9; main()"
)


@pytest.mark.parametrize(("form", "shown"), [("jsonl", 45), ("json", 45), ("table", 0)])
def test_damage_found_while_printing_exits_with_5_after_complete_lines(owner, form, shown):
    """A table is not started, because its columns depend on all rows; a JSON object is completed
    and has the error.
    """
    ids = owner("list", "--all", "-f", "ids").out.splitlines()
    library = Library(str(owner.library))
    library.database.put("listings.2025-12-01", {"2512.00001": {"ranks": 5}})
    program = [sys.executable, "-c", _WITH_SMALL_BATCHES]
    result = owner("list", "--all", "--limit", "99", "-f", form, program=program)
    papers = [json.loads(line) for line in result.out.splitlines()]
    if form == "json":
        (document,) = papers
        papers, (error,) = document["data"], document["errors"]
        assert (error["source"], error["kind"]) == ("library", "damaged")
        assert "listings.2025-12-01 is damaged" in error["message"]
    assert (result.code, [paper["id"] for paper in papers]) == (5, ids[:shown])
    assert has_short_message(result)
    assert "listings.2025-12-01 is damaged" in result.err
    assert owner("list", "--all", "-f", "ids").out.splitlines() == ids


def test_a_library_of_a_later_version_exits_with_5_and_is_unchanged(owner):
    file = owner.library / f"listings.{DAY}.json"
    later = file.read_bytes().replace(b'"papertrack":1', b'"papertrack":99')
    file.write_bytes(later)
    result = owner("today", "--offline")
    assert result.code == 5
    assert "later papertrack" in result.err
    assert file.read_bytes() == later


@pytest.mark.parametrize("command", ["today", "fetch"])
def test_ctrl_c_stops_a_stalled_refresh_at_once_and_exits_with_130(papertrack, wire, command):
    reached = threading.Event()

    def stall(connection):
        reached.set()
        connection.recv(1)

    papertrack.ask(wire(stall).url, "network: {deadline_seconds: 600}\n")
    process = papertrack.start(command)
    assert reached.wait(60)
    sleep(0.2)
    process.send_signal(signal.SIGINT)
    # Less than the timeout of a request, and far more than exiting takes.
    out, err = process.communicate(timeout=25)
    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err
    assert b"interrupted" in err


@pytest.mark.parametrize(
    "words", ["today --sample", "today --sample -f json", "list -f table", "--help", "config show"]
)
def test_a_reader_that_has_seen_enough_is_no_error(reader, words):
    process = reader.start(*words.split())
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(300), err) == (0, b"")


@pytest.mark.parametrize("words", ["today --sample", "list -f json", "--help", "config show"])
def test_a_full_disk_behind_stdout_is_reported_without_a_traceback(reader, words):
    with open("/dev/full", "wb") as full:
        result = reader.bytes(*words.split(), stdout=full)
    assert result.returncode not in (0, 1)
    assert b"Traceback" not in result.stderr
    assert b"cannot write the output" in result.stderr


def test_a_closed_stdout_is_reported_without_a_traceback(reader):
    result = reader.bytes("list", program=["sh", "-c", 'exec papertrack "$@" >&-', "sh"])
    assert result.returncode not in (0, 1)
    assert b"Traceback" not in result.stderr


def test_only_debug_prints_a_traceback(reader):
    assert "Traceback" not in reader("show", "2601.99999").err
    assert "Traceback" in reader("show", "2601.99999", "--debug").err


@pytest.mark.parametrize("form", ["plain", "table"])
@pytest.mark.parametrize("command", ["today", "catchup"])
def test_papers_that_cannot_be_stored_are_shown_before_exit_code_5(
    papertrack, daily, command, form
):
    papertrack.ask(daily.url)
    daily.days[DAY] = numbered(1, 3)
    (papertrack.library / ".lock").mkdir(parents=True)
    result = papertrack(command, "-f", form)
    assert (result.code, "2603.00001" in result.out) == (5, True)
    assert "cannot lock the library" in result.err
    assert [path.name for path in papertrack.library.iterdir()] == [".lock"]


@pytest.mark.parametrize("words", ["fetch", "alert"])
def test_a_command_that_only_stores_stops_if_it_cannot(papertrack, daily, words):
    papertrack.ask(daily.url)
    daily.days[DAY] = numbered(1, 3)
    (papertrack.library / ".lock").mkdir(parents=True)
    result = papertrack(words)
    assert (result.code, result.out) == (5, "")


@pytest.mark.parametrize("words", ["list", "search number", "show 2603.00001", "why 2603.00001"])
def test_a_command_that_cannot_read_some_papers_exits_with_5(owner, words):
    for table in owner.library.glob("papers.*.json"):
        table.write_bytes(TRUNCATED)
        table.with_name(f"{table.name}.bak").unlink(missing_ok=True)
    for path in (owner.library / ".journal").iterdir():
        path.unlink()
    result = owner(*words.split())
    assert result.code == 5
    assert "no usable copy exists" in result.err


def test_papers_are_listed_without_their_index_and_show_says_how_to_repair_it(owner):
    listed = owner("list", "--all", "-f", "ids")
    for path in owner.library.glob("index.*"):
        path.unlink()
    assert owner("list", "--all", "-f", "ids") == listed
    result = owner("show", "2603.00001")
    assert (result.code, "library verify --repair" in result.err) == (5, True)
    assert owner("library", "verify", "--repair").code == 0
    assert owner("show", "2603.00001").code == 0


@pytest.mark.parametrize("form", ["table", "plain", "json"])
def test_why_a_source_failed_is_printed_once(papertrack, unused_url, form):
    papertrack.ask(unused_url)
    result = papertrack("today", "-f", form)
    assert result.code == 4
    printed = result.err if form != "json" else result.out
    assert printed.count("cannot be reached") == 1


@pytest.mark.parametrize("words", ["list", "search x", "trending", "catchup", "today"])
def test_an_empty_library_says_how_to_fill_it(papertrack, words):
    offline = ["--offline"] if words in ("catchup", "today") else []
    result = papertrack(*words.split(), *offline)
    assert (result.code, result.out) == (0, "")
    assert "`papertrack fetch`" in result.err
