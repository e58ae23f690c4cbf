"""Requests through the network of this machine."""

import httpx
import pytest

from papertrack.network.transport import Transport


@pytest.fixture
def get():
    """Sends a GET request and returns the body of the response."""

    def send(url):
        with httpx.Client(transport=Transport(), timeout=60) as client:
            return client.get(url).content

    return send


@pytest.fixture
def without_proxies(monkeypatch):
    """An environment without proxies, to which tests add some."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch
