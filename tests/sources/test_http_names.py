import os
import subprocess
import sys

import pytest


@pytest.fixture
def asked_by_name(tmp_path):
    """Runs a program where all names are asked of a `names` server of its own, which is silent."""
    own_network = ["unshare", "--map-root-user", "--mount", "--net"]
    try:
        subprocess.run([*own_network, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no network of one's own can be had here")

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


def test_a_name_server_that_hangs_ends_with_its_try(asked_by_name):
    said = asked_by_name("""
with connect(None, 6) as client:
    try:
        client.get("somewhere", "http://papers.invalid/", {})
    except SourceError as error:
        print(error.kind, error, sep="|")
assert b"papers" in names.recv(999)
""")
    assert said == "timeout|papers.invalid did not answer within 2 s\n"


def test_what_was_given_up_before_its_server_was_found_is_not_asked_later(asked_by_name):
    said = asked_by_name("""
pace = RateLimiter("papers", 0)
with socket.create_server(("127.0.0.1", 80)) as server, connect(None, 3) as client:
    try:
        client.get("somewhere", "http://papers.invalid/", {}, pace=pace)
    except SourceError as error:
        print(error.kind)
    for _ in "IPv4", "IPv6":
        query, asker = names.recvfrom(999)
        wants_ipv4 = query[-4:] == bytes([0, 1, 0, 1])
        found = bytes([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 127, 0, 0, 1]) if wants_ipv4 else b""
        head = query[:2] + bytes([0x81, 0x80, 0, 1, 0, bool(found), 0, 0, 0, 0])
        names.sendto(head + query[12:] + found, asker)
    server.settimeout(60)
    print(server.accept()[0].recv(999))
    with pace.slot(time.monotonic() + 60):
        print("the turn is free")
""")
    assert said.splitlines() == ["timeout", "b''", "the turn is free"]
