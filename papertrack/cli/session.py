"""The session of a command: its clock, configuration, library and output."""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from papertrack import __version__, log
from papertrack.calendar import EARLIEST_YEAR, LATEST_YEAR, parse_moment
from papertrack.cli.exit_handling import print_message
from papertrack.cli.global_options import TO_COMPLETE, GlobalOptions
from papertrack.cli.output import write_utf8
from papertrack.cli.progress import DelayedProgress, shows_progress
from papertrack.config import Config, load_for_papers, resolve_library, resolve_path
from papertrack.display import FORMATS, HUMAN_FORMATS, DrawStyle, Format, lines, write
from papertrack.errors import ALL_SOURCES_FAILED, INCOMPLETE, LibraryError, UsageError
from papertrack.identifiers import is_safe_argument
from papertrack.models import Failure, Report
from papertrack.source_registry import short_title
from papertrack.tracker import Tracker, no_progress

if TYPE_CHECKING:  # commands that read no papers must not import these
    from collections.abc import Callable, Iterable, Iterator

    from papertrack.library.library import Library
    from papertrack.models import Entry
    from papertrack.storage.damage import Damage


_MAX_LINES = 3


class Session(NamedTuple):
    """A run of a command: the global options, the time it started (UTC) and the configuration.

    `damage` collects the damaged tables that were read.
    """

    options: GlobalOptions
    now: datetime
    config: Config
    damage: "list[Damage]"

    @property
    def folder(self) -> str:
        """The folder of the library."""
        return resolve_library(self.options.library, os.environ, self.config)

    def library(self, on_damage: "Callable[[Damage], None] | None" = None) -> "Library":
        """Open the library of this run; `on_damage` is called for each damaged table."""
        from papertrack.library.library import Library

        folder = self.folder
        if self.options.verbose:
            config = self.config.path or "none: the defaults"
            print_message([f"library {folder}", f"configuration {config}"])
        return Library(folder, on_damage or _damage_reporter(self.damage))

    def tracker(self) -> Tracker:
        """Open the library with the configured topics, and with a progress bar on a terminal."""
        watched = shows_progress(self.options)
        progress = DelayedProgress(self.options) if watched else no_progress
        return Tracker(
            self.library(),
            self.config.topics,
            self.now,
            progress=progress,
            recommends=self.config.recommend,
        )

    def inform(self, *lines: str) -> None:
        """Print a message on stderr, unless --quiet was given."""
        if not self.options.quiet:
            print_message(lines)

    def show(self, report: Report, form: Format, *, cards: bool = False) -> int:
        """Write a report to stdout and its failures to stderr; return the exit code."""
        if form == "table":
            self._show_table(report, cards=cards)
        elif form == "jsonl":
            from papertrack.display.structured import jsonl_utf8

            write_utf8(jsonl_utf8(report))
        else:
            style = DrawStyle(cards=cards)
            piped = form in ("ids", "plain") and not cards
            sys.stdout.writelines((lines_for_pipes if piped else lines)(report, form, style))
        sys.stdout.flush()
        if form not in ("table", "json", "md"):
            if self.options.verbose:
                print_message([report.headline])
            for note in report.notes:
                self.inform(note)
        return self.exit_code(report_failures(report, _after_failure(report)))

    def exit_code(self, code: int = 0) -> int:
        """The exit code of a command that has read the library: 5 if some of it is unreadable."""
        unreadable = any(damage.fallback is None for damage in self.damage)
        return LibraryError.exit_code if unreadable else code

    def _show_table(self, report: Report, *, cards: bool) -> None:
        """Draw a table, page it if it is longer than the terminal, and store its rows."""
        from papertrack.cli import printed_rows
        from papertrack.cli.pager import page_if_long

        style = DrawStyle(self.options.color, cards=cards, links=self.shows_links())
        sections = tuple(s._replace(entries=tuple(s.entries)) for s in report.sections)
        report = report._replace(sections=sections)
        paged = self.options.pager and self.config.pager == "auto"
        page_if_long(lambda out: write(report, "table", out, style), paged=paged)
        if not cards:
            # The papers of the sample are not in the library, so their numbers mean nothing.
            rows = () if report.sample else [e.paper.id for s in sections for e in s.entries]
            printed_rows.save(rows, os.environ)

    def shows_links(self) -> bool:
        """Whether ids and titles in tables are hyperlinks."""
        setting = self.config.links if self.options.links else "never"
        if setting == "auto":
            # The Linux console and dumb terminals print the escape sequences as text.
            return sys.stdout.isatty() and os.environ.get("TERM") not in (None, "dumb", "linux")
        return setting == "always"


