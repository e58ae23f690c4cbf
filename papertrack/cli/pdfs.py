"""The command `pdf`."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from papertrack.cli import printed_rows
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.exit_handling import print_message
from papertrack.cli.options import IdsArgument, not_blank
from papertrack.cli.progress import download_progress
from papertrack.cli.session import Session, start
from papertrack.config.folders import expand_home
from papertrack.errors import ALL_SOURCES_FAILED, INCOMPLETE, SourceError, UsageError
from papertrack.identifiers import pdf_url
from papertrack.models import Entry
from papertrack.sources import Source, connect
from papertrack.sources.factory import make_source
from papertrack.tracker import pdfs
from papertrack.tracker.wording import count

_FOLDER = "~/papers/pdf"
_MIN_SECONDS = 120.0  # for a file
_MEGABYTE = 1e6
app = new_app()


@app.command("pdf")
def pdf_command(
    context: typer.Context,
    ids: IdsArgument,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="DIR",
            callback=not_blank,
            help="folder, instead of the configured folder",
        ),
    ] = None,
) -> None:
    """Download the PDFs of papers from arXiv, and print their paths.

    Existing files are not downloaded again. An interrupted download continues at the next call.
    `pdf:` in the configuration sets the folder and the names of files.

    \b
    papertrack pdf 2603.10165
    papertrack pdf 2603.10165 --to papers
    """

    def work() -> int:
        session = start(context.obj)
        tracker = session.tracker()
        paper_ids = printed_rows.resolve(tracker, ids)
        without = [paper_id for paper_id in paper_ids if not pdf_url(paper_id)]
        if without:
            raise UsageError(
                f"no PDF is known for {', '.join(without)}",
                next_step="`papertrack open ID` opens the page of a paper",
            )
        entries = tracker.library.entries(dict.fromkeys(paper_ids))
        folder = expand_home(to or session.config.pdf.folder or _FOLDER)
        failed = _download_all(session, list(entries.values()), folder)
        if removed := pdfs.remove_old_parts(folder, session.now):
            session.inform(f"removed {count(removed, 'unfinished download')} older than a month")
        if failed == len(entries):
            return ALL_SOURCES_FAILED
        return INCOMPLETE if failed else 0

    run_and_exit(context, work)


def _download_all(session: Session, entries: Sequence[Entry], folder: str) -> int:
    """Download the PDFs that are missing, print all paths, and return how many failed."""
    arxiv = make_source("arxiv", session.config.sources["arxiv"])
    failed = 0
    for entry in entries:
        path = os.path.join(folder, pdfs.pdf_name(entry, session.config.pdf.name))
        if os.path.exists(path):
            session.inform(f"{entry.paper.id} was downloaded before")
        else:
            try:
                _download(session, arxiv, entry.paper.id, path)
            except SourceError as error:
                next_step = "run again: a download continues where it ended"
                print_message([f"{entry.paper.id} was not downloaded", error.what, next_step])
                failed += 1
                continue
        sys.stdout.write(f"{path}\n")
        sys.stdout.flush()
    return failed


def _download(session: Session, arxiv: Source, paper_id: str, path: str) -> None:
    """Download a PDF, with progress. Raises SourceError, UsageError."""
    network = session.config.network
    seconds = max(_MIN_SECONDS, network.deadline_seconds)
    with download_progress(session.options, f"Downloading {paper_id}") as update:
        pdfs.download_pdf(
            paper_id,
            os.path.abspath(path),
            arxiv,
            lambda: connect(network.user_agent, seconds),
            update,
        )
    session.inform(f"downloaded {paper_id}, {os.path.getsize(path) / _MEGABYTE:,.1f} MB")
