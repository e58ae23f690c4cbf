import gzip
import re
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from http_helpers import (
    AWHILE,
    COMPRESSED,
    OK,
    failure,
    fetch,
    reset,
    responding,
    serve_statuses,
    silent,
    trickling,
    wait_for_disconnect,
    wait_until,
)
from werkzeug import Response

from papertrack import __version__
from papertrack.sources import connect
from papertrack.sources.http import HttpClient

# The beginning of compressed data with a file name, which ends with a zero byte.
ENDLESS_NAME = b"\x1f\x8b\x08\x08" + bytes(6)


# Requests


def test_a_request_has_its_parameters_and_the_user_agent(server, client):
    headers = []
    server.expect_request("/list", query_string={"p": "0", "q": "a b&c"}).respond_with_handler(
        lambda request: headers.append(request.headers) or Response("[]")
    )
    assert fetch(client(), server.url_for("/list"), p=0, q="a b&c") == b"[]"
    expected = f"papertrack/{__version__} (+https://pypi.org/project/papertrack-cli)"
    assert headers[0]["User-Agent"] == expected
    assert headers[0]["Accept-Encoding"] == "gzip"


def test_a_configured_user_agent_replaces_our_own(server):
    headers = []
    server.expect_request("/").respond_with_handler(
        lambda request: headers.append(request.headers) or Response("")
    )
    with connect("lab-bot/2", 5) as client:
        fetch(client, server.url_for("/"))
    assert headers[0]["User-Agent"] == "lab-bot/2"


def test_one_client_serves_many_threads(server, client):
    server.expect_request("/").respond_with_handler(lambda request: Response(request.args["n"]))
    shared, url = client(), server.url_for("/")
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda n: fetch(shared, url, n=n), range(40)))
    assert responses == [str(n).encode() for n in range(40)]


# Time


def test_a_silent_server_times_out_after_a_third_of_the_deadline(wire, client, clock):
    mute = wire(silent(clock, 20))
    error = failure(client(60.0, clock=clock), mute.url)
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not respond within 20 s")
    assert mute.asked == [1], "a server that hangs is not requested again"


def test_a_response_may_take_just_under_a_third_of_the_deadline(wire, client, clock):
    slow = wire(lambda connection: clock.move(19) or connection.sendall(OK))
    assert fetch(client(60.0, clock=clock), slow.url) == b"hi"


def test_a_silent_server_times_out_by_the_real_clock_too(wire, client):
    mute = wire(wait_for_disconnect)
    assert failure(client(3.0), mute.url).kind == "timeout"
    assert len(mute.asked) <= 1


@pytest.mark.parametrize(
    ("opening", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + ENDLESS_NAME, b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\nX-Endless: ", b"x"),
        (b"", b"H"),
    ],
    ids=["body", "gzip", "chunk size", "header", "status"],
)
def test_a_trickling_response_ends_with_its_try_and_leaves_time_for_others(
    wire, client, clock, opening, drop
):
    slow, quick = wire(trickling(opening, drop, clock)), wire(responding(b"", b"hi"))
    shared = client(60.0, clock=clock)
    error = failure(shared, slow.url)
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not respond within 20 s")
    assert slow.asked == [1]
    assert fetch(shared, quick.url) == b"hi"


@pytest.mark.parametrize(("status", "body"), [(200, b"hi"), (304, None)])
def test_a_rolling_deadline_restarts_with_each_response(server, client, clock, status, body):
    server.expect_request("/").respond_with_handler(
        lambda _: clock.move(9) or Response("hi" if status == 200 else "", status)
    )
    url, validator = server.url_for("/"), "ETag: abc"
    rolling, fixed = client(30.0, rolling=True, clock=clock), client(30.0, clock=clock)
    responses = [rolling.get("somewhere", url, {}, validator=validator).body for _ in range(8)]
    assert responses == [body] * 8
    assert failure(fixed, url).what == "the deadline passed before 127.0.0.1 was requested"


def test_a_rolling_deadline_ends_the_same_time_after_the_last_response(wire, client, clock):
    quick, mute = wire(responding(b"", b"hi")), wire(silent(clock, 10))
    shared = client(30.0, rolling=True, clock=clock)
    clock.move(15)
    assert fetch(shared, quick.url) == b"hi"
    messages = [failure(shared, mute.url).what for _ in range(4)]
    assert messages[0] == "127.0.0.1 did not respond within 10 s"
    assert messages[3] == "the deadline passed before 127.0.0.1 was requested"
    assert mute.asked == [1, 2, 3], "thirty seconds without a response"


