"""The floors of the house, read from the imports, and what a start may load."""

import ast
import sys
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from invented import DAY, NOW, put, sighting

from papertrack.library.library import Library
from papertrack.models import Topic
from papertrack.tracker import Tracker

PACKAGE = Path(__file__).parents[1] / "papertrack"
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))

# A file imports only from floors below its own, and from its own room.
FLOORS = (
    {
        "",
        "errors",
        "models",
        "identifiers",
        "calendar",
        "results",
        "announcements",
        "events",
        "text",
        "processes",
        "log",
        "plugins",
        "source_registry",
    },
    {
        "config",
        "merge",
        "matching",
        "storage",
        "trending",
        "searching",
        "facts",
        "fields",
        "escaping",
        "logfile",
    },
    {"sources", "library", "channels", "exports", "display"},
    {"tracker"},
    {"alerts"},
    {"cli"},
    {"__main__"},
)
# The ground floor knows nothing but the language, and this.
BESIDE = {
    ("results", "models"),
    ("calendar", "errors"),
    ("fields", "facts"),
    ("fields", "merge"),
    ("processes", "log"),
    ("source_registry", "plugins"),
}
# Who may use which package from elsewhere; all others may use none.
PACKAGES = {
    "yaml": {"config"},
    "platformdirs": {"config"},
    "rapidfuzz": {"matching", "searching"},
    "httpx": {"sources", "channels"},
    "tenacity": {"sources", "channels"},
    "defusedxml": {"sources"},
    "tinydb": {"library", "storage"},
    "msgspec": {"storage"},
    "filelock": {"storage", "sources", "logfile"},
    "rich": {"display"},
    "apprise": {"channels"},
    "keyring": {"channels"},
    "jinja2": {"exports"},
    "typer": {"cli"},
    "click": {"cli"},
}
ENDS = {"exit", "quit", "SystemExit", "sys.exit", "os._exit", "os.abort", "os.kill"}
# The first ends the process, the second those that it made itself.
ENDING = {"cli", "processes"}


# Names that say nothing of what a module is for, and marks of unfinished work.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
UNDONE = ("TODO", "FIXME", "XXX", "HACK")


@cache
def _text(file):
    return (PACKAGE / file).read_text(encoding="utf-8")


@cache
def _tree(file):
    return ast.parse(_text(file))


def _room(file):
    return "" if file == "__init__.py" else file.split("/")[0].removesuffix(".py")


def _floor(room):
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def _imports(file):
    """Every module that a file names in an import, those for the type checker included."""
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _rooms_used(file):
    for name in _imports(file):
        package, _, rest = name.partition(".")
        if package == "papertrack":
            room = rest.split(".")[0]
            yield room if any(room in rooms for rooms in FLOORS) else ""


def _packages_used(file):
    """The packages from elsewhere that a file imports."""
    known = sys.stdlib_module_names | {"papertrack", ""}
    return [name.split(".")[0] for name in _imports(file) if name.split(".")[0] not in known]


def _names(file):
    """Every name and dotted name that a file uses, with its line."""
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}", node.lineno


