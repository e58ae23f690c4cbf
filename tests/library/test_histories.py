"""Long random histories of a folder, compared with a simple model of its content.

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

import filelock  # noqa: F401  # imported before forking, so that children need not import it
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
# The field n makes versions of a table that have the same length.
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
_step_lists = st.lists(_steps, max_size=4)
_puts_to_all_tables = st.permutations(_TABLES).flatmap(
    lambda names: st.tuples(*(st.tuples(st.just("put"), st.just(name), _rows) for name in names))
)


class _AbandonError(Exception):
    """Raised to abandon a transaction."""


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


# How each step is applied to the model and to a database.
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


def _apply(database, steps):
    for kind, *arguments in steps:
        _STEPS[kind][1](database, *arguments)


def _stored(database):
    return {name: dict(database.rows(name)) for name in database.tables()}


def _as_json(tables):
    """The tables as JSON texts, since in Python 1 == True, and NaN != NaN."""
    return {name: json.dumps(rows) for name, rows in tables.items()}


class Histories(RuleBasedStateMachine):
    """Two handles on one folder, killed writers, and damaged files.

    The model: `tables` has all rows by table and key, `backups` the previous versions of the tables
    whose files were replaced.
    """

    def __init__(self, home, kill):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=home)) / "library"
        self.kill = partial(kill, self.folder)
        self.damages = []
        self.handles = [self.opened(), self.opened()]
        self.tables, self.backups = {}, {}

    def teardown(self):
        shutil.rmtree(self.folder.parent)

    def opened(self):
        return Database(str(self.folder), self.damages.append)

    def record(self, tables, *, damaged=None):
        """Update the model after a transaction; a damaged table does not become a backup."""
        before, after = _as_json(self.tables), _as_json(tables)
        for name in before:
            if name not in after:
                self.backups.pop(name, None)
            elif before[name] != after[name] and name != damaged:
                self.backups[name] = self.tables[name]
        self.tables = tables

    @rule(handle=_handles, step=_steps)
    def one_step(self, handle, step):
        """A write outside of a transaction is a transaction of its own."""
        _apply(self.handles[handle], [step])
        self.record(_after(self.tables, [step]))

    @rule(handle=_handles, steps=_step_lists)
    def several_steps(self, handle, steps):
        """The transaction reads its own changes, and the other handle does not."""
        database, other = self.handles[handle], self.handles[1 - handle]
        with database.transaction():
            _apply(database, steps)
            assert _as_json(_stored(database)) == _as_json(_after(self.tables, steps))
            assert _as_json(_stored(other)) == _as_json(self.tables)
        self.record(_after(self.tables, steps))

    @rule(handle=_handles, steps=_step_lists)
    def abandoned(self, handle, steps):
        """A transaction that raises an exception changes nothing."""

        def write_and_fail():
            with self.handles[handle].transaction():
                _apply(self.handles[handle], steps)
                raise _AbandonError

        with pytest.raises(_AbandonError):
            write_and_fail()

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

    @rule(steps=_puts_to_all_tables | _step_lists, at=st.integers(1, 40))
    def killed(self, steps, at):
        """A killed transaction is stored completely or not, and surely if it had ended."""
        ended = self.kill(steps, at)
        after = _after(self.tables, steps)
        stored = _as_json(_stored(self.opened()))
        if ended:
            assert stored == _as_json(after)
        assert stored in (_as_json(self.tables), _as_json(after))
        if stored == _as_json(after):
            self.record(after)

    @precondition(lambda self: self.tables)
    @rule(
        data=st.data(), part=st.floats(0, 1, exclude_max=True), handle=_handles, steps=_step_lists
    )
    def damaged(self, data, part, handle, steps):
        """A truncated table is read from the journal if it is there, else from its backup.

        The next transaction repairs the table and keeps the damaged file.
        """
        name = data.draw(st.sampled_from(sorted(self.tables)))
        with self.handles[handle].transaction():
            pass  # This applies a transaction that a kill left pending.
        rest = self.truncate(name, part)
        if not any(
            name in transaction for transaction in Journal(str(self.folder)).applied_transactions()
        ):
            self.tables[name] = self.backups.get(name, {})
        self.assert_all_readers_agree()
        assert {damage.path for damage in self.damages} == {str(self.folder / file_name(name))}
        self.repair(self.handles[handle], name, steps)
        if name in self.tables:
            assert rest in [path.read_bytes() for path in self.folder.glob("*.damaged-*")]

    def truncate(self, name, part):
        """Truncate a table's file to this part of its size; returns the rest."""
        path = self.folder / file_name(name)
        os.truncate(path, int(path.stat().st_size * part))
        return path.read_bytes()

    def repair(self, database, name, steps):
        """Make a transaction, after which no damage is reported."""
        self.damages.clear()
        with database.transaction():
            _apply(database, steps)
        self.record(_after(self.tables, steps), damaged=name)
        self.assert_all_readers_agree()

    def assert_all_readers_agree(self):
        for database in (*self.handles, self.opened()):
            assert _as_json(_stored(database)) == _as_json(self.tables)

    @invariant()
    def a_new_reader_agrees_with_the_model_and_reports_no_damage(self):
        assert _as_json(_stored(self.opened())) == _as_json(self.tables)
        assert self.damages == []


