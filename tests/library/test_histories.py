"""Long random histories of a folder against a plain model of what it holds.

Run as a program, this file is the process whose children write and are killed.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from copy import deepcopy
from functools import partial
from itertools import count
from pathlib import Path

import filelock  # noqa: F401  # a child that is killed has nothing left to import
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from papertrack.library.database import Database
from papertrack.storage import files
from papertrack.storage.journal import Journal
from papertrack.storage.naming import file_name

_TABLES = ("papers.a", "papers.b", "Ä 論", "_default")
_KEYS = ("x", "y", "2603.00001", "論文:\U0001f9ea")

_texts = st.text(max_size=3)
_plain = st.none() | st.booleans() | st.integers() | st.floats() | _texts
_values = st.recursive(
    _plain,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_texts, inner, max_size=2),
    max_leaves=4,
)
_keys = st.sampled_from(_KEYS)
_fields = st.dictionaries(_texts, _values, max_size=2)
# Numbers: versions of a table that are as long as each other.
_rows = st.dictionaries(
    _keys, st.fixed_dictionaries({"n": st.integers(0, 9)}) | _fields, max_size=2
)
_names = st.sampled_from(_TABLES)
_handles = st.sampled_from([0, 1])
_steps = st.one_of(
    st.tuples(st.just("put"), _names, _rows),
    st.tuples(st.just("remove"), _names, st.lists(_keys, max_size=2)),
    st.tuples(st.just("drop"), _names),
    st.tuples(st.just("update"), _names, _fields),
)
_several = st.lists(_steps, max_size=4)
_many = st.permutations(_TABLES).flatmap(
    lambda names: st.tuples(*(st.tuples(st.just("put"), st.just(name), _rows) for name in names))
)


class _Abandoned(Exception):
    """What ends a transaction before its time."""


def _put(tables, name, rows):
    if rows:
        tables.setdefault(name, {}).update(deepcopy(rows))


def _remove(tables, name, keys):
    for key in keys:
        tables.get(name, {}).pop(key, None)


def _drop(tables, name):
    tables.pop(name, None)


def _update(tables, name, fields):
    for row in tables.setdefault(name, {}).values():
        row.update(deepcopy(fields))


# What each step means to the model and to a database.
_STEPS = {
    "put": (_put, Database.put),
    "remove": (_remove, Database.remove),
    "drop": (_drop, Database.drop_table),
    "update": (_update, lambda database, name, fields: database.table(name).update(fields)),
}


def _after(tables, steps):
    """The tables as these steps leave them."""
    tables = deepcopy(tables)
    for kind, *arguments in steps:
        _STEPS[kind][0](tables, *arguments)
    return tables


def _take(database, steps):
    for kind, *arguments in steps:
        _STEPS[kind][1](database, *arguments)


def _stored(database):
    return {name: dict(database.rows(name)) for name in database.tables()}


def _texts_of(tables):
    """Tables so that all that differs differs: to Python 1 is True, and no NaN is another."""
    return {name: json.dumps(rows) for name, rows in tables.items()}


class Histories(RuleBasedStateMachine):
    """Two handles on one folder, writers that are killed, files that are damaged.

    `tables` are all rows by table and key, `versions` the last versions of the tables whose files
    were replaced.
    """

    def __init__(self, home, kill):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=home)) / "library"
        self.kill = partial(kill, self.folder)
        self.told = []
        self.handles = [self.opened(), self.opened()]
        self.tables, self.versions = {}, {}

    def teardown(self):
        shutil.rmtree(self.folder.parent)

    def opened(self):
        return Database(str(self.folder), self.told.append)

    def happened(self, tables, *, damaged=None):
        """What a transaction made of the model; what was damaged becomes no last version."""
        before, after = _texts_of(self.tables), _texts_of(tables)
        for name in before:
            if name not in after:
                self.versions.pop(name, None)
            elif before[name] != after[name] and name != damaged:
                self.versions[name] = self.tables[name]
        self.tables = tables

    @rule(handle=_handles, step=_steps)
    def one_step(self, handle, step):
        """A write outside of a transaction is one of its own."""
        _take(self.handles[handle], [step])
        self.happened(_after(self.tables, [step]))

    @rule(handle=_handles, steps=_several)
    def several_steps(self, handle, steps):
        """Within the transaction its changes are read, by the other handle they are not."""
        database, other = self.handles[handle], self.handles[1 - handle]
        with database.transaction():
            _take(database, steps)
            assert _texts_of(_stored(database)) == _texts_of(_after(self.tables, steps))
            assert _texts_of(_stored(other)) == _texts_of(self.tables)
        self.happened(_after(self.tables, steps))

    @rule(handle=_handles, steps=_several)
    def abandoned(self, handle, steps):
        """A transaction that ends in an exception never was."""

        def interrupted():
            with self.handles[handle].transaction():
                _take(self.handles[handle], steps)
                raise _Abandoned

        with pytest.raises(_Abandoned):
            interrupted()

    @rule(handle=_handles, name=_names)
    def read(self, handle, name):
        rows = self.tables.get(name, {})
        database = self.handles[handle]
        assert json.dumps(dict(database.rows(name))) == json.dumps(rows)
        for key in _KEYS:
            assert json.dumps(database.row(name, key)) == json.dumps(rows.get(key))

    @rule(handle=_handles)
    def reopened(self, handle):
        self.handles[handle] = self.opened()

    @rule(steps=_many | _several, at=st.integers(1, 40))
    def killed(self, steps, at):
        """A transaction that a kill ends has happened or not; one that had ended has happened."""
        ended = self.kill(steps, at)
        after = _after(self.tables, steps)
        found = _texts_of(_stored(self.opened()))
        if ended:
            assert found == _texts_of(after)
        assert found in (_texts_of(self.tables), _texts_of(after))
        if found == _texts_of(after):
            self.happened(after)

    @precondition(lambda self: self.tables)
    @rule(data=st.data(), part=st.floats(0, 1, exclude_max=True), handle=_handles, steps=_several)
    def damaged(self, data, part, handle, steps):
        """Of a table whose file is cut short the journal's copy serves where there is one, else
        the last version; the next transaction makes it whole and keeps the damage.
        """
        name = data.draw(st.sampled_from(sorted(self.tables)))
        with self.handles[handle].transaction():
            pass  # what a kill cut short is brought to an end
        left = self.cut(name, part)
        if not any(name in transaction for transaction in Journal(str(self.folder)).applied()):
            self.tables[name] = self.versions.get(name, {})
        self.everyone_finds_the_model()
        assert {damage.path for damage in self.told} == {str(self.folder / file_name(name))}
        self.made_whole(self.handles[handle], name, steps)
        if name in self.tables:
            assert left in [path.read_bytes() for path in self.folder.glob("*.damaged-*")]

    def cut(self, name, part):
        """Leave a part of a table's file; what is left."""
        path = self.folder / file_name(name)
        os.truncate(path, int(path.stat().st_size * part))
        return path.read_bytes()

    def made_whole(self, database, name, steps):
        """One more transaction, after which no one is told of anything."""
        self.told.clear()
        with database.transaction():
            _take(database, steps)
        self.happened(_after(self.tables, steps), damaged=name)
        self.everyone_finds_the_model()

    def everyone_finds_the_model(self):
        for database in (*self.handles, self.opened()):
            assert _texts_of(_stored(database)) == _texts_of(self.tables)

    @invariant()
    def a_new_reader_finds_the_model_and_no_damage(self):
        assert _texts_of(_stored(self.opened())) == _texts_of(self.tables)
        assert self.told == []


