"""Values of a configuration file and the records they are read into."""

import os
import subprocess
import sys

import pytest

from papertrack.config import Config, load, resolve_library, resolve_path
from papertrack.config.channels import (
    AppriseChannel,
    CommandChannel,
    EmailChannel,
    FileChannel,
    StdoutChannel,
    WebhookChannel,
)
from papertrack.models import Topic
from papertrack.sources.huggingface import HuggingFaceSettings

CONTRACT = """
library: ~/papers
sources:
  huggingface: {enabled: true, base_url: https://huggingface.co}
  arxiv: {enabled: true, categories: [cs.CL, cs.LG], api_url: https://export.arxiv.org/api/query,
          rss_url: https://rss.arxiv.org, oai_url: https://oaipmh.arxiv.org/oai, delay_seconds: 3}
topics:
  - name: retrieval-augmented generation
    any: ["retrieval-augmented generation", RAG]     # one of these phrases, fuzzily
    all: []                                           # and all of these
    none: ["rag doll"]                                # and none of these
    authors: []                                       # or by one of these people
    categories: []                                    # only within these
    threshold: 90                                     # 0-100; 100 is exact after folding
alerts:
  channels:
    - {name: terminal, type: stdout}
    - {name: mail, type: email, to: me@example.org, host: localhost, port: 25}
    - {name: team, type: apprise, url_env: TEAM_URL}
    - {name: hook, type: webhook, url: "http://127.0.0.1:8000/"}   # POST, JSON
    - {name: own, type: command, run: ["my-notifier"]}               # papers as JSON
    - {name: notes, type: file, path: ~/papers/alerts}               # markdown
network:
  deadline_seconds: 30      # for the whole refresh
  user_agent: null          # null: papertrack's own
"""


@pytest.fixture
def config_file(tmp_path):
    def write(text, name="config.yaml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


def test_the_example_of_the_contract_is_read(config_file, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("USERPROFILE", "/home/me")
    path = config_file(CONTRACT)
    config = load(path)
    assert config.path == path
    assert config.library == os.path.normpath("/home/me/papers")
    assert config.sources.enabled == ("huggingface", "arxiv")
    assert config.sources["arxiv"].categories == ("cs.CL", "cs.LG")
    phrases = ("retrieval-augmented generation", "RAG")
    assert config.topics == (Topic(phrases[0], any=phrases, none=("rag doll",)),)
    assert config.alerts.channels == (
        StdoutChannel(name="terminal", type="stdout"),
        EmailChannel(name="mail", type="email", to=("me@example.org",)),
        AppriseChannel(name="team", type="apprise", url_env="TEAM_URL"),
        WebhookChannel(name="hook", type="webhook", url="http://127.0.0.1:8000/"),
        CommandChannel(name="own", type="command", run=("my-notifier",)),
        FileChannel(name="notes", type="file", path=os.path.normpath("/home/me/papers/alerts")),
    )
    assert config.network == Config().network


@pytest.mark.parametrize(
    "text",
    ["", "\n", "# only a comment\n", "---\n", "null\n", "{}\n", b"\xef\xbb\xbf", "topics:\n"],
)
def test_an_empty_file_means_the_defaults(config_file, text):
    path = config_file(text)
    assert load(path) == Config(path=path)


def test_without_a_number_five_recommended_papers_are_sent_a_day(config_file):
    assert load(config_file("alerts: {channels: []}")).alerts.for_you == 5


def test_no_file_means_the_defaults():
    config = load(None)
    assert config == Config()
    assert config.sources.enabled == ("huggingface",)
    assert config.sources["huggingface"] == HuggingFaceSettings("https://huggingface.co")
    assert config.topics == config.alerts.channels == ()


def test_keys_without_a_value_count_as_absent(config_file):
    path = config_file("library:\nsources:\n  arxiv:\nalerts:\n  channels: null\nnetwork: ~\n")
    assert load(path) == Config(path=path)


def test_a_list_with_a_single_text_may_be_written_without_brackets(config_file):
    assert load(config_file("topics: [{name: a, any: RAG}]")).topics == (Topic("a", any=("RAG",)),)


def test_invisible_characters_and_extra_spaces_are_removed_from_names_and_phrases(config_file):
    text = 'topics: [{name: " a\\u202e\\x1b  b ", any: ["RA\\u200bG"]}]'
    assert load(config_file(text)).topics == (Topic("a b", any=("RAG",)),)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("CS.cl", "cs.CL"),
        ("Hep-Th", "hep-th"),
        ("math", "math"),
        ("cond-mat.Mes-Hall", "cond-mat.mes-hall"),
        ("physics.optics", "physics.optics"),
        ('" cs.\u200bcl "', "cs.CL"),
    ],
)
def test_categories_are_read_in_any_case_and_normalized_to_the_spelling_of_arxiv(
    config_file, text, category
):
    (topic,) = load(config_file(f"topics: [{{name: a, categories: {text}}}]")).topics
    assert topic.categories == (category,)


