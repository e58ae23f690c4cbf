"""The fast path parses `today` without typer, and never differently from typer."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.main import get_group

from papertrack.cli import app, fast_path, papers, today
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.today import TodayOptions

TYPER = get_group(papers.app).commands["today"]
OPTIONS = [name for parameter in TYPER.params for name in parameter.opts if name != "--help"]

values = st.sampled_from(
    ("2026-03-31", "yesterday", "7", "007", "0", "-1", "1e3", "1_0", "٣", "", " ", "-", "--", "-t",
     "--limit", "rag", "a=b", "json", "x y", "1" * 12)
) | st.text(max_size=5)  # fmt: skip
words = st.sampled_from((*OPTIONS, "--help", "-h", "--dat", "--limit=3", "-fjson", "-t=x", "today"))
pairs = st.tuples(st.sampled_from(OPTIONS), values)
lines = st.lists(pairs | st.tuples(words) | st.tuples(words, values), max_size=5).map(
    lambda parts: ["today", *(word for part in parts for word in part)]
)
valid_lines = st.lists(
    st.sampled_from(("--offline", "--refresh", "--sample", "--cross-lists")).map(
        lambda flag: (flag,)
    )
    | st.tuples(st.sampled_from(("--days", "--limit")), st.integers(0, 999).map(str))
    | st.tuples(st.just("--deadline"), st.integers(1, 999).map(str))
    | st.tuples(
        st.sampled_from([option for option in OPTIONS if option in fast_path._TEXTS]),  # noqa: SLF001
        st.text("abc019 äß=:.", min_size=1),
    )
).map(lambda parts: ["today", *(word for part in parts for word in part)])


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
        patch.setattr(today, "run", lambda options, _session: received.append(options) or 0)

        def parsed(line):
            received.clear()
            with suppress(SystemExit):
                app.run_typer(GlobalOptions(), line)
            return received[0] if received else None

        yield parsed


@given(lines)
@settings(max_examples=150, deadline=None)
def test_a_line_is_parsed_as_typer_parses_it_or_left_to_typer(typer_parse, line):
    parsed = fast_path.parse_today(line)
    assert parsed is None or parsed == typer_parse(line)


@given(valid_lines)
@settings(max_examples=60, deadline=None)
def test_valid_lines_are_parsed_without_typer_and_equally(typer_parse, line):
    assert fast_path.parse_today(line) == typer_parse(line) is not None


def test_the_options_are_exactly_those_of_the_command():
    tables = fast_path._TEXTS, fast_path._NUMBERS, fast_path._SECONDS, fast_path._FLAGS  # noqa: SLF001
    fields = {option: field for names in tables for option, field in names.items()}
    assert fields == {
        name: parameter.name
        for parameter in TYPER.params
        for name in parameter.opts
        if name in OPTIONS
    }
    assert {*fields.values()} == {*TodayOptions._fields}


def test_the_defaults_are_those_of_the_command(typer_parse):
    assert fast_path.parse_today(["today"]) == TodayOptions() == typer_parse(["today"])
