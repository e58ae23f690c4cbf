"""The command `publish`."""

import re
from typing import Annotated

import typer

from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.date_ranges import parse_range
from papertrack.cli.options import SinceOption
from papertrack.cli.session import Session, start
from papertrack.errors import UsageError
from papertrack.publishing import SiteOptions
from papertrack.tracker.wording import count

app = new_app()
_FolderArgument = Annotated[str, typer.Argument(metavar="DIR", help="folder of the site")]
_StarredOption = Annotated[
    bool, typer.Option("--starred", help="add a page of your starred papers, and show the stars")
]
_UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="address of the published folder, for sitemap and feeds; by default site.url of the "
        "configuration",
    ),
]


@app.command("publish")
def publish_command(
    context: typer.Context,
    folder: _FolderArgument,
    starred: _StarredOption = False,
    since: SinceOption = None,
    url: _UrlOption = None,
) -> None:
    """Write a static site of the library into a folder.

    It has pages of the newest day, of each topic, day and month, and of what is trending, each also
    as BibTeX and JSON, Atom feeds, and a search that needs no server. Only files that change are
    replaced, and your own files in the folder stay. Your notes and tags, and what you read or hid,
    are not published.

    \b
    papertrack publish site/
    papertrack publish site/ --starred --url https://example.org/papers
    """

    def work() -> int:
        session = start(context.obj)
        first, _ = parse_range(session, since, None)
        options = SiteOptions(
            title=session.config.site.title,
            url=_checked(url) or session.config.site.url,
            starred=starred,
            since=first,
            cross_lists=session.config.sources.cross_lists,
        )
        return _publish(session, folder, options)

    run_and_exit(context, work)


def _checked(url: str | None) -> str | None:
    """The address as the configuration has it. Raises UsageError."""
    from papertrack.config.shared_types import URL

    if url is None:
        return None
    address = URL.normalize(url)
    if not re.fullmatch(URL.pattern, address):
        raise UsageError(f"--url is not {URL.what}", next_step=URL.suggestion())
    return address


def _publish(session: Session, folder: str, options: SiteOptions) -> int:
    from papertrack.publishing.site import publish

    done = publish(session.tracker(), options, folder)
    removed = f", {done.removed:,} removed" if done.removed else ""
    session.inform(f"{count(done.files, 'file')} in {folder}: {done.written:,} changed{removed}")
    return session.exit_code()
