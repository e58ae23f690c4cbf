"""Running alerts at certain times: for cron, systemd's user timers and macOS's launchd.

The formats: crontab(5), systemd.timer(5) and systemd.time(7), launchd.plist(5).
"""

import os
import subprocess
from collections.abc import Sequence
from shlex import join
from typing import Literal, NamedTuple

from papertrack.alerts.batching import WEEKDAYS
from papertrack.errors import UsageError
from papertrack.storage import files

Scheduler = Literal["cron", "systemd", "launchd"]
SCHEDULERS: tuple[Scheduler, ...] = ("cron", "systemd", "launchd")
_MARK = "# papertrack alert"
_UNIT = "papertrack-alert"
_LABEL = "org.papertrack.alert"
_SECONDS = 20


class Times(NamedTuple):
    """When to run: times of a day in local time, and on which weekdays, 0 for Monday."""

    at: tuple[tuple[int, int], ...]
    days: tuple[int, ...] = tuple(range(7))


class Plan(NamedTuple):
    """What is to be run, at which times, by what."""

    scheduler: Scheduler
    command: tuple[str, ...]
    times: Times


def parse_times(at: Sequence[str], on: str) -> Times:
    """Times as 7:30, weekdays as "mon-fri", "mon,thu" or "daily". Raises UsageError."""
    return Times(tuple(sorted({_time(one) for one in at})), _days(on))


def schedule_files(plan: Plan) -> dict[str, str]:
    """The files that make a schedule, by their path; for cron its lines, under the name crontab."""
    if plan.scheduler == "cron":
        return {"crontab": "".join(f"{line}\n" for line in _cron_lines(plan))}
    if plan.scheduler == "systemd":
        folder = os.path.expanduser("~/.config/systemd/user")
        return {
            os.path.join(folder, f"{_UNIT}.service"): _service(plan),
            os.path.join(folder, f"{_UNIT}.timer"): _timer(plan),
        }
    folder = os.path.expanduser("~/Library/LaunchAgents")
    return {os.path.join(folder, f"{_LABEL}.plist"): _plist(plan)}


def install(plan: Plan) -> None:
    """Put a schedule into force, in place of the one there was. Raises UsageError."""
    if plan.scheduler == "cron":
        _write_crontab([*_others(_crontab()), *_cron_lines(plan)])
        return
    for path, text in schedule_files(plan).items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with files.open_replacement(path, files.usual_rights(path)) as descriptor:
            os.write(descriptor, text.encode())
    for command in _ENABLE[plan.scheduler]:
        _run(command, list(schedule_files(plan)))


def remove(scheduler: Scheduler) -> bool:
    """Take the schedule away; whether there was one. Raises UsageError."""
    if scheduler == "cron":
        lines = _crontab()
        if found := len(_others(lines)) < len(lines):
            _write_crontab(_others(lines))
        return found
    paths = [
        path for path in schedule_files(Plan(scheduler, (), Times(()))) if os.path.exists(path)
    ]
    if paths:
        _run(_DISABLE[scheduler], paths)
        for path in paths:
            os.unlink(path)
    return bool(paths)


_ENABLE: dict[str, tuple[tuple[str, ...], ...]] = {
    "systemd": (
        ("systemctl", "--user", "daemon-reload"),
        ("systemctl", "--user", "enable", "--now", f"{_UNIT}.timer"),
    ),
    "launchd": (("launchctl", "load", "-w", "{}"),),
}
_DISABLE: dict[str, tuple[str, ...]] = {
    "systemd": ("systemctl", "--user", "disable", "--now", f"{_UNIT}.timer"),
    "launchd": ("launchctl", "unload", "-w", "{}"),
}


def _time(text: str) -> tuple[int, int]:
    hour, colon, minute = text.strip().partition(":")
    if colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2:  # noqa: PLR2004  # 7:05
        found = int(hour), int(minute)
        if found < (24, 0) and found[1] < 60:  # noqa: PLR2004  # as clocks have them
            return found
    raise UsageError(f"no such time: {text!r}", next_step="write 7:30 or 18:00")


def _days(text: str) -> tuple[int, ...]:
    word = text.strip().lower()
    if word == "daily":
        return tuple(range(7))
    found: set[int] = set()
    for part in word.split(","):
        first, _, last = part.strip().partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise UsageError(f"no such days: {text!r}", next_step="write mon-fri, mon,thu or daily")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        found.update(day % 7 for day in range(start, end + 1 + 7 * (end < start)))
    return tuple(sorted(found))


def _cron_lines(plan: Plan) -> list[str]:
    """A line a time. An unescaped % would be a line end to cron."""
    days = "*" if len(plan.times.days) == len(WEEKDAYS) else _cron_days(plan.times.days)
    command = join(plan.command).replace("%", r"\%")
    return [f"{minute} {hour} * * {days} {command} {_MARK}" for hour, minute in plan.times.at]


def _cron_days(days: Sequence[int]) -> str:
    return ",".join(str((day + 1) % 7) for day in days)


def _service(plan: Plan) -> str:
    command = " ".join(_systemd_word(one) for one in plan.command)
    return (
        "[Unit]\nDescription=New papers for your topics\n\n"
        f"[Service]\nType=oneshot\nExecStart={command}\n"
    )


def _systemd_word(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def _timer(plan: Plan) -> str:
    days = ",".join(WEEKDAYS[day].capitalize() for day in plan.times.days)
    when = "".join(
        f"OnCalendar={days} *-*-* {hour:02}:{minute:02}:00\n" for hour, minute in plan.times.at
    )
    return (
        "[Unit]\nDescription=New papers for your topics\n\n"
        f"[Timer]\n{when}Persistent=true\n\n[Install]\nWantedBy=timers.target\n"
    )


def _plist(plan: Plan) -> str:
    import plistlib

    times = [
        {"Weekday": (day + 1) % 7, "Hour": hour, "Minute": minute}
        for day in plan.times.days
        for hour, minute in plan.times.at
    ]
    job = {
        "Label": _LABEL,
        "ProgramArguments": list(plan.command),
        "StartCalendarInterval": times,
    }
    return plistlib.dumps(job).decode()


def _others(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if not line.rstrip().endswith(_MARK)]


def _crontab() -> list[str]:
    """The lines of the user's crontab; none where there is none yet."""
    done = _called(["crontab", "-l"])
    if done.returncode and "no crontab" not in done.stderr:
        raise UsageError("the crontab cannot be read", done.stderr.strip())
    return done.stdout.splitlines()


def _write_crontab(lines: Sequence[str]) -> None:
    done = _called(["crontab", "-"], "".join(f"{line}\n" for line in lines))
    if done.returncode:
        raise UsageError("the crontab cannot be written", done.stderr.strip())


def _run(command: Sequence[str], paths: Sequence[str]) -> None:
    done = _called([paths[0] if word == "{}" else word for word in command])
    if done.returncode:
        raise UsageError(f"`{join(command)}` failed", done.stderr.strip())


def _called(command: Sequence[str], text: str = "") -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(  # noqa: S603  # fixed commands, no shell
            command, input=text, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(
            f"{command[0]} cannot be run on this machine",
            str(error),
            "choose another with --for cron, systemd or launchd",
        ) from None
