"""The commands `feeds list`, `add`, `remove`, `import` and `export`."""

import os
import shlex
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from papertrack.cli import config_file
from papertrack.cli.app import new_app, new_group, run_and_exit
from papertrack.cli.exit_handling import print_message
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.options import format_option, not_blank
from papertrack.cli.session import choose_format, start
from papertrack.errors import UsageError
from papertrack.tracker.wording import count

if TYPE_CHECKING:
    from papertrack.config.records import FeedSettings

app = new_app()
feeds_app = new_group()
app.add_typer(feeds_app, name="feeds", help="List and change the feeds that papers come from.")
_MAX_SIZE = 4 * 2**20
_SHOWN = 20
NameOfFeed = Annotated[
    str, typer.Argument(metavar="NAME", help="name of the feed, as a source: lab")
]


@feeds_app.command("list")
def feeds_list_command(
    context: typer.Context,
    format: Annotated[str, format_option("columns: name, url, every")] = "auto",
) -> None:
    """List the configured feeds. `papertrack sources` shows how they are doing.

    \b
    papertrack feeds list
    """

    def work() -> int:
        session, form = start(context.obj), choose_format(format)
        feeds = session.config.sources.feeds
        if form == "table":
            from papertrack.display import DrawStyle
            from papertrack.display.pairs import draw_pairs

            pairs = ((feed.name, f"{feed.url} (every {feed.every})") for feed in feeds)
            draw_pairs(pairs, sys.stdout, DrawStyle(session.options.color))
        else:
            from papertrack.display.tabular import row_lines

            dicts = (feed._asdict() for feed in feeds)
            sys.stdout.writelines(row_lines("feeds list", dicts, form, session.now))
        if not feeds:
            session.inform("no feeds are configured: papertrack feeds add NAME URL")
        return 0

    run_and_exit(context, work)


@feeds_app.command("add")
def feeds_add_command(
    context: typer.Context,
    name: NameOfFeed,
    url: Annotated[str, typer.Argument(metavar="URL", help="address of an RSS or Atom feed")],
    every: Annotated[
        Literal["hour", "day", "week"],
        typer.Option("--every", help="how often the feed is requested at most"),
    ] = "hour",
) -> None:
    """Add a feed to the configuration file. Reading feeds needs papertrack-cli[feeds].

    The rest of the file is unchanged. A missing file is created. The feed is a source by its name:
    `papertrack today --source lab`, `papertrack search source:lab`.

    \b
    papertrack feeds add lab https://example.org/feed.xml --every day
    """

    def work() -> int:
        from papertrack.config.feed_names import checked_feed
        from papertrack.config.records import FeedSettings

        feed = checked_feed(FeedSettings(name, url, every))
        file = _add(context.obj, [feed])
        undo = _command(context.obj, "remove", feed.name)
        message = f"feed {feed.name!r} added to {file}"
        return _report(context.obj, [message, *_missing_extra()], undo)

    run_and_exit(context, work)


@feeds_app.command("remove")
def feeds_remove_command(context: typer.Context, name: NameOfFeed) -> None:
    """Remove a feed from the configuration file. Its papers stay in the library.

    \b
    papertrack feeds add lab https://example.org/feed.xml
    papertrack feeds remove lab
    """

    def work() -> int:
        from papertrack.config.parsing import parse_config
        from papertrack.config.rewriting import remove_feed

        path = config_file.config_path(context.obj)
        with config_file.lock_for_editing(path):
            text = config_file.read_or_example(path)
            changed = remove_feed(text, path, name)
            feed = next(f for f in parse_config(text, path).sources.feeds if f.name == name)
            config_file.write(path, changed)
        every = () if feed.every == "hour" else ("--every", feed.every)
        undo = _command(context.obj, "add", feed.name, feed.url, *every)
        return _report(context.obj, [f"feed {name!r} removed from {path}"], undo)

    run_and_exit(context, work)


@feeds_app.command("import")
def feeds_import_command(
    context: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            callback=not_blank,
            help="OPML of a feed reader; - for standard input",
        ),
    ],
) -> None:
    """Add the feeds of an OPML file to the configuration file, named after their titles.

    Feeds that are configured already are left out, whatever their name.

    \b
    papertrack feeds import feeds.opml
    """

    def work() -> int:
        return _import(context.obj, file)

    run_and_exit(context, work)


