"""Secrets: from three places, and told to nobody however a channel fails."""

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
from papertrack.config import explain, load
from papertrack.config.channels import AppriseChannel, EmailChannel, WebhookChannel
from papertrack.errors import DeliveryError

# Five planted tokens, with what a log may make of them.
PASSWORD, PATH_TOKEN, BEARER, USERINFO, TEAM = (
    f"planted{word}0{number}"
    for number, word in enumerate(("Pass", "Path", "Bear", "User", "Team"))
)


class Keys(KeyringBackend):
    """A keyring in memory, as other programs bring theirs."""

    priority = 1

    def get_password(self, service, username):
        if service == "locked":
            raise KeyringLocked(f"the key {PASSWORD} is locked")
        return PASSWORD if (service, username) == ("mail/smtp", "me") else None

    set_password = delete_password = None


@pytest.fixture
def _keyring():
    before = keyring.get_keyring()
    keyring.set_keyring(Keys())
    yield
    keyring.set_keyring(before)


def mail(**more):
    more = {"host": "127.0.0.1", "port": 9} | more
    return EmailChannel(name="mail", type="email", to=("me@x.org",), user="me", **more)


def reason(channel, **environ):
    with pytest.raises(DeliveryError) as caught:
        secret_of(channel, "password", environ)
    assert caught.value.kind == "secret"
    assert PASSWORD not in str(caught.value)
    return str(caught.value)


def test_a_secret_comes_from_the_environment():
    channel = mail(password_env="P")
    assert secret_of(channel, "password", {"P": PASSWORD}).reveal() == PASSWORD
    assert secret_of(mail(), "password", {"P": PASSWORD}) is None
    assert "P is not set or empty; cron knows" in reason(channel)
    assert "line end or control" in reason(channel, P=f"{PASSWORD}\r\nBcc: x")


def test_a_secret_comes_from_a_file_of_the_reader_alone(tmp_path):
    path = tmp_path / "secret"
    channel = mail(password_file=str(path))
    assert f"{path} cannot be read" in reason(channel)
    path.write_text(f"{PASSWORD}\n")
    for others in (0o640, 0o604, 0o620):
        path.chmod(others)
        assert f"others may use {path}, too; chmod 600" in reason(channel)
    path.chmod(0o600)
    assert secret_of(channel, "password", {}).reveal() == PASSWORD
    for content, told in ((b"", "empty"), (b"a\nb", "line end"), (b"\xff", "not UTF-8")):
        path.write_bytes(content)
        assert told in reason(channel)
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "is no file" in reason(mail(password_file=str(tmp_path / "pipe")))


@pytest.mark.usefixtures("_keyring")
def test_a_secret_comes_from_the_keyring():
    found = secret_of(mail(password_keyring="mail/smtp/me"), "password", {})
    assert found.reveal() == PASSWORD
    assert "keyring set mail you" in reason(mail(password_keyring="mail/you"))
    assert "cannot be used" in reason(mail(password_keyring="locked/me"))


def test_a_secret_shows_itself_nowhere():
    secret = Secret("a b&c")
    assert f"{secret} {secret!r} {[secret]}" == "*** *** [***]"
    coded = base64.b64encode(b"a b&c").decode()
    assert secret.hidden_in(f"x a b&c {quote('a b&c')} {coded}") == "x *** *** ***"
    with pytest.raises(TypeError, match="not stored"):
        pickle.dumps(secret)


@pytest.fixture
def hooks(server):
    """Addresses of a server under which it refuses and fails, all with a token in them."""
    server.expect_request(f"/{PATH_TOKEN}/no").respond_with_data(f"{PATH_TOKEN} {BEARER}", 500)
    server.expect_request(f"/{TEAM}/no").respond_with_data(TEAM, 401)
    bare = server.url_for(f"/{PATH_TOKEN}/no")
    return bare, server.url_for(f"/{TEAM}/no").replace("http://", "json://")


def failing(script, hooks, unused_url):
    """Channels that fail in many ways, each with its environment."""
    bare, team = hooks
    url = bare.replace("://", f"://{USERINFO}:{USERINFO}@")
    together = base64.b64encode(f"\0me\0{PASSWORD}".encode()).decode()
    echo = f"535 no {PASSWORD} {together}"
    for answers in (
        {"AUTH": echo},
        {"AUTH": "235 ok", "MAIL": echo.replace("535", "550")},
        {"AUTH": "235 ok", "DATA": lambda connection: connection.shutdown(SHUT_RDWR)},
    ):
        yield mail(port=script(**answers).port, password_env="S"), {"S": PASSWORD}
    for strange in (f"{PASSWORD}é", f"{PASSWORD}\n{PASSWORD}"):
        yield mail(port=script(AUTH="235 ok").port, password_env="S"), {"S": strange}
    nowhere = unused_url + PATH_TOKEN
    wrong = (nowhere.replace("http", "ftp"), f"http://[{PATH_TOKEN}", f"{bare}\x07")
    for asked in (bare, url, nowhere, *wrong):
        places = {"url_env": "U", "token_env": "B"}
        yield WebhookChannel(name="h", type="webhook", url=asked, token_env="B"), {"B": BEARER}
        yield WebhookChannel(name="h", type="webhook", **places), {"U": asked, "B": BEARER}
        yield WebhookChannel(name="h", type="webhook", **places), {"U": asked, "B": f"{BEARER} "}
    for asked in (team, f"json://127.0.0.1:9/{TEAM}", f"nonsense://{TEAM}", f"slack://{TEAM}"):
        yield AppriseChannel(name="a", type="apprise", url_env="U"), {"U": asked}


@pytest.fixture
def told(capfd, caplog, tmp_path, monkeypatch):
    """Everything that was written or logged so far, and the names of files in the home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    caplog.set_level(logging.DEBUG)

    def everything():
        written = capfd.readouterr()
        logs = [f"{one.name} {one.getMessage()}" for one in caplog.records]
        ours = [one for one in logs if not one.startswith("werkzeug")]
        return "\n".join([written.out, written.err, *ours, *map(str, tmp_path.rglob("*"))])

    return everything


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of apprise's many modules
def test_planted_tokens_are_told_by_nothing_that_fails(script, hooks, unused_url, told):
    shown = []
    for channel, environ in failing(script, hooks, unused_url):
        shown.append(repr(channel))

        def work(channel=channel, environ=environ):
            sender = connect(channel, environ, None, "tests/1")
            shown.extend((repr(sender), str(vars(sender))))
            sender.send(MESSAGE, 5)

        assert exit_code_of(work, debug=True) == DeliveryError.exit_code
    everything = "\n".join([told(), *shown])
    assert "Traceback" in everything
    coded = base64.b64encode(f"\0me\0{PASSWORD}".encode()).decode()
    for token in (PASSWORD, PATH_TOKEN, BEARER, USERINFO, TEAM, coded):
        assert token not in everything


def test_a_configuration_shows_no_planted_token(tmp_path):
    url = f"https://{USERINFO}:{USERINFO}@x.org/{PATH_TOKEN}"
    path = tmp_path / "config.yaml"
    channel = {"name": "h", "type": "webhook", "url": url}
    path.write_text(json.dumps({"alerts": {"channels": [channel]}}))
    loaded = load(str(path))
    for shown in (explain(loaded), repr(loaded)):
        assert USERINFO not in shown
        assert PATH_TOKEN not in shown
