import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from asking import AWHILE, OK, failure, reset, soon, taken, trickling
from werkzeug import Response

from papertrack.sources.http import HttpClient
from papertrack.sources.pace import Turns

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
    assert client(AWHILE).get("somewhere", flaky.url, {}, pace=Turns(name, 1)).body == b"hi"
    assert all(later - earlier >= 1 for earlier, later in pairwise(moments))


def test_each_redirect_waits_for_its_turn_and_the_wait_is_not_time_of_the_try(server, client, name):
    moments = []

    def answer(request):
        moments.append(time.monotonic())
        time.sleep(0.6)
        place = {"Location": f"{request.path}x"} if len(request.path) < 4 else {}
        return Response("hi", 302 if place else 200, place)

    server.expect_request(re.compile("/x*")).respond_with_handler(answer)
    # Four answers and the waits between them are more than the three seconds of one try.
    pace = Turns(name, 0.5)
    assert client(4.5).get("somewhere", server.url_for("/"), {}, pace=pace).body == b"hi"
    assert len(moments) == 4
    assert all(later - earlier >= 1.1 for earlier, later in pairwise(moments))


def test_a_paced_try_may_take_twice_as_long_as_another(server, client, name):
    server.expect_request("/").respond_with_handler(lambda _: time.sleep(1.4) or Response("hi"))
    url = server.url_for("/")
    error = failure(client(3.0), url)
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not answer within 1 s")
    assert client(3.0).get("somewhere", url, {}, pace=Turns(name, 0)).body == b"hi"


@pytest.mark.parametrize("rolling", [False, True])
def test_silence_ends_a_paced_try_after_two_thirds_of_the_deadline(wire, client, name, rolling):
    silent = wire(lambda _: time.sleep(9))
    error = failure(client(3.0, rolling=rolling), silent.url, pace=Turns(name, 0))
    assert (error.kind, error.what) == ("timeout", "127.0.0.1 did not answer within 2 s")
    assert silent.asked == [1], "a server that hangs is not asked again"


def test_a_paced_try_takes_no_longer_than_the_longest_either(wire, client, name, monkeypatch):
    silent = wire(lambda _: time.sleep(9))
    monkeypatch.setattr("papertrack.sources.http._LONGEST_TRY", 0.5)
    error = failure(client(90.0), silent.url, pace=Turns(name, 0))
    assert error.what == "127.0.0.1 did not answer within 0.5 s"


def test_a_rolling_deadline_outlasts_any_number_of_turns(server, client, name):
    server.expect_request("/").respond_with_data("hi")
    url, pace = server.url_for("/"), Turns(name, 1.1)
    rolling, fixed = client(3.0, rolling=True), client(3.0)
    for _ in range(4):
        assert rolling.get("somewhere", url, {}, pace=pace).body == b"hi"
    assert failure(fixed, url, pace=pace).what == "no time was left to ask 127.0.0.1"


def test_a_paced_request_closes_its_connection_within_its_turn(server, client, name):
    seen = []
    server.expect_request("/").respond_with_handler(
        lambda request: seen.append(request.headers) or Response("hi")
    )
    shared = client()
    shared.get("somewhere", server.url_for("/"), {}, pace=Turns(name, 0))
    shared.get("somewhere", server.url_for("/"), {})
    assert [headers.get("Connection") for headers in seen] == ["close", "keep-alive"]


def test_a_turn_that_does_not_come_is_a_timeout_with_its_reason(holding, wire, client, name):
    counting = wire(lambda connection: connection.sendall(OK))
    holding(name, 0)
    error = failure(client(2.0), counting.url, pace=Turns(name, 0))
    assert error.kind == "timeout"
    message = (
        r"it was not our turn to ask 127\.0\.0\.1 within [\d.]+ s: another papertrack is asking"
    )
    assert re.fullmatch(message, error.what)
    assert counting.asked == []


@pytest.mark.parametrize("opening", [b"", b"HTTP/1.1 200 OK\r\nX-Endless: "])
def test_a_server_that_trickles_does_not_keep_the_turn_after_its_try(wire, client, name, opening):
    slow, gone = wire(None), threading.Event()

    def answer(connection):
        try:
            trickling(opening, b"H")(connection)
        finally:
            gone.set()

    slow = wire(answer)
    pace = Turns(name, 0)
    assert failure(client(3.0), slow.url, pace=pace).kind == "timeout"
    assert taken(pace) < AWHILE / 2
    assert gone.wait(AWHILE), "the connection is closed, too"


def test_a_silent_server_does_not_keep_the_turn_of_a_closed_client(wire, name):
    silent = wire(lambda _: time.sleep(60))
    pace = Turns(name, 0)
    with ThreadPoolExecutor(1) as pool:
        with HttpClient(deadline=300) as client:
            waiting = pool.submit(failure, client, silent.url, pace=pace)
            while not silent.asked:
                time.sleep(0.01)
        assert waiting.result(AWHILE).kind == "timeout"
    assert taken(pace) < AWHILE / 2


def test_closing_the_client_ends_the_wait_for_a_turn_and_nothing_is_asked(wire, name):
    counting = wire(lambda connection: connection.sendall(OK))
    pace = Turns(name, 0)
    with ThreadPoolExecutor(1) as pool, pace.turn(soon()):
        with HttpClient(deadline=300) as client:
            waiting = pool.submit(failure, client, counting.url, pace=pace)
            time.sleep(0.3)
        assert waiting.result(AWHILE).kind == "timeout"
    time.sleep(0.3)
    assert counting.asked == []
