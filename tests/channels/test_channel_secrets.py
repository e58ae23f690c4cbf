"""Secrets are read from three places, and no failure of a channel reveals them."""

import base64
import json
import logging
import os
import pickle
from socket import SHUT_RDWR
from urllib.parse import quote

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
from messages import MESSAGE

from papertrack.channels import connect
from papertrack.channels.secrets import Secret, secret_of
from papertrack.cli.exit_handling import exit_code_of
from papertrack.config import effective_yaml, load
from papertrack.config.channels import AppriseChannel, EmailChannel, WebhookChannel
from papertrack.errors import DeliveryError

# Five planted tokens that must not appear anywhere.
PASSWORD, PATH_TOKEN, BEARER, USERINFO, TEAM = (
    f"planted{word}0{number}"
    for number, word in enumerate(("Pass", "Path", "Bear", "User", "Team"))
)


class MemoryKeyring(KeyringBackend):
    """A keyring backend in memory."""

    priority = 1

    def get_password(self, service, username):
        if service == "locked":
            raise KeyringLocked(f"the key {PASSWORD} is locked")
        return PASSWORD if (service, username) == ("mail/smtp", "me") else None

    set_password = delete_password = None


@pytest.fixture
def _keyring():
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    yield
    keyring.set_keyring(before)


def email_channel(**settings):
    settings = {"host": "127.0.0.1", "port": 9} | settings
    return EmailChannel(name="mail", type="email", to=("me@x.org",), user="me", **settings)


def reason(channel, **environ):
    with pytest.raises(DeliveryError) as caught:
        secret_of(channel, "password", environ)
    assert caught.value.kind == "secret"
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


def test_a_secret_is_read_from_the_environment():
    channel = email_channel(password_env="P")
    assert secret_of(channel, "password", {"P": PASSWORD}).reveal() == PASSWORD
    assert secret_of(email_channel(), "password", {"P": PASSWORD}) is None
    assert "P is not set or empty; cron does not read" in reason(channel)
    assert "line end or control" in reason(channel, P=f"{PASSWORD}\r\nBcc: x")


def test_a_secret_is_read_from_a_private_file(tmp_path):
    path = tmp_path / "secret"
    channel = email_channel(password_file=str(path))
    assert f"cannot read {path}" in reason(channel)
    path.write_text(f"{PASSWORD}\n")
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        assert f"other users can access {path}; chmod 600" in reason(channel)
    path.chmod(0o600)
    assert secret_of(channel, "password", {}).reveal() == PASSWORD
    for content, message in ((b"", "empty"), (b"a\nb", "line end"), (b"\xff", "not UTF-8")):
        path.write_bytes(content)
        assert message in reason(channel)
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "is not a regular file" in reason(email_channel(password_file=str(tmp_path / "pipe")))


@pytest.mark.usefixtures("_keyring")
def test_a_secret_is_read_from_the_keyring():
    secret = secret_of(email_channel(password_keyring="mail/smtp/me"), "password", {})
    assert secret.reveal() == PASSWORD
    assert "keyring set mail you" in reason(email_channel(password_keyring="mail/you"))
    assert "cannot use the keyring" in reason(email_channel(password_keyring="locked/me"))


def test_a_secret_is_hidden_in_its_text_forms():
    secret = Secret("a b&c")
    assert f"{secret} {secret!r} {[secret]}" == "*** *** [***]"
    encoded = base64.b64encode(b"a b&c").decode()
    assert secret.redact(f"x a b&c {quote('a b&c')} {encoded}") == "x *** *** ***"
    with pytest.raises(TypeError, match="not stored"):
        pickle.dumps(secret)


@pytest.fixture
def hooks(server):
    """URLs with tokens, which the server answers with errors."""
    server.expect_request(f"/{PATH_TOKEN}/no").respond_with_data(f"{PATH_TOKEN} {BEARER}", 500)
    server.expect_request(f"/{TEAM}/no").respond_with_data(TEAM, 401)
    bare = server.url_for(f"/{PATH_TOKEN}/no")
    return bare, server.url_for(f"/{TEAM}/no").replace("http://", "json://")


