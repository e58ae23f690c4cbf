"""The layers of the code, checked by its imports; its style; and what a start-up may import."""

import ast
import re
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

# Packages by layer, lowest first. A file imports only from lower layers and from its own package.
LAYERS = (
    {
        "",
        "errors",
        "models",
        "identifiers",
        "calendar",
        "timestamps",
        "results",
        "announcements",
        "events",
        "text",
        "word_breaks",
        "tex",
        "people",
        "log",
        "interrupts",
        "deadlines",
        "parquet_pages",
        "plugins",
        "source_registry",
        "code_links",
        "venues",
    },
    {
        "admission",
        "bibliography",
        "config",
        "merge",
        "matching",
        "storage",
        "trending",
        "following",
        "searching",
        "network",
        "facts",
        "fields",
        "escaping",
        "highlighting",
        "logfile",
        "parquet",
    },
    {"sources", "library", "channels", "exports", "display"},
    {"tracker"},
    {"alerts", "publishing"},
    {"browse"},
    {"cli"},
    {"__main__"},
)
# Modules of one layer do not import each other, with these exceptions.
ALLOWED_BESIDE = {
    ("results", "models"),
    ("results", "calendar"),
    ("calendar", "errors"),
    ("fields", "facts"),
    ("following", "facts"),
    ("following", "merge"),
    ("identifiers", "text"),
    ("fields", "merge"),
    ("parquet", "fields"),
    ("plugins", "deadlines"),
    ("source_registry", "plugins"),
    ("text", "tex"),
    ("word_breaks", "text"),
    ("config", "storage"),
}
# Third-party packages, and the packages of papertrack that may import them.
THIRD_PARTY = {
    "yaml": {"config"},
    "platformdirs": {"config"},
    "rapidfuzz": {"matching", "searching"},
    "httpx": {"sources", "channels", "network"},
    "httpcore": {"network"},
    "requests": {"channels"},
    "certifi": {"network"},
    "truststore": {"network"},
    "tenacity": {"sources", "channels"},
    "defusedxml": {"sources"},
    "feedparser": {"sources"},
    "tinydb": {"library", "storage"},
    "msgspec": {"storage", "library", "display", "tracker"},
    "filelock": {"storage", "sources", "logfile"},
    "bibtexparser": {"bibliography"},
    "anyascii": {"exports"},
    "idna": {"channels"},
    "pylatexenc": {"exports", "tex"},
    "rispy": {"bibliography"},
    "pyarrow": {"parquet"},
    "rich": {"display", "browse"},
    "textual": {"browse"},
    "apprise": {"channels"},
    "keyring": {"channels"},
    "jinja2": {"exports"},
    "typer": {"cli"},
    "click": {"cli"},
}
EXIT_CALLS = {"exit", "quit", "sys.exit", "os._exit", "os.abort", "os.kill"}
MAY_EXIT = {"cli", "interrupts"}


# Module names without a meaning, and marks of unfinished work.
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
# Inside a text, TODO may be a word of Logseq.
UNFINISHED_MARK = re.compile(r"FIXME|XXX|HACK|TODO[:(]|(?:^|#)[ ]*TODO\b", re.MULTILINE)


@cache
def _text(file):
    return (PACKAGE / file).read_text(encoding="utf-8")


@cache
def _tree(file):
    return ast.parse(_text(file))


def _package(file):
    return "" if file == "__init__.py" else file.split("/")[0].removesuffix(".py")


def _layer(package):
    return next(number for number, packages in enumerate(LAYERS) if package in packages)


def _imports(file):
    """All modules that a file imports, including imports for the type checker."""
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def _packages_used(file):
    """The packages of papertrack that a file imports; "" for papertrack itself."""
    for name in _imports(file):
        top, _, rest = name.partition(".")
        if top == "papertrack":
            package = rest.split(".")[0]
            yield package if any(package in packages for packages in LAYERS) else ""


def _third_party_used(file):
    """The third-party packages that a file imports."""
    ours = sys.stdlib_module_names | {"papertrack", ""}
    return [name.split(".")[0] for name in _imports(file) if name.split(".")[0] not in ours]


def _names(file):
    """All names and dotted names in a file, with their lines."""
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Name):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}", node.lineno


def _raised(file):
    """The names in all `raise` statements of a file, with their lines."""
    for node in ast.walk(_tree(file)):
        if isinstance(node, ast.Raise) and node.exc:
            yield from ((n.id, n.lineno) for n in ast.walk(node.exc) if isinstance(n, ast.Name))