def lines_for_pipes(report: Report, form: Format, style: DrawStyle) -> "Iterator[str]":
    """The lines of a report for `xargs papertrack star` and the like.

    Papers with ids that a command could take for an option or the number of a row are left out,
    and named on stderr at the end.
    """
    left_out: list[str] = []

    def safe(entries: "Iterable[Entry]") -> "Iterator[Entry]":
        for entry in entries:
            if is_safe_argument(entry.paper.id):
                yield entry
            else:
                left_out.append(entry.paper.id)

    sections = tuple(s._replace(entries=safe(s.entries)) for s in report.sections)
    yield from lines(report._replace(sections=sections), form, style)
    if left_out:
        names = ", ".join(map(repr, left_out[:_MAX_LINES])) + ", …" * (len(left_out) > _MAX_LINES)
        problem = f"left out what commands would not take for ids: {names}"
        print_message([problem, "for other ids, run papertrack library verify --repair"])


def _damage_reporter(reported: "list[Damage]") -> "Callable[[Damage], None]":
    """Return a function that collects and logs all damage, and prints the first."""

    def report(damage: "Damage") -> None:
        log.warning("damage", problem=str(damage))
        if not reported:
            print_message(
                [str(damage), "see `papertrack library verify` for the rest of the library"]
            )
        reported.append(damage)

    return report


class _Outcome(Protocol):
    @property
    def failures(self) -> tuple[Failure, ...]: ...
    @property
    def all_failed(self) -> bool: ...


def report_failures(outcome: _Outcome, next_step: str) -> int:
    """Print the sources that failed, and return the exit code.

    `next_step` is advice for the case that all sources failed. If only some did, the advice is to
    wait for the next run, which retries them.
    """
    messages = [f"{short_title(failure.source)}: {failure.message}" for failure in outcome.failures]
    if outcome.all_failed:
        # An error has three lines at most.
        lines = messages if len(messages) < _MAX_LINES else ["; ".join(messages)]
        print_message([*lines, next_step])
        return ALL_SOURCES_FAILED
    for message in messages:
        print_message([f"{message}; the next run retries"])
    return INCOMPLETE if messages else 0


def _after_failure(report: Report) -> str:
    """Return advice for the case that all sources failed."""
    if any(section.total for section in report.sections):
        return f"showing stored papers, and the next run retries: {report.headline}"
    return "check the network and run again; `papertrack today --sample` needs no network"


def start(options: GlobalOptions) -> Session:
    """Start the session of a command that reads papers. Raises UsageError, ConfigError."""
    return start_with_config(options, load_config(options))


def load_config(options: GlobalOptions) -> Config:
    """Load the configuration of a command that reads papers. Raises ConfigError."""
    path, is_explicit = resolve_path(options.config, os.environ)
    return load_for_papers(path if is_explicit or os.path.exists(path) else None, os.environ)


def start_with_config(options: GlobalOptions, config: Config) -> Session:
    """Start a session with a configuration, and its log if enabled. Raises UsageError."""
    session = Session(options, clock(), config, [])
    if (config.log or options.prints_log) and TO_COMPLETE not in os.environ:
        _start_log(session)
    return session


def _start_log(session: Session) -> None:
    from shlex import join

    from papertrack.logfile import open_log

    config = session.config
    log.enable(open_log(config.log, clock, _warn_of_log, on_stderr=session.options.prints_log))
    log.event(
        "start",
        version=__version__,
        command=join(sys.argv[1:]),
        config=config.path,
        library=session.folder,
    )


def _warn_of_log(problem: str) -> None:
    print_message([problem, "this run is not logged; check log: in the configuration"])


def clock() -> datetime:
    """The current time in UTC: $PAPERTRACK_NOW if set, else the system clock. Raises UsageError."""
    fixed = os.environ.get("PAPERTRACK_NOW")
    if not fixed:
        return datetime.now(UTC)
    with suppress(ValueError):
        moment = parse_moment(fixed)
        if EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            return moment
    raise UsageError(
        f"PAPERTRACK_NOW is not a valid time: {fixed!r}", next_step="write 2026-03-31T18:00:00Z"
    )


def choose_format(name: str) -> Format:
    """Return the format with a name; "auto" is a table on a terminal, else plain lines.

    Raises UsageError if there is no such format.
    """
    if name not in FORMATS:
        raise UsageError(f"no such format: {name!r}", next_step=f"formats: {', '.join(FORMATS)}")
    if name == "auto":
        return "table" if sys.stdout.isatty() else "plain"
    return cast("Format", name)


def shows_on_terminal(form: Format) -> bool:
    """Whether a report in this format is a table that a person sees on a terminal."""
    return form == "table" and sys.stdout.isatty()


def limit_for(form: Format, limit: int | None, human_limit: int) -> int | None:
    """Return the number of papers to show, None for all.

    It is `limit` if given, else `human_limit` in the formats for humans, else unlimited. Raises
    UsageError if it is negative.
    """
    if limit is not None and limit < 0:
        raise UsageError(f"--limit cannot be negative: {limit}")
    return limit if limit is not None or form not in HUMAN_FORMATS else human_limit
