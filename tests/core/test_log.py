"""The log: one line an event, in a file that rotates, without secrets."""

import os
import resource
import signal
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from log_lines import event, events
from tricks import TRICKS, unseemly

from papertrack import log
from papertrack.channels.secrets import Secret
from papertrack.cli.exit_handling import BUG, exit_code_of
from papertrack.errors import DeliveryError
from papertrack.logfile import KEPT, LIMIT, LogWriter, RotatingFile

NOW = datetime(2026, 3, 31, 18, 0, 0, 123000, tzinfo=UTC)
SECRET = "plantedSecret01"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "papertrack.log"


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def begin(path, warnings):
    """Enables a log at `path`, with the limits that a test wants."""

    def enable(limit=LIMIT, kept=KEPT):
        file = RotatingFile(str(path), warnings.append, limit, kept)
        log.enable(LogWriter(lambda: NOW, file))

    yield enable
    log.disable()


def test_nothing_is_written_but_between_enable_and_disable(path, begin):
    log.event("before")
    begin()
    log.event("within")
    assert log.is_on()
    log.disable()
    log.event("after")
    assert not log.is_on()
    assert [one.name for one in events(path.read_text())] == ["within"]


def test_a_line_has_the_time_in_utc_the_level_the_process_and_the_facts(path, begin):
    begin()
    log.event(
        "request",
        url="http://x.org/?a=b",
        status=200,
        seconds=0.12345,
        bytes=None,
        empty="",
        ok=True,
    )
    log.warning("listing", day=date(2026, 3, 31), papers=("a", "b"), problem='it said "no"')
    log.error("failed", code=5)
    assert path.read_text() == (
        f"2026-03-31T18:00:00.123+00:00 INFO {os.getpid()} request"
        ' url="http://x.org/?a=b" status=200 seconds=0.123 empty="" ok=yes\n'
        f"2026-03-31T18:00:00.123+00:00 WARNING {os.getpid()} listing"
        ' day=2026-03-31 papers=a,b problem="it said \\"no\\""\n'
        f"2026-03-31T18:00:00.123+00:00 ERROR {os.getpid()} failed code=5\n"
    )


def test_a_timed_event_has_its_seconds_and_the_kind_of_failure(path, begin):
    begin()
    later = {}
    with log.timed("request", {"method": "GET"}, later):
        later["status"] = 200
    for error in (DeliveryError("c", "refused", SECRET), KeyError(SECRET)):
        with pytest.raises(type(error)), log.timed("deliver", {}):
            raise error
    done, refused, failed = events(path.read_text())
    assert list(done.facts) == ["method", "status", "seconds"]
    assert (done.level, refused.level) == ("INFO", "WARNING")
    assert (refused["failed"], failed["failed"]) == ("refused", "KeyError")
    assert SECRET not in path.read_text()


# Text from strangers


@pytest.mark.parametrize("title", [*TRICKS, 'x" 2026-01-01T00:00:00Z INFO 1 end code="0'])
def test_no_title_forges_a_line_or_a_fact(path, begin, title):
    begin()
    log.event("deliver", subject=title, papers=[title, title], last=1)
    written = path.read_bytes().decode()
    assert not unseemly(written)
    (one,) = events(written)
    assert list(one.facts) == ["subject", "papers", "last"]


@given(st.text())
def test_any_text_stays_on_its_line(text):
    writer = LogWriter(lambda: NOW, keeper := _Kept())
    writer.write(log.INFO, "deliver", {"subject": text, "last": 1})
    (line,) = keeper.lines
    assert list(event(line).facts) == ["subject", "last"]


class _Kept(RotatingFile):
    """Keeps what it would append."""

    def __init__(self):
        super().__init__("unused", list)
        self.lines = []

    def _append(self, line):
        self.lines += line.decode().splitlines()


def test_a_bug_is_written_with_a_traceback_that_forges_no_line(path, begin, capsys):
    begin()
    log.hide(SECRET)

    def work():
        raise ZeroDivisionError(f"{SECRET}\n2026-01-01T00:00:00Z INFO 1 end code=0\x1b[31m")

    assert exit_code_of(work, debug=False) == BUG
    first, *rest = path.read_text().splitlines()
    assert event(first)["code"] == str(BUG)
    assert rest[0] == "    Traceback (most recent call last):"
    assert any("raise ZeroDivisionError" in line for line in rest)
    assert all(line.startswith("    ") for line in rest)
    assert SECRET not in path.read_text()
    assert not unseemly(path.read_text())
    assert "Traceback" not in capsys.readouterr().err


# Secrets


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"http://me:{SECRET}@x.org/a?b=c", "http://***@x.org/a?b=c"),
        (f"http://me:p@{SECRET}@x.org/a", "http://***@x.org/a"),
        (f"http://{SECRET}@x.org", "http://***@x.org"),
        (f"http://x.org/?api_key={SECRET}&date=1", "http://x.org/?api_key=***&date=1"),
        (
            f"http://x.org/?date=1&Access-Token={SECRET}#x",
            "http://x.org/?date=1&Access-Token=***#x",
        ),
        (f"http://x.org/?signature={SECRET}", "http://x.org/?signature=***"),
        (f"it answered '{SECRET}x'", "it answered '***x'"),
        (f"it answered {SECRET}-longer", "it answered ***"),
        ("it asked for /T0/hidden/path again", "it asked for *** again"),
        ("it asked for T0/hidden/path again", "it asked for *** again"),
        ("hook asked for /hook", "hook asked for ***"),
        ("a word", "a word"),
    ],
)
def test_secrets_are_replaced_wherever_they_occur(path, begin, text, expected):
    begin()
    log.hide(SECRET, "a", "")
    log.hide(f"{SECRET}-longer", "https://hooks.example.org/T0/hidden/path", "http://x.org/hook")
    log.event("failed", problem=text)
    (one,) = events(path.read_text())
    assert one["problem"] == expected