def _functions(file):
    return [
        node
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _length(function):
    """Its lines without decorators, signature and docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return function.end_lineno - body[0].lineno + 1 if body else 0


def test_the_table_of_floors_knows_every_room_and_no_room_twice():
    assert {_room(file) for file in FILES} <= set().union(*FLOORS)
    assert sum(map(len, FLOORS)) == len(set().union(*FLOORS))


def test_imports_are_absolute():
    relative = [
        f"{file} imports {name}" for file in FILES for name in _imports(file) if name[0] == "."
    ]
    assert relative == []


def test_a_file_imports_only_from_floors_below():
    offenders = [
        f"{file} imports {used or 'papertrack'}"
        for file in FILES
        for used in _rooms_used(file)
        if not _may_import(_room(file), used)
    ]
    assert offenders == []


def _may_import(room, used):
    return used == room or (room, used) in BESIDE or _floor(used) < _floor(room)


def test_each_package_from_elsewhere_has_its_room():
    offenders = [
        f"{file} imports {package}"
        for file in FILES
        for package in _packages_used(file)
        if _room(file) not in PACKAGES.get(package, ())
    ]
    assert offenders == []


def test_nothing_is_printed_and_only_the_command_line_ends_the_process():
    offenders = [
        f"{file}:{line}: {name}"
        for file in FILES
        for name, line in _names(file)
        if name == "print" or (name in ENDS and _room(file) not in ENDING)
    ]
    assert offenders == []


def test_files_have_450_lines_or_fewer():
    lengths = {file: len(_text(file).splitlines()) for file in FILES}
    assert {file: length for file, length in lengths.items() if length > 450} == {}


def test_functions_have_50_lines_or_fewer():
    lengths = {
        f"{file}:{function.lineno} {function.name}": _whole_length(function)
        for file in FILES
        for function in _functions(file)
    }
    assert {name: length for name, length in lengths.items() if length > 50} == {}


def _whole_length(function):
    return function.end_lineno - function.lineno + 1


def test_half_of_all_functions_have_ten_lines_or_fewer():
    assert median(_length(one) for file in FILES for one in _functions(file)) <= 10


def _public(node):
    """What is public in a module or a class, and in its public classes."""
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef | ast.ClassDef) and not inner.name.startswith("_"):
            yield inner
            if isinstance(inner, ast.ClassDef):
                yield from _public(inner)


def test_everything_public_says_what_it_is():
    offenders = [
        f"{file}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', 'the module')}"
        for file in FILES
        for node in (_tree(file), *_public(_tree(file)))
        if not ast.get_docstring(node)
    ]
    assert offenders == []


def test_no_module_has_a_name_that_says_nothing():
    offenders = [file for file in FILES if EMPTY_NAMES & set(file.removesuffix(".py").split("/"))]
    assert offenders == []


def test_nothing_waits_to_be_done():
    offenders = [f"{file}: {word}" for file in FILES for word in UNDONE if word in _text(file)]
    assert offenders == []


def test_the_rules_see_what_they_forbid():
    """A rule that cannot fail says nothing: what the readers above find in known files."""
    assert {"models", "merge", "library", "calendar"} <= set(_rooms_used("library/library.py"))
    assert "library" in set(_rooms_used("tracker/__init__.py")), "imports for types count"
    assert "tinydb.TinyDB" in set(_imports("library/database.py"))
    assert "os._exit" in {name for name, _ in _names("cli/run.py")}
    assert all(_floor(one) <= _floor(other) for one, other in pairwise(["", "merge", "library"]))
    assert max(_length(one) for file in FILES for one in _functions(file)) > 10


_START = [sys.executable, "-X", "importtime", "-c", "from papertrack.__main__ import main; main()"]


@pytest.fixture
def loaded(papertrack):
    """Runs the program on a library with papers; the modules that the run imported."""

    def run(*arguments):
        done = papertrack.bytes(*arguments, program=_START)
        assert done.returncode == 0, done.stderr
        lines = done.stderr.decode().splitlines()
        return {line.rpartition("|")[2].strip() for line in lines if "import time:" in line}

    put(
        Library(str(papertrack.library)),
        *(sighting(f"2603.{n:05}", day=DAY, at=NOW, upvotes=n, abstract="A") for n in range(30)),
    )
    return run


_NETWORK = {"httpx", "tenacity", "ssl", "socket", "http.client", "urllib.request"}


def test_a_plain_edition_starts_without_what_it_does_not_need(loaded):
    seen = loaded("today", "--offline", "--format", "plain")
    assert {"tinydb", "papertrack.display.plain"} <= seen
    assert not seen & {
        *("typer", "click", "rich", "yaml", "platformdirs", "rapidfuzz", "filelock"),
        *("dataclasses", "inspect", "pathlib", "logging", "threading", "subprocess", "unicodedata"),
        *("concurrent.futures", "email", "csv", "importlib.metadata", "papertrack.sources"),
        *_NETWORK,
    }


def test_a_log_costs_only_the_runs_that_write_one(loaded, papertrack):
    papertrack.configure("log: null")
    assert "logging" not in loaded("today", "--offline", "--format", "plain")
    papertrack.configure("log: papertrack.log")
    loaded("today", "--offline", "--format", "plain")  # remembers the configuration
    seen = loaded("today", "--offline", "--format", "plain")
    assert {"papertrack.logfile", "logging"} <= seen
    assert not seen & {"logging.handlers", "filelock", "yaml", *_NETWORK}


def test_configured_sources_are_not_imported_where_none_is_fetched_from(loaded, papertrack):
    papertrack.configure("sources: {arxiv: {enabled: true, categories: [cs.CL]}}")
    assert "yaml" in loaded("today", "--offline", "--format", "plain")
    seen = loaded("today", "--offline", "--format", "plain")
    assert not seen & {"yaml", "importlib.metadata", "papertrack.sources", "papertrack.plugins"}


def test_an_edition_as_a_table_draws_with_rich_and_needs_neither_network_nor_typer(loaded):
    seen = loaded("today", "--offline", "--format", "table")
    assert "rich" in seen
    assert not seen & {"typer", "click", "yaml", "platformdirs", "rapidfuzz", "filelock", *_NETWORK}


def test_topics_cost_no_matcher_where_what_the_papers_match_is_kept(loaded, papertrack):
    papertrack.configure("topics: [{name: graphs, any: [graph]}]")
    assert "papertrack.matching.matcher" in loaded("today", "--offline", "--format", "plain")
    tracker = Tracker(Library(str(papertrack.library)), (Topic("graphs", any=("graph",)),), NOW)
    with tracker.library.transaction():
        tracker.cache_matches([DAY])
    seen = loaded("today", "--offline", "--format", "plain")
    assert "papertrack.library.match_cache" in seen
    assert not seen & {"papertrack.matching.matcher", "rapidfuzz", "unicodedata", "yaml"}


def test_related_papers_cost_no_matcher_and_no_index_where_they_are_kept(loaded, papertrack):
    papertrack.configure("topics: [{name: every, any: [paper], breadth: related}]")
    assert "papertrack.matching.matcher" in loaded("today", "--offline", "--format", "plain")
    seen = loaded("today", "--offline", "--format", "plain")
    assert "papertrack.tracker.relevance" in seen
    assert not seen & {"papertrack.matching.matcher", "rapidfuzz", "sqlite3", "unicodedata", "yaml"}


def test_help_reads_no_library_and_no_configuration(loaded):
    seen = loaded("--help")
    assert "typer" in seen
    assert not seen & {"rich", "tinydb", "yaml", "filelock", "rapidfuzz", "pydantic", *_NETWORK}


def test_the_version_is_told_without_anything(loaded):
    seen = loaded("--version")
    assert not seen & {"typer", "rich", "tinydb", "yaml", "platformdirs", *_NETWORK}
