"""Options that work before and after the command."""

from collections.abc import Sequence
from typing import NamedTuple

from papertrack.errors import UsageError


class GlobalOptions(NamedTuple):
    """The options that apply to a whole run."""

    config: str | None = None
    library: str | None = None
    color: bool = True
    links: bool = True
    pager: bool = True
    verbose: int = 0
    quiet: bool = False
    debug: bool = False
    version: bool = False

    @property
    def program(self) -> tuple[str, ...]:
        """The words that call papertrack with the same configuration and library."""
        named = (("--config", self.config), ("--library", self.library))
        return ("papertrack", *(word for name, path in named if path for word in (name, path)))

    @property
    def prints_log(self) -> bool:
        """Whether the log also goes to standard error, as -vv requests."""
        return self.verbose > 1


TO_COMPLETE = "_PAPERTRACK_COMPLETE"  # set while a shell asks typer for completions
_VALUES = {"--config": "config", "--library": "library"}
_VERBOSE = {"-v": 1, "--verbose": 1, "-vv": 2}
_FLAGS = {
    "--no-color": ("color", False),
    "--no-links": ("links", False),
    "--no-pager": ("pager", False),
    "-q": ("quiet", True),
    "--quiet": ("quiet", True),
    "--debug": ("debug", True),
    "-V": ("version", True),
    "--version": ("version", True),
}


def split_options(arguments: Sequence[str]) -> tuple[GlobalOptions, list[str]]:
    """Split a command line into the global options and the remaining arguments.

    Arguments after `--` remain. Raises UsageError if an option lacks its value.
    """
    options: dict[str, str | bool] = {}
    rest: list[str] = []
    verbose = 0
    remaining = iter(arguments)
    for argument in remaining:
        name, equals, value = argument.partition("=")
        if argument == "--":
            rest += [argument, *remaining]
        elif argument in _VERBOSE:
            verbose += _VERBOSE[argument]
        elif argument in _FLAGS:
            field, flag = _FLAGS[argument]
            options[field] = flag
        elif name in _VALUES:
            path = value if equals else next(remaining, "")
            if not path.strip():
                raise UsageError(f"{name} needs a value", next_step=f"write {name} PATH")
            options[_VALUES[name]] = path
        else:
            rest.append(argument)
    return GlobalOptions(verbose=verbose, **options), rest  # type: ignore[arg-type]  # the loop stores the type of each field
