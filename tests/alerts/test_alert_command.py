"""The command `alert` and its subcommands, as people and cron call them."""

import json
import shlex
from threading import Event

import pytest
from alert_setup import CONFIG
from invented import contents


@pytest.fixture
def digest(papertrack, hook):
    """The program after its first run of alerts, with one message a run."""
    papertrack.configure(CONFIG.format(url=hook.url, more=""))
    done = papertrack("alert")
    assert "1 topic is watched from now on" in done.err
    return papertrack


def test_exit_codes_distinguish_delivered_nothing_new_and_failed(digest, hook, import_papers):
    assert digest("alert", "--exit-code").code == 1
    import_papers(digest, 1)
    assert digest("alert", "--exit-code").code == 0
    import_papers(digest, 2)
    hook.status = 503
    failed = digest("alert")
    assert failed.code == 6
    assert failed.out == ""
    assert "hook" in failed.err
    assert digest("alert") == (6, "", "")
    assert "503" in digest("alert", "-v").err
    hook.status = 200
    recovered = digest("alert")
    assert recovered.code == 0
    assert "works again" in recovered.err
    assert sorted(hook.papers) == ["2603.00001", "2603.00002"]


def test_a_dry_run_shows_the_papers_of_each_channel_and_changes_nothing(
    digest, hook, import_papers
):
    import_papers(digest, 1)
    before = contents(digest.library)
    done = digest("alert", "--dry-run", "-f", "json")
    assert [paper["id"] for paper in json.loads(done.out)["data"]] == ["2603.00001"]
    assert "hook (webhook)" in digest("alert", "--dry-run", "-f", "md").out
    assert contents(digest.library) == before
    assert hook.keys == []


def test_a_dry_run_tells_that_it_fetched_nothing_and_how_old_the_library_is(papertrack, daily):
    papertrack.ask(daily.url, "topics: [{name: agents, any: [agent]}]")
    never = papertrack("alert", "--dry-run")
    assert "nothing was fetched: the library was never updated" in never.err
    papertrack("alert")
    asked = len(daily.asked)
    papertrack.now = "2026-03-31T21:00:00Z"
    notes = json.loads(papertrack("alert", "--dry-run", "-f", "json").out)["notes"]
    assert any("the library was updated 3 hours ago" in note for note in notes)
    assert len(daily.asked) == asked


def test_a_dry_run_tells_what_the_next_run_begins_to_watch(papertrack, hook):
    papertrack.configure(CONFIG.format(url=hook.url, more=""))
    assert "first run: alerts begin now" in papertrack("alert", "--dry-run").err
    papertrack("alert")
    assert "begin" not in papertrack("alert", "--dry-run").err
    papertrack("topics", "add", "cats", "--any", "cat")
    assert "begins to watch cats," in papertrack("alert", "--dry-run").err


@pytest.mark.parametrize("command", [["alert", "--offline"], ["alert", "--dry-run"]])
def test_without_topics_alerts_tell_how_to_add_one(papertrack, command):
    advice = "papertrack topics add"
    assert advice in papertrack(*command).err
    papertrack.configure("topics: [{name: agents, any: [agent]}]")
    assert advice not in papertrack(*command).err
    channel = "{name: a, type: stdout, topics: none, trending: 9}"
    papertrack.configure(f"alerts: {{channels: [{channel}]}}")
    assert advice not in papertrack(*command).err


def test_delivered_papers_can_be_printed_as_json(digest, import_papers):
    import_papers(digest, 1)
    report = json.loads(digest("alert", "-f", "json").out)
    assert report["command"] == "alert"
    assert [paper["id"] for paper in report["data"]] == ["2603.00001"]
    assert json.loads(digest("alert", "-f", "json").out)["data"] == []


def test_the_log_lists_each_attempt_and_the_pending_deliveries(digest, hook, import_papers):
    hook.status = 500
    import_papers(digest, 1)
    digest("alert")
    log = digest("alert", "log", "-f", "jsonl")
    assert "1 delivery waiting for hook" in log.err
    hook.status = 200
    assert digest("alert", "retry").code == 0
    rows = [json.loads(line) for line in digest("alert", "log", "-f", "jsonl").out.splitlines()]
    assert [(row["channel"], row["outcome"], row["papers"]) for row in rows] == [
        ("hook", "failed", ["2603.00001"]),
        ("hook", "delivered", ["2603.00001"]),
    ]
    assert "500" in rows[0]["problem"]
    assert digest("alert", "log", "--since", "2026-04-01").out == ""
    code, output = digest.in_terminal("alert", "log")
    assert code == 0
    assert b"delivered" in output


def test_a_test_message_goes_through_one_channel_and_is_marked(digest, hook):
    done = digest("alert", "test", "hook")
    assert done.code == 0
    assert hook.keys[0].startswith("test-")
    assert "accepted the test message" in done.err
    assert digest("alert", "test", "nobody").code == 2
    hook.status = 404
    assert digest("alert", "test", "hook").code == 6


def test_a_muted_topic_is_silent_until_its_day(digest, hook, import_papers):
    assert digest("alert", "mute", "agents", "--until", "2026-04-02").code == 0
    import_papers(digest, 1)
    assert digest("alert") == (0, "", "")
    digest.now = "2026-04-03T08:00:00Z"
    import_papers(digest, 2)
    digest("alert")
    assert list(hook.papers) == ["2603.00002"]
    digest("alert", "mute", "agents", "--until", "2026-05-02")
    digest("alert", "unmute", "agents")
    import_papers(digest, 3)
    digest("alert")
    assert list(hook.papers) == ["2603.00002", "2603.00003"]
    assert digest("alert", "mute", "agents", "--until", "2026-04-01").code == 2
    assert digest("alert", "mute", "graphs", "--until", "2026-05-01").code == 2


