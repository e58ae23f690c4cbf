import os
import subprocess
import sys

import pytest


@pytest.fixture
def with_name_server(tmp_path):
    """Runs a program whose names are all resolved by its own silent server, `names`."""
    own_network = ["unshare", "--map-root-user", "--mount", "--net"]
    try:
        subprocess.run([*own_network, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("cannot create a network namespace here")

    def run(program):
        command = [*own_network, sys.executable, "-c", _NAMES + program, tmp_path / "resolv.conf"]
        environment = os.environ | {"TMPDIR": str(tmp_path)}
        done = subprocess.run(
            command, check=True, env=environment, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    return run


_NAMES = """
import fcntl, socket, struct, subprocess, sys, time
from papertrack.errors import SourceError
from papertrack.sources import connect
from papertrack.sources.rate_limit import RateLimiter

SIOCSIFFLAGS, IFF_UP, IFF_LOOPBACK = 0x8914, 1, 64
names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(names, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP | IFF_LOOPBACK))
names.bind(("127.0.0.1", 53))
names.settimeout(60)
with open(sys.argv[1], "w") as settings:
    settings.write("nameserver 127.0.0.1")
subprocess.run(["mount", "--bind", sys.argv[1], "/etc/resolv.conf"], check=True)
"""


def test_a_hanging_name_server_times_out_with_its_try(with_name_server):
    output = with_name_server("""
with connect(None, 6) as client:
    try:
        client.get("somewhere", "http://papers.invalid/", {})
    except SourceError as error:
        print(error.kind, error, sep="|")
assert b"papers" in names.recv(999)
""")
    assert output == "timeout|papers.invalid did not respond within 2 s\n"


def test_a_request_abandoned_during_name_resolution_is_not_sent_later(with_name_server):
    output = with_name_server("""
rate_limit = RateLimiter("papers", 0)
with socket.create_server(("127.0.0.1", 80)) as server, connect(None, 3) as client:
    try:
        client.get("somewhere", "http://papers.invalid/", {}, rate_limit=rate_limit)
    except SourceError as error:
        print(error.kind)
    for _ in "IPv4", "IPv6":
        query, client_address = names.recvfrom(999)
        wants_ipv4 = query[-4:] == bytes([0, 1, 0, 1])
        ipv4 = bytes([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 127, 0, 0, 1])
        address = ipv4 if wants_ipv4 else b""
        head = query[:2] + bytes([0x81, 0x80, 0, 1, 0, bool(address), 0, 0, 0, 0])
        names.sendto(head + query[12:] + address, client_address)
    server.settimeout(60)
    print(server.accept()[0].recv(999))
    with rate_limit.slot(time.monotonic() + 60):
        print("the slot is free")
""")
    assert output.splitlines() == ["timeout", "b''", "the slot is free"]
