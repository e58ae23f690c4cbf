"""The man page says what the help says, and is shipped where `man` looks for it."""

import shutil
import subprocess

import pytest
from man_page import FILE, man_page

from papertrack.cli.app import COMMANDS


def test_the_man_page_agrees_with_the_help():
    assert FILE.read_text(encoding="utf-8") == man_page(), "run python tests/man_page.py"


@pytest.fixture(scope="module")
def formatted():
    """The page as a terminal of 80 columns shows it."""
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    command = ["groff", "-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=80n", str(FILE)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stderr == ""
    return result.stdout


def test_every_command_and_its_examples_are_in_the_page(formatted):
    lines = [line.strip() for line in formatted.splitlines()]
    for name in (name for group in COMMANDS.values() for name in group):
        assert any(line.startswith(f"papertrack {name} [") for line in lines), name
    assert 'papertrack note 2603.10165 --append "code does not run"' in lines


def test_no_line_is_lost_or_longer_than_the_terminal(formatted):
    assert [line for line in formatted.splitlines() if len(line) > 110] == []
