"""The fast path parses some commands without typer, and never differently from typer."""

from contextlib import suppress
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.main import get_group

from papertrack.cli import app, fast_path, papers, search, today, trending
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.search import SearchOptions
from papertrack.cli.today import TodayOptions
from papertrack.cli.trending import TrendingOptions
from papertrack.errors import UsageError

MODULES = {"today": today, "trending": trending, "search": search}
TYPES = {"today": TodayOptions, "trending": TrendingOptions, "search": SearchOptions}
REQUIRED = {"today": [], "trending": [], "search": ["graphs"]}
COMMANDS = {name: get_group(papers.app).commands[name] for name in MODULES}
OPTIONS = {
    name: [
        option
        for parameter in command.params
        for option in parameter.opts
        if option.startswith("-") and option != "--help"
    ]
    for name, command in COMMANDS.items()
}


values = st.sampled_from(
    ("2026-03-31", "yesterday", "7", "007", "0", "-1", "1e3", "1_0", "٣", "", " ", "-", "--", "-t",
     "--limit", "rag", "a=b", "json", "x y", "1" * 12)
) | st.text(max_size=5)  # fmt: skip


@st.composite
def lines(draw):
    """Any words after a command, many of them its options."""
    command = draw(st.sampled_from([*MODULES]))
    options = st.sampled_from(OPTIONS[command])
    words = options | st.sampled_from(
        ("--help", "-h", "--dat", "--limit=3", "-fjson", "-t=x", "--b", "a b", "-draft", command)
    )
    parts = st.tuples(options, values) | st.tuples(words) | st.tuples(words, values)
    return [command, *chain(*draw(st.lists(parts, max_size=5)))]


@st.composite
def valid_lines(draw):
    """A command with valid values of its options."""
    command = draw(st.sampled_from([*MODULES]))
    grammar = MODULES[command].GRAMMAR
    texts = st.text("abc019 äß=:.", min_size=1)
    parts = [
        *(st.just((flag,)) for flag in grammar.flags),
        *(st.tuples(st.just(name), st.integers(0, 999).map(str)) for name in grammar.numbers),
        *(st.tuples(st.just(name), st.integers(1, 999).map(str)) for name in grammar.seconds),
        *(
            st.tuples(
                st.just(name),
                st.sampled_from(grammar.choices[name]) if name in grammar.choices else texts,
            )
            for name in grammar.texts
        ),
    ]
    if grammar.words:
        parts.append(st.tuples(texts))
    return [command, *chain(*draw(st.lists(st.one_of(parts)))), *REQUIRED[command]]


def parse(line):
    """The options of a line, None if typer has to parse it."""
    fields = fast_path.parse_options(line[1:], MODULES[line[0]].GRAMMAR)
    return None if fields is None else TYPES[line[0]](**fields)


@pytest.fixture(scope="module")
def typer_parse(tmp_path_factory):
    """Return a function that parses a line with typer; it returns None for an error."""
    received = []
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            patch.setenv(variable, str(home))
        for variable in ("PAPERTRACK_CONFIG", "PAPERTRACK_NOW"):
            patch.delenv(variable, raising=False)
        for module in MODULES.values():
            patch.setattr(module, "run", lambda options, _session: received.append(options) or 0)

        def parsed(line):
            received.clear()
            with suppress(SystemExit):
                app.run_typer(GlobalOptions(), line)
            return received[0] if received else None

        yield parsed


@given(lines())
@settings(max_examples=150, deadline=None)
def test_a_line_is_parsed_as_typer_parses_it_or_left_to_typer(typer_parse, line):
    parsed = parse(line)
    assert parsed is None or parsed == typer_parse(line)


@given(valid_lines())
@settings(max_examples=60, deadline=None)
def test_valid_lines_are_parsed_without_typer_and_equally(typer_parse, line):
    assert parse(line) == typer_parse(line) is not None


@pytest.mark.parametrize("command", MODULES)
def test_the_options_are_exactly_those_of_the_command(command):
    grammar = MODULES[command].GRAMMAR
    fields = {option: field for names in grammar[:4] for option, field in names.items()}
    assert fields == {
        name: parameter.name
        for parameter in COMMANDS[command].params
        for name in parameter.opts
        if name in OPTIONS[command]
    }
    options = parse([command, *REQUIRED[command]])
    assert {*fields.values(), grammar.words} - {""} == {*options._fields}


@pytest.mark.parametrize("command", MODULES)
def test_the_defaults_are_those_of_the_command(typer_parse, command):
    line = [command, *REQUIRED[command]]
    assert parse(line) == typer_parse(line) is not None


def test_a_search_without_words_is_left_to_typer_which_requires_them(typer_parse):
    line = ["search", "--limit", "3"]
    assert parse(line) is None
    with pytest.raises(UsageError, match="missing argument 'QUERY'"):
        typer_parse(line)
