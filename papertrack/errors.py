"""Every failure papertrack knows, each with the exit code of the command line on its class.

PapertrackError               70  (never raised itself: a bug would be)
├── UsageError                 2  the command line asks for something that cannot be
├── ConfigError                2  the configuration file has problems, all of them listed
├── SourceError                4  one source could not be asked or understood
├── LibraryError               5  the library cannot be read or written
│   ├── LibraryDamaged         5  a file of the library is not what papertrack wrote
│   └── LibraryNewer           5  written by a later papertrack
├── DeliveryError              6  a channel did not take a message
└── LibraryBusy               75  another run holds the library
"""

from typing import NamedTuple

INCOMPLETE = 3
ALL_SOURCES_FAILED = 4
INTERRUPTED = 130


class PapertrackError(Exception):
    """What happened, why, and what to do next: one line each, at most three in all."""

    exit_code = 70

    def __init__(self, what: str, why: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.next_step = what, why, next_step

    def lines(self) -> tuple[str, ...]:
        """The message as it is shown, without the parts that are empty."""
        return tuple(line for line in (self.what, self.why, self.next_step) if line)

    def __str__(self) -> str:
        return "; ".join(self.lines())


class UsageError(PapertrackError):
    """The command line asks for something that does not exist or contradicts itself."""

    exit_code = 2


class Problem(NamedTuple):
    """One thing that is wrong in a configuration file."""

    line: int
    path: str
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        advice = f" ({self.suggestion})" if self.suggestion else ""
        return f"line {self.line}: {self.path}: {self.message}{advice}"


class ConfigError(PapertrackError):
    """All problems of one configuration file; nothing was done."""

    exit_code = 2

    def __init__(self, path: str, problems: tuple[Problem, ...]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{path}: {count}; nothing was done")
        self.path, self.problems = path, problems

    def lines(self) -> tuple[str, ...]:
        """Return the count and then every problem: the one error that may be longer."""
        return (self.what, *map(str, self.problems))


class SourceError(PapertrackError):
    """A source could not be reached, or answered something that is no listing.

    `kind` is one stable word for scripts: timeout, connection, status, rate-limit, redirect,
    too-large, refused (the service says why), not-json, not-xml, not-a-listing, stale (the listing
    of another day), not-yet.
    """

    exit_code = ALL_SOURCES_FAILED

    def __init__(self, source: str, kind: str, message: str) -> None:
        super().__init__(message)
        self.source, self.kind = source, kind


class DeliveryError(PapertrackError):
    """A channel did not take a message. Nothing it says holds a secret.

    `kind` is one stable word for scripts: connection, timeout, refused, secret (it cannot be had),
    program, file. `unknown`: the message may have arrived nevertheless, so that it is only sent
    again with the same id; else it surely did not.
    """

    exit_code = 6

    def __init__(
        self, channel: str, kind: str, message: str, next_step: str = "", *, unknown: bool = False
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.channel, self.kind, self.unknown = channel, kind, unknown


class LibraryError(PapertrackError):
    """The library cannot be read or written; what it held is still there."""

    exit_code = 5


class LibraryDamaged(LibraryError):
    """A file of the library does not hold what papertrack wrote into it."""


class LibraryNewer(LibraryError):
    """A file of the library was written by a later papertrack and is left untouched."""


class LibraryBusy(PapertrackError):
    """Another run holds the library's lock."""

    exit_code = 75
