"""`catchup` shows what was missed, and a day counts as seen once a terminal has shown it."""

import re
import shlex

import pytest


def _shown(output):
    return re.sub(r"\x1b\[[\d;]*m|\x1b]8;.*?\x1b\\", "", output.decode())


def test_a_table_on_a_terminal_marks_days_as_seen_and_a_pipe_does_not(owner):
    before = owner("catchup", "--offline", "-f", "ids").out.split()
    assert before
    assert owner("catchup", "--offline", "-f", "table").code == 0
    assert owner("catchup", "--offline", "-f", "ids").out.split() == before
    code, output = owner.in_terminal("catchup", "--offline")
    assert code == 0
    assert before[0] in _shown(output)
    assert owner("catchup", "--offline", "-f", "ids").out == ""
    assert "0 days" in _shown(owner.in_terminal("catchup", "--offline")[1])


def test_since_shows_days_again_that_were_seen(owner):
    owner.in_terminal("catchup", "--offline")
    assert owner("catchup", "--offline", "--since", "30d", "-f", "ids").out.split()


@pytest.mark.parametrize(
    ("options", "most"), [(("--papers", "3"), 3), (("--minutes", "2"), 3), (("--minutes", "1"), 1)]
)
def test_the_budget_limits_what_is_shown(owner, options, most):
    out = owner("catchup", "--offline", "-f", "plain", *options).out
    assert len(out.splitlines()) == most


def test_two_budgets_are_a_usage_error(owner):
    assert owner("catchup", "--papers", "3", "--minutes", "2").code == 2


@pytest.mark.parametrize("command", ["today", "catchup"])
def test_a_command_that_is_named_has_the_library_of_the_run(owner, command):
    words = ["--limit", "1"] if command == "today" else ["--papers", "1"]
    result = owner("--library", owner.library, command, "--offline", *words, "-f", "table")
    assert f"papertrack --library {shlex.quote(str(owner.library))} {command} " in result.out


def test_days_that_nobody_fetched_while_the_reader_was_away_are_fetched(papertrack, mirror):
    papertrack.ask(mirror.url)
    papertrack.now = "2026-03-10T18:00:00Z"
    papertrack.in_terminal("-q", "today")
    papertrack.now = "2026-03-26T09:00:00Z"
    papertrack.in_terminal("-q", "today")  # fetches the last week and shows one day of it
    mirror.forget()
    shown = _shown(papertrack.in_terminal("-q", "catchup", "--papers", "3")[1])
    assert {"2026-03-11", "2026-03-18"} < set(mirror.asked())
    assert shown.startswith("11 days")
