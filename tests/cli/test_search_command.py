"""The command search: arguments as typed into a shell, and the output."""

import json

import pytest


def _ids(reader, *arguments):
    result = reader("search", *arguments, "--format", "ids")
    assert result.code == 0, result.err
    return result.out.split()


def test_a_word_with_a_dash_is_excluded_in_any_position(reader):
    all_ids = set(_ids(reader, "agents", "--limit", "99"))
    remaining = set(_ids(reader, "-planning", "agents", "--limit", "99"))
    assert all_ids - remaining == {"2603.00000"}
    assert set(_ids(reader, "agents", "-planning", "-cat:cs.LG")) == remaining
    assert set(_ids(reader, "agents", "-is:unread")) == set()


def test_options_are_not_taken_for_excluded_words(reader):
    assert json.loads(reader("search", "agents", "-fjson").out)["command"] == "search"
    assert reader("search", "agents", "--nonsense").code == 2
    assert "papertrack search" in reader("search", "-h").out


def test_an_unknown_filter_is_a_usage_error(reader):
    result = reader("search", "is:blue")
    assert result.code == 2
    assert "is:unread" in result.err


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_json_has_the_context(reader, form):
    out = reader("search", "number 17", "--limit", "1", "--format", form).out
    paper = json.loads(out)["data"][0] if form == "json" else json.loads(out)
    assert paper["context"] == "What number 17 says."


def test_a_table_shows_the_context_and_plain_lines_do_not(reader):
    table = reader("search", "number 17", "--limit", "1", "--format", "table").out
    assert "What number 17 says." in [line.strip() for line in table.splitlines()]
    assert "\x1b" not in table
    (line,) = reader("search", "number 17", "--limit", "1", "--format", "plain").out.splitlines()
    assert line.count("\t") == 7
    assert "What" not in line
