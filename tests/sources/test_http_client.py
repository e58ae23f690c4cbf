import gzip
import re
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from asking import (
    AWHILE,
    OK,
    PACKED,
    answering,
    ask,
    failure,
    hung_up,
    reset,
    silent,
    statuses,
    trickling,
    until,
)
from werkzeug import Response

from papertrack import __version__
from papertrack.sources import connect
from papertrack.sources.http import HttpClient

# The beginning of compressed data that names a file; the name ends with a zero.
ENDLESS_NAME = b"\x1f\x8b\x08\x08" + bytes(6)


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


def test_silence_ends_after_a_third_of_the_deadline(wire, client, clock):
    mute = wire(silent(clock, 20))
    error = failure(client(60.0, clock=clock), mute.url)
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not answer within 20 s")
    assert mute.asked == [1], "a server that hangs is not asked again"


def test_an_answer_may_take_just_under_a_third_of_the_deadline(wire, client, clock):
    slow = wire(lambda connection: clock.move(19) or connection.sendall(OK))
    assert ask(client(60.0, clock=clock), slow.url) == b"hi"


def test_the_clock_of_the_machine_ends_silence_too(wire, client):
    mute = wire(hung_up)
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
def test_a_trickle_ends_with_its_try_and_leaves_time_for_others(wire, client, clock, opening, drop):
    slow, quick = wire(trickling(opening, drop, clock)), wire(answering(b"", b"hi"))
    shared = client(60.0, clock=clock)
    error = failure(shared, slow.url)
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not answer within 20 s")
    assert slow.asked == [1]
    assert ask(shared, quick.url) == b"hi"


@pytest.mark.parametrize(("status", "body"), [(200, b"hi"), (304, None)])
def test_a_rolling_deadline_begins_anew_with_each_answer(server, client, clock, status, body):
    server.expect_request("/").respond_with_handler(
        lambda _: clock.move(9) or Response("hi" if status == 200 else "", status)
    )
    url, known = server.url_for("/"), "ETag: abc"
    rolling, fixed = client(30.0, rolling=True, clock=clock), client(30.0, clock=clock)
    answers = [rolling.get("somewhere", url, {}, validator=known).body for _ in range(8)]
    assert answers == [body] * 8
    assert failure(fixed, url).what == "no time was left to ask 127.0.0.1"


def test_a_rolling_deadline_ends_as_long_after_the_last_answer_as_it_did_at_first(
    wire, client, clock
):
    quick, mute = wire(answering(b"", b"hi")), wire(silent(clock, 10))
    shared = client(30.0, rolling=True, clock=clock)
    clock.move(15)
    assert ask(shared, quick.url) == b"hi"
    ends = [failure(shared, mute.url).what for _ in range(4)]
    assert ends[0] == "127.0.0.1 did not answer within 10 s"
    assert ends[3] == "no time was left to ask 127.0.0.1"
    assert mute.asked == [1, 2, 3], "thirty seconds, in which nothing came"


def test_a_try_takes_no_longer_than_the_longest_however_far_the_deadline_is(wire, client, clock):
    mute = wire(silent(clock, 30))
    for rolling in (False, True):
        error = failure(client(900.0, rolling=rolling, clock=clock), mute.url)
        assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not answer within 30 s")


def test_redirects_share_the_time_of_one_try(server, client, clock):
    def answer(request):
        clock.move(12)
        return Response("", 302, {"Location": f"{request.path}x"})

    server.expect_request(re.compile("/x*")).respond_with_handler(answer)
    assert failure(client(90.0, clock=clock), server.url_for("/")).kind == "timeout"
    assert len(server.log) < 4


def test_a_request_after_the_deadline_is_not_sent(wire, client):
    counting = wire(lambda connection: connection.sendall(OK))
    late = client(0.0)
    assert failure(late, counting.url).kind == "timeout"
    assert counting.asked == []


def test_closing_the_client_ends_every_wait(wire, clock):
    mute = wire(hung_up)
    with ThreadPoolExecutor(1) as pool:
        with HttpClient(clock=clock) as client:
            waiting = pool.submit(failure, client, mute.url)
            until(lambda: mute.asked)
        assert waiting.result(AWHILE).kind == "timeout"


def test_a_closed_client_asks_for_nothing_again(wire):
    closed = threading.Event()
    broken = wire(lambda connection: closed.wait(AWHILE) and reset(connection))
    with ThreadPoolExecutor(1) as pool:
        with HttpClient(deadline=AWHILE) as client:
            waiting = pool.submit(failure, client, broken.url)
            until(lambda: broken.asked)
        waiting.result(AWHILE)
    closed.set()
    time.sleep(0.6)
    assert broken.asked == [1]


def test_closing_the_client_ends_a_pause_that_the_server_asked_for(server):
    asked = statuses(server, *[(503, {"Retry-After": "600"})] * 2)
    with ThreadPoolExecutor(1) as pool:
        with HttpClient(deadline=3000) as client:
            waiting = pool.submit(failure, client, server.url_for("/"))
            until(lambda: asked)
            time.sleep(0.2)
        assert waiting.result(AWHILE).kind == "timeout"
    assert len(asked) == 1


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
    "other gzip": answering(b"Content-Encoding: gzip\r\n", PACKED[:-8] + bytes(8)),
    "bent gzip": answering(b"Content-Encoding: gzip\r\n", PACKED[:12] + b"zz" + PACKED[14:]),
    "gzip cut short": answering(b"Content-Encoding: gzip\r\nContent-Length: 99\r\n", PACKED),
    "cut chunk": answering(b"Transfer-Encoding: chunked\r\n", b"9\r\nhalf"),
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


@pytest.mark.parametrize("coding", ["br", "deflate", "zstd", "gzip, gzip", "?"])
def test_an_answer_that_is_packed_as_nobody_asked_is_an_error_and_final(wire, client, coding):
    packed = wire(answering(f"Content-Encoding: {coding}\r\n".encode(), b"hi"))
    error = failure(client(), packed.url)
    assert error.kind == "connection"
    assert error.what == f"127.0.0.1 packed its answer as {coding}, which it was not asked for"
    assert packed.asked == [1]


@pytest.mark.parametrize("coding", ["", "identity", "Identity "])
def test_an_answer_may_say_that_it_is_not_packed(wire, client, coding):
    plain = wire(answering(f"Content-Encoding: {coding}\r\n".encode(), b"hi"))
    assert ask(client(), plain.url) == b"hi"


def test_a_connection_that_recovers_gives_the_answer(wire, client):
    flaky = wire(
        lambda connection: connection.sendall(OK) if len(flaky.asked) == 3 else reset(connection)
    )
    assert ask(client(), flaky.url) == b"hi"


def test_an_absent_server_is_named_with_the_reason(unused_url, client):
    error = failure(client(), unused_url)
    assert error.kind == "connection"
    assert re.fullmatch(r"127\.0\.0\.1 cannot be reached: \w.*", error.what)
    assert "Errno" not in error.what


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
