"""Every mistake in a configuration file is reported with line, path, reason and suggestion."""

import contextlib
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from papertrack.config import example_text, load
from papertrack.config.parsing import compose
from papertrack.errors import ConfigError

# Each row: a file, and for each problem its line, path, and words of the message and suggestion.
BAD = [
    # the file as a whole
    ("just text", [(1, "file", "not a group of keys", "library")]),
    ("- a\n", [(1, "file", "is a list", "library")]),
    ("a: 1\n---\nb: 2\n", [(2, "file", "more than one document", "---")]),
    ("topics:\n\t- name: a\n", [(2, "file", "not valid YAML", "tabs")]),
    ("topics: []\nnetwork: a: b\n", [(2, "file", "not valid YAML", "quotes")]),
    ("topics:\n- any: [@x]\n", [(2, "file", "not valid YAML", "quotes")]),
    ("library: 'x\n\n", [(3, "file", "from line 1", "quotes")]),
    ("library: *x\n", [(1, "file", '"*x" is an alias without', "quotes")]),
    ("library: x\ntopics: [a\x07]\n", [(2, "file", "U+0007", "remove")]),
    (b"library: x\ntopics: \xff\n", [(2, "file", "UTF-8", "UTF-8")]),
    (b"\nlibrary: \xff\n", [(2, "file", "UTF-8", "UTF-8")]),
    ("\nlibrary: \x07\n", [(2, "file", "U+0007", "remove")]),
    ("alerts: {for_you: 101}", [(1, "alerts.for_you", "whole number from 1 to 100", "")]),
    (
        f"sources: {{feeds: [{'{name: a, url: x}, ' * 1001}]}}",
        [(1, "sources.feeds", "has more than 1,000 entries", "right file")],
    ),
    ("library: x".encode("utf-16"), [(1, "file", "UTF-8", "UTF-8")]),
    ("#" * 1_000_001, [(1, "file", "1 MB", "right file")]),
    ("topics:\n  " + "[" * 200_000, [(2, "file", "deeper than 20", "right file")]),
    # limits of phrases and names
    (f"topics: [{{name: a, any: {'x' * 201}}}]", [(1, "topics[0].any", "201 char", "several")]),
    (f"topics: [{{name: a, all: {'x ' * 21}}}]", [(1, "topics[0].all", "21 words", "several")]),
    (
        f"topics: [{{name: a, none: ['x{' *' * 6} y']}}]",
        [(1, "topics[0].none[0]", "6 stars", "several")],
    ),
    (
        f"topics: [{{name: a, authors: [{'n, ' * 2001}]}}]",
        [(1, "topics[0].authors", "2,001", "div")],
    ),
    (f"topics: [{{name: {'n' * 201}, any: x}}]", [(1, "topics[0].name", "has 201", "quotes")]),
    (
        f"topics: [{{name: a, authors: {'n ' * 150}}}]",
        [(1, "topics[0].authors", "has 299", "quotes")],
    ),
    # keys
    ("\ntopic: []\n", [(2, "topic", "unknown key", '"topics"')]),
    ("zzzzz: 1\n", [(1, "zzzzz", "unknown key", "library, sources, topics")]),
    ("a\u200bb: 1\n", [(1, "ab", "unknown key", "expected one of")]),
    (
        "sources: {huggingface: {base-url: x}}",
        [(1, "sources.huggingface.base-url", "unknown key", '"base_url"')],
    ),
    ("library: /a\nlibrary: /b\n", [(2, "library", "duplicate key", "line 1")]),
    ("[a]: b\n", [(1, "file", "a list is used as a key", "quotes")]),
    ("<<: {library: /a}\n", [(1, "file", "<<", "write the keys out")]),
    # values
    ("library: [a]\n", [(1, "library", "a list", "")]),
    ("library: ''\n", [(1, "library", "is empty", "~/papers")]),
    ("library: $NOT_SET_ANYWHERE/x\n", [(1, "library", "$NOT_SET_ANYWHERE", "")]),
    ("library: ~no-such-user-here/x\n", [(1, "library", "does not exist", "")]),
    ('library: "a\\x1bb"\n', [(1, "library", "control", "remove")]),
    ("topics: RAG\n", [(1, "topics", "is text, not a list", "- ")]),
    ("topics: [RAG]\n", [(1, "topics[0]", "is text, not a group", "name, any")]),
    ("network:\n  user_agent: é\n", [(2, "network.user_agent", "ASCII", "papertrack")]),
    ("network: {deadline_seconds: 0}", [(1, "network.deadline_seconds", '"0"', "")]),
    ("network: {deadline_seconds: '5'}", [(1, "network.deadline_seconds", '"5"', "quotes")]),
    ("network: {deadline_seconds: .inf}", [(1, "network.deadline_seconds", "number", "")]),
    ("network: {deadline_seconds: [5]}", [(1, "network.deadline_seconds", "a list", "")]),
    ("sources: {arxiv: {delay_seconds: -1}}", [(1, "sources.arxiv.delay_seconds", '"-1"', "")]),
    ("sources: {arxiv: {enabled: 1}}", [(1, "sources.arxiv.enabled", '"1"', "true or false")]),
    ("sources: {arxiv: {enabled: 'on'}}", [(1, "sources.arxiv.enabled", '"on"', "without")]),
    ("sources:\n  arxiv: {enabled: on}", [(2, "sources.arxiv", "without categories", "cs.CL")]),
    (
        "sources: {arxiv: {categories: [cs.CL, cs.*, Comp Sci]}}",
        [
            (1, "sources.arxiv.categories[1]", "arXiv category", "cs.CL"),
            (1, "sources.arxiv.categories[2]", "arXiv category", "cs.CL"),
        ],
    ),
    # topics
    ("topics: [{any: x}]", [(1, "topics[0].name", "is missing", '"name:"')]),
    ("topics: [{name: , any: x}]", [(1, "topics[0].name", "is missing", '"name:"')]),
    ("topics: [{name: 2024, any: x}]", [(1, "topics[0].name", "a number", '"2024"')]),
    ("topics:\n- name: a\n", [(2, "topics[0]", "matches nothing", "any:")]),
    ("topics: [{name: a, none: b}]", [(1, "topics[0]", "matches nothing", "any:")]),
    ("topics: [{name: a, any: x, threshold: 101}]", [(1, "topics[0].threshold", '"101"', "")]),
    ("topics: [{name: a, any: x, threshold: 9.5}]", [(1, "topics[0].threshold", "whole", "")]),
    ("topics: [{name: a, any: x, threshold: yes}]", [(1, "topics[0].threshold", '"yes"', "")]),
    (
        "topics:\n- {name: RAG, any: x}\n- {name: ' rag', any: y}\n",
        [(3, "topics[1].name", "already used on line 2", "another")],
    ),
    (
        "topics:\n- name: a\n  any:\n  - NO\n  - 7\n  - 2024-01-31\n  - ~\n  -\n  - ''\n  - a: b\n",
        [
            (4, "topics[0].any[0]", "as true or false", '"NO"'),
            (5, "topics[0].any[1]", "as a number", '"7"'),
            (6, "topics[0].any[2]", "as a date", '"2024-01-31"'),
            (7, "topics[0].any[3]", "as nothing", '"~"'),
            (8, "topics[0].any[4]", "is empty", ""),
            (9, "topics[0].any[5]", "is empty", ""),
            (10, "topics[0].any[6]", "a group of keys, not text", "quotes"),
        ],
    ),
    ("topics: [{name: a, any: {b: c}}]", [(1, "topics[0].any", "not a list", "quotes")]),
    ("topics: [{name: !x a, any: b}]", [(1, "topics[0].name", "custom tag", "quotes")]),
    # channels
    (
        "alerts: {channels: [{name: a, type: emial}]}",
        [(1, "alerts.channels[0].type", '"emial"', '"email"')],
    ),
    ("alerts: {channels: [{name: a}]}", [(1, "alerts.channels[0].type", "is missing", "stdout")]),
    ("alerts: {channels: [stdout]}", [(1, "alerts.channels[0]", "not a group", "name and type")]),
    (
        "alerts: {channels: [{name: a, type: email, password: b}]}",
        [
            (1, "alerts.channels[0].password", "unknown key", '"password_'),
            (1, "alerts.channels[0].to", "is missing", '"to:"'),
        ],
    ),
    (
        "alerts: {channels: [{name: a, type: email, to: [], port: 0, encryption: ssl}]}",
        [
            (1, "alerts.channels[0].to", "empty list", "me@example.org"),
            (1, "alerts.channels[0].port", '"0"', ""),
            (1, "alerts.channels[0].encryption", '"ssl"', "tls"),
        ],
    ),
    (
        "alerts: {channels: [{name: a, type: apprise, url_env: 'slack://x'}]}",
        [(1, "alerts.channels[0].url_env", "environment variable", "TEAM_URL")],
    ),
    (
        "alerts:\n  channels:\n  - {name: a, type: stdout}\n  - {name: A, type: emial}\n",
        [
            (4, "alerts.channels[1].name", "already used on line 3", "another"),
            (4, "alerts.channels[1].type", '"emial"', '"email"'),
        ],
    ),
]
BAD_URLS = [
    "ftp://example.org",
    "example.org",
    "https://",
    "https:///x",
    "https://a b",
    "https://example.org:99999",
    "https://user:pass@word@example.org",
    "https://example.org/?q",
    "javascript:alert(1)",
]
LOADERS = [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)]


