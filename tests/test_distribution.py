"""The wheel and the sdist, built as for a release: what is in them and what they say."""

import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

import papertrack

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "papertrack"
DATA = {
    "papertrack/config/example.yaml",
    "papertrack/matching/vocabulary.txt",
    "papertrack/py.typed",
    "papertrack/searching/word_vectors.bin",
    "papertrack/sources/sample.json",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with one wheel and one sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    (path,) = built.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def sdist(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        return {name.partition("/")[2] for name in archive.getnames()}


@pytest.fixture(scope="module")
def metadata(wheel):
    (name,) = (name for name in wheel if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel[name])


def _files(folder):
    """The files of a folder of the checkout, without what Python and tools leave there."""
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_modules_and_the_data_files_and_nothing_else(wheel):
    packaged = {name for name in wheel if ".dist-info/" not in name and ".data/" not in name}
    modules = {name for name in _files("papertrack") if name.endswith(".py")}
    assets = _files("papertrack/exports/templates") | _files("papertrack/publishing/automation")
    assert packaged == modules | DATA | assets


def test_the_wheel_holds_the_man_page_where_man_looks_for_it(wheel):
    inside = {name.partition(".data/data/")[2]: text for name, text in wheel.items()}
    page = inside["share/man/man1/papertrack.1"]
    assert page == (ROOT / ".man/papertrack.1").read_bytes()


def test_the_wheel_holds_no_script_but_the_program_itself(wheel):
    """A module that is to be run by itself builds or measures something: it belongs in tests/."""
    runnable = {name for name, text in wheel.items() if b'__name__ == "__main__"' in text}
    assert runnable == {"papertrack/__main__.py"}


def test_the_wheel_has_the_licence_and_the_command(wheel):
    inside = {name.partition(".dist-info/")[2]: text for name, text in wheel.items()}
    assert inside["licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    assert b"papertrack = papertrack.__main__:main" in inside["entry_points.txt"]


@pytest.mark.parametrize(
    "folder", ["papertrack", "tests", ".man", ".ci", ".docker", ".github", ".readme"]
)
def test_the_sdist_holds_every_file_of_the_checkout(sdist, folder):
    assert _files(folder) - sdist == set()


def test_the_sdist_holds_the_files_at_the_top(sdist):
    top = {"README.md", "CHANGELOG.md", "LICENSE", "config.example.yaml", "pyproject.toml"}
    assert top <= sdist


@pytest.mark.parametrize(
    "field", ["Summary", "License-Expression", "Keywords", "Requires-Python", "Project-URL"]
)
def test_the_metadata_has_each_field_that_pypi_shows(metadata, field):
    assert metadata[field]


def test_the_metadata_names_the_version_of_the_package(metadata):
    assert metadata["Name"] == "papertrack-cli"
    assert metadata["Version"] == papertrack.__version__


def test_the_readme_on_pypi_is_markdown_without_relative_links(metadata):
    text = metadata.get_payload(decode=True).decode()
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert text.startswith("# papertrack\n")
    assert _relative(text) == []


def test_a_relative_link_would_be_noticed():
    assert _relative('[a](b.md) ![c](d.svg) <img src="e.png"> [f](https://g)') == [
        "b.md",
        "d.svg",
        "e.png",
    ]


def _relative(text):
    """The targets of links and pictures that are neither web addresses nor places in the text."""
    page = MarkdownIt().render(text)
    targets = re.findall(r'(?:href|src)="([^"]*)"', page)
    return [one for one in targets if not one.startswith(("https://", "http://", "#"))]


def test_the_classifiers_name_the_pythons_that_the_workflow_tests(metadata):
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    tested = workflow["jobs"]["tests"]["strategy"]["matrix"]["python"]
    prefix = "Programming Language :: Python :: 3."
    classified = [one for one in metadata.get_all("Classifier") if one.startswith(prefix)]
    assert [f"Programming Language :: Python :: {one}" for one in tested] == classified
    assert metadata["Requires-Python"] == f">={tested[0]}"


def test_the_changelog_dates_every_release_and_knows_this_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", one) for one in headings[1:])
    assert f"[{papertrack.__version__}]" in headings[1].split()
    kinds = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
