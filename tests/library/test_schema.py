"""Files of older versions of a schema are migrated, files of newer ones refused."""

import pytest
from tinydb import TinyDB

from papertrack.errors import LibraryNewer
from papertrack.storage import files
from papertrack.storage.encoding import Format
from papertrack.storage.folder import FolderStorage


def _in_words(_table, rows):
    """From 1 to 2: a text became its words."""
    return {key: {"words": row["text"].split()} for key, row in rows.items()}


def _counted(table, rows):
    """From 2 to 3: words are counted, and a row says where it stands."""
    return {
        key: row | {"count": len(row["words"]), "of": f"{table} {key}"} for key, row in rows.items()
    }


ONE = Format("notes", 1)
TWO = Format("notes", 2, {1: _in_words})
THREE = Format("notes", 3, {1: _in_words, 2: _counted}, "get notes 4")
FOUR = Format("notes", 4)

_IN_ONE = ONE.encode({"1": {"text": "a b"}, "2": {"text": "c"}})
_IN_TWO = TWO.encode({"1": {"words": ["a", "b"]}, "2": {"words": ["c"]}})
_IN_FOUR = FOUR.encode({"1": {"of": "another kind"}})


def _in_three(table):
    """The rows of both older files, of this table, as version 3 has them."""
    return [
        {"words": ["a", "b"], "count": 2, "of": f"{table} 1"},
        {"words": ["c"], "count": 1, "of": f"{table} 2"},
    ]


_NEW = {"words": [], "count": 0, "of": "nowhere"}


@pytest.fixture
def folder(tmp_path):
    """A folder with one table of version 1 and one of version 2, and no trace of writing them."""
    (tmp_path / "first.json").write_bytes(_IN_ONE)
    (tmp_path / "second.json").write_bytes(_IN_TWO)
    return tmp_path


def _opened(folder, schema=THREE):
    """The database of a folder, and what was told of damage."""
    told = []
    return TinyDB(str(folder), schema, told.append, storage=FolderStorage), told


def _everything(folder):
    """What stands in a folder, down to when it was written."""
    return {
        path.relative_to(folder): (path.stat().st_mtime_ns, path.is_file() and path.read_bytes())
        for path in folder.rglob("*")
    }


def _version(path):
    return THREE.version_of(path.read_bytes())


def test_older_files_are_migrated_step_by_step_each_with_its_tables_name(folder):
    database, told = _opened(folder)
    assert database.table("first").all() == _in_three("first")
    assert database.table("second").all() == _in_three("second")
    assert told == []


def test_reading_older_files_changes_no_byte(folder):
    before = _everything(folder)
    database, _ = _opened(folder)
    for table in ("first", "second"):
        assert len(database.table(table)) == 2
    assert database.tables() == {"first", "second"}
    assert _everything(folder) == before


@pytest.mark.parametrize(
    ("table", "old", "kept"), [("first", _IN_ONE, "v1"), ("second", _IN_TWO, "v2")]
)
def test_the_first_write_keeps_the_older_file_under_its_version(folder, table, old, kept):
    """And migrates that table alone; what is kept is no table."""
    database, _ = _opened(folder)
    other = ({"first", "second"} - {table}).pop()
    before = (folder / f"{other}.json").read_bytes()
    database.table(table).insert(_NEW)
    assert (folder / f"{table}.json.{kept}").read_bytes() == old
    assert _version(folder / f"{table}.json") == 3
    again, told = _opened(folder)
    assert again.table(table).all() == [*_in_three(table), _NEW]
    assert again.tables() == {"first", "second"}
    assert (folder / f"{other}.json").read_bytes() == before
    assert told == []


def test_later_writes_leave_what_was_kept_of_the_older_version(folder):
    database, _ = _opened(folder)
    for _ in range(3):
        database.table("first").insert(_NEW)
    assert (folder / "first.json.v1").read_bytes() == _IN_ONE
    assert [_version(folder / name) for name in ("first.json", "first.json.bak")] == [3, 3]


