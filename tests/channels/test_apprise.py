"""Delivery through apprise: its JSON service, against a real server."""

import json
import subprocess
import sys
from threading import Event

import pytest
from messages import MESSAGE, pour
from werkzeug import Response

from papertrack.channels import connect
from papertrack.config.channels import AppriseChannel
from papertrack.errors import DeliveryError

# apprise imports all of its services, some of which use deprecated modules.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
TEAM = AppriseChannel(name="team", type="apprise", url_env="TEAM_URL")


def json_url(server, path=""):
    return server.url_for(f"/{path}").replace("http://", "json://")


def test_a_message_is_plain_text_without_mentions(server, deliver):
    server.expect_request("/").respond_with_data("")
    title, text = "pass@k\nfor @everyone", "<b>no</b> & [x](y) @here, me@x.org https://x.org/@y"
    deliver(TEAM, MESSAGE._replace(subject=title, text=text), TEAM_URL=json_url(server))
    request = json.loads(server.log[-1][0].data)
    assert request["title"] == "pass@\u200bk for @\u200beveryone"
    assert request["message"].replace("\u200b", "") == text
    assert "https://x.org/@y" in request["message"]
    assert "@here" not in request["message"]


def test_a_message_over_the_limit_of_a_service_arrives_completely(server, deliver):
    server.expect_request("/").respond_with_data("")
    server.clear_log()
    text = "\n".join(f"line {number}" for number in range(8000))
    deliver(TEAM, MESSAGE._replace(text=text), TEAM_URL=json_url(server))
    parts = [json.loads(request.data)["message"] for request, _ in server.log]
    assert len(parts) > 1
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("url", "lower", "upper"),
    [
        ("json://x.org", 30_000, 32_768),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", 1900, 2000),
        ("tgram://123456789:abcdefg_hijklmnop/lead2gold/", 1500, 2048),
    ],
)
def test_the_length_limit_of_a_message_follows_from_the_service(url, lower, upper):
    assert lower <= connect(TEAM, {"TEAM_URL": url}, sys.stdout, "").max_length <= upper


def test_after_a_refusal_a_failed_connection_or_a_time_out_the_delivery_is_unknown(
    server, unused_url, deliver
):
    finished = Event()
    server.expect_request("/no").respond_with_data("", 500)
    server.expect_request("/late").respond_with_handler(
        lambda _: Response("", 200 + finished.wait(60))
    )
    unreachable = unused_url.replace("http://", "json://")
    for url, kind, seconds in [
        (json_url(server, "no"), "refused", 20),
        (unreachable, "refused", 20),
        (json_url(server, "late"), "timeout", 1),
    ]:
        with pytest.raises(DeliveryError) as caught:
            deliver(TEAM, seconds=seconds, TEAM_URL=url)
        assert (caught.value.kind, caught.value.unknown) == (kind, True)
    finished.set()


def test_an_invalid_url_is_reported_without_the_url(deliver):
    with pytest.raises(DeliveryError, match="does not recognize its URL") as caught:
        deliver(TEAM, TEAM_URL="nonsense://secret")
    assert caught.value.kind == "secret"
    assert "nonsense" not in str(caught.value)


def test_without_apprise_the_error_says_how_to_install_it():
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
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    for line in result.stdout.splitlines():
        assert line.startswith("program: the package apprise is not installed; ")
        assert line.endswith("pip install 'papertrack-cli[alerts]'")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_but_a_failure_that_names_the_new_host(server, deliver, status):
    target = server.url_for("/stolen/SECRET").replace("127.0.0.1", "localhost")
    server.expect_request("/").respond_with_response(Response("", status, {"Location": target}))
    server.clear_log()
    with pytest.raises(DeliveryError, match="redirects to http://localhost, which") as caught:
        deliver(TEAM, TEAM_URL=json_url(server))
    assert (caught.value.kind, caught.value.unknown) == ("refused", True)
    assert "SECRET" not in str(caught.value)
    assert len(server.log) == 1


def test_a_response_without_end_is_cut_off(server, deliver):
    sent = []

    def endless():
        while len(sent) < 1000:
            sent.append(None)
            yield b"x" * 2**16

    server.expect_request("/").respond_with_handler(lambda _: Response(endless()))
    with pytest.raises(DeliveryError, match="sent a response of more than 1,048,576 bytes"):
        deliver(TEAM, seconds=60, TEAM_URL=json_url(server))
    assert len(sent) < 1000


def test_a_mail_server_of_apprise_with_a_reply_without_end_is_cut_off(scripted_smtp, deliver):
    server = scripted_smtp(hello=pour)
    with pytest.raises(DeliveryError) as caught:
        deliver(TEAM, TEAM_URL=f"mailto://127.0.0.1:{server.port}/?from=a@x.org&to=b@x.org")
    assert caught.value.kind == "refused"


def test_after_a_refused_request_the_next_message_is_delivered(server, deliver):
    redirect = Response("", 302, {"Location": "http://localhost:1/"})
    server.expect_oneshot_request("/").respond_with_response(redirect)
    server.expect_request("/").respond_with_data("")
    with pytest.raises(DeliveryError):
        deliver(TEAM, TEAM_URL=json_url(server))
    assert deliver(TEAM, TEAM_URL=json_url(server)) == ()