def test_a_try_has_a_maximum_duration_whatever_the_deadline(wire, client, clock):
    mute = wire(silent(clock, 60))
    for rolling in (False, True):
        error = failure(client(900.0, rolling=rolling, clock=clock), mute.url)
        assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not respond within 60 s")


def test_a_patient_client_gives_a_response_all_the_time_that_is_left(wire, client, clock):
    quick, slow = (
        wire(responding(b"", b"hi")),
        wire(lambda connection: clock.move(40) or connection.sendall(OK)),
    )
    patient = client(60.0, patient=True, clock=clock)
    assert fetch(patient, quick.url) == b"hi"
    assert fetch(patient, slow.url) == b"hi"
    silent = wire(lambda connection: clock.move(40) or wait_for_disconnect(connection))
    error = failure(patient, silent.url)
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not respond within 20 s")


def test_redirects_share_the_time_of_one_try(server, client, clock):
    def respond(request):
        clock.move(12)
        return Response("", 302, {"Location": f"{request.path}x"})

    server.expect_request(re.compile("/x*")).respond_with_handler(respond)
    assert failure(client(90.0, clock=clock), server.url_for("/")).kind == "timeout"
    assert len(server.log) < 4


def test_a_request_after_the_deadline_is_not_sent(wire, client):
    counting = wire(lambda connection: connection.sendall(OK))
    late = client(0.0)
    assert failure(late, counting.url).kind == "timeout"
    assert counting.asked == []


def test_closing_the_client_ends_every_wait(wire, clock):
    mute = wire(wait_for_disconnect)
    with ThreadPoolExecutor(1) as pool:
        with HttpClient(clock=clock) as client:
            waiting = pool.submit(failure, client, mute.url)
            wait_until(lambda: mute.asked)
        assert waiting.result(AWHILE).kind == "timeout"


def test_a_closed_client_does_not_retry(wire):
    closed = threading.Event()
    broken = wire(lambda connection: closed.wait(AWHILE) and reset(connection))
    with ThreadPoolExecutor(1) as pool:
        with HttpClient(deadline=AWHILE) as client:
            waiting = pool.submit(failure, client, broken.url)
            wait_until(lambda: broken.asked)
        waiting.result(AWHILE)
    closed.set()
    time.sleep(0.6)
    assert broken.asked == [1]


def test_closing_the_client_ends_a_retry_after_pause(server):
    times = serve_statuses(server, *[(503, {"Retry-After": "600"})] * 2)
    with ThreadPoolExecutor(1) as pool:
        with HttpClient(deadline=3000) as client:
            waiting = pool.submit(failure, client, server.url_for("/"))
            wait_until(lambda: times)
            time.sleep(0.2)
        assert waiting.result(AWHILE).kind == "timeout"
    assert len(times) == 1


# Size


def test_a_compressed_response_is_decompressed(wire, client):
    packed = wire(responding(b"Content-Encoding: gzip\r\n", COMPRESSED))
    assert fetch(client(), packed.url) == b"x" * 5000


def test_a_response_may_be_as_long_as_the_limit_and_no_longer(wire, client):
    for head, body in [(b"", b"x" * 5000), (b"Content-Encoding: gzip\r\n", COMPRESSED)]:
        exact = wire(responding(head, body))
        assert len(fetch(client(size_limit=5000), exact.url)) == 5000
        error = failure(client(size_limit=4999), exact.url)
        assert (error.kind, error.what) == ("too-large", "127.0.0.1 sent more than 4,999 bytes")
    assert exact.asked == [1, 2], "a response that is too large is not requested again"


def test_an_endless_response_is_cut_off(wire, client):
    endless = wire(trickling(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 100_000))
    assert failure(client(size_limit=300_000), endless.url).kind == "too-large"


def test_data_after_the_compressed_data_count_towards_the_limit(wire, client):
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    endless = wire(trickling(head + COMPRESSED, b"x" * 100_000))
    assert failure(client(size_limit=300_000), endless.url).kind == "too-large"


def test_a_gzip_bomb_is_not_decompressed_into_memory(wire, client):
    bomb = gzip.compress(bytes(100 * 2**20))
    bombed = wire(responding(b"Content-Encoding: gzip\r\n", bomb))
    ready = client(size_limit=2**20)
    tracemalloc.start()
    try:
        assert failure(ready, bombed.url).kind == "too-large"
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


# Lost connections