def _functions(file):
    return [
        node
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _length(function):
    """The lines of the body of a function, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return function.end_lineno - body[0].lineno + 1 if body else 0


def test_every_package_is_in_exactly_one_layer():
    assert {_package(file) for file in FILES} <= set().union(*LAYERS)
    assert sum(map(len, LAYERS)) == len(set().union(*LAYERS))


def test_imports_are_absolute():
    relative = [
        f"{file} imports {name}" for file in FILES for name in _imports(file) if name[0] == "."
    ]
    assert relative == []


def test_a_file_imports_only_from_lower_layers():
    offenders = [
        f"{file} imports {imported or 'papertrack'}"
        for file in FILES
        for imported in _packages_used(file)
        if not _may_import(_package(file), imported)
    ]
    assert offenders == []


def _may_import(package, imported):
    return (
        imported == package
        or (package, imported) in ALLOWED_BESIDE
        or _layer(imported) < _layer(package)
    )


def test_third_party_packages_are_imported_only_where_allowed():
    offenders = [
        f"{file} imports {package}"
        for file in FILES
        for package in _third_party_used(file)
        if _package(file) not in THIRD_PARTY.get(package, ())
    ]
    assert offenders == []


def test_nothing_calls_print_and_only_the_command_line_exits():
    offenders = [
        f"{file}:{line}: {name}"
        for file in FILES
        for name, line in _names(file)
        if name == "print" or (name in EXIT_CALLS and _package(file) not in MAY_EXIT)
    ]
    offenders += [
        f"{file}:{line}: raise {name}"
        for file in FILES
        for name, line in _raised(file)
        if name == "SystemExit" and _package(file) not in MAY_EXIT
    ]
    assert offenders == []


def test_files_have_450_lines_or_fewer():
    lengths = {file: len(_text(file).splitlines()) for file in FILES}
    assert {file: length for file, length in lengths.items() if length > 450} == {}


def test_functions_have_50_lines_or_fewer():
    lengths = {
        f"{file}:{function.lineno} {function.name}": _full_length(function)
        for file in FILES
        for function in _functions(file)
    }
    assert {name: length for name, length in lengths.items() if length > 50} == {}


def _full_length(function):
    return function.end_lineno - function.lineno + 1


def test_half_of_all_functions_have_ten_lines_or_fewer():
    assert median(_length(function) for file in FILES for function in _functions(file)) <= 10


def _public_nodes(node):
    """The public functions and classes in a module or class, and in its public classes."""
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef | ast.ClassDef) and not inner.name.startswith("_"):
            yield inner
            if isinstance(inner, ast.ClassDef):
                yield from _public_nodes(inner)


def test_everything_public_has_a_docstring():
    offenders = [
        f"{file}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', 'the module')}"
        for file in FILES
        for node in (_tree(file), *_public_nodes(_tree(file)))
        if not ast.get_docstring(node)
    ]
    assert offenders == []


def test_no_module_has_a_vague_name():
    offenders = [file for file in FILES if VAGUE_NAMES & set(file.removesuffix(".py").split("/"))]
    assert offenders == []


def test_nothing_is_marked_as_unfinished():
    offenders = [
        f"{file}: {mark[0]}" for file in FILES for mark in UNFINISHED_MARK.finditer(_text(file))
    ]
    assert offenders == []
    assert UNFINISHED_MARK.search("x = 1  # TODO later")


def test_the_readers_of_the_code_find_known_facts():
    """A rule whose reader finds nothing can never fail."""
    assert {"models", "merge", "library", "calendar"} <= set(_packages_used("library/library.py"))
    assert "library" in set(_packages_used("tracker/__init__.py")), "imports for types count"
    assert "tinydb.TinyDB" in set(_imports("library/database.py"))
    assert "os._exit" in {name for name, _ in _names("cli/run.py")}
    assert all(
        _layer(lower) <= _layer(upper) for lower, upper in pairwise(["", "merge", "library"])
    )
    assert max(_length(function) for file in FILES for function in _functions(file)) > 10


_IMPORT_TIME = [
    sys.executable,
    "-X",
    "importtime",
    "-c",
    "from papertrack.__main__ import main; main()",
]


@pytest.fixture
def modules_of_run(papertrack):
    """Return a function that runs the program and returns the modules that it imported."""

    def run(*arguments):
        done = papertrack.bytes(*arguments, program=_IMPORT_TIME)
        assert done.returncode == 0, done.stderr
        lines = done.stderr.decode().splitlines()
        return {line.rpartition("|")[2].strip() for line in lines if "import time:" in line}

    put(
        Library(str(papertrack.library)),
        *(sighting(f"2603.{n:05}", day=DAY, at=NOW, upvotes=n, abstract="A") for n in range(30)),
    )
    return run


_NETWORK = {"httpx", "tenacity", "ssl", "socket", "http.client", "urllib.request"}


def test_a_plain_edition_imports_only_what_it_needs(modules_of_run):
    modules = modules_of_run("today", "--offline", "--format", "plain")
    assert {"tinydb", "papertrack.display.plain"} <= modules
    assert not modules & {
        *("typer", "click", "rich", "yaml", "platformdirs", "rapidfuzz", "filelock"),
        *("papertrack.tex", "pylatexenc"),
        *("dataclasses", "inspect", "pathlib", "logging", "threading", "subprocess", "unicodedata"),
        *("concurrent.futures", "email", "csv", "importlib.metadata", "papertrack.sources"),
        *_NETWORK,
    }


def test_a_search_imports_only_what_it_needs(modules_of_run):
    modules_of_run("search", "paper", "--format", "plain")  # builds the search index
    modules = modules_of_run("search", "paper", "--format", "plain")
    assert {"sqlite3", "papertrack.searching"} <= modules
    assert not modules & {
        *("typer", "click", "rich", "yaml", "platformdirs", "rapidfuzz", "filelock"),
        *("dataclasses", "inspect", "papertrack.sources", *_NETWORK),
    }


def test_logging_is_imported_only_if_a_log_is_configured(modules_of_run, papertrack):
    papertrack.configure("log: null")
    assert "logging" not in modules_of_run("today", "--offline", "--format", "plain")
    papertrack.configure("log: papertrack.log")
    modules_of_run("today", "--offline", "--format", "plain")  # caches the configuration
    modules = modules_of_run("today", "--offline", "--format", "plain")
    assert {"papertrack.logfile", "logging"} <= modules
    assert not modules & {"logging.handlers", "filelock", "yaml", *_NETWORK}


def test_configured_sources_are_not_imported_without_a_fetch(modules_of_run, papertrack):
    papertrack.configure("sources: {arxiv: {enabled: true, categories: [cs.CL]}}")
    assert "yaml" in modules_of_run("today", "--offline", "--format", "plain")
    modules = modules_of_run("today", "--offline", "--format", "plain")
    assert not modules & {"yaml", "importlib.metadata", "papertrack.sources", "papertrack.plugins"}


def test_an_edition_as_a_table_imports_rich_but_neither_network_nor_typer(modules_of_run):
    modules = modules_of_run("today", "--offline", "--format", "table")
    assert "rich" in modules
    assert not modules & {
        "typer",
        "click",
        "yaml",
        "platformdirs",
        "rapidfuzz",
        "filelock",
        *_NETWORK,
    }


def test_cached_matches_need_no_matcher(modules_of_run, papertrack):
    papertrack.configure("topics: [{name: graphs, any: [graph]}]")
    assert "papertrack.matching.matcher" in modules_of_run(
        "today", "--offline", "--format", "plain"
    )
    tracker = Tracker(Library(str(papertrack.library)), (Topic("graphs", any=("graph",)),), NOW)
    with tracker.library.transaction():
        tracker.cache_matches([DAY])
    modules = modules_of_run("today", "--offline", "--format", "plain")
    assert "papertrack.library.match_cache" in modules
    assert not modules & {"papertrack.matching.matcher", "rapidfuzz", "unicodedata", "yaml"}


def test_cached_relevance_needs_no_matcher_and_no_search_index(modules_of_run, papertrack):
    papertrack.configure("topics: [{name: every, any: [paper], breadth: related}]")
    assert "papertrack.matching.matcher" in modules_of_run(
        "today", "--offline", "--format", "plain"
    )
    modules = modules_of_run("today", "--offline", "--format", "plain")
    assert "papertrack.tracker.relevance" in modules
    assert not modules & {
        "papertrack.matching.matcher",
        "rapidfuzz",
        "sqlite3",
        "unicodedata",
        "yaml",
    }


def test_only_the_reader_imports_textual():
    """Its package is imported by the command `browse` alone, and that when it runs."""
    users = {file for file in FILES if "browse" in set(_packages_used(file))}
    assert {file for file in users if not file.startswith("browse/")} == {
        "cli/browse.py",
        "cli/desk.py",
    }
    at_the_top = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in _tree("cli/browse.py").body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not {name for name in at_the_top if name.startswith(("papertrack.browse", "textual"))}
    assert "papertrack.cli.desk" not in at_the_top


def test_help_imports_no_library_and_no_configuration(modules_of_run):
    modules = modules_of_run("--help")
    assert "typer" in modules
    assert not modules & {"rich", "tinydb", "yaml", "filelock", "rapidfuzz", "pydantic", *_NETWORK}
    assert not modules & {"textual", "papertrack.browse"}


def test_the_version_option_imports_almost_nothing(modules_of_run):
    modules = modules_of_run("--version")
    assert not modules & {"typer", "rich", "tinydb", "yaml", "platformdirs", *_NETWORK}
