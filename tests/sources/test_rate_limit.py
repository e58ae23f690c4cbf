import os
import signal
import stat
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from http_helpers import AWHILE, slot_seconds, soon
from werkzeug import Response

from papertrack.sources.rate_limit import RateLimiter

DELAY = 0.2

pytestmark = pytest.mark.usefixtures("temporary")


def folder(temporary):
    return temporary / f"papertrack-{os.getuid()}"


def gap(limit):
    """The time between the end of a slot and the start of the next."""
    with limit.slot(soon()):
        ended = time.monotonic()
    with limit.slot(soon()):
        return time.monotonic() - ended


def request_times(server):
    """The start and end of each request, by the clock of the server."""
    log = []

    def respond(_request):
        began = time.monotonic()
        time.sleep(0.05)
        log.append((began, time.monotonic()))
        return Response("hi")

    server.expect_request("/").respond_with_handler(respond)
    return log


# Across processes


REQUESTS = """
import sys
from papertrack.sources import connect
from papertrack.sources.rate_limit import RateLimiter

url, name, delay, times = sys.argv[1:]
with connect(None, 300) as client:
    for _ in range(int(times)):
        limit = RateLimiter(name, float(delay))
        assert client.get("somewhere", url, {}, rate_limit=limit).body == b"hi"
"""


def test_two_processes_send_one_request_at_a_time_and_never_too_soon(server, process, name):
    log = request_times(server)
    processes = [process(REQUESTS, server.url_for("/"), name, DELAY, 5) for _ in range(2)]
    assert [running.wait(120) for running in processes] == [0, 0]
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(sorted(log))]
    assert len(gaps) == 9
    assert min(gaps) >= DELAY


def test_processes_with_other_rate_limits_do_not_wait(slot_holder, name):
    holder = slot_holder(name, DELAY)
    with RateLimiter(f"{name} elsewhere", 0).slot(soon()):
        assert holder.poll() is None


def test_there_is_no_slot_while_another_process_holds_it(slot_holder, name):
    slot_holder(name, 0)
    with (
        pytest.raises(TimeoutError, match="another papertrack process is using it"),
        RateLimiter(name, 0).slot(time.monotonic() + 0.3),
    ):
        pass


def test_a_killed_process_frees_its_slot_and_still_counts_as_a_request(slot_holder, name):
    holder = slot_holder(name, 1)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert 1 <= slot_seconds(RateLimiter(name, 1)) < AWHILE / 2


def test_the_files_are_private(temporary, name):
    mask = os.umask(0)
    try:
        slot_seconds(RateLimiter(name, 0))
    finally:
        os.umask(mask)
    assert [path.name for path in temporary.iterdir()] == [f"papertrack-{os.getuid()}"]
    assert stat.S_IMODE(folder(temporary).stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder(temporary).iterdir()}
    assert modes == {0o600}


@pytest.mark.parametrize(
    "odd", ["../../up", "/etc/passwd", "", ".", "a\x00b\n", "\ud800", "x" * 999, "https://a.b/c?d"]
)
def test_any_name_has_its_files_in_the_folder(temporary, odd):
    assert gap(RateLimiter(odd, DELAY)) >= DELAY
    assert len(list(folder(temporary).iterdir())) == 2
    assert {path.name for path in temporary.iterdir()} == {folder(temporary).name}


# Existing files and folders


@pytest.mark.parametrize(
    "text", ["1e300", "inf", "nan", "", "not yet", "1e5" * 99, "\x00\x00", "éé", "-"]
)
def test_an_unknown_end_costs_the_delay_and_no_more(temporary, text, name):
    folder(temporary).mkdir(0o700)
    (folder(temporary) / f"{name}.end").write_text(text)
    assert DELAY <= slot_seconds(RateLimiter(name, DELAY)) < AWHILE / 2


def test_an_end_long_ago_costs_nothing(temporary, name):
    folder(temporary).mkdir(0o700)
    (folder(temporary) / f"{name}.end").write_text("-1e9")
    assert slot_seconds(RateLimiter(name, AWHILE)) < AWHILE / 2


def test_links_are_not_followed(temporary, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    folder(temporary).mkdir(0o700)
    for ending in ("lock", "end"):
        (folder(temporary) / f"linked.{ending}").symlink_to(precious)
        assert gap(RateLimiter("linked", DELAY)) >= DELAY, (
            "this process keeps the delay without files"
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


def _owned_by_another(place, _other):
    place.mkdir(0o700)
    try:
        os.chown(place, os.getuid() + 1, -1)
    except OSError:  # Not permitted, or no such user in a container.
        pytest.skip("only the administrator can give a folder away")


@pytest.mark.parametrize("make", [_link, _open_to_all, _file, _owned_by_another])
def test_a_folder_that_others_can_write_to_is_not_used(temporary, tmp_path, name, make):
    make(folder(temporary), tmp_path / "other")
    assert gap(RateLimiter(name, DELAY)) >= DELAY, "this process keeps the delay without files"
    assert [path for path in tmp_path.rglob("*") if path.suffix in {".lock", ".end"}] == []


def test_without_temporary_files_the_limit_holds_among_threads(tmp_path, name, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    assert _least_gap(name, DELAY) >= DELAY


# Within a process


def _least_gap(name, delay):
    """The shortest time between the end of a slot and the start of the next, among threads."""
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
def test_the_limit_holds_among_threads(name, delay):
    assert _least_gap(name, delay) >= delay


def test_an_error_within_a_slot_ends_it(name):
    ended = time.monotonic()
    with pytest.raises(OSError, match="broken"), RateLimiter(name, DELAY).slot(soon()):
        raise OSError("broken")
    with RateLimiter(name, DELAY).slot(soon()):
        assert time.monotonic() - ended >= DELAY


def test_a_delay_beyond_the_deadline_fails_at_once(name):
    limit = RateLimiter(name, 10 * AWHILE)
    slot_seconds(limit)
    started = time.monotonic()
    with (
        pytest.raises(TimeoutError, match="at most one request per 600 s"),
        limit.slot(started + 9 * AWHILE),
    ):
        pass
    assert time.monotonic() - started < AWHILE


def test_there_is_no_slot_while_another_thread_holds_it(name):
    with (
        ThreadPoolExecutor(1) as pool,
        RateLimiter(name, 0).slot(soon()),
        pytest.raises(TimeoutError, match="another request is in progress"),
    ):
        pool.submit(hold_until, RateLimiter(name, 0), time.monotonic() + 0.1).result()


def hold_until(limit, until):
    with limit.slot(until):
        pass
