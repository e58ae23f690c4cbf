import gzip
import socket
import struct
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest
from werkzeug import Response

from papertrack import __version__
from papertrack.errors import SourceError
from papertrack.sources import StatusError, connect
from papertrack.sources.http import HttpClient

PACKED = gzip.compress(b"x" * 5000)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def ask(client, url, **params):
    return client.get("somewhere", url, params)


def failure(client, url):
    with pytest.raises(SourceError) as caught:
        ask(client, url)
    assert caught.value.source == "somewhere"
    assert caught.value.lines() == (caught.value.what,)
    assert "\n" not in caught.value.what
    return caught.value


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def answering(head, body=b""):
    return lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + body)


def trickling(opening, drop=b"x"):
    def answer(connection):
        connection.sendall(opening)
        while True:
            connection.sendall(drop)
            time.sleep(0.02)

    return answer


def statuses(server, *answers):
    """Answers with one (status, headers) after the other, and from then on with 200."""
    left, moments = list(answers), []

    def answer(_request):
        moments.append(time.monotonic())
        status, headers = left.pop(0) if left else (200, {})
        return Response("hi" if status == 200 else "", status, headers)

    server.expect_request("/").respond_with_handler(answer)
    return moments


# What is asked


def test_a_request_carries_its_parameters_and_says_who_asks(server, client):
    seen = []
    server.expect_request("/list", query_string={"p": "0", "q": "a b&c"}).respond_with_handler(
        lambda request: seen.append(request.headers) or Response("[]")
    )
    assert ask(client(), server.url_for("/list"), p=0, q="a b&c") == b"[]"
    expected = f"papertrack/{__version__} (+https://pypi.org/project/papertrack-cli)"
    assert seen[0]["User-Agent"] == expected
    assert seen[0]["Accept-Encoding"] == "gzip"


def test_a_configured_user_agent_replaces_our_own(server):
    seen = []
    server.expect_request("/").respond_with_handler(
        lambda request: seen.append(request.headers) or Response("")
    )
    with connect("lab-bot/2", 5) as client:
        ask(client, server.url_for("/"))
    assert seen[0]["User-Agent"] == "lab-bot/2"


def test_one_client_serves_many_threads(server, client):
    server.expect_request("/").respond_with_handler(lambda request: Response(request.args["n"]))
    shared, url = client(), server.url_for("/")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: ask(shared, url, n=n), range(40)))
    assert answers == [str(n).encode() for n in range(40)]


# Time


def test_silence_ends_after_a_third_of_the_deadline(wire, client):
    silent = wire(lambda _: time.sleep(5))
    error = failure(client(0.9), silent.url)
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not answer within 0.3 s")
    assert silent.asked == [1], "a server that hangs is not asked again"


@pytest.mark.parametrize(
    ("opening", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\nContent-Encoding: gzip\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\nX-Endless: ", b"x"),
        (b"", b"H"),
    ],
    ids=["body", "gzip", "chunk size", "header", "status"],
)
def test_a_trickle_does_not_outlast_the_deadline(wire, client, opening, drop):
    slow = wire(trickling(opening, drop or PACKED[:1]))
    started = time.monotonic()
    failure(client(0.6), slow.url)
    assert time.monotonic() - started < 3


def test_a_request_after_the_deadline_is_not_sent(wire, client):
    counting = wire(lambda connection: connection.sendall(OK))
    late = client(0.0)
    assert failure(late, counting.url).kind == "timeout"
    assert counting.asked == []


def test_closing_the_client_ends_every_wait(wire):
    silent = wire(lambda _: time.sleep(20))
    with ThreadPoolExecutor(1) as pool:
        with HttpClient(deadline=90) as client:
            waiting = pool.submit(failure, client, silent.url)
            while not silent.asked:
                time.sleep(0.01)
        assert waiting.result(5).kind == "timeout"


def test_a_closed_client_asks_for_nothing_again(wire):
    closed = threading.Event()
    broken = wire(lambda connection: closed.wait(10) and reset(connection))
    with ThreadPoolExecutor(1) as pool:
        with HttpClient(deadline=90) as client:
            waiting = pool.submit(failure, client, broken.url)
            while not broken.asked:
                time.sleep(0.01)
        waiting.result(5)
    closed.set()
    time.sleep(0.6)
    assert broken.asked == [1]


# Size


def test_a_compressed_answer_is_unpacked(wire, client):
    packed = wire(answering(b"Content-Encoding: gzip\r\n", PACKED))
    assert ask(client(), packed.url) == b"x" * 5000


