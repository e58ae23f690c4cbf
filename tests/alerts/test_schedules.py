"""Schedules that run alerts, as text and as installed."""

import plistlib
import re
import stat
import subprocess

import pytest

from papertrack.alerts.schedule import Plan, Times, install, parse_times, remove, schedule_files
from papertrack.errors import UsageError

COMMAND = ("/opt/my apps/papertrack", "alert", "50%", 'a"b\\c$d')


def plan(scheduler, at=((7, 30), (18, 0)), days=(0, 4)):
    return Plan(scheduler, COMMAND, Times(at, days))


@pytest.mark.parametrize(
    ("at", "on", "times"),
    [
        (["7:30"], "daily", (((7, 30),), (0, 1, 2, 3, 4, 5, 6))),
        (["18:00", "7:05", "07:05"], "Mon-Fri", (((7, 5), (18, 0)), (0, 1, 2, 3, 4))),
        (["0:00", "23:59"], "mon, thu", (((0, 0), (23, 59)), (0, 3))),
        (["7:30"], "sat-mon", (((7, 30),), (0, 5, 6))),
        (["7:30"], "sun-sun", (((7, 30),), (6,))),
        (["7:30"], "fri-sun,mon", (((7, 30),), (0, 4, 5, 6))),
        (["7:30"], " SUN ", (((7, 30),), (6,))),
    ],
)
def test_times_and_days_are_parsed_as_people_write_them(at, on, times):
    assert parse_times(at, on) == times


@pytest.mark.parametrize(
    "time", ["24:00", "7:60", "7", "7:3", "7:030", "a:00", "", "-1:00", "7:3a"]
)
def test_an_invalid_time_is_reported(time):
    with pytest.raises(UsageError) as caught:
        parse_times([time], "daily")
    assert caught.value.what == f"not a valid time: {time!r}"
    assert caught.value.next_step == "use 7:30 or 18:00"


@pytest.mark.parametrize("days", ["", "monday", "mon-x", "x-mon", "mon;tue", "mon,"])
def test_invalid_days_are_reported(days):
    with pytest.raises(UsageError) as caught:
        parse_times(["7:30"], days)
    assert caught.value.what == f"not valid days: {days!r}"
    assert caught.value.next_step == "use mon-fri, mon,thu or daily"


def test_a_crontab_has_a_line_for_each_time_with_days_counted_from_sunday():
    command = "'/opt/my apps/papertrack' alert 50\\% 'a\"b\\c$d' # papertrack alert\n"
    assert schedule_files(plan("cron")) == {
        "crontab": f"30 7 * * 1,5 {command}0 18 * * 1,5 {command}",
    }
    assert schedule_files(plan("cron", days=(0, 6)))["crontab"].startswith("30 7 * * 1,0 ")
    assert schedule_files(plan("cron", days=tuple(range(7))))["crontab"].startswith("30 7 * * * ")


