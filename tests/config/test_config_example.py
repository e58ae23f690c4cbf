"""The example file and `config show`."""

from pathlib import Path

import pytest
import yaml

from papertrack import config
from papertrack.config import Config, effective_yaml, example_text, load
from papertrack.config.groups import RecordListType, RecordType, VariantType
from papertrack.config.records import Sources
from papertrack.config.schema import CONFIG
from papertrack.config.source_groups import SourceGroup

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.yaml"


_TOPICS = next(line for line in example_text().splitlines() if line.startswith("topics:"))


def keys(value_type):
    """All keys at any level of a value type."""
    if isinstance(value_type, SourceGroup):
        return keys(value_type.record_type())
    if isinstance(value_type, RecordType):
        return {key for name, inner in value_type.fields.items() for key in (name, *keys(inner))}
    if isinstance(value_type, VariantType):
        return {key for variant in value_type.record_types.values() for key in keys(variant)}
    return keys(value_type.each) if isinstance(value_type, RecordListType) else set()


def uncommented(text):
    """The example with its commented-out topics, channels and library enabled."""
    lines = text.splitlines()
    topics = range(lines.index(_TOPICS) + 1, lines.index("alerts:") - 1)
    return "\n".join(
        line.replace("# ", "", 1)
        if line.startswith(("# library:", "    # ")) or (number in topics and "  # " in line)
        else line
        for number, line in enumerate(lines)
    )


def test_the_example_is_the_file_at_the_top_of_the_checkout():
    assert example_text() == EXAMPLE.read_text(encoding="utf-8")
    assert not Path(config.__file__).with_name("example.yaml").exists(), (
        "there must be a single example file"
    )


def test_the_example_loads_unchanged_and_shows_the_defaults_of_the_sources():
    loaded = load(str(EXAMPLE))
    assert loaded.library is None
    assert loaded.sources == Sources({"arxiv": {"categories": ("cs.CL", "cs.LG")}})
    assert loaded.network == Config().network
    assert loaded.topics == (), "the topics of other people are comments"
    assert [channel.type for channel in loaded.alerts.channels] == ["stdout"]


def test_the_example_loads_with_its_commented_out_keys_enabled(tmp_path):
    path = tmp_path / "all.yaml"
    path.write_text(uncommented(example_text()), encoding="utf-8")
    loaded = load(str(path))
    assert loaded.library
    assert [topic.authors for topic in loaded.topics] == [(), (), ("Yejin Choi", "Yoshua Bengio")]
    channels = CONFIG.fields["alerts"].fields["channels"]
    assert {channel.type for channel in loaded.alerts.channels} == set(channels.each.record_types)


def test_the_example_contains_every_key():
    text = example_text()
    assert {key for key in keys(CONFIG) if f"{key}:" not in text} == set()


def test_the_example_is_short():
    assert len(example_text().splitlines()) <= 150
    assert max(map(len, example_text().splitlines())) <= 100


def test_the_explained_configuration_without_secrets_loads_as_the_same_configuration(tmp_path):
    path = tmp_path / "config.yaml"
    example = uncommented(example_text()).replace("127.0.0.1:8000/", "127.0.0.1")
    for text in ["", example.replace("[my-notifier, --quiet]", "[my-notifier]")]:
        path.write_text(text, encoding="utf-8")
        loaded = load(str(path))
        path.write_text(effective_yaml(loaded), encoding="utf-8")
        assert load(str(path)) == loaded


def test_explain_marks_defaults():
    shown = effective_yaml(Config()._replace(library="/papers")).splitlines()
    assert shown[0] == "# no file: the defaults"
    assert 'library: "/papers"' in shown
    assert "  deadline_seconds: 30  # default" in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:secret@example.org", "https://***@example.org/"),
        ("https://hooks.example.org/T0/secret", "https://hooks.example.org/***"),
        ("https://u:secret@example.org/secret?secret", "https://***@example.org/***"),
        ("https://example.org?secret", "https://example.org?***"),
    ],
)
def test_explain_hides_credentials_and_path_of_a_webhook(tmp_path, url, shown):
    path = tmp_path / "config.yaml"
    path.write_text(f"alerts: {{channels: [{{name: a, type: webhook, url: '{url}'}}]}}")
    text = effective_yaml(load(str(path)))
    assert "secret" not in text
    (channel,) = yaml.safe_load(text)["alerts"]["channels"]
    assert channel["url"].rstrip("/") == shown.rstrip("/")


def test_explain_hides_the_password_in_the_url_of_a_source(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("sources: {huggingface: {base_url: 'https://me:secret@example.org/x'}}")
    shown = yaml.safe_load(effective_yaml(load(str(path))))
    assert shown["sources"]["huggingface"]["base_url"] == "https://***@example.org/x"
