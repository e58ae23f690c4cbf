"""Edit the note of a paper in the reader's editor."""

import os
import sys

from papertrack.errors import UsageError
from papertrack.models import Entry
from papertrack.text import clean, readable, shorten

_NOTE_SHOWN = 60


def edit_note(entry: Entry) -> str:
    """Let the reader edit the note of a paper; return its text.

    Raises UsageError if that is not possible.
    """
    if not sys.stdin.isatty():
        raise UsageError("no terminal to edit the note on", next_step="give the text: note ID TEXT")
    import shlex
    import subprocess
    from tempfile import TemporaryDirectory

    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with TemporaryDirectory(prefix="papertrack-") as folder:
        path = os.path.join(folder, "note.txt")
        title = shorten(clean(readable(entry.paper.title)), _NOTE_SHOWN)
        heading = f"# {title}  (lines with # are left out)"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"{entry.state.note or ''}\n\n{heading}\n")
        try:
            ended = subprocess.run([*shlex.split(editor), path], check=False)  # noqa: S603
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"cannot start the editor {editor!r}", why) from error
        if ended.returncode:
            raise UsageError(f"the editor {editor!r} failed; the note is unchanged")
        if not os.path.exists(path):
            raise UsageError(f"the editor {editor!r} deleted its file; the note is unchanged")
        with open(path, encoding="utf-8", errors="replace") as file:
            return "".join(line for line in file if not line.startswith("#"))
