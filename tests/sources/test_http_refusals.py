import time
from email.utils import formatdate

import pytest
from asking import OK, ask, failure, statuses

from papertrack.sources import StatusError

# Refusals


@pytest.mark.parametrize("status", [502, 429])
def test_passing_refusals_are_asked_again(server, client, status):
    statuses(server, (status, {}), (status, {}))
    assert ask(client(), server.url_for("/")) == b"hi"


@pytest.mark.parametrize(("status", "kind"), [(503, "status"), (429, "rate-limit")])
def test_after_three_refusals_the_client_gives_up(server, client, status, kind):
    asked = statuses(server, *[(status, {})] * 9)
    error = failure(client(), server.url_for("/"))
    assert (error.kind, error.what) == (kind, f"127.0.0.1 answered {status}")
    assert len(asked) == 3


@pytest.mark.parametrize("status", [204, 304, 400, 401, 403, 404, 410, 418, 500, 504])
def test_other_refusals_are_final(server, client, status):
    asked = statuses(server, *[(status, {})] * 9)
    error = failure(client(), server.url_for("/"))
    assert isinstance(error, StatusError)
    assert (error.kind, error.status) == ("status", status)
    assert len(asked) == 1


def test_a_refusal_repeats_what_the_server_said_in_one_clean_line(server, client):
    said = {"error": "no \u202esuch\n  day\x1b[31m " + "z" * 999}
    server.expect_request("/").respond_with_json(said, status=400)
    error = failure(client(), server.url_for("/"))
    assert error.what.startswith("127.0.0.1 answered 400: no such day[31m zzz")
    assert len(error.what) < 300


@pytest.mark.parametrize(
    "said",
    [b"", b"<html>", b"[]", b'{"error":7}', b'{"fault":"x"}', b"null", b"[" * 9999, b"x" * 99_999],
)
def test_a_refusal_without_a_plain_reason_gives_none(server, client, said):
    server.expect_request("/").respond_with_data(said, status=400)
    assert failure(client(), server.url_for("/")).what == "127.0.0.1 answered 400"


# Waits that the server asks for


def test_a_wait_that_fits_is_kept(server, client, clock):
    asked = statuses(server, (503, {"Retry-After": "40"}), now=clock.now)
    assert ask(client(60.0, clock=clock), server.url_for("/")) == b"hi"
    assert asked[1] - asked[0] == pytest.approx(40)


def test_a_wait_until_a_moment_is_kept(wire, client, clock):
    moments = []

    def answer(connection):
        moments.append(clock.now())
        after = formatdate(time.time() + 400, usegmt=True).encode()
        refusal = b"HTTP/1.1 429 Too Many\r\nRetry-After: %b\r\n\r\n" % after
        connection.sendall(refusal if len(moments) == 1 else OK)

    assert ask(client(600.0, clock=clock), wire(answer).url) == b"hi"
    assert 300 < moments[1] - moments[0] <= 400


def test_a_moment_is_read_by_the_clock_of_the_server(wire, client):
    head = b"Date: Mon, 01 Jan 2001 00:00:00 GMT\r\nRetry-After: Mon, 01 Jan 2001 00:05:00 GMT\r\n"
    slow = wire(
        lambda connection: connection.sendall(b"HTTP/1.1 429 Too Many\r\n" + head + b"\r\n")
    )
    assert failure(client(), slow.url).what == "127.0.0.1 asks to wait 300 s (429)"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3600"}, "3600"),
        ({"Retry-After": " 999999999 "}, "999999999"),
        ({"Retry-After": "86400"}, "86400"),
        ({"RateLimit": '"api";r=0;t=280'}, "280"),
    ],
)
def test_a_wait_that_does_not_fit_ends_at_once_and_is_told(server, client, headers, seconds):
    asked = statuses(server, *[(429, headers)] * 3)
    error = failure(client(90.0), server.url_for("/"))
    assert error.kind == "rate-limit"
    assert error.what == f"127.0.0.1 asks to wait {seconds} s (429)"
    assert len(asked) == 1


@pytest.mark.parametrize("rolling", [False, True])
def test_a_wait_must_fit_into_the_deadline_although_an_answer_would_begin_it_anew(
    server, client, rolling
):
    asked = statuses(server, (503, {"Retry-After": "90"}))
    error = failure(client(60.0, rolling=rolling), server.url_for("/"))
    assert error.what == "127.0.0.1 asks to wait 90 s (503)"
    assert len(asked) == 1


def test_a_wait_must_fit_into_what_is_left_since_the_last_answer_if_rolling(server, client, clock):
    for rolling in (False, True):
        server.clear()
        asked = statuses(server, (200, {}), (503, {"Retry-After": "40"}), now=clock.now)
        shared = client(60.0, rolling=rolling, clock=clock)
        clock.move(30)
        assert ask(shared, server.url_for("/")) == b"hi"
        if rolling:
            assert ask(shared, server.url_for("/")) == b"hi"
            assert asked[2] - asked[1] == pytest.approx(40)
        else:
            error = failure(shared, server.url_for("/"))
            assert error.what == "127.0.0.1 asks to wait 40 s (503)"
            assert len(asked) == 2


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
def test_a_wait_that_means_nothing_does_not_stop_the_client(server, client, headers):
    statuses(server, (503, headers))
    assert ask(client(), server.url_for("/")) == b"hi"


def test_retries_are_silent(server, client, capfd):
    statuses(server, (503, {}))
    ask(client(), server.url_for("/"))
    assert "retr" not in capfd.readouterr().err.lower()


# Redirects


def test_a_redirect_on_the_same_host_is_followed(server, client):
    server.expect_request("/old").respond_with_data("", 308, {"Location": "/new?p=1"})
    server.expect_request("/new", query_string="p=1").respond_with_data("hi")
    assert ask(client(), server.url_for("/old")) == b"hi"


def test_a_redirect_to_another_host_port_or_scheme_is_not_followed(server, wire, client):
    other = wire(lambda connection: connection.sendall(OK))
    here = server.url_for("/")
    for target in (other.url, here.replace("127.0.0.1", "localhost"), "https" + here[4:]):
        server.clear()
        server.expect_request("/").respond_with_data("", 302, {"Location": target})
        error = failure(client(), here)
        assert error.kind == "redirect"
        assert target in error.what
    assert other.asked == []


def test_redirects_without_end_are_given_up(server, client):
    server.expect_request("/").respond_with_data("", 302, {"Location": "/"})
    assert failure(client(), server.url_for("/")).kind == "redirect"
    assert len(server.log) == 4
