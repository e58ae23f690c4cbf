"""`today` is read without typer where that is certainly right; the two must never disagree."""

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
right = st.lists(
    st.sampled_from(("--offline", "--refresh", "--sample", "--cross-lists")).map(lambda one: (one,))
    | st.tuples(st.sampled_from(("--days", "--limit")), st.integers(0, 999).map(str))
    | st.tuples(st.just("--deadline"), st.integers(1, 999).map(str))
    | st.tuples(
        st.sampled_from([one for one in OPTIONS if one in fast_path._TEXTS]),  # noqa: SLF001
        st.text("abc019 äß=:.", min_size=1),
    )
).map(lambda parts: ["today", *(word for part in parts for word in part)])


@pytest.fixture(scope="module")
def typer_reads(tmp_path_factory):
    """What typer makes of a line: the options that reach the command, None for an error."""
    reached = []
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            patch.setenv(variable, str(home))
        for variable in ("PAPERTRACK_CONFIG", "PAPERTRACK_NOW"):
            patch.delenv(variable, raising=False)
        patch.setattr(today, "run", lambda options, _session: reached.append(options) or 0)

        def read(line):
            reached.clear()
            with suppress(SystemExit):
                app.run_typer(GlobalOptions(), line)
            return reached[0] if reached else None

        yield read


@given(lines)
@settings(max_examples=150, deadline=None)
def test_a_line_is_read_as_typer_reads_it_or_left_to_typer(typer_reads, line):
    read = fast_path.parse_today(line)
    assert read is None or read == typer_reads(line)


@given(right)
@settings(max_examples=60, deadline=None)
def test_right_lines_are_read_at_once_and_alike(typer_reads, line):
    assert fast_path.parse_today(line) == typer_reads(line) is not None


def test_its_options_are_exactly_those_of_the_command():
    named = fast_path._TEXTS, fast_path._NUMBERS, fast_path._SECONDS, fast_path._FLAGS  # noqa: SLF001
    known = {option: field for names in named for option, field in names.items()}
    assert known == {
        name: parameter.name
        for parameter in TYPER.params
        for name in parameter.opts
        if name in OPTIONS
    }
    assert {*known.values()} == {*TodayOptions._fields}


def test_its_defaults_are_those_of_the_command(typer_reads):
    assert fast_path.parse_today(["today"]) == TodayOptions() == typer_reads(["today"])
