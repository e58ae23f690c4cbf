"""Which proxy the environment names for a server, and what is said if it cannot be used."""

import gc
import subprocess
import sys

import pytest
from proxy_servers import LOGIN, http_proxy, socks_proxy

from papertrack.network.proxies import ProxyError, proxy_for, public_address

pytestmark = pytest.mark.skipif(
    sys.platform in {"darwin", "win32"}, reason="the system's own settings count there, too"
)


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ("*", "papers.example"),
        ("papers.example", "papers.example"),
        ("PAPERS.example", "papers.Example"),
        ("papers.example", "www.papers.example"),
        (".papers.example", "papers.example"),
        ("*.papers.example", "www.papers.example"),
        ("localhost, papers.example other.example", "papers.example"),
        ("papers.example:80", "papers.example"),
        ("http://papers.example", "papers.example"),
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("127.0.0.0/8", "127.5.5.5"),
        ("10.1.2.3/8", "10.9.9.9"),
        ("::1", "::1"),
        ("[::1]", "::1"),
        ("[::1]:80", "::1"),
        ("::1/128", "::1"),
        ("[fd07:b51a::]/32", "fd07:b51a::7"),
        ("fd07:b51a:cc66:f0::/64", "fd07:b51a:cc66:f0::254"),
        ("0:0:0:0:0:0:0:1", "::1"),
    ],
)
def test_a_host_network_or_ending_in_no_proxy_needs_no_proxy(without_proxies, entry, host):
    without_proxies.setenv("HTTP_PROXY", "http://127.0.0.1:3128")
    without_proxies.setenv("NO_PROXY", entry)
    assert proxy_for("http", host, None) is None


@pytest.mark.parametrize(
    ("entry", "host"),
    [
        ("", "papers.example"),
        ("apers.example", "papers.example"),
        ("www.papers.example", "papers.example"),
        ("papers.example:8080", "papers.example"),
        ("127.0.0.0/8", "128.0.0.1"),
        ("127.0.0.0/8,::/0", "papers.example"),
        ("fd07:b51a:cc66:f0::/64", "fd07:b51a:cc66:f1::1"),
        ("0.0.0.0/0", "::1"),
        ("10.0.0.0/99,]::1[,:,/,[,::::,papers.example:", "10.0.0.1"),
    ],
)
def test_other_hosts_are_reached_through_the_proxy(without_proxies, entry, host):
    without_proxies.setenv("HTTP_PROXY", "http://127.0.0.1:3128")
    without_proxies.setenv("NO_PROXY", entry)
    assert public_address(proxy_for("http", host, None)) == "http://127.0.0.1:3128"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("127.0.0.1:3128", "http://127.0.0.1:3128"),
        ("http://me:secret@proxy.example/", "http://proxy.example:80"),
        ("https://proxy.example:3129", "https://proxy.example:3129"),
        ("http://[::1]:3128", "http://[::1]:3128"),
        ("socks5h://me:secret@127.0.0.1", "socks5h://127.0.0.1:1080"),
        ("socks://127.0.0.1:9050/", "socks5h://127.0.0.1:9050"),
    ],
)
def test_a_proxy_is_shown_without_its_password(without_proxies, value, address):
    without_proxies.setenv("ALL_PROXY", value)
    assert public_address(proxy_for("https", "papers.example", 443)) == address


def test_the_proxy_of_a_scheme_comes_before_the_one_for_all(without_proxies):
    without_proxies.setenv("ALL_PROXY", "socks5h://127.0.0.1:9")
    without_proxies.setenv("http_proxy", "http://127.0.0.1:3128")
    assert proxy_for("http", "papers.example", None).scheme == "http"
    assert proxy_for("https", "papers.example", None).scheme == "socks5h"


@pytest.mark.parametrize(
    "value",
    ["http://me:secret", "http://[::1", "://x", "http://me:se#cret@127.0.0.1", "socks4://x"],
)
def test_an_invalid_proxy_is_named_by_its_variable_and_not_shown(without_proxies, value):
    without_proxies.setenv("HTTPS_PROXY", value)
    with pytest.raises(ProxyError, match="HTTPS_PROXY") as caught:
        proxy_for("https", "papers.example", None)
    assert "cret" not in str(caught.value)


# Requests through real proxies


# httpcore leaves connections to SOCKS proxies that fail to the garbage collector.
failing = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket")


@pytest.fixture(autouse=True)
def _collected(request):
    """Collect them before the test that counts their warnings as errors ends."""
    yield
    if request.node.get_closest_marker("filterwarnings"):
        gc.collect()


