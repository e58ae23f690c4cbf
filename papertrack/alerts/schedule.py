"""Schedules that run alerts: cron, user timers of systemd, and launchd of macOS.

Formats: crontab(5), systemd.timer(5) and systemd.time(7), launchd.plist(5). The library
python-crontab is not used: it rewrites the reader's own lines (spacing, line ends, variables),
cannot read a crontab that is not UTF-8, and takes 88 ms to import.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from io import BytesIO
from itertools import dropwhile
from shlex import join, quote, split
from typing import Literal, NamedTuple

from papertrack.alerts.batching import WEEKDAYS
from papertrack.config.folders import expand_home
from papertrack.errors import UsageError
from papertrack.storage import files

Scheduler = Literal["cron", "systemd", "launchd"]
SCHEDULERS: tuple[Scheduler, ...] = ("cron", "systemd", "launchd")
_CRON_COMMENT = "# papertrack alert"  # identifies papertrack's lines in the crontab
_UNIT = "papertrack-alert"
_LABEL = "org.papertrack.alert"
_TIMEOUT = 20  # seconds
_VARIABLE = re.compile(r"[A-Za-z_]\w*=", re.ASCII)


class Times(NamedTuple):
    """Hours and minutes in local time, and the weekdays, 0 for Monday."""

    at: tuple[tuple[int, int], ...]
    days: tuple[int, ...]


class Plan(NamedTuple):
    """A command, the times to run it at, and the scheduler that runs it.

    `environment` has the variables to set for it, each a name and a value.
    """

    scheduler: Scheduler
    command: tuple[str, ...]
    times: Times
    environment: tuple[tuple[str, str], ...] = ()


def parse_times(at: Sequence[str], on: str) -> Times:
    """Parse times such as "7:30" and days such as "mon-fri", "mon,thu" or "daily".

    Raises UsageError.
    """
    return Times(tuple(sorted({_parse_time(time) for time in at})), _parse_days(on))


def schedule_files(plan: Plan) -> dict[str, str]:
    """The files of a schedule by path; for cron, its lines under the name "crontab".

    Raises UsageError for a command that no scheduler can run.
    """
    for word in (*plan.command, *(value for _, value in plan.environment)):
        if any(char < " " or char == "\x7f" for char in word):
            raise UsageError(f"cannot schedule a path with control characters: {word!r}")
    if plan.scheduler == "cron":
        return {"crontab": "".join(f"{line}\n" for line in _cron_lines(plan))}
    if plan.scheduler == "systemd":
        folder = expand_home("~/.config/systemd/user")
        return {
            os.path.join(folder, f"{_UNIT}.service"): _service(plan),
            os.path.join(folder, f"{_UNIT}.timer"): _timer(plan),
        }
    folder = expand_home("~/Library/LaunchAgents")
    return {os.path.join(folder, f"{_LABEL}.plist"): _plist(plan)}


def install(plan: Plan) -> None:
    """Install a schedule, replacing an earlier one. Raises UsageError."""
    if plan.scheduler == "cron":
        lines = _other_lines(_read_crontab())
        if lines and not lines[-1].endswith(b"\n"):
            lines[-1] += b"\n"
        own_lines = (os.fsencode(text) for text in schedule_files(plan).values())
        _write_crontab([*lines, *own_lines])
        return
    for path, text in schedule_files(plan).items():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with files.open_replacement(path, files.permissions_or_default(path)) as descriptor:
            files.write_all(descriptor, os.fsencode(text))
    for command in _ENABLE[plan.scheduler]:
        _run_with_path(command, list(schedule_files(plan)))


def remove(scheduler: Scheduler) -> bool:
    """Remove the schedule, and return whether there was one. Raises UsageError."""
    if scheduler == "cron":
        lines = _read_crontab()
        other_lines = _other_lines(lines)
        if len(other_lines) == len(lines):
            return False
        _write_crontab(other_lines)
        return True
    paths = [
        path for path in schedule_files(Plan(scheduler, (), Times((), ()))) if os.path.exists(path)
    ]
    if paths:
        _run_with_path(_DISABLE[scheduler], paths)
        for path in paths:
            os.unlink(path)
    return bool(paths)


def scheduled_commands(scheduler: Scheduler) -> list[list[str]]:
    """The words of each command that the schedule runs; empty if there is none.

    Raises UsageError if the crontab cannot be read, and OSError, UnusableFile or ValueError if a
    file cannot.
    """
    if scheduler == "cron":
        crontab = _read_crontab()
        others = _other_lines(crontab)
        ours = [os.fsdecode(line).rstrip() for line in crontab if line not in others]
        return [_split_cron_line(line) for line in ours if not line.startswith("#")]
    path = next(iter(schedule_files(Plan(scheduler, (), Times((), ())))))
    if not os.path.exists(path):
        return []
    if scheduler == "launchd":
        return [_command_of_plist(files.read(path))]
    lines = files.read(path).decode(errors="replace").splitlines()
    starts = (line.partition("=")[2] for line in lines if line.startswith("ExecStart="))
    return [split(start.replace("%%", "%").replace("$$", "$")) for start in starts]


def _command_of_plist(content: bytes) -> list[str]:
    """The words of the command that launchd runs. Raises ValueError."""
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        return [str(word) for word in plistlib.loads(content)["ProgramArguments"]]
    # plistlib raises all of these for XML that is cut off or is no property list.
    except (ExpatError, LookupError, TypeError, AttributeError) as error:
        raise ValueError("it has no command for launchd") from error


def _split_cron_line(line: str) -> list[str]:
    """The words of the command in a line of the crontab, which begins with five fields of time."""
    command = line.removesuffix(_CRON_COMMENT).split(maxsplit=5)[5:]
    words = split("".join(command).replace(r"\%", "%"))
    if words[:1] != ["env"]:
        return words
    return list(dropwhile(_VARIABLE.match, words[1:]))


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


def _parse_time(text: str) -> tuple[int, int]:
    hour, colon, minute = text.strip().partition(":")
    if colon and hour.isdecimal() and minute.isdecimal() and len(minute) == 2:  # noqa: PLR2004  # 7:05
        time = int(hour), int(minute)
        if time < (24, 0) and time[1] < 60:  # noqa: PLR2004  # minutes in an hour
            return time
    raise UsageError(f"not a valid time: {text!r}", next_step="use 7:30 or 18:00")


def _parse_days(text: str) -> tuple[int, ...]:
    word = text.strip().lower()
    if word == "daily":
        return tuple(range(7))
    days: set[int] = set()
    for part in word.split(","):
        first, _, last = part.strip().partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise UsageError(f"not valid days: {text!r}", next_step="use mon-fri, mon,thu or daily")
        start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        days.update(day % 7 for day in range(start, end + 1 + 7 * (end < start)))
    return tuple(sorted(days))


def _cron_lines(plan: Plan) -> list[str]:
    """One line for each time."""
    days = "*" if len(plan.times.days) == len(WEEKDAYS) else _cron_days(plan.times.days)
    variables = [f"{name}={value}" for name, value in plan.environment]
    words = (*(["env"] if variables else []), *variables, *plan.command)
    command = " ".join(map(_quote_for_cron, words))
    return [
        f"{minute} {hour} * * {days} {command} {_CRON_COMMENT}" for hour, minute in plan.times.at
    ]


def _quote_for_cron(word: str) -> str:
    r"""Quote a word, with \% outside of quotes.

    Most crons read % as a line end and remove the backslash of \%; that of BusyBox leaves both to
    the shell.
    """
    return r"\%".join(part and quote(part) for part in word.split("%"))


def _cron_days(days: Sequence[int]) -> str:
    return ",".join(str((day + 1) % 7) for day in days)


def _service(plan: Plan) -> str:
    command = " ".join(_quote_for_systemd(word) for word in plan.command)
    # A dollar sign has no meaning in variables.
    variables = "".join(
        f"Environment={_quote_for_systemd(f'{name}={value}').replace('$$', '$')}\n"
        for name, value in plan.environment
    )
    return (
        "[Unit]\nDescription=New papers for your topics\n\n"
        f"[Service]\nType=oneshot\n{variables}ExecStart={command}\n"
    )


def _quote_for_systemd(word: str) -> str:
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
        **({"EnvironmentVariables": dict(plan.environment)} if plan.environment else {}),
    }
    return plistlib.dumps(job).decode()


def _other_lines(lines: Sequence[bytes]) -> list[bytes]:
    return [line for line in lines if not line.rstrip().endswith(_CRON_COMMENT.encode())]


def _read_crontab() -> list[bytes]:
    """The lines of the user's crontab with their line ends, not decoded.

    If there is no crontab yet, crontab fails without output, and its error message depends on the
    cron and the language. A user who may not use cron is refused when the crontab is written.
    """
    process = _run(["crontab", "-l"])
    if process.returncode < 0 or (process.returncode and process.stdout.strip()):
        raise UsageError("cannot read the crontab", _reason(process))
    return BytesIO(process.stdout).readlines()


def _write_crontab(lines: Sequence[bytes]) -> None:
    process = _run(["crontab", "-"], b"".join(lines))
    if process.returncode:
        raise UsageError("cannot write the crontab", _reason(process))


def _reason(process: "subprocess.CompletedProcess[bytes]") -> str:
    return process.stderr.decode(errors="replace").strip()


def _run_with_path(command: Sequence[str], paths: Sequence[str]) -> None:
    """Run a command with {} replaced by the first path. Raises UsageError if it fails."""
    process = _run([paths[0] if word == "{}" else word for word in command])
    if process.returncode:
        raise UsageError(f"`{join(command)}` failed", _reason(process))


def _run(command: Sequence[str], text: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(  # noqa: S603  # fixed commands, no shell
            command, input=text, capture_output=True, check=False, timeout=_TIMEOUT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(
            f"cannot run {command[0]} on this machine",
            str(error),
            "choose another scheduler: --for cron, systemd or launchd",
        ) from None
