"""A TinyDB storage that keeps each table in a file of its own.

Reading loads a table's file when it is touched; writing replaces only the files of the tables that
changed, so cost follows what is used and not what is stored. Files are replaced whole: written
beside, flushed to the disk, renamed. All of a transaction's files are written before the first is
renamed, so a full disk leaves the old library as it was.
"""

import gc
import json
import os
import re
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from tinydb.storages import Storage

from papertrack.errors import LibraryDamaged, LibraryError, LibraryNewer
from papertrack.library.lock import held

SCHEMA = 1
LOCK_SECONDS = 10.0
_ENDING = ".json"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,120}", re.ASCII)
_KEPT = 24  # decoded tables: a month of listings, and a scan of everything stays small

Rows = dict[str, Any]


class _Loaded(NamedTuple):
    signature: tuple[int, int, int]
    rows: Rows


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
    """

    def __init__(self, folder: str) -> None:
        super().__init__()
        self.folder = folder
        self._loaded: dict[str, _Loaded] = {}
        self._pending: dict[str, Rows | None] | None = None

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
        """Hold the lock, collect all changes, and write them at the end in the order made.

        Raises LibraryBusy when another process holds the lock for `timeout` seconds, LibraryError
        when the files cannot be written. One within another is part of it.
        """
        if self._pending is not None:
            yield
            return
        _make_folder(self.folder)
        with held(self.folder, timeout):
            self._pending = {}
            try:
                yield
                self._commit(self._pending)
            finally:
                self._pending = None
                self._loaded.clear()

    def names(self) -> list[str]:
        """The names of all stored tables, sorted."""
        stored = set()
        with _reporting("read", self.folder), suppress(FileNotFoundError):
            stored = {
                name.removesuffix(_ENDING)
                for name in os.listdir(self.folder)
                if name.endswith(_ENDING) and _NAME.fullmatch(name)
            }
        for name, rows in (self._pending or {}).items():
            (stored.discard if rows is None else stored.add)(name)
        return sorted(stored)

    def load(self, name: str) -> Rows | None:
        """A table's rows, None where there is no such table. They must not be changed.

        Raises LibraryError, LibraryDamaged, LibraryNewer.
        """
        if self._pending is not None and name in self._pending:
            return self._pending[name]
        path = self._path(name)
        known = self._loaded.pop(name, None)
        with _reporting("read", path):
            try:
                found = os.stat(path)
                signature = (found.st_mtime_ns, found.st_size, found.st_ino)
                if known is None or known.signature != signature:
                    with open(path, "rb") as file:
                        known = _Loaded(signature, decode(file.read(), path))
            except FileNotFoundError:
                return None
        self._loaded[name] = known
        if len(self._loaded) > _KEPT:
            del self._loaded[next(iter(self._loaded))]
        return known.rows

    def _path(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise LibraryError(f"a table cannot be named {name!r}")
        return os.path.join(self.folder, name + _ENDING)

    def _commit(self, changes: Mapping[str, Rows | None]) -> None:
        paths = {self._path(name): rows for name, rows in changes.items()}
        with _reporting("write", self.folder):
            try:
                for path, rows in paths.items():
                    if rows is not None:
                        _write_beside(path, encode(rows))
                for path, rows in paths.items():
                    _keep_backup(path)
                    if rows is not None:
                        os.replace(_beside(path), path)
                    else:
                        _remove(path)
                _flush_folder(self.folder)
            finally:
                for path in paths:
                    _remove(_beside(path))


def encode(rows: Rows) -> bytes:
    """A table as the bytes of its file."""
    whole = {"papertrack": SCHEMA, "rows": rows}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def decode(body: bytes, path: str) -> Rows:
    """The rows in the bytes of the file at `path`. Raises LibraryDamaged, LibraryNewer."""
    # The cyclic collector walks what is being built again and again: three quarters of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        whole = None
    finally:
        if collecting:
            gc.enable()
    schema = whole.get("papertrack") if isinstance(whole, dict) else None
    if isinstance(schema, int) and schema > SCHEMA:
        raise LibraryNewer(
            f"{path} was written by a later papertrack",
            f"its schema is {schema}, this one knows up to {SCHEMA}; it is left untouched",
            "update papertrack: pip install -U papertrack-cli",
        )
    rows = whole.get("rows") if isinstance(whole, dict) and schema == SCHEMA else None
    if not isinstance(rows, dict) or not all(isinstance(row, dict) for row in rows.values()):
        raise LibraryDamaged(
            f"{path} is damaged",
            "it does not hold what papertrack wrote; it is left untouched",
            f"put its last version back: cp '{_backup(path)}' '{path}'",
        )
    return rows


def _beside(path: str) -> str:
    return path + ".new"


def _backup(path: str) -> str:
    return path + ".bak"


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _write_beside(path: str, body: bytes) -> None:
    target = _beside(path)
    _remove(target)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _keep_backup(path: str) -> None:
    """A second name for the old file, where the file system has links; the rename lets it be."""
    spare = _backup(path) + ".new"
    with suppress(OSError):
        _remove(spare)
        os.link(path, spare)
        os.replace(spare, _backup(path))


def _flush_folder(folder: str) -> None:
    if os.name == "posix":  # Windows cannot open a folder
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _make_folder(folder: str) -> None:
    with _reporting("write", folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)


@contextmanager
def _reporting(verb: str, path: str) -> Iterator[None]:
    """Turn what the system says into a LibraryError."""
    try:
        yield
    except OSError as error:
        raise LibraryError(
            f"cannot {verb} the library at {path}",
            error.strerror or str(error),
            "nothing was lost; check the disk and the permissions, or name another with --library",
        ) from error
