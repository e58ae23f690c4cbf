"""The keys of channels in the configuration, and warnings about exposed secrets."""

import os
import shlex

import pytest

from papertrack.config import effective_yaml, exposure_warning, load
from papertrack.config.channels import FileChannel
from papertrack.config.exposure import check_unchangeable
from papertrack.config.rewriting import edit_topic, remove_topic
from papertrack.errors import ConfigError, UsageError

TOPICS = "topics: [{name: RAG, any: rag}, {name: AI agents, any: agent}]\n"
WEEKLY = "{name: weekly, type: email, to: me@example.org, every: week, topics: none, trending: 20}"


@pytest.fixture
def channels(tmp_path):
    """Reads a configuration with these channels."""

    def read(*entries, topics=TOPICS):
        path = tmp_path / "config.yaml"
        lines = "".join(f"  - {entry}\n" for entry in entries)
        path.write_text(f"{topics}alerts:\n  channels:\n{lines}", encoding="utf-8")
        return load(str(path))

    return read


def problems(read, *entries, **settings):
    with pytest.raises(ConfigError) as caught:
        read(*entries, **settings)
    return [str(problem) for problem in caught.value.problems]


def test_content_and_schedule_keys_are_read_and_shown_by_explain(channels, tmp_path):
    common = "topics: [rag, starred], every: day, send_days: [Mon, thu], at_most: 5"
    loaded = channels(f"{{name: f, type: file, path: /x, one_by_one: yes, trending: 3, {common}}}")
    (channel,) = loaded.alerts.channels
    assert channel == FileChannel(
        name="f",
        type="file",
        path="/x",
        topics=("rag", "starred"),
        every="day",
        send_days=("mon", "thu"),
        at_most=5,
        one_by_one=True,
        trending=3,
    )
    path = tmp_path / "config.yaml"
    path.write_text(effective_yaml(loaded))
    assert load(str(path)) == loaded


def test_a_channel_without_a_form_writes_plain_text(channels):
    (channel,) = channels("{name: a, type: stdout}").alerts.channels
    assert channel.form == "plain"


def test_a_channel_takes_its_topics_in_any_case_or_all_topics_without_the_key(channels):
    rag_only, unrestricted = channels(
        "{name: a, type: stdout, topics: [rag]}", "{name: b, type: stdout}"
    ).alerts.channels
    names = ("RAG", "AI agents", "starred")
    assert [rag_only.delivers(name) for name in names] == [True, False, False]
    assert unrestricted.delivers("AI agents")
    assert unrestricted.delivers("starred")


def test_a_weekly_digest_of_trending_papers_fits_on_a_line(channels):
    (weekly,) = channels(WEEKLY).alerts.channels
    assert (weekly.every, weekly.trending, weekly.at_most) == ("week", 20, None)
    assert not weekly.delivers("RAG")
    assert not weekly.delivers("starred")


def test_unknown_topics_are_reported_with_a_suggestion_together_with_other_problems(channels):
    entries = (
        "{name: a, type: stdout, topics: [RAG, rga]}",
        "{name: b, type: fax, topics: ai agent}",
    )
    reported = problems(channels, *entries, topics=TOPICS + "zzz: 1\n")
    assert reported[0].startswith("line 2: zzz")
    assert reported[1] == (
        'line 5: alerts.channels[0].topics[1]: "rga" is not a topic (did you mean "RAG"?)'
    )
    assert 'line 6: alerts.channels[1].topics: "ai agent" is not a topic (did you' in reported[3]
    (problem,) = problems(channels, "{name: a, type: stdout, topics: x}", topics="")
    assert '"x" is not a topic (expected one of: none, starred, for you)' in problem


def test_a_topic_that_a_channel_uses_is_neither_removed_nor_renamed(channels, tmp_path):
    config = channels("{name: a, type: stdout, topics: [rag]}")
    text, (rag, agents) = (tmp_path / "config.yaml").read_text(), config.topics
    for change in (
        lambda: remove_topic(text, config.path, rag),
        lambda: edit_topic(text, config.path, rag, rag._replace(name="retrieval")),
    ):
        with pytest.raises(UsageError, match="channel 'a' uses topic 'RAG'"):
            change()
    assert "Rag" in edit_topic(text, config.path, rag, rag._replace(name="Rag"))
    assert "agents" not in remove_topic(text, config.path, agents)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("type: stdout, topics: none", "gets neither topics nor trending papers"),
        (
            "type: email, to: a@b.c, user: me",
            "has user without a password (add one of",
        ),
        ("type: email, to: a@b.c, password_env: P", "has password_env without user"),
        (
            "type: email, to: a@b.c, user: me, password_env: P, password_file: f",
            "has password_env and password_file (use only one of them)",
        ),
        (
            "type: email, to: a@b.c, host: b.c, user: me, password_env: P",
            "would send the password unencrypted (add encryption",
        ),
        ("type: email, to: 'a@b.c\\nBcc: x'", "is not an email address"),
        ("type: apprise", "has no URL (add one of url_env, url_file, url_keyring)"),
        ("type: apprise, url_keyring: x", "is not a keyring entry as service/user"),
        ("type: webhook", "has no URL (add one of url, url_env"),
        ("type: webhook, url: 'http://x', url_file: y", "has url and url_file"),
        ("type: webhook, url_env: X, token_env: Y, token_keyring: a/b", "has token_env and token_"),
        ("type: stdout, send_days: [tuesday]", "is not a day of the week, mon to sun"),
        ("type: stdout, at_most: 0", "not a whole number from 1"),
    ],
)
def test_contradictory_and_invalid_keys_of_a_channel_are_reported(channels, entry, message):
    (problem,) = problems(channels, f"{{name: a, {entry}}}")
    assert message in problem


