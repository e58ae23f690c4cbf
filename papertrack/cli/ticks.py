"""The command `import --ticks`: mark the papers that are ticked in exported notes."""

import os

from papertrack.cli.exit_handling import print_message
from papertrack.cli.session import Session
from papertrack.errors import UsageError
from papertrack.exports.markers import ticked_papers
from papertrack.library.aliases import stored_ids
from papertrack.models import Entry
from papertrack.storage import files
from papertrack.tracker import marks
from papertrack.tracker.wording import count

_IDS_NAMED = 5


def import_ticks(session: Session, path: str, name: str) -> int:
    """Mark the papers that are ticked in a file, or in the markdown files of a folder.

    `name` is the mark: "read" or "star". Raises UsageError if the files cannot be read.
    """
    library, mark = session.library(), marks.MARKS[name]
    ids = list(
        dict.fromkeys(paper_id for file in _files(path) for paper_id in ticked_papers(_read(file)))
    )
    stored = stored_ids(library, ids)
    ids = list(dict.fromkeys(stored.get(paper_id, paper_id) for paper_id in ids))
    entries = library.entries(ids)
    changed = [key for key in ids if key in entries and _would_change(mark, entries[key])]
    marks.apply_mark(library, mark, changed, session.now)
    if missing := [paper_id for paper_id in ids if paper_id not in entries]:
        named = ", ".join(missing[:_IDS_NAMED])
        print_message([f"{count(len(missing), 'ticked paper')} not in the library: {named}"])
    already = len(ids) - len(missing) - len(changed)
    session.inform(f"{count(len(changed), 'ticked paper')} {mark.done}, {already:,} already")
    if changed:
        session.inform("undo: papertrack undo")
    return 0


def _would_change(mark: marks.Mark, entry: Entry) -> bool:
    return mark.change(entry.state) != entry.state


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
