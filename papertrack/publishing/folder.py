"""Writing the files of a site into a folder that may have other files, too.

The manifest `.papertrack-site` lists the files that papertrack wrote: a line for each, with the
checksum of its content. A line is appended before a file is replaced, so that a run that is killed
leaves no file that the next run would take for another program's; at the end the manifest is sorted
and replaced. Files that are not in it are never changed. A file of a page that no longer exists is
removed if its content is as papertrack wrote it.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b

from papertrack.errors import LibraryBusy, UsageError
from papertrack.publishing import Published
from papertrack.storage import files
from papertrack.storage.lock import lock_file

MANIFEST = ".papertrack-site"
_PATIENCE = 60  # seconds to wait for another run
_LINE = re.compile(r"([0-9a-f]{32}) ([a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)*)")


class SiteFolder:
    """The folder of a site while it is written."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._manifest = os.path.join(path, MANIFEST)
        self._known = self._read_manifest()
        self._current: dict[str, str] = {}
        self._written = 0

    def write(self, name: str, body: bytes) -> None:
        """Replace a file of the site unless it has this content. Raises UsageError, OSError.

        `name` is the path within the folder, with slashes.
        """
        checksum = _checksum(body)
        self._current[name] = checksum
        if self.check(name, body):
            return
        path = self._path_of(name)
        self._check_parent(path)
        self._append(name, checksum)
        rights = files.permissions_or_default(path)
        with files.open_replacement(path, rights, durable=False) as descriptor:
            files.write_all(descriptor, body)
        self._written += 1

    def check(self, name: str, body: bytes) -> bool:
        """Whether a file has this content already.

        Raises UsageError if another program wrote it, and OSError.
        """
        path = self._path_of(name)
        old = _content(path)
        if old not in (None, body) and name not in self._known:
            raise UsageError(
                f"{path} is not a file of papertrack",
                f"{MANIFEST} does not list it",
                "move it, or publish to another folder",
            )
        return old == body

    def finish(self) -> Published:
        """Remove the files of former pages, and write the manifest. Raises OSError."""
        removed = sum(map(self._remove, self._known.keys() - self._current.keys()))
        lines = "".join(f"{self._current[name]} {name}\n" for name in sorted(self._current))
        if _content(self._manifest) != lines.encode():
            rights = files.permissions_or_default(self._manifest)
            with files.open_replacement(self._manifest, rights, durable=False) as descriptor:
                files.write_all(descriptor, lines.encode())
        return Published(len(self._current), self._written, removed)

    def _path_of(self, name: str) -> str:
        return os.path.join(self._path, *name.split("/"))

    def _read_manifest(self) -> dict[str, set[str]]:
        """The checksums of each listed file; several if a run was killed."""
        known: dict[str, set[str]] = {}
        for line in (_content(self._manifest) or b"").decode(errors="replace").splitlines():
            if match := _LINE.fullmatch(line):
                known.setdefault(match[2], set()).add(match[1])
        return known

    def _append(self, name: str, checksum: str) -> None:
        with open(self._manifest, "a", encoding="utf-8", newline="\n") as file:
            file.write(f"{checksum} {name}\n")

    def _check_parent(self, path: str) -> None:
        """Create the folder of a file. Raises UsageError if it is a link that leads elsewhere."""
        parent, root = os.path.realpath(os.path.dirname(path)), os.path.realpath(self._path)
        if os.path.commonpath((parent, root)) != root:
            raise UsageError(f"{os.path.dirname(path)} is a link out of {self._path}")
        os.makedirs(parent, exist_ok=True)

    def _remove(self, name: str) -> bool:
        """Remove the file of a former page if it is unchanged; return whether it was."""
        path = self._path_of(name)
        content = None if os.path.islink(path) else _content(path)
        if content is None or _checksum(content) not in self._known[name]:
            return False
        files.remove(path)
        if "/" in name:
            with suppress(OSError):  # It has other files.
                os.rmdir(os.path.dirname(path))
        return True


@contextmanager
def open_site(path: str) -> Iterator[SiteFolder]:
    """Open the folder of a site, which is created, for this process alone.

    Raises UsageError if it cannot be written, and LibraryBusy if another run does not end.
    """
    try:
        os.makedirs(path, exist_ok=True)
        with _locked(path):
            yield SiteFolder(path)
    except (OSError, files.UnusableFile) as error:
        why = getattr(error, "strerror", None) or str(error)
        place = getattr(error, "filename", None) or path
        raise UsageError(f"cannot write {place}", why, "publish to another folder") from error


@contextmanager
def _locked(path: str) -> Iterator[None]:
    if os.name != "posix":  # Windows cannot open folders, and has no such locks.
        yield
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        try:
            lock_file(descriptor, _PATIENCE)
        except TimeoutError:
            raise LibraryBusy(
                "another papertrack is publishing",
                f"it has locked {path} for more than {_PATIENCE} s",
                "try again in a moment",
            ) from None
        yield
    finally:
        os.close(descriptor)


def _content(path: str) -> bytes | None:
    """The content of a file, None if there is none. Raises OSError, UnusableFile."""
    try:
        return files.read(path)
    except FileNotFoundError:
        return None


def _checksum(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()
