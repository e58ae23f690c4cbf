"""Power that fails at any moment, by the system calls that a traced program made until then."""

import json
import shutil
import sys

import pytest
from power_cuts import Disk, restore
from tracing import trace, unavailable

from papertrack.storage.folder import FolderStorage
from papertrack.storage.journal import Journal

_COUNT = 10  # transactions: enough to fill the journal, so that the tables are flushed
_EXAMINED = (0, 1, 8, 9)  # after this many: the first, an ordinary one, a flush and the next
_WRITER = """
import json, os, sys
import filelock
from tracing import counted
from papertrack.storage.folder import FolderStorage

folder, transactions = sys.argv[1], json.loads(sys.argv[2])
with counted():
    for number, (changed, removed) in enumerate(transactions, 1):
        storage = FolderStorage(folder)
        tables = storage.read()
        tables.update(changed)
        for name in removed:
            del tables[name]
        storage.write(tables)
        os.mkdir(f"{folder}-has-{number}")
"""
_REPLACER = """
import os, sys
from tracing import counted
from papertrack.storage import files

with counted(), files.open_replacement(sys.argv[1], 0o600) as descriptor:
    os.write(descriptor, b"new")
"""


@pytest.fixture
def root(tmp_path):
    if reason := unavailable():
        pytest.skip(reason)
    root = tmp_path / "root"
    root.mkdir()
    return root


def _tables(number):
    """All tables after a transaction: one changes, one comes and goes, one only the first wrote."""
    if number == 0:
        return {}
    odd = {"odd": {"x": {"number": number}}} if number % 2 else {}
    return {"changed": {"x": {"number": number}}, "first": {"x": {"number": 1}}} | odd


def _transaction(number):
    """The tables that a transaction changes, and those that it removes."""
    old, new = _tables(number - 1), _tables(number)
    changed = {name: rows for name, rows in new.items() if rows != old.get(name)}
    return changed, [*(old.keys() - new.keys())]


def _last_transaction(library):
    """The transaction whose tables these are, completely."""
    storage = FolderStorage(str(library), on_damage=lambda _: None)
    tables = {name: storage.load(name) for name in storage.names()}
    number = tables["changed"]["x"]["number"] if tables else 0
    assert tables == _tables(number)
    return number


def _write_next(library, number):
    storage = FolderStorage(str(library), on_damage=lambda _: None)
    tables = storage.read()
    changed, removed = _transaction(number)
    tables.update(changed)
    for name in removed:
        del tables[name]
    storage.write(tables)


def _steps(program, root, *arguments):
    steps = []
    command = [sys.executable, "-c", program, *arguments]
    outcome = trace(command, within=root, on_step=steps.append)
    assert outcome.code == 0, outcome.output
    return steps


def _cuts(disk, root, seen):
    """A folder with each state that a loss of power may leave now, except those in `seen`."""
    after = root.with_name("after")
    for left in disk.cuts():
        if (state := frozenset(left.items())) not in seen:
            seen.add(state)
            shutil.rmtree(after, ignore_errors=True)
            after.mkdir()
            restore(left, root, after)
            yield after


def test_after_a_power_cut_each_acknowledged_transaction_is_complete(root):
    """At most the next one is stored, too, and the next write works."""
    disk, seen, acknowledged = Disk(root), set(), 0
    library = root / "library"
    transactions = json.dumps([_transaction(number) for number in range(1, _COUNT + 1)])
    for step in _steps(_WRITER, root, str(library), transactions):
        if step.name == "fsync" and acknowledged in _EXAMINED:
            for after in _cuts(disk, root, seen):
                last = _last_transaction(after / "library")
                assert last in (acknowledged, acknowledged + 1), step
                _write_next(after / "library", last + 1)
                assert _last_transaction(after / "library") == last + 1
        if step.name == "mkdir" and step.paths[0].startswith(f"{library}-has-"):
            acknowledged += 1
            seen.clear()
        else:
            disk.apply(step)
    assert acknowledged == _COUNT
    assert len(list((library / Journal(str(library)).path).parent.iterdir())) < _COUNT


def test_a_durable_replacement_leaves_the_old_or_the_new_content_after_a_power_cut(root):
    file = root / "file"
    file.write_bytes(b"old")
    disk, seen, contents = Disk(root), set(), set()
    steps = _steps(_REPLACER, root, str(file))
    for step in steps:
        disk.apply(step)
        contents |= {(after / "file").read_bytes() for after in _cuts(disk, root, seen)}
    assert "fsync" in {step.name for step in steps}
    assert contents == {b"old", b"new"}
