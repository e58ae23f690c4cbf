"""The rows of the last table on a terminal can be named by their numbers."""

import re
import shlex

import pytest


@pytest.fixture
def terminal(owner):
    """Runs several commands, one after the other, on one terminal; returns output and codes."""

    def run(*command_lines):
        results = owner.in_one_terminal(map(shlex.split, command_lines))
        return "".join(f"{output.decode()}code {code}\n" for code, output in results)

    return run


def _starred(owner):
    return owner("list", "--starred", "--all", "-f", "ids").out.split()


def test_a_row_of_the_last_table_can_be_starred_by_its_number(owner, terminal):
    before = set(_starred(owner))
    output = terminal("list --no-color --no-links", "star 2")
    lines = re.sub(r"\x1b\[[\d;]*m", "", output).splitlines()
    second = next(line for line in lines if line.strip().startswith("2 "))
    (added,) = set(_starred(owner)) - before
    assert added in second
    title = owner("show", added, "-f", "csv").out.splitlines()[1]
    assert any(word in title for word in output.rpartition("starred: ")[2].split()[:1])


@pytest.mark.parametrize("rows", ["2-4", "2 3 4", "2,3-4"])
def test_a_range_of_rows_names_each_of_them(owner, terminal, rows):
    ids = owner("list", "-f", "ids").out.split()[:4]
    output = terminal("list", f"show {rows} -f ids")
    assert output.splitlines()[-4:-1] == ids[1:]


def test_the_rows_of_the_sample_have_no_numbers_for_commands(terminal):
    assert "no table was printed" in terminal("list", "today --sample --no-pager", "show 1")


@pytest.mark.parametrize("rows", ["999", "3-2", "1-999"])
def test_a_row_that_was_not_printed_is_a_usage_error(terminal, rows):
    output = terminal("list", f"show {rows} -f ids")
    assert output.splitlines()[-1] == "code 2"
    assert "its rows are 1 to" in output


def test_without_a_table_on_the_terminal_a_number_is_a_usage_error(owner, terminal):
    assert "code 2" in terminal("show 1")
    result = owner("show", "1")
    assert result.code == 2
    assert "no table was printed" in result.err


@pytest.mark.parametrize(
    "change",
    [
        "chmod 666 {}/rows-*.json",
        "chmod 777 {}",
        'for file in {}/rows-*.json; do rm "$file"; mkfifo -m 600 "$file"; done',
    ],
)
def test_rows_that_others_may_have_written_are_not_used(owner, change):
    cache = owner.home / "cache/papertrack"
    change = change.format(shlex.quote(str(cache)))
    papertrack = shlex.join(owner.line)
    _, output = owner.shell_in_terminal(f"{papertrack} list; {change}; {papertrack} show 1")
    cache.chmod(0o700)
    assert "no table was printed" in output
