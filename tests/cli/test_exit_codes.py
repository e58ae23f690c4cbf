"""The exit codes of CONTRACT.md, each with words that help and never with a traceback."""

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


def is_told(done):
    """One to three lines on stderr: what, why, what next."""
    lines = list(filter(None, done.err.splitlines()))
    assert 1 <= len(lines) <= 3, done.err
    assert "Traceback" not in done.err
    return True


@pytest.mark.parametrize(
    "words",
    [
        "nope",
        "topics",
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
def test_a_usage_error_is_2_in_few_words_with_nothing_on_stdout(reader, words):
    done = reader(*words.split())
    assert (done.code, done.out) == (2, "")
    assert is_told(done)


@pytest.mark.parametrize("typed", ["todya", "lst", "trendin"])
def test_a_mistyped_command_is_recognised(reader, typed):
    meant = {"todya": "today", "lst": "list", "trendin": "trending"}[typed]
    assert re.search(rf"\b{meant}\b", reader(typed).err)


@pytest.mark.parametrize("now", ["soon", "2026-03-31T25:00:00Z"])
def test_a_clock_that_is_none_is_a_usage_error(papertrack, now):
    papertrack.now = now
    done = papertrack("list")
    assert (done.code, done.out) == (2, "")
    assert "PAPERTRACK_NOW" in done.err


@pytest.mark.parametrize("words", ["today --offline --date", "list --until", "list --since"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_no_bug(reader, words, day):
    assert reader(*words.split(), day).code in (0, 2)


BROKEN = """
sources: {hugingface: {enabled: true}}
topics:
  - {name: one, any: []}
  - {name: one, any: [two], threshold: 900}
network: {deadline_seconds: never}
"""


@pytest.mark.parametrize("words", ["today --offline", "topics list", "config check"])
def test_every_problem_of_the_configuration_is_told_at_once(papertrack, words):
    papertrack.configure(BROKEN)
    done = papertrack(*words.split())
    assert (done.code, done.out) == (2, "")
    for place in ("hugingface", "topics[1].threshold", "network.deadline_seconds"):
        assert re.search(rf"line \d+: \S*{re.escape(place)}", done.err), place
    assert "huggingface" in done.err, "a suggestion"


def test_help_and_version_work_with_a_broken_configuration(papertrack):
    papertrack.configure(BROKEN)
    for words in (["--help"], ["today", "--help"], ["--version"], ["config", "path"]):
        assert papertrack(*words).code == 0


@pytest.mark.parametrize("form", ["plain", "json"])
def test_no_network_and_an_empty_library_is_4_with_advice(papertrack, unused_url, form):
    papertrack.ask(unused_url)
    done = papertrack("today", "--format", form)
    assert done.code == 4
    assert "cannot be reached" in done.err
    assert re.search(r"papertrack today --sample|--offline|try again", done.err), "what to do next"
    if form == "json":
        whole = json.loads(done.out)
        assert whole["data"] == []
        assert whole["errors"][0].keys() >= {"source", "kind", "message"}
        assert whole["errors"][0]["source"] == "huggingface"


@pytest.fixture
def stored_then_cut(papertrack, daily, unused_url):
    """A library filled at noon, asked at six without a network."""
    daily.days[DAY] = numbered(1, 3)
    papertrack.ask(daily.url)
    papertrack.now = "2026-03-31T12:00:00Z"
    assert papertrack("today").code == 0
    papertrack.ask(unused_url)
    papertrack.now = "2026-03-31T18:00:00Z"
    return papertrack


@pytest.mark.parametrize("form", ["plain", "table", "json", "ids"])
def test_no_network_shows_what_is_stored_and_how_old_it_is(stored_then_cut, form):
    done = stored_then_cut("today", "--format", form)
    assert done.code == 4
    assert "2603.00001" in done.out
    assert "cannot be reached" in done.err
    assert "6 hours ago" in done.out + done.err


def test_offline_asks_nobody_and_is_no_failure(stored_then_cut):
    done = stored_then_cut("today", "--offline", "-f", "json")
    assert done.code == 0
    assert json.loads(done.out)["errors"] == []


@pytest.mark.parametrize("command", ["today", "fetch"])
def test_some_days_failing_is_3_and_the_others_are_kept(papertrack, daily, command):
    daily.days = {DAY: numbered(1, 3), "2026-03-30": numbered(11, 3)}
    daily.answer = lambda day: Response("<html>", 200) if day == "2026-03-30" else None
    papertrack.ask(daily.url)
    done = papertrack(command)
    assert done.code == 3
    assert "1 of 7 days" in done.err
    assert len(papertrack("list", "-f", "ids").out.split()) == 3


def test_every_day_failing_is_4_for_fetch_too(papertrack, daily):
    daily.answer = lambda _day: Response("{}", 200)
    papertrack.ask(daily.url)
    assert papertrack("fetch").code == 4


@pytest.mark.parametrize("words", ["list", "star 2603.00001", "today"])
def test_a_library_that_is_a_file_is_5(papertrack, daily, words):
    papertrack.ask(daily.url)
    papertrack.library.write_text("not a folder")
    done = papertrack(*words.split())
    assert (done.code, done.out) == (5, "")
    assert is_told(done)
    assert papertrack.library.read_text() == "not a folder"


CUT_OFF = b'{"papertrack": 1, "ro'


@pytest.mark.parametrize(
    ("words", "damage"),
    [
        ("today --offline", CUT_OFF),
        ("today --offline -f json", b""),
        ("list", b"[]"),
        ("fetch", CUT_OFF),
        ("import more.jsonl", b""),
    ],
)
def test_a_damaged_file_costs_a_warning_and_its_bytes_stay(owner, daily, words, damage):
    """Somewhere in the library: under their own name, or where one wrote, under a new one."""
    owner.ask(daily.url)
    daily.days[DAY] = numbered(1, 3)
    (owner.home / "more.jsonl").write_text(
        f'{{"id": "2603.77777", "title": "T", "listed": "{DAY}"}}'
    )
    expected = owner("list", "-f", "ids").out
    file = owner.library / f"listings.{DAY}.json"
    file.write_bytes(damage)
    done = owner(*words.split())
    assert done.code == 0
    warned = [line for line in done.err.splitlines() if "damaged" in line]
    assert len(warned) == 1
    assert str(file) in warned[0]
    assert damage in {path.read_bytes() for path in owner.library.glob(f"{file.name}*")}
    assert set(expected.split()) <= set(owner("list", "-f", "ids").out.split())


def test_two_damaged_files_cost_one_warning(owner):
    for file in owner.library.glob(f"*.{DAY}.json"):
        file.write_bytes(b"")
    done = owner("today", "--offline")
    assert (done.code, done.err.count("is damaged")) == (0, 1)
    assert "library verify" in done.err


_IN_SMALL_PIECES = (
    "from papertrack.__main__ import main; from papertrack.tracker import papers; "
    "from papertrack.matching import matcher; papers.PIECE = matcher.AT_ONCE = 9; main()"
)


@pytest.mark.parametrize(("form", "shown"), [("jsonl", 45), ("json", 45), ("table", 0)])
def test_damage_met_while_papers_are_shown_is_5_after_whole_lines(owner, form, shown):
    """A table, whose columns are as wide as what is in them, is not even begun; an object is ended,
    and says why it is not whole.
    """
    ids = owner("list", "--all", "-f", "ids").out.splitlines()
    library = Library(str(owner.library))
    library.database.put("listings.2025-12-01", {"2512.00001": {"ranks": 5}})
    program = [sys.executable, "-c", _IN_SMALL_PIECES]
    done = owner("list", "--all", "--limit", "99", "-f", form, program=program)
    papers = [json.loads(line) for line in done.out.splitlines()]
    if form == "json":
        (whole,) = papers
        papers, (error,) = whole["data"], whole["errors"]
        assert (error["source"], error["kind"]) == ("library", "damaged")
        assert "listings.2025-12-01 is damaged" in error["message"]
    assert (done.code, [one["id"] for one in papers]) == (5, ids[:shown])
    assert is_told(done)
    assert "listings.2025-12-01 is damaged" in done.err
    assert owner("list", "--all", "-f", "ids").out.splitlines() == ids


def test_a_library_of_a_later_version_is_5_and_stays(owner):
    file = owner.library / f"listings.{DAY}.json"
    later = file.read_bytes().replace(b'"papertrack":1', b'"papertrack":99')
    file.write_bytes(later)
    done = owner("today", "--offline")
    assert done.code == 5
    assert "later papertrack" in done.err
    assert file.read_bytes() == later


@pytest.mark.parametrize("command", ["today", "fetch"])
def test_ctrl_c_ends_a_stalled_refresh_at_once_with_130(papertrack, wire, command):
    reached = threading.Event()

    def stall(connection):
        reached.set()
        connection.recv(1)

    papertrack.ask(wire(stall).url, "network: {deadline_seconds: 600}\n")
    process = papertrack.start(command)
    assert reached.wait(60)
    sleep(0.2)
    process.send_signal(signal.SIGINT)
    # Less than the patience of one request, and far more than the end takes.
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
def test_a_full_disk_behind_stdout_is_told_without_a_traceback(reader, words):
    with open("/dev/full", "wb") as full:
        done = reader.bytes(*words.split(), stdout=full)
    assert done.returncode not in (0, 1)
    assert b"Traceback" not in done.stderr
    assert b"the output could not be written" in done.stderr


def test_a_closed_stdout_is_told_without_a_traceback(reader):
    done = reader.bytes("list", program=["sh", "-c", 'exec papertrack "$@" >&-', "sh"])
    assert done.returncode not in (0, 1)
    assert b"Traceback" not in done.stderr


def test_debug_alone_brings_a_traceback(reader):
    assert "Traceback" not in reader("show", "2601.99999").err
    assert "Traceback" in reader("show", "2601.99999", "--debug").err
