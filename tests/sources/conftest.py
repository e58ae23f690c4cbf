"""HTTP clients, processes that hold rate-limit slots, and the recorded pages."""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from uuid import uuid4

import pytest
from clocks import HeldClock
from http_helpers import AWHILE

from papertrack.sources.http import HttpClient


@pytest.fixture
def client():
    """Opens clients, which stay open during the test."""
    with ExitStack() as stack:
        yield lambda deadline=AWHILE, **options: stack.enter_context(
            HttpClient(deadline=deadline, **options)
        )


@pytest.fixture
def clock():
    """A clock that stands still until the test moves it."""
    return HeldClock()


@pytest.fixture(scope="session")
def captures(shared):
    """The recorded pages of the API."""
    return sorted(shared("data/hf/daily_papers").glob("*.json.gz"))


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder of temporary files, for this process and for those it starts."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def name():
    """The name of a rate limit that no other test uses."""
    return uuid4().hex


@pytest.fixture
def process(tmp_path):
    """Starts Python programs, each with its own home and settings."""
    started = []

    def start(program, *arguments):
        home = tmp_path / f"home{len(started)}"
        directories = {"HOME": home, "XDG_CACHE_HOME": home / "c", "XDG_RUNTIME_DIR": home / "r"}
        command = [sys.executable, "-c", program, *map(str, arguments)]
        environment = os.environ | {key: str(path) for key, path in directories.items()}
        running = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(running)
        return running

    yield start
    for running in started:
        running.kill()
        running.communicate()


@pytest.fixture
def slot_holder(process):
    """Starts processes that hold the slot of a rate limit."""

    def start(name, delay):
        holder = process(_HOLD_SLOT, name, delay)
        assert holder.stdout.readline() == "held\n"
        return holder

    return start


_HOLD_SLOT = """
import sys, time
from papertrack.sources.rate_limit import RateLimiter

with RateLimiter(sys.argv[1], float(sys.argv[2])).slot(time.monotonic() + 60):
    print("held", flush=True)
    sys.stdin.read()
"""
