"""The help of every command, and the options that work with all commands."""

import re
import sys

import pytest

from papertrack import __version__

COMMANDS = (
    "today", "trending", "list", "search", "show", "why", "star", "unstar", "read", "unread",
    "hide", "unhide", "fetch", "import", "export", "topics list", "config init",
    "config path", "config show", "config check", "completion",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_examples(reader, command):
    result = reader(*command.split(), "--help")
    assert (result.code, result.err) == (0, "")
    assert re.search(rf"^\s+.*papertrack .*{command}\b", result.out, re.MULTILINE), "no example"


@pytest.mark.parametrize("words", [["-h"], ["--help"], [], ["today", "-h"], ["topics", "-h"]])
def test_both_help_options_and_an_empty_line_print_help(reader, words):
    result = reader(*words)
    assert (result.code, result.err) == (0, "")
    assert "papertrack" in result.out.splitlines()[0]


@pytest.mark.parametrize("group", ["topics", "feeds"])
def test_a_group_alone_is_its_list(reader, group):
    assert reader(group) == reader(group, "list")
    assert reader(group, "-f", "json") == reader(group, "list", "-f", "json")


@pytest.mark.parametrize("group", ["library", "config"])
def test_a_group_without_a_list_shows_its_help(reader, group):
    assert reader(group) == reader(group, "--help")


def test_the_help_lists_every_command_and_every_global_option(reader):
    help_text = reader("--help").out
    for command in COMMANDS:
        assert re.search(rf"^\s+{command.split()[0]}\s", help_text, re.MULTILINE), command
    for option in ("--config", "--library", "--no-color", "--verbose", "--quiet", "--version"):
        assert option in help_text


@pytest.mark.parametrize("words", [["--version"], ["today", "-V"], ["-q", "--version"]])
def test_the_version_option_works_before_and_after_the_command(papertrack, words):
    assert papertrack(*words) == (0, f"papertrack {__version__}\n", "")


@pytest.mark.parametrize("command", ["list", "topics test"])
def test_the_command_help_prints_the_help_of_a_command(reader, command):
    assert reader("help", *command.split()) == reader(*command.split(), "--help")


@pytest.mark.parametrize(
    ("command_line", "mentioned", "helping"),
    [
        ("today --frobnicate", "--frobnicate", "papertrack today"),
        ("today --date", "--date", "papertrack today"),
        ("list --limit many", "--limit", "papertrack list"),
        ("list surplus", "surplus", "papertrack list"),
        ("show", "ID", "papertrack show"),
        ("topics frobnicate", "frobnicate", "papertrack topics"),
        ("toady", "today", "papertrack"),
        ("help frobnicate", "frobnicate", "papertrack"),
    ],
)
def test_a_usage_error_is_two_lines_and_names_the_help(reader, command_line, mentioned, helping):
    result = reader(*command_line.split())
    assert (result.code, result.out) == (2, "")
    what, next_step = result.err.splitlines()
    assert what.startswith("papertrack: ")
    assert mentioned in what
    assert next_step == f"  see `{helping} --help`"


def test_the_module_runs_the_command(reader):
    words = ["list", "--format", "ids"]
    result = reader.bytes(*words, program=[sys.executable, "-m", "papertrack"])
    assert result.returncode == 0
    assert result.stdout.decode() == reader(*words).out


@pytest.mark.parametrize("command", ["list", "today --offline"])
def test_config_and_library_options_work_before_and_after_the_command(reader, papertrack, command):
    config, library = reader.home / "config/papertrack/config.yaml", reader.library
    options = ["--config", config, f"--library={library}"]
    command_line = [*command.split(), "--topic", "agents", "--format", "ids"]
    before = papertrack(*options, *command_line, env={"PAPERTRACK_LIBRARY": None})
    after = papertrack(*command_line, *options, env={"PAPERTRACK_LIBRARY": None})
    assert before == after
    assert before.code == 0
    assert "2603.00000" in before.out.split()


def test_paths_come_from_options_then_variables_then_user_folders(papertrack, tmp_path):
    variable, option = tmp_path / "variable.yaml", tmp_path / "option.yaml"
    at_home = papertrack.home / "config/papertrack/config.yaml"
    variables = {"PAPERTRACK_CONFIG": variable}
    assert papertrack("config", "path").out == f"{at_home}\n"
    assert papertrack("config", "path", env=variables).out == f"{variable}\n"
    assert papertrack("config", "path", "--config", option, env=variables).out == f"{option}\n"


def test_the_library_folder_comes_from_the_configuration_or_is_the_user_data_folder(
    papertrack, tmp_path
):
    file = tmp_path / "one.jsonl"
    file.write_text('{"id": "2603.00001", "title": "One"}')
    without_variable = {"PAPERTRACK_LIBRARY": None}
    papertrack("import", file, env=without_variable)
    assert list((papertrack.home / "data/papertrack").glob("papers.*"))
    papertrack.configure(f"library: {tmp_path / 'named'}")
    papertrack("import", file, env=without_variable)
    assert list((tmp_path / "named").glob("papers.*"))


@pytest.mark.parametrize("quiet", ["-q", "--quiet"])
def test_quiet_empties_stderr_and_leaves_stdout_unchanged(owner, quiet):
    verbose_result = owner("star", "2603.00003")
    assert verbose_result.err
    assert owner(quiet, "star", "2603.00004") == (0, "", "")
    starred = owner("list", "--starred", "-f", "ids", quiet)
    assert starred.out.split() == ["2603.00003", "2603.00004"]


@pytest.mark.parametrize("verbose", ["-v", "--verbose"])
def test_verbose_works_before_and_after_the_command(reader, verbose):
    plain = reader("list", "-f", "ids")
    assert reader(verbose, "list", "-f", "ids").out == plain.out
    assert reader("list", "-f", "ids", verbose).out == plain.out


TABLE = ("today", "--offline", "--format", "table")


def test_a_terminal_gets_a_coloured_table_and_a_pipe_plain_lines(owner):
    code, output = owner.in_terminal("today", "--offline")
    assert code == 0
    assert b"\x1b[" in output
    assert owner("today", "--offline").out.startswith("new\t")


@pytest.mark.parametrize("switch", [{"env": {"NO_COLOR": "1"}}, {"option": "--no-color"}])
def test_colours_can_be_disabled(owner, switch):
    words = [switch["option"]] if "option" in switch else []
    _, output = owner.in_terminal("today", "--offline", *words, env=switch.get("env", {}))
    assert not re.search(rb"\x1b\[[\d;]*[34]\d", output), "a colour code"


def test_a_table_in_a_pipe_has_no_escapes(reader):
    assert "\x1b" not in reader(*TABLE).out


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_variable_columns_sets_the_width(reader, columns):
    lines = reader(*TABLE, env={"COLUMNS": columns}).out.splitlines()
    assert max(map(len, lines)) <= columns
    assert any("Paper number" in line for line in lines)


def test_a_wider_table_shows_more(reader):
    narrow, wide = (reader(*TABLE, env={"COLUMNS": width}).out for width in (80, 200))
    assert 0 < narrow.count("Ada One") < wide.count("Ada One")


def test_the_width_of_a_terminal_is_detected_without_the_variable(owner):
    widest = []
    for width in (80, 200):
        _, output = owner.in_terminal("today", "--offline", width=width)
        shown = re.sub(r"\x1b\[[\d;]*m|\x1b]8;.*?\x1b\\", "", output.decode())
        widest.append(max(map(len, shown.splitlines())))
    assert widest[0] <= 80 < widest[1] <= 200


PLAIN = (
    ["today", "--offline"], ["catchup", "--offline", "--since", "30d"], ["trending"], ["list"],
    ["search", "number"], ["alert", "--dry-run", "--since", "30d"], ["coverage"], ["sources"],
    ["library", "info"], ["topics", "list"], ["doctor", "--offline"],
)  # fmt: skip


@pytest.mark.parametrize("words", PLAIN)
def test_the_help_names_the_columns_of_plain_lines(owner, words):
    help_text = " ".join(owner(*words, "--help").out.split())
    columns = re.search(r"plain columns: (.*?) \[default", help_text)[1].split(", ")
    if words[0] == "alert":
        owner("alert", "--offline")
    lines = owner(*words, "-f", "plain").out.splitlines()
    assert lines
    assert {len(line.split("\t")) for line in lines} == {len(columns)}


@pytest.mark.parametrize("command", ["show", "why", "topics test", "topics suggest", "alert log"])
def test_the_help_describes_other_plain_lines(reader, command):
    assert re.search(r"plain\s+(columns|lines):", reader(*command.split(), "--help").out)


@pytest.mark.parametrize("words", [["--help"], ["export", "-h"], ["alert", "schedule", "--help"]])
def test_the_help_is_complete_where_python_leaves_docstrings_out(reader, words):
    optimized = reader(*words, env={"PYTHONOPTIMIZE": "2"})
    assert optimized.out == reader(*words).out
    assert optimized.code == 0