def test_an_answer_may_be_as_long_as_the_limit_and_no_longer(wire, client):
    for head, body in [(b"", b"x" * 5000), (b"Content-Encoding: gzip\r\n", PACKED)]:
        exact = wire(answering(head, body))
        assert len(ask(client(size_limit=5000), exact.url)) == 5000
        error = failure(client(size_limit=4999), exact.url)
        assert (error.kind, error.what) == ("too-large", "127.0.0.1 sent more than 4,999 bytes")
    assert exact.asked == [1, 2], "what is too large is not asked for again"


def test_an_endless_answer_is_cut_off(wire, client):
    endless = wire(trickling(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 100_000))
    assert failure(client(size_limit=300_000), endless.url).kind == "too-large"


def test_rubbish_after_the_compressed_data_counts_towards_the_limit(wire, client):
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    endless = wire(trickling(head + PACKED, b"x" * 100_000))
    assert failure(client(size_limit=300_000), endless.url).kind == "too-large"


def test_a_gzip_bomb_never_unfolds_in_memory(wire, client):
    bomb = gzip.compress(bytes(100 * 2**20))
    bombed = wire(answering(b"Content-Encoding: gzip\r\n", bomb))
    ready = client(size_limit=2**20)
    tracemalloc.start()
    try:
        assert failure(ready, bombed.url).kind == "too-large"
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


# Broken connections


BROKEN = {
    "reset": reset,
    "closed": lambda _: None,
    "not http": lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "cut short": answering(b"Content-Length: 99\r\n", b"half"),
    "cut gzip": answering(b"Content-Encoding: gzip\r\n", PACKED[:-9]),
    "no gzip": answering(b"Content-Encoding: gzip\r\n", b"not gzip at all"),
    "empty gzip": answering(b"Content-Encoding: gzip\r\n"),
}


def test_an_answer_that_breaks_off_is_asked_for_three_times(wire, client):
    shared = client()
    servers = {name: wire(broken) for name, broken in BROKEN.items()}
    with ThreadPoolExecutor(len(BROKEN)) as pool:
        errors = list(pool.map(lambda server: failure(shared, server.url), servers.values()))
    assert {error.kind for error in errors} == {"connection"}
    for error in errors:
        assert error.what.startswith("the answer of 127.0.0.1 broke off: ")
    tries = {name: len(server.asked) for name, server in servers.items()}
    assert tries == dict.fromkeys(BROKEN, 3)


def test_a_connection_that_recovers_gives_the_answer(wire, client):
    flaky = wire(
        lambda connection: connection.sendall(OK) if len(flaky.asked) == 3 else reset(connection)
    )
    assert ask(client(), flaky.url) == b"hi"


def test_an_absent_server_is_named_with_the_reason(unused_url, client):
    error = failure(client(), unused_url)
    assert error.kind == "connection"
    assert error.what == "127.0.0.1 cannot be reached: Connection refused"


@pytest.mark.parametrize(
    "url",
    ["", "huggingface.co/api", "ftp://127.0.0.1/", "http://[::1", "http://:99999/", "http://a..b/"],
)
def test_what_cannot_be_asked_is_a_connection_error(client, url):
    assert failure(client(), url).kind == "connection"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://x", "http://[::1"])
def test_a_proxy_that_cannot_be_used_is_a_connection_error(monkeypatch, client, proxy):
    monkeypatch.setenv("ALL_PROXY", proxy)
    assert failure(client(), "http://papers.invalid/").kind == "connection"


def test_a_user_agent_that_cannot_be_sent_is_a_connection_error(client):
    for agent in ("Lesezeichen·Größe", "two\r\nlines"):
        assert failure(client(user_agent=agent), "http://127.0.0.1:9/").kind == "connection"


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


def test_a_wait_that_fits_is_kept(server, client):
    asked = statuses(server, (503, {"Retry-After": "1"}))
    assert ask(client(), server.url_for("/")) == b"hi"
    assert asked[1] - asked[0] >= 1


def test_a_wait_until_a_moment_is_kept(server, client):
    asked = statuses(server, (429, {"Retry-After": formatdate(time.time() + 2, usegmt=True)}))
    assert ask(client(), server.url_for("/")) == b"hi"
    assert asked[1] - asked[0] > 0.5


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
        ({"RateLimit": '"api";r=0;t=280'}, "280"),
    ],
)
def test_a_wait_that_does_not_fit_ends_at_once_and_is_told(server, client, headers, seconds):
    asked = statuses(server, *[(429, headers)] * 3)
    error = failure(client(5), server.url_for("/"))
    assert error.kind == "rate-limit"
    assert error.what == f"127.0.0.1 asks to wait {seconds} s (429)"
    assert len(asked) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "soon"},
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
    assert capfd.readouterr().err.count("stamina") == 0


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
