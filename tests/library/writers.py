"""Programs that write to a library, one per function: `python writers.py FUNCTION FOLDER …`.

Functions that need `invented` import it themselves, because it takes long to import.
"""

import os
import random
import resource
import select
import shutil
import signal
import subprocess
import sys
import time

import filelock  # noqa: F401  # imported before a process drops its permissions

from papertrack.calendar import Span
from papertrack.errors import PapertrackError
from papertrack.library.coverage_rows import Coverage
from papertrack.library.database import Database
from papertrack.library.library import Library
from papertrack.models import State
from papertrack.storage.folder import FolderStorage

LOCK_TIMEOUT = 120.0  # seconds; many writers on a loaded machine may wait long for the lock


def count(folder, times):
    """Increment a number this many times."""
    database = Database(folder)
    for _ in range(int(times)):
        with database.transaction(timeout=LOCK_TIMEOUT):
            row = database.row("counter", "all") or {"number": 0}
            database.put("counter", {"all": {"number": row["number"] + 1}})


def hold(folder):
    """Hold the lock until standard input ends."""
    with FolderStorage(folder).transaction(timeout=LOCK_TIMEOUT):
        print("held", flush=True)  # noqa: T201
        sys.stdin.read()


def kill_everywhere(before, into):
    """Store news into copies of a library, killed before the first, second … change to its files.

    Ends with the copy whose writer makes fewer changes.
    """
    import invented  # noqa: F401  # imported once, not by each child

    number, killed = 0, True
    while killed:
        number += 1
        copy = os.path.join(into, str(number))
        shutil.copytree(before, copy)
        child = os.fork()
        if child == 0:
            strike_at(copy, number, die)
            store_news(copy)
            os._exit(0)
        killed = os.waitpid(child, 0)[1] == signal.SIGKILL


def strike_at(folder, number, fault):
    """Call `fault` before change `number` to the folder's files.

    Returns a list with the number of changes remaining until then.
    """
    remaining = [number]

    def on_event(event, arguments):
        changes = event in ("os.remove", "os.rename", "os.link") or (
            event == "open" and arguments[2] & os.O_CREAT
        )
        if changes and str(arguments[0]).startswith(folder):
            remaining[0] -= 1
            if remaining[0] == 0:
                fault()

    sys.addaudithook(on_event)
    return remaining


def die():
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def store_old(folder):
    """Store the papers that a library has before the news."""
    from invented import put, sighting

    library = Library(folder)
    put(library, *(sighting(f"2603.0000{n}", upvotes=n, abstract="Old.") for n in range(1, 5)))
    library.change_states(["2603.00001"], lambda _, state: state._replace(starred=True))


def store_news(folder):
    """Store a changed paper, counts, new papers of two days, marks and coverage at once."""
    from invented import DAY, NOW, put, sighting

    library = Library(folder)
    with library.transaction(timeout=LOCK_TIMEOUT):
        put(
            library,
            sighting("2603.00001", at=NOW.replace(hour=19), upvotes=9, title="Changed"),
            sighting("2603.00002", at=NOW.replace(hour=19), upvotes=2, abstract="Old."),
            *(sighting(f"2603.1000{n}", upvotes=n) for n in range(3)),
            *(sighting(f"cran:{n}", day=DAY.replace(day=30)) for n in range(3)),
            sighting("2602.00001", day=None, upvotes=1),
        )
        library.change_states(["2603.00002", "cran:1"], lambda _id, _state: State(read=True))
        library.save_coverage([Coverage("huggingface", DAY, "complete", NOW, 5)])


def fill_disk(folder):
    """Store more than the system allows in a file; prints the error as one line."""
    from invented import DAY, NOW, put, sighting

    sys.dont_write_bytecode = True  # Python before 3.12.8 would leave parts of compiled modules.
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    try:
        # The first table is small and would fit.
        put(
            Library(folder),
            sighting("2603.00001", title="Changed", at=NOW.replace(hour=19)),
            sighting("2603.00009", day=DAY.replace(day=30), abstract="word " * 4000),
        )
    except PapertrackError as error:
        print(type(error).__name__, error.exit_code, error.what)  # noqa: T201


