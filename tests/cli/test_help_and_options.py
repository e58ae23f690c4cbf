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
def test_each_command_explains_itself_with_examples(reader, command):
    done = reader(*command.split(), "--help")
    assert (done.code, done.err) == (0, "")
    assert re.search(rf"^\s+.*papertrack .*{command}\b", done.out, re.MULTILINE), "no example"


@pytest.mark.parametrize("words", [["-h"], ["--help"], [], ["today", "-h"], ["topics", "-h"]])
def test_help_is_had_by_both_names_and_without_any_word(reader, words):
    done = reader(*words)
    assert (done.code, done.err) == (0, "")
    assert "papertrack" in done.out.splitlines()[0]


def test_the_help_names_every_command_and_every_option_of_all(reader):
    said = reader("--help").out
    for command in COMMANDS:
        assert re.search(rf"^\s+{command.split()[0]}\s", said, re.MULTILINE), command
    for option in ("--config", "--library", "--no-color", "--verbose", "--quiet", "--version"):
        assert option in said


@pytest.mark.parametrize("words", [["--version"], ["today", "--version"], ["-q", "--version"]])
def test_the_version_is_told_anywhere(papertrack, words):
    assert papertrack(*words) == (0, f"papertrack {__version__}\n", "")


def test_the_module_is_the_command(reader):
    words = ["list", "--format", "ids"]
    done = reader.bytes(*words, program=[sys.executable, "-m", "papertrack"])
    assert done.returncode == 0
    assert done.stdout.decode() == reader(*words).out


@pytest.mark.parametrize("command", ["list", "today --offline"])
def test_config_and_library_are_named_before_and_after_the_command(reader, papertrack, command):
    config, library = reader.home / "config/papertrack/config.yaml", reader.library
    options = ["--config", config, f"--library={library}"]
    ask = [*command.split(), "--topic", "agents", "--format", "ids"]
    before = papertrack(*options, *ask, env={"PAPERTRACK_LIBRARY": None})
    after = papertrack(*ask, *options, env={"PAPERTRACK_LIBRARY": None})
    assert before == after
    assert before.code == 0
    assert "2603.00000" in before.out.split()


def test_places_come_from_options_before_variables_before_the_user_s_folders(papertrack, tmp_path):
    variable, option = tmp_path / "variable.yaml", tmp_path / "option.yaml"
    at_home = papertrack.home / "config/papertrack/config.yaml"
    named = {"PAPERTRACK_CONFIG": variable}
    assert papertrack("config", "path").out == f"{at_home}\n"
    assert papertrack("config", "path", env=named).out == f"{variable}\n"
    assert papertrack("config", "path", "--config", option, env=named).out == f"{option}\n"


def test_the_library_is_the_configuration_s_or_the_user_s_data_folder(papertrack, tmp_path):
    file = tmp_path / "one.jsonl"
    file.write_text('{"id": "2603.00001", "title": "One"}')
    unset = {"PAPERTRACK_LIBRARY": None}
    papertrack("import", file, env=unset)
    assert list((papertrack.home / "data/papertrack").glob("papers.*"))
    papertrack.configure(f"library: {tmp_path / 'named'}")
    papertrack("import", file, env=unset)
    assert list((tmp_path / "named").glob("papers.*"))


@pytest.mark.parametrize("quiet", ["-q", "--quiet"])
def test_quiet_leaves_stderr_empty_and_stdout_as_it_was(owner, quiet):
    loud = owner("star", "2603.00003")
    assert loud.err
    assert owner(quiet, "star", "2603.00004") == (0, "", "")
    starred = owner("list", "--starred", "-f", "ids", quiet)
    assert starred.out.split() == ["2603.00003", "2603.00004"]


@pytest.mark.parametrize("verbose", ["-v", "--verbose"])
def test_verbose_is_taken_before_and_after_the_command(reader, verbose):
    plain = reader("list", "-f", "ids")
    assert reader(verbose, "list", "-f", "ids").out == plain.out
    assert reader("list", "-f", "ids", verbose).out == plain.out


TABLE = ("today", "--offline", "--format", "table")


def test_a_terminal_gets_a_coloured_table_and_a_pipe_plain_lines(reader):
    code, seen = reader.in_terminal("today", "--offline")
    assert code == 0
    assert b"\x1b[" in seen
    assert reader("today", "--offline").out.startswith("new\t")


@pytest.mark.parametrize("off", [{"env": {"NO_COLOR": "1"}}, {"option": "--no-color"}])
def test_colours_go_on_demand(reader, off):
    words = [off["option"]] if "option" in off else []
    _, seen = reader.in_terminal("today", "--offline", *words, env=off.get("env", {}))
    assert not re.search(rb"\x1b\[[\d;]*[34]\d", seen), "a colour code"


def test_a_table_in_a_pipe_has_no_escapes(reader):
    assert "\x1b" not in reader(*TABLE).out


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_columns_sets_the_width(reader, columns):
    lines = reader(*TABLE, env={"COLUMNS": columns}).out.splitlines()
    assert max(map(len, lines)) <= columns
    assert any("Paper number" in line for line in lines)


def test_more_columns_show_more(reader):
    narrow = reader(*TABLE, env={"COLUMNS": 80}).out
    assert "Ada One" not in narrow
    assert "Ada One" in reader(*TABLE, env={"COLUMNS": 200}).out


def test_the_width_of_a_terminal_is_found_without_the_variable(reader):
    widest = []
    for width in (80, 200):
        _, seen = reader.in_terminal("today", "--offline", width=width)
        shown = re.sub(r"\x1b\[[\d;]*m", "", seen.decode())
        widest.append(max(map(len, shown.splitlines())))
    assert widest[0] <= 80 < widest[1] <= 200
