import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise

import pytest
from http_helpers import (
    AWHILE,
    OK,
    failure,
    reset,
    silent,
    slot_seconds,
    soon,
    trickling,
    wait_for_disconnect,
    wait_until,
)
from werkzeug import Response

from papertrack.sources.http import HttpClient
from papertrack.sources.rate_limit import RateLimiter

pytestmark = pytest.mark.usefixtures("temporary")


def test_each_try_waits_for_a_slot(wire, client, name):
    times = []

    def respond(connection):
        times.append(time.monotonic())
        if len(times) == 3:
            connection.sendall(OK)
        else:
            reset(connection)

    flaky = wire(respond)
    # Longer than the pauses between tries.
    assert (
        client(AWHILE).get("somewhere", flaky.url, {}, rate_limit=RateLimiter(name, 1)).body
        == b"hi"
    )
    assert all(later - earlier >= 1 for earlier, later in pairwise(times))


class SlowRateLimit:
    """A rate limit whose slots take some seconds of a held clock to get."""

    def __init__(self, clock, seconds):
        self._clock, self._seconds = clock, seconds

    @contextmanager
    def slot(self, _until):
        self._clock.move(self._seconds)
        yield


def test_each_redirect_waits_for_a_slot_which_is_not_time_of_the_try(server, client, clock):
    times = []

    def respond(request):
        times.append(clock.now())
        clock.move(6)
        place = {"Location": f"{request.path}x"} if len(request.path) < 4 else {}
        return Response("hi", 302 if place else 200, place)

    server.expect_request(re.compile("/x*")).respond_with_handler(respond)
    # Four responses and the waits between them take more than the thirty seconds of a try.
    shared, limit = client(300.0, clock=clock), SlowRateLimit(clock, 20)
    assert shared.get("somewhere", server.url_for("/"), {}, rate_limit=limit).body == b"hi"
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps == pytest.approx([26, 26, 26])


def test_a_try_with_a_rate_limit_may_take_twice_as_long(wire, client, clock, name):
    slow = wire(lambda connection: clock.move(19) or connection.sendall(OK))
    shared = client(30.0, clock=clock)
    assert shared.get("somewhere", slow.url, {}, rate_limit=RateLimiter(name, 0)).body == b"hi"
    mute = wire(silent(clock, 10))
    error = failure(client(30.0, clock=clock), mute.url)
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not respond within 10 s")


@pytest.mark.parametrize("rolling", [False, True])
def test_a_silent_server_with_a_rate_limit_times_out_after_two_thirds_of_the_deadline(
    wire, client, clock, name, rolling
):
    mute = wire(silent(clock, 20))
    shared = client(30.0, rolling=rolling, clock=clock)
    error = failure(shared, mute.url, rate_limit=RateLimiter(name, 0))
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not respond within 20 s")
    assert mute.asked == [1], "a server that hangs is not requested again"


def test_a_try_with_a_rate_limit_has_a_maximum_duration_too(wire, client, clock, name):
    mute = wire(silent(clock, 60))
    error = failure(client(900.0, clock=clock), mute.url, rate_limit=RateLimiter(name, 0))
    assert error.what == "127.0.0.1 did not respond within 60 s"


def test_a_rolling_deadline_outlasts_any_number_of_slots(server, client, clock):
    server.expect_request("/").respond_with_data("hi")
    url, limit = server.url_for("/"), SlowRateLimit(clock, 11)
    rolling, fixed = client(30.0, rolling=True, clock=clock), client(30.0, clock=clock)
    for _ in range(4):
        assert rolling.get("somewhere", url, {}, rate_limit=limit).body == b"hi"
    assert (
        failure(fixed, url, rate_limit=limit).what
        == "the deadline passed before 127.0.0.1 was requested"
    )


def test_a_request_with_a_rate_limit_closes_its_connection_within_its_slot(server, client, name):
    received = []
    server.expect_request("/").respond_with_handler(
        lambda request: received.append(request.headers) or Response("hi")
    )
    shared = client()
    shared.get("somewhere", server.url_for("/"), {}, rate_limit=RateLimiter(name, 0))
    shared.get("somewhere", server.url_for("/"), {})
    assert [headers.get("Connection") for headers in received] == ["close", "keep-alive"]


def test_a_missing_slot_is_a_timeout_with_its_reason(slot_holder, wire, client, clock, name):
    counting = wire(lambda connection: connection.sendall(OK))
    slot_holder(name, 0)
    # The clock stands still, so that there is time enough for the reason.
    error = failure(client(2.0, clock=clock), counting.url, rate_limit=RateLimiter(name, 0))
    assert error.kind == "timeout"
    message = (
        r"no rate-limit slot for 127\.0\.0\.1 within [\d.]+ s:"
        r" another papertrack process is using it"
    )
    assert re.fullmatch(message, error.what)
    assert counting.asked == []


@pytest.mark.parametrize("opening", [b"", b"HTTP/1.1 200 OK\r\nX-Endless: "])
def test_a_trickling_server_does_not_keep_the_slot_after_its_try(
    wire, client, clock, name, opening
):
    disconnected = threading.Event()

    def respond(connection):
        try:
            trickling(opening, b"H", clock)(connection)
        finally:
            disconnected.set()

    slow = wire(respond)
    limit = RateLimiter(name, 0)
    assert failure(client(30.0, clock=clock), slow.url, rate_limit=limit).kind == "timeout"
    assert slot_seconds(limit) < AWHILE / 2
    assert disconnected.wait(AWHILE), "the connection is closed, too"


def test_a_silent_server_does_not_keep_the_slot_of_a_closed_client(wire, name):
    mute = wire(wait_for_disconnect)
    limit = RateLimiter(name, 0)
    with ThreadPoolExecutor(1) as pool:
        with HttpClient(deadline=300) as client:
            waiting = pool.submit(failure, client, mute.url, rate_limit=limit)
            wait_until(lambda: mute.asked)
        assert waiting.result(AWHILE).kind == "timeout"
    assert slot_seconds(limit) < AWHILE / 2


def test_closing_the_client_ends_the_wait_for_a_slot_and_no_request_is_sent(wire, name):
    counting = wire(lambda connection: connection.sendall(OK))
    limit = RateLimiter(name, 0)
    with ThreadPoolExecutor(1) as pool, limit.slot(soon()):
        with HttpClient(deadline=300) as client:
            waiting = pool.submit(failure, client, counting.url, rate_limit=limit)
            time.sleep(0.3)
        assert waiting.result(AWHILE).kind == "timeout"
    time.sleep(0.3)
    assert counting.asked == []