@pytest.fixture
def kill():
    """A function that applies steps in one transaction in a child of another process.

    The child is killed at one of its changes to the files. Returns whether it ended before that.
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
def test_any_history_agrees_with_a_simple_model(tmp_path, kill, monkeypatch, examples, steps):
    # This test cannot simulate a loss of power, so flushing would only take time.
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


def test_a_table_intact_only_in_the_journal_survives_many_writes_to_other_tables(tmp_path):
    """A loss of power may leave a renamed file empty, and its table may be read much later."""
    for number in (1, 2):
        Database(str(tmp_path)).put("t.a", {"x": {"n": number}})
    (tmp_path / "t.a.json").write_bytes(b"")
    damages = []
    for number in range(20):
        Database(str(tmp_path), damages.append).put("t.b", {"x": {"n": number}})
    assert Database(str(tmp_path), damages.append).row("t.a", "x") == {"n": 2}


def test_a_half_emptied_journal_does_not_hide_a_later_version(tmp_path, monkeypatch):
    """The journal is emptied after eight transactions; here this is interrupted at the second."""

    def remove_and_interrupt(path):
        remove(path)
        if Path(path).name.isdecimal() and next(removals) == 2:
            raise KeyboardInterrupt

    for number in range(1, 9):
        Database(str(tmp_path)).put("t.a", {"x": {"n": number}})
    remove, listed, removals = files.remove, os.listdir, count(1)
    with monkeypatch.context() as patch:
        # File systems may list names in any order.
        patch.setattr(os, "listdir", lambda path: sorted(listed(path), reverse=True))
        patch.setattr(files, "remove", remove_and_interrupt)
        with pytest.raises(KeyboardInterrupt):
            Database(str(tmp_path)).put("t.b", {"x": {"n": 1}})
    (tmp_path / "t.a.json").write_bytes(b"")
    damages = []
    assert Database(str(tmp_path), damages.append).row("t.a", "x")["n"] >= 7, (
        "older than the backup"
    )


def _serve():
    """For each line of standard input, fork a child that applies its steps and may be killed."""
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
            _apply(database, steps)
        os._exit(0)
    finally:
        os._exit(1)


def _die_at(folder, at):
    """Kill this process before change number `at` to the files of a folder, or within a write."""
    numbers, write_all = count(1), files.write_all

    def kill_if_reached():
        if next(numbers) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def write_in_halves(descriptor, body):
        half = len(body) // 2
        write_all(descriptor, body[:half])
        kill_if_reached()
        write_all(descriptor, body[half:])

    def on_event(event, arguments):
        changes = event in _CHANGES or (event == "open" and arguments[2] & os.O_CREAT)
        if changes and str(arguments[0]).startswith(folder):
            kill_if_reached()

    files.write_all = write_in_halves
    sys.addaudithook(on_event)


_CHANGES = {"os.remove", "os.rename", "os.link", "os.mkdir", "os.chmod"}


if __name__ == "__main__":
    _serve()
