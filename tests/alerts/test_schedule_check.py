"""Checks of the schedule, with a real `crontab` program and real files."""

import subprocess
from datetime import date, timedelta

import pytest

from papertrack.alerts.schedule import Plan, Times, schedule_files, scheduled_commands
from papertrack.alerts.schedule_check import check_schedule
from papertrack.library.deliveries import ChannelStatus
from papertrack.library.library import Library
from papertrack.library.outbox import Outbox

TODAY = date(2026, 3, 31)
TIMES = Times(((7, 30),), (0, 4))


@pytest.fixture
def crontab(tmp_path, monkeypatch):
    """The file of a `crontab` program in a home folder of its own."""
    (tmp_path / "bin").mkdir()
    file, program = tmp_path / "crontab.txt", tmp_path / "bin/crontab"
    file.write_text("# mine\n0 1 * * * /bin/true\n")
    program.write_text(f'#!/bin/sh\nexec cat "{file}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    return file


def schedule(crontab, *command):
    lines = schedule_files(Plan("cron", command, TIMES))["crontab"]
    crontab.write_text(crontab.read_text() + lines)


def checks(*, needed=True, library=None):
    """The area, state, message and next step of each result."""
    return [tuple(row) for row in check_schedule(library or Library(None), TODAY, needed=needed)]


INSTALL = "papertrack alert schedule --install"
MISSED = ("schedule", "warning", "alerts are not scheduled", INSTALL)
# In place of the list of words.
UNUSABLE = ("<integer>7</integer>", "<date>x</date>", "<integer>x</integer>")
NEVER_RAN = ("schedule", "ok", "alerts never ran on this library", "")


def test_the_command_is_read_back_behind_its_environment(crontab, tmp_path):
    environment = (("HTTPS_PROXY", "http://u:5%25$@p:1"), ("SSL_CERT_FILE", '/a b/"c'))
    command = ("/bin/sh", "x=y", "alert")
    lines = schedule_files(Plan("cron", command, TIMES, environment))["crontab"]
    crontab.write_text(lines)
    assert scheduled_commands("cron") == [list(command)]
    for scheduler in ("systemd", "launchd"):
        for path, text in schedule_files(Plan(scheduler, command, TIMES, environment)).items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        assert scheduled_commands(scheduler) == [list(command)]
    # What cron hands to the shell, which runs `env` with these variables.
    shell = lines.split(maxsplit=5)[5].replace(r"\%", "%").replace("/bin/sh x=y alert", "env")
    shown = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, text=True, check=True)
    assert {f"{name}={value}" for name, value in environment} <= {*shown.stdout.splitlines()}


@pytest.mark.parametrize("command", [("/bin/sh", "alert"), ("/a b/x", '5%"\\', "$y", "é", "alert")])
def test_the_command_of_a_schedule_is_read_back(crontab, tmp_path, command):
    schedule(crontab, *command)
    assert scheduled_commands("cron") == [list(command)]
    for scheduler in ("systemd", "launchd"):
        assert scheduled_commands(scheduler) == []
        for path, text in schedule_files(Plan(scheduler, command, TIMES)).items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        assert scheduled_commands(scheduler) == [list(command)]


@pytest.mark.usefixtures("crontab")
@pytest.mark.parametrize(("needed", "state"), [(False, "ok"), (True, "warning")])
def test_a_schedule_is_missed_only_if_channels_need_it(needed, state):
    missed = ("schedule", state, "alerts are not scheduled", INSTALL)
    assert checks(needed=needed) == [missed, NEVER_RAN]


@pytest.mark.usefixtures("crontab")
def test_without_a_crontab_program_alerts_are_not_scheduled(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert checks() == [MISSED, NEVER_RAN]


@pytest.mark.usefixtures("crontab")
@pytest.mark.parametrize(
    "content",
    [
        *("", "<plist><dict>", "<plist><dict/></plist>", "<plist><array/></plist>"),
        *(f"<plist><dict><key>ProgramArguments</key>{it}</dict></plist>" for it in UNUSABLE),
    ],
)
def test_a_file_that_launchd_cannot_use_is_no_schedule(tmp_path, content):
    (path,) = schedule_files(Plan("launchd", (), TIMES))
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(content)
    assert checks() == [MISSED, NEVER_RAN]


@pytest.mark.usefixtures("crontab")
def test_a_service_of_systemd_that_cannot_be_read_is_no_schedule(tmp_path):
    service, _ = schedule_files(Plan("systemd", (), TIMES))
    (tmp_path / service).parent.mkdir(parents=True)
    (tmp_path / service).write_text("ExecStart='/bin/sh\n")
    assert checks() == [MISSED, NEVER_RAN]
    (tmp_path / service).unlink()
    (tmp_path / service).mkdir()
    assert checks() == [MISSED, NEVER_RAN]


def test_a_scheduled_program_or_file_that_does_not_exist_is_a_problem(crontab):
    schedule(crontab, "/bin/sh", "--config", str(crontab), "alert")
    assert checks() == [("schedule", "ok", "cron runs /bin/sh", ""), NEVER_RAN]
    schedule(crontab, "/no/such/papertrack", "alert")
    schedule(crontab, "/bin/sh", "--library", "/no/such/library", "alert")
    schedule(crontab, "/bin/sh", "--config", "/no/such/file", "alert")
    assert checks()[1:-1] == [
        ("schedule", "problem", f"cron runs {problem}", INSTALL)
        for problem in (
            "/no/such/papertrack: there is no such program",
            "/bin/sh: /no/such/library does not exist",
            "/bin/sh: /no/such/file does not exist",
        )
    ]


def test_a_schedule_without_a_command_is_a_problem(crontab):
    crontab.write_text("30 7 * * 1 # papertrack alert\n")
    message = "cron runs nothing: there is no such program"
    assert checks()[0] == ("schedule", "problem", message, INSTALL)


@pytest.mark.parametrize(
    ("days", "state", "step"),
    [(0, "ok", ""), (8, "ok", ""), (9, "warning", "see the log of the scheduler")],
)
def test_a_schedule_whose_last_run_is_more_than_a_week_ago_is_reported(crontab, days, state, step):
    schedule(crontab, "/bin/sh", "alert")
    library, last = Library(None), TODAY - timedelta(days)
    Outbox(library).save_channel_status("chat", ChannelStatus(last - timedelta(3), problem=None))
    Outbox(library).save_channel_status("my mail", ChannelStatus(last, problem=None))
    ran = ("schedule", state, f"alerts last ran on {last}", step)
    assert checks(library=library)[1:] == [ran]
    failed = ChannelStatus(last, failures=2, problem="refused")
    Outbox(library).save_channel_status("my mail", failed)
    message = "my mail failed 2 times in a row: refused"
    failing = ("channels", "warning", message, "papertrack alert test 'my mail'")
    assert checks(library=library)[1:] == [failing, ran]
    crontab.write_text("")
    assert checks(library=library)[2] == ("schedule", "ok", f"alerts last ran on {last}", "")
