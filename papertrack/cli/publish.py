"""The command `publish`."""

from typing import Annotated

import typer

from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.session import Session, start
from papertrack.publishing import SiteOptions
from papertrack.tracker.wording import count

app = new_app()
_FolderArgument = Annotated[str, typer.Argument(metavar="DIR", help="folder of the site")]
_StarredOption = Annotated[
    bool, typer.Option("--starred", help="add a page of your starred papers, and show stars")
]
_UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url", metavar="URL", help="address of the published folder, for feeds and sitemap"
    ),
]


@app.command("publish")
def publish_command(
    context: typer.Context,
    folder: _FolderArgument,
    starred: _StarredOption = False,
    url: _UrlOption = None,
) -> None:
    """Write a static site of the library into a folder.

    It has a page of today, of each topic, day and month, feeds, bibliographies, and a search that
    needs no server. Only files that change are replaced; your own files in the folder stay. Notes,
    tags, and what you read or hid, are not published.

    \b
    papertrack publish site/
    papertrack publish site/ --starred --url https://example.org/papers
    """

    def work() -> int:
        return _publish(start(context.obj), folder, SiteOptions(url=url, starred=starred))

    run_and_exit(context, work)


def _publish(session: Session, folder: str, options: SiteOptions) -> int:
    from papertrack.publishing.site import publish

    done = publish(session.tracker(), options, folder)
    session.inform(f"{count(done.files, 'file')} in {folder}, {done.written:,} of them changed")
    return session.exit_code()
