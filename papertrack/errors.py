"""The exceptions of papertrack, each with the exit code of the command line.

PapertrackError               70  the base class; not raised itself
├── UsageError                 2  invalid arguments
├── ConfigError                2  the configuration file has problems, all of them listed
├── SourceError                4  a request to a source failed
├── LibraryError               5  the library cannot be read or written
│   ├── LibraryDamaged         5  a file of the library was damaged
│   └── LibraryNewer           5  a file was written by a newer papertrack
├── DeliveryError              6  a channel did not accept a message
└── LibraryBusy               75  another process has locked the library
"""

from typing import NamedTuple

INCOMPLETE = 3
ALL_SOURCES_FAILED = 4
INTERRUPTED = 130


class PapertrackError(Exception):
    """An error to report: what happened, why, and what to do next, at most one line each."""

    exit_code = 70

    def __init__(self, what: str, why: str = "", next_step: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.next_step = what, why, next_step

    def lines(self) -> tuple[str, ...]:
        """The lines of the message, without empty ones."""
        return tuple(line for line in (self.what, self.why, self.next_step) if line)

    def __str__(self) -> str:
        return "; ".join(self.lines())


class UsageError(PapertrackError):
    """The arguments are invalid or contradict each other."""

    exit_code = 2


class Problem(NamedTuple):
    """A problem in a configuration file: its line, the path of the key, and the message.

    Line 0 means that the file cannot be read.
    """

    line: int
    path: str
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        advice = f" ({self.suggestion})" if self.suggestion else ""
        place = f"line {self.line}: {self.path}" if self.line else "cannot be read"
        return f"{place}: {self.message}{advice}"


class ConfigError(PapertrackError):
    """The configuration file has problems; the command did nothing."""

    exit_code = 2

    def __init__(self, path: str, problems: tuple[Problem, ...]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"{path}: {count}; nothing was done")
        self.path, self.problems = path, problems

    def lines(self) -> tuple[str, ...]:
        """The number of problems, then one line each; unlike other errors this may be long."""
        first = self.problems[0]
        if not first.line:
            lines = (f"cannot read {self.path}: {first.message}", first.suggestion)
            return tuple(filter(None, lines))
        return (self.what, *map(str, self.problems))


class SourceError(PapertrackError):
    """A request to a source failed, or its response is not a valid listing.

    `kind` is a stable word for scripts: timeout, connection, status, rate-limit, redirect,
    too-large, refused (with an error message of the service), not-json, not-xml, not-a-listing,
    stale (the listing of another day), not-yet (the day is not listed yet), not-a-pdf,
    missing-package, or unexpected (a bug). `wait` is for how many seconds the server asks not to be
    requested, if it does.
    """

    exit_code = ALL_SOURCES_FAILED
    wait: float | None = None

    def __init__(self, source: str, kind: str, message: str) -> None:
        super().__init__(message)
        self.source, self.kind = source, kind


class DeliveryError(PapertrackError):
    """A channel did not accept a message. The message contains no secret.

    `kind` is a stable word for scripts: connection, timeout, refused, secret (it cannot be read),
    program, file, or unexpected (a bug). `unknown`: the message may have arrived all the same, so a
    retry must use the same id; otherwise it has not arrived.
    """

    exit_code = 6

    def __init__(
        self, channel: str, kind: str, message: str, next_step: str = "", *, unknown: bool = False
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.channel, self.kind, self.unknown = channel, kind, unknown


class LibraryError(PapertrackError):
    """The library cannot be read or written; no stored data was lost."""

    exit_code = 5


class LibraryDamaged(LibraryError):
    """The content of a library file is not what papertrack wrote."""


class LibraryNewer(LibraryError):
    """A library file was written by a newer papertrack; it is left unchanged."""


class LibraryBusy(PapertrackError):
    """Another process holds the library's lock."""

    exit_code = 75


# What the code of another package may raise. sys.exit() among it would end a run with code 0.
FOREIGN_ERRORS = (Exception, SystemExit)


def unexpected(error: BaseException) -> str:
    """The message about an unexpected exception, without its text, which may contain a secret."""
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"unexpected: {module}{kind.__qualname__}, please report"