@pytest.fixture
def kill():
    """Lets a child of another process take these steps in one transaction and be killed at one of
    its changes to the files of a folder; whether it ended before.
    """
    command = [sys.executable, __file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:

        def kill(folder, steps, at):
            process.stdin.write(json.dumps([str(folder), steps, at]).encode() + b"\n")
            process.stdin.flush()
            return {b"ended\n": True, b"killed\n": False}[process.stdout.readline()]

        yield kill
        process.stdin.close()


@pytest.mark.parametrize(
    ("examples", "steps"), [(30, 25), pytest.param(400, 80, marks=pytest.mark.slow)]
)
def test_any_history_leaves_what_a_plain_model_of_it_holds(
    tmp_path, kill, monkeypatch, examples, steps
):
    # No power goes here, and what reaches the disk cannot be seen.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    run(
        lambda: Histories(tmp_path, kill),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_what_only_the_journal_has_whole_outlives_any_number_of_writes_to_other_tables(tmp_path):
    """A loss of power may leave a renamed file empty, and its table may be read much later."""
    for number in (1, 2):
        Database(str(tmp_path)).put("t.a", {"x": {"n": number}})
    (tmp_path / "t.a.json").write_bytes(b"")
    told = []
    for number in range(20):
        Database(str(tmp_path), told.append).put("t.b", {"x": {"n": number}})
    assert Database(str(tmp_path), told.append).row("t.a", "x") == {"n": 2}


def test_what_a_kill_left_of_the_journal_does_not_serve_in_place_of_a_later_version(
    tmp_path, monkeypatch
):
    """The journal is emptied when it has eight transactions; here it is cut short at the second."""

    def cut_short(path):
        remove(path)
        if Path(path).name.isdecimal() and next(removals) == 2:
            raise KeyboardInterrupt

    for number in range(1, 9):
        Database(str(tmp_path)).put("t.a", {"x": {"n": number}})
    remove, listed, removals = files.remove, os.listdir, count(1)
    with monkeypatch.context() as patch:
        # As a file system may name them.
        patch.setattr(os, "listdir", lambda path: sorted(listed(path), reverse=True))
        patch.setattr(files, "remove", cut_short)
        with pytest.raises(KeyboardInterrupt):
            Database(str(tmp_path)).put("t.b", {"x": {"n": 1}})
    (tmp_path / "t.a.json").write_bytes(b"")
    told = []
    assert Database(str(tmp_path), told.append).row("t.a", "x")["n"] >= 7, "older than the backup"


def _be_killed():
    """For each line of standard input fork a child that does what it says."""
    os.fsync = lambda _: None
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _write(*json.loads(line))
        status = os.waitpid(child, 0)[1]
        print({0: "ended", signal.SIGKILL: "killed"}.get(status, "failed"), flush=True)  # noqa: T201


def _write(folder, steps, at):
    try:
        _die_at(folder, at)
        database = Database(folder)
        with database.transaction():
            _take(database, steps)
        os._exit(0)
    finally:
        os._exit(1)


def _die_at(folder, at):
    """Kill this process before its change number `at` to the files of a folder, or within it,
    where it writes.
    """
    numbers, write_all = count(1), files.write_all

    def reached():
        if next(numbers) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def write_and_write(descriptor, body):
        half = len(body) // 2
        write_all(descriptor, body[:half])
        reached()
        write_all(descriptor, body[half:])

    def on_event(event, arguments):
        changes = event in _CHANGES or (event == "open" and arguments[2] & os.O_CREAT)
        if changes and str(arguments[0]).startswith(folder):
            reached()

    files.write_all = write_and_write
    sys.addaudithook(on_event)


_CHANGES = {"os.remove", "os.rename", "os.link", "os.mkdir", "os.chmod"}


if __name__ == "__main__":
    _be_killed()
