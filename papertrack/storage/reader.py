"""Reading a folder's tables: from their files, from the journal, or from their backups."""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from typing import NamedTuple
from zlib import crc32

from papertrack.errors import LibraryDamaged
from papertrack.storage import files
from papertrack.storage.damage import Damage
from papertrack.storage.encoding import Format, Rows
from papertrack.storage.journal import Journal, Transaction, TransactionMoved, content_checksum
from papertrack.storage.naming import file_name, file_stem, table_name

_MANY_BYTES = 2**21  # Above this, importing a quicker parser pays.
_FEW_ROWS = 16  # of a table that are decoded without the others
_CACHED_TABLES = 24  # A month of listings fits, and a scan of all tables takes little memory.


class _LoadedTable(NamedTuple):
    """The rows of a table, with the fingerprint of the file or the transaction they are from.

    `fingerprint` is that of the table itself, see `Reader.fingerprint`.
    """

    source: files.FileFingerprint | None
    fingerprint: str
    rows: Rows | None


class Reader:
    """Reads the tables of one folder, caches the last of them, and changes no file.

    `damaged` holds the tables whose file cannot be used, and `loaded_names` those that were loaded;
    the writer clears both. `locked` is set by the writer while it holds the lock, after
    `clear_cache`: no transaction is pending then and cached tables stay valid.
    """

    def __init__(self, folder: str, schema: Format, report: Callable[[Damage], None]) -> None:
        self.folder, self.journal = folder, Journal(folder)
        self.damaged: set[str] = set()
        self.loaded_names: set[str] = set()
        self.journal_damaged = False
        self.locked = False
        self._schema, self._report = schema, report
        self._cache: dict[str, _LoadedTable] = {}
        self._decoded_alone: dict[str, int] = {}
        self._bytes_decoded = 0

    def names(self, prefix: str = "") -> set[str]:
        """The names of the stored tables that begin with a prefix. Raises LibraryError."""
        stored: set[str] = set()
        with files.as_library_error("read", self.folder), suppress(FileNotFoundError):
            # Most of thousands of files are sorted out before their names are parsed.
            start = file_stem(prefix) if prefix else ""
            matching = (file for file in os.listdir(self.folder) if file.startswith(start))
            stored.update(filter(None, map(table_name, matching)))
        if transaction := self.pending_transaction():
            for name in transaction:
                (stored.discard if transaction.removes(name) else stored.add)(name)
        return {name for name in stored if name.startswith(prefix)} if prefix else stored

    def exists(self, name: str) -> bool:
        """Whether there is a table of this name, which `names` would have. Raises LibraryError."""
        if (transaction := self.pending_transaction()) and name in transaction:
            return not transaction.removes(name)
        path = self.path(name)
        return os.path.lexists(path) or os.path.lexists(files.backup_path(path))

    def load(self, name: str) -> Rows | None:
        """Return a table's rows, which must not be changed; None if there is no such table.

        If its file cannot be used, the rows of the newest usable copy, or none, and the damage is
        reported once. Raises LibraryError if a file cannot be read, LibraryNewer.
        """
        table = None
        while table is None:
            # A pending transaction may be applied by its writer while it is read here.
            with suppress(TransactionMoved):
                table = self._load(name)
        self.loaded_names.add(name)
        self._cache[name] = table
        if len(self._cache) > _CACHED_TABLES:
            del self._cache[next(iter(self._cache))]
        return table.rows

    def load_some(self, name: str, keys: Collection[str]) -> Rows | None:
        """As `load`, but only the rows with these keys are needed.

        The first few of a table are decoded alone, and damage of the others is not noticed. If more
        are needed, the whole table is loaded and cached.
        """
        return self._load_part(name, keys, self._schema.decode_some)

    def load_containing(self, name: str, texts: Collection[str]) -> Rows | None:
        """As `load_some`, but the rows that contain any of these texts are needed."""
        return self._load_part(name, texts, self._schema.decode_containing)

    def fingerprint(self, name: str) -> str:
        """Return a value that changes whenever a stored table does; "" if there is no such table.

        Raises LibraryError.
        """
        path = self.path(name)
        with files.as_library_error("read", path):
            transaction = self.pending_transaction()
            if transaction and name in transaction:
                return transaction.checksum(name)
            return _join_fingerprint(_file_fingerprint(path))

    def loaded_fingerprint(self, name: str) -> str:
        """The fingerprint that a table had when `load` last returned it; call right after it."""
        return self._cache[name].fingerprint

    def is_unchanged(self, name: str, fingerprint: str) -> bool:
        """Whether a table is still the same as when it had this fingerprint. Raises LibraryError.

        True also if it was in a pending transaction then, and is in its file now.
        """
        path = self.path(name)
        if fingerprint == self.fingerprint(name):
            return True
        with files.as_library_error("read", path), suppress(FileNotFoundError, files.UnusableFile):
            body = files.read(path)
            return fingerprint == content_checksum(crc32(body), len(body))
        return fingerprint == content_checksum(0, 0)

    def clear_cache(self) -> None:
        """Drop all cached tables, whose rows a caller may have changed."""
        self._cache.clear()
        self._decoded_alone.clear()

    def path(self, name: str) -> str:
        """The path of a table's file. Raises LibraryError if the name is invalid."""
        return os.path.join(self.folder, file_name(name))

    def pending_transaction(self) -> Transaction | None:
        """The committed transaction whose tables are not all replaced yet. Raises LibraryError."""
        if self.locked:
            return None
        with files.as_library_error("read", self.journal.path):
            try:
                return self.journal.pending()
            except files.UnusableFile as error:
                self.report_journal(error)
                return None

    def report_journal(self, error: files.UnusableFile) -> None:
        """Report, once, that the pending transaction cannot be used."""
        if not self.journal_damaged:
            self.journal_damaged = True
            self._report(Damage(self.journal.path, f"is damaged: {error}", None))

    def _load_part(
        self,
        name: str,
        texts: Collection[str],
        decode: Callable[[bytes, Collection[str]], Rows | None],
    ) -> Rows | None:
        decoded = self._decoded_alone.get(name, 0) + len(texts)
        if decoded <= _FEW_ROWS and name not in self._cache and name not in self.damaged:
            self._decoded_alone[name] = decoded
            body = self._read_alone(name)
            rows = None if body is None else decode(body, texts)
            if rows is not None:
                return rows
        return self.load(name)

    def _load(self, name: str) -> _LoadedTable:
        """The present table. Raises TransactionMoved, LibraryError, LibraryNewer."""
        cached = self._cache.pop(name, None)
        if cached and self.locked:
            return cached
        path = self.path(name)
        with files.as_library_error("read", path):
            transaction = self.pending_transaction()
            if transaction and name not in transaction:
                transaction = None
            source = transaction.fingerprint if transaction else _file_fingerprint(path)
            if cached and cached.source == source:
                return cached
            fingerprint = transaction.checksum(name) if transaction else _join_fingerprint(source)
            return _LoadedTable(source, fingerprint, self._decode(name, path, transaction))

    def _read_alone(self, name: str) -> bytes | None:
        """The content of a table, None if only `load` can tell. Raises LibraryError."""
        path, transaction = self.path(name), self.pending_transaction()
        try:
            is_pending = transaction is not None and name in transaction
            return transaction.body(name) if transaction and is_pending else files.read(path)
        except (OSError, files.UnusableFile, TransactionMoved):
            return None

    def _decode(self, name: str, path: str, transaction: Transaction | None) -> Rows | None:
        try:
            body = transaction.body(name) if transaction else files.read(path)
            rows = None
            if body is not None:
                self._bytes_decoded += len(body)
                lazily = self._bytes_decoded > _MANY_BYTES
                rows = self._schema.decode(body, name, path, lazily=lazily)
        except FileNotFoundError:
            if not os.path.lexists(files.backup_path(path)):
                self.damaged.discard(name)
                return None
            if _file_fingerprint(path) is not None:
                raise TransactionMoved from None  # The file was created between the two checks.
            return self._recover(name, path, "is missing")
        except files.UnusableFile as error:
            return self._recover(name, path, f"is damaged: {error}")
        except LibraryDamaged as error:
            return self._recover(name, path, f"is damaged: {error.why}")
        self.damaged.discard(name)
        return rows

    def _recover(self, name: str, path: str, why: str) -> Rows:
        """The rows of the newest usable copy, or none; reports the damage once."""
        fallback, rows = next(self._usable_copies(name, path), (None, {}))
        if name not in self.damaged:
            self.damaged.add(name)
            self._report(Damage(path, why, fallback))
        return rows

    def _usable_copies(self, name: str, path: str) -> Iterator[tuple[str, Rows]]:
        for transaction in self.journal.applied_transactions():
            if name in transaction:
                with suppress(OSError, files.UnusableFile, LibraryDamaged):
                    if body := transaction.body(name):
                        yield "its copy in the journal", self._schema.decode(body, name, path)
        with suppress(OSError, files.UnusableFile, LibraryDamaged):
            backup = files.backup_path(path)
            yield "its backup", self._schema.decode(files.read(backup), name, backup)


def _join_fingerprint(fingerprint: files.FileFingerprint | None) -> str:
    return "-".join(map(str, fingerprint or ()))


def _file_fingerprint(path: str) -> files.FileFingerprint | None:
    try:
        return files.fingerprint(path)
    except FileNotFoundError:
        return None
