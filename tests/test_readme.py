"""The README agrees with the program. tests/test_examples.py runs its examples."""

import html
import re
import shlex
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from pathlib import Path

import pytest
from readme_picture import PICTURE, sample_output
from rich.text import Text

from papertrack import errors
from papertrack.cli import exit_handling
from papertrack.cli.app import COMMANDS
from papertrack.display import FORMATS
from papertrack.models import Observation
from papertrack.trending import score

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND_NAMES = {name for group in COMMANDS.values() for name in group}


def test_it_has_at_most_150_lines():
    assert len(README.splitlines()) <= 150


def test_every_command_it_names_exists_and_every_command_is_named():
    named = set(re.findall(r"`papertrack ([a-z]+)", README))
    mentioned = named | set(re.findall(r"`([a-z]+)`", README))
    assert named - COMMAND_NAMES == set()
    assert COMMAND_NAMES - mentioned == set()


def test_it_lists_all_formats_and_exit_codes():
    assert "|".join(FORMATS[1:]) in README
    codes = {error.exit_code for error in vars(errors).values() if hasattr(error, "exit_code")}
    codes |= {errors.INCOMPLETE, errors.INTERRUPTED}
    codes |= {exit_handling.BUG, exit_handling.OUTPUT_FAILED}
    for code in codes:
        assert re.search(rf"^\|.*\b{code}\b.*\|", README, re.MULTILINE), code


def test_its_formula_gives_the_scores_that_rank_papers():
    (formula,) = re.findall(r"`(\(3 \+ upvotes\) .*)`", README)
    expression = formula.replace("upvotes gained per day", "gain").replace("age in days", "age")
    start, listed = datetime(2026, 3, 30, 12, tzinfo=UTC), date(2026, 3, 30)
    counts = [Observation(start, 2), Observation(start + timedelta(days=1), 12)]
    now = datetime(2026, 4, 1, tzinfo=UTC)
    values = {"sqrt": sqrt, "upvotes": 12, "gain": 10, "age": 2}
    assert score(counts, listed, now) == pytest.approx(eval(expression, values))


@pytest.mark.parametrize("last", ["papertrack today --sample", "pytest"])
def test_one_line_each_installs_and_tries_or_tests(last):
    lines = [line for line in README.splitlines() if line.endswith(last) and "venv" in line]
    assert len(lines) == 1
    assert shlex.split(lines[0])[:3] == ["python3", "-m", "venv"]


def test_ci_runs_the_same_test_command():
    assert "README.md" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_its_picture_shows_the_output_of_the_sample():
    """To draw the picture again: `python tests/readme_picture.py`."""
    drawn = html.unescape(re.sub(r"<[^>]*>", " ", PICTURE.read_text(encoding="utf-8")))
    words = set(drawn.replace("\xa0", " ").split())
    printed = Text.from_ansi(sample_output()).plain
    assert "Rising" in printed
    assert set(printed.split()) <= words
