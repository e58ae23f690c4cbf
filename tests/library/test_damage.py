"""What is in the place of a table's file, and what serves then."""

import os
import warnings
from pathlib import Path

import pytest
from invented import contents

from papertrack.errors import LibraryError
from papertrack.library.database import SCHEMA, Database
from papertrack.storage.damage import DamageWarning

_WHOLE = SCHEMA.encode({"x": {"n": 2}})
_DAMAGES = {
    "empty": b"",
    "truncated": _WHOLE[:-3],
    "zeros": b"\x00" * len(_WHOLE),
    "zeros at the end": _WHOLE + b"\x00" * 512,
    "garbage at the end": _WHOLE + b"}",
    "twice": _WHOLE * 2,
    "html": b"<!doctype html><title>Sign in</title>",
    "no UTF-8": b'{"papertrack":1,"rows":{"x":{"n":"\xff"}}}',
    "a byte order mark": b"\xef\xbb\xbf" + _WHOLE,
    "UTF-16": _WHOLE.decode().encode("utf-16"),
    "null": b"null",
    "a list": b"[]",
    "a number": b"7",
    "deep": b'{"papertrack":1,"rows":' + b"[" * 200_000,
    "a long number": b'{"papertrack":1,"rows":{"x":{"n":' + b"9" * 5000 + b"}}}",
    "no schema": b'{"rows":{}}',
    "another schema": b'{"papertrack":0,"rows":{}}',
    "true as a schema": b'{"papertrack":true,"rows":{}}',
    "rows are no mapping": b'{"papertrack":1,"rows":[]}',
    "a row is no mapping": b'{"papertrack":1,"rows":{"x":[1]}}',
    "TinyDB's own": b'{"_default":{"1":{"n":1}}}',
}


def _write(body):
    return lambda path: path.write_bytes(body)


def _become_folder(path):
    path.unlink()
    path.mkdir()
    (path / "inside").write_text("mine", encoding="ascii")


def _become_pipe(path):
    path.unlink()
    os.mkfifo(path)


def _become_huge(path):
    os.truncate(path, 2**40)  # without holding a byte of it


_HURTS = {name: _write(body) for name, body in _DAMAGES.items()} | {
    "a folder": _become_folder,
    "a pipe": _become_pipe,
    "a tebibyte": _become_huge,
    "gone": Path.unlink,
}


@pytest.fixture
def folder(tmp_path):
    """A folder with two tables, each written twice: n is 2, and was 1."""
    database = Database(str(tmp_path / "library"))
    for number in (1, 2):
        with database.transaction():
            for name in ("t.a", "t.b"):
                database.put(name, {"x": {"n": number}})
    return tmp_path / "library"


def _forget(folder):
    """As it is when the transactions of the last days are on the disk and no longer kept."""
    for kept in (folder / ".journal").iterdir():
        kept.unlink()


def _opened(folder):
    told = []
    return Database(str(folder), told.append), told


def _shape(path):
    """What is at a path, whatever it is."""
    if path.is_dir():
        return sorted(one.name for one in path.iterdir())
    if path.is_file() and path.stat().st_size < 2**20:
        return path.read_bytes()
    return path.lstat().st_mode, path.lstat().st_size


@pytest.mark.parametrize("hurt", _HURTS.values(), ids=_HURTS)
def test_the_backup_serves_and_one_is_told(folder, hurt):
    """Reading changes nothing, however often; the other table is not concerned."""
    _forget(folder)
    hurt(folder / "t.a.json")
    before = {path: _shape(path) for path in folder.iterdir()}
    database, told = _opened(folder)
    for _ in range(3):
        assert database.row("t.a", "x") == {"n": 1}
        assert database.row("t.b", "x") == {"n": 2}
        assert database.names("t") == ["t.a", "t.b"]
    assert [Path(damage.path).name for damage in told] == ["t.a.json"]
    assert "backup" in str(told[0])
    assert {path: _shape(path) for path in folder.iterdir()} == before


