"""Temporary files of the tests, in memory where Linux has a folder for that.

Tests flush thousands of files and would wait for the disk. A folder in TMPDIR is respected. What a
failed test leaves stays for inspection in that folder, as usual.
"""

import os
import tempfile

from filelock import FileLock

_MEMORY = "/dev/shm"
_NEEDED = 2**28  # bytes; the tests take a quarter of it at a time


def _is_usable():
    """Whether it can be written, has room, and its files may be executed."""
    if not os.access(_MEMORY, os.R_OK | os.W_OK | os.X_OK):
        return False
    status = os.statvfs(_MEMORY)
    return status.f_bavail * status.f_frsize >= _NEEDED and not status.f_flag & os.ST_NOEXEC


if "TMPDIR" not in os.environ and _is_usable():
    os.environ["TMPDIR"] = tempfile.tempdir = _MEMORY  # of this process and those that it starts

# All runs of papertrack share one, as all programs of a user do; it is deleted at the end. Those of
# workers are inside that of the process that starts them, which kills workers that end slowly.
_OURS = "PAPERTRACK_TESTS_FOLDER"
TEMPORARY = tempfile.TemporaryDirectory(prefix="papertrack-tests-", dir=os.environ.get(_OURS))
os.environ.setdefault(_OURS, TEMPORARY.name)


def lock_of_all(name):
    """A lock with a name, shared by the processes of a run of the tests."""
    return FileLock(os.path.join(os.environ[_OURS], f"{name}.lock"), poll_interval=0.01)
