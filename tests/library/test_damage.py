"""Damaged tables of a library: which copy is read, and what the next write preserves."""

import os
import warnings
from pathlib import Path

import pytest
from invented import contents

from papertrack.errors import LibraryError
from papertrack.library.database import SCHEMA, Database
from papertrack.storage.damage import DamageWarning

_INTACT = SCHEMA.encode({"x": {"n": 2}})
_DAMAGES = {
    "empty": b"",
    "truncated": _INTACT[:-3],
    "zeros": b"\x00" * len(_INTACT),
    "zeros at the end": _INTACT + b"\x00" * 512,
    "garbage at the end": _INTACT + b"}",
    "written twice": _INTACT * 2,
    "html": b"<!doctype html><title>Sign in</title>",
    "invalid UTF-8": b'{"papertrack":1,"rows":{"x":{"n":"\xff"}}}',
    "a byte order mark": b"\xef\xbb\xbf" + _INTACT,
    "UTF-16": _INTACT.decode().encode("utf-16"),
    "null": b"null",
    "a list": b"[]",
    "a number": b"7",
    "deep": b'{"papertrack":1,"rows":' + b"[" * 200_000,
    "a long number": b'{"papertrack":1,"rows":{"x":{"n":' + b"9" * 5000 + b"}}}",
    "no schema": b'{"rows":{}}',
    "another schema": b'{"papertrack":0,"rows":{}}',
    "true as a schema": b'{"papertrack":true,"rows":{}}',
    "rows are a list": b'{"papertrack":1,"rows":[]}',
    "a row is a list": b'{"papertrack":1,"rows":{"x":[1]}}',
    "TinyDB's own format": b'{"_default":{"1":{"n":1}}}',
}


def _write(body):
    return lambda path: path.write_bytes(body)


def _replace_by_folder(path):
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("mine", encoding="ascii")


def _replace_by_pipe(path):
    path.unlink()
    os.mkfifo(path)


def _make_huge(path):
    os.truncate(path, 2**40)  # A sparse file: it takes no space.


_DAMAGE_TO_FILE = {name: _write(body) for name, body in _DAMAGES.items()} | {
    "a folder": _replace_by_folder,
    "a pipe": _replace_by_pipe,
    "a tebibyte": _make_huge,
    "missing": Path.unlink,
}


@pytest.fixture
def folder(tmp_path):
    """A folder with two tables, each written twice: first with n = 1, then with n = 2."""
    database = Database(str(tmp_path / "library"))
    for number in (1, 2):
        with database.transaction():
            for name in ("t.a", "t.b"):
                database.put(name, {"x": {"n": number}})
    return tmp_path / "library"


def _empty_journal(folder):
    """Delete the applied transactions, as after a flush of the tables."""
    for transaction in (folder / ".journal").iterdir():
        transaction.unlink()


def _opened(folder):
    """The database in a folder, and the damage it reports."""
    damages = []
    return Database(str(folder), damages.append), damages


def _content(path):
    """A comparable value for whatever is at a path."""
    if path.is_dir():
        return sorted(child.name for child in path.iterdir())
    if path.is_file() and path.stat().st_size < 2**20:
        return path.read_bytes()
    return path.lstat().st_mode, path.lstat().st_size


@pytest.mark.parametrize("damage_file", _DAMAGE_TO_FILE.values(), ids=_DAMAGE_TO_FILE)
def test_the_backup_is_read_and_the_damage_is_reported_once(folder, damage_file):
    """Reading changes no file, however often; the other table is not affected."""
    _empty_journal(folder)
    damage_file(folder / "t.a.json")
    before = {path: _content(path) for path in folder.iterdir()}
    database, damages = _opened(folder)
    for _ in range(3):
        assert database.row("t.a", "x") == {"n": 1}
        assert database.row("t.b", "x") == {"n": 2}
        assert database.names("t") == ["t.a", "t.b"]
    assert [Path(damage.path).name for damage in damages] == ["t.a.json"]
    assert "backup" in str(damages[0])
    assert {path: _content(path) for path in folder.iterdir()} == before


