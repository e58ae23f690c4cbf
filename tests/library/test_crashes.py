"""A transaction that is killed, fails or is interrupted at any of its system calls."""

import errno
import json
import shutil
import signal
import sys
from bisect import bisect

import pytest
from tracing import trace, unavailable

from papertrack.errors import LibraryError
from papertrack.storage.folder import FolderStorage
from papertrack.storage.journal import Journal

_PROGRAM = """
import json, sys
import filelock
from tracing import counted
from papertrack.errors import PapertrackError
from papertrack.storage.folder import FolderStorage

folder, changed, removed = sys.argv[1:]
storage = FolderStorage(folder)
tables = storage.read()
tables.update(json.loads(changed))
for name in json.loads(removed):
    del tables[name]
try:
    with counted():
        storage.write(tables)
        print("committed", flush=True)
except PapertrackError as error:
    print(type(error).__name__)
    print(json.dumps({name: storage.load(name) for name in storage.names()}))
    sys.exit(error.exit_code)
"""


def _tables(number):
    """All tables after transaction `number`.

    The first transaction creates them. Each later one changes a table, resizes one, creates one,
    removes one, and leaves one untouched.
    """
    if number == 0:
        return {}
    odd = number % 2
    return {
        "changed": {"x": {"number": number}},
        "resized": {str(row): {"number": number} for row in range(40 if odd else 2)},
        "odd" if odd else "even": {"x": {"number": number}},
        "untouched": {"x": {"number": 1}},
    }


def _opened(folder):
    return FolderStorage(str(folder), on_damage=lambda damage: pytest.fail(str(damage)))


def _read(folder):
    """All tables as a new reader loads them."""
    storage = _opened(folder)
    return {name: storage.load(name) for name in storage.names()}


def _last_transaction(folder):
    """The number of the last transaction; asserts that the tables are exactly as it left them."""
    tables = _read(folder)
    number = tables["changed"]["x"]["number"] if tables else 0
    assert tables == _tables(number)
    return number


def _write_later(folder):
    """Change one table and create another."""
    storage = _opened(folder)
    tables = storage.read()
    tables["changed"] = {**tables.get("changed", {}), "later": {}}
    tables["later"] = {"x": {}}
    storage.write(tables)


def _attempt(before, number, **options):
    """Trace transaction `number` on a copy of a folder; returns the copy and the outcome."""
    folder = before.with_name("attempt")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(before, folder)
    old, new = _tables(number - 1), _tables(number)
    changed = {name: rows for name, rows in new.items() if rows != old.get(name)}
    arguments = str(folder), json.dumps(changed), json.dumps([*(old.keys() - new.keys())])
    return folder, trace([sys.executable, "-c", _PROGRAM, *arguments], within=folder, **options)


def _attempts(before, number, fault, every=1):
    """Attempt the transaction with the fault at each of its system calls, or every n-th one."""
    _, undisturbed = _attempt(before, number)
    assert undisturbed[:2] + undisturbed[3:] == ("exited", 0, "committed\n")
    assert len(undisturbed.calls) > 20
    for at in range(1, len(undisturbed.calls) + 1, every):
        folder, outcome = _attempt(before, number, at=at, fault=fault)
        assert outcome.calls[: at - 1] == undisturbed.calls[: at - 1]
        yield folder, outcome


def _assert_all_or_nothing(before, folder, number, outcome):
    """Assert that the tables are those of a complete transaction, also after the next write.

    It is transaction `number` or, if that was not acknowledged, the previous one. Returns which.
    """
    last = _last_transaction(folder)
    assert last == number or (last == number - 1 and "committed" not in outcome.output), outcome
    _write_later(folder)
    expected = _tables(last)
    expected["changed"] = {**expected.get("changed", {}), "later": {}}
    assert _read(folder) == expected | {"later": {"x": {}}}
    assert _modified(folder) == _modified(before) or number == 1
    return last


def _modified(folder):
    """The modification time of the table that only the first transaction writes."""
    table = folder / "untouched.json"
    return table.stat().st_mtime_ns if table.exists() else None