def test_a_transaction_that_an_older_program_left_unfinished_is_migrated(folder, monkeypatch):
    """Its tables are still to be replaced: by the next who writes, which keeps them as well."""
    with monkeypatch.context() as patch:
        patch.setattr(files, "replace", _fail)
        _opened(folder, ONE)[0].table("first").insert({"text": "d e f"})
    assert (folder / "first.json").read_bytes() == _IN_ONE
    last = {"words": ["d", "e", "f"], "count": 3, "of": "first 3"}
    database, told = _opened(folder)
    assert database.table("first").all() == [*_in_three("first"), last]
    database.table("first").insert(_NEW)
    assert _opened(folder)[0].table("first").all() == [*_in_three("first"), last, _NEW]
    kept = ONE.decode((folder / "first.json.v1").read_bytes(), "first", "")
    assert kept["3"] == {"text": "d e f"}
    assert told == []


def _fail(*_):
    raise OSError


@pytest.mark.parametrize(
    "migrations",
    [
        pytest.param({}, id="no step at all"),
        pytest.param({2: _counted}, id="no first step"),
        pytest.param({1: _in_words}, id="no second step"),
    ],
)
def test_a_version_without_a_migration_is_damage_and_kept(folder, migrations):
    """Nothing serves in its place, and the next write keeps every byte of it."""
    before = _everything(folder)
    database, told = _opened(folder, THREE._replace(migrations=migrations))
    assert database.table("first").all() == []
    assert [(damage.path, damage.fallback) for damage in told] == [
        (str(folder / "first.json"), None)
    ]
    assert _everything(folder) == before
    database.table("first").insert(_NEW)
    assert database.table("first").all() == [_NEW]
    assert [path.read_bytes() for path in folder.glob("first.json.damaged-*")] == [_IN_ONE]


def test_a_file_that_a_migration_does_not_understand_is_damage_and_not_an_empty_table(folder):
    (folder / "first.json").write_bytes(ONE.encode({"1": {"no": "text"}}))
    database, told = _opened(folder)
    assert database.table("first").all() == []
    assert [(damage.path, damage.fallback) for damage in told] == [
        (str(folder / "first.json"), None)
    ]


def test_in_place_of_a_version_without_a_migration_a_backup_with_one_serves(folder):
    (folder / "first.json.bak").write_bytes(_IN_TWO)
    database, told = _opened(folder, THREE._replace(migrations={2: _counted}))
    assert database.table("first").all() == _in_three("first")
    assert [damage.fallback for damage in told] == ["its backup"]


def test_a_backup_of_an_older_version_serves_migrated(folder):
    (folder / "first.json").write_bytes(THREE.encode({})[:-2])
    (folder / "first.json.bak").write_bytes(_IN_ONE)
    database, told = _opened(folder)
    assert database.table("first").all() == _in_three("first")
    assert [damage.fallback for damage in told] == ["its backup"]
    database.table("first").insert(_NEW)
    assert _opened(folder)[0].table("first").all() == [*_in_three("first"), _NEW]
    assert (folder / "first.json.bak").read_bytes() == _IN_ONE


@pytest.fixture
def newer(folder):
    """The folder with a third table, of version 4."""
    (folder / "third.json").write_bytes(_IN_FOUR)
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
def test_a_newer_file_is_refused_and_not_a_byte_changes(newer, attempt):
    before = {path: path.read_bytes() for path in newer.glob("*.json*")}
    database, told = _opened(newer)
    with pytest.raises(LibraryNewer, match="later notes") as error:
        attempt(database)
    assert error.value.next_step == "get notes 4"
    assert {path: path.read_bytes() for path in newer.glob("*.json*")} == before
    assert told == []


def _read_in_vain(database):
    with pytest.raises(LibraryNewer):
        database.table("third").all()


_AFTER_READING = {
    "dropping all": lambda database: database.drop_tables(),
    "replacing it": _replace_unread,
}


@pytest.mark.parametrize("attempt", _AFTER_READING.values(), ids=_AFTER_READING)
def test_a_newer_file_is_refused_also_to_who_met_it_in_the_same_transaction(newer, attempt):
    def met_and_go_on():
        with database.storage.transaction():
            _read_in_vain(database)
            attempt(database)

    database, _ = _opened(newer)
    with pytest.raises(LibraryNewer):
        met_and_go_on()
    assert (newer / "third.json").read_bytes() == _IN_FOUR


def test_beside_a_newer_file_the_other_tables_stay_usable(newer):
    database, told = _opened(newer)
    _read_in_vain(database)
    database.table("first").insert(_NEW)
    database.drop_table("second")
    assert _opened(newer)[0].table("first").all() == [*_in_three("first"), _NEW]
    assert database.tables() == {"first", "third"}
    assert (newer / "third.json").read_bytes() == _IN_FOUR
    assert told == []
