import os
import signal
import stat
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from asking import AWHILE, soon, taken
from werkzeug import Response

from papertrack.sources.rate_limit import RateLimiter

DELAY = 0.2

pytestmark = pytest.mark.usefixtures("temporary")


def folder(temporary):
    return temporary / f"papertrack-{os.getuid()}"


def gap(turns):
    """How long after the end of one turn the next one begins."""
    with turns.slot(soon()):
        ended = time.monotonic()
    with turns.slot(soon()):
        return time.monotonic() - ended


def logged(server):
    """When each request came and went, by the clock of the server."""
    log = []

    def answer(_request):
        began = time.monotonic()
        time.sleep(0.05)
        log.append((began, time.monotonic()))
        return Response("hi")

    server.expect_request("/").respond_with_handler(answer)
    return log


# Across processes


ASKS = """
import sys
from papertrack.sources import connect
from papertrack.sources.rate_limit import RateLimiter

url, name, delay, times = sys.argv[1:]
with connect(None, 300) as client:
    for _ in range(int(times)):
        pace = RateLimiter(name, float(delay))
        assert client.get("somewhere", url, {}, pace=pace).body == b"hi"
"""


def test_two_processes_ask_one_at_a_time_and_never_too_soon(server, process, name):
    log = logged(server)
    two = [process(ASKS, server.url_for("/"), name, DELAY, 5) for _ in range(2)]
    assert [one.wait(120) for one in two] == [0, 0]
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(sorted(log))]
    assert len(gaps) == 9
    assert min(gaps) >= DELAY


def test_processes_that_ask_others_do_not_wait(holding, name):
    holder = holding(name, DELAY)
    with RateLimiter(f"{name} elsewhere", 0).slot(soon()):
        assert holder.poll() is None


def test_while_another_process_asks_the_turn_does_not_come(holding, name):
    holding(name, 0)
    with (
        pytest.raises(TimeoutError, match="another papertrack is asking"),
        RateLimiter(name, 0).slot(time.monotonic() + 0.3),
    ):
        pass


def test_a_process_that_is_killed_frees_its_turn_and_still_counts_as_a_request(holding, name):
    holder = holding(name, 1)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert 1 <= taken(RateLimiter(name, 1)) < AWHILE / 2


def test_the_files_are_for_nobody_else(temporary, name):
    mask = os.umask(0)
    try:
        taken(RateLimiter(name, 0))
    finally:
        os.umask(mask)
    assert [one.name for one in temporary.iterdir()] == [f"papertrack-{os.getuid()}"]
    assert stat.S_IMODE(folder(temporary).stat().st_mode) == 0o700
    modes = {stat.S_IMODE(one.stat().st_mode) for one in folder(temporary).iterdir()}
    assert modes == {0o600}


@pytest.mark.parametrize(
    "odd", ["../../up", "/etc/passwd", "", ".", "a\x00b\n", "\ud800", "x" * 999, "https://a.b/c?d"]
)
def test_any_name_is_a_file_in_the_folder(temporary, odd):
    assert gap(RateLimiter(odd, DELAY)) >= DELAY
    assert len(list(folder(temporary).iterdir())) == 2
    assert {one.name for one in temporary.iterdir()} == {folder(temporary).name}


# What lies there already


@pytest.mark.parametrize(
    "text", ["1e300", "inf", "nan", "", "not yet", "1e5" * 99, "\x00\x00", "éé", "-"]
)
def test_an_end_that_cannot_be_known_costs_the_delay_and_no_more(temporary, text, name):
    folder(temporary).mkdir(0o700)
    (folder(temporary) / f"{name}.end").write_text(text)
    assert DELAY <= taken(RateLimiter(name, DELAY)) < AWHILE / 2


def test_an_end_long_ago_costs_nothing(temporary, name):
    folder(temporary).mkdir(0o700)
    (folder(temporary) / f"{name}.end").write_text("-1e9")
    assert taken(RateLimiter(name, AWHILE)) < AWHILE / 2


def test_links_are_not_followed(temporary, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    folder(temporary).mkdir(0o700)
    for ending in ("lock", "end"):
        (folder(temporary) / f"linked.{ending}").symlink_to(precious)
        assert gap(RateLimiter("linked", DELAY)) >= DELAY, (
            "this process keeps its pace without files"
        )
        assert precious.read_text() == "mine"
        (folder(temporary) / f"linked.{ending}").unlink()


def _link(place, other):
    other.mkdir(mode=0o700)
    place.symlink_to(other)


def _open_to_all(place, _other):
    place.mkdir()
    place.chmod(0o777)


def _file(place, _other):
    place.write_text("mine")


def _of_another(place, _other):
    place.mkdir(0o700)
    try:
        os.chown(place, os.getuid() + 1, -1)
    except PermissionError:
        pytest.skip("only the administrator can give a folder away")


@pytest.mark.parametrize("make", [_link, _open_to_all, _file, _of_another])
def test_a_folder_that_is_not_ours_alone_is_left_alone(temporary, tmp_path, name, make):
    make(folder(temporary), tmp_path / "other")
    assert gap(RateLimiter(name, DELAY)) >= DELAY, "this process keeps its pace without files"
    assert [one for one in tmp_path.rglob("*") if one.suffix in {".lock", ".end"}] == []


def test_without_temporary_files_the_threads_of_a_process_take_turns(tmp_path, name, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    assert _least_gap(name, DELAY) >= DELAY


# Within a process


def _least_gap(name, delay):
    """The shortest time from one turn's end to the next one's beginning, among threads."""
    spans = []

    def take(_):
        with RateLimiter(name, delay).slot(soon()):
            began = time.monotonic()
            time.sleep(0.02)
            spans.append((began, time.monotonic()))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(take, range(5)))
    assert len(spans) == 5
    return min(later[0] - earlier[1] for earlier, later in pairwise(sorted(spans)))


@pytest.mark.parametrize("delay", [DELAY, 0.0])
def test_threads_take_turns(name, delay):
    assert _least_gap(name, delay) >= delay


def test_a_failure_within_a_turn_ends_it(name):
    ended = time.monotonic()
    with pytest.raises(OSError, match="broken"), RateLimiter(name, DELAY).slot(soon()):
        raise OSError("broken")
    with RateLimiter(name, DELAY).slot(soon()):
        assert time.monotonic() - ended >= DELAY


def test_a_delay_that_does_not_fit_is_told_at_once(name):
    turns = RateLimiter(name, 10 * AWHILE)
    taken(turns)
    started = time.monotonic()
    with (
        pytest.raises(TimeoutError, match="it is asked every 600 s at most"),
        turns.slot(started + 9 * AWHILE),
    ):
        pass
    assert time.monotonic() - started < AWHILE


def test_while_another_thread_asks_the_turn_does_not_come(name):
    with (
        ThreadPoolExecutor(1) as pool,
        RateLimiter(name, 0).slot(soon()),
        pytest.raises(TimeoutError, match="another request is under way"),
    ):
        pool.submit(taken_until, RateLimiter(name, 0), time.monotonic() + 0.1).result()


def taken_until(turns, until):
    with turns.slot(until):
        pass