@feeds_app.command("export")
def feeds_export_command(context: typer.Context) -> None:
    """Print the configured feeds as OPML, which feed readers import.

    \b
    papertrack feeds export > feeds.opml
    """

    def work() -> int:
        from papertrack.sources.opml import Outline, write_opml

        feeds = start(context.obj).config.sources.feeds
        sys.stdout.write(write_opml(Outline(feed.name, feed.url) for feed in feeds))
        return 0

    run_and_exit(context, work)


def _import(options: GlobalOptions, file: str) -> int:
    from papertrack.config.feed_keys import MOST_FEEDS
    from papertrack.config.feed_names import checked_feed, name_of_title
    from papertrack.config.parsing import parse_config
    from papertrack.config.records import FeedSettings
    from papertrack.sources.opml import read_opml
    from papertrack.tracker.import_files import name_of

    outlines, path = read_opml(_read(file)), config_file.config_path(options)
    if len(outlines) > MOST_FEEDS:
        raise UsageError(f"{name_of(file)} has more than {MOST_FEEDS:,} feeds")
    stored = parse_config(config_file.read_or_example(path), path).sources.feeds
    names, addresses = {feed.name for feed in stored}, {feed.url for feed in stored}
    feeds: list[FeedSettings] = []
    skipped: list[str] = []
    known = 0
    for outline in outlines:
        if outline.url in addresses:
            known += 1
            continue
        name = name_of_title(outline.title, names)
        try:
            feed = checked_feed(FeedSettings(name, outline.url))
        except UsageError as error:
            skipped.append(f"skipped {outline.title!r}: {error.what}")
            continue
        feeds.append(feed)
        names.add(name)
        addresses.add(outline.url)
    if len(stored) + len(feeds) > MOST_FEEDS:
        raise UsageError(f"{path} would have more than {MOST_FEEDS:,} feeds")
    for line in skipped[:_SHOWN]:
        print_message([line])
    if len(skipped) > _SHOWN:
        print_message([f"{len(skipped) - _SHOWN:,} more were skipped"])
    place = f" to {_add(options, feeds)}" if feeds else ""
    added = ", ".join(feed.name for feed in feeds[:_SHOWN])
    known_text = f", {known:,} known already" if known else ""
    message = f"{count(len(feeds), 'feed')} added{place}{known_text}"
    if added:
        return _report(options, [f"{message}: {added}", *_missing_extra()], "")
    return _report(options, [message], "")


def _read(file: str) -> bytes:
    """The bytes of a file, or of standard input. Raises UsageError."""
    try:
        if file == "-":
            body = sys.stdin.buffer.read(_MAX_SIZE + 1)
        else:
            with open(file, "rb") as stream:
                body = stream.read(_MAX_SIZE + 1)
    except OSError as error:
        raise UsageError(f"cannot read {file}", error.strerror or str(error)) from error
    if len(body) > _MAX_SIZE:
        raise UsageError(f"{file} is larger than 4 MB", "is it the right file?")
    return body


def _missing_extra() -> list[str]:
    """What to say of feeds that were added, if they cannot be read yet."""
    from papertrack.sources.feed_document import install_command

    install = install_command()
    return [f"reading feeds needs: {install}"] if install else []


def _add(options: GlobalOptions, feeds: "list[FeedSettings]") -> str:
    """Add feeds to the configuration file, all or none, and return how to call the file."""
    from papertrack.config.rewriting import add_feeds

    path = config_file.config_path(options)
    with config_file.lock_for_editing(path, new=True):
        created = not os.path.lexists(path)
        text = config_file.read_or_example(path)
        config_file.write(path, add_feeds(text, path, feeds))
    return f"the new file {path}" if created else path


def _command(options: GlobalOptions, *words: str) -> str:
    """A command line to paste that applies to the same configuration file as this run."""
    file = ["--config", options.config] if options.config else []
    return shlex.join(["papertrack", *file, "feeds", *words])


def _report(options: GlobalOptions, messages: list[str], undo: str) -> int:
    if not options.quiet:
        print_message([*messages, *([f"undo: {undo}"] if undo else [])], truncate=False)
    return 0
