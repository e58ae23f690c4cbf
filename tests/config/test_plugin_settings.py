"""The keys of bioRxiv and medRxiv, and of sources from plugins."""

import pytest
import yaml

from papertrack.config import effective_yaml, load, load_for_papers
from papertrack.config.folders import user_folder
from papertrack.errors import ConfigError
from papertrack.sources.biorxiv import PreprintSettings


@pytest.fixture
def config_file(tmp_path):
    def write(text):
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def zenodo(tmp_path, monkeypatch):
    """The installed metadata of a package with two sources; its module is never imported."""
    info = tmp_path / "site" / "zenodo_papers-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: zenodo-papers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[papertrack.sources]\nzenodo = z:Z\nhal = z:H\n")
    monkeypatch.syspath_prepend(str(info.parent))


def problems(path):
    with pytest.raises(ConfigError) as caught:
        load(path)
    return [
        (problem.line, problem.path, problem.message, problem.suggestion)
        for problem in caught.value.problems
    ]


# bioRxiv and medRxiv


def test_preprint_servers_are_disabled_and_list_all_categories_by_default(config_file):
    text = """sources:
  biorxiv: {enabled: yes, categories: [Cell_Biology, " NEUROSCIENCE"]}
  medrxiv: {categories: HIV/AIDS, base_url: http://127.0.0.1:80/x/}
"""
    sources = load(config_file(text)).sources
    default = PreprintSettings(categories=(), base_url="https://api.biorxiv.org")
    assert load(None).sources["biorxiv"] == default
    assert sources["biorxiv"] == PreprintSettings(categories=("cell biology", "neuroscience"))
    assert sources["medrxiv"] == PreprintSettings(("hiv/aids",), "http://127.0.0.1:80/x")
    assert load(None).sources.enabled == ("huggingface",)
    assert sources.enabled == ("huggingface", "biorxiv")


@pytest.mark.parametrize("category", ["q-bio.NC", "7", "'?'", "[]"])
def test_an_invalid_category_of_a_preprint_server_is_reported(config_file, category):
    ((line, path, _, _),) = problems(
        config_file(f"sources: {{biorxiv: {{categories: [{category}]}}}}")
    )
    assert (line, path) == (1, "sources.biorxiv.categories[0]")


def test_cross_lists_are_disabled_by_default(config_file):
    assert not load(None).sources.cross_lists
    sources = load(config_file("sources: {arxiv: {cross_lists: true}}")).sources
    assert sources.cross_lists
    assert sources["arxiv"].cross_lists


# Plugins


@pytest.mark.usefixtures("zenodo")
def test_a_plugin_may_have_any_keys_with_the_types_of_yaml(config_file):
    text = """sources:
  zenodo:
    enabled: true
    community: "2024"
    rows: 50
    ratio: -0.5
    open: no
    spaced: " a  b"
    kinds: [article, 7, true]
    none_at_all: []
    unset:
  hal: {}
"""
    sources = load(config_file(text)).sources
    assert sources["zenodo"] == {
        "community": "2024",
        "rows": 50,
        "ratio": -0.5,
        "open": False,
        "spaced": " a  b",
        "kinds": ("article", 7, True),
        "none_at_all": (),
    }
    assert sources["hal"] == {}
    assert sources.enabled == ("huggingface", "zenodo")


@pytest.mark.usefixtures("zenodo")
def test_a_plugin_is_disabled_by_default(config_file):
    sources = load(config_file("sources: {zenodo: {rows: 5}, hal: {enabled: on}}")).sources
    assert sources.enabled == ("huggingface", "hal")


@pytest.mark.usefixtures("zenodo")
def test_every_mistake_in_the_keys_of_a_plugin_is_reported_at_once(config_file):
    text = """sources:
  zenodo:
    enabled: 1
    rows: 5
    nested: {a: b}
    kinds: [a, [b], {c: d}, ~, 2024-01-31]
    rows: 6
    size: 0x10
    text: ''
    <<: {a: b}
    [a]: b
  hal: yes
  zenodi: {}
"""
    reported = problems(config_file(text))
    assert [(line, path) for line, path, _, _ in reported] == [
        (3, "sources.zenodo.enabled"),
        (5, "sources.zenodo.nested"),
        (6, "sources.zenodo.kinds[1]"),
        (6, "sources.zenodo.kinds[2]"),
        (6, "sources.zenodo.kinds[3]"),
        (6, "sources.zenodo.kinds[4]"),
        (7, "sources.zenodo.rows"),
        (8, "sources.zenodo.size"),
        (9, "sources.zenodo.text"),
        (10, "sources.zenodo"),
        (11, "sources.zenodo"),
        (12, "sources.hal"),
        (13, "sources.zenodi"),
    ]
    assert reported[1][2:] == (
        "is a group of keys, not a single value",
        "use a single value or a list of single values",
    )
    assert reported[-1][2:] == (
        "unknown key: no installed plugin provides this source",
        'did you mean "zenodo"?',
    )


