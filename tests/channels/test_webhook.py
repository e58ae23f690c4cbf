"""Webhooks: one POST a message, and only the status of the answer counts."""

import json
import time
from threading import Event

import pytest
from messages import MESSAGE
from werkzeug import Response

from papertrack.config.channels import WebhookChannel
from papertrack.errors import DeliveryError


def hook(url, **more):
    return WebhookChannel(name="hook", type="webhook", url=url, **more)


def test_the_message_is_posted_as_json_with_its_id_and_a_token(server, sent):
    server.expect_request("/a").respond_with_data("", 202)
    url = server.url_for("/a?key=1").replace("://", "://user:pass@")
    sent(hook(url))
    sent(WebhookChannel(name="h", type="webhook", url_env="U", token_env="T"), U=url[:-6], T="tok")
    for request, _ in server.log[-2:]:
        assert request.method == "POST"
        assert request.headers["Idempotency-Key"] == MESSAGE.id
        assert request.headers["User-Agent"] == "tests/1"
        assert request.content_type == "application/json"
        assert json.loads(request.data) == MESSAGE.data
    first, second = (request for request, _ in server.log[-2:])
    assert (first.query_string, first.authorization.username) == (b"key=1", "user")
    assert second.query_string == b""


def test_a_token_is_sent_as_bearer(server, sent):
    server.expect_request("/").respond_with_data("")
    sent(hook(server.url_for("/"), token_env="T"), T="tok-1")
    assert server.log[-1][0].headers["Authorization"] == "Bearer tok-1"


@pytest.mark.parametrize("status", [301, 307, 401, 503])
def test_any_status_but_2xx_is_a_refusal_and_nothing_is_obeyed(server, sent, status):
    headers = {"Location": server.url_for("/other"), "Retry-After": "100"}
    server.expect_request("/").respond_with_response(Response("secret", status, headers))
    server.clear_log()
    with pytest.raises(DeliveryError, match=f"127.0.0.1 answered {status}") as caught:
        sent(hook(server.url_for("/")))
    assert (caught.value.kind, caught.value.unknown) == ("refused", False)
    assert len(server.log) == 1


def test_a_server_that_answers_late_may_have_the_message(server, sent):
    done = Event()
    server.expect_request("/").respond_with_handler(lambda _: Response("", 200 + done.wait(60)))
    with pytest.raises(DeliveryError, match="did not answer within") as caught:
        sent(hook(server.url_for("/")), seconds=4)
    done.set()
    assert (caught.value.kind, caught.value.unknown) == ("timeout", True)


def _trickling(connection):
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 500:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def _broken_off(connection):
    connection.sendall(b"HTTP/1.1 2")


def test_an_answer_that_trickles_or_breaks_off_leaves_it_unknown(wire, sent):
    for answer, kind in [(_trickling, "timeout"), (_broken_off, "connection")]:
        with pytest.raises(DeliveryError) as caught:
            sent(hook(wire(answer).url), seconds=4)
        assert (caught.value.kind, caught.value.unknown) == (kind, True)


def test_nobody_there_surely_has_nothing(unused_url, sent):
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1 cannot be reached") as caught:
        sent(hook(unused_url))
    assert (caught.value.kind, caught.value.unknown) == ("connection", False)


@pytest.mark.parametrize(
    "url", ["ftp://x.org/secret", "x.org/secret", "http:///secret", "http://[::1"]
)
def test_a_secret_url_that_cannot_be_asked_is_told_without_it(sent, url):
    with pytest.raises(DeliveryError, match="no web address") as caught:
        sent(WebhookChannel(name="h", type="webhook", url_env="U"), U=url)
    assert caught.value.kind == "secret"
    assert "secret" not in str(caught.value)
