"""Clients to ask real servers with, and the recorded pages."""

from contextlib import ExitStack

import pytest

from papertrack.sources.http import HttpClient


@pytest.fixture
def client():
    """Makes clients, open for as long as the test runs."""
    with ExitStack() as stack:
        yield lambda deadline=10.0, **more: stack.enter_context(
            HttpClient(deadline=deadline, **more)
        )


@pytest.fixture(scope="session")
def captures(shared):
    """The recorded pages of the API."""
    return sorted(shared("data/hf/daily_papers").glob("*.json.gz"))
