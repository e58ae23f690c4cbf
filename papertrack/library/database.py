"""TinyDB as the library uses it: text ids, whole rows in and out, one write a table."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, cast

from tinydb import TinyDB
from tinydb.storages import MemoryStorage, Storage
from tinydb.table import Table

from papertrack.errors import LibraryDamaged
from papertrack.library.entry_rows import Row
from papertrack.storage.damage import Damage, warn_of_damage
from papertrack.storage.encoding import Format
from papertrack.storage.folder import LOCK_SECONDS, FolderStorage

# To change it: a higher version, a migration from the present one, and the library of the present
# one among those that tests/library/released holds.
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
        # By default no queries are kept: what another process wrote would not be seen.
        super().__init__(storage, name, cache_size, persist_empty)


class Database(TinyDB):
    """A TinyDB with text ids, in a folder or, with none, in memory. `damaged` is told of each file
    that cannot be used.
    """

    table_class = _TextIdTable

    def __init__(
        self, folder: str | None, damaged: Callable[[Damage], None] = warn_of_damage
    ) -> None:
        if folder is None:
            super().__init__(storage=MemoryStorage)
        else:
            super().__init__(folder, SCHEMA, self._tell, storage=FolderStorage)
        self._damaged = damaged

    def fail_on_damage(self) -> None:
        """From now on raise LibraryDamaged for a file that cannot be used, whatever could serve in
        its place.
        """
        self._damaged = _fail

    def _tell(self, damage: Damage) -> None:
        self._damaged(damage)

    def transaction(self, timeout: float = LOCK_SECONDS) -> AbstractContextManager[None]:
        """Collect every change made within and write it at the end, under the one lock, waited for
        `timeout` seconds. Raises LibraryBusy, LibraryError.
        """
        storage = self.storage
        return storage.transaction(timeout) if isinstance(storage, FolderStorage) else nullcontext()

    def names(self, kind: str) -> list[str]:
        """The tables of one kind, sorted: those named `kind.…`."""
        return sorted(name for name in self.tables() if name.startswith(kind + "."))

    def fingerprint(self, table: str) -> str:
        """What changes whenever a stored table does; in memory, where nothing is kept, nothing."""
        storage = self.storage
        return storage.fingerprint(table) if isinstance(storage, FolderStorage) else ""

    def row(self, table: str, key: str) -> Mapping[str, Any] | None:
        """One row, or None."""
        return cast("Mapping[str, Any] | None", self.table(table).get(doc_id=cast("int", key)))

    def rows(
        self, table: str, only: Iterable[str] | None = None
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Every row of a table with its key, or those with these keys; none where there is no such
        table.
        """
        if only is None:
            yield from ((str(row.doc_id), row) for row in self.table(table))
        elif wanted := set(only):
            known = self._stored().get(table, {})
            yield from ((key, known[key]) for key in known if key in wanted)

    # TinyDB's tables insert and remove rows one by one, and copy each three times.

    def put(self, table: str, rows: Mapping[str, Row]) -> None:
        """Store rows, in place of those with the same keys."""
        if rows:
            with self.transaction():
                tables = self._stored()
                tables[table] = {**tables.get(table, {}), **rows}
                self.storage.write(tables)

    def remove(self, table: str, keys: Iterable[str]) -> None:
        """Remove the rows with these keys, where they exist."""
        gone = set(keys)
        with self.transaction():
            tables = self._stored()
            known = tables.get(table, {})
            if not gone.isdisjoint(known):
                tables[table] = {key: row for key, row in known.items() if key not in gone}
                self.storage.write(tables)

    def _stored(self) -> dict[str, Any]:
        tables = self.storage.read()
        return {} if tables is None else tables


def _fail(damage: Damage) -> None:
    raise LibraryDamaged(str(damage))
