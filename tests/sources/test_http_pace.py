import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise

import pytest
from asking import AWHILE, OK, failure, hung_up, reset, silent, soon, taken, trickling, until
from werkzeug import Response

from papertrack.sources.http import HttpClient
from papertrack.sources.rate_limit import RateLimiter

pytestmark = pytest.mark.usefixtures("temporary")


def test_each_try_waits_for_its_turn(wire, client, name):
    moments = []

    def answer(connection):
        moments.append(time.monotonic())
        if len(moments) == 3:
            connection.sendall(OK)
        else:
            reset(connection)

    flaky = wire(answer)
    # Longer than the pauses between tries.
    assert client(AWHILE).get("somewhere", flaky.url, {}, pace=RateLimiter(name, 1)).body == b"hi"
    assert all(later - earlier >= 1 for earlier, later in pairwise(moments))


class Slow:
    """A pace whose turns come after so many seconds of a clock that is held."""

    def __init__(self, clock, seconds):
        self._clock, self._seconds = clock, seconds

    @contextmanager
    def slot(self, _until):
        self._clock.move(self._seconds)
        yield


def test_each_redirect_waits_for_its_turn_and_the_wait_is_not_time_of_the_try(
    server, client, clock
):
    moments = []

    def answer(request):
        moments.append(clock.now())
        clock.move(6)
        place = {"Location": f"{request.path}x"} if len(request.path) < 4 else {}
        return Response("hi", 302 if place else 200, place)

    server.expect_request(re.compile("/x*")).respond_with_handler(answer)
    # Four answers and the waits between them are more than the thirty seconds of one try.
    shared, pace = client(300.0, clock=clock), Slow(clock, 20)
    assert shared.get("somewhere", server.url_for("/"), {}, pace=pace).body == b"hi"
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert gaps == pytest.approx([26, 26, 26])


def test_a_paced_try_may_take_twice_as_long_as_another(wire, client, clock, name):
    slow = wire(lambda connection: clock.move(19) or connection.sendall(OK))
    shared = client(30.0, clock=clock)
    assert shared.get("somewhere", slow.url, {}, pace=RateLimiter(name, 0)).body == b"hi"
    mute = wire(silent(clock, 10))
    error = failure(client(30.0, clock=clock), mute.url)
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not answer within 10 s")


@pytest.mark.parametrize("rolling", [False, True])
def test_silence_ends_a_paced_try_after_two_thirds_of_the_deadline(
    wire, client, clock, name, rolling
):
    mute = wire(silent(clock, 20))
    shared = client(30.0, rolling=rolling, clock=clock)
    error = failure(shared, mute.url, pace=RateLimiter(name, 0))
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not answer within 20 s")
    assert mute.asked == [1], "a server that hangs is not asked again"


def test_a_paced_try_takes_no_longer_than_the_longest_either(wire, client, clock, name):
    mute = wire(silent(clock, 30))
    error = failure(client(900.0, clock=clock), mute.url, pace=RateLimiter(name, 0))
    assert error.what == "127.0.0.1 did not answer within 30 s"


def test_a_rolling_deadline_outlasts_any_number_of_turns(server, client, clock):
    server.expect_request("/").respond_with_data("hi")
    url, pace = server.url_for("/"), Slow(clock, 11)
    rolling, fixed = client(30.0, rolling=True, clock=clock), client(30.0, clock=clock)
    for _ in range(4):
        assert rolling.get("somewhere", url, {}, pace=pace).body == b"hi"
    assert failure(fixed, url, pace=pace).what == "no time was left to ask 127.0.0.1"


def test_a_paced_request_closes_its_connection_within_its_turn(server, client, name):
    seen = []
    server.expect_request("/").respond_with_handler(
        lambda request: seen.append(request.headers) or Response("hi")
    )
    shared = client()
    shared.get("somewhere", server.url_for("/"), {}, pace=RateLimiter(name, 0))
    shared.get("somewhere", server.url_for("/"), {})
    assert [headers.get("Connection") for headers in seen] == ["close", "keep-alive"]


def test_a_turn_that_does_not_come_is_a_timeout_with_its_reason(holding, wire, client, clock, name):
    counting = wire(lambda connection: connection.sendall(OK))
    holding(name, 0)
    # The clock stands still, so that the reason has all the time to come that it needs.
    error = failure(client(2.0, clock=clock), counting.url, pace=RateLimiter(name, 0))
    assert error.kind == "timeout"
    message = (
        r"it was not our turn to ask 127\.0\.0\.1 within [\d.]+ s: another papertrack is asking"
    )
    assert re.fullmatch(message, error.what)
    assert counting.asked == []


@pytest.mark.parametrize("opening", [b"", b"HTTP/1.1 200 OK\r\nX-Endless: "])
def test_a_server_that_trickles_does_not_keep_the_turn_after_its_try(
    wire, client, clock, name, opening
):
    gone = threading.Event()

    def answer(connection):
        try:
            trickling(opening, b"H", clock)(connection)
        finally:
            gone.set()

    slow = wire(answer)
    pace = RateLimiter(name, 0)
    assert failure(client(30.0, clock=clock), slow.url, pace=pace).kind == "timeout"
    assert taken(pace) < AWHILE / 2
    assert gone.wait(AWHILE), "the connection is closed, too"


def test_a_silent_server_does_not_keep_the_turn_of_a_closed_client(wire, name):
    mute = wire(hung_up)
    pace = RateLimiter(name, 0)
    with ThreadPoolExecutor(1) as pool:
        with HttpClient(deadline=300) as client:
            waiting = pool.submit(failure, client, mute.url, pace=pace)
            until(lambda: mute.asked)
        assert waiting.result(AWHILE).kind == "timeout"
    assert taken(pace) < AWHILE / 2


def test_closing_the_client_ends_the_wait_for_a_turn_and_nothing_is_asked(wire, name):
    counting = wire(lambda connection: connection.sendall(OK))
    pace = RateLimiter(name, 0)
    with ThreadPoolExecutor(1) as pool, pace.slot(soon()):
        with HttpClient(deadline=300) as client:
            waiting = pool.submit(failure, client, counting.url, pace=pace)
            time.sleep(0.3)
        assert waiting.result(AWHILE).kind == "timeout"
    time.sleep(0.3)
    assert counting.asked == []
