"""A transaction that is killed, fails or is interrupted at any of its calls to the system."""

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

folder, changed, gone = sys.argv[1:]
storage = FolderStorage(folder)
tables = storage.read()
tables.update(json.loads(changed))
for name in json.loads(gone):
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
    """All tables after transaction `number`. The first makes them; from then on one changes, one
    grows or shrinks, one comes, one goes, and one is not concerned.
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
    """All tables as a new reader finds them."""
    storage = _opened(folder)
    return {name: storage.load(name) for name in storage.names()}


def _last(folder):
    """The number of the transaction after which the tables are as they are."""
    tables = _read(folder)
    number = tables["changed"]["x"]["number"] if tables else 0
    assert tables == _tables(number)
    return number


def _write_later(folder):
    """Change a table and add one."""
    storage = _opened(folder)
    tables = storage.read()
    tables["changed"] = {**tables.get("changed", {}), "later": {}}
    tables["later"] = {"x": {}}
    storage.write(tables)


def _attempt(before, number, **asked):
    """A copy of a folder, and how the program ended that makes transaction `number` there."""
    folder = before.with_name("attempt")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(before, folder)
    old, new = _tables(number - 1), _tables(number)
    changed = {name: rows for name, rows in new.items() if rows != old.get(name)}
    arguments = str(folder), json.dumps(changed), json.dumps([*(old.keys() - new.keys())])
    return folder, trace([sys.executable, "-c", _PROGRAM, *arguments], within=folder, **asked)


def _attempts(before, number, fault, every=1):
    """What `_attempt` gives, with the fault at each call of the transaction in turn, or at every
    second or third.
    """
    _, whole = _attempt(before, number)
    assert whole[:2] + whole[3:] == ("exited", 0, "committed\n")
    assert len(whole.calls) > 20
    for at in range(1, len(whole.calls) + 1, every):
        folder, outcome = _attempt(before, number, at=at, fault=fault)
        assert outcome.calls[: at - 1] == whole.calls[: at - 1]
        yield folder, outcome


def _assert_whole(before, folder, number, outcome):
    """The tables are those of transaction `number` or, if that was not acknowledged, of the one
    before, and stay so through the next write; the number that it is.
    """
    found = _last(folder)
    assert found == number or (found == number - 1 and "committed" not in outcome.output), outcome
    _write_later(folder)
    expected = _tables(found)
    expected["changed"] = {**expected.get("changed", {}), "later": {}}
    assert _read(folder) == expected | {"later": {"x": {}}}
    assert _modified(folder) == _modified(before) or number == 1
    return found


def _modified(folder):
    """When the table was written that no transaction but the first concerns."""
    table = folder / "untouched.json"
    return table.stat().st_mtime_ns if table.exists() else None


@pytest.fixture
def stage(request, tmp_path):
    """A folder in the state that is asked for, and the number of its next transaction."""
    if reason := unavailable():
        pytest.skip(reason)
    folder = tmp_path / "before"
    folder.mkdir()
    return request.param(folder)


def _empty(folder):
    """Nothing was stored yet."""
    return folder, 1


def _ordinary(folder):
    """One transaction was made."""
    _opened(folder).write(_tables(1))
    return folder, 2


def _unfinished(folder):
    """A second one had happened, but to no file of a table, when the process was killed."""
    return _killed(folder, lambda first, _last: first)


def _half_finished(folder):
    """It had happened to half of the files when the process was killed."""
    return _killed(folder, lambda first, last: (first + last) // 2)


def _killed(folder, choose):
    """`choose` is given the calls between which a kill lets the transaction be and go on."""
    before, number = _ordinary(folder)
    last = len(_attempt(before, number)[1].calls)
    calls = range(1, last + 1)
    first = 1 + bisect(calls, number - 1, key=lambda at: _last(_attempt(before, number, at=at)[0]))
    killed, outcome = _attempt(before, number, at=choose(first, last))
    assert (outcome.code, _last(killed)) == (signal.SIGKILL, number)
    return killed.rename(folder.with_name("killed")), number + 1


def _full(folder):
    """The next transaction is one that has the tables flushed to the disk."""
    number = 1
    while not Journal(str(folder)).is_full():
        assert number < 100
        _opened(folder).write(_tables(number))
        number += 1
    copy, _ = _attempt(folder, number)
    assert not Journal(str(copy)).is_full()
    return folder, number


def _stages(*usual):
    """The stages of a test; what is unusual is left to the long run."""
    every = _empty, _ordinary, _unfinished, _half_finished, _full
    names = [stage.__name__.strip("_").replace("_", " ") for stage in every]
    marked = [
        pytest.param(stage, marks=() if stage in usual else pytest.mark.slow, id=name)
        for stage, name in zip(every, names, strict=True)
    ]
    return pytest.mark.parametrize("stage", marked, indirect=True)


@_stages(_ordinary)
def test_a_kill_before_any_call_leaves_all_of_the_transaction_or_nothing(stage):
    """And from the one call on that lets it happen, it has happened."""
    before, number = stage
    found = []
    for folder, outcome in _attempts(before, number, "kill"):
        assert outcome[:2] == ("killed", signal.SIGKILL)
        assert outcome.output in ("", "committed\n")
        found.append(_assert_whole(before, folder, number, outcome))
    assert set(found) == {number - 1, number}
    assert found == sorted(found)


@_stages(_ordinary)
@pytest.mark.parametrize(
    ("fault", "every"),
    [
        pytest.param(errno.ENOSPC, 3, id="full disk"),
        pytest.param(errno.ENOSPC, 1, id="full disk at each", marks=pytest.mark.slow),
        pytest.param(errno.EIO, 1, id="broken disk", marks=pytest.mark.slow),
    ],
)
def test_any_call_that_fails_is_a_library_error_or_does_not_matter(stage, fault, every):
    """An error leaves all of the transaction or nothing, and who got it reads what others read."""
    before, number = stage
    for folder, outcome in _attempts(before, number, fault, every):
        found = _last(folder)
        if outcome.code == 0:
            assert outcome.output == "committed\n"
        else:
            assert outcome[:2] == ("exited", LibraryError.exit_code), outcome
            name, read = outcome.output.splitlines()
            assert (name, json.loads(read)) == ("LibraryError", _tables(found))
        _assert_whole(before, folder, number, outcome)


@_stages()
def test_an_interruption_at_any_call_leaves_all_of_the_transaction_or_nothing(stage):
    before, number = stage
    for folder, outcome in _attempts(before, number, "interrupt"):
        # Python ends by the signal whose exception nobody caught.
        assert outcome[:2] == ("killed", signal.SIGINT), outcome
        assert outcome.output.splitlines()[-1] == "KeyboardInterrupt"
        _assert_whole(before, folder, number, outcome)
