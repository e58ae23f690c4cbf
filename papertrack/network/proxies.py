"""The proxies of the environment: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, and NO_PROXY.

httpx's own support is not used: it opens every proxy, needed or not, and rejects IPv6 networks in
NO_PROXY as invalid URLs (encode/httpx#3221).
"""

import re
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, getproxies_environment, proxy_bypass

_PORTS = {"http": 80, "https": 443}
_DEFAULT_PORTS = _PORTS | {"socks5": 1080, "socks5h": 1080}
# GNOME's settings write the first for SOCKS 5.
_ALIASES = {"socks": "socks5h"}


class ProxyError(Exception):
    """A proxy cannot be used; the message is one line with its address, without its password.

    If `temporary` is true, a retry may succeed.
    """

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary


def proxy_for(scheme: str, host: str, port: int | None) -> SplitResult | None:
    """Return the proxy for a server, with user and password, or None.

    Raises ProxyError if the environment has an invalid one.
    """
    if scheme not in _PORTS:
        return None
    proxies = getproxies()
    address = proxies.get(scheme) or proxies.get("all")
    if not address or _is_excluded(host, port or _PORTS[scheme], proxies.get("no", "")):
        return None
    name = f"{scheme.upper()}_PROXY" if proxies.get(scheme) else "ALL_PROXY"
    try:
        proxy = urlsplit(address if "://" in address else f"http://{address}")
        # A "#" or "/" in a password is parsed as the end of the host, which leaves an "@" later.
        valid = (
            bool(proxy.hostname) and proxy.port != 0 and not any("@" in part for part in proxy[2:])
        )
    except ValueError:
        valid = False
    if not valid:  # the message omits the address, as it may contain a password
        raise ProxyError(f"{name} is not an address of a proxy like http://127.0.0.1:3128")
    proxy = proxy._replace(scheme=_ALIASES.get(proxy.scheme, proxy.scheme))
    if proxy.scheme not in _DEFAULT_PORTS:
        known = ", ".join(_DEFAULT_PORTS)
        raise ProxyError(f"{name} has a proxy of an unknown type, {proxy.scheme}; known: {known}")
    return proxy


def public_address(proxy: SplitResult) -> str:
    """Return the address of a proxy without user and password."""
    host = f"[{proxy.hostname}]" if ":" in (proxy.hostname or "") else proxy.hostname
    return f"{proxy.scheme}://{host}:{proxy.port or _DEFAULT_PORTS[proxy.scheme]}"


def _is_excluded(host: str, port: int, no_proxy: str) -> bool:
    """Return whether a server is reached without a proxy.

    If no proxy variables are set, the settings of macOS or Windows decide.
    """
    host = host.strip("[]").lower()
    if not getproxies_environment():
        return bool(proxy_bypass(host))
    entries = filter(None, re.split(r"[,\s]+", no_proxy.lower()))
    return any(_is_match(entry, host, port) for entry in entries)


def _is_match(entry: str, host: str, port: int) -> bool:
    """Return whether an entry of NO_PROXY names a host.

    An entry is a host, an address or a network, also in brackets, or the end of a host's name; all
    but a network may be followed by a port.
    """
    name, entry_port = _without_port(entry.rpartition("://")[2])
    if entry_port and int(entry_port) != port:
        return False
    try:
        return ip_address(host) in ip_network(name, strict=False)
    except ValueError:  # one of the two is a name
        ending = name.removeprefix("*").lstrip(".")
        return name == "*" or host == ending or host.endswith(f".{ending}")


def _without_port(entry: str) -> tuple[str, str]:
    """Return the host, address or network of an entry without brackets, and its port or ""."""
    bracketed = re.fullmatch(r"\[(.*)\](/\d+)?(?::(\d+))?", entry)
    if bracketed:
        return f"{bracketed[1]}{bracketed[2] or ''}", bracketed[3] or ""
    plain = re.fullmatch(r"([^:]*):(\d+)", entry)  # with more colons it is an IPv6 address
    return (plain[1], plain[2]) if plain else (entry, "")
