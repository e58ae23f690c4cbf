"""What every command starts from: the clock, the configuration, the library, the output."""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from papertrack import __version__, log
from papertrack.calendar import EARLIEST_YEAR, parse_moment
from papertrack.cli.exit_handling import print_error
from papertrack.cli.global_options import TO_COMPLETE, GlobalOptions
from papertrack.cli.progress import shows_progress, with_progress
from papertrack.config import Config, load_for_papers, resolve_library, resolve_path
from papertrack.display import FOR_PEOPLE, FORMATS, DrawStyle, Format, write
from papertrack.errors import ALL_SOURCES_FAILED, INCOMPLETE, UsageError
from papertrack.models import Failure, Report
from papertrack.source_registry import short_title
from papertrack.tracker import Tracker, no_progress

if TYPE_CHECKING:  # commands that read no papers need no library
    from collections.abc import Callable

    from papertrack.library.library import Library
    from papertrack.storage.damage import Damage


class Session(NamedTuple):
    """One run of the command line."""

    anywhere: GlobalOptions
    now: datetime
    config: Config

    @property
    def folder(self) -> str:
        """The folder of the library."""
        return resolve_library(self.anywhere.library, os.environ, self.config)

    def library(self, damaged: "Callable[[Damage], None] | None" = None) -> "Library":
        """The library that this run is about; see Library for `damaged`."""
        from papertrack.library.library import Library

        folder = self.folder
        if self.anywhere.verbose:
            print_error(
                [f"library {folder}", f"configuration {self.config.path or 'none: the defaults'}"]
            )
        return Library(folder, damaged or _told_once())

    def tracker(self) -> Tracker:
        """The library with the configured topics."""
        watched = (
            partial(with_progress, self.anywhere) if shows_progress(self.anywhere) else no_progress
        )
        return Tracker(self.library(), self.config.topics, self.now, progress=watched)

    def show(self, report: Report, form: Format, *, cards: bool = False) -> int:
        """Write a report to stdout, what failed to stderr; the exit code that says so."""
        write(report, form, sys.stdout, DrawStyle(self.anywhere.color, cards=cards))
        sys.stdout.flush()
        if form not in ("table", "json", "md"):
            if self.anywhere.verbose:
                print_error([report.headline])
            for note in () if self.anywhere.quiet else report.notes:
                print_error([note])
        return report_failures(report, _after_failure(report))


def _told_once() -> "Callable[[Damage], None]":
    """Tells of the first damage to a library; verifying it tells of all."""
    told: list[Damage] = []

    def take(damage: "Damage") -> None:
        log.warning("damage", problem=str(damage))
        if not told:
            print_error(
                [str(damage), "see `papertrack library verify` for the rest of the library"]
            )
        told.append(damage)

    return take


class _Outcome(Protocol):
    @property
    def failures(self) -> tuple[Failure, ...]: ...
    @property
    def all_failed(self) -> bool: ...


def report_failures(outcome: _Outcome, next_step: str) -> int:
    """Say which sources failed, if any did; the exit code that says so. Where all did, `next_step`
    says what can be done; else the others came, and the next run asks again by itself.
    """
    said = [f"{short_title(one.source)}: {one.message}" for one in outcome.failures]
    if outcome.all_failed:
        print_error([*said, next_step])
        return ALL_SOURCES_FAILED
    for one in said:
        print_error([f"{one}; the next run asks again"])
    return INCOMPLETE if said else 0


def _after_failure(report: Report) -> str:
    """What a reader can do next about a source that could not be asked."""
    if any(section.total for section in report.sections):
        return f"what is stored is shown, and the next run asks again: {report.headline}"
    return "check the network and run it again; `papertrack today --sample` needs none"


def start(anywhere: GlobalOptions) -> Session:
    """Read the clock and the configuration. Raises UsageError, ConfigError."""
    path, asked_for = resolve_path(anywhere.config, os.environ)
    config = load_for_papers(path if asked_for or os.path.exists(path) else None, os.environ)
    return begin(anywhere, config)


def begin(anywhere: GlobalOptions, config: Config) -> Session:
    """Return a session, and begin its log if there is one. Raises UsageError as `clock` does."""
    session = Session(anywhere, clock(), config)
    if (config.log or anywhere.prints_log) and TO_COMPLETE not in os.environ:
        _begin_log(session)
    return session


def _begin_log(session: Session) -> None:
    from shlex import join

    from papertrack.logfile import writer

    config = session.config
    log.enable(writer(config.log, clock, _warn_of_log, on_stderr=session.anywhere.prints_log))
    log.event(
        "start",
        version=__version__,
        command=join(sys.argv[1:]),
        config=config.path,
        library=session.folder,
    )


def _warn_of_log(problem: str) -> None:
    print_error([problem, "this run is not logged; see log: in the configuration"])


def clock() -> datetime:
    """Now: $PAPERTRACK_NOW where it is set, else the system's clock, in UTC. Raises UsageError."""
    fixed = os.environ.get("PAPERTRACK_NOW")
    if not fixed:
        return datetime.now(UTC)
    with suppress(ValueError):
        moment = parse_moment(fixed)
        if moment.year >= EARLIEST_YEAR:
            return moment
    raise UsageError(
        f"PAPERTRACK_NOW is no moment: {fixed!r}", next_step="write 2026-03-31T18:00:00Z"
    )


def choose_format(asked: str) -> Format:
    """The format meant: "auto" is a table on a terminal and plain lines elsewhere.

    Raises UsageError for one that does not exist.
    """
    if asked not in FORMATS:
        raise UsageError(f"no such format: {asked!r}", next_step=f"formats: {', '.join(FORMATS)}")
    if asked == "auto":
        return "table" if sys.stdout.isatty() else "plain"
    return cast("Format", asked)


def limit_for(form: Format, asked: int | None, for_people: int) -> int | None:
    """How many papers to show: as asked, else what a person reads, else all for programs."""
    if asked is not None and asked < 0:
        raise UsageError(f"--limit cannot be negative: {asked}")
    return asked if asked is not None or form not in FOR_PEOPLE else for_people