@pytest.mark.parametrize("damage_file", _DAMAGE_TO_FILE.values(), ids=_DAMAGE_TO_FILE)
def test_the_next_write_repairs_the_table_and_keeps_the_damaged_file(folder, damage_file):
    """Also a write to another table, once the damaged one was read; the backup is unchanged."""
    _empty_journal(folder)
    damage_file(folder / "t.a.json")
    damaged = _content(folder / "t.a.json") if (folder / "t.a.json").exists() else None
    backup = (folder / "t.a.json.bak").read_bytes()
    database, damages = _opened(folder)
    assert database.row("t.a", "x") == {"n": 1}
    database.put("t.b", {"x": {"n": 3}})
    set_aside = [_content(path) for path in folder.glob("t.a.json.damaged-*")]
    assert set_aside == ([] if damaged is None else [damaged])
    assert (folder / "t.a.json.bak").read_bytes() == backup
    repaired, later_damages = _opened(folder)
    assert [repaired.row(name, "x") for name in ("t.a", "t.b")] == [{"n": 1}, {"n": 3}]
    assert (len(damages), later_damages) == (1, [])


@pytest.mark.parametrize("damage_file", _DAMAGE_TO_FILE.values(), ids=_DAMAGE_TO_FILE)
def test_a_write_to_the_damaged_table_keeps_the_damaged_file_and_the_backup(folder, damage_file):
    _empty_journal(folder)
    damage_file(folder / "t.a.json")
    backup = (folder / "t.a.json.bak").read_bytes()
    database, damages = _opened(folder)
    database.put("t.a", {"y": {"n": 9}})
    assert dict(_opened(folder)[0].rows("t.a")) == {"x": {"n": 1}, "y": {"n": 9}}
    assert (folder / "t.a.json.bak").read_bytes() == backup
    assert len(damages) == 1


def test_a_recently_written_table_is_recovered_from_the_journal(folder):
    """A loss of power may leave a renamed file empty; the journal has its content."""
    (folder / "t.a.json").write_bytes(b"")
    database, damages = _opened(folder)
    assert database.row("t.a", "x") == {"n": 2}
    assert "journal" in str(damages[0])


def test_without_a_usable_copy_the_table_is_empty_and_the_damage_is_reported(folder):
    _empty_journal(folder)
    (folder / "t.a.json").write_bytes(b"{")
    (folder / "t.a.json.bak").write_bytes(b"")
    database, damages = _opened(folder)
    assert list(database.rows("t.a")) == []
    assert "no usable copy" in str(damages[0])
    database.put("t.a", {"y": {"n": 1}})
    assert [path.read_bytes() for path in folder.glob("*.damaged-*")] == [b"{"]


def test_each_damaged_file_is_kept_under_a_name_of_its_own(folder):
    for body in (b"one", b"two", b"three"):
        (folder / "t.a.json").write_bytes(body)
        database, _ = _opened(folder)
        database.put("t.a", {"x": {"n": 2}, body.decode(): {"n": 1}})
    set_aside = {path.read_bytes() for path in folder.glob("t.a.json.damaged-*")}
    assert set_aside == {b"one", b"two", b"three"}
    assert set(dict(database.rows("t.a"))) == {"x", "one", "two", "three"}


@pytest.mark.parametrize("body", [b"", b"half", b"x" * 1000, b'{"t.a":[0,1]}' + b"0" * 36])
def test_a_damaged_journal_is_set_aside_and_the_files_are_read(folder, body):
    (folder / ".journal" / "commit").write_bytes(body)
    database, damages = _opened(folder)
    assert database.row("t.a", "x") == {"n": 2}
    assert [Path(damage.path).name for damage in damages] == ["commit"]
    database.put("t.a", {"x": {"n": 3}})
    assert _opened(folder)[0].row("t.a", "x") == {"n": 3}
    assert [path.read_bytes() for path in folder.glob(".journal/*.damaged-*")] == [body]
    assert len(damages) == 1


def test_an_unreadable_file_is_an_error_and_not_an_empty_table(folder):
    """A link to itself cannot be opened, not even by root."""
    (folder / "t.a.json").unlink()
    (folder / "t.a.json").symlink_to("t.a.json")
    before = contents(folder.parent)
    database, damages = _opened(folder)
    with pytest.raises(LibraryError, match="cannot read the library"):
        database.row("t.a", "x")
    with pytest.raises(LibraryError):
        database.put("t.a", {"y": {"n": 1}})
    assert (contents(folder.parent), damages) == (before, [])


def test_damage_is_a_warning_if_no_callback_is_given(folder):
    (folder / "t.a.json").write_bytes(b"")
    with pytest.warns(DamageWarning, match=r"t\.a\.json is damaged"):
        Database(str(folder)).row("t.a", "x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Database(str(folder)).row("t.b", "x")
