"""Processes that write to a library, one kind a function: `python writers.py KIND FOLDER …`.

Those that need `invented` import it themselves: it takes longer than what most of the others do.
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

import filelock  # noqa: F401  # before a process gives up its rights, nothing may be left to import

from papertrack.calendar import Span
from papertrack.errors import PapertrackError
from papertrack.library.database import Database
from papertrack.library.library import Coverage, Library
from papertrack.models import State
from papertrack.storage.folder import FolderStorage


def count(folder, times):
    """Add one to a number, so many times."""
    database = Database(folder)
    for _ in range(int(times)):
        with database.transaction():
            known = database.row("counter", "all") or {"number": 0}
            database.put("counter", {"all": {"number": known["number"] + 1}})


def hold(folder):
    """Hold the lock until standard input ends."""
    with FolderStorage(folder).transaction():
        print("held", flush=True)  # noqa: T201
        sys.stdin.read()


def kill_everywhere(before, into):
    """Store the news into copies of a library, and die before the first, second … change to its
    files, until one copy has seen them all.
    """
    import invented  # noqa: F401  # once, not by each child

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
    """Let `fault` happen instead of a change to the folder's files; how many are still to come."""
    left = [number]

    def on_event(event, arguments):
        changes = event in ("os.remove", "os.rename", "os.link") or (
            event == "open" and arguments[2] & os.O_CREAT
        )
        if changes and str(arguments[0]).startswith(folder):
            left[0] -= 1
            if left[0] == 0:
                fault()

    sys.addaudithook(on_event)
    return left


def die():
    """End as a loss of power would."""
    os.kill(os.getpid(), signal.SIGKILL)


def store_old(folder):
    """What a library holds before the news."""
    from invented import put, sighting

    library = Library(folder)
    put(library, *(sighting(f"2603.0000{n}", upvotes=n, abstract="Old.") for n in range(1, 5)))
    library.change_states(["2603.00001"], lambda _, state: state._replace(starred=True))


def store_news(folder):
    """A known paper that changed, counts, new papers of two days, marks and coverage, at once."""
    from invented import DAY, NOW, put, sighting

    library = Library(folder)
    with library.transaction():
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
    """Store more than the system lets a file hold; the error as one line."""
    from invented import DAY, NOW, put, sighting

    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    try:
        # One small table that would fit comes first.
        put(
            Library(folder),
            sighting("2603.00001", title="Changed", at=NOW.replace(hour=19)),
            sighting("2603.00009", day=DAY.replace(day=30), abstract="word " * 4000),
        )
    except PapertrackError as error:
        print(type(error).__name__, error.exit_code, error.what)  # noqa: T201


def allow_writing(folder):
    """Let all folders be written to again, and so be deleted after the test."""
    for place, _, _ in os.walk(folder):
        os.chmod(place, 0o700)


def read_without_permission(folder):
    """Read a library in a folder that may not be written to, then write; the error as one line."""
    from invented import DAY, put, sighting

    os.chdir(folder)
    for place, _, names in os.walk("."):
        os.chmod(place, 0o555)
        for name in names:
            os.chmod(os.path.join(place, name), 0o444)
    if os.getuid() == 0:
        os.setuid(65534)
    library = Library(".")
    print(*(entry.paper.id for entry in library.listed(Span(DAY, DAY))))  # noqa: T201
    try:
        put(library, sighting("2603.00009"))
    except PapertrackError as error:
        print(type(error).__name__, error.exit_code, error.what)  # noqa: T201


def tables_after(number):
    """What transaction `number` of `write_numbers` leaves: a table whose row changes, one that
    takes in a row, and one that is written whole; every tenth time they shrink.
    """
    more = number % 10
    return {
        "changing": {"x": {"number": number, "filling": "x" * 1000 * more}},
        "growing": {str(n): {"number": n} for n in range(number - more, number + 1)},
        "whole": {str(n): {"number": number} for n in range(more + 1)},
    }


def numbers_in(folder):
    """For each of these tables, the transaction that left it as a new reader finds it."""
    return _numbers(_undamaged(folder))


def _undamaged(folder):
    def refuse(damage):
        raise AssertionError(str(damage))

    return Database(folder, refuse)


def _numbers(database):
    return [_number(table, dict(database.rows(table))) for table in tables_after(0)]


def _number(table, rows):
    number = max((row["number"] for row in rows.values()), default=0)
    assert rows == (tables_after(number)[table] if number else {}), f"{table}: half of {number}"
    return number


def write_numbers(folder, times):
    """Make the next transactions, so many."""
    database = _undamaged(folder)
    for _ in range(int(times)):
        _write_next(database)


def _write_next(database):
    with database.transaction():
        last = database.row("changing", "x") or {"number": 0}
        for table, rows in tables_after(last["number"] + 1).items():
            database.remove(table, dict(database.rows(table)).keys() - rows.keys())
            database.put(table, rows)


def kill_again(folder, kills):
    """Kill writers at random moments, one after another and twenty at a library. For each a line:
    the last number that was acknowledged, and those in the tables.
    """
    chance = random.Random(20260331)
    for kill in range(int(kills)):
        home = os.path.join(folder, str(kill // 20))
        known = max(numbers_in(home))
        made = _killed_after(chance.uniform(0, 0.02), home)
        print(known + made, *numbers_in(home))  # noqa: T201


def _killed_after(seconds, folder):
    """Let a process write for so long; how many transactions it said that it had made."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _say_each(folder, writer)
    os.close(writer)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with open(reader, "rb") as said:
        return len(said.read())


def _say_each(folder, writer):
    database = _undamaged(folder)
    while True:
        _write_next(database)
        os.write(writer, b".")


def watch_numbers(folder):
    """Read until standard input ends, by a reader that stays and by new ones, and fail where a
    number is smaller than one that was read before. At the end a line: how many different ones
    there were, and the last.
    """
    print("reading", flush=True)  # noqa: T201
    staying, seen, last = _undamaged(folder), set(), 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        for database in (staying, _undamaged(folder)):
            for number in _numbers(database):
                assert number >= last, f"{number} after {last}"
                seen.add(number)
                last = number
    print(len(seen), last)  # noqa: T201


def start(kind, *arguments):
    """One of these processes, started."""
    here = os.path.abspath(__file__)
    path = [os.path.dirname(os.path.dirname(here)), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, here, kind, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """End the standard input of such a process; the lines that it printed. It must not fail."""
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    return out.splitlines()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