@pytest.mark.usefixtures("zenodo")
@pytest.mark.parametrize("key", ["a b", "é", "'7'", '"a\\x1bb"', "''", "a.b"])
def test_an_invalid_key_of_a_plugin_is_reported(config_file, key):
    ((_, path, message, advice),) = problems(config_file(f"sources: {{zenodo: {{{key}: 1}}}}"))
    assert (path, advice) == ("sources.zenodo", "use only letters, digits, - and _ in keys")
    assert message.startswith("has the invalid key ")
    assert message.isprintable()


def test_a_source_that_no_plugin_provides_is_reported_with_all_other_problems(config_file):
    reported = problems(
        config_file("sources:\n  zenodo: {enabled: true}\n  arxvi: {}\nlibary: x\n")
    )
    assert [(line, path) for line, path, _, _ in reported] == [
        (2, "sources.zenodo"),
        (3, "sources.arxvi"),
        (4, "libary"),
    ]
    assert "expected one of: huggingface, arxiv, biorxiv, medrxiv" in reported[0][3]
    assert reported[1][3] == 'did you mean "arxiv"?'


# Explained and cached

FULL = """sources:
  arxiv: {categories: [cs.CL], cross_lists: true}
  biorxiv: {enabled: true, categories: [zoology]}
  zenodo: {enabled: true, rows: 50, kinds: [article, 7, true], mirror: "http://127.0.0.1/"}
  hal: {}
"""


@pytest.fixture
def environ(tmp_path):
    return {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}


def cache_files(tmp_path, environ):
    assert user_folder("cache", environ).startswith(str(tmp_path))
    return list((tmp_path / "cache").rglob("*.json"))


@pytest.mark.usefixtures("zenodo")
def test_explained_sources_load_as_the_same_configuration(config_file):
    loaded = load(config_file(FULL))
    assert load(config_file(effective_yaml(loaded))) == loaded


@pytest.mark.usefixtures("zenodo")
def test_explain_hides_passwords_in_urls_and_keys_that_name_secrets_of_a_plugin(config_file):
    text = """sources:
  zenodo:
    mirrors: ["https://me:hunter2@example.org/x", "https://example.org"]
    API-Key: hunter2
    token: [hunter2]
    keywords: [open]
"""
    shown = effective_yaml(load(config_file(text)))
    assert "hunter2" not in shown
    assert yaml.safe_load(shown)["sources"]["zenodo"] == {
        "enabled": False,
        "mirrors": ["https://***@example.org/x", "https://example.org"],
        "API-Key": "***",
        "token": "***",
        "keywords": ["open"],
    }


@pytest.mark.usefixtures("zenodo")
def test_all_sources_are_cached_without_searching_for_plugins_again(
    config_file, environ, tmp_path, monkeypatch
):
    path = config_file(FULL)
    expected = load(path)
    assert load_for_papers(path, environ) == expected
    assert len(cache_files(tmp_path, environ)) == 1
    monkeypatch.undo()  # uninstalls the package, which only parsing the file again would notice
    again = load_for_papers(path, environ)
    assert again == expected
    assert again.sources.keys_by_source == expected.sources.keys_by_source


@pytest.mark.usefixtures("zenodo")
@pytest.mark.parametrize(
    "source",
    [
        "huggingface: {base_url: 'https://me:pw@example.org'}",
        "arxiv: {oai_url: 'https://me:pw@example.org'}",
        "medrxiv: {base_url: 'https://me:pw@example.org'}",
        "zenodo: {mirror: 'https://me:pw@example.org'}",
        "zenodo: {mirrors: ['https://me:pw@example.org']}",
        "zenodo: {api_key: pw}",
    ],
)
def test_no_secret_of_a_source_is_cached(config_file, environ, tmp_path, source):
    path = config_file(f"sources: {{{source}}}")
    assert load_for_papers(path, environ) == load(path)
    assert cache_files(tmp_path, environ) == []