BROKEN = {
    "reset": reset,
    "closed": lambda _: None,
    "not http": lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "cut short": responding(b"Content-Length: 99\r\n", b"half"),
    "cut gzip": responding(b"Content-Encoding: gzip\r\n", COMPRESSED[:-9]),
    "no gzip": responding(b"Content-Encoding: gzip\r\n", b"not gzip at all"),
    "empty gzip": responding(b"Content-Encoding: gzip\r\n"),
    "other gzip": responding(b"Content-Encoding: gzip\r\n", COMPRESSED[:-8] + bytes(8)),
    "bent gzip": responding(
        b"Content-Encoding: gzip\r\n", COMPRESSED[:12] + b"zz" + COMPRESSED[14:]
    ),
    "gzip cut short": responding(b"Content-Encoding: gzip\r\nContent-Length: 99\r\n", COMPRESSED),
    "cut chunk": responding(b"Transfer-Encoding: chunked\r\n", b"9\r\nhalf"),
}


def test_a_response_that_is_cut_off_or_damaged_is_requested_three_times(wire, client):
    shared = client()
    servers = {name: wire(broken) for name, broken in BROKEN.items()}
    with ThreadPoolExecutor(len(BROKEN)) as pool:
        errors = list(pool.map(lambda server: failure(shared, server.url), servers.values()))
    assert {error.kind for error in errors} == {"connection"}
    for error in errors:
        assert error.what.startswith("the response of 127.0.0.1 was cut off or damaged: ")
    tries = {name: len(server.asked) for name, server in servers.items()}
    assert tries == dict.fromkeys(BROKEN, 3)


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "?"])
def test_an_unsupported_content_encoding_is_an_error_without_retry(wire, client, coding):
    packed = wire(responding(f"Content-Encoding: {coding}\r\n".encode(), b"hi"))
    error = failure(client(), packed.url)
    assert error.kind == "connection"
    assert error.what == f"127.0.0.1 sent an unsupported Content-Encoding: {coding}"
    assert packed.asked == [1]


@pytest.mark.parametrize("coding", ["", "identity", "Identity "])
def test_a_response_may_declare_that_it_is_not_compressed(wire, client, coding):
    plain = wire(responding(f"Content-Encoding: {coding}\r\n".encode(), b"hi"))
    assert fetch(client(), plain.url) == b"hi"


def test_a_connection_that_recovers_returns_the_response(wire, client):
    flaky = wire(
        lambda connection: connection.sendall(OK) if len(flaky.asked) == 3 else reset(connection)
    )
    assert fetch(client(), flaky.url) == b"hi"


def test_an_unreachable_server_is_reported_with_the_reason(unused_url, client):
    error = failure(client(), unused_url)
    assert error.kind == "connection"
    assert re.fullmatch(r"127\.0\.0\.1 cannot be reached: \w.*", error.what)
    assert "Errno" not in error.what


@pytest.mark.parametrize(
    "url",
    ["", "huggingface.co/api", "ftp://127.0.0.1/", "http://[::1", "http://:99999/", "http://a..b/"],
)
def test_an_invalid_url_is_a_connection_error(client, url):
    assert failure(client(), url).kind == "connection"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://x", "http://[::1"])
def test_an_invalid_proxy_is_a_connection_error(monkeypatch, client, proxy):
    monkeypatch.setenv("ALL_PROXY", proxy)
    assert failure(client(), "http://papers.invalid/").kind == "connection"


@pytest.mark.parametrize("status", [b"403 No", b"503 Busy"])
def test_a_proxy_that_refuses_is_a_connection_error_retried_if_temporary(
    monkeypatch, wire, client, status
):
    proxy = wire(lambda connection: connection.sendall(b"HTTP/1.1 %b\r\n\r\n" % status))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("://", "://me:secret@"))
    error = failure(client(), "https://papers.invalid/")
    assert error.kind == "connection"
    assert f"the proxy {proxy.url.rstrip('/')} refused" in error.what
    assert "secret" not in error.what
    assert len(proxy.asked) == (3 if status.startswith(b"5") else 1)


def test_a_proxy_that_hangs_is_named(monkeypatch, wire, client, clock):
    proxy = wire(silent(clock, 20))
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    error = failure(client(60.0, clock=clock), "http://papers.invalid/")
    place = f"papers.invalid through the proxy {proxy.url.rstrip('/')}"
    assert (error.kind, error.what) == ("timeout", f"{place} did not respond within 20 s")


def test_certificates_that_cannot_be_read_are_a_connection_error(monkeypatch, client, tmp_path):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    error = failure(client(), "https://papers.invalid/")
    assert error.kind == "connection"
    assert "missing.pem" in error.what


def test_an_invalid_user_agent_is_a_connection_error(client):
    for agent in ("Lesezeichen·Größe", "two\r\nlines"):
        assert failure(client(user_agent=agent), "http://127.0.0.1:9/").kind == "connection"
