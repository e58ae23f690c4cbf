"""Delivery to webhooks: one POST per message, judged by the status of the response only."""

import json
import time
from threading import Event

import pytest
from messages import MESSAGE
from werkzeug import Response

from papertrack.config.channels import WebhookChannel
from papertrack.errors import DeliveryError


def webhook(url, **settings):
    return WebhookChannel(name="hook", type="webhook", url=url, **settings)


def test_a_message_is_posted_as_json_with_its_id(server, deliver):
    server.expect_request("/a").respond_with_data("", 202)
    url = server.url_for("/a?key=1").replace("://", "://user:pass@")
    deliver(webhook(url))
    deliver(
        WebhookChannel(name="h", type="webhook", url_env="U", token_env="T"), U=url[:-6], T="tok"
    )
    for request, _ in server.log[-2:]:
        assert request.method == "POST"
        assert request.headers["Idempotency-Key"] == MESSAGE.id
        assert request.headers["User-Agent"] == "tests/1"
        assert request.content_type == "application/json"
        assert json.loads(request.data) == MESSAGE.data
    first, second = (request for request, _ in server.log[-2:])
    assert (first.query_string, first.authorization.username) == (b"key=1", "user")
    assert second.query_string == b""


def test_a_token_is_sent_as_bearer(server, deliver):
    server.expect_request("/").respond_with_data("")
    deliver(webhook(server.url_for("/"), token_env="T"), T="tok-1")
    assert server.log[-1][0].headers["Authorization"] == "Bearer tok-1"


@pytest.mark.parametrize("status", [301, 307, 401, 503])
def test_any_status_but_2xx_is_a_refusal_without_redirect_or_retry(server, deliver, status):
    headers = {"Location": server.url_for("/other"), "Retry-After": "100"}
    server.expect_request("/").respond_with_response(Response("secret", status, headers))
    server.clear_log()
    with pytest.raises(DeliveryError, match=f"127.0.0.1 responded with status {status}") as caught:
        deliver(webhook(server.url_for("/")))
    assert (caught.value.kind, caught.value.unknown) == ("refused", False)
    assert len(server.log) == 1


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("\n  no_service \nmore", ": no_service"),
        ("", ""),
        ("<html><p>x</p></html>", ""),
        ("invalid token tok-1 for http://127.0.0.1/T0/planted", ": invalid token *** for http://"),
        ("bad\x1b[31m \xff" + "x " * 5000, ": bad"),
    ],
)
def test_the_first_line_of_a_refusal_is_reported_without_secrets(server, deliver, body, line):
    server.expect_request("/T0/planted").respond_with_data(body, status=404)
    with pytest.raises(DeliveryError, match="responded with status 404") as caught:
        deliver(webhook(server.url_for("/T0/planted"), token_env="T"), T="tok-1")
    message = str(caught.value)
    assert message.partition("404")[2].startswith(line)
    assert not any(part in message for part in ("planted", "tok-1", "\x1b"))
    assert len(message) < 500
    if not line:
        assert message.endswith("404")


def test_a_redirect_is_a_failure_that_names_the_new_host(server, deliver):
    redirect = Response("", 307, {"Location": "https://other.example/SECRET?key=SECRET"})
    server.expect_request("/").respond_with_response(redirect)
    with pytest.raises(
        DeliveryError, match=r"307, a redirect to https://other\.example,"
    ) as caught:
        deliver(webhook(server.url_for("/")))
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("location", ["data:,x", "mailto:me@example.org", "http://[", "http:"])
def test_a_redirect_to_what_is_no_web_address_is_a_failure(server, deliver, location):
    redirect = Response("", 302, {"Location": location})
    redirect.autocorrect_location_header = False
    server.expect_request("/").respond_with_response(redirect)
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1") as caught:
        deliver(webhook(server.url_for("/")))
    assert caught.value.kind in ("refused", "connection")


def test_after_a_late_response_the_delivery_is_unknown(server, deliver):
    finished = Event()
    server.expect_request("/").respond_with_handler(lambda _: Response("", 200 + finished.wait(60)))
    with pytest.raises(DeliveryError, match="did not respond within") as caught:
        deliver(webhook(server.url_for("/")), seconds=4)
    finished.set()
    assert (caught.value.kind, caught.value.unknown) == ("timeout", True)


def _trickle(connection):
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"y" * 500:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def _break_off(connection):
    connection.sendall(b"HTTP/1.1 2")


def test_after_an_incomplete_response_the_delivery_is_unknown(wire, deliver):
    for respond, kind in [(_trickle, "timeout"), (_break_off, "connection")]:
        with pytest.raises(DeliveryError) as caught:
            deliver(webhook(wire(respond).url), seconds=4)
        assert (caught.value.kind, caught.value.unknown) == (kind, True)


def test_after_a_failed_connection_the_message_is_not_delivered(unused_url, deliver):
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1 cannot be reached") as caught:
        deliver(webhook(unused_url))
    assert (caught.value.kind, caught.value.unknown) == ("connection", False)


def test_a_proxy_that_refuses_is_named_and_the_message_is_not_delivered(wire, deliver, monkeypatch):
    proxy = wire(lambda connection: connection.sendall(b"HTTP/1.1 403 No\r\n\r\n"))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("://", "://me:password@"))
    with pytest.raises(DeliveryError, match=r"the proxy http://127\.0\.0\.1:\d+ refused") as caught:
        deliver(webhook("https://hook.invalid/secret"))
    assert (caught.value.kind, caught.value.unknown) == ("connection", False)
    assert "password" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["ftp://x.org/secret", "x.org/secret", "http:///secret", "http://[::1"]
)
def test_an_invalid_secret_url_is_reported_without_the_url(deliver, url):
    with pytest.raises(DeliveryError, match="not a web address") as caught:
        deliver(WebhookChannel(name="h", type="webhook", url_env="U"), U=url)
    assert caught.value.kind == "secret"
    assert "secret" not in str(caught.value)