def problems(folder, content):
    """The problems that `load` reports in a file with this content."""
    path = Path(folder) / "config.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        load(str(path))
    except ConfigError as error:
        return error.problems
    return ()


@pytest.mark.parametrize(("content", "expected"), BAD, ids=lambda value: str(value)[:40])
def test_each_mistake_is_reported_at_its_line(tmp_path, content, expected):
    reported = problems(tmp_path, content)
    assert [(problem.line, problem.path) for problem in reported] == [row[:2] for row in expected]
    for problem, (_, _, reason, suggestion) in zip(reported, expected, strict=True):
        assert reason in problem.message
        assert suggestion in problem.suggestion
        assert str(problem).isprintable()


@pytest.mark.parametrize("url", BAD_URLS)
def test_an_invalid_base_url_is_reported(tmp_path, url):
    (problem,) = problems(tmp_path, f"sources: {{huggingface: {{base_url: '{url}'}}}}")
    assert problem.path == "sources.huggingface.base_url"
    assert "web address" in problem.message


def test_a_secret_under_the_wrong_key_is_not_repeated_in_the_message(tmp_path):
    content = """alerts:
  channels:
    - {name: a, type: webhook, url: "secret@example.org"}
    - {name: b, type: apprise, url_env: "slack://secret"}
    - {name: c, type: email, to: a@b.c, user: a, password_env: "my secret"}
"""
    reported = problems(tmp_path, content)
    assert len(reported) == 3
    assert not [problem for problem in reported if "secret" in str(problem)]


