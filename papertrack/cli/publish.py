"""The command `publish`."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, cast

import typer

from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.date_ranges import parse_range
from papertrack.cli.options import SinceOption, not_blank
from papertrack.cli.session import Session, start
from papertrack.errors import UsageError
from papertrack.publishing import SiteOptions
from papertrack.tracker.wording import count

if TYPE_CHECKING:
    from papertrack.publishing.automation import Kind

app = new_app()
_FolderArgument = Annotated[
    str | None, typer.Argument(metavar="[DIR]", callback=not_blank, help="folder of the site")
]
_GithubOption = Annotated[
    bool, typer.Option("--github", help="print a GitHub workflow that keeps the site fresh")
]
_GitlabOption = Annotated[
    bool, typer.Option("--gitlab", help="print a GitLab job that keeps the site fresh")
]
_CronOption = Annotated[
    bool,
    typer.Option(
        "--cron", help="print a script that cron runs to keep the site fresh, with git push"
    ),
]
_InstallOption = Annotated[
    bool, typer.Option("--install", help="write it into the repository of the configuration")
]
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
    folder: _FolderArgument = None,
    starred: _StarredOption = False,
    since: SinceOption = None,
    url: _UrlOption = None,
    github: _GithubOption = False,
    gitlab: _GitlabOption = False,
    cron: _CronOption = False,
    install: _InstallOption = False,
) -> None:
    """Write a static site of the library into a folder.

    It has pages of the newest day, of each topic, day and month, and of what is trending, each also
    as BibTeX and JSON, Atom feeds, and a search that needs no server. Only files that change are
    replaced, and your own files in the folder stay. Your notes and tags, and what you read or hid,
    are not published.

    \b
    papertrack publish site/
    papertrack publish site/ --starred --url https://example.org/papers
    papertrack publish --github --install

    With --github, --gitlab or --cron, the configuration (--config config.yaml) and its library
    (--library library) are in a git repository, to which each run pushes what is new. A run
    fetches, delivers alerts, and writes the site into DIR, by default "site", and the papers in
    README.md.
    """

    def work() -> int:
        kinds = {"github": github, "gitlab": gitlab, "cron": cron}
        if any(kinds.values()) or install:
            return _automate(context, kinds, folder or "site", install=install)
        if folder is None:
            raise UsageError(
                "the folder of the site is missing", next_step="papertrack publish site/"
            )
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


def _automate(
    context: typer.Context, kinds: Mapping[str, bool], site: str, *, install: bool
) -> int:
    from papertrack.cli.publish_automation import print_or_install

    chosen = [kind for kind, is_chosen in kinds.items() if is_chosen]
    if len(chosen) != 1:
        raise UsageError("choose --github, --gitlab or --cron")
    return print_or_install(context, cast("Kind", chosen[0]), site, install=install)


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
    from papertrack.tracker.edition_notes import notes_on_empty_library

    tracker = session.tracker()
    _check_place(folder, tracker.library.folder)
    done = publish(tracker, options, folder)
    removed = f", {done.removed:,} removed" if done.removed else ""
    changes = f"{done.written:,} changed{removed}"
    notes = notes_on_empty_library(tracker)
    session.inform(f"{count(done.files, 'file')} in {folder}: {changes}", *notes)
    return session.exit_code()


def _check_place(folder: str, library: str | None) -> None:
    """Raise UsageError if whoever publishes the folder of a site publishes the library with it."""
    from pathlib import Path

    if library is None:
        return
    site, stored = Path(folder).resolve(), Path(library).resolve()
    if site.is_relative_to(stored) or stored.is_relative_to(site):
        raise UsageError(
            f"the library {library} would be published with {folder}",
            "it has your notes and tags",
            "publish to another folder",
        )
