"""The README says only what is so."""

import html
import re
import shlex
from pathlib import Path

import pytest
from readme_picture import PICTURE, shown
from rich.text import Text

from papertrack import errors
from papertrack.cli import exit_handling
from papertrack.cli.app import COMMANDS
from papertrack.display import FORMATS
from papertrack.trending import __doc__ as formula

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND_NAMES = {name for group in COMMANDS.values() for name in group}


def test_it_is_short_enough_to_be_read():
    assert len(README.splitlines()) <= 150


def test_every_command_it_names_exists_and_every_command_is_named():
    named = set(re.findall(r"`papertrack ([a-z]+)", README))
    named |= set(re.findall(r"`([a-z]+) ID`|`(un[a-z]+)`", README)[0])
    mentioned = named | set(re.findall(r"`(un[a-z]+|[a-z]+)(?: ID)?`", README))
    assert named - {""} <= COMMAND_NAMES | {"today"}
    assert COMMAND_NAMES - mentioned - {"topics"} == set()


def test_it_lists_all_formats_and_exit_codes():
    assert "|".join(FORMATS[1:]) in README
    known = [one.exit_code for one in vars(errors).values() if hasattr(one, "exit_code")]
    for code in {
        *known,
        errors.INCOMPLETE,
        errors.INTERRUPTED,
        exit_handling.BUG,
        exit_handling.OUTPUT_FAILED,
    }:
        assert re.search(rf"^\|.*\b{code}\b.*\|", README, re.MULTILINE), code


def test_its_formula_is_the_one_that_ranks():
    assert formula is not None
    assert "(1 + upvotes) * sqrt((1 + upvotes gained a day) / age in days)" in README
    assert "(1 + upvotes) * sqrt((1 + gain a day) / age in days)" in formula


@pytest.mark.parametrize("last", ["papertrack today --sample", "pytest"])
def test_one_line_each_sets_up_and_runs_and_tests(last):
    lines = [line for line in README.splitlines() if line.endswith(last) and "venv" in line]
    assert len(lines) == 1
    assert shlex.split(lines[0])[:3] == ["python3", "-m", "venv"]


def test_ci_runs_the_same_test_command():
    assert "README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_its_picture_is_what_the_sample_prints():
    """Drawn anew by `python tests/readme_picture.py`."""
    drawn = html.unescape(re.sub(r"<[^>]*>", " ", PICTURE.read_text(encoding="utf-8")))
    words = set(drawn.replace("\xa0", " ").split())
    printed = Text.from_ansi(shown()).plain
    assert "Trending" in printed
    assert set(printed.split()) <= words