def test_a_url_with_a_control_character_is_reported(tmp_path):
    content = 'sources: {huggingface: {base_url: "https://a\\r\\nHost: b"}}'
    (problem,) = problems(tmp_path, content)
    assert "control" in problem.message


def test_all_mistakes_of_a_file_are_reported_together_ordered_by_line(tmp_path):
    content = """libary: x
network: {deadline_seconds: -1}
topics:
- {name: a, any: [NO], threshold: 200}
- {name: A, any: x}
alerts: {channels: [{name: a, type: fax}]}
topics: []
"""
    assert [(problem.line, problem.path) for problem in problems(tmp_path, content)] == [
        (1, "libary"),
        (2, "network.deadline_seconds"),
        (4, "topics[0].any[0]"),
        (4, "topics[0].threshold"),
        (5, "topics[1].name"),
        (6, "alerts.channels[0].type"),
        (7, "topics"),
    ]


def test_a_missing_file_is_reported_without_a_line(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(str(tmp_path / "none.yaml"))
    (problem,) = caught.value.problems
    assert (problem.line, problem.path) == (0, "file")
    assert problem.message == "does not exist"
    assert problem.suggestion == "create it with `papertrack config init`"
    first, *_ = caught.value.lines()
    assert first == f"cannot read {tmp_path / 'none.yaml'}: does not exist"


def test_a_folder_instead_of_a_file_is_reported(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(str(tmp_path))
    (line,) = caught.value.lines()
    assert line.startswith(f"cannot read {tmp_path}: ")
    assert str(caught.value.problems[0]).startswith("cannot be read: ")


@settings(deadline=None)
@given(st.binary() | st.text().map(lambda text: text.encode(errors="surrogatepass")))
def test_no_bytes_raise_anything_but_a_configuration_error(content):
    with tempfile.TemporaryDirectory() as folder:
        problems(folder, content)


@pytest.mark.parametrize("loader", LOADERS)
@settings(deadline=None)
@given(text=st.text() | st.text("\\UuxX0fFd8\"'!<>%&*- :\n[]{}?|", max_size=20))
def test_no_text_raises_anything_but_a_configuration_error_in_either_loader(loader, text):
    with contextlib.suppress(ConfigError):
        compose(text, "config.yaml", loader)


def test_an_escape_beyond_unicode_is_reported_with_either_loader():
    for loader in LOADERS:
        for escape in ("\\U00200000", "\\UFFFFFFFF"):
            with pytest.raises(ConfigError) as caught:
                compose(f'library: "{escape}"', "config.yaml", loader)
            assert "not valid YAML" in caught.value.problems[0].message
            assert caught.value.problems[0].line == 1


WORDS = st.sampled_from(
    [
        *("library", "sources", "huggingface", "arxiv", "topics", "alerts", "channels", "network"),
        *("name", "any", "all", "none", "categories", "threshold", "enabled", "url", "type"),
        *("email", "command", "file", "to", "run", "path", "NO", "7", "~", "<<"),
    ]
)
VALUES = st.recursive(
    WORDS | st.text(max_size=5) | st.integers() | st.booleans() | st.none() | st.floats(),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(WORDS, values, max_size=4),
    max_leaves=15,
)


@settings(deadline=None)
@given(st.dictionaries(WORDS, VALUES))
def test_no_yaml_raises_anything_but_a_configuration_error(content):
    with tempfile.TemporaryDirectory() as folder:
        problems(folder, yaml.safe_dump(content))


@settings(deadline=None)
@given(st.data())
def test_no_damage_to_the_example_raises_anything_but_a_configuration_error(data):
    text = example_text()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    inserted = data.draw(st.text("\t\n :-[]{}&*!|>'\"#%@`,?~<0a\\", max_size=6))
    with tempfile.TemporaryDirectory() as folder:
        problems(folder, text[:start] + inserted + text[end:])
