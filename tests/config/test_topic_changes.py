"""Changes of topics, the errors for invalid changes, and the defaults of the configuration."""

import os

import pytest

from papertrack.config import (
    Config,
    example_text,
    exposure_warning,
    load,
    load_for_papers,
    resolve_library,
    resolve_path,
)
from papertrack.config.changes import TopicChange, apply_change, difference, non_default_fields
from papertrack.config.records import names_secret
from papertrack.errors import UsageError
from papertrack.models import Topic

TOPIC = Topic(
    "agents",
    any=("agent", "Planning"),
    all=("model",),
    none=("doll",),
    authors=("Ada One",),
    organizations=("The Lab",),
    categories=("cs.CL",),
    threshold=95,
    when=("new", "code appears"),
    breadth="related",
)


def error_of(call):
    with pytest.raises(UsageError) as caught:
        call()
    return caught.value.what, caught.value.why, caught.value.next_step


@pytest.mark.parametrize(
    ("change", "after"),
    [
        (TopicChange(), {}),
        (
            TopicChange(any=(" more  words ", "agent", "more words")),
            {"any": "agent|Planning|more words"},
        ),
        (TopicChange(all=("x",), none=("y",)), {"all": "model|x", "none": "doll|y"}),
        (TopicChange(authors=("Bo Two",)), {"authors": "Ada One|Bo Two"}),
        (TopicChange(organizations=("B", "The Lab")), {"organizations": "The Lab|B"}),
        (TopicChange(categories=("cs.lg", "HEP-TH")), {"categories": "cs.CL|cs.LG|hep-th"}),
        (TopicChange(drop=(" PLANNING ", "doll")), {"any": "agent", "none": ""}),
        (TopicChange(drop=("agent",), any=("agent",)), {"any": "Planning|agent"}),
        (TopicChange(when=("withdrawn", "new", "new")), {"when": "withdrawn|new"}),
    ],
)
def test_a_change_adds_and_drops_phrases_once_and_leaves_the_others(change, after):
    lists = {name: tuple(filter(None, text.split("|"))) for name, text in after.items()}
    assert apply_change(TOPIC, change) == TOPIC._replace(**lists)


def test_a_change_sets_name_threshold_and_breadth():
    change = TopicChange(rename=" other  name", threshold=0, breadth="phrases")
    assert apply_change(TOPIC, change) == TOPIC._replace(
        name="other name", threshold=0, breadth="phrases"
    )


def test_dropping_an_absent_phrase_is_an_error_that_lists_the_phrases():
    assert error_of(lambda: apply_change(TOPIC, TopicChange(drop=("x",)))) == (
        "topic 'agents' does not contain 'x'",
        "it contains: agent, Planning, model, doll, Ada One, The Lab, cs.CL",
        "",
    )


def test_invalid_values_of_a_topic_are_errors_that_name_the_key():
    assert error_of(lambda: apply_change(TOPIC, TopicChange(any=("a\nb",)))) == (
        "'a\\nb' is not valid in a topic",
        "it contains a control character, an invisible character or a line break",
        "remove that character",
    )
    assert error_of(lambda: apply_change(TOPIC, TopicChange(threshold=101))) == (
        'threshold: "101" is not a whole number from 0 to 100',
        "",
        "",
    )
    what, _, next_step = error_of(lambda: apply_change(TOPIC, TopicChange(categories=("x y",))))
    assert what == "categories[1]: is not an arXiv category"
    assert next_step == "for example cs.CL, math or hep-th"
    assert (
        error_of(lambda: apply_change(Topic("t"), TopicChange(none=("x",))))[0]
        == "topic 't': matches nothing"
    )


def test_the_difference_of_two_topics_turns_the_first_into_the_second():
    after = Topic("b", any=("agent", "new"), all=("doll",), threshold=1, when=("rising",))
    change = difference(TOPIC, after)
    assert change == TopicChange(
        any=("new",),
        all=("doll",),
        drop=("Planning", "model", "Ada One", "The Lab", "cs.CL"),
        threshold=1,
        rename="b",
        breadth="phrases",
        when=("rising",),
    )
    assert difference(TOPIC, TOPIC) == TopicChange()


def test_only_non_default_fields_of_a_topic_are_written():
    assert non_default_fields(Topic("t", any=("a",))) == {"name": "t", "any": ["a"]}
    assert list(non_default_fields(TOPIC)) == [
        *("name", "any", "all", "none", "authors", "categories", "threshold", "when", "breadth"),
        "organizations",
    ]


