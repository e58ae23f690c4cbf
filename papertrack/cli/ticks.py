"""What the reader ticked in exported notes, read back into the library."""

import os

from papertrack.cli.exit_handling import print_error
from papertrack.cli.session import Session
from papertrack.errors import UsageError
from papertrack.exports.markers import ticked
from papertrack.storage import files
from papertrack.tracker import marks
from papertrack.tracker.wording import count

_ON_A_LINE = 20
_OFFERED = 5


def import_ticks(session: Session, path: str, mark: str) -> int:
    """Mark the papers that are ticked in a file, or in the markdown files of a folder, as `mark`
    ("read" or "star") does. Raises UsageError where there is nothing to read.
    """
    library, done = session.library(), marks.MARKS[mark]
    wanted = list(dict.fromkeys(one for file in _files(path) for one in ticked(_read(file))))
    known = library.entries(wanted)
    fresh = [one for one in wanted if one in known and done.change(s := known[one].state) != s]
    marks.apply_mark(library, done, fresh)
    if missing := [one for one in wanted if one not in known]:
        offered = ", ".join(missing[:_OFFERED])
        print_error([f"{count(len(missing), 'ticked paper')} not in the library: {offered}"])
    if not session.anywhere.quiet:
        already = len(wanted) - len(missing) - len(fresh)
        print_error([f"{count(len(fresh), 'ticked paper')} {done.done}, {already:,} already"])
        for first in range(0, len(fresh), _ON_A_LINE):
            print_error(
                [f"undo: papertrack {done.undo} {' '.join(fresh[first : first + _ON_A_LINE])}"]
            )
    return 0


def _files(path: str) -> list[str]:
    if not os.path.isdir(path):
        return [path]
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        raise UsageError(f"cannot read {path}", error.strerror or str(error)) from error
    return [os.path.join(path, name) for name in names if name.endswith(".md")]


def _read(path: str) -> str:
    try:
        return files.read(path).decode("utf-8", "replace")
    except (OSError, files.UnusableFile) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot read {path}", why) from error
