"""Apprise: its own service for JSON, against a real server."""

import json
import subprocess
import sys
from threading import Event

import pytest
from messages import MESSAGE
from werkzeug import Response

from papertrack.channels import connect
from papertrack.config.channels import AppriseChannel
from papertrack.errors import DeliveryError

# All its services are imported at once, some with modules that Python will not have for ever.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TEAM = AppriseChannel(name="team", type="apprise", url_env="TEAM_URL")


def team(server, path=""):
    return server.url_for(f"/{path}").replace("http://", "json://")


def test_a_message_comes_as_plain_text_that_calls_nobody(server, sent):
    server.expect_request("/").respond_with_data("")
    title, text = "pass@k\nfor @everyone", "<b>no</b> & [x](y) @here, me@x.org https://x.org/@y"
    sent(TEAM, MESSAGE._replace(subject=title, text=text), TEAM_URL=team(server))
    told = json.loads(server.log[-1][0].data)
    assert told["title"] == "pass@\u200bk for @\u200beveryone"
    assert told["message"].replace("\u200b", "") == text
    assert "https://x.org/@y" in told["message"]
    assert "@here" not in told["message"]


def test_a_long_message_comes_whole_however_small_the_service_is(server, sent):
    server.expect_request("/").respond_with_data("")
    server.clear_log()
    text = "\n".join(f"line {number}" for number in range(8000))
    sent(TEAM, MESSAGE._replace(text=text), TEAM_URL=team(server))
    told = [json.loads(request.data)["message"] for request, _ in server.log]
    assert len(told) > 1
    assert "".join("".join(told).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("url", "least", "most"),
    [
        ("json://x.org", 30_000, 32_768),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", 1900, 2000),
        ("tgram://123456789:abcdefg_hijklmnop/lead2gold/", 1500, 2048),
    ],
)
def test_a_service_says_how_long_a_message_may_be(url, least, most):
    assert least <= connect(TEAM, {"TEAM_URL": url}, sys.stdout, "").longest <= most


def test_a_refusal_an_absence_and_a_silence_leave_it_unknown(server, unused_url, sent):
    done = Event()
    server.expect_request("/no").respond_with_data("", 500)
    server.expect_request("/late").respond_with_handler(lambda _: Response("", 200 + done.wait(60)))
    gone = unused_url.replace("http://", "json://")
    for url, kind, seconds in [
        (team(server, "no"), "refused", 20),
        (gone, "refused", 20),
        (team(server, "late"), "timeout", 1),
    ]:
        with pytest.raises(DeliveryError) as caught:
            sent(TEAM, seconds=seconds, TEAM_URL=url)
        assert (caught.value.kind, caught.value.unknown) == (kind, True)
    done.set()


def test_a_url_that_is_none_is_told_without_it(sent):
    with pytest.raises(DeliveryError, match="does not understand its URL") as caught:
        sent(TEAM, TEAM_URL="nonsense://secret")
    assert caught.value.kind == "secret"
    assert "nonsense" not in str(caught.value)


def test_without_apprise_it_is_told_how_to_install_it():
    code = """
import sys
sys.modules["apprise"] = sys.modules["keyring"] = None
from papertrack.channels import connect
from papertrack.config.channels import AppriseChannel
from papertrack.errors import DeliveryError
for places in ({"url_env": "X"}, {"url_keyring": "a/b"}):
    try:
        connect(AppriseChannel(name="a", type="apprise", **places), {}, sys.stdout, "")
    except DeliveryError as error:
        sys.stdout.write(f"{error.kind}: {error}\\n")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        assert line.startswith("program: the package apprise is not installed; ")
        assert line.endswith("pip install 'papertrack-cli[alerts]'")
