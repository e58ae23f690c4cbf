"""The sources there are: those of the table, and those that other packages bring."""

import json
import os
import subprocess
import sys

import pytest

from papertrack.config.records import PluginSource, Sources
from papertrack.errors import UsageError
from papertrack.sources import Source, table

MODULE = """
from papertrack.models import Listing
from papertrack.sources import Source

class Zenodo(Source):
    name, title = "zenodo", "Zenodo"

    def __init__(self, settings):
        self.settings = settings

    def listings(self, client, ask, now):
        return [Listing(self.name, ask.days[0], "quiet")]

class Impostor(Zenodo):
    name = "arxiv"

class Untitled(Zenodo):
    title = None

def nothing(settings):
    return None

def refuses(settings):
    raise ValueError("no api_key" + chr(10) + "in the settings")
"""
MADE = """
from papertrack.config.records import PluginSource
from papertrack.errors import UsageError
try:
    source = table.make("zenodo", PluginSource(True, (("rows", 5), ("of", ("a", "b")))))
    said = [type(source).__name__, source.title, source.settings]
except UsageError as error:
    said = [error.exit_code, *error.lines()]
"""
CONFIGURED = """
from datetime import UTC, date, datetime
from papertrack.config import load
from papertrack.sources import Ask
(name, settings), = load("config.yaml").sources.enabled().items()
source = table.make(name, settings)
listing, = source.listings(None, Ask((date(2026, 3, 20),)), datetime.now(UTC))
said = [source.settings, listing.source, listing.state]
"""


@pytest.fixture
def install(tmp_path):
    """Puts into a folder what an installer leaves of a package with these entry points."""

    def start(*entries, name="zenodo-papers"):
        info = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("\n".join(("[papertrack.sources]", *entries, "")))
        (tmp_path / "zenodo_papers.py").write_text(MODULE)

    return start


@pytest.fixture
def run(tmp_path):
    """Runs lines in a new process that finds these packages; what the lines call `said`."""

    def start(lines):
        script = f"import json, sys\nfrom papertrack.sources import table\n{lines}\n"
        done = subprocess.run(
            [sys.executable, "-c", f"{script}print(json.dumps(said))"],
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return start


# The table


@pytest.mark.parametrize("name", table.names())
def test_each_source_of_the_table_is_made_from_its_settings_in_the_configuration(name):
    source = table.make(name, getattr(Sources(), name))
    assert isinstance(source, Source)
    assert source.name == name


def test_the_configuration_has_settings_for_exactly_the_sources_of_the_table():
    assert {*table.names(), "others"} == set(Sources._fields)


def test_making_a_source_imports_no_other_and_no_network(run):
    lines = """
from papertrack.config.records import PreprintsSource
before = [name for name in sys.modules if name.startswith("papertrack.sources.")]
table.make("medrxiv", PreprintsSource())
said = before, sorted(name for name in sys.modules if name.startswith("papertrack.sources."))
said += ([name for name in ("httpx", "importlib.metadata", "yaml") if name in sys.modules],)
"""
    before, after, slow = run(lines)
    assert before == ["papertrack.sources.table"]
    assert after == [f"papertrack.sources.{name}" for name in ("biorxiv", "pages", "table")]
    assert slow == []


def test_what_is_on_comes_from_the_configuration_own_sources_first():
    off, on = PluginSource(), PluginSource(enabled=True)
    sources = Sources(others=(("zenodo", on), ("hal", off)))
    assert list(sources.enabled()) == ["huggingface", "zenodo"]
    assert sources.enabled()["zenodo"] is on


def test_a_source_that_nothing_provides_is_told_with_those_there_are():
    with pytest.raises(UsageError, match="no such source: 'zenodo'") as caught:
        table.make("zenodo", PluginSource(enabled=True))
    assert "huggingface, arxiv, biorxiv, medrxiv" in caught.value.why


# Plugins


def test_a_plugin_is_found_by_its_entry_point_and_not_imported_for_that(install, run):
    install("zenodo = zenodo_papers:Zenodo")
    found = run('said = list(table.plugins()), "zenodo_papers" in sys.modules')
    assert found == [["zenodo"], False]


def test_a_plugin_is_called_with_the_mapping_of_its_settings(install, run):
    install("zenodo = zenodo_papers:Zenodo")
    assert run(MADE) == ["Zenodo", "Zenodo", {"rows": 5, "of": ["a", "b"]}]


def test_a_configuration_switches_a_plugin_on_and_it_answers(install, run, tmp_path):
    install("zenodo = zenodo_papers:Zenodo")
    text = "sources: {huggingface: {enabled: no}, zenodo: {enabled: yes, rows: 7, of: [a, yes]}}"
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    assert run(CONFIGURED) == [{"rows": 7, "of": ["a", True]}, "zenodo", "quiet"]


def test_a_plugin_may_not_stand_in_for_a_source_of_the_table(install, run):
    install("arxiv = zenodo_papers:Zenodo", "zenodo = zenodo_papers:Zenodo")
    lines = """
from papertrack.config.records import ArxivSource
said = list(table.plugins()), type(table.make("arxiv", ArxivSource())).__name__
"""
    assert run(lines) == [["zenodo"], "ArXiv"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("zenodo_papers_2:Zenodo", "ModuleNotFoundError: "),
        ("zenodo_papers:Zenod", "AttributeError: "),
        ("zenodo_papers:MODULE = 1", "AttributeError: "),
        ("zenodo_papers:refuses", "ValueError: no api_key in the settings"),
        ("zenodo_papers:nothing", "it gives a NoneType, not a papertrack Source"),
        ("zenodo_papers", "TypeError: "),
        ("zenodo_papers:Untitled", "its source has no title"),
        ("zenodo_papers:Impostor", "its source bears another name than its entry point"),
    ],
)
def test_a_plugin_that_does_not_work_is_told_with_its_package_and_the_reason(
    install, run, target, reason
):
    install(f"zenodo = {target}")
    code, what, why, next_step = run(MADE)
    assert code == 2
    assert what == "the source 'zenodo' of zenodo-papers does not work"
    assert why.startswith(reason)
    assert "zenodo-papers" in next_step
    assert "\n" not in what + why + next_step


def test_a_damaged_package_hides_no_other_one(install, run):
    install("a line that is no entry point", name="damaged")
    install("zenodo = zenodo_papers:Zenodo")
    assert run("said = list(table.plugins())") == ["zenodo"]


def test_of_two_plugins_of_one_name_the_same_is_taken_each_time(install, run):
    install("zenodo = zenodo_papers:Zenodo", name="zenodo-a")
    install("zenodo = zenodo_papers:nothing", name="zenodo-b")
    values = {run('said = table.plugins()["zenodo"].value') for _ in range(3)}
    assert len(values) == 1
