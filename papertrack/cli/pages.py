"""The commands `open` and `cite`."""

import sys
from collections.abc import Sequence
from typing import Annotated, Literal

import typer

from papertrack import exports, fields
from papertrack.cli import printed_rows
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.options import IdsArgument
from papertrack.cli.other_programs import Page, copy_with_program, find_browser, page_address
from papertrack.cli.output import write_sequence
from papertrack.cli.session import Session, start
from papertrack.errors import UsageError
from papertrack.exports.citations import text_reference
from papertrack.models import Report
from papertrack.text import readable
from papertrack.tracker import marks, papers
from papertrack.tracker.wording import count

_MAX_OPENED = 20
_NAMES = {
    "page": "page",
    "pdf": "PDF",
    "code": "code",
    "hf": "page at Hugging Face",
    "html": "HTML version",
}
app = new_app()


@app.command("open")
def open_command(
    context: typer.Context,
    ids: IdsArgument,
    pdf: Annotated[bool, typer.Option("--pdf", help="open the PDF")] = False,
    code: Annotated[bool, typer.Option("--code", help="open the code")] = False,
    hf: Annotated[bool, typer.Option("--hf", help="open the page at Hugging Face")] = False,
    html: Annotated[bool, typer.Option("--html", help="open arXiv's HTML version")] = False,
) -> None:
    """Open papers in the browser; over ssh or without a browser, print their addresses.

    The browser is $BROWSER or that of the system. With `read_on_open: true` in the configuration,
    opened papers are marked as read.

    \b
    papertrack open 2603.10165
    papertrack open 3 --pdf
    """

    def work() -> int:
        options: dict[Page, bool] = {"pdf": pdf, "code": code, "hf": hf, "html": html}
        chosen = [page for page, is_chosen in options.items() if is_chosen]
        if len(chosen) > 1:
            raise UsageError("--pdf, --code, --hf and --html cannot be combined")
        return _open(start(context.obj), ids, chosen[0] if chosen else "page")

    run_and_exit(context, work)


def _open(session: Session, ids: Sequence[str], page: Page) -> int:
    tracker = session.tracker()
    paper_ids = printed_rows.resolve(tracker, ids)
    if len(paper_ids) > _MAX_OPENED:
        raise UsageError(
            f"{count(len(paper_ids), 'page')} at once is too many",
            next_step=f"open at most {_MAX_OPENED}, or `papertrack export -f html -o papers.html`",
        )
    entries = tracker.library.entries(paper_ids)
    without = [paper_id for paper_id in paper_ids if not page_address(entries[paper_id], page)]
    if without:
        named = ", ".join(without)
        raise UsageError(f"no {_NAMES[page]} is known for {named}", next_step="try another page")
    browser = find_browser()
    for entry in entries.values():
        address = page_address(entry, page) or ""
        if browser is None or not browser.open(address):
            sys.stdout.write(f"{address}\n")
        else:
            session.inform(f"opened {entry.paper.id}: {readable(entry.paper.title)}")
    if session.config.read_on_open:
        marks.apply_mark(tracker.library, marks.MARKS["read"], paper_ids, session.now)
    return 0


@app.command("cite")
def cite_command(
    context: typer.Context,
    ids: IdsArgument,
    style: Annotated[
        Literal["bibtex", "ris", "text"], typer.Option(help="form of the reference")
    ] = "bibtex",
    utf8: Annotated[
        bool, typer.Option("--utf8", help="keep letters in BibTeX that are not ASCII, for Biber")
    ] = False,
    copy: Annotated[
        bool, typer.Option("--copy", help="copy to the clipboard instead of printing")
    ] = False,
) -> None:
    """Print references to papers.

    \b
    papertrack cite 2603.10165
    papertrack cite 3 5-7 --style ris
    papertrack cite 2603.10165 --copy
    """

    def work() -> int:
        session = start(context.obj)
        tracker = session.tracker()
        report = papers.show(tracker, printed_rows.resolve(tracker, ids))
        text = references(report, style, utf8=utf8)
        if copy:
            _copy(text)
            session.inform(f"copied {count(report.sections[0].total, 'reference')}")
        else:
            sys.stdout.write(text)
        return session.exit_code()

    run_and_exit(context, work)


def references(report: Report, style: str, *, utf8: bool = False) -> str:
    """Return the references only, without abstracts and the comment at the top of the file."""
    if style == "text":
        entries = (entry for section in report.sections for entry in section.entries)
        return "".join(f"{text_reference(fields.paper(entry))}\n" for entry in entries)
    sections = tuple(
        section._replace(
            entries=tuple(
                entry._replace(paper=entry.paper._replace(abstract=None, keywords=()))
                for entry in section.entries
            )
        )
        for section in report.sections
    )
    text = "".join(exports.render(style, report._replace(sections=sections), utf8=utf8))
    if style != "bibtex":
        return text
    _, at, rest = text.partition("@")  # No entry if the file of the paper is damaged.
    return at + rest


def _copy(text: str) -> None:
    """Copy a text to the clipboard, with a program or through the terminal (OSC 52).

    Raises UsageError if neither is possible.
    """
    if copy_with_program(text):
        return
    if not sys.stderr.isatty():
        raise UsageError(
            "no clipboard was found", next_step="install wl-copy or xclip, or leave out --copy"
        )
    from base64 import b64encode

    write_sequence(f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07")