def allow_writing(folder):
    """Make all folders writable again, so that the test's folder can be deleted."""
    for path, _, _ in os.walk(folder):
        os.chmod(path, 0o700)


def read_without_permission(folder):
    """Read a read-only library, then try to write; prints the ids and the error."""
    from invented import DAY, put, sighting

    os.chdir(folder)
    for path, _, names in os.walk("."):
        os.chmod(path, 0o555)
        for name in names:
            os.chmod(os.path.join(path, name), 0o444)
    if os.getuid() == 0:
        os.setuid(65534)
    library = Library(".")
    print(*(entry.paper.id for entry in library.listed_entries(Span(DAY, DAY))))  # noqa: T201
    try:
        put(library, sighting("2603.00009"))
    except PapertrackError as error:
        print(type(error).__name__, error.exit_code, error.what)  # noqa: T201


def tables_after(number):
    """The tables after transaction `number` of `write_numbers`.

    In one a row changes, in one a row is added, and one is rewritten; every tenth time they shrink.
    """
    size = number % 10
    return {
        "changing": {"x": {"number": number, "filling": "x" * 1000 * size}},
        "growing": {str(n): {"number": n} for n in range(number - size, number + 1)},
        "whole": {str(n): {"number": number} for n in range(size + 1)},
    }


def numbers_in(folder):
    """The number of the transaction that wrote each of these tables, as a new reader loads them."""
    return _numbers(_undamaged(folder))


def _undamaged(folder):
    """The database in a folder; any damage is an AssertionError."""

    def fail(damage):
        raise AssertionError(str(damage))

    return Database(folder, fail)


def _numbers(database):
    return [_number(table, dict(database.rows(table))) for table in tables_after(0)]


def _number(table, rows):
    number = max((row["number"] for row in rows.values()), default=0)
    assert rows == (tables_after(number)[table] if number else {}), f"{table}: part of {number}"
    return number


def write_numbers(folder, times):
    """Make this many transactions."""
    database = _undamaged(folder)
    for _ in range(int(times)):
        _write_next(database)


def _write_next(database):
    with database.transaction(timeout=LOCK_TIMEOUT):
        last = database.row("changing", "x") or {"number": 0}
        for table, rows in tables_after(last["number"] + 1).items():
            database.remove(table, dict(database.rows(table)).keys() - rows.keys())
            database.put(table, rows)


def kill_again(folder, kills):
    """Kill writers at random times, one after another, twenty per library.

    For each, prints the number of the last acknowledged transaction and those in the tables.
    """
    generator = random.Random(20260331)
    for kill in range(int(kills)):
        library = os.path.join(folder, str(kill // 20))
        before = max(numbers_in(library))
        acknowledged = _killed_after(generator.uniform(0, 0.02), library)
        print(before + acknowledged, *numbers_in(library))  # noqa: T201


def _killed_after(seconds, folder):
    """Kill a writing process after this time; returns how many transactions it acknowledged."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _write_and_acknowledge(folder, writer)
    os.close(writer)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with open(reader, "rb") as acknowledgements:
        return len(acknowledgements.read())


def _write_and_acknowledge(folder, writer):
    database = _undamaged(folder)
    while True:
        _write_next(database)
        os.write(writer, b".")


def watch_numbers(folder):
    """Read with an open database and with new ones until standard input ends.

    Fails if a number is lower than an earlier one. Prints how many different numbers were read and
    the last.
    """
    print("reading", flush=True)  # noqa: T201
    open_database, numbers, last = _undamaged(folder), set(), 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        for database in (open_database, _undamaged(folder)):
            for number in _numbers(database):
                assert number >= last, f"{number} after {last}"
                numbers.add(number)
                last = number
    print(len(numbers), last)  # noqa: T201


def start(function, *arguments):
    """Start a process that runs one of these functions."""
    here = os.path.abspath(__file__)
    path = [os.path.dirname(os.path.dirname(here)), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, here, function, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """Close the standard input of such a process; returns the lines that it printed."""
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return out.splitlines()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
