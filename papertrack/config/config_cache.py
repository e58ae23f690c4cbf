"""A configuration file as it was last read, so that yaml need not be imported again.

Importing yaml takes 20 ms, more than everything else that `today` does with a stored library.
What is remembered is one small JSON file in the user's cache folder. It is used only where the
file it came from is unchanged, and may be deleted at any time. Alert channels are left out: they
may name secrets, and no command that is started often needs them.
"""

import json
import os
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from papertrack import __version__
from papertrack.config.folders import user_folder
from papertrack.config.records import Config, Network, Sources, names_secret
from papertrack.models import Topic

Fingerprint = list[str | int | None]


def load_cached(path: str, environ: Mapping[str, str]) -> Config | None:
    """What the file at `path` said, without alerts; None where that is not known for certain."""
    try:
        with open(_memory(path, environ), "rb") as file:
            stored = json.load(file)
        if stored["of"] == fingerprint_of(path, environ):
            return _config(stored["config"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return None


def save_cached(config: Config, path: str, environ: Mapping[str, str], mark: Fingerprint) -> None:
    """Keep what the file at `path` said when it bore that mark. Not where a value comes from the
    environment, which may change without the file, where a source holds a password, or where the
    cache cannot be written.
    """
    if _may_hold_secrets(config.sources):
        return
    with suppress(OSError):
        with open(path, "rb") as file:
            if b"$" in file.read():
                return
        memory = _memory(path, environ)
        os.makedirs(os.path.dirname(memory), mode=0o700, exist_ok=True)
        new = f"{memory}.{os.getpid()}"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            stored = {"of": mark, "config": _stored(config)}
            json.dump(stored, file)
        os.replace(new, memory)


def fingerprint_of(path: str, environ: Mapping[str, str]) -> Fingerprint:
    """What changes when the file at `path`, or the meaning of a tilde in it, does."""
    try:
        found = os.stat(path)
    except OSError:
        return []
    stamp = [found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino]
    return [__version__, os.path.abspath(path), environ.get("HOME"), *stamp]


def _memory(path: str, environ: Mapping[str, str]) -> str:
    name = zlib.crc32(os.fsencode(os.path.abspath(path)))
    return os.path.join(user_folder("cache", environ), f"config-{name:08x}.json")


def _stored(config: Config) -> dict[str, Any]:
    return {
        "path": config.path,
        "library": config.library,
        "sources": config.sources.written,
        "topics": [topic._asdict() for topic in config.topics],
        "network": config.network._asdict(),
        "log": config.log,
    }


def _config(stored: dict[str, Any]) -> Config:
    return Config(
        path=stored["path"],
        library=stored["library"],
        sources=Sources({name: _tuples(keys) for name, keys in stored["sources"].items()}),
        topics=tuple(Topic(**_tuples(topic)) for topic in stored["topics"]),
        network=Network(**stored["network"]),
        log=stored["log"],
    )


def _may_hold_secrets(sources: Sources) -> bool:
    """Whether an "@" may end the password of an address, or a key of a source names a secret."""
    keys = (key for written in sources.written.values() for key in written)
    return "@" in json.dumps(sources.written) or any(map(names_secret, keys))


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(one) if isinstance(one, list) else one for key, one in fields.items()}
