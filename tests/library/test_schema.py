"""Files of an older schema are migrated, files of a newer one are rejected."""

import pytest
from tinydb import TinyDB

from papertrack.errors import LibraryNewer
from papertrack.storage import files
from papertrack.storage.encoding import Format
from papertrack.storage.folder import FolderStorage


def _split_text(_table, rows):
    """From 1 to 2: each text becomes a list of words."""
    return {key: {"words": row["text"].split()} for key, row in rows.items()}


def _add_count(table, rows):
    """From 2 to 3: adds the number of words, and the row's table and key."""
    return {
        key: row | {"count": len(row["words"]), "of": f"{table} {key}"} for key, row in rows.items()
    }


ONE = Format("notes", 1)
TWO = Format("notes", 2, {1: _split_text})
THREE = Format("notes", 3, {1: _split_text, 2: _add_count}, "get notes 4")
FOUR = Format("notes", 4)

_FILE_ONE = ONE.encode({"1": {"text": "a b"}, "2": {"text": "c"}})
_FILE_TWO = TWO.encode({"1": {"words": ["a", "b"]}, "2": {"words": ["c"]}})
_FILE_FOUR = FOUR.encode({"1": {"of": "a different schema"}})


def _migrated(table):
    """The rows of both older files in version 3, if they are in this table."""
    return [
        {"words": ["a", "b"], "count": 2, "of": f"{table} 1"},
        {"words": ["c"], "count": 1, "of": f"{table} 2"},
    ]


_NEW = {"words": [], "count": 0, "of": "nowhere"}


@pytest.fixture
def folder(tmp_path):
    """A folder with one table of version 1, one of version 2, and neither journal nor backups."""
    (tmp_path / "first.json").write_bytes(_FILE_ONE)
    (tmp_path / "second.json").write_bytes(_FILE_TWO)
    return tmp_path


def _opened(folder, schema=THREE):
    """The database in a folder, and the damage it reports."""
    damages = []
    return TinyDB(str(folder), schema, damages.append, storage=FolderStorage), damages


def _state_of(folder):
    """All paths in a folder with their times and contents."""
    return {
        path.relative_to(folder): (path.stat().st_mtime_ns, path.is_file() and path.read_bytes())
        for path in folder.rglob("*")
    }


def _version(path):
    return THREE.version_of(path.read_bytes())


def test_older_files_are_migrated_step_by_step_with_the_name_of_their_table(folder):
    database, damages = _opened(folder)
    assert database.table("first").all() == _migrated("first")
    assert database.table("second").all() == _migrated("second")
    assert damages == []


def test_reading_older_files_changes_no_file(folder):
    before = _state_of(folder)
    database, _ = _opened(folder)
    for table in ("first", "second"):
        assert len(database.table(table)) == 2
    assert database.tables() == {"first", "second"}
    assert _state_of(folder) == before


@pytest.mark.parametrize(
    ("table", "old", "suffix"), [("first", _FILE_ONE, "v1"), ("second", _FILE_TWO, "v2")]
)
def test_the_first_write_keeps_the_older_file_under_its_version(folder, table, old, suffix):
    """It migrates only that table, and the older file does not count as a table."""
    database, _ = _opened(folder)
    other = ({"first", "second"} - {table}).pop()
    before = (folder / f"{other}.json").read_bytes()
    database.table(table).insert(_NEW)
    assert (folder / f"{table}.json.{suffix}").read_bytes() == old
    assert _version(folder / f"{table}.json") == 3
    reopened, damages = _opened(folder)
    assert reopened.table(table).all() == [*_migrated(table), _NEW]
    assert reopened.tables() == {"first", "second"}
    assert (folder / f"{other}.json").read_bytes() == before
    assert damages == []


def test_later_writes_keep_the_file_of_the_older_version(folder):
    database, _ = _opened(folder)
    for _ in range(3):
        database.table("first").insert(_NEW)
    assert (folder / "first.json.v1").read_bytes() == _FILE_ONE
    assert [_version(folder / name) for name in ("first.json", "first.json.bak")] == [3, 3]


def test_a_pending_transaction_of_an_older_program_is_migrated(folder, monkeypatch):
    """The next writer applies it, and keeps the older version of its tables as well."""
    with monkeypatch.context() as patch:
        patch.setattr(files, "replace", _fail)
        _opened(folder, ONE)[0].table("first").insert({"text": "d e f"})
    assert (folder / "first.json").read_bytes() == _FILE_ONE
    last = {"words": ["d", "e", "f"], "count": 3, "of": "first 3"}
    database, damages = _opened(folder)
    assert database.table("first").all() == [*_migrated("first"), last]
    database.table("first").insert(_NEW)
    assert _opened(folder)[0].table("first").all() == [*_migrated("first"), last, _NEW]
    older = ONE.decode((folder / "first.json.v1").read_bytes(), "first", "")
    assert older["3"] == {"text": "d e f"}
    assert damages == []


