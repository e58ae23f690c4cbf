"""The source registry: built-in sources, and the plugins of other packages."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pkgutil import walk_packages

import pytest

from papertrack import sources as sources_package
from papertrack.config.records import Sources
from papertrack.config.source_groups import SourceGroup
from papertrack.errors import UsageError
from papertrack.source_registry import BUILT_IN
from papertrack.sources import Source
from papertrack.sources.factory import make_source

IMPORTS = """
import json, sys
from papertrack import source_registry
from papertrack.sources.factory import make_source
"""
MODULE = """
from typing import NamedTuple

from papertrack.models import Listing
from papertrack.sources import Source

class Zenodo(Source):
    name, title = "zenodo", "Zenodo"

    def __init__(self, settings):
        self.settings = settings

    def listings(self, client, request, now):
        return [Listing(self.name, request.days[0], "quiet")]

class Impostor(Zenodo):
    name = "arxiv"

class Untitled(Zenodo):
    title = None

class Titled(Zenodo):
    title, short_title = "Zenodo by CERN", "Zenodo"

class Settings(NamedTuple):
    url: str
    rows: int = 20
    community: tuple[str, ...] = ()
    api_key: str | None = None

class Checked(Zenodo):
    settings_type = Settings

    @staticmethod
    def schema():
        from papertrack.config.groups import TextListType
        from papertrack.config.shared_types import URL
        from papertrack.config.scalars import NumberType, TextType
        rows = NumberType(1, 100, whole=True)
        texts = TextListType(TextType())
        return {"url": URL, "rows": rows, "community": texts, "api_key": TextType()}

    @staticmethod
    def objection(settings):
        return None if settings.community else ("communities are missing", "add one")

class Unchecked(Checked):
    @staticmethod
    def schema():
        return {"url": 1 / 0}

class Verbose(Checked):
    @staticmethod
    def schema():
        raise ValueError("x" * 300)

class Objecting(Checked):
    @staticmethod
    def objection(settings):
        raise KeyError("community")

def nothing(settings):
    return None

def refuses(settings):
    raise ValueError("no api_key" + chr(10) + "in the settings")
"""
MADE = """
from papertrack.errors import UsageError
try:
    source = make_source("zenodo", {"rows": 5, "of": ("a", "b")})
    result = [type(source.plugin).__name__, source.title, source.plugin.settings]
except UsageError as error:
    result = [error.exit_code, *error.lines()]
"""
CONFIGURED = """
from datetime import UTC, date, datetime
from papertrack.config import load
from papertrack.sources import ListingRequest
sources = load("config.yaml").sources
name, = sources.enabled
source = make_source(name, sources[name])
listing, = source.listings(None, ListingRequest((date(2026, 3, 20),)), datetime.now(UTC))
result = [source.plugin.settings, listing.source, listing.state]
"""


@pytest.fixture
def install(tmp_path):
    """Creates the files of an installed package with these entry points."""

    def start(*entries, name="zenodo-papers"):
        info = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("\n".join(("[papertrack.sources]", *entries, "")))
        (tmp_path / "zenodo_papers.py").write_text(MODULE)

    return start


@pytest.fixture
def run(tmp_path):
    """Runs lines in a new process with these packages; returns their variable `result`."""

    def start(lines):
        done = subprocess.run(
            [sys.executable, "-c", f"{IMPORTS}{lines}\nprint(json.dumps(result))"],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return start


# Built-in sources


def subclasses(kind):
    return {kind}.union(*map(subclasses, kind.__subclasses__()))


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_built_in_source_is_built_from_its_settings_in_the_configuration(name):
    source = make_source(name, Sources()[name])
    assert isinstance(source, Source)
    assert (name, type(source)) == (source.name, BUILT_IN[name].load())
    assert BUILT_IN[name].name == name


def test_every_source_of_this_package_has_its_line_in_the_registry():
    for module in walk_packages(sources_package.__path__, "papertrack.sources."):
        import_module(module.name)
    ours = {kind for kind in subclasses(Source) if kind.__module__.startswith("papertrack.")}
    missing = [
        kind.__name__ for kind in ours if hasattr(kind, "name") and kind.name not in BUILT_IN
    ]
    assert missing == []


@pytest.mark.parametrize("name", BUILT_IN)
def test_each_setting_of_a_source_has_a_type_in_its_schema(name):
    record = SourceGroup(name).record_type()
    fields = BUILT_IN[name].load().settings_type._fields
    assert set(record.fields) == {"enabled", *fields}
    assert record.default_values() == {
        "enabled": BUILT_IN[name].enabled,
        **Sources()[name]._asdict(),
    }


def test_building_a_source_imports_no_other_source_and_no_network(run):
    lines = """