@pytest.mark.parametrize("hurt", _HURTS.values(), ids=_HURTS)
def test_the_next_write_makes_it_whole_and_keeps_the_damage_under_a_new_name(folder, hurt):
    """Also a write to another table, once the damage was met; the backup stays what it was."""
    _forget(folder)
    hurt(folder / "t.a.json")
    damage = _shape(folder / "t.a.json") if (folder / "t.a.json").exists() else None
    backup = (folder / "t.a.json.bak").read_bytes()
    database, told = _opened(folder)
    assert database.row("t.a", "x") == {"n": 1}
    database.put("t.b", {"x": {"n": 3}})
    kept = [_shape(path) for path in folder.glob("t.a.json.damaged-*")]
    assert kept == ([] if damage is None else [damage])
    assert (folder / "t.a.json.bak").read_bytes() == backup
    again, told_again = _opened(folder)
    assert [again.row(name, "x") for name in ("t.a", "t.b")] == [{"n": 1}, {"n": 3}]
    assert (len(told), told_again) == (1, [])


@pytest.mark.parametrize("hurt", _HURTS.values(), ids=_HURTS)
def test_a_write_to_the_damaged_table_keeps_damage_and_backup(folder, hurt):
    _forget(folder)
    hurt(folder / "t.a.json")
    backup = (folder / "t.a.json.bak").read_bytes()
    database, told = _opened(folder)
    database.put("t.a", {"y": {"n": 9}})
    assert dict(_opened(folder)[0].rows("t.a")) == {"x": {"n": 1}, "y": {"n": 9}}
    assert (folder / "t.a.json.bak").read_bytes() == backup
    assert len(told) == 1


def test_a_table_of_the_last_transactions_loses_nothing(folder):
    """A loss of power may leave a renamed file empty: the journal has what was in it."""
    (folder / "t.a.json").write_bytes(b"")
    database, told = _opened(folder)
    assert database.row("t.a", "x") == {"n": 2}
    assert "journal" in str(told[0])


def test_without_a_backup_the_table_is_empty_and_one_is_told(folder):
    _forget(folder)
    (folder / "t.a.json").write_bytes(b"{")
    (folder / "t.a.json.bak").write_bytes(b"")
    database, told = _opened(folder)
    assert list(database.rows("t.a")) == []
    assert "no usable copy" in str(told[0])
    database.put("t.a", {"y": {"n": 1}})
    assert [path.read_bytes() for path in folder.glob("*.damaged-*")] == [b"{"]


def test_damage_after_damage_is_kept_under_names_of_its_own(folder):
    for body in (b"one", b"two", b"three"):
        (folder / "t.a.json").write_bytes(body)
        database, _ = _opened(folder)
        database.put("t.a", {"x": {"n": 2}, body.decode(): {"n": 1}})
    kept = {path.read_bytes() for path in folder.glob("t.a.json.damaged-*")}
    assert kept == {b"one", b"two", b"three"}
    assert set(dict(database.rows("t.a"))) == {"x", "one", "two", "three"}


@pytest.mark.parametrize("body", [b"", b"half", b"x" * 1000, b'{"t.a":[0,1]}' + b"0" * 36])
def test_a_damaged_journal_is_set_aside_and_the_files_serve(folder, body):
    (folder / ".journal" / "commit").write_bytes(body)
    database, told = _opened(folder)
    assert database.row("t.a", "x") == {"n": 2}
    assert [Path(damage.path).name for damage in told] == ["commit"]
    database.put("t.a", {"x": {"n": 3}})
    assert _opened(folder)[0].row("t.a", "x") == {"n": 3}
    assert [path.read_bytes() for path in folder.glob(".journal/*.damaged-*")] == [body]
    assert len(told) == 1


def test_a_file_that_cannot_be_read_is_an_error_and_not_an_empty_table(folder):
    """A link in a circle is what the system refuses to open, also to root."""
    (folder / "t.a.json").unlink()
    (folder / "t.a.json").symlink_to("t.a.json")
    before = contents(folder.parent)
    database, told = _opened(folder)
    with pytest.raises(LibraryError, match="cannot read the library"):
        database.row("t.a", "x")
    with pytest.raises(LibraryError):
        database.put("t.a", {"y": {"n": 1}})
    assert (contents(folder.parent), told) == (before, [])


def test_where_no_one_asked_to_be_told_a_warning_is_given(folder):
    (folder / "t.a.json").write_bytes(b"")
    with pytest.warns(DamageWarning, match=r"t\.a\.json is damaged"):
        Database(str(folder)).row("t.a", "x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Database(str(folder)).row("t.b", "x")
