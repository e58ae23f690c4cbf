"""Hosts with several addresses, of which one swallows packets, refuses, or is slow."""

import socket
import threading
from contextlib import ExitStack, contextmanager, suppress

import pytest

from papertrack.errors import SourceError
from papertrack.network.addresses import connect, first_connection, resolve
from papertrack.sources.http import HttpClient

HANGING = 60.0  # seconds: what waits for a dead address takes at least as long


@contextmanager
def swallowing(address, port):
    """A socket at an address whose queue is full, so that Linux drops further requests for it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with ExitStack() as stack:
        hole = stack.enter_context(socket.socket(family))
        try:
            if family == socket.AF_INET6:
                hole.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            hole.bind((address, port))
        except OSError as error:
            pytest.skip(f"cannot listen at {address}: {error}")
        hole.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket(family))
            filler.settimeout(0)
            with suppress(BlockingIOError):
                filler.connect((address, port))
        with socket.socket(family) as probe:
            probe.settimeout(0.3)
            try:
                probe.connect((address, port))
            except TimeoutError:
                pass
            else:
                pytest.skip("this system does not drop requests to a full queue")
        yield


@pytest.fixture
def names(monkeypatch):
    """Gives a host some addresses, in the order in which the system prefers them."""

    real = socket.getaddrinfo

    def define(host, *addresses):
        def lookup(name, port, *rest, **options):
            if name != host:
                return real(name, port, *rest, **options)
            return [
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
                if ":" in address
                else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
                for address in addresses
            ]

        monkeypatch.setattr("papertrack.network.addresses.socket.getaddrinfo", lookup)

    return define


def _opener(port):
    return lambda address: socket.create_connection((address, port), HANGING)


@pytest.mark.parametrize("dead", ["127.0.0.2", "::1"])
def test_an_address_that_swallows_packets_does_not_hold_up_the_next(dead):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with swallowing(dead, port), first_connection([dead, "127.0.0.1"], _opener(port)) as opened:
            assert opened.getpeername() == ("127.0.0.1", port)


def test_an_address_that_refuses_is_followed_by_the_next():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with first_connection(["127.0.0.3", "127.0.0.1"], _opener(port)) as opened:
            assert opened.getpeername() == ("127.0.0.1", port)


def test_if_all_addresses_refuse_the_reason_is_raised(unused_url):
    port = int(unused_url.rpartition(":")[2].rstrip("/"))
    with pytest.raises(ConnectionRefusedError):
        first_connection(["127.0.0.3", "127.0.0.1"], _opener(port))


def test_a_connection_that_opens_too_late_is_closed():
    second_opened, closed = threading.Event(), threading.Event()

    class Connection:
        def __init__(self, name):
            self.name = name

        def close(self):
            closed.set()

    def open_connection(address):
        if address == "slow":
            second_opened.wait(HANGING)
        return Connection(address)

    assert first_connection(["slow", "quick"], open_connection).name == "quick"
    second_opened.set()
    assert closed.wait(HANGING)


def test_addresses_of_both_families_take_turns_beginning_with_that_preferred(names):
    names("papers.invalid", "fd00::1", "fd00::2", "fd00::3", "10.0.0.1", "10.0.0.2", "fd00::1")
    expected = ["fd00::1", "10.0.0.1", "fd00::2", "10.0.0.2", "fd00::3"]
    assert resolve("papers.invalid", 80) == expected
    names("papers.invalid", "10.0.0.1", "10.0.0.2")
    assert resolve("papers.invalid", 80) == ["10.0.0.1", "10.0.0.2"]


def test_a_link_local_address_keeps_its_scope():
    with suppress(OSError):
        (address,) = resolve("fe80::1%1", 80)
        assert address.startswith("fe80::1%")


def test_requests_reach_the_address_that_answers(names, server):
    server.expect_request("/").respond_with_data("hi")
    names("papers.invalid", "127.0.0.2", "127.0.0.1")
    with swallowing("127.0.0.2", server.port), HttpClient(deadline=HANGING) as client:
        url = f"http://papers.invalid:{server.port}/"
        assert client.get("somewhere", url, {}).body == b"hi"


def test_mails_reach_the_address_that_answers(names):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        names("mail.invalid", "127.0.0.2", "127.0.0.1")
        with swallowing("127.0.0.2", port), connect("mail.invalid", port, HANGING) as opened:
            assert opened.getpeername() == ("127.0.0.1", port)


def test_a_host_that_does_not_exist_is_a_connection_error():
    with HttpClient(deadline=HANGING) as client, pytest.raises(SourceError) as caught:
        client.get("somewhere", "http://papers.invalid/", {})
    assert caught.value.kind == "connection"