from papertrack.config.records import Sources
before = [name for name in sys.modules if name.startswith("papertrack.sources.")]
make_source("medrxiv", Sources()["medrxiv"])
result = before, sorted(name for name in sys.modules if name.startswith("papertrack.sources."))
result += ([name for name in ("httpx", "importlib.metadata", "yaml") if name in sys.modules],)
"""
    before, after, slow = run(lines)
    assert before == ["papertrack.sources.factory"]
    assert after == [
        f"papertrack.sources.{name}" for name in ("biorxiv", "factory", "links", "pages")
    ]
    assert slow == []


def test_the_enabled_sources_are_listed_without_importing_any(run):
    lines = """
from papertrack.config.records import Sources
sources = Sources({"hal": {"enabled": False}, "zenodo": {"enabled": True}, "arxiv": {"rows": 1}})
result = sources.enabled, list(sources), len(sources), [
    name for name in sys.modules if name.startswith("papertrack.sources.")
]
"""
    names = [*BUILT_IN, "hal", "zenodo"]
    enabled = ["huggingface", "zenodo"]
    assert run(lines) == [enabled, names, len(names), ["papertrack.sources.factory"]]


def test_settings_of_an_unknown_source_are_missing():
    with pytest.raises(KeyError):
        Sources()["zenodo"]
    assert "zenodo" not in Sources()


def test_an_unknown_source_is_an_error_that_lists_the_others():
    with pytest.raises(UsageError, match="no such source: 'zenodo'") as caught:
        make_source("zenodo", {})
    assert ", ".join(BUILT_IN) in caught.value.why


# Plugins


def test_a_plugin_is_found_by_its_entry_point_without_importing_it(install, run):
    install("zenodo = zenodo_papers:Zenodo")
    names, imported = run('result = source_registry.plugins(), "zenodo_papers" in sys.modules')
    assert [names, imported] == [["zenodo"], False]


def test_a_plugin_is_called_with_the_mapping_of_its_settings(install, run):
    install("zenodo = zenodo_papers:Zenodo")
    assert run(MADE) == ["Zenodo", "Zenodo", {"rows": 5, "of": ["a", "b"]}]


def test_a_plugin_that_the_configuration_enables_returns_listings(install, run, tmp_path):
    install("zenodo = zenodo_papers:Zenodo")
    text = "sources: {huggingface: {enabled: no}, zenodo: {enabled: yes, rows: 7, of: [a, yes]}}"
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    assert run(CONFIGURED) == [{"rows": 7, "of": ["a", True]}, "zenodo", "quiet"]


def test_a_plugin_cannot_replace_a_built_in_source(install, run):
    install("arxiv = zenodo_papers:Zenodo", "zenodo = zenodo_papers:Zenodo")
    lines = """
from papertrack.config.records import Sources
made = make_source("arxiv", Sources()["arxiv"])
result = source_registry.plugins(), type(made).__name__, source_registry.title("arxiv")
"""
    assert run(lines) == [["zenodo"], "ArXiv", "arXiv"]


@pytest.mark.parametrize(
    ("target", "titles"),
    [
        ("Zenodo", ["Zenodo", "Zenodo"]),
        ("Titled", ["Zenodo by CERN", "Zenodo"]),
        ("Untitled", ["zenodo", "zenodo"]),
        ("nothing", ["zenodo", "zenodo"]),
        ("missing", ["zenodo", "zenodo"]),
    ],
)
def test_the_titles_of_a_plugin_are_those_of_its_class_or_else_its_name(
    install, run, target, titles
):
    install(f"zenodo = zenodo_papers:{target}")
    titled = 'result = source_registry.title("zenodo"), source_registry.short_title("zenodo")'
    assert run(titled) == titles


CHECKED = """
from papertrack.config import effective_yaml, load
from papertrack.errors import ConfigError
try:
    sources = load("config.yaml").sources
    result = make_source("zenodo", sources["zenodo"]).plugin.settings._asdict()
    assert load("config.yaml").sources == sources
    shown = effective_yaml(load("config.yaml"))
    with open("config.yaml", "w") as file:
        file.write(shown)
    assert load("config.yaml").sources == sources