def failing_channels(scripted_smtp, hooks, unused_url):
    """Channels that fail in many ways, each with its environment."""
    bare, team = hooks
    with_user = bare.replace("://", f"://{USERINFO}:{USERINFO}@")
    credentials = base64.b64encode(f"\0me\0{PASSWORD}".encode()).decode()
    echo = f"535 no {PASSWORD} {credentials}"
    for replies in (
        {"AUTH": echo},
        {"AUTH": "235 ok", "MAIL": echo.replace("535", "550")},
        {"AUTH": "235 ok", "DATA": lambda connection: connection.shutdown(SHUT_RDWR)},
    ):
        yield email_channel(port=scripted_smtp(**replies).port, password_env="S"), {"S": PASSWORD}
    for password in (f"{PASSWORD}é", f"{PASSWORD}\n{PASSWORD}"):
        yield (
            email_channel(port=scripted_smtp(AUTH="235 ok").port, password_env="S"),
            {"S": password},
        )
    unreachable = unused_url + PATH_TOKEN
    invalid = (unreachable.replace("http", "ftp"), f"http://[{PATH_TOKEN}", f"{bare}\x07")
    for url in (bare, with_user, unreachable, *invalid):
        places = {"url_env": "U", "token_env": "B"}
        yield WebhookChannel(name="h", type="webhook", url=url, token_env="B"), {"B": BEARER}
        yield WebhookChannel(name="h", type="webhook", **places), {"U": url, "B": BEARER}
        yield WebhookChannel(name="h", type="webhook", **places), {"U": url, "B": f"{BEARER} "}
    for url in (team, f"json://127.0.0.1:9/{TEAM}", f"nonsense://{TEAM}", f"slack://{TEAM}"):
        yield AppriseChannel(name="a", type="apprise", url_env="U"), {"U": url}


@pytest.fixture
def visible_text(capfd, caplog, tmp_path, monkeypatch):
    """All output and log messages so far, and the names of files in the home directory."""
    monkeypatch.setenv("HOME", str(tmp_path))
    caplog.set_level(logging.DEBUG)

    def read():
        output = capfd.readouterr()
        logs = [f"{record.name} {record.getMessage()}" for record in caplog.records]
        client_logs = [line for line in logs if not line.startswith("werkzeug")]
        files = map(str, tmp_path.rglob("*"))
        return "\n".join([output.out, output.err, *client_logs, *files])

    return read


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # in modules of apprise
def test_no_failure_reveals_a_planted_token(scripted_smtp, hooks, unused_url, visible_text):
    shown = []
    for channel, environ in failing_channels(scripted_smtp, hooks, unused_url):
        shown.append(repr(channel))

        def work(channel=channel, environ=environ):
            sender = connect(channel, environ, None, "tests/1")
            shown.extend((repr(sender), str(vars(sender))))
            sender.send(MESSAGE, 5)

        assert exit_code_of(work, debug=True) == DeliveryError.exit_code
    everything = "\n".join([visible_text(), *shown])
    assert "Traceback" in everything
    encoded = base64.b64encode(f"\0me\0{PASSWORD}".encode()).decode()
    for token in (PASSWORD, PATH_TOKEN, BEARER, USERINFO, TEAM, encoded):
        assert token not in everything


def test_explain_and_repr_of_a_configuration_reveal_no_planted_token(tmp_path):
    url = f"https://{USERINFO}:{USERINFO}@x.org/{PATH_TOKEN}"
    path = tmp_path / "config.yaml"
    channel = {"name": "h", "type": "webhook", "url": url}
    path.write_text(json.dumps({"alerts": {"channels": [channel]}}))
    loaded = load(str(path))
    for shown in (effective_yaml(loaded), repr(loaded)):
        assert USERINFO not in shown
        assert PATH_TOKEN not in shown
