"""The recipes of CONTRIBUTING.md, applied as they are written to a copy of the checkout."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / ".github/CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## (Add an? .*?)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL))
STEP = re.compile(
    r"^(?:Create `(?P<new>[^`]+)`"
    r"|In `(?P<old>[^`]+)`, (?P<side>above|below) `(?P<line>[^`]+)`):\n\n"
    r"```\w+\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COPIED = ("papertrack", "tests", ".github", "pyproject.toml", "README.md", "config.example.yaml")


@pytest.fixture
def checkout(tmp_path):
    """A copy of what a recipe may change."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in COPIED:
        source, ignored = ROOT / name, shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=ignored)
        else:
            shutil.copy(source, copy / name)
    shutil.copytree(ROOT / ".readme", copy / ".readme")
    shutil.copytree(ROOT / ".ci", copy / ".ci")
    _set_up(copy)
    return copy


def test_the_guide_says_how_to_add_each_kind_of_thing():
    kinds = ("source", "export format", "channel", "command")
    assert [name.split(maxsplit=2)[2] for name in RECIPES] == list(kinds)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_works_as_it_is_written(checkout, name):
    steps = list(STEP.finditer(RECIPES[name]))
    assert len(steps) == RECIPES[name].count("```") // 2 - 1, "each block but the last is a step"
    for step in steps:
        _apply(checkout, **step.groupdict())
    (commands,) = COMMANDS.findall(RECIPES[name])
    done = _run(checkout, commands)
    assert done.returncode == 0, done.stdout + done.stderr
    done = _run(checkout, "ruff format -q . && ruff check --fix .")
    assert done.returncode == 0, done.stdout + done.stderr


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
    """Run lines of a shell up to the first that fails, in the virtual environment of the copy."""
    environ = {
        "PATH": os.pathsep.join(
            [str(checkout / ".venv/bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
        ),
        "HOME": str(checkout.parent),
        "LANG": "C.UTF-8",
        "PAPERTRACK_LIBRARY": str(checkout.parent / "library"),
    }
    how = {"cwd": checkout, "env": environ, "capture_output": True, "text": True}
    return subprocess.run(["bash", "-e", "-c", commands], check=False, **how)


def _set_up(checkout):
    """A virtual environment with the copy in place of the checkout, and the same packages."""
    folder = checkout / ".venv"
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "copy.pth").write_text(f"{checkout}\n{sysconfig.get_path('purelib')}\n")
    for name in ("papertrack", "pytest"):
        script = folder / "bin" / name
        script.write_text(f'#!/bin/sh\nexec "{folder}/bin/python" -m {name} "$@"\n')
        script.chmod(0o755)
