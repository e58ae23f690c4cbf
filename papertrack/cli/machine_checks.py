"""Checks of the machine that papertrack runs on, for `doctor`: proxies, terminal, versions."""

import os
import platform
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, requires, version
from shutil import get_terminal_size

from papertrack import __version__
from papertrack.results import CheckResult

_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_ANY_HOST = "example.org"
_PACKAGE = "papertrack-cli"


def check_network_settings() -> Iterator[CheckResult]:
    """Name the proxies of the environment, without passwords, and check the certificates."""
    from papertrack.network.certificates import ssl_context
    from papertrack.network.proxies import ProxyError, proxy_for, public_address

    for scheme in ("https", "http"):
        try:
            proxy = proxy_for(scheme, _ANY_HOST, None)
        except ProxyError as error:
            yield CheckResult("network", "problem", str(error), "correct or unset the variable")
        else:
            route = f"through the proxy {public_address(proxy)}" if proxy else "without a proxy"
            yield CheckResult("network", "ok", f"{scheme} {route}")
    try:
        ssl_context()
    except OSError as error:
        next_step = "correct or unset SSL_CERT_FILE and SSL_CERT_DIR"
        yield CheckResult("network", "problem", error.strerror or str(error), next_step)
    else:
        named = [os.environ[name] for name in _CERTIFICATES if os.environ.get(name)]
        message = f"trusted certificates: {', '.join(named) or 'those of the system'}"
        yield CheckResult("network", "ok", message)


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
    packages = ", ".join(_required_packages())
    if packages:
        yield CheckResult("versions", "ok", packages)


def _required_packages() -> Iterator[str]:
    """The names and versions of the packages that papertrack requires, without extras.

    Packages that are not installed are left out: other systems need them.
    """
    with suppress(PackageNotFoundError):
        for line in requires(_PACKAGE) or []:
            match = re.match(r"[\w.-]+", line)
            if match and "extra ==" not in line:
                with suppress(PackageNotFoundError):
                    yield f"{match[0]} {version(match[0])}"
