"""Checks of the machine that papertrack runs on, for `doctor`: proxies, terminal, versions."""

import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from shutil import get_terminal_size
from urllib.parse import urlsplit

from papertrack import __version__
from papertrack.results import CheckResult

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_PACKAGE = "papertrack-cli"


def check_network_settings(environ: Mapping[str, str]) -> Iterator[CheckResult]:
    """Name the proxies and certificates that the environment sets, without passwords."""
    for name in _PROXIES:
        value = environ.get(name) or environ.get(name.lower(), "")
        if not value:
            continue
        if name == "NO_PROXY":
            yield CheckResult("network", "ok", f"no proxy for {value}")
        elif address := _without_password(value):
            yield CheckResult("network", "ok", f"proxy {address} ({name})")
        else:
            message, next_step = f"{name} is not a valid address", "write it as http://host:port"
            yield CheckResult("network", "problem", message, next_step)
    settings = {name: environ[name] for name in _CERTIFICATES if environ.get(name)}
    for name, path in settings.items():
        if os.path.exists(path):
            yield CheckResult("network", "ok", f"certificates in {path} ({name})")
        else:
            message = f"certificates: {path} does not exist ({name})"
            yield CheckResult("network", "warning", message, f"correct or unset {name}")
    if not settings:
        yield CheckResult("network", "ok", "certificates of the package certifi")


def check_terminal(environ: Mapping[str, str], *, color: bool, links: bool) -> CheckResult:
    """Describe the terminal: its type, width, encoding, colours and hyperlinks."""
    if not sys.stdout.isatty():
        return CheckResult("terminal", "ok", "standard output is not a terminal; it gets UTF-8")
    encoding = sys.stdout.encoding.lower()
    color = color and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    abilities = (
        environ.get("TERM") or "TERM is not set",
        f"{get_terminal_size().columns} columns",
        encoding,
        "colours" if color else "no colours",
        "hyperlinks" if links else "no hyperlinks",
    )
    message = ", ".join(abilities)
    if encoding.replace("-", "") != "utf8":
        return CheckResult("terminal", "warning", message, "set PYTHONUTF8=1 for names and symbols")
    return CheckResult("terminal", "ok", message)


def check_versions() -> Iterator[CheckResult]:
    """Name the versions of papertrack, Python and the packages that papertrack requires."""
    import sqlite3

    python = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    system = f"{platform.system()} {platform.release()}"
    yield CheckResult("versions", "ok", f"papertrack {__version__}, {python}, {system}")
    packages = [f"{name} {_version(name)}" for name in _required_packages()]
    if packages:
        yield CheckResult("versions", "ok", ", ".join(packages))


def _required_packages() -> list[str]:
    """The packages that papertrack requires, without those of extras; none if not installed."""
    try:
        lines = requires(_PACKAGE) or []
    except PackageNotFoundError:
        return []
    needed = (line for line in lines if "extra ==" not in line)
    return [match[0] for line in needed if (match := re.match(r"[\w.-]+", line))]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def _without_password(url: str) -> str:
    """The address of a proxy without user and password; "" if it is not valid."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else ""
