"""The log: one line per event, in a file that rotates, without secrets."""

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
from papertrack.logfile import OLDER_FILES, SIZE_LIMIT, LogWriter, RotatingFile

NOW = datetime(2026, 3, 31, 18, 0, 0, 123000, tzinfo=UTC)
SECRET = "plantedSecret01"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "papertrack.log"


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def enable_log(path, warnings):
    """Enables a log at `path` with the limits of a test."""

    def enable(limit=SIZE_LIMIT, older_files=OLDER_FILES):
        file = RotatingFile(str(path), warnings.append, limit, older_files)
        log.enable(LogWriter(lambda: NOW, file))

    yield enable
    log.disable()


def test_events_are_written_only_between_enable_and_disable(path, enable_log):
    log.event("before")
    enable_log()
    log.event("within")
    assert log.is_on()
    log.disable()
    log.event("after")
    assert not log.is_on()
    assert [line.name for line in events(path.read_text())] == ["within"]


def test_a_line_has_the_time_in_utc_the_level_the_process_and_the_facts(path, enable_log):
    enable_log()
    log.event(
        "request",
        url="http://x.org/?a=b",
        status=200,
        seconds=0.12345,
        bytes=None,
        empty="",
        ok=True,
    )
    log.warning("listing", day=date(2026, 3, 31), papers=("a", "b"), problem='refused: "no"')
    log.error("failed", code=5)
    assert path.read_text() == (
        f"2026-03-31T18:00:00.123+00:00 INFO {os.getpid()} request"
        ' url="http://x.org/?a=b" status=200 seconds=0.123 empty="" ok=yes\n'
        f"2026-03-31T18:00:00.123+00:00 WARNING {os.getpid()} listing"
        ' day=2026-03-31 papers=a,b problem="refused: \\"no\\""\n'
        f"2026-03-31T18:00:00.123+00:00 ERROR {os.getpid()} failed code=5\n"
    )


def test_a_timed_event_has_its_seconds_and_the_kind_of_failure(path, enable_log):
    enable_log()
    late_facts = {}
    with log.timed("request", {"method": "GET"}, late_facts):
        late_facts["status"] = 200
    for error in (DeliveryError("c", "refused", SECRET), KeyError(SECRET)):
        with pytest.raises(type(error)), log.timed("deliver", {}):
            raise error
    done, refused, failed = events(path.read_text())
    assert list(done.facts) == ["method", "status", "seconds"]
    assert (done.level, refused.level) == ("INFO", "WARNING")
    assert (refused["failed"], failed["failed"]) == ("refused", "KeyError")
    assert SECRET not in path.read_text()


# Text from papers and servers


@pytest.mark.parametrize("title", [*TRICKS, 'x" 2026-01-01T00:00:00Z INFO 1 end code="0'])
def test_no_title_forges_a_line_or_a_fact(path, enable_log, title):
    enable_log()
    log.event("deliver", subject=title, papers=[title, title], last=1)
    text = path.read_bytes().decode()
    assert not unseemly(text)
    (line,) = events(text)
    assert list(line.facts) == ["subject", "papers", "last"]


@given(st.text())
def test_any_text_stays_on_its_line(text):
    writer = LogWriter(lambda: NOW, handler := _MemoryFile())
    writer.write(log.INFO, "deliver", {"subject": text, "last": 1})
    (line,) = handler.lines
    assert list(event(line).facts) == ["subject", "last"]


class _MemoryFile(RotatingFile):
    """Collects lines in memory instead of a file."""

    def __init__(self):
        super().__init__("unused", list)
        self.lines = []

    def _append(self, line):
        self.lines += line.decode().splitlines()


def test_a_bug_is_written_with_a_traceback_that_forges_no_line(path, enable_log, capsys):
    enable_log()
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
        (f"the reply was '{SECRET}x'", "the reply was '***x'"),
        (f"the reply was {SECRET}-longer", "the reply was ***"),
        ("no route /T0/hidden/path here", "no route *** here"),
        ("no route T0/hidden/path here", "no route *** here"),
        ("hook has no route /hook", "hook has no route ***"),
        ("a word", "a word"),
    ],
)
def test_secrets_are_replaced_wherever_they_occur(path, enable_log, text, expected):
    enable_log()
    log.hide(SECRET, "a", "")
    log.hide(f"{SECRET}-longer", "https://hooks.example.org/T0/hidden/path", "http://x.org/hook")
    log.event("failed", problem=text)
    (line,) = events(path.read_text())
    assert line["problem"] == expected


def test_secrets_of_channels_are_replaced_in_every_form(path, enable_log):
    enable_log()
    secret = Secret("to keep & hide")
    log.event(
        "failed", problem=f"{secret.reveal()} to+keep to%20keep%20%26%20hide dG8ga2VlcCAmIGhpZGU="
    )
    (line,) = events(path.read_text())
    assert line["problem"] == "*** to+keep *** ***"


# The file


