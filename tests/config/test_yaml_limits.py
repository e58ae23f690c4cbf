"""Files that exceed the limits of depth and size are refused, whatever the YAML parser does."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.config import load
from papertrack.config.parsing import compose
from papertrack.errors import ConfigError

LOADERS = [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)]
MAX_DEPTH = 20
MAX_SIZE = 1_000_000
INDENTED = "".join(f"{' ' * level}a:\n" for level in range(1_300))
# The text, and the line where its 21st level begins.
TOO_DEEP = {
    "lists": ("[" * 200_000, 1),
    "groups": ("{" * 20_000, 1),
    "groups with keys": ("{a: " * 20_000, 1),
    "groups as keys": ("{" * 20_000 + "}: " * 20_000, 1),
    "lists and groups": ("[{" * 20_000, 1),
    "lists of several entries": ("[a, " * 2_000, 1),
    "lists with tags and anchors": ("[!t &a " * 2_000, 1),
    "one per line": ("[\n" * 20_000, MAX_DEPTH + 1),
    "one per line, with a key": ("{a:\n" * 20_000, MAX_DEPTH + 1),
    "one per line, with a comment": ("[ # ]\n" * 20_000, MAX_DEPTH + 1),
    "below a key": ("topics:\n  " + "[" * 20_000, 2),
    "after a list that ends": ("[" + "[]," * 100 + "\n" + "[" * 5_000, 2),
    "after quoted brackets": ("a: ']]]]]'\nb: " + "[" * 5_000, 2),
    "list entries": ("- " * 20_000, 1),
    "complex keys": ("? " * 20_000, 1),
    "indented keys": (INDENTED, MAX_DEPTH + 1),
    "list entries, then lists": ("- " * 15 + "[" * 5_000, 1),
    "one level too many": ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), 1),
}
BOMBS = {
    "ten times ten": (
        "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)),
        6,
    ),
    "a list in itself": ("topics:\n  &a [\n*a, *a]\n", 3),
    "a list often in itself": (f"topics: &a [{'*a,' * 9_900}]\n", 1),
    "a group in itself": ("&a {topics: *a}\n", 1),
}


def only_problem(text, loader):
    """The only problem of a text."""
    with pytest.raises(ConfigError) as caught:
        compose(text, "config.yaml", loader)
    (problem,) = caught.value.problems
    assert problem.path == "file"
    return problem


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(("text", "line"), TOO_DEEP.values(), ids=TOO_DEEP)
def test_nesting_beyond_20_levels_is_refused_where_it_begins(text, line, loader):
    problem = only_problem(text, loader)
    assert problem.message == f"is nested deeper than {MAX_DEPTH} levels"
    assert "right file" in problem.suggestion
    assert problem.line == line


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    "text",
    [
        "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        "- " * MAX_DEPTH + "a",
        "- " + "\n- ".join(["[[a]]"] * 100),
        f"a: '{'[' * 100}'",
        f'a: "{"{" * 100}"',
        f"a: b{'[' * 100}",
        f"a: |\n  {'[' * 100}",
        f"a: b # {'[' * 100}",
    ],
)
def test_brackets_that_do_not_nest_beyond_20_levels_are_accepted(text, loader):
    assert compose(text, "config.yaml", loader) is not None


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(("text", "line"), BOMBS.values(), ids=BOMBS)
def test_too_many_values_are_refused(text, line, loader):
    problem = only_problem(text, loader)
    assert "keys and values" in problem.message
    assert "aliases" in problem.suggestion
    assert problem.line == line


def test_too_many_values_are_refused_without_an_alias():
    problem = only_problem(f"topics:\n  [{'a,' * 250_000}]", LOADERS[-1])
    assert "keys and values" in problem.message
    assert problem.line == 2


@pytest.mark.parametrize("loader", LOADERS)
def test_an_alias_may_repeat_a_small_value(loader):
    text = "a: &a [x, y]\nb: [*a, *a, &b z, *b]\nc: {d: *a}\n"
    assert compose(text, "config.yaml", loader) is not None


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(("text", "line"), [("a: b\nc: *d\n", 2), ("- *d\n- &d e\n", 1)])
def test_an_alias_without_an_anchor_above_it_is_refused(text, line, loader):
    problem = only_problem(text, loader)
    assert '"*d" is an alias without' in problem.message
    assert "quotes" in problem.suggestion
    assert problem.line == line


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(("text", "line"), [("a: 1\n---\nb: 2\n", 2), ("a: 1\n...\n---\n", 3)])
def test_a_second_document_is_refused_where_it_begins(text, line, loader):
    problem = only_problem(text, loader)
    assert "more than one document" in problem.message
    assert problem.line == line


@pytest.mark.parametrize("loader", LOADERS)
def test_a_text_of_more_than_one_megabyte_is_refused_before_it_is_parsed(loader):
    assert "1 MB" in only_problem("[" * (MAX_SIZE + 1), loader).message
    assert "1 MB" in only_problem("#" + "é" * (MAX_SIZE // 2), loader).message


@pytest.mark.parametrize("loader", LOADERS)
@settings(deadline=None)
@given(st.lists(st.sampled_from("[{"), min_size=MAX_DEPTH + 1, max_size=60).map("".join))
def test_every_mixture_of_open_brackets_beyond_20_levels_is_refused(loader, text):
    assert "deeper" in only_problem(text, loader).message


def test_a_file_of_the_largest_size_is_read_and_a_larger_one_is_refused(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_bytes(b"#" * MAX_SIZE)
    assert load(str(path)).topics == ()
    path.write_bytes(b"#" * (MAX_SIZE + 1))
    with pytest.raises(ConfigError) as caught:
        load(str(path))
    assert "1 MB" in caught.value.problems[0].message
