"""Topics as a change leaves them, and in which words a change is refused."""

import os

import pytest

from papertrack.config import (
    Config,
    example,
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
    categories=("cs.CL",),
    threshold=95,
    when=("new", "code appears"),
    breadth="related",
)


def told(call):
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
        (TopicChange(categories=("cs.lg", "HEP-TH")), {"categories": "cs.CL|cs.LG|hep-th"}),
        (TopicChange(drop=(" PLANNING ", "doll")), {"any": "agent", "none": ""}),
        (TopicChange(drop=("agent",), any=("agent",)), {"any": "Planning|agent"}),
        (TopicChange(when=("withdrawn", "new", "new")), {"when": "withdrawn|new"}),
    ],
)
def test_a_change_adds_and_drops_once_and_keeps_the_rest(change, after):
    lists = {name: tuple(filter(None, text.split("|"))) for name, text in after.items()}
    assert apply_change(TOPIC, change) == TOPIC._replace(**lists)


def test_a_change_sets_the_name_the_threshold_and_the_breadth():
    change = TopicChange(rename=" other  name", threshold=0, breadth="phrases")
    assert apply_change(TOPIC, change) == TOPIC._replace(
        name="other name", threshold=0, breadth="phrases"
    )


def test_what_is_not_there_is_told_with_what_is():
    said = ["agent", "Planning", "model", "doll", "Ada One", "cs.CL"]
    assert told(lambda: apply_change(TOPIC, TopicChange(drop=("x",)))) == (
        "topic 'agents' does not say 'x'",
        f"it says: {said}",
        "",
    )


def test_what_no_topic_can_say_is_told_with_its_place():
    assert told(lambda: apply_change(TOPIC, TopicChange(any=("a\nb",)))) == (
        "'a\\nb' cannot stand in a topic",
        "it has a control or invisible character, or a line end, in it",
        "leave that out",
    )
    assert told(lambda: apply_change(TOPIC, TopicChange(threshold=101))) == (
        'threshold: "101" is not a whole number from 0 to 100',
        "",
        "",
    )
    what, _, advice = told(lambda: apply_change(TOPIC, TopicChange(categories=("x y",))))
    assert what == "categories[1]: is not an arXiv category"
    assert advice == "for example cs.CL, math or hep-th"
    assert (
        told(lambda: apply_change(Topic("t"), TopicChange(none=("x",))))[0]
        == "topic 't': matches nothing"
    )


def test_the_difference_of_two_topics_makes_one_of_the_other():
    after = Topic("b", any=("agent", "new"), all=("doll",), threshold=1, when=("rising",))
    change = difference(TOPIC, after)
    assert change == TopicChange(
        any=("new",),
        all=("doll",),
        drop=("Planning", "model", "Ada One", "cs.CL"),
        threshold=1,
        rename="b",
        breadth="phrases",
        when=("rising",),
    )
    assert difference(TOPIC, TOPIC) == TopicChange()


def test_of_a_topic_is_written_what_is_not_usual():
    assert non_default_fields(Topic("t", any=("a",))) == {"name": "t", "any": ["a"]}
    assert list(non_default_fields(TOPIC)) == [
        *("name", "any", "all", "none", "authors", "categories", "threshold", "when", "breadth")
    ]


def test_the_configuration_is_where_it_was_asked_for_or_in_its_usual_place():
    environ = {"HOME": "/h", "XDG_CONFIG_HOME": "/c", "PAPERTRACK_CONFIG": "~/e.yaml"}
    home = os.path.expanduser("~")
    assert resolve_path("x.yaml", environ) == ("x.yaml", True)
    assert resolve_path(None, environ) == (f"{home}/e.yaml", True)
    del environ["PAPERTRACK_CONFIG"]
    assert resolve_path(None, environ) == ("/c/papertrack/config.yaml", False)


def test_the_library_is_where_it_was_asked_for_or_configured_or_in_its_usual_place():
    environ = {"PAPERTRACK_LIBRARY": "~/l", "XDG_DATA_HOME": "/d"}
    home, config = os.path.expanduser("~"), Config(library="/configured")
    assert resolve_library("~/x", environ, config) == f"{home}/x"
    assert resolve_library(None, environ, config) == f"{home}/l"
    del environ["PAPERTRACK_LIBRARY"]
    assert resolve_library(None, environ, config) == "/configured"
    assert resolve_library(None, environ, Config()) == "/d/papertrack"


def test_without_a_file_there_are_the_defaults_and_the_example_can_be_had():
    assert load(None) == load_for_papers(None, {}) == Config()
    assert example().topics
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
def test_a_secret_that_others_may_read_is_told_with_its_place(tmp_path, text, places):
    path = tmp_path / "my config.yaml"
    path.write_text(text)
    path.chmod(0o644)
    warning = places and (f"others can read {path} and the secret in {places}: chmod 600 '{path}'")
    assert exposure_warning(load(str(path))) == warning
    path.chmod(0o600)
    config = load(str(path))
    assert exposure_warning(config) is None
    path.unlink()
    assert exposure_warning(config) is None
    assert exposure_warning(Config()) is None


@pytest.mark.parametrize(
    "word", ["key", "apikey", "token", "secret", "password", "passwd", "pass", "auth"]
)
def test_a_key_that_ends_in_such_a_word_names_a_secret(word):
    for key in (word, word.upper(), f"my_{word}", f"smtp-{word}"):
        assert names_secret(key)
    for key in (f"{word}_file", f"x{word}", f"{word}s"):
        assert not names_secret(key)


def test_the_defaults_are_those_that_people_rely_on():
    sources, network = Config().sources, Config().network
    assert sources["huggingface"] == ("https://huggingface.co",)
    assert sources["arxiv"]._asdict() == {
        "categories": (),
        "cross_lists": False,
        "api_url": "https://export.arxiv.org/api/query",
        "rss_url": "https://rss.arxiv.org",
        "oai_url": "https://oaipmh.arxiv.org/oai",
        "delay_seconds": 3,
    }
    assert network == (30, None)
    assert [*sources.enabled] == ["huggingface"]
    assert (Config().library, Config().topics, Config().alerts.channels) == (None, (), ())
