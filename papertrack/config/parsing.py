"""Parses a configuration file into a Config, by way of YAML nodes that carry line numbers."""

import os
import re
from collections.abc import Iterator
from operator import attrgetter

import yaml
from yaml.reader import Reader

from papertrack import source_registry
from papertrack.config.channel_keys import report_unknown_topics
from papertrack.config.feed_keys import FEED_NAME, FEEDS
from papertrack.config.groups import value_of
from papertrack.config.location import WHOLE_FILE, Location, is_tagged
from papertrack.config.records import Config
from papertrack.config.schema import CONFIG
from papertrack.config.yaml_limits import Loader, limit_problem
from papertrack.errors import ConfigError, Problem

# PyYAML can be built without libyaml; its own loader is equivalent but several times slower.
_LOADER: Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
BYTE_ORDER_MARK = "\ufeff"
_LARGEST_FILE = 1_000_000  # bytes
_TABS = "indent with spaces, not with tabs"
_QUOTES = (
    'put text in quotes if it contains ": " or " #" or begins with a character such as @ * & [ {'
)


def read_config(path: str) -> Config:
    """Return the configuration in a file. Raises ConfigError with all its problems."""
    return parse_config(read_text(path).removeprefix(BYTE_ORDER_MARK), path)


def parse_config(text: str, path: str) -> Config:
    """Return the configuration in a text; relative paths in it start at the folder of `path`.

    Its feeds are registered as sources. Raises ConfigError with all problems of the text.
    """
    root = compose(text, path)
    source_registry.register_feeds(_feed_names(root))  # topics may name them
    if root is None or is_tagged(root, "null"):
        return Config(path)
    problems: list[Problem] = []
    folder = os.path.dirname(os.path.abspath(path))
    location = Location("", folder, problems)
    config = CONFIG.read(root, location)
    report_unknown_topics(root, location)
    if problems:
        raise ConfigError(path, tuple(sorted(problems, key=attrgetter("line"))))
    parsed: Config = config._replace(path=path)
    return parsed


def _feed_names(root: yaml.Node | None) -> Iterator[str]:
    """The valid names of the feeds in a configuration that is not checked yet."""
    feeds = value_of(value_of(root, "sources"), FEEDS)
    entries = feeds.value if isinstance(feeds, yaml.SequenceNode) else ()
    for name in (value_of(entry, "name") for entry in entries):
        if isinstance(name, yaml.ScalarNode) and re.fullmatch(FEED_NAME, name.value):
            yield name.value


def compose(text: str, path: str, loader: Loader = _LOADER) -> yaml.Node | None:
    """Return the root node of a YAML text, None for an empty text.

    `path` is used only in errors. Raises ConfigError unless the text is a single YAML document of
    reasonable depth and size.
    """
    control = Reader.NON_PRINTABLE.search(text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        message = f"contains the control character U+{ord(control[0]):04X}"
        raise _unusable(path, line, message, "remove it")
    if len(text.encode()) > _LARGEST_FILE:
        raise _too_large(path)
    try:
        problem = limit_problem(text, loader)
        if problem:
            raise ConfigError(path, (problem,))
        root: yaml.Node | None = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, path) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # PyYAML's own loader passes "\UFFFFFFFF" to chr() without a check.
        raise _unusable(path, 1, f"is not valid YAML: {error}", _QUOTES) from error
    return root


def read_text(path: str) -> str:
    """Return the text of a file, including a byte order mark and all line ends.

    Raises ConfigError if the file cannot be read, is too large or is not UTF-8.
    """
    try:
        with open(path, "rb") as file:
            raw = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        suggestion = "create it with `papertrack config init`" if missing else ""
        message = "does not exist" if missing else error.strerror or str(error)
        raise _unusable(path, 0, message, suggestion) from error
    if len(raw) > _LARGEST_FILE:
        raise _too_large(path)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _unusable(path, line, "is not UTF-8 text", "save it as UTF-8") from error


def _syntax_error(error: yaml.MarkedYAMLError, text: str, path: str) -> ConfigError:
    number = error.problem_mark.line if error.problem_mark else 0
    context = f"{error.context} " if error.context else ""
    if context and error.context_mark:
        context += f"from line {error.context_mark.line + 1}, "
    line = "".join(text.splitlines()[number : number + 1])
    has_tabs = "\t" in line[: len(line) - len(line.lstrip())]
    message = f"is not valid YAML: {context}{error.problem}"
    return _unusable(path, number + 1, message, _TABS if has_tabs else _QUOTES)


def _too_large(path: str) -> ConfigError:
    return _unusable(path, 1, "is larger than 1 MB", "is it the right file?")


def _unusable(path: str, line: int, message: str, suggestion: str) -> ConfigError:
    return ConfigError(path, (Problem(line, WHOLE_FILE, message, suggestion),))
