"""The storage: TinyDB's tables as the files of a folder."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any

from tinydb.storages import Storage

from papertrack.errors import LibraryBusy, LibraryDamaged, LibraryError
from papertrack.storage import files
from papertrack.storage.damage import Damage, warn_of_damage
from papertrack.storage.encoded_rows import RowCopies
from papertrack.storage.encoding import OPENING_SIZE, Format, Rows
from papertrack.storage.journal import Change, Transaction
from papertrack.storage.lock import hold_lock
from papertrack.storage.reader import Reader

LOCK_SECONDS = 10.0
_PLAIN = Format()


class Tables(MutableMapping[str, Any]):
    """What TinyDB sees as the whole database: tables that load when touched. `seen` has what they
    were when they did, where they are `watched`.
    """

    def __init__(self, storage: "FolderStorage", *, watched: bool) -> None:
        self._storage, self._watched = storage, watched
        self.seen: dict[str, str] = {}
        self.changes: dict[str, Rows | None] = {}

    def __getitem__(self, name: str) -> RowCopies:
        rows = self.changes[name] if name in self.changes else self._storage.load(name)
        if self._watched and name not in self.changes:
            self.seen.setdefault(name, self._storage.loaded_fingerprint(name))
        if rows is None:
            raise KeyError(name)
        # TinyDB's `update` changes the rows that it is given, also where it fails half way.
        return RowCopies(rows)

    def __setitem__(self, name: str, rows: Mapping[str, Any]) -> None:
        self.changes[name] = dict(rows)

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
        damaged: Callable[[Damage], None] = warn_of_damage,
    ) -> None:
        super().__init__()
        self.folder = folder
        self._schema = schema
        self._stored = Reader(folder, schema, damaged)
        self._journal = self._stored.journal
        self._pending: dict[str, Rows | None] | None = None
        self._distrusted: set[str] = set()

    def read(self) -> Tables:  # type: ignore[override]  # a mapping is all that TinyDB uses
        """The tables, none of them loaded yet."""
        return Tables(self, watched=self._pending is None)

    def write(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """Replace the tables that `data` changes; plain dictionaries replace everything.

        Raises what `transaction` raises, and LibraryBusy where tables, read outside of one, were
        changed by another since.
        """
        if self._pending is None:
            with self.transaction():
                if isinstance(data, Tables):
                    self._check_unchanged(data)
                self.write(data)
        elif isinstance(data, Tables):
            self._pending.update(data.changes)
        else:
            new = {name: dict(rows) for name, rows in data.items()}
            self._pending.update({**dict.fromkeys(self.names()), **new})

    def _check_unchanged(self, tables: Tables) -> None:
        if not all(self._stored.is_unchanged(name, seen) for name, seen in tables.seen.items()):
            raise LibraryBusy(
                f"another program changed the library at {self.folder} meanwhile",
                "nothing was written",
                "do it again, within a transaction",
            )

    @contextmanager
    def transaction(self, timeout: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the lock, collect all changes, and make them at the end, all or none.

        Raises LibraryBusy when another process holds the lock for `timeout` seconds, LibraryError
        when the files cannot be written. One within another is part of it.
        """
        if self._pending is not None:
            yield
            return
        with files.as_library_error("write", self.folder):
            if not os.path.isdir(self.folder):
                os.makedirs(self.folder, mode=0o700, exist_ok=True)
                files.flush(os.path.dirname(os.path.abspath(self.folder)))
        with hold_lock(self.folder, timeout):
            self._finish(careful=True)
            self._stored.settled = True
            self._pending = {}
            # A clock that ticks seldom may give two versions of a file the same signature.
            self._stored.forget()
            self._stored.looked_at.clear()
            self._distrusted.clear()
            try:
                yield
                self._commit(self._pending)
            finally:
                self._pending = None
                self._stored.settled = False
                self._stored.forget()

    def names(self) -> list[str]:
        """The names of all tables, sorted, as the present transaction leaves them."""
        names = self._stored.names()
        for name, rows in (self._pending or {}).items():
            (names.discard if rows is None else names.add)(name)
        return sorted(names)

    def load(self, name: str) -> Rows | None:
        """A table's rows, None where there is no such table. They must not be changed.

        Of a table whose file cannot be used, the last version that can, or no rows. Raises
        LibraryError where a file cannot be read, LibraryNewer.
        """
        if self._pending is not None and name in self._pending:
            return self._pending[name]
        return self._stored.load(name)

    def fingerprint(self, name: str) -> str:
        """What changes whenever what is stored of a table does, "" for a table that is not there.

        Raises LibraryError.
        """
        return self._stored.fingerprint(name)

    def loaded_fingerprint(self, name: str) -> str:
        """The signature of a table as it was when it was last loaded, which was just now."""
        return self._stored.loaded_fingerprint(name)

    def distrust(self, name: str) -> None:
        """Within a transaction that replaces a table: keep its file as damaged and not as the last
        version, since what it holds means nothing.
        """
        self._distrusted.add(name)

    def replace_all(self, tables: Iterable[Change], timeout: float = LOCK_SECONDS) -> None:
        """Put these tables, given as the bytes of their files, in the place of all there are, in
        one transaction that holds one of them in memory at a time. Raises as `transaction` does.
        """
        with self.transaction(timeout), files.as_library_error("write", self.folder):
            self._journal.commit(self._instead(tables), (), self._rights(self.names()))
            self._finish()

    def _instead(self, tables: Iterable[Change]) -> Iterator[Change]:
        gone = dict.fromkeys(self.names())
        for name, body in tables:
            gone.pop(name, None)
            yield name, body
        yield from gone.items()

    def flush(self) -> None:
        """Have all tables written to the disk, and keep no transactions any longer.

        Raises as `transaction` does.
        """
        with self.transaction(), files.as_library_error("write", self.folder):
            self._flush_tables()

    def _commit(self, changes: dict[str, Rows | None]) -> None:
        stored = self._stored
        for name in stored.damaged | (changes.keys() - stored.looked_at):
            rows = stored.load(name)
            if name in stored.damaged:
                changes.setdefault(name, rows)
        if not changes:
            return
        with files.as_library_error("write", self.folder):
            if self._journal.is_full():
                self._flush_tables()
            set_aside = stored.damaged | self._distrusted
            count = sum(len(one or ()) for one in changes.values())
            self._journal.commit(self._encoded(changes), set_aside, self._rights(changes), count)
        # It has happened: what keeps the tables from being replaced will be met again, and reported
        # then, by the next who writes.
        with suppress(OSError, LibraryError):
            self._finish()

    def _rights(self, names: Iterable[str]) -> int:
        """Those that all of these tables' files have: what holds them all must not show more."""
        return files.rights_of_all(self._stored.path(name) for name in names)

    def _encoded(self, changes: Mapping[str, Rows | None]) -> Iterator[Change]:
        for name, rows in changes.items():
            yield name, None if rows is None else self._schema.encode(rows)

    def _finish(self, *, careful: bool = False) -> None:
        """Replace the tables of a transaction that has happened; `careful` where another began it,
        and files may have been damaged since. Raises LibraryError.
        """
        self._stored.settled = False
        with files.as_library_error("write", self.folder):
            if transaction := self._stored.unfinished():
                self._replace_all(transaction, careful=careful)
                files.flush(self.folder)
            if self._stored.journal_damaged:
                files.set_aside(self._journal.path)
                self._stored.journal_damaged = False
            elif transaction:
                self._journal.applied()

    def _replace_all(self, transaction: Transaction, *, careful: bool) -> None:
        for name in transaction:
            try:
                self._replace(name, transaction, careful=careful)
            except files.UnusableFile as error:
                self._stored.report_journal(error)

    def _replace(self, name: str, transaction: Transaction, *, careful: bool) -> None:
        path = self._stored.path(name)
        target = _followed(path)
        body = transaction.body(name)
        if body is None:
            files.remove(files.backup_path(path))
            (files.set_aside if transaction.replaces_damage(name) else files.remove)(path)
        elif not os.path.lexists(target):
            files.replace(target, body)
        elif not _has(target, body):
            if transaction.replaces_damage(name):
                files.set_aside(target)
            else:
                self._keep_last(name, target, careful=careful)
            files.replace(target, body)

    def _keep_last(self, name: str, target: str, *, careful: bool) -> None:
        path = self._stored.path(name)
        try:
            body = files.read(target, -1 if careful else OPENING_SIZE)
            version = self._schema.version_of(body[:OPENING_SIZE])
            if careful:
                self._schema.decode(body, name, path)
        except FileNotFoundError:
            return
        except (files.UnusableFile, LibraryDamaged):
            files.set_aside(target)
            return
        if version is not None and version < self._schema.version:
            files.keep_backup(target, f"{path}.v{version}")
        files.keep_backup(target, files.backup_path(path))

    def _flush_tables(self) -> None:
        for name, body in self._journal.latest():
            target = _followed(self._stored.path(name))
            if body is not None and not _has(target, body):
                self._stored.load(name)
                if name in self._stored.damaged:  # until now only the journal has it whole
                    files.set_aside(target)
                    files.replace(target, body)
                    self._stored.damaged.discard(name)
            with suppress(FileNotFoundError):
                files.flush(target)
        files.flush(self.folder)
        self._journal.empty()


def _followed(path: str) -> str:
    """The file of a table: a link that the user put in its place stays one."""
    return os.path.realpath(path) if os.path.islink(path) else path


def _has(path: str, body: bytes) -> bool:
    """Whether a file is what it is to become: after a crash, some are."""
    with suppress(FileNotFoundError, files.UnusableFile):
        return files.fingerprint(path)[1] == len(body) and files.read(path) == body
    return False