def test_the_path_of_the_configuration_is_explicit_or_the_default():
    environ = {"HOME": "/h", "XDG_CONFIG_HOME": "/c", "PAPERTRACK_CONFIG": "~/e.yaml"}
    home = os.path.expanduser("~")
    assert resolve_path("x.yaml", environ) == ("x.yaml", True)
    assert resolve_path(None, environ) == (f"{home}/e.yaml", True)
    del environ["PAPERTRACK_CONFIG"]
    assert resolve_path(None, environ) == ("/c/papertrack/config.yaml", False)


def test_the_library_is_explicit_or_configured_or_the_default():
    environ = {"PAPERTRACK_LIBRARY": "~/l", "XDG_DATA_HOME": "/d"}
    home, config = os.path.expanduser("~"), Config(library="/configured")
    assert resolve_library("~/x", environ, config) == f"{home}/x"
    assert resolve_library(None, environ, config) == f"{home}/l"
    del environ["PAPERTRACK_LIBRARY"]
    assert resolve_library(None, environ, config) == "/configured"
    assert resolve_library(None, environ, Config()) == "/d/papertrack"


def test_the_defaults_and_the_example_load_without_a_file():
    assert load(None) == load_for_papers(None, {}) == Config()
    assert "topics:" in example_text()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("sources: {huggingface: {base_url: 'https://a:b@h'}}", "sources.huggingface.base_url"),
        (
            "sources: {arxiv: {api_url: 'https://a@h', oai_url: 'https://a:b@h'}}",
            "sources.arxiv.api_url, sources.arxiv.oai_url",
        ),
        (
            "alerts: {channels: [{name: a, type: stdout}, {name: b, type: webhook, url: 'https://h/x'}]}",
            "alerts.channels[1].url",
        ),
        ("alerts: {channels: [{name: b, type: webhook, url: 'https://h'}]}", None),
        ("alerts: {channels: [{name: b, type: webhook, url: 'https://h/'}]}", None),
        ("sources: {huggingface: {base_url: 'https://h/x'}}", None),
    ],
)
def test_the_warning_about_a_readable_secret_names_its_keys(tmp_path, text, places):
    path = tmp_path / "my config.yaml"
    path.write_text(text)
    path.chmod(0o644)
    warning = (
        places and f"other users can read {path} and the secret in {places}: chmod 600 '{path}'"
    )
    assert exposure_warning(load(str(path))) == warning
    odd = path.rename(tmp_path / "odd\x1b.yaml")
    if places:
        assert f"read {tmp_path}/odd.yaml and" in exposure_warning(load(str(odd)))
    odd.rename(path)
    path.chmod(0o600)
    config = load(str(path))
    assert exposure_warning(config) is None
    path.unlink()
    assert exposure_warning(config) is None
    assert exposure_warning(Config()) is None


@pytest.mark.parametrize(
    "word", ["key", "apikey", "token", "secret", "password", "passwd", "pass", "auth"]
)
def test_a_key_that_ends_in_a_word_for_secrets_names_a_secret(word):
    for key in (word, word.upper(), f"my_{word}", f"smtp-{word}"):
        assert names_secret(key)
    for key in (f"{word}_file", f"x{word}", f"{word}s"):
        assert not names_secret(key)


def test_the_defaults_are_unchanged():
    sources, network = Config().sources, Config().network
    assert sources["huggingface"] == ("https://huggingface.co",)
    assert sources["arxiv"]._asdict() == {
        "categories": (),
        "cross_lists": False,
        "api_url": "https://export.arxiv.org/api/query",
        "rss_url": "https://rss.arxiv.org",
        "oai_url": "https://oaipmh.arxiv.org/oai",
        "pdf_url": "https://arxiv.org/pdf",
        "delay_seconds": 3,
    }
    assert network == (30, None)
    assert [*sources.enabled] == ["huggingface"]
    assert (Config().library, Config().topics, Config().alerts.channels) == (None, (), ())


@pytest.mark.parametrize("name", ["any", "all", "none", "authors", "organizations", "when"])
def test_a_list_with_an_invisible_character_is_rejected(name):
    text = "new\N{ZERO WIDTH SPACE}"
    change = TopicChange(**{name: (text,)})
    what, why, step = error_of(lambda: apply_change(TOPIC, change))
    assert what == f"{text!r} is not valid in a topic"
    assert why == "it contains a control character, an invisible character or a line break"
    assert step == "remove that character"