def test_recommended_papers_are_muted_like_a_topic_and_few_stars_are_noted_once(papertrack):
    papertrack.configure(
        "alerts: {channels: [{name: me, type: stdout, topics: [For you]}]}\n"
        "sources: {huggingface: {enabled: false}}"
    )
    note = "for you: 0 starred papers, and papers are recommended from 10 on"
    assert [note in papertrack("alert").err for _ in range(2)] == [True, False]
    assert note in papertrack("alert", "--dry-run").err
    muted = papertrack("alert", "mute", "for you", "--until", "2030-01-31")
    assert (muted.code, "for you: muted through 2030-01-31" in muted.err) == (0, True)
    assert "alert unmute 'for you'" in muted.err
    assert "for you: delivered again" in papertrack("alert", "unmute", "For You").err


def test_without_channels_alerts_go_to_standard_output(papertrack, import_papers):
    papertrack.configure(
        "topics: [{name: agents, any: [agent]}]\nsources: {huggingface: {enabled: false}}"
    )
    assert papertrack("alert").out == ""
    import_papers(papertrack, 1)
    assert "On agents 1" in papertrack("alert").out
    assert papertrack("alert") == (0, "", "")


def test_failing_sources_are_reported_on_the_first_run_and_when_the_failure_lasts(papertrack):
    papertrack.ask("http://127.0.0.1:9", "topics: [{name: agents, any: [agent]}]")
    runs = [papertrack("alert", "--deadline", "60") for _ in range(5)]
    assert [run.code for run in runs] == [4] * 5
    assert "watched from now on" in runs[0].err
    assert [run.err.count("Hugging Face") for run in runs] == [1, 0, 1, 0, 0]


def test_without_topics_a_failing_source_is_reported_by_the_exit_code_only(papertrack):
    papertrack.ask("http://127.0.0.1:9")
    assert papertrack("alert", "--deadline", "0.5", "-q") == (4, "", "")


def test_a_delivery_ends_at_the_deadline_of_the_run(digest, hook, import_papers):
    responded = Event()
    hook.before = lambda: responded.wait(120)
    import_papers(digest, 1)
    assert digest("alert", "--deadline", "5", timeout=120).code == 6
    responded.set()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "30 7 * * * "),
        (["--at", "6:05", "--on", "mon-fri"], "5 6 * * 1,2,3,4,5 "),
        (["--on", "sun,sat"], "30 7 * * 6,0 "),
        (["--on", "sat-mon"], "30 7 * * 1,6,0 "),
    ],
)
def test_a_schedule_for_cron_is_a_line_with_absolute_paths(papertrack, arguments, line):
    done = papertrack("alert", "schedule", *arguments)
    assert done.out.startswith(line)
    command = shlex.split(done.out.removeprefix(line))
    assert command[0].startswith("/")
    assert command[-4:] == ["alert", "#", "papertrack", "alert"]


def test_a_schedule_is_installed_once_and_removed_and_other_lines_stay(papertrack):
    """Uses a script as `crontab`, which a build machine may lack, that stores lines in a file."""
    folder = papertrack.home / "bin"
    folder.mkdir()
    crontab = papertrack.home / "crontab.txt"
    crontab.write_text("0 1 * * * others\n")
    program = folder / "crontab"
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = -l ]; then cat "{crontab}"; else cat > "{crontab}"; fi\n'
    )
    program.chmod(0o755)
    env = {"PATH": f"{folder}:/usr/bin:/bin"}
    for time in ("7:30", "8:00"):
        done = papertrack("alert", "schedule", "--at", time, "--install", "--yes", env=env)
        assert done.code == 0, done.err
    lines = crontab.read_text().splitlines()
    assert lines[0] == "0 1 * * * others"
    assert [line[:6] for line in lines[1:]] == ["0 8 * "]
    assert papertrack("alert", "schedule", "--install", env=env).code == 2
    assert papertrack("alert", "schedule", "--remove", "--yes", env=env).code == 0
    assert crontab.read_text() == "0 1 * * * others\n"


def test_schedules_for_systemd_and_launchd_can_be_parsed(papertrack):
    import configparser
    import plistlib

    units = papertrack("alert", "schedule", "--for", "systemd", "--at", "18:00").out
    parts = configparser.RawConfigParser(strict=False)
    parts.optionxform = str
    parts.read_string(units)
    assert parts["Timer"]["OnCalendar"].endswith("18:00:00")
    assert parts["Service"]["ExecStart"].endswith('"alert"')
    plist = papertrack("alert", "schedule", "--for", "launchd", "--on", "mon").out
    job = plistlib.loads(plist.partition("\n")[2].strip().encode())
    assert job["StartCalendarInterval"] == [{"Weekday": 1, "Hour": 7, "Minute": 30}]
    assert job["ProgramArguments"][-1] == "alert"


@pytest.mark.parametrize(
    "arguments",
    [["--at", "25:00"], ["--at", "7"], ["--on", "someday"], ["--for", "windows"]],
)
def test_an_invalid_schedule_is_refused(papertrack, arguments):
    assert papertrack("alert", "schedule", *arguments).code == 2


def test_mistakes_in_when_are_reported_with_line_and_column(papertrack):
    papertrack.configure("topics:\n  - {name: a, any: [x], when: [upvotes > 5]}\n")
    done = papertrack("alert")
    assert done.code == 2
    assert "line 2" in done.err
    assert "column 9" in done.err


def test_an_unknown_source_in_when_is_reported(papertrack):
    papertrack.configure("topics:\n  - {name: a, any: [x], when: [listed on hugingface]}\n")
    done = papertrack("config", "check")
    assert done.code == 2
    assert "huggingface" in done.err
