"""What a folder's tables hold now: read from their files, a journal or what is left of them."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple
from zlib import crc32

from papertrack.errors import LibraryDamaged
from papertrack.storage import files
from papertrack.storage.damage import Damage
from papertrack.storage.encoding import Format, Rows
from papertrack.storage.journal import Journal, Transaction, TransactionMoved, content_checksum
from papertrack.storage.naming import file_name, table_name

_MANY_BYTES = 2**21  # from here on it is worth while to load a parser that is quicker
_KEPT = 24  # decoded tables: a month of listings, and a scan of everything stays small


class _Loaded(NamedTuple):
    """The rows of a table, and the signature of the file or the transaction that they are from; and
    what they themselves are told by.
    """

    signature: files.FileFingerprint | None
    told: str
    rows: Rows | None


class Reader:
    """Reads the tables of one folder, keeps the last of them, and changes nothing.

    `damaged` are the tables of which another version serves, `looked_at` those that were asked for;
    both are for whoever writes next to clear. While it is `settled`, which whoever has the lock may
    say after `forget`, no transaction is unfinished and what was loaded stays as it is.
    """

    def __init__(self, folder: str, schema: Format, tell: Callable[[Damage], None]) -> None:
        self.folder, self.journal = folder, Journal(folder)
        self.damaged: set[str] = set()
        self.looked_at: set[str] = set()
        self.journal_damaged = False
        self.settled = False
        self._schema, self._tell = schema, tell
        self._loaded: dict[str, _Loaded] = {}
        self._bytes = 0

    def names(self) -> set[str]:
        """The names of all stored tables."""
        stored: set[str] = set()
        with files.as_library_error("read", self.folder), suppress(FileNotFoundError):
            stored.update(filter(None, map(table_name, os.listdir(self.folder))))
        if transaction := self.unfinished():
            for name in transaction:
                (stored.discard if transaction.removes(name) else stored.add)(name)
        return stored

    def load(self, name: str) -> Rows | None:
        """A table's rows, None where there is no such table. They must not be changed.

        Of a table whose file cannot be used, the last version that can, or no rows. Raises
        LibraryError where a file cannot be read, LibraryNewer.
        """
        found = None
        while found is None:
            # While a table is looked for in a transaction, that may be moved on to the files.
            with suppress(TransactionMoved):
                found = self._found(name)
        self.looked_at.add(name)
        self._loaded[name] = found
        if len(self._loaded) > _KEPT:
            del self._loaded[next(iter(self._loaded))]
        return found.rows

    def fingerprint(self, name: str) -> str:
        """What changes whenever what is stored of a table does, "" for a table that is not there.

        Raises LibraryError.
        """
        path = self.path(name)
        with files.as_library_error("read", path):
            transaction = self.unfinished()
            if transaction and name in transaction:
                return transaction.checksum(name)
            return _told(_signature(path))

    def loaded_fingerprint(self, name: str) -> str:
        """The signature of a table as it was when it was last loaded, which was just now."""
        return self._loaded[name].told

    def is_unchanged(self, name: str, signature: str) -> bool:
        """Whether a table is what it was when it had a signature: also where it was in a
        transaction then, and is in its file now. Raises LibraryError.
        """
        path = self.path(name)
        if signature == self.fingerprint(name):
            return True
        with files.as_library_error("read", path), suppress(FileNotFoundError, files.UnusableFile):
            body = files.read(path)
            return signature == content_checksum(crc32(body), len(body))
        return signature == content_checksum(0, 0)

    def forget(self) -> None:
        """Keep no table any longer: whoever got its rows may have changed them."""
        self._loaded.clear()

    def path(self, name: str) -> str:
        """Where the file of a table is. Raises LibraryError for a name that no file can have."""
        return os.path.join(self.folder, file_name(name))

    def _found(self, name: str) -> _Loaded:
        """A table as it is stored now. Raises Moved, LibraryError, LibraryNewer."""
        known = self._loaded.pop(name, None)
        if known and self.settled:  # it was loaded since, and nobody else may write
            return known
        path = self.path(name)
        with files.as_library_error("read", path):
            transaction = self.unfinished()
            if transaction and name not in transaction:
                transaction = None
            signature = transaction.signature if transaction else _signature(path)
            if known is None or known.signature != signature:
                told = transaction.checksum(name) if transaction else _told(signature)
                known = _Loaded(signature, told, self._decoded(name, path, transaction))
            return known

    def unfinished(self) -> Transaction | None:
        """The transaction that has happened, but not yet to all tables."""
        if self.settled:
            return None
        with files.as_library_error("read", self.journal.path):
            try:
                return self.journal.pending()
            except files.UnusableFile as error:
                self.report_journal(error)
                return None

    def report_journal(self, error: files.UnusableFile) -> None:
        """Tell, once, that a transaction cannot be used."""
        if not self.journal_damaged:
            self.journal_damaged = True
            self._tell(Damage(self.journal.path, f"is damaged: {error}", None))

    def _decoded(self, name: str, path: str, transaction: Transaction | None) -> Rows | None:
        try:
            body = transaction.body(name) if transaction else files.read(path)
            rows = None
            if body is not None:
                self._bytes += len(body)
                quickly = self._bytes > _MANY_BYTES
                rows = self._schema.decode(body, name, path, quickly=quickly)
        except FileNotFoundError:
            if not os.path.lexists(files.backup_path(path)):
                self.damaged.discard(name)
                return None
            if _signature(path) is not None:
                raise TransactionMoved from None  # it was made between the two looks
            return self._rescued(name, path, "is missing")
        except files.UnusableFile as error:
            return self._rescued(name, path, f"is damaged: {error}")
        except LibraryDamaged as error:
            return self._rescued(name, path, f"is damaged: {error.why}")
        self.damaged.discard(name)
        return rows

    def _rescued(self, name: str, path: str, why: str) -> Rows:
        """The rows of the last version that can be used, none where there is none."""
        served, rows = next(self._last_versions(name, path), (None, {}))
        if name not in self.damaged:
            self.damaged.add(name)
            self._tell(Damage(path, why, served))
        return rows

    def _last_versions(self, name: str, path: str) -> Iterator[tuple[str, Rows]]:
        for transaction in self.journal.kept():
            if name in transaction:
                with suppress(OSError, files.UnusableFile, LibraryDamaged):
                    if body := transaction.body(name):
                        yield "its copy in the journal", self._schema.decode(body, name, path)
        with suppress(OSError, files.UnusableFile, LibraryDamaged):
            backup = files.backup_path(path)
            yield "its backup", self._schema.decode(files.read(backup), name, backup)


def _told(signature: files.FileFingerprint | None) -> str:
    return "-".join(map(str, signature or ()))


def _signature(path: str) -> files.FileFingerprint | None:
    try:
        return files.fingerprint(path)
    except FileNotFoundError:
        return None
