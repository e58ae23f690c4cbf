"""What a schedule needs of the present environment: an installed program, proxies, certificates."""

import os
import sys
from collections.abc import Mapping
from pathlib import PurePath
from shutil import which

from papertrack.errors import UsageError

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_CACHE_VARIABLES = ("UV_CACHE_DIR", "XDG_CACHE_HOME")
# Folders for caches: of Linux, with those of uvx and `pipx run`; of macOS; of uv on Windows.
_CACHE_FOLDERS = ((".cache",), ("Caches",), ("uv", "cache"))


def command_of_this_program() -> list[str]:
    """The command that starts this program, with absolute paths."""
    program = which(sys.argv[0])
    return [os.path.abspath(program)] if program else [sys.executable, "-m", "papertrack"]


def network_variables(environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The variables that requests depend on, with absolute paths.

    For proxies, names in lower case count as well, and take precedence as in curl.
    """
    proxies = [
        (name, environ[name])
        for upper in _PROXIES
        for name in (upper.lower(), upper)
        if environ.get(name)
    ]
    # On Windows, both are one variable.
    by_name = {name.upper(): (name, value) for name, value in reversed(proxies)}
    paths = [(name, os.path.abspath(environ[name])) for name in _CERTIFICATES if environ.get(name)]
    return (*(by_name[name] for name in _PROXIES if name in by_name), *paths)


def check_is_installed(program: str, environ: Mapping[str, str]) -> None:
    """Raise UsageError for a program in a cache folder, which will not stay there."""
    parts = PurePath(program).parts
    is_cached = any(
        parts[start : start + len(folder)] == folder
        for folder in _CACHE_FOLDERS
        for start in range(len(parts))
    )
    roots = [environ[name] for name in _CACHE_VARIABLES if environ.get(name)]
    if is_cached or any(PurePath(program).is_relative_to(os.path.abspath(root)) for root in roots):
        raise UsageError(
            "cannot schedule a program that is in a cache folder, from which it may vanish",
            program,
            "install it: uv tool install papertrack-cli, or pipx install papertrack-cli",
        )
