"""The transport of HTTP clients: through proxies, to the first address that responds."""

import re
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import RLock
from typing import Any
from urllib.parse import SplitResult, unquote

import httpcore
import httpx

from papertrack.network.addresses import first_connection, resolve
from papertrack.network.certificates import ssl_context
from papertrack.network.proxies import ProxyError, proxy_for, public_address
from papertrack.text import clean, shorten

_LOGIN_REQUIRED = 407
_TEMPORARY = ("502", "503", "504")
# Messages of httpcore if a SOCKS proxy requires another login.
_SOCKS_LOGIN = ("NO ACCEPTABLE METHODS", "USERNAME/PASSWORD", "username/password")
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")
_INSTALL = "pip install 'papertrack-cli[socks]'"


class Transport(httpx.BaseTransport):
    """Sends requests through the proxies of the environment, which is read at each request.

    Raises ProxyError besides the errors of httpx, and OSError if the trusted certificates cannot be
    read. Proxies and certificates are opened only when needed, so an unused proxy may be broken.
    """

    def __init__(self) -> None:
        self._pools: dict[tuple[str, SplitResult | None], _PoolTransport] = {}
        self._lock = RLock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        url = request.url
        proxy = _proxy_of(url)
        pool = self._pool(url.scheme, proxy)
        if proxy is None:
            return pool.handle_request(request)
        with _proxy_errors(proxy, url.host):
            response = pool.handle_request(request)
            if response.status_code == _LOGIN_REQUIRED:
                response.close()
                raise httpx.ProxyError(str(_LOGIN_REQUIRED))
            return response

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for pool in self._pools.values():
                pool.close()

    def _pool(self, scheme: str, proxy: SplitResult | None) -> "_PoolTransport":
        """Return the connections to servers of a scheme, through a proxy or without one."""
        with self._lock:
            key = (scheme, proxy)
            if key not in self._pools:
                secure = "https" in {scheme, proxy and proxy.scheme}
                context = self._ssl_context if secure else None
                self._pools[key] = _PoolTransport(_new_pool(proxy, context))
            return self._pools[key]

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        return ssl_context()


def route(url: httpx.URL) -> str:
    """Return the host of a URL and, if there is one, the proxy to it, for messages."""
    try:
        proxy = _proxy_of(url)
    except ProxyError:
        proxy = None
    return f"{url.host} through the proxy {public_address(proxy)}" if proxy else url.host


def _proxy_of(url: httpx.URL) -> SplitResult | None:
    return proxy_for(url.scheme, url.host, url.port)


class _RacingBackend(httpcore.SyncBackend):
    """Opens connections to the first address of a host that responds."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect. Raises the errors of httpcore, and UnicodeError for impossible names."""
        try:
            addresses = resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        open_connection = super().connect_tcp
        return first_connection(
            addresses,
            lambda address: open_connection(address, port, timeout, local_address, socket_options),
        )


class _PoolTransport(httpx.HTTPTransport):
    """httpx's transport with a custom connection pool, which its constructor does not accept."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool


def _new_pool(proxy: SplitResult | None, context: ssl.SSLContext | None) -> httpcore.ConnectionPool:
    """Return a pool of connections. Raises ProxyError without the package for SOCKS."""
    common: Any = {"ssl_context": context, "network_backend": _RacingBackend(), **_LIMITS}
    if proxy is None:
        return httpcore.ConnectionPool(**common)
    common |= {"proxy_url": public_address(proxy), "proxy_auth": _login(proxy)}
    if not proxy.scheme.startswith("socks"):
        proxy_context = context if proxy.scheme == "https" else None
        return httpcore.HTTPProxy(**common, proxy_ssl_context=proxy_context)
    try:
        return httpcore.SOCKSProxy(**common)
    except (ImportError, RuntimeError):
        message = f"the proxy {public_address(proxy)} needs the package socksio: {_INSTALL}"
        raise ProxyError(message) from None


# The defaults of httpx.
_LIMITS = {"max_connections": 100, "max_keepalive_connections": 20, "keepalive_expiry": 5.0}


def _login(proxy: SplitResult) -> tuple[bytes, bytes] | None:
    if proxy.username is None:
        return None
    return unquote(proxy.username).encode(), unquote(proxy.password or "").encode()


@contextmanager
def _proxy_errors(proxy: SplitResult, host: str) -> Iterator[None]:
    """Raise the errors of a proxy as ProxyError."""
    try:
        yield
    except httpx.ProxyError as error:
        raise _refusal(proxy, host, str(error)) from error
    except httpx.ConnectError as error:
        if isinstance(_root_cause(error), ssl.SSLError):  # of the server, not of the proxy
            raise
        message = f"the proxy {public_address(proxy)} cannot be reached: {error_text(error)}"
        raise ProxyError(message, temporary=True) from error
    except (httpx.HTTPError, OSError, UnicodeError):
        raise
    except Exception as error:  # of socksio, if the proxy speaks another protocol
        message = f"the proxy {public_address(proxy)} does not respond as a SOCKS proxy"
        raise ProxyError(message) from error


def _refusal(proxy: SplitResult, host: str, reason: str) -> ProxyError:
    """Return the error for a proxy that refuses to connect to a host.

    `reason` is the status and text of an HTTP proxy, or httpcore's message for a SOCKS proxy.
    """
    address = public_address(proxy)
    if reason.startswith(str(_LOGIN_REQUIRED)) or any(text in reason for text in _SOCKS_LOGIN):
        wrong = "accepts neither" if proxy.username else "requires"
        example = f"{proxy.scheme}://USER:PASSWORD@HOST:PORT"
        return ProxyError(
            f"the proxy {address} {wrong} user and password; its address has them as in {example}"
        )
    message = f"the proxy {address} refused the connection to {host}: {shorten(clean(reason), 100)}"
    return ProxyError(message, temporary=reason.startswith(_TEMPORARY))


def error_text(error: Exception) -> str:
    """Return the text of a connection error for messages, without its errno."""
    cause = _root_cause(error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = clean(cause.verify_message)
        return f"its certificate is not trusted ({reason}); SSL_CERT_FILE can name others"
    return _ERRNO.sub("", shorten(clean(str(error)), 200))


def _root_cause(error: BaseException) -> BaseException:
    """Return the first error of a chain, which may lead back to itself in libraries."""
    seen = {id(error)}
    while (cause := error.__cause__ or error.__context__) is not None and id(cause) not in seen:
        seen.add(id(cause))
        error = cause
    return error
