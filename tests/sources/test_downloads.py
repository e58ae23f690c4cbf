"""Downloads to files, from a real server that breaks off, sends too much or another file."""

import re
import stat
from pathlib import Path

import pytest
from http_helpers import AWHILE, wait_for_disconnect
from werkzeug import Response

from papertrack.errors import SourceError
from papertrack.sources import StatusError
from papertrack.sources.downloads import Download
from papertrack.storage import files

BODY = bytes(range(256)) * 40
HALF = len(BODY) // 2


def head(status, *lines):
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "paper.pdf"


@pytest.fixture
def download(client, path):
    """Downloads a URL to the path, with a download of its own each time, as a new run does."""

    def run(url, limit=10**6):
        target = Download(str(path), limit, lambda *sizes: seen.append(sizes))
        client().download("somewhere", url, target)
        target.finish()
        return path.read_bytes()

    seen = run.seen = []
    return run


@pytest.fixture
def part(path):
    """The file of an unfinished download to the path, with its validator beside it."""
    return Path(Download(str(path), 1, lambda *_: None).part)


def validator_of(part):
    return part.with_name(f"{part.name}.validator")


def names(path):
    return sorted(file.name for file in path.parent.iterdir())


@pytest.fixture
def ranges(server):
    """A server of BODY that honours Range and If-Range; returns the Range headers it got."""
    asked = []

    def respond(request):
        asked.append(request.headers.get("Range"))
        match = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        if not match or request.headers.get("If-Range") != '"v1"':
            return Response(BODY, headers={"ETag": '"v1"'})
        start = int(match[1])
        span = f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"
        return Response(BODY[start:], 206, headers={"ETag": '"v1"', "Content-Range": span})

    server.expect_request("/").respond_with_handler(respond)
    return asked


def test_a_file_appears_when_it_is_complete_and_progress_ends_with_its_size(
    ranges, server, download, path
):
    assert download(server.url_for("/")) == BODY
    assert names(path) == [path.name]
    assert download.seen[-1] == (len(BODY), len(BODY))
    assert ranges == [None]


def test_a_stored_part_is_continued(ranges, server, download, path, part):
    part.write_bytes(BODY[:HALF])
    validator_of(part).write_text('ETag: "v1"')
    assert download(server.url_for("/")) == BODY
    assert ranges == [f"bytes={HALF}-"]
    assert names(path) == [path.name]


@pytest.mark.parametrize("validator", ['ETag: "v0"', 'ETag: W/"v1"', "v1", "", "ETag: a\r\nX: b"])
def test_a_part_of_another_or_unknown_version_is_replaced(
    ranges, server, download, part, validator
):
    part.write_bytes(b"old" * 100)
    validator_of(part).write_text(validator)
    assert download(server.url_for("/")) == BODY
    assert len(ranges) == 1


def test_a_lost_connection_is_continued_in_the_same_run(wire, download, path):
    def answer(connection):
        if len(service.asked) == 1:
            lines = [f"Content-Length: {len(BODY)}", 'ETag: "v1"']
            connection.sendall(head("200 OK", *lines) + BODY[:HALF])
        else:
            span = f"Content-Range: bytes {HALF}-{len(BODY) - 1}/{len(BODY)}"
            lines = [f"Content-Length: {len(BODY) - HALF}", span]
            connection.sendall(head("206 Partial Content", *lines) + BODY[HALF:])

    service = wire(answer)
    assert download(service.url) == BODY
    assert len(service.asked) == 2
    assert names(path) == [path.name]


@pytest.mark.parametrize("status", ["206 Partial Content", "416 Range Not Satisfiable"])
def test_a_part_that_the_server_does_not_continue_is_downloaded_again(wire, download, part, status):
    part.write_bytes(BODY[:HALF])
    validator_of(part).write_text('ETag: "v1"')

    def answer(connection):
        if len(service.asked) == 1:
            span = f"Content-Range: bytes 3-{len(BODY) - 1}/{len(BODY)}"
            connection.sendall(head(status, "Content-Length: 2", span) + b"no")
        else:
            connection.sendall(head("200 OK", f"Content-Length: {len(BODY)}") + BODY)

    service = wire(answer)
    assert download(service.url) == BODY


@pytest.mark.parametrize("length", [f"Content-Length: {10**12}", "Connection: close"])
def test_a_file_that_is_too_large_is_refused_and_leaves_nothing(wire, download, path, length):
    service = wire(lambda connection: connection.sendall(head("200 OK", length) + BODY))
    with pytest.raises(SourceError) as caught:
        download(service.url, limit=1000)
    assert caught.value.kind == "too-large"
    assert names(path) == []


def test_an_interrupted_download_stays_and_the_next_run_continues_it(
    wire, download, part, ranges, server
):
    lines = [f"Content-Length: {len(BODY)}", 'ETag: "v1"']
    broken = wire(lambda connection: connection.sendall(head("200 OK", *lines) + BODY[:HALF]))
    with pytest.raises(SourceError) as caught:
        download(broken.url)
    assert caught.value.kind == "connection"
    assert names(part) == [part.name, validator_of(part).name]
    assert download(server.url_for("/")) == BODY
    assert ranges == [f"bytes={HALF}-"]


def test_an_error_of_the_server_keeps_the_stored_part(server, download, path, part):
    server.expect_request("/").respond_with_data("no", status=404)
    part.write_bytes(BODY[:HALF])
    with pytest.raises(StatusError):
        download(server.url_for("/"))
    assert names(path) == [part.name]


def test_a_download_may_take_the_time_of_all_tries_but_no_longer(wire, path, client, clock):
    """A server that trickles is cut off at the deadline."""

    def trickle(connection):
        connection.sendall(head("200 OK", "Content-Length: 1000", 'ETag: "v1"'))
        for _ in range(100):
            connection.sendall(b"x")
            clock.move(1)
        wait_for_disconnect(connection)

    service = wire(trickle)
    target = Download(str(path), 10**6, lambda *_: None)
    with pytest.raises(SourceError) as caught:
        client(AWHILE, clock=clock).download("somewhere", service.url, target)
    assert caught.value.kind == "timeout"


def test_an_unfinished_download_is_private_and_spares_the_files_of_others(
    wire, download, path, part, server
):
    server.expect_request("/").respond_with_data(BODY)
    browsers = path.with_name("paper.pdf.part")
    browsers.write_text("of a browser")
    broken = wire(lambda connection: connection.sendall(head("200 OK", "Content-Length: 9") + b"1"))
    with pytest.raises(SourceError):
        download(broken.url)
    assert stat.S_IMODE(part.stat().st_mode) == 0o600
    assert download(server.url_for("/")) == BODY
    assert browsers.read_text() == "of a browser"
    browsers.unlink()
    plain = path.with_name("plain")
    plain.touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.usefixtures("ranges")
def test_a_link_in_the_place_of_an_unfinished_download_is_not_followed(
    server, download, path, part
):
    victim = path.with_name("victim")
    victim.write_bytes(BODY[:HALF])
    part.symlink_to(victim)
    validator_of(part).write_text('ETag: "v1"')
    with pytest.raises(files.UnusableFile):
        download(server.url_for("/"))
    assert victim.read_bytes() == BODY[:HALF]