@pytest.fixture
def stage(request, tmp_path):
    """A folder in the requested state, and the number of its next transaction."""
    if reason := unavailable():
        pytest.skip(reason)
    folder = tmp_path / "before"
    folder.mkdir()
    return request.param(folder)


def _empty(folder):
    """Nothing is stored yet."""
    return folder, 1


def _ordinary(folder):
    """One transaction is stored."""
    _opened(folder).write(_tables(1))
    return folder, 2


def _committed(folder):
    """A second transaction was committed, but no table replaced, when the process was killed."""
    return _killed(folder, lambda first, _last: first)


def _half_applied(folder):
    """A second transaction had replaced half of the tables when the process was killed."""
    return _killed(folder, lambda first, last: (first + last) // 2)


def _killed(folder, choose):
    """Kill transaction 2 at a call chosen between the one after its commit and its last."""
    before, number = _ordinary(folder)
    last = len(_attempt(before, number)[1].calls)
    calls = range(1, last + 1)

    def last_transaction(at):
        return _last_transaction(_attempt(before, number, at=at)[0])

    first = 1 + bisect(calls, number - 1, key=last_transaction)
    killed, outcome = _attempt(before, number, at=choose(first, last))
    assert (outcome.code, _last_transaction(killed)) == (signal.SIGKILL, number)
    return killed.rename(folder.with_name("killed")), number + 1


def _full(folder):
    """The journal is full, so the next transaction flushes the tables to the disk."""
    number = 1
    while not Journal(str(folder)).is_full():
        assert number < 100
        _opened(folder).write(_tables(number))
        number += 1
    copy, _ = _attempt(folder, number)
    assert not Journal(str(copy)).is_full()
    return folder, number


def _stages(*usual):
    """Parametrize a test by stage; stages other than the usual ones run only with slow tests."""
    stages = _empty, _ordinary, _committed, _half_applied, _full
    names = [stage.__name__.strip("_").replace("_", " ") for stage in stages]
    marked = [
        pytest.param(stage, marks=() if stage in usual else pytest.mark.slow, id=name)
        for stage, name in zip(stages, names, strict=True)
    ]
    return pytest.mark.parametrize("stage", marked, indirect=True)


@_stages(_ordinary)
def test_a_kill_before_any_call_leaves_all_of_the_transaction_or_nothing(stage):
    """There is one call from which on the transaction is stored."""
    before, number = stage
    numbers = []
    for folder, outcome in _attempts(before, number, "kill"):
        assert outcome[:2] == ("killed", signal.SIGKILL)
        assert outcome.output in ("", "committed\n")
        numbers.append(_assert_all_or_nothing(before, folder, number, outcome))
    assert set(numbers) == {number - 1, number}
    assert numbers == sorted(numbers)


@_stages(_ordinary)
@pytest.mark.parametrize(
    ("fault", "every"),
    [
        pytest.param(errno.ENOSPC, 3, id="full disk"),
        pytest.param(errno.ENOSPC, 1, id="full disk at each", marks=pytest.mark.slow),
        pytest.param(errno.EIO, 1, id="broken disk", marks=pytest.mark.slow),
    ],
)
def test_any_failing_call_is_a_library_error_or_has_no_effect(stage, fault, every):
    """An error leaves all of the transaction or nothing, and all readers agree which."""
    before, number = stage
    for folder, outcome in _attempts(before, number, fault, every):
        last = _last_transaction(folder)
        if outcome.code == 0:
            assert outcome.output == "committed\n"
        else:
            assert outcome[:2] == ("exited", LibraryError.exit_code), outcome
            name, tables = outcome.output.splitlines()
            assert (name, json.loads(tables)) == ("LibraryError", _tables(last))
        _assert_all_or_nothing(before, folder, number, outcome)


@_stages()
def test_an_interruption_at_any_call_leaves_all_of_the_transaction_or_nothing(stage):
    before, number = stage
    for folder, outcome in _attempts(before, number, "interrupt"):
        # After an uncaught KeyboardInterrupt, Python ends itself by SIGINT.
        assert outcome[:2] == ("killed", signal.SIGINT), outcome
        assert outcome.output.splitlines()[-1] == "KeyboardInterrupt"
        _assert_all_or_nothing(before, folder, number, outcome)
