"""Options that work anywhere on the command line, before and after the command."""

from collections.abc import Sequence
from typing import NamedTuple

from papertrack.errors import UsageError


class GlobalOptions(NamedTuple):
    """What was said once for the whole run."""

    config: str | None = None
    library: str | None = None
    color: bool = True
    verbose: int = 0
    quiet: bool = False
    debug: bool = False
    version: bool = False

    @property
    def prints_log(self) -> bool:
        """Whether -vv was given: the log also goes to standard error."""
        return self.verbose > 1


TO_COMPLETE = "_PAPERTRACK_COMPLETE"  # typer reads it when a shell completes a line
_VALUES = {"--config": "config", "--library": "library"}
_VERBOSE = {"-v": 1, "--verbose": 1, "-vv": 2}
_FLAGS = {
    "--no-color": ("color", False),
    "-q": ("quiet", True),
    "--quiet": ("quiet", True),
    "--debug": ("debug", True),
    "--version": ("version", True),
}


def split(arguments: Sequence[str]) -> tuple[GlobalOptions, list[str]]:
    """These options, and the arguments that remain. What stands after `--` is not looked at.

    Raises UsageError where an option lacks its value.
    """
    said: dict[str, str | bool] = {}
    rest: list[str] = []
    verbose = 0
    waiting = iter(arguments)
    for argument in waiting:
        name, equals, value = argument.partition("=")
        if argument == "--":
            rest += [argument, *waiting]
        elif argument in _VERBOSE:
            verbose += _VERBOSE[argument]
        elif argument in _FLAGS:
            field, meaning = _FLAGS[argument]
            said[field] = meaning
        elif name in _VALUES:
            given = value if equals else next(waiting, "")
            if not given:
                raise UsageError(f"{name} needs a value", next_step=f"write {name} PATH")
            said[_VALUES[name]] = given
        else:
            rest.append(argument)
    return GlobalOptions(verbose=verbose, **said), rest  # type: ignore[arg-type]  # each field has its own kind above