except ConfigError as error:
    problems = error.problems
    result = [[each.line, each.path, each.message, each.suggestion] for each in problems]
"""


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (
            "{url: 'http://h/', community: a}",
            {"url": "http://h", "rows": 20, "community": ["a"]},
        ),
        ("{url: 'http://h', enabled: yes}", "communities are missing"),
        (
            "{url: 'http://h', enabled: no}",
            {"url": "http://h", "rows": 20, "community": []},
        ),
        ("{community: a}", "is missing"),
        ("{url: 'http://h', rows: 101}", '"101" is not a whole number from 1 to 100'),
        ("{url: 'http://h', row: 1}", "unknown key"),
    ],
)
def test_the_keys_of_a_plugin_with_a_schema_are_checked_as_those_of_built_in_sources_are(
    install, run, tmp_path, keys, expected
):
    install("zenodo = zenodo_papers:Checked")
    (tmp_path / "config.yaml").write_text(f"sources: {{zenodo: {keys}}}", encoding="utf-8")
    result = run(CHECKED)
    if isinstance(expected, str):
        ((line, path, message, _),) = result
        assert (line, path.split(".")[:2], message) == (1, ["sources", "zenodo"], expected)
    else:
        assert result == expected | {"api_key": None}


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("Unchecked", "ZeroDivisionError: division by zero"),
        ("Verbose", f"ValueError: {'x' * 187}…"),  # 200 characters
        ("Objecting", "KeyError: 'community'"),
    ],
)
def test_a_plugin_whose_checks_fail_is_a_problem_of_its_group(
    install, run, tmp_path, target, reason
):
    install(f"zenodo = zenodo_papers:{target}")
    text = "sources:\n  zenodo: {url: 'http://h', enabled: yes}\n"
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    ((line, path, message, advice),) = run(CHECKED)
    assert (line, path) == (2, "sources.zenodo")
    assert message == f"its plugin cannot check its keys: {reason}"
    assert advice == "update its package, or remove these keys"


def test_a_secret_of_a_plugin_with_a_schema_is_hidden_and_causes_a_warning(install, run, tmp_path):
    install("zenodo = zenodo_papers:Checked")
    text = "sources: {zenodo: {url: 'http://h', api_key: hunter2}}"
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "config.yaml").chmod(0o644)
    lines = """
from papertrack.config import effective_yaml, exposure_warning, load
config = load("config.yaml")
result = effective_yaml(config), exposure_warning(config)
"""
    shown, warning = run(lines)
    assert 'api_key: "***"' in shown
    assert "hunter2" not in shown
    assert "the secret in sources.zenodo.api_key" in warning


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("zenodo_papers_2:Zenodo", "ModuleNotFoundError: "),
        ("zenodo_papers:Zenod", "AttributeError: "),
        ("zenodo_papers:MODULE = 1", "AttributeError: "),
        ("zenodo_papers:refuses", "ValueError: no api_key in the settings"),
        ("zenodo_papers:nothing", "it returns a NoneType, not a papertrack Source"),
        ("zenodo_papers", "TypeError: "),
        ("zenodo_papers:Impostor", "the name of its source differs from its entry point"),
    ],
)
def test_a_broken_plugin_is_reported_with_its_package_and_the_reason(install, run, target, reason):
    install(f"zenodo = {target}")
    code, what, why, next_step = run(MADE)
    assert code == 2
    assert what == "the source 'zenodo' of zenodo-papers does not work"
    assert why.startswith(reason)
    assert "zenodo-papers" in next_step
    assert "\n" not in what + why + next_step


def test_a_damaged_package_hides_no_other_package(install, run):
    install("a line that is no entry point", name="damaged")
    install("zenodo = zenodo_papers:Zenodo")
    assert run("result = source_registry.plugins()") == ["zenodo"]


def test_the_same_of_two_plugins_with_equal_names_is_used_each_time(install, run):
    install("zenodo = zenodo_papers:Zenodo", name="zenodo-a")
    install("zenodo = zenodo_papers:nothing", name="zenodo-b")
    values = {run('result = source_registry.find_source("zenodo").target') for _ in range(3)}
    assert len(values) == 1
