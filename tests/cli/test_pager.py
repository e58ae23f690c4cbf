"""Tables longer than the terminal are shown in a pager."""

import shlex
import sys

import pytest


@pytest.fixture
def pager(tmp_path):
    """A pager that saves what it gets, and the file that it saves to."""
    saved = tmp_path / "paged"
    program = tmp_path / "pager.py"
    program.write_text(f"import sys\nopen({str(saved)!r}, 'wb').write(sys.stdin.buffer.read())\n")
    return {"PAGER": shlex.join([sys.executable, str(program)])}, saved


def test_a_table_longer_than_the_terminal_goes_to_the_pager(owner, pager):
    variables, saved = pager
    code, output = owner.in_terminal("list", "--limit", "45", "--no-links", env=variables)
    assert (code, output) == (0, b"")
    assert saved.read_bytes().count(b"2603.") > 40
    assert b"\x1b[" in saved.read_bytes()


@pytest.mark.parametrize(
    "command_line",
    ["list --limit 3", "list --limit 45 --no-pager", "list --limit 45 -f plain"],
)
def test_short_tables_other_formats_and_no_pager_are_printed_at_once(owner, pager, command_line):
    variables, saved = pager
    code, output = owner.in_terminal(*command_line.split(), env=variables)
    assert code == 0
    assert b"2603." in output
    assert not saved.exists()


def test_pager_never_in_the_configuration_disables_it(owner, pager):
    variables, saved = pager
    config = owner.home / "config/papertrack/config.yaml"
    config.write_text(config.read_text() + "\npager: never\n")
    _, output = owner.in_terminal("list", "--limit", "45", env=variables)
    assert b"2603." in output
    assert not saved.exists()


@pytest.mark.parametrize("command", ["/nowhere/pager", ""])
def test_without_a_usable_pager_the_table_is_printed(owner, command):
    code, output = owner.in_terminal("list", "--limit", "45", "--no-links", env={"PAGER": command})
    assert code == 0
    assert output.count(b"2603.") > 40


def test_a_pager_that_ends_early_is_no_error(owner):
    code, _ = owner.in_terminal("list", "--limit", "45", env={"PAGER": "true"})
    assert code == 0


@pytest.mark.parametrize(
    ("terminal", "options", "links"),
    [("xterm-256color", (), True), ("dumb", (), False), ("linux", (), False),
     ("xterm-256color", ("--no-links",), False)],
)  # fmt: skip
def test_ids_are_links_where_the_terminal_can_show_them(owner, terminal, options, links):
    variables = {"TERM": terminal}
    _, output = owner.in_terminal("list", "--limit", "3", *options, env=variables)
    assert (b"\x1b]8;" in output) is links
    assert b"2603." in output


def test_a_pipe_gets_no_links_unless_always_is_configured(owner):
    assert "\x1b]8;" not in owner("list", "-f", "table").out
