"""The keys of the reader are those that its users know.

`python tests/config/test_browse_keys.py` writes `browse_keys.txt` again; review the differences.
"""

from pathlib import Path

import pytest
import yaml

from papertrack.config import example_text
from papertrack.config.browse_keys import BROWSE_KEYS, all_browse_keys, clashing_keys, textual_names

TABLE = Path(__file__).with_name("browse_keys.txt")


def _table():
    """Action, keys, label and description of each key, by heading."""
    for heading, keys in BROWSE_KEYS.items():
        yield f"{heading}\n"
        for key in keys:
            yield f"{key.action} | {' '.join(key.keys)} | {key.label} | {key.description}\n"


def test_the_keys_match_the_golden_file():
    assert list(_table()) == TABLE.read_text(encoding="utf-8").splitlines(keepends=True)


def test_the_example_names_the_first_key_of_each_action():
    lines = example_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("# down: "))
    end = next(number for number, line in enumerate(lines) if line.startswith("log:"))
    named = yaml.safe_load(f"{{{' '.join(line.lstrip('# ') for line in lines[start:end])}}}")
    first = {key.action: key.keys[0] for key in all_browse_keys()}
    assert (first.pop("palette"), first.pop("help")) == (":", "?")
    assert named == first


@pytest.mark.parametrize(
    ("configured", "clash"),
    [
        ({}, None),
        ({"star": ("S", "f2")}, None),
        ({"star": ("r",), "read": ("s",)}, None),
        ({"star": ("S", "f2"), "read": ("f2",)}, ("f2", "star", "read")),
        ({"help": ("q",)}, ("q", "help", "quit")),
    ],
)
def test_a_key_of_two_actions_clashes(configured, clash):
    assert clashing_keys(configured) == clash


def test_a_sign_has_the_name_that_textual_gives_it():
    names = "slash,question_mark,colon,minus,comma,full_stop,left_square_bracket"
    assert textual_names([*"/?:-,.["]) == names
    assert textual_names(["]", "S", "ctrl+f"]) == "right_square_bracket,S,ctrl+f"


if __name__ == "__main__":
    TABLE.write_text("".join(_table()), encoding="utf-8")
