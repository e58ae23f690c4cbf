"""CONTRIBUTING.md: the names it mentions exist, and its recipes work as written."""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from pkgutil import resolve_name

import pytest

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / ".github/CONTRIBUTING.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL))
RECIPES = {title: text for title, text in SECTIONS.items() if re.match("Add an? ", title)}
NAMES = dict.fromkeys(re.findall(r"`(papertrack(?:\.\w+)+)`", GUIDE))
STEP = re.compile(
    r"^(?:Create `(?P<new>[^`]+)`"
    r"|In `(?P<old>[^`]+)`, (?P<side>above|below) `(?P<line>[^`]+)`):\n\n"
    r"```\w+\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = (
    *("papertrack", "tests", ".github", ".readme", ".ci"),
    *("pyproject.toml", "README.md", "config.example.yaml"),
)
# An attribute of the fixture `papertrack`, not of the package.
NOT_IN_CODE = {"papertrack.now"}


@pytest.fixture
def checkout(tmp_path):
    """A copy of the files that a recipe may change, with what Python has compiled of them."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
    _create_environment(copy)
    return copy


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NOT_IN_CODE])
def test_a_module_or_function_that_the_guide_names_exists(name):
    assert resolve_name(name)


def test_the_map_names_every_package_and_the_walks_name_functions():
    packages = {path.parent.name for path in ROOT.glob("papertrack/*/__init__.py")}
    described = set(re.findall(r"`papertrack\.(\w+)`", SECTIONS["A map of the code"]))
    assert packages - described == set()
    steps = re.findall(
        r"^\d\. (.*(?:\n   .*)*)", SECTIONS["Two walks through the code"], re.MULTILINE
    )
    assert len(steps) == 12
    assert [step for step in steps if not re.search(r"`papertrack(\.\w+)+`", step)] == []


def test_an_entry_of_the_map_has_at_most_three_lines():
    entries = re.findall(r"^- .*(?:\n  .*)*", SECTIONS["A map of the code"], re.MULTILINE)
    assert [entry for entry in entries if len(entry.splitlines()) > 3] == []


def test_there_is_a_recipe_for_each_kind_of_extension():
    kinds = ("source", "export format", "channel", "command")
    assert [name.split(maxsplit=2)[2] for name in RECIPES] == list(kinds)


def test_the_recipes_work_as_written_one_after_the_other(checkout):
    for recipe in RECIPES.values():
        steps = list(STEP.finditer(recipe))
        assert len(steps) == recipe.count("```") // 2 - 1, "each block but the last is a step"
        for step in steps:
            _apply(checkout, **step.groupdict())
        (commands,) = COMMANDS.findall(recipe)
        _run(checkout, commands)
    _run(checkout, "ruff format -q . && ruff check --fix .")


def _apply(checkout, *, new, old, side, line, text):
    if new:
        assert not (checkout / new).exists()
        (checkout / new).write_text(text, encoding="utf-8")
        return
    before = (checkout / old).read_text(encoding="utf-8")
    assert f"\n{line}\n" in before, f"{old} has no line {line!r}"
    both = f"\n{text}{line}\n" if side == "above" else f"\n{line}\n{text}"
    (checkout / old).write_text(before.replace(f"\n{line}\n", both, 1), encoding="utf-8")


def _run(checkout, commands):
    """Run shell commands, none of which fails, in the virtual environment of the copy."""
    environ = {
        "PATH": os.pathsep.join(
            [str(checkout / ".venv/bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
        ),
        "HOME": str(checkout.parent),
        "TMPDIR": str(checkout.parent),
        "LANG": "C.UTF-8",
        "PAPERTRACK_LIBRARY": str(checkout.parent / "library"),
    }
    options = {"cwd": checkout, "env": environ, "capture_output": True, "text": True}
    done = subprocess.run(["bash", "-e", "-c", commands], check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr


def _create_environment(checkout):
    """Create a virtual environment that imports the copy, and the packages of this one."""
    folder = checkout / ".venv"
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "copy.pth").write_text(
        "\n".join([str(checkout), *filter(os.path.isdir, sys.path)]) + "\n"
    )
    for name in ("papertrack", "pytest"):
        script = folder / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{folder}/bin/python" -m {name} "$@"\n')
        script.chmod(0o755)