def test_systemd_gets_a_service_and_a_timer(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    folder = "/home/me/.config/systemd/user/papertrack-alert"
    assert schedule_files(plan("systemd")) == {
        f"{folder}.service": "[Unit]\nDescription=New papers for your topics\n\n"
        "[Service]\nType=oneshot\n"
        'ExecStart="/opt/my apps/papertrack" "alert" "50%%" "a\\"b\\\\c$$d"\n',
        f"{folder}.timer": "[Unit]\nDescription=New papers for your topics\n\n"
        "[Timer]\nOnCalendar=Mon,Fri *-*-* 07:30:00\nOnCalendar=Mon,Fri *-*-* 18:00:00\n"
        "Persistent=true\n\n[Install]\nWantedBy=timers.target\n",
    }


def test_launchd_gets_a_file_with_each_time_of_each_day(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    ((path, text),) = schedule_files(plan("launchd", at=((7, 30), (18, 5)), days=(0, 6))).items()
    assert path == "/home/me/Library/LaunchAgents/org.papertrack.alert.plist"
    assert plistlib.loads(text.encode()) == {
        "Label": "org.papertrack.alert",
        "ProgramArguments": list(COMMAND),
        "StartCalendarInterval": [
            {"Weekday": 1, "Hour": 7, "Minute": 30},
            {"Weekday": 1, "Hour": 18, "Minute": 5},
            {"Weekday": 0, "Hour": 7, "Minute": 30},
            {"Weekday": 0, "Hour": 18, "Minute": 5},
        ],
    }


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A home folder, and a function that adds programs, which record their calls."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")

    def program(name, script=""):
        path = programs / name
        path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{tmp_path}/calls"\n{script}\n')
        path.chmod(0o755)

    return tmp_path, program


def calls(home):
    return (home / "calls").read_text().splitlines()


def test_a_systemd_timer_is_written_enabled_and_removed(machine):
    home, program = machine
    program("systemctl")
    install(plan("systemd"))
    files = {path.name: path for path in (home / ".config/systemd/user").iterdir()}
    assert {str(path): path.read_text() for path in files.values()} == schedule_files(
        plan("systemd")
    )
    assert stat.S_IMODE(files["papertrack-alert.timer"].stat().st_mode) & 0o600 == 0o600
    install(plan("systemd", days=(1,)))
    assert "Tue" in files["papertrack-alert.timer"].read_text()
    assert calls(home)[:2] == [
        "systemctl --user daemon-reload",
        "systemctl --user enable --now papertrack-alert.timer",
    ]
    assert remove("systemd") is True
    assert calls(home)[-1] == "systemctl --user disable --now papertrack-alert.timer"
    assert not any(path.exists() for path in files.values())
    number = len(calls(home))
    assert remove("systemd") is False
    assert len(calls(home)) == number


def test_a_launchd_file_is_loaded_and_unloaded_by_its_path(machine):
    home, program = machine
    program("launchctl")
    install(plan("launchd"))
    path = home / "Library/LaunchAgents/org.papertrack.alert.plist"
    assert remove("launchd") is True
    assert calls(home) == [f"launchctl load -w {path}", f"launchctl unload -w {path}"]
    assert not path.exists()


def test_other_lines_stay_in_the_crontab(machine):
    home, program = machine
    crontab = home / "crontab"
    crontab.write_text("# mine\n1 2 * * * x # papertrack alerts\n3 4 * * * y # papertrack alert \n")
    program("crontab", _crontab_in(crontab))
    other_lines = "# mine\n1 2 * * * x # papertrack alerts\n"
    install(plan("cron"))
    assert crontab.read_text() == other_lines + schedule_files(plan("cron"))["crontab"]
    assert remove("cron") is True
    assert crontab.read_text() == other_lines
    number = len(calls(home))
    assert remove("cron") is False
    assert calls(home)[number:] == ["crontab -l"]


def _crontab_in(file):
    return f'if [ "$1" = -l ]; then cat "{file}"; else cat > "{file}"; fi'


@pytest.mark.parametrize(
    "lines",
    [
        "# täglich\n0 5 * * * x\n".encode("latin-1"),
        b"# DOS\r\n0 5 * * * x\r\n\r\n",
        b"A=1\x0b2\x1c3\x85\xff\r4\n\n  0 5 * * *\tx%y\n",
        "0 5 * * * x \u2028 y\n".encode(),
        b"",
    ],
)
def test_other_lines_of_a_crontab_stay_byte_for_byte(machine, lines):
    home, program = machine
    crontab = home / "crontab"
    crontab.write_bytes(lines)
    program("crontab", _crontab_in(crontab))
    install(plan("cron"))
    install(plan("cron"))
    assert crontab.read_bytes() == lines + schedule_files(plan("cron"))["crontab"].encode()
    assert remove("cron") is True
    assert crontab.read_bytes() == lines


def test_a_last_line_without_a_line_end_does_not_join_ours(machine):
    home, program = machine
    crontab = home / "crontab"
    crontab.write_bytes(b"0 5 * * * x")
    program("crontab", _crontab_in(crontab))
    install(plan("cron"))
    lines = schedule_files(plan("cron"))["crontab"].encode()
    assert crontab.read_bytes() == b"0 5 * * * x\n" + lines


@pytest.mark.parametrize(
    "words",
    ["no crontab for me", "crontab: can't open 'me': No such file or directory", "keine", ""],
)
def test_a_missing_crontab_counts_as_empty_in_whatever_words(machine, words):
    home, program = machine
    crontab = home / "crontab"
    program(
        "crontab",
        f'[ "$1" = -l ] || exec cat > "{crontab}"; [ -e "{crontab}" ] && exec cat "{crontab}"\n'
        f'echo "{words}" >&2; exit 1',
    )
    assert remove("cron") is False
    install(plan("cron"))
    assert crontab.read_text() == schedule_files(plan("cron"))["crontab"]


def test_a_crontab_that_cannot_be_read_or_written_is_reported(machine):
    _, program = machine
    program("crontab", "echo ' not allowed ' >&2; exit 1")
    with pytest.raises(UsageError) as caught:
        install(plan("cron"))
    assert (caught.value.what, caught.value.why) == ("cannot write the crontab", "not allowed")
    program("crontab", "echo '0 5 * * * x'; printf 'l\\344uft nicht' >&2; exit 1")
    with pytest.raises(UsageError) as caught:
        install(plan("cron"))
    assert caught.value.what == "cannot read the crontab"
    program("crontab", "kill -9 $$")
    with pytest.raises(UsageError) as caught:
        install(plan("cron"))
    assert caught.value.what == "cannot read the crontab"


@pytest.mark.parametrize("scheduler", ["cron", "systemd", "launchd"])
def test_a_path_with_a_line_end_is_not_scheduled(scheduler):
    with pytest.raises(UsageError) as caught:
        schedule_files(Plan(scheduler, ("/a\nb/papertrack", "alert"), Times(((7, 30),), (0,))))
    assert (
        caught.value.what == "cannot schedule a path with control characters: '/a\\nb/papertrack'"
    )


@pytest.mark.parametrize("word", ["50%", "my 50% 'x'/%%", "%", "a b%"])
def test_a_percent_sign_reaches_the_program_whether_or_not_cron_reads_it(word):
    """Most crons read an unescaped % as a line end and \\% as %; others change nothing."""
    command = Plan("cron", ("printf", "%s", word), Times(((7, 30),), (0,)))
    line = schedule_files(command)["crontab"].split(" ", 5)[5]
    assert not re.search(r"(?<!\\)%", line)
    for read_by_cron in (line, line.replace(r"\%", "%")):
        assert subprocess.check_output(["sh", "-c", read_by_cron], text=True) == word


def test_a_program_that_fails_or_is_missing_is_reported(machine):
    _, program = machine
    program("systemctl", "echo ' no bus ' >&2; exit 1")
    with pytest.raises(UsageError) as caught:
        install(plan("systemd"))
    assert caught.value.what == "`systemctl --user daemon-reload` failed"
    assert caught.value.why == "no bus"
    with pytest.raises(UsageError) as caught:
        install(plan("launchd"))
    assert caught.value.what == "cannot run launchctl on this machine"
    assert "launchctl" in caught.value.why
    assert caught.value.next_step == "choose another scheduler: --for cron, systemd or launchd"
