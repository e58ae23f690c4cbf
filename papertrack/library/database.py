"""TinyDB as the library uses it: text ids, whole rows, one write per table."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from tinydb import TinyDB
from tinydb.storages import MemoryStorage, Storage
from tinydb.table import Table

from papertrack.library.entry_rows import Row
from papertrack.storage.damage import Damage, warn_of_damage
from papertrack.storage.encoding import Format
from papertrack.storage.folder import LOCK_SECONDS, FolderStorage

# To change the schema: raise the version, add a migration from the present version, and add a
# library of the present version to tests/library/released.
SCHEMA = Format("papertrack", 1, {}, "update papertrack: pip install -U papertrack-cli")


class _TextIdTable(Table):
    document_id_class = str  # type: ignore[assignment]  # TinyDB documents it as replaceable

    def __init__(
        self,
        storage: Storage,
        name: str,
        cache_size: int = 0,
        persist_empty: bool = False,  # noqa: FBT001, FBT002 - TinyDB's own
    ) -> None:
        # TinyDB's query cache is off: it would hide what other processes write.
        super().__init__(storage, name, cache_size, persist_empty)


class Database(TinyDB):
    """A TinyDB with text ids in a folder, or in memory if `folder` is None.

    `on_damage` is called for each file that cannot be used.
    """

    table_class = _TextIdTable

    def __init__(
        self, folder: str | None, on_damage: Callable[[Damage], None] = warn_of_damage
    ) -> None:
        if folder is None:
            super().__init__(storage=MemoryStorage)
        else:
            super().__init__(folder, SCHEMA, on_damage, storage=FolderStorage)

    def transaction(self, timeout: float = LOCK_SECONDS) -> AbstractContextManager[None]:
        """Collect all changes made within and write them at the end, holding the lock.

        Waits up to `timeout` seconds for the lock. Raises LibraryBusy, LibraryError.
        """
        storage = self.storage
        return storage.transaction(timeout) if isinstance(storage, FolderStorage) else nullcontext()

    def exclusive(self, timeout: float = LOCK_SECONDS) -> AbstractContextManager[None]:
        """Keep other processes from writing, without writing. Raises as `transaction`."""
        storage = self.storage
        return storage.exclusive(timeout) if isinstance(storage, FolderStorage) else nullcontext()

    def keep_in_memory(self) -> None:
        """Write nothing from here on; changes are visible to this object alone."""
        if isinstance(self.storage, FolderStorage):
            self.storage.keep_in_memory()

    def names(self, kind: str) -> list[str]:
        """The names of the tables of one kind, `kind.…`, sorted."""
        if isinstance(self.storage, FolderStorage):
            return self.storage.names(f"{kind}.")
        return sorted(name for name in self.tables() if name.startswith(f"{kind}."))

    def exists(self, table: str) -> bool:
        """Whether there is a table of this name."""
        storage = self.storage
        if isinstance(storage, FolderStorage):
            return storage.exists(table)
        return table in self._stored_tables()

    def fingerprint(self, table: str) -> str:
        """Return a value that changes whenever a stored table does; in memory always ""."""
        storage = self.storage
        return storage.fingerprint(table) if isinstance(storage, FolderStorage) else ""

    # From here on not with TinyDB's own methods, which handle rows one by one and copy each three
    # times.

    def row(self, table: str, key: str) -> Mapping[str, Any] | None:
        """The row with this key, if there is one."""
        return next((row for _, row in self.rows(table, [key])), None)

    def rows(
        self, table: str, only: Iterable[str] | None = None
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The rows of a table with their keys; with `only`, those with these keys.

        They are no copies, and must not be changed. Yields nothing if there is no such table.
        """
        keys = None if only is None else set(only)
        rows = self._rows_of(table, keys)
        if keys is None or keys.issuperset(rows):
            yield from rows.items()
        else:
            yield from ((key, rows[key]) for key in rows if key in keys)

    def rows_containing(
        self, table: str, texts: Collection[str]
    ) -> Iterable[tuple[str, Mapping[str, Any]]]:
        """The rows of a table that contain any of these texts, and maybe others; as `rows`."""
        storage = self.storage
        if isinstance(storage, FolderStorage):
            return (storage.load_containing(table, texts) or {}).items()
        return self.rows(table)

    def keys(self, table: str) -> AbstractSet[str]:
        """The keys of a table's rows; none if there is no such table."""
        return self._rows_of(table, None).keys()

    def put(self, table: str, rows: Mapping[str, Row]) -> None:
        """Store rows, replacing those with the same keys."""
        if rows:
            with self.transaction():
                tables = self._stored_tables()
                tables[table] = {**tables.get(table, {}), **rows}
                self.storage.write(tables)

    def remove(self, table: str, keys: Iterable[str]) -> None:
        """Remove the rows with these keys, if they exist."""
        removed = set(keys)
        with self.transaction():
            tables = self._stored_tables()
            rows = tables.get(table, {})
            if not removed.isdisjoint(rows):
                tables[table] = {key: row for key, row in rows.items() if key not in removed}
                self.storage.write(tables)

    def _rows_of(self, table: str, keys: set[str] | None) -> Mapping[str, Mapping[str, Any]]:
        """The rows of a table, those with these keys at least, which must not be changed."""
        storage = self.storage
        if keys is not None and not keys:
            return {}
        if isinstance(storage, FolderStorage):
            rows = storage.load(table) if keys is None else storage.load_some(table, keys)
            return rows or {}
        in_memory: Mapping[str, Mapping[str, Any]] = self._stored_tables().get(table, {})
        return in_memory

    def _stored_tables(self) -> dict[str, Any]:
        tables = self.storage.read()
        return {} if tables is None else tables