KINDS = [(http_proxy, "http"), (socks_proxy, "socks5h")]


@pytest.mark.parametrize("login", [None, LOGIN])
@pytest.mark.parametrize("kind", KINDS, ids=["http", "socks"])
def test_a_proxy_sends_requests_and_resolves_names(monkeypatch, server, get, kind, login):
    proxy_of_kind, scheme = kind
    server.expect_request("/list").respond_with_data("hi")
    credentials = f"{login[0]}:{login[1]}@".replace(" ", "%20") if login else ""
    with proxy_of_kind(login=login) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://{credentials}{proxy.address}")
        assert get(f"http://papers.invalid:{server.port}/list") == b"hi"
        assert len(proxy.asked) == 1
        assert "papers.invalid" in proxy.asked[0]


@pytest.mark.parametrize(("kind", "scheme"), [(http_proxy, "http"), (socks_proxy, "socks5")])
def test_a_proxy_tunnels_https(monkeypatch, secure, get, kind, scheme):
    monkeypatch.setenv("SSL_CERT_FILE", secure.ca_file)
    with kind() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://{proxy.address}")
        assert get(f"https://papers.invalid:{secure.port}/") == b"hi"
        assert len(proxy.asked) == 1


def test_a_proxy_that_no_request_needs_does_no_harm(monkeypatch, server, get):
    server.expect_request("/").respond_with_data("hi")
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1:9")
    assert get(server.url_for("/")) == b"hi"
    with http_proxy() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.address}")
        assert get(f"http://papers.invalid:{server.port}/") == b"hi"


@pytest.mark.parametrize("scheme", ["http", "socks5h"])
@pytest.mark.parametrize("target", ["http", "https"])
def test_a_dead_proxy_is_named_without_its_password(monkeypatch, unused_url, get, scheme, target):
    address = unused_url.removeprefix("http://").rstrip("/")
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://me:secret@{address}")
    with pytest.raises(ProxyError) as caught:
        get(f"{target}://papers.invalid/")
    assert str(caught.value).startswith(f"the proxy {scheme}://{address} cannot be reached: ")
    assert "secret" not in str(caught.value)
    assert caught.value.temporary


@failing
@pytest.mark.parametrize(
    ("proxy", "scheme"),
    [(http_proxy(refuse=b"403 Not Here"), "http"), (socks_proxy(reply=2), "socks5h")],
)
def test_a_proxy_that_refuses_is_named_with_the_host(monkeypatch, get, proxy, scheme):
    with proxy as running:
        monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://{running.address}")
        with pytest.raises(ProxyError) as caught:
            get("https://papers.invalid/")
    expected = f"the proxy {scheme}://{running.address} refused the connection to papers.invalid: "
    assert str(caught.value).startswith(expected)
    assert not caught.value.temporary


@failing
@pytest.mark.parametrize("given", ["", "me:wrong@"])
@pytest.mark.parametrize("target", ["http", "https"])
@pytest.mark.parametrize("kind", KINDS, ids=["http", "socks"])
def test_a_proxy_that_wants_a_password_is_named(monkeypatch, get, kind, target, given):
    proxy_of_kind, scheme = kind
    with proxy_of_kind(login=LOGIN) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"{scheme}://{given}{proxy.address}")
        with pytest.raises(ProxyError, match="user and password") as caught:
            get(f"{target}://papers.invalid:1/")
    message = str(caught.value)
    assert message.startswith(f"the proxy {scheme}://{proxy.address} ")
    assert ("accepts neither" in message) is bool(given)
    assert "wrong" not in message
    assert not caught.value.temporary


def test_a_socks_proxy_without_its_package_is_reported_with_the_command_to_install():
    program = """
import os, sys
sys.modules["socksio"] = None
import httpx
from papertrack.network.transport import Transport
os.environ["ALL_PROXY"] = "socks5h://me:secret@127.0.0.1:9"
try:
    httpx.Client(transport=Transport()).get("http://papers.invalid/")
except Exception as error:
    print(type(error).__name__, error)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("ProxyError the proxy socks5h://127.0.0.1:9 needs the package")
    assert "pip install 'papertrack-cli[socks]'" in done.stdout
    assert "secret" not in done.stdout


@failing
def test_a_server_that_is_no_socks_proxy_is_named(monkeypatch, wire, get):
    other = wire(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    address = other.url.removeprefix("http://").rstrip("/")
    monkeypatch.setenv("ALL_PROXY", f"socks5h://{address}")
    with pytest.raises(ProxyError, match=f"the proxy socks5h://{address} does not respond"):
        get("http://papers.invalid/")
