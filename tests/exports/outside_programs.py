"""Programs of others that read exported files; a test that needs a missing one is skipped."""

import subprocess
import sys
from functools import cache
from pathlib import Path
from shutil import which

import pytest

_SOURCES = {
    "bibtex": "apt-get install texlive-base texlive-latex-base",
    "biber": "apt-get install biber",
    "hugo": "apt-get install hugo",
    "cmark-gfm": "apt-get install cmark-gfm",
    "mdformat": "pip install mdformat mdformat-gfm mdformat-frontmatter",
    "remark": "npm install -g remark-cli remark-gfm remark-frontmatter",
    "prettier": "npm install -g prettier",
    "node": "apt-get install nodejs npm",
}


def program(name):
    """The path of a program; skips the test, with how to install it, if it is missing."""
    folder = str(Path(sys.executable).parent)  # of programs that pip installed
    path = which(name) or which(name, path=folder)
    if path is None:
        pytest.skip(f"{name} is not installed: {_SOURCES[name]}")
    return path


def run(command, folder, **options):
    """Run a command in a folder; return its exit code and all that it printed."""
    ended = subprocess.run(
        [program(command[0]), *map(str, command[1:])],
        cwd=folder,
        capture_output=True,
        check=False,
        **options,
    )
    return ended.returncode, (ended.stdout + ended.stderr).decode(errors="replace")


@cache
def npm_package(name):
    """The folder of a package that npm installed globally; skips the test if there is none."""
    program("node")
    code, root = run(["npm", "root", "-g"], ".") if which("npm") else (1, "")
    folder = Path(root.strip()) / name
    if code or not folder.is_dir():
        pytest.skip(f"{name} is not installed: npm install -g {name}")
    return folder
