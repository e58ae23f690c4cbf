"""Ids as people type or pipe them: `-` stands for the ids on standard input."""

import sys
from collections.abc import Sequence
from datetime import date

from papertrack.cli.exit_handling import print_message
from papertrack.errors import UsageError
from papertrack.identifiers import arxiv_problem, ids_in
from papertrack.tracker.wording import count

_MAX_BYTES = 50_000_000


def typed_ids(texts: Sequence[str], today: date) -> list[str]:
    """Return the arguments of a command, with `-` replaced by the ids on standard input.

    Raises UsageError if standard input has no ids.
    """
    if "-" not in texts:
        return list(texts)
    piped = _piped_ids(today)
    return [word for text in texts for word in (piped if text == "-" else [text])]


def _piped_ids(today: date) -> list[str]:
    """The ids in all lines, which may be ids, URLs, printed papers, or text that contains ids.

    A line that is an id which cannot exist is returned unchanged, so that it is reported.
    """
    content = sys.stdin.buffer.read(_MAX_BYTES).decode(errors="replace")
    ids: list[str] = []
    ignored = 0
    for line in filter(None, map(str.strip, content.splitlines())):
        # The first fields of a printed paper are its section and its id.
        parts = (*line.split("\t")[:2], line)
        of_line = next(filter(None, (ids_in(part, today) for part in parts)), [])
        if not of_line and arxiv_problem(line, today):
            of_line = [line]
        ignored += not of_line
        ids += of_line
    if not ids:
        raise UsageError(
            "standard input has no ids",
            next_step="pipe an id per line, or text with ids or addresses of papers",
        )
    if ignored:
        print_message([f"ignored {count(ignored, 'line')} without an id"])
    return ids
