import time
from email.utils import formatdate

import pytest
from http_helpers import OK, failure, fetch, serve_statuses
from werkzeug import Response

from papertrack.sources import StatusError

# Statuses


@pytest.mark.parametrize("status", [502, 429])
def test_temporary_errors_are_retried(server, client, status):
    serve_statuses(server, (status, {}), (status, {}))
    assert fetch(client(), server.url_for("/")) == b"hi"


@pytest.mark.parametrize(("status", "kind"), [(503, "status"), (429, "rate-limit")])
def test_a_temporary_error_fails_after_three_tries(server, client, status, kind):
    times = serve_statuses(server, *[(status, {})] * 9)
    error = failure(client(), server.url_for("/"))
    assert (error.kind, error.what) == (kind, f"127.0.0.1 responded with status {status}")
    assert len(times) == 3


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 404, 410, 418, 500, 504])
def test_other_errors_are_not_retried(server, client, status):
    times = serve_statuses(server, *[(status, {})] * 9)
    error = failure(client(), server.url_for("/"))
    assert isinstance(error, StatusError)
    assert (error.kind, error.status) == ("status", status)
    assert len(times) == 1


def test_an_error_includes_the_reason_of_the_server_in_a_clean_line(server, client):
    body = {"error": "no \u202esuch\n  day\x1b[31m " + "z" * 999}
    server.expect_request("/").respond_with_json(body, status=400)
    error = failure(client(), server.url_for("/"))
    assert error.what.startswith("127.0.0.1 responded with status 400: no such day[31m zzz")
    assert len(error.what) < 300


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"error":7}', b'{"fault":"x"}', b"null", b"[" * 9999, b"x" * 99_999],
)
def test_an_error_without_a_plain_reason_includes_none(server, client, body):
    server.expect_request("/").respond_with_data(body, status=400)
    assert failure(client(), server.url_for("/")).what == "127.0.0.1 responded with status 400"


# Retry-After


def test_a_retry_after_that_fits_the_deadline_is_obeyed(server, client, clock):
    times = serve_statuses(server, (503, {"Retry-After": "40"}), now=clock.now)
    assert fetch(client(60.0, clock=clock), server.url_for("/")) == b"hi"
    assert times[1] - times[0] == pytest.approx(40)


def test_a_retry_after_date_is_obeyed(wire, client, clock):
    times = []

    def respond(connection):
        times.append(clock.now())
        after = formatdate(time.time() + 400, usegmt=True).encode()
        error = b"HTTP/1.1 429 Too Many\r\nRetry-After: %b\r\n\r\n" % after
        connection.sendall(error if len(times) == 1 else OK)

    assert fetch(client(600.0, clock=clock), wire(respond).url) == b"hi"
    assert 300 < times[1] - times[0] <= 400


def test_a_retry_after_date_is_compared_with_the_clock_of_the_server(wire, client):
    head = b"Date: Mon, 01 Jan 2001 00:00:00 GMT\r\nRetry-After: Mon, 01 Jan 2001 00:05:00 GMT\r\n"
    slow = wire(
        lambda connection: connection.sendall(b"HTTP/1.1 429 Too Many\r\n" + head + b"\r\n")
    )
    assert (
        failure(client(), slow.url).what == "127.0.0.1 responded with status 429: retry after 300 s"
    )


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3600"}, "3600"),
        ({"Retry-After": " 999999999 "}, "999999999"),
        ({"Retry-After": "86400"}, "86400"),
        ({"RateLimit": '"api";r=0;t=280'}, "280"),
    ],
)
def test_a_retry_after_beyond_the_deadline_is_reported_at_once(server, client, headers, seconds):
    times = serve_statuses(server, *[(429, headers)] * 3)
    error = failure(client(90.0), server.url_for("/"))
    assert error.kind == "rate-limit"
    assert error.what == f"127.0.0.1 responded with status 429: retry after {seconds} s"
    assert len(times) == 1


@pytest.mark.parametrize("rolling", [False, True])
def test_a_retry_after_must_fit_the_deadline_although_a_response_would_restart_it(
    server, client, rolling
):
    times = serve_statuses(server, (503, {"Retry-After": "90"}))
    error = failure(client(60.0, rolling=rolling), server.url_for("/"))
    assert error.what == "127.0.0.1 responded with status 503: retry after 90 s"
    assert len(times) == 1


def test_a_retry_after_must_fit_the_time_left_of_a_rolling_deadline(server, client, clock):
    for rolling in (False, True):
        server.clear()
        times = serve_statuses(server, (200, {}), (503, {"Retry-After": "40"}), now=clock.now)
        shared = client(60.0, rolling=rolling, clock=clock)
        clock.move(30)
        assert fetch(shared, server.url_for("/")) == b"hi"
        if rolling:
            assert fetch(shared, server.url_for("/")) == b"hi"
            assert times[2] - times[1] == pytest.approx(40)
        else:
            error = failure(shared, server.url_for("/"))
            assert error.what == "127.0.0.1 responded with status 503: retry after 40 s"
            assert len(times) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "soon"},
        {"Retry-After": "86,400"},
        {"Retry-After": "-5"},
        {"Retry-After": ""},
        {"Retry-After": "Mon, 99 Xxx 2026 99:99:99 GMT"},
        {"Retry-After": "Mon, 01 Jan 2001 00:00:00 GMT"},
        {"RateLimit": '"api";r=499;t=280'},
        {"RateLimit": "nonsense"},
    ],
)
def test_an_invalid_retry_after_is_ignored(server, client, headers):
    serve_statuses(server, (503, headers))
    assert fetch(client(), server.url_for("/")) == b"hi"


def test_retries_print_nothing(server, client, capfd):
    serve_statuses(server, (503, {}))
    fetch(client(), server.url_for("/"))
    assert "retr" not in capfd.readouterr().err.lower()


# Redirects


def test_a_redirect_on_the_same_host_is_followed(server, client):
    server.expect_request("/old").respond_with_data("", 308, {"Location": "/new?p=1"})
    server.expect_request("/new", query_string="p=1").respond_with_data("hi")
    assert fetch(client(), server.url_for("/old")) == b"hi"


def test_a_redirect_to_https_on_the_same_host_is_followed(secure, server, client, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", secure.ca_file)
    target = f"https://127.0.0.1:{secure.port}/"
    server.expect_request("/").respond_with_data("", 301, {"Location": target})
    assert fetch(client(), server.url_for("/")) == b"hi"


def test_a_redirect_to_another_host_or_port_or_from_https_is_not_followed(server, wire, client):
    other = wire(lambda connection: connection.sendall(OK))
    url = server.url_for("/")
    https = f"https://localhost:{server.port}/"
    for target in (other.url, url.replace("127.0.0.1", "localhost"), https):
        server.clear()
        server.expect_request("/").respond_with_data("", 302, {"Location": target})
        error = failure(client(), url)
        assert error.kind == "redirect"
        assert target in error.what
    assert other.asked == []


def test_a_redirect_loop_fails(server, client):
    server.expect_request("/").respond_with_data("", 302, {"Location": "/"})
    assert failure(client(), server.url_for("/")).kind == "redirect"
    assert len(server.log) == 4


@pytest.mark.parametrize("location", ["data:,x", "mailto:me@example.org", "file:///etc/passwd"])
def test_a_redirect_to_what_is_no_web_address_fails_as_a_redirect(server, client, location):
    redirect = Response("", 302, {"Location": location})
    redirect.autocorrect_location_header = False
    server.expect_request("/").respond_with_response(redirect)
    assert failure(client(), server.url_for("/")).kind == "redirect"
