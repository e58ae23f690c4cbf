"""A cache of the parsed configuration, so that most runs need not import yaml.

Importing yaml takes 20 ms, more than everything else that `today` does with a stored library. The
cache is one small JSON file per configuration file in the user's cache folder. It is used only
while the fingerprint of the configuration file is unchanged, and only if file and folder are the
user's and nobody else may write to them: it decides where papertrack connects and stores. It may be
deleted at any time. Alert channels are not cached: they may name secrets, and no command that
starts often needs them.
"""

import json
import os
import stat
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from papertrack import __version__
from papertrack.config.folders import is_private, is_private_folder, user_folder
from papertrack.config.records import (
    Browse,
    Config,
    FeedSettings,
    Network,
    Pdf,
    Site,
    Sources,
    names_secret,
)
from papertrack.models import Topic

_MAX_SIZE = 2**20  # bytes of a configuration file
Fingerprint = list[str | int | None]


def load_cached(path: str, environ: Mapping[str, str]) -> Config | None:
    """Return the cached configuration without alerts, None if the cache is not usable."""
    cache = _cache_path(path, environ)
    try:
        if not is_private_folder(os.path.dirname(cache)):
            return None
        with open(cache, "rb", opener=_open_nonblocking) as file:
            status = os.fstat(file.fileno())
            if not (stat.S_ISREG(status.st_mode) and is_private(status)):
                return None
            stored = json.load(file)
        if stored["of"] == fingerprint_of(path, environ):
            return _to_config(stored["config"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return None


def save_cached(
    config: Config, path: str, environ: Mapping[str, str], fingerprint: Fingerprint
) -> None:
    """Cache the configuration of the file at `path` with the fingerprint of that file.

    Nothing is cached if a value comes from the environment, which the fingerprint does not include,
    if a source may contain a password, or if the cache cannot be written safely.
    """
    if not fingerprint or _may_contain_secrets(config.sources):
        return
    with suppress(OSError):
        with open(path, "rb") as file:
            if _may_use_environment(file.read()):
                return
        cache = _cache_path(path, environ)
        folder = os.path.dirname(cache)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not is_private_folder(folder):
            return
        from papertrack.storage.files import replace_cache

        body = json.dumps({"of": fingerprint, "config": _to_json(config)})
        replace_cache(cache, body.encode())


def _may_use_environment(text: bytes) -> bool:
    """Whether a value in a file of YAML, as opposed to a comment, has the sign of a variable."""
    if b"$" not in text:
        return False
    import yaml  # The file was just parsed, so it is imported already.

    scalars = (token for token in yaml.scan(text) if isinstance(token, yaml.ScalarToken))
    return any("$" in scalar.value for scalar in scalars)


def fingerprint_of(path: str, environ: Mapping[str, str]) -> Fingerprint:
    """A value that changes with the file at `path` and with the expansion of a tilde in it.

    Empty for what is not a regular file of reasonable size, whose content is not cached.
    """
    try:
        status = os.stat(path)
        # A pipe can be read only once, and a larger file is refused.
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_SIZE:
            return []
        with open(path, "rb", opener=_open_nonblocking) as file:
            content = zlib.crc32(file.read())
    except OSError:
        return []
    stamp = [status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, content]
    return [__version__, os.path.abspath(path), environ.get("HOME"), *stamp]


def _cache_path(path: str, environ: Mapping[str, str]) -> str:
    name = zlib.crc32(os.fsencode(os.path.abspath(path)))
    return os.path.join(user_folder("cache", environ), f"config-{name:08x}.json")


def _open_nonblocking(path: str, flags: int) -> int:
    """Open a file; opening a named pipe does not wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _to_json(config: Config) -> dict[str, Any]:
    return {
        "path": config.path,
        "library": config.library,
        "sources": config.sources.keys_by_source,
        "feeds": config.sources.feeds,
        "topics": [topic._asdict() for topic in config.topics],
        "network": config.network._asdict(),
        "pdf": config.pdf._asdict(),
        "site": config.site._asdict(),
        "log": config.log,
        "pager": config.pager,
        "links": config.links,
        "read_on_open": config.read_on_open,
        "recommend": config.recommend,
        "browse": {"keys": dict(config.browse.keys)},
    }


def _to_config(stored: dict[str, Any]) -> Config:
    return Config(
        path=stored["path"],
        library=stored["library"],
        sources=Sources(
            {name: _tuples(keys) for name, keys in stored["sources"].items()},
            tuple(FeedSettings(*feed) for feed in stored["feeds"]),
        ),
        topics=tuple(Topic(**_tuples(topic)) for topic in stored["topics"]),
        network=Network(**stored["network"]),
        pdf=Pdf(**stored["pdf"]),
        site=Site(**stored["site"]),
        log=stored["log"],
        pager=stored["pager"],
        links=stored["links"],
        read_on_open=stored["read_on_open"],
        recommend=stored["recommend"],
        browse=Browse(_tuples(stored["browse"]["keys"])),
    )


def _may_contain_secrets(sources: Sources) -> bool:
    """Whether an "@" may end the password of a URL, or the name of a key suggests a secret.

    The address of a feed may have a secret as a parameter.
    """
    keys_by_source = sources.keys_by_source
    names = (name for keys in keys_by_source.values() for name in keys)
    addresses = [feed.url for feed in sources.feeds]
    return (
        "@" in json.dumps([keys_by_source, addresses])
        or any(map(_has_secret_parameter, addresses))
        or any(map(names_secret, names))
    )


def _has_secret_parameter(url: str) -> bool:
    parameters = url.partition("?")[2].split("&")
    return any(names_secret(parameter.partition("=")[0]) for parameter in parameters)


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()
    }
