"""Checks of the schedule, with a real `crontab` program and real files."""

import subprocess
from datetime import date

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


def states(*, needed=True, library=None):
    results = check_schedule(library or Library(None), TODAY, needed=needed)
    return [result.state for result in results]


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
def test_a_schedule_is_missed_only_if_channels_need_it():
    assert states(needed=False)[0] == "ok"
    assert states(needed=True)[0] == "warning"


def test_a_scheduled_program_or_file_that_does_not_exist_is_a_problem(crontab):
    schedule(crontab, "/bin/sh", "--config", str(crontab), "alert")
    assert states()[0] == "ok"
    schedule(crontab, "/no/such/papertrack", "alert")
    schedule(crontab, "/bin/sh", "--library", "/no/such/library", "alert")
    assert states()[:3] == ["ok", "problem", "problem"]


@pytest.mark.parametrize(("last", "state"), [(TODAY, "ok"), (date(2026, 1, 1), "warning")])
def test_the_last_run_and_failing_channels_are_reported(crontab, last, state):
    schedule(crontab, "/bin/sh", "alert")
    library = Library(None)
    Outbox(library).save_channel_status("mail", ChannelStatus(last, problem=None))
    assert states(library=library) == ["ok", state]
    Outbox(library).save_channel_status("mail", ChannelStatus(last, failures=2, problem="refused"))
    assert states(library=library) == ["ok", "warning", state]