def test_a_trailing_slash_is_removed_from_a_base_url_but_not_from_a_webhook(config_file):
    config = load(
        config_file(
            "sources: {huggingface: {base_url: 'http://127.0.0.1:80/'}}\n"
            "alerts: {channels: [{name: a, type: webhook, url: 'http://x.org/hook/?a=b'}]}"
        )
    )
    assert config.sources["huggingface"].base_url == "http://127.0.0.1:80"
    (hook,) = config.alerts.channels
    assert isinstance(hook, WebhookChannel)
    assert hook.url == "http://x.org/hook/?a=b"


def test_aliases_repeat_the_value_of_an_anchor(config_file):
    text = "topics:\n- {name: a, any: &x [RAG]}\n- {name: b, any: *x}\n"
    assert [topic.any for topic in load(config_file(text)).topics] == [("RAG",), ("RAG",)]


def test_switches_accept_every_yaml_word_for_true_and_false(config_file):
    for word, enabled in [("yes", True), ("Off", False), ("TRUE", True), ("no", False)]:
        config = load(config_file(f"sources: {{huggingface: {{enabled: {word}}}}}"))
        assert ("huggingface" in config.sources.enabled) is enabled


def test_a_relative_folder_starts_at_the_folder_of_the_file(config_file, tmp_path, monkeypatch):
    monkeypatch.setenv("SHELF", "left")
    assert load(config_file("library: ../$SHELF/papers")).library == str(
        tmp_path.parent / "left" / "papers"
    )


def test_a_relative_path_of_the_file_starts_at_the_present_folder(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text("library: papers")
    monkeypatch.chdir(tmp_path)
    assert load("config.yaml").library == str(tmp_path / "papers")


def test_the_path_of_the_file_comes_from_the_option_then_the_variable_then_the_default():
    environ = {"PAPERTRACK_CONFIG": "/from/variable.yaml"}
    assert resolve_path("/from/option.yaml", environ) == ("/from/option.yaml", True)
    assert resolve_path(None, environ) == ("/from/variable.yaml", True)
    path, named = resolve_path(None, {"PAPERTRACK_CONFIG": ""})
    assert os.path.basename(path) == "config.yaml"
    assert "papertrack" in path
    assert not named


def test_the_library_comes_from_the_option_then_the_variable_then_the_file_then_the_default():
    environ = {"PAPERTRACK_LIBRARY": "~/v"}
    config = Config(library="/from/file")
    assert resolve_library("/from/option", environ, config) == "/from/option"
    assert resolve_library(None, environ, config) == os.path.expanduser("~/v")
    assert resolve_library(None, {}, config) == "/from/file"
    assert "papertrack" in resolve_library(None, {}, Config())


def test_importing_config_imports_no_module_that_only_some_runs_need():
    code = """
import sys
from papertrack.config import load, resolve_library, resolve_path
environ = {"PAPERTRACK_CONFIG": "/a", "PAPERTRACK_LIBRARY": "/b"}
config = load(None)
resolve_path(None, environ), resolve_library(None, environ, config)
slow = "yaml rapidfuzz platformdirs dataclasses inspect pathlib difflib json urllib".split()
print(*[name for name in slow if name in sys.modules])
"""
    # -S: the site module may import any of them for another installed package.
    result = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert result.stdout.split() == []