def test_secrets_of_channels_are_replaced_in_every_form(path, begin):
    begin()
    secret = Secret("to keep & hide")
    log.event(
        "failed", problem=f"{secret.reveal()} to+keep to%20keep%20%26%20hide dG8ga2VlcCAmIGhpZGU="
    )
    (one,) = events(path.read_text())
    assert one["problem"] == "*** to+keep *** ***"


# The file


def written(path):
    """The lines of a log and of its older files, oldest first."""
    files = sorted(path.parent.glob(f"{path.name}.*"), key=lambda one: -int(one.suffix[1:]))
    return [line for file in (*files, path) for line in file.read_text().splitlines()]


def test_a_full_file_is_renamed_and_the_oldest_is_deleted(path, begin, warnings):
    limit, kept = 1000, 3
    begin(limit, kept)
    for number in range(100):
        log.event("write", number=number)
    numbers = [int(event(line)["number"]) for line in written(path)]
    assert numbers == list(range(numbers[0], 100))
    assert numbers[0] > 0
    files = {one.name for one in path.parent.glob("papertrack.log*")}
    assert files == {"papertrack.log", *(f"papertrack.log.{number}" for number in (1, 2, 3))}
    sizes = [one.stat().st_size for one in path.parent.glob("papertrack.log*")]
    assert max(sizes) <= limit
    assert sum(sizes) > limit * (kept - 1)
    assert warnings == []


def test_a_line_longer_than_the_limit_has_a_file_of_its_own(path, begin):
    begin(100, 3)
    for number in range(3):
        log.event("write", number=number, long="x" * 200)
    assert [event(line)["number"] for line in written(path)] == ["0", "1", "2"]


def test_nobody_else_can_read_the_log_its_older_files_and_its_folder(tmp_path, warnings):
    path = tmp_path / "new" / "deep" / "papertrack.log"
    before = os.umask(0)
    try:
        writer = LogWriter(lambda: NOW, RotatingFile(str(path), warnings.append, 200, 2))
        for _ in range(10):
            writer.write(log.INFO, "write", {})
    finally:
        os.umask(before)
    files = [one for one in path.parent.iterdir() if one.is_file()]
    assert len(files) >= 3
    assert {one.stat().st_mode & 0o777 for one in files} == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    writer.write(log.INFO, "write", {})
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_symbolic_link_to_the_log_stays_a_link(tmp_path, warnings):
    real, link = tmp_path / "real.log", tmp_path / "link.log"
    link.symlink_to(real)
    writer = LogWriter(lambda: NOW, RotatingFile(str(link), warnings.append, 200, 2))
    for _ in range(10):
        writer.write(log.INFO, "write", {})
    assert link.is_symlink()
    assert (tmp_path / "real.log.1").exists()


_MANY = """
import sys
from datetime import UTC, datetime
from papertrack.log import INFO
from papertrack.logfile import LogWriter, RotatingFile

path, name, lines = sys.argv[1], sys.argv[2], int(sys.argv[3])
writer = LogWriter(lambda: datetime.now(UTC), RotatingFile(path, sys.exit, 3000, 200))
for number in range(lines):
    writer.write(INFO, "write", {"by": name, "number": number, "long": "x" * 30})
"""


def test_processes_that_write_and_rotate_at_once_lose_no_line_and_tear_none(path):
    lines, names = 300, ("a", "b", "c", "d")
    running = [
        subprocess.Popen([sys.executable, "-c", _MANY, str(path), name, str(lines)])
        for name in names
    ]
    assert [one.wait(120) for one in running] == [0, 0, 0, 0]
    found = [event(line) for line in written(path)]
    sizes = [one.stat().st_size for one in path.parent.glob(f"{path.name}.*")]
    assert len(sizes) > 10
    assert min(sizes) > 3000 - 200, "no process rotates what another just did"
    for name in names:
        mine = sorted(int(one["number"]) for one in found if one["by"] == name)
        assert mine == list(range(lines))


# A file that cannot be written


def _folder(path):
    path.mkdir()


def _below_a_file(path):
    path.parent.rmdir()
    path.parent.write_text("a file")


def _pipe(path):
    os.mkfifo(path)


def _device(path):
    path.symlink_to("/dev/full")


@pytest.mark.parametrize("spoil", [_folder, _below_a_file, _pipe, _device])
def test_a_file_that_cannot_be_written_causes_one_warning_and_no_failure(tmp_path, warnings, spoil):
    path = tmp_path / "logs" / "papertrack.log"
    path.parent.mkdir()
    spoil(path)
    writer = LogWriter(lambda: NOW, RotatingFile(str(path), warnings.append))
    for _ in range(3):
        writer.write(log.INFO, "write", {})
    (warning,) = warnings
    assert warning.startswith("cannot write the log ")


def test_a_full_disk_causes_one_warning_and_keeps_what_was_written(path, begin, warnings):
    begin()
    log.event("first")
    before, (soft, hard) = path.read_text(), resource.getrlimit(resource.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before), hard))
    try:
        log.event("second")
        log.event("third")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handled)
    assert len(warnings) == 1
    assert path.read_text() == before


def test_a_failed_rotation_loses_no_line(path, begin, warnings):
    for number in (1, 2):
        older = Path(f"{path}.{number}")
        older.mkdir()
        (older / "in the way").touch()
    begin(200, 2)
    for number in range(10):
        log.event("write", number=number)
    assert [event(line)["number"] for line in path.read_text().splitlines()] == [
        str(number) for number in range(10)
    ]
    assert warnings == []