def test_a_warning_is_printed_if_other_users_can_read_a_secret(channels, tmp_path, papertrack):
    path = tmp_path / "config.yaml"
    hook = "{name: h, type: webhook, url: 'https://hooks.example.org/T0/planted'}"
    source = "sources: {huggingface: {base_url: 'https://me:planted@example.org'}}\n"
    for mode, expected in ((0o600, False), (0o640, True), (0o604, True), (0o611, False)):
        config = channels(hook, topics=source + TOPICS)
        path.chmod(mode)
        assert (exposure_warning(config) is not None) is expected
    path.chmod(0o644)
    result = papertrack("--config", path, "config", "check")
    places = "sources.huggingface.base_url, alerts.channels[0].url"
    assert result.code == 0
    assert result.err == (
        f"papertrack: other users can read {path} and the secret in {places}: chmod 600 "
        f"{shlex.quote(str(path))}\n"
    )
    assert exposure_warning(channels("{name: h, type: webhook, url_env: HOOK}", WEEKLY)) is None


def test_the_arguments_of_a_program_are_not_shown(channels):
    shown = effective_yaml(channels("{name: c, type: command, run: [notify, --key, hunter2]}"))
    assert 'run: ["notify", "***", "***"]' in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize("what", ["file", "folder", "owner"])
def test_alerts_refuse_programs_of_a_configuration_that_others_can_change(
    channels, tmp_path, papertrack, what
):
    path = tmp_path / "config.yaml"
    program = "{name: c, type: command, run: ['true']}"
    changes = {
        "file": lambda: path.chmod(0o646),
        "folder": lambda: tmp_path.chmod(0o777),
        "owner": lambda: os.chown(path, 65534, 65534),
    }
    channels(program)
    check_unchangeable(load(str(path)))
    try:
        changes[what]()
    except OSError:  # also if root is that of a container, which knows no other user
        pytest.skip("only root can give files to another user")
    run = papertrack("--config", path, "alert", "--offline")
    tmp_path.chmod(0o700)
    assert run.code == 2
    named = tmp_path if what == "folder" else path
    quoted = shlex.quote(str(named))
    owner = f"chown {os.geteuid()} {quoted}; " if what == "owner" else ""
    assert run.err.splitlines() == [
        f"papertrack: other users can change {named}, and thereby which programs alerts run",
        "  a channel of the type command needs a configuration that only you can change",
        f"  {owner}chmod go-w {quoted}",
    ]


def test_a_path_is_named_without_invisible_characters(channels, tmp_path):
    channels("{name: c, type: command, run: ['true']}")
    path = (tmp_path / "config.yaml").rename(tmp_path / "odd\x1b.yaml")
    path.chmod(0o646)
    with pytest.raises(UsageError) as caught:
        check_unchangeable(load(str(path)))
    shown = tmp_path / "odd.yaml"
    assert caught.value.what.startswith(f"other users can change {shown}, ")
    assert caught.value.next_step == f"chmod go-w {shlex.quote(str(shown))}"


def test_a_configuration_that_the_group_of_root_can_change_is_no_danger(channels, tmp_path):
    path = tmp_path / "config.yaml"
    channels("{name: c, type: command, run: ['true']}")
    if path.stat().st_gid != 0:
        pytest.skip("only root has files of this group")
    path.chmod(0o664)
    check_unchangeable(load(str(path)))


def test_a_configuration_without_programs_and_a_sticky_folder_are_no_danger(channels, tmp_path):
    tmp_path.chmod(0o1777)
    check_unchangeable(channels("{name: c, type: command, run: ['true']}"))
    (tmp_path / "config.yaml").chmod(0o666)
    check_unchangeable(channels("{name: o, type: stdout}"))
    tmp_path.chmod(0o700)