def _fail(*_):
    raise OSError


@pytest.mark.parametrize(
    "migrations",
    [
        pytest.param({}, id="no migration"),
        pytest.param({2: _add_count}, id="no first migration"),
        pytest.param({1: _split_text}, id="no second migration"),
    ],
)
def test_a_version_without_a_migration_is_damage_and_its_file_is_kept(folder, migrations):
    """There is no usable copy, and the next write sets the file aside."""
    before = _state_of(folder)
    database, damages = _opened(folder, THREE._replace(migrations=migrations))
    assert database.table("first").all() == []
    assert [(damage.path, damage.fallback) for damage in damages] == [
        (str(folder / "first.json"), None)
    ]
    assert _state_of(folder) == before
    database.table("first").insert(_NEW)
    assert database.table("first").all() == [_NEW]
    assert [path.read_bytes() for path in folder.glob("first.json.damaged-*")] == [_FILE_ONE]


def test_a_file_that_a_migration_rejects_is_damage_and_not_an_empty_table(folder):
    (folder / "first.json").write_bytes(ONE.encode({"1": {"no": "text"}}))
    database, damages = _opened(folder)
    assert database.table("first").all() == []
    assert [(damage.path, damage.fallback) for damage in damages] == [
        (str(folder / "first.json"), None)
    ]


def test_a_backup_is_used_if_only_its_version_can_be_migrated(folder):
    (folder / "first.json.bak").write_bytes(_FILE_TWO)
    database, damages = _opened(folder, THREE._replace(migrations={2: _add_count}))
    assert database.table("first").all() == _migrated("first")
    assert [damage.fallback for damage in damages] == ["its backup"]


def test_a_backup_of_an_older_version_is_migrated(folder):
    (folder / "first.json").write_bytes(THREE.encode({})[:-2])
    (folder / "first.json.bak").write_bytes(_FILE_ONE)
    database, damages = _opened(folder)
    assert database.table("first").all() == _migrated("first")
    assert [damage.fallback for damage in damages] == ["its backup"]
    database.table("first").insert(_NEW)
    assert _opened(folder)[0].table("first").all() == [*_migrated("first"), _NEW]
    assert (folder / "first.json.bak").read_bytes() == _FILE_ONE


@pytest.fixture
def newer(folder):
    """The folder with a third table, of version 4."""
    (folder / "third.json").write_bytes(_FILE_FOUR)
    return folder


def _drop_both(database):
    with database.storage.transaction():
        database.table("first").insert(_NEW)
        database.drop_table("third")


def _write_both(database):
    with database.storage.transaction():
        database.table("third").insert(_NEW)
        database.table("first").insert(_NEW)


def _replace_unread(database):
    database.storage.write({"third": {"1": _NEW}})


_ATTEMPTS = {
    "reading": lambda database: database.table("third").all(),
    "writing": lambda database: database.table("third").insert(_NEW),
    "emptying": lambda database: database.table("third").truncate(),
    "dropping it": lambda database: database.drop_table("third"),
    "dropping all": lambda database: database.drop_tables(),
    "a transaction that also writes another": _write_both,
    "a transaction that also drops it": _drop_both,
    "replacing it unread": _replace_unread,
}


@pytest.mark.parametrize("attempt", _ATTEMPTS.values(), ids=_ATTEMPTS)
def test_a_newer_file_is_rejected_and_no_file_changes(newer, attempt):
    before = {path: path.read_bytes() for path in newer.glob("*.json*")}
    database, damages = _opened(newer)
    with pytest.raises(LibraryNewer, match="later notes") as error:
        attempt(database)
    assert error.value.next_step == "get notes 4"
    assert {path: path.read_bytes() for path in newer.glob("*.json*")} == before
    assert damages == []


def _fail_to_read(database):
    with pytest.raises(LibraryNewer):
        database.table("third").all()


_AFTER_READING = {
    "dropping all": lambda database: database.drop_tables(),
    "replacing it": _replace_unread,
}


@pytest.mark.parametrize("attempt", _AFTER_READING.values(), ids=_AFTER_READING)
def test_a_newer_file_is_rejected_after_a_failed_read_in_the_same_transaction(newer, attempt):
    def read_and_write():
        with database.storage.transaction():
            _fail_to_read(database)
            attempt(database)

    database, _ = _opened(newer)
    with pytest.raises(LibraryNewer):
        read_and_write()
    assert (newer / "third.json").read_bytes() == _FILE_FOUR


def test_the_other_tables_stay_usable_beside_a_newer_file(newer):
    database, damages = _opened(newer)
    _fail_to_read(database)
    database.table("first").insert(_NEW)
    database.drop_table("second")
    assert _opened(newer)[0].table("first").all() == [*_migrated("first"), _NEW]
    assert database.tables() == {"first", "third"}
    assert (newer / "third.json").read_bytes() == _FILE_FOUR
    assert damages == []
