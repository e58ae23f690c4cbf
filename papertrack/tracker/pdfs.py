"""Download the PDFs of stored papers from arXiv, with file names from their metadata."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from papertrack import fields
from papertrack.errors import SourceError, UsageError
from papertrack.exports.citations import year
from papertrack.exports.file_names import ascii_name, paper_name
from papertrack.models import Entry
from papertrack.storage import files

if TYPE_CHECKING:  # importing these would import the network client
    from papertrack.sources import Source
    from papertrack.sources.downloads import Progress
    from papertrack.sources.http import HttpClient

SIZE_LIMIT = 200 * 2**20  # bytes; arXiv accepts submissions of 50 MB
_OLD = timedelta(days=30)
_HEAD, _TAIL = 1024, 2048  # bytes that readers of PDF search for its first and last mark
_MAX_AUTHOR, _MAX_TITLE = 40, 80  # characters: names have at most 255 bytes


def pdf_name(entry: Entry, template: str) -> str:
    """Return the file name for the PDF of a paper, valid on every operating system.

    The fields of the template that are unknown are left out, with the space before them.
    """
    paper = entry.paper
    first_author = "".join(paper.authors[:1]).split()
    values = {
        "id": paper_name(paper.id),
        "author": ascii_name("".join(first_author[-1:]))[:_MAX_AUTHOR],
        "year": year(fields.paper(entry)),
        "title": _cut(ascii_name(paper.title), _MAX_TITLE),
    }
    return " ".join(template.format(**values).split()) + ".pdf"


def download_pdf(
    paper_id: str,
    path: str,
    arxiv: "Source",
    connect: "Callable[[], HttpClient]",
    progress: "Progress",
) -> None:
    """Download the PDF of a paper to a path, continuing an earlier download that broke off.

    The file appears when it is complete. Raises SourceError, of kind "not-a-pdf" for a response
    that is not a complete PDF, and UsageError if the file cannot be written.
    """
    from papertrack.sources.downloads import Download

    download = Download(path, SIZE_LIMIT, progress)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with connect() as client:
            arxiv.download_pdf(client, paper_id, download)
        problem = _problem(download.part)
        if problem:
            download.discard()
            raise SourceError(arxiv.name, "not-a-pdf", f"arXiv sent {problem} for {paper_id}")
        download.finish()
    except (OSError, files.UnusableFile) as error:
        if os.path.isdir(os.path.dirname(path)):
            download.discard()  # the disk may be full
        why = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot write {path}", why, "name another folder with --to") from error


def remove_old_parts(folder: str, now: datetime) -> int:
    """Delete downloads that nobody has continued for a month; return how many there were."""
    from papertrack.sources import downloads

    with suppress(OSError):
        return downloads.remove_old_parts(folder, (now - _OLD).timestamp())
    return 0


def _problem(path: str) -> str | None:
    """Return a description of a file that is not a complete PDF, None for a complete PDF."""
    with files.open_for_reading(path) as (descriptor, status):
        head = files.read_up_to(descriptor, _HEAD)
        os.lseek(descriptor, max(0, status.st_size - _TAIL), os.SEEK_SET)
        tail = files.read_up_to(descriptor, _TAIL)
    if b"%PDF-" not in head:
        return "a web page" if head.lstrip().startswith(b"<") else "a file that is not a PDF"
    return None if b"%%EOF" in tail else "an incomplete PDF"


def _cut(name: str, length: int) -> str:
    """Return a name of words joined by hyphens, cut after a word if possible."""
    if len(name) <= length:
        return name
    return name[: length + 1].rpartition("-")[0] or name[:length]
