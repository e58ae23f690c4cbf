"""Searching as it is typed into a shell, and how what was found is shown."""

import json

import pytest


def _ids(reader, *arguments):
    done = reader("search", *arguments, "--format", "ids")
    assert done.code == 0, done.err
    return done.out.split()


def test_a_word_with_a_dash_is_left_out_wherever_it_stands(reader):
    every = set(_ids(reader, "agents", "--limit", "99"))
    without = set(_ids(reader, "-planning", "agents", "--limit", "99"))
    assert every - without == {"2603.00000"}
    assert set(_ids(reader, "agents", "-planning", "-cat:cs.LG")) == without
    assert set(_ids(reader, "agents", "-is:unread")) == set()


def test_options_stay_options(reader):
    assert json.loads(reader("search", "agents", "-fjson").out)["command"] == "search"
    assert reader("search", "agents", "--nonsense").code == 2
    assert "papertrack search" in reader("search", "-h").out


def test_a_filter_that_means_nothing_is_an_error_of_usage(reader):
    done = reader("search", "is:blue")
    assert done.code == 2
    assert "is:unread" in done.err


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_tells_the_context(reader, form):
    out = reader("search", "number 17", "--limit", "1", "--format", form).out
    paper = json.loads(out)["data"][0] if form == "json" else json.loads(out)
    assert paper["context"] == "What number 17 says."


def test_a_table_has_the_context_below_and_plain_lines_are_as_ever(reader):
    table = reader("search", "number 17", "--limit", "1", "--format", "table").out
    assert "\n    What number 17 says.\n" in table
    assert "\x1b" not in table
    (line,) = reader("search", "number 17", "--limit", "1", "--format", "plain").out.splitlines()
    assert line.count("\t") == 7
    assert "What" not in line
