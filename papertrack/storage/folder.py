"""The storage class: TinyDB's tables as the files of a folder.

Reading loads a table's file on first access, and writing replaces only the files of the tables that
changed, so the cost depends on what is used, not on what is stored. Put rows that are read together
into one table.

Guarantees, for any number of programs on one machine:

- A transaction happens completely or not at all, even if the process is killed, the disk is full, a
  write fails or power is lost. Once `transaction()` has ended it is durable. Tables that it did not
  change are never touched.
- Transactions are serialized: `transaction()` waits for the lock (LibraryBusy after `timeout`
  seconds), which is released when its holder ends or is killed. Within a transaction, tables are
  read as they are stored then, not from the cache.
- Readers never wait, change no file and need no write permission. Each table is read as one
  transaction left it; two tables read one after the other may be of different transactions.
- A damaged file is never overwritten. Its newest usable copy is read instead and the damage is
  reported; the next transaction writes an intact file and keeps the damaged one under a name with
  `.damaged-` and the time. A file that cannot be read is an error, never an empty table.
- Each file names its schema. Older ones are migrated when read, and kept as `.v1` … when written;
  newer ones are rejected and left unchanged.
- Files are private to their owner (0600 in a folder 0700). Changed permissions are preserved, and
  so are links in the place of the folder or of a table's file; a link planted where a new file is
  written is not followed.

Files: `NAME.json` is a table, `NAME.json.bak` its backup, `.journal/` holds the last transactions,
and `.lock` is locked during a write; its existence means nothing.

Limits:

- The file system must rename atomically (POSIX; all local file systems do) and fsync must reach the
  disk. On some disks it does not, and on macOS it reaches only the drive's cache.
- The lock is flock. It works between machines over NFS since NFS 4 and Linux 2.6.12, and over SMB
  depending on the mount. Without flock, the lock is the file `.lock.held` while it exists; that of
  a process of this machine that has ended is ignored.
- A synchronized folder (Dropbox, Syncthing, iCloud) is safe for one writing machine at a time. If
  two write at once, the sync tool renames one version to a name that is not that of a table.
- Without hard links (FAT, some network mounts) backups are copies.
- TinyDB's own methods read before they take the lock: if another program writes in between,
  LibraryBusy is raised and nothing is written. Use `transaction()` to avoid this.
- TinyDB numbers new rows from what it has read. If several processes insert into one table, use
  your own ids as `papertrack.library.database` does, or open TinyDB anew for each transaction; and
  disable its query cache (`db.table(name, cache_size=0)`).
- A table is read and written in memory as a whole: thousands of rows, not millions.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager, contextmanager, suppress
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
    """The whole database as TinyDB sees it: tables that are loaded on first access.

    `fingerprints` has those of the loaded tables as they were then, if `tracked`; `changes` has the
    new rows of changed tables, None for removed ones.
    """

    def __init__(self, storage: "FolderStorage", *, tracked: bool) -> None:
        self._storage, self._tracked = storage, tracked
        self.fingerprints: dict[str, str] = {}
        self.changes: dict[str, Rows | None] = {}

    def __getitem__(self, name: str) -> RowCopies:
        rows = self.changes[name] if name in self.changes else self._storage.load(name)
        if self._tracked and name not in self.changes:
            self.fingerprints.setdefault(name, self._storage.loaded_fingerprint(name))
        if rows is None:
            raise KeyError(name)
        # Copies, because TinyDB's `update` changes rows in place, even if it fails half way.
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

    Within `transaction()` changes are collected and written at its end; an exception discards
    them. A write outside of one is a transaction of its own. Reading takes no lock. `on_damage` is
    called for each table whose file cannot be used; by default a warning is issued.
    """

    def __init__(
        self,
        folder: str,
        schema: Format = _PLAIN,
        on_damage: Callable[[Damage], None] = warn_of_damage,
    ) -> None:
        super().__init__()
        self.folder = folder
        self._schema = schema
        self._reader = Reader(folder, schema, on_damage)
        self._journal = self._reader.journal
        self._pending: dict[str, Rows | None] | None = None
        self._marked_damaged: set[str] = set()

    def read(self) -> Tables:  # type: ignore[override]  # TinyDB needs only a mapping
        """The tables; each is loaded on first access."""
        return Tables(self, tracked=self._pending is None)

    def write(self, data: Mapping[str, Mapping[str, Any]]) -> None:
        """Write the changes of `data`; a plain dictionary replaces all tables.

        Raises the errors of `transaction`, and LibraryBusy if another program changed a table
        since `data` loaded it outside of a transaction.
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
        loaded = tables.fingerprints.items()
        if not all(self._reader.is_unchanged(name, fingerprint) for name, fingerprint in loaded):
            raise LibraryBusy(
                f"another program has just changed the library at {self.folder}",
                "nothing was written",
                "try again, within a transaction",
            )

    @contextmanager
    def transaction(self, timeout: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the lock, collect all changes, and commit them at the end, all or none.

        A nested transaction is part of the outer one. Raises LibraryBusy if another process holds
        the lock for `timeout` seconds, LibraryError if the files cannot be written.
        """
        if self._pending is not None:
            yield
            return
        with files.as_library_error("write", self.folder):
            if not os.path.isdir(self.folder):
                os.makedirs(self.folder, mode=0o700, exist_ok=True)
                files.flush(os.path.dirname(os.path.abspath(self.folder)))
        with hold_lock(self.folder, timeout):
            self._apply_pending(validate=True)
            self._reader.locked = True
            self._pending = {}
            # With a coarse file system clock two versions of a file may have the same fingerprint.
            self._reader.clear_cache()
            self._reader.loaded_names.clear()
            self._marked_damaged.clear()
            try:
                yield
                self._commit(self._pending)
            finally:
                self._pending = None
                self._reader.locked = False
                self._reader.clear_cache()

    def exclusive(self, timeout: float = LOCK_SECONDS) -> AbstractContextManager[None]:
        """Hold the lock to read all tables as one transaction left them; changes nothing.

        Raises LibraryBusy, and LibraryError if the folder cannot be written.
        """
        return hold_lock(self.folder, timeout)

    def keep_in_memory(self) -> None:
        """Collect all later changes and never write them, for a folder that cannot be written."""
        self._pending = {} if self._pending is None else self._pending

    def names(self, prefix: str = "") -> list[str]:
        """The sorted names of all tables that begin with a prefix.

        Includes the changes of the present transaction.
        """
        names = self._reader.names(prefix)
        for name, rows in (self._pending or {}).items():
            if name.startswith(prefix):
                (names.discard if rows is None else names.add)(name)
        return sorted(names)

    def exists(self, name: str) -> bool:
        """Whether there is a table of this name, without listing the folder."""
        if self._pending is not None and name in self._pending:
            return self._pending[name] is not None
        return self._reader.exists(name)

    def load(self, name: str) -> Rows | None:
        """Return a table's rows, which must not be changed; None if there is no such table.

        If its file cannot be used, the rows of the newest usable copy, or none, and the damage is
        reported once. Raises LibraryError if a file cannot be read, LibraryNewer.
        """
        if self._pending is not None and name in self._pending:
            return self._pending[name]
        return self._reader.load(name)

    def load_some(self, name: str, keys: Collection[str]) -> Rows | None:
        """As `load`, but only the rows with these keys are needed; see Reader.load_some."""
        if self._pending is not None and name in self._pending:
            return self._pending[name]
        return self._reader.load_some(name, keys)

    def load_containing(self, name: str, texts: Collection[str]) -> Rows | None:
        """As `load_some`, but the rows that contain any of these texts are needed."""
        if self._pending is not None and name in self._pending:
            return self._pending[name]
        return self._reader.load_containing(name, texts)

    def fingerprint(self, name: str) -> str:
        """Return a value that changes whenever a stored table does; "" if there is no such table.

        Raises LibraryError.
        """
        return self._reader.fingerprint(name)

    def loaded_fingerprint(self, name: str) -> str:
        """The fingerprint that a table had when `load` last returned it; call right after it."""
        return self._reader.loaded_fingerprint(name)

    def mark_damaged(self, name: str) -> None:
        """Have the present transaction set a table's file aside instead of making it the backup.

        For a file that can be decoded but contains invalid rows.
        """
        self._marked_damaged.add(name)

    def replace_all(self, tables: Iterable[Change], timeout: float = LOCK_SECONDS) -> None:
        """Replace all tables by these, given as file contents, in one transaction.

        Holds one table in memory at a time. Raises the errors of `transaction`.
        """
        with self.transaction(timeout), files.as_library_error("write", self.folder):
            changes = self._replacing(tables)
            self._journal.commit(changes, (), self._common_permissions(self.names()))
            self._apply_pending()
            self._reader.clear_cache()

    def _replacing(self, tables: Iterable[Change]) -> Iterator[Change]:
        """These tables, and the removal of all other tables."""
        removed = dict.fromkeys(self.names())
        for name, body in tables:
            removed.pop(name, None)
            yield name, body
        yield from removed.items()

    def flush(self) -> None:
        """Flush all tables to the disk and empty the journal.

        Raises the errors of `transaction`.
        """
        with self.transaction(), files.as_library_error("write", self.folder):
            self._flush_tables()

    def _commit(self, changes: dict[str, Rows | None]) -> None:
        reader = self._reader
        # Tables that this transaction replaces unread may be damaged, too; and damaged tables that
        # it does not change are written again from their copies.
        for name in reader.damaged | (changes.keys() - reader.loaded_names):
            rows = reader.load(name)
            if name in reader.damaged:
                changes.setdefault(name, rows)
        if not changes:
            return
        with files.as_library_error("write", self.folder):
            if self._journal.is_full():
                self._flush_tables()
            damaged = reader.damaged | self._marked_damaged
            count = sum(len(rows or ()) for rows in changes.values())
            permissions = self._common_permissions(changes)
            self._journal.commit(self._encode(changes), damaged, permissions, count)
        # The transaction is committed already; if a table cannot be replaced now, the next writer
        # retries and reports the error.
        with suppress(OSError, LibraryError):
            self._apply_pending()

    def _common_permissions(self, names: Iterable[str]) -> int:
        """The permissions for a file that contains all of these tables."""
        return files.common_permissions(self._reader.path(name) for name in names)

    def _encode(self, changes: Mapping[str, Rows | None]) -> Iterator[Change]:
        for name, rows in changes.items():
            yield name, None if rows is None else self._schema.encode(rows)

    def _apply_pending(self, *, validate: bool = False) -> None:
        """Replace the tables of the committed transaction, if there is one. Raises LibraryError.

        `validate` the files before they become backups, since they may have been damaged after
        another process committed the transaction.
        """
        self._reader.locked = False
        with files.as_library_error("write", self.folder):
            if transaction := self._reader.pending_transaction():
                self._replace_tables(transaction, validate=validate)
                files.flush(self.folder)
            if self._reader.journal_damaged:
                files.set_aside(self._journal.path)
                self._reader.journal_damaged = False
            elif transaction:
                self._journal.mark_applied()

    def _replace_tables(self, transaction: Transaction, *, validate: bool) -> None:
        for name in transaction:
            try:
                self._replace_table(name, transaction, validate=validate)
            except files.UnusableFile as error:
                self._reader.report_journal(error)

    def _replace_table(self, name: str, transaction: Transaction, *, validate: bool) -> None:
        path = self._reader.path(name)
        target = _resolve_link(path)
        body = transaction.body(name)
        if body is None:
            files.remove(files.backup_path(path))
            (files.set_aside if transaction.replaces_damage(name) else files.remove)(path)
        elif not os.path.lexists(target):
            files.replace(target, body)
        elif not _contains(target, body):
            if transaction.replaces_damage(name):
                files.set_aside(target)
            else:
                self._keep_backup(name, target, validate=validate)
            files.replace(target, body)

    def _keep_backup(self, name: str, target: str, *, validate: bool) -> None:
        path = self._reader.path(name)
        try:
            body = files.read(target, -1 if validate else OPENING_SIZE)
            version = self._schema.version_of(body)
            if validate:
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
        for name, body in self._journal.latest_changes():
            target = _resolve_link(self._reader.path(name))
            if body is not None and not _contains(target, body):
                self._reader.load(name)
                if name in self._reader.damaged:  # The journal has the only intact copy.
                    files.set_aside(target)
                    files.replace(target, body)
                    self._reader.damaged.discard(name)
            with suppress(FileNotFoundError):
                files.flush(target)
        files.flush(self.folder)
        self._journal.clear()


def _resolve_link(path: str) -> str:
    """The path to write a table to: if the user replaced its file by a link, the link stays."""
    return os.path.realpath(path) if os.path.islink(path) else path


def _contains(path: str, body: bytes) -> bool:
    """Whether a file has this content already, as some have after a crash."""
    with suppress(FileNotFoundError, files.UnusableFile):
        return files.fingerprint(path)[1] == len(body) and files.read(path) == body
    return False
