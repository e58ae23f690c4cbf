"""The storage: TinyDB's tables as the files of a folder."""

import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from typing import NamedTuple

from tinydb.storages import Storage

from papertrack.errors import LibraryDamaged, LibraryError
from papertrack.storage import files
from papertrack.storage.damage import Damage, warn
from papertrack.storage.encoding import OPENING_SIZE, Format, Rows
from papertrack.storage.journal import Change, Journal, Moved, Transaction
from papertrack.storage.lock import held
from papertrack.storage.naming import file_name, table_name

LOCK_SECONDS = 10.0
_PLAIN = Format()
_KEPT = 24  # decoded tables: a month of listings, and a scan of everything stays small


class _Loaded(NamedTuple):
    signature: files.Signature | None
    rows: Rows | None


class Tables(MutableMapping[str, Rows]):
    """What TinyDB sees as the whole database: tables that load when touched."""

    def __init__(self, storage: "FolderStorage") -> None:
        self._storage = storage
        self.changes: dict[str, Rows | None] = {}

    def __getitem__(self, name: str) -> Rows:
        rows = self.changes[name] if name in self.changes else self._storage.load(name)
        if rows is None:
            raise KeyError(name)
        return rows

    def __setitem__(self, name: str, rows: Rows) -> None:
        self.changes[name] = rows

    def __delitem__(self, name: str) -> None:
        self.changes[name] = None

    def __iter__(self) -> Iterator[str]:
        stored = dict.fromkeys(self._storage.names())
        stored.update(dict.fromkeys(self.changes))
        return (name for name in stored if self.changes.get(name, True) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class FolderStorage(Storage):
    """The tables of one folder, for `TinyDB(folder, storage=FolderStorage)`.

    Within `transaction()` changes are collected and written once at its end; an exception
    discards them. A write outside of one is a transaction of its own. Reading takes no lock.
    `damaged` is told of each table whose file cannot be used; without it a warning is given.
    """

    def __init__(
        self,
        folder: str,
        schema: Format = _PLAIN,
        damaged: Callable[[Damage], None] = warn,
    ) -> None:
        super().__init__()
        self.folder = folder
        self._schema, self._tell = schema, damaged
        self._journal = Journal(folder)
        self._loaded: dict[str, _Loaded] = {}
        self._damaged: set[str] = set()
        self._journal_damaged = False
        self._pending: dict[str, Rows | None] | None = None
        self._looked_at: set[str] = set()

    def read(self) -> Tables:  # type: ignore[override]  # a mapping is all that TinyDB uses
        """The tables, none of them loaded yet."""
        return Tables(self)

    def write(self, data: Mapping[str, Rows]) -> None:
        """Replace the tables that `data` changes; plain dictionaries replace everything."""
        if self._pending is None:
            with self.transaction():
                self.write(data)
        elif isinstance(data, Tables):
            self._pending.update(data.changes)
        else:
            self._pending.update({**dict.fromkeys(self.names()), **data})

    @contextmanager
    def transaction(self, timeout: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the lock, collect all changes, and make them at the end, all or none.

        Raises LibraryBusy when another process holds the lock for `timeout` seconds, LibraryError
        when the files cannot be written. One within another is part of it.
        """
        if self._pending is not None:
            yield
            return
        with files.reporting("write", self.folder):
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
        with held(self.folder, timeout):
            self._finish()
            self._pending = {}
            self._looked_at.clear()
            try:
                yield
                self._commit(self._pending)
            finally:
                self._pending = None
                self._loaded.clear()

    def names(self) -> list[str]:
        """The names of all stored tables, sorted."""
        stored: set[str] = set()
        with files.reporting("read", self.folder), suppress(FileNotFoundError):
            stored.update(filter(None, map(table_name, os.listdir(self.folder))))
        if transaction := self._unfinished():
            for name in transaction:
                (stored.discard if transaction.removes(name) else stored.add)(name)
        for name, rows in (self._pending or {}).items():
            (stored.discard if rows is None else stored.add)(name)
        return sorted(stored)

    def load(self, name: str) -> Rows | None:
        """A table's rows, None where there is no such table. They must not be changed.

        Of a table whose file cannot be used, the last version that can, or no rows. Raises
        LibraryError where a file cannot be read, LibraryNewer.
        """
        if self._pending is not None and name in self._pending:
            return self._pending[name]
        self._looked_at.add(name)
        found = None
        while found is None:
            # While a table is looked for in a transaction, that may be moved on to the files.
            with suppress(Moved):
                found = self._found(name)
        self._loaded[name] = found
        if len(self._loaded) > _KEPT:
            del self._loaded[next(iter(self._loaded))]
        return found.rows

    def path(self, name: str) -> str:
        """Where the file of a table is. Raises LibraryError for a name that no file can have."""
        return os.path.join(self.folder, file_name(name))

    def _found(self, name: str) -> _Loaded:
        """A table as it is stored now. Raises Moved, LibraryError, LibraryNewer."""
        path = self.path(name)
        with files.reporting("read", path):
            transaction = self._unfinished()
            if transaction and name not in transaction:
                transaction = None
            signature = transaction.signature if transaction else _signature(path)
            known = self._loaded.pop(name, None)
            if known is None or known.signature != signature:
                known = _Loaded(signature, self._decoded(name, path, transaction))
            return known

    def _unfinished(self) -> Transaction | None:
        """The transaction that has happened, but not yet to all tables."""
        with files.reporting("read", self._journal.path):
            try:
                return self._journal.pending()
            except files.Unusable as error:
                self._tell_journal(error)
                return None

    def _tell_journal(self, error: files.Unusable) -> None:
        if not self._journal_damaged:
            self._journal_damaged = True
            self._tell(Damage(self._journal.path, f"is damaged: {error}", None))

    def _decoded(self, name: str, path: str, transaction: Transaction | None) -> Rows | None:
        try:
            body = transaction.body(name) if transaction else files.read(path)
            rows = None if body is None else self._schema.decode(body, name, path)
        except FileNotFoundError:
            if not os.path.lexists(files.backup(path)):
                return None
            return self._rescued(name, path, "is missing")
        except files.Unusable as error:
            return self._rescued(name, path, f"is damaged: {error}")
        except LibraryDamaged as error:
            return self._rescued(name, path, f"is damaged: {error.why}")
        self._damaged.discard(name)
        return rows

    def _rescued(self, name: str, path: str, why: str) -> Rows:
        """The rows of the last version that can be used, none where there is none."""
        served, rows = next(self._last_versions(name, path), (None, {}))
        if name not in self._damaged:
            self._damaged.add(name)
            self._tell(Damage(path, why, served))
        return rows

    def _last_versions(self, name: str, path: str) -> Iterator[tuple[str, Rows]]:
        for transaction in self._journal.kept():
            if name in transaction:
                with suppress(OSError, files.Unusable, LibraryDamaged):
                    if body := transaction.body(name):
                        yield "its copy in the journal", self._schema.decode(body, name, path)
        with suppress(OSError, files.Unusable, LibraryDamaged):
            backup = files.backup(path)
            yield "its backup", self._schema.decode(files.read(backup), name, backup)

    def _commit(self, changes: dict[str, Rows | None]) -> None:
        if not changes:
            return
        for name in self._damaged | (changes.keys() - self._looked_at):
            rows = self._asked_again(name)
            if name in self._damaged:
                changes.setdefault(name, rows)
        with files.reporting("write", self.folder):
            if self._journal.is_full():
                self._flush_tables()
            self._journal.commit(self._encoded(changes), self._damaged)
        # It has happened: what keeps the tables from being replaced will be met again, and reported
        # then, by the next who writes.
        with suppress(OSError, LibraryError):
            self._finish()

    def _asked_again(self, name: str) -> Rows | None:
        """The rows of a table as they are stored, whatever is to become of it."""
        pending, self._pending = self._pending, None
        try:
            return self.load(name)
        finally:
            self._pending = pending

    def _encoded(self, changes: Mapping[str, Rows | None]) -> Iterator[Change]:
        for name, rows in changes.items():
            self.path(name)
            yield name, None if rows is None else self._schema.encode(rows)

    def _finish(self) -> None:
        """Replace the tables of a transaction that has happened. Raises LibraryError."""
        with files.reporting("write", self.folder):
            if transaction := self._unfinished():
                self._replace_all(transaction)
                files.flush(self.folder)
            if self._journal_damaged:
                files.set_aside(self._journal.path)
                self._journal_damaged = False
            elif transaction:
                self._journal.applied()

    def _replace_all(self, transaction: Transaction) -> None:
        for name in transaction:
            try:
                self._replace(name, transaction)
            except files.Unusable as error:
                self._tell_journal(error)

    def _replace(self, name: str, transaction: Transaction) -> None:
        path = self.path(name)
        target = os.path.realpath(path)  # a link of the user's stays one
        body = transaction.body(name)
        if body is None:
            files.remove(files.backup(path))
            files.remove(path)
        elif not _has(target, body):
            if transaction.replaces_damage(name):
                files.set_aside(target)
            else:
                self._keep_last(target, path)
            files.replace(target, body)

    def _keep_last(self, target: str, path: str) -> None:
        with suppress(FileNotFoundError):
            version = self._schema.version_of(files.read(target, OPENING_SIZE))
            if version is not None and version < self._schema.version:
                files.keep(target, f"{path}.v{version}")
            files.keep(target, files.backup(path))

    def _flush_tables(self) -> None:
        with self._journal.emptying() as tables:
            for name in tables:
                with suppress(FileNotFoundError):
                    files.flush(self.path(name))
            files.flush(self.folder)


def _signature(path: str) -> files.Signature | None:
    try:
        return files.signature(path)
    except FileNotFoundError:
        return None


def _has(path: str, body: bytes) -> bool:
    """Whether a file is what it is to become: after a crash, some are."""
    with suppress(FileNotFoundError, files.Unusable):
        return files.signature(path)[1] == len(body) and files.read(path) == body
    return False