def all_lines(path):
    """The lines of a log and of its older files, oldest first."""
    older = sorted(path.parent.glob(f"{path.name}.*"), key=lambda file: -int(file.suffix[1:]))
    return [line for file in (*older, path) for line in file.read_text().splitlines()]


def test_a_full_file_is_renamed_and_the_oldest_is_deleted(path, enable_log, warnings):
    limit, older_files = 1000, 3
    enable_log(limit, older_files)
    for number in range(100):
        log.event("write", number=number)
    numbers = [int(event(line)["number"]) for line in all_lines(path)]
    assert numbers == list(range(numbers[0], 100))
    assert numbers[0] > 0
    files = {file.name for file in path.parent.glob("papertrack.log*")}
    assert files == {"papertrack.log", *(f"papertrack.log.{number}" for number in (1, 2, 3))}
    sizes = [file.stat().st_size for file in path.parent.glob("papertrack.log*")]
    assert max(sizes) <= limit
    assert sum(sizes) > limit * (older_files - 1)
    assert warnings == []


def test_a_line_longer_than_the_limit_has_a_file_of_its_own(path, enable_log):
    enable_log(100, 3)
    for number in range(3):
        log.event("write", number=number, long="x" * 200)
    assert [event(line)["number"] for line in all_lines(path)] == ["0", "1", "2"]


def test_only_the_owner_can_read_the_log_its_older_files_and_its_folder(tmp_path, warnings):
    path = tmp_path / "new" / "deep" / "papertrack.log"
    before = os.umask(0)
    try:
        writer = LogWriter(lambda: NOW, RotatingFile(str(path), warnings.append, 200, 2))
        for _ in range(10):
            writer.write(log.INFO, "write", {})
    finally:
        os.umask(before)
    files = [file for file in path.parent.iterdir() if file.is_file()]
    assert len(files) >= 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    writer.write(log.INFO, "write", {})
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_symbolic_link_to_the_log_remains_a_link(tmp_path, warnings):
    target, link = tmp_path / "real.log", tmp_path / "link.log"
    link.symlink_to(target)
    writer = LogWriter(lambda: NOW, RotatingFile(str(link), warnings.append, 200, 2))
    for _ in range(10):
        writer.write(log.INFO, "write", {})
    assert link.is_symlink()
    assert (tmp_path / "real.log.1").exists()


_WRITER_PROGRAM = """
import sys
from datetime import UTC, datetime
from papertrack.log import INFO
from papertrack.logfile import LogWriter, RotatingFile

path, name, lines = sys.argv[1], sys.argv[2], int(sys.argv[3])
writer = LogWriter(lambda: datetime.now(UTC), RotatingFile(path, sys.exit, 3000, 200))
for number in range(lines):
    writer.write(INFO, "write", {"by": name, "number": number, "long": "x" * 30})
"""


def test_processes_that_write_and_rotate_at_once_lose_and_split_no_line(path):
    lines, names = 300, ("a", "b", "c", "d")
    processes = [
        subprocess.Popen([sys.executable, "-c", _WRITER_PROGRAM, str(path), name, str(lines)])
        for name in names
    ]
    assert [process.wait(120) for process in processes] == [0, 0, 0, 0]
    written = [event(line) for line in all_lines(path)]
    sizes = [file.stat().st_size for file in path.parent.glob(f"{path.name}.*")]
    assert len(sizes) > 10
    assert min(sizes) > 3000 - 200, "a process rotated a file that another had just rotated"
    for name in names:
        numbers = sorted(int(line["number"]) for line in written if line["by"] == name)
        assert numbers == list(range(lines))


# A file that cannot be written


def _make_folder(path):
    path.mkdir()


def _replace_parent_by_file(path):
    path.parent.rmdir()
    path.parent.write_text("a file")


def _make_pipe(path):
    os.mkfifo(path)


def _link_to_full_device(path):
    path.symlink_to("/dev/full")


@pytest.mark.parametrize(
    "obstruct", [_make_folder, _replace_parent_by_file, _make_pipe, _link_to_full_device]
)
def test_a_file_that_cannot_be_written_causes_one_warning_and_no_failure(
    tmp_path, warnings, obstruct
):
    path = tmp_path / "logs" / "papertrack.log"
    path.parent.mkdir()
    obstruct(path)
    writer = LogWriter(lambda: NOW, RotatingFile(str(path), warnings.append))
    for _ in range(3):
        writer.write(log.INFO, "write", {})
    (warning,) = warnings
    assert warning.startswith("cannot write the log ")


def test_a_full_disk_causes_one_warning_and_preserves_the_log(path, enable_log, warnings):
    enable_log()
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


def test_a_failed_rotation_loses_no_line(path, enable_log, warnings):
    for number in (1, 2):
        older = Path(f"{path}.{number}")
        older.mkdir()
        (older / "in the way").touch()
    enable_log(200, 2)
    for number in range(10):
        log.event("write", number=number)
    assert [event(line)["number"] for line in path.read_text().splitlines()] == [
        str(number) for number in range(10)
    ]
    assert warnings == []
