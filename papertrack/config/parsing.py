"""From the bytes of a file to a Config, through YAML nodes that know their lines."""

import os
from operator import attrgetter

import yaml
from yaml.reader import Reader

from papertrack.config.channel_keys import report_unknown_topics
from papertrack.config.location import WHOLE_FILE, Location, is_tagged
from papertrack.config.records import Config
from papertrack.config.schema import CONFIG
from papertrack.config.shape import Loader, shape_problem
from papertrack.errors import ConfigError, Problem

# PyYAML can be built without libyaml; then its own loader does the same, several times slower.
_LOADER: Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
BYTE_ORDER_MARK = "\ufeff"
_LARGEST_FILE = 1_000_000  # bytes
_TABS = "indent with spaces, not with tabs"
_QUOTES = 'put text in quotes where it has ": " or " #" in it or begins with a sign as @ * & [ {'


def read_config(path: str) -> Config:
    """What the file at `path` says. Raises ConfigError with all its problems."""
    return parse_config(read_text(path).removeprefix(BYTE_ORDER_MARK), path)


def parse_config(text: str, path: str) -> Config:
    """What a text says that is, or could be, in the file at `path`. Raises as `read`."""
    root = compose(text, path)
    if root is None or is_tagged(root, "null"):
        return Config(path)
    problems: list[Problem] = []
    folder = os.path.dirname(os.path.abspath(path))
    place = Location("", folder, problems)
    config = CONFIG.read(root, place)
    report_unknown_topics(root, place)
    if problems:
        raise ConfigError(path, tuple(sorted(problems, key=attrgetter("line"))))
    made: Config = config._replace(path=path)
    return made


def compose(text: str, path: str, loader: Loader = _LOADER) -> yaml.Node | None:
    """The root node of a YAML text, None for an empty one; `path` is only named in errors.

    Raises ConfigError where the text is not one YAML document of reasonable depth and size.
    """
    strange = Reader.NON_PRINTABLE.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        message = f"has the control character U+{ord(strange[0]):04X} in it"
        raise _unusable(path, line, message, "remove it")
    if len(text.encode()) > _LARGEST_FILE:
        raise _too_large(path)
    try:
        problem = shape_problem(text, loader)
        if problem:
            raise ConfigError(path, (problem,))
        root: yaml.Node | None = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, path) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # PyYAML's own loader hands "\UFFFFFFFF" to chr() unseen.
        raise _unusable(path, 1, f"is not valid YAML: {error}", _QUOTES) from error
    return root


def read_text(path: str) -> str:
    """Every character of the file at `path`, a byte order mark and all line ends included.

    Raises ConfigError where it cannot be read, is too large or is not UTF-8.
    """
    try:
        with open(path, "rb") as file:
            raw = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        advice = "papertrack config init writes one" if missing else ""
        message = "does not exist" if missing else f"cannot be read: {error.strerror or error}"
        raise _unusable(path, 0, message, advice) from error
    if len(raw) > _LARGEST_FILE:
        raise _too_large(path)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _unusable(path, line, "is not UTF-8 text", "save it as UTF-8") from error


def _syntax_error(error: yaml.MarkedYAMLError, text: str, path: str) -> ConfigError:
    at = error.problem_mark.line if error.problem_mark else 0
    begun = f"{error.context} " if error.context else ""
    if begun and error.context_mark:
        begun += f"from line {error.context_mark.line + 1}, "
    line = "".join(text.splitlines()[at : at + 1])
    tabs = "\t" in line[: len(line) - len(line.lstrip())]
    message = f"is not valid YAML: {begun}{error.problem}"
    return _unusable(path, at + 1, message, _TABS if tabs else _QUOTES)


def _too_large(path: str) -> ConfigError:
    return _unusable(path, 1, "is larger than 1 MB", "is it the right file?")


def _unusable(path: str, line: int, message: str, suggestion: str = "") -> ConfigError:
    return ConfigError(path, (Problem(line, WHOLE_FILE, message, suggestion),))
