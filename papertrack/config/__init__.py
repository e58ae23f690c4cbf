"""The configuration file: finding, reading, checking and editing it.

`load` returns a `Config` or raises ConfigError with every problem of the file; `load_for_papers` is
the cached form for commands that start often. `rewriting` adds, edits and removes topics in the
text of the file. Sources, channels and every layer above may import this package; it imports only
modules of the lowest layer.

Every command works without a file, and most runs need only the records. So yaml and platformdirs
are imported inside functions: at module level they would slow down every start.
"""

import os
from collections.abc import Mapping

from papertrack.config.folders import expand_home, user_folder
from papertrack.config.records import Alerts, Config
from papertrack.source_registry import register_feeds

__all__ = [
    "Config",
    "effective_yaml",
    "example_text",
    "exposure_warning",
    "load",
    "load_for_papers",
    "resolve_library",
    "resolve_path",
]

_FOLDER = os.path.dirname(__file__)
# A wheel contains a copy of the file at the top of a checkout.
_EXAMPLES = (
    os.path.join(_FOLDER, "example.yaml"),
    os.path.join(os.path.dirname(os.path.dirname(_FOLDER)), "config.example.yaml"),
)


def load(path: str | None) -> Config:
    """Return the configuration in the file at `path`, or the defaults if `path` is None.

    Raises ConfigError with all problems of the file, ordered by line. Line 0 means that the file
    could not be opened; the path "file" means that a problem is not that of a key.
    """
    if path is None:
        register_feeds(())
        return Config()
    from papertrack.config.parsing import read_config

    return read_config(path)


def load_for_papers(path: str | None, environ: Mapping[str, str]) -> Config:
    """Return the configuration without alerts, from the cache if the file is unchanged.

    For commands that read papers and start often. Raises ConfigError like `load`.
    """
    if path is None:
        return load(None)
    from papertrack.config.config_cache import fingerprint_of, load_cached, save_cached

    config = load_cached(path, environ)
    if config is not None:
        register_feeds(feed.name for feed in config.sources.feeds)
    else:
        fingerprint = fingerprint_of(path, environ)
        config = load(path)._replace(alerts=Alerts())
        save_cached(config, path, environ, fingerprint)
    return config


def resolve_path(explicit: str | None, environ: Mapping[str, str]) -> tuple[str, bool]:
    """Return the path of the configuration file and whether the user named that file.

    It is `--config`, else $PAPERTRACK_CONFIG, else `config.yaml` in the user's configuration
    directory. A file that the user did not name may be missing; `load(None)` returns the defaults.
    """
    named = explicit or environ.get("PAPERTRACK_CONFIG")
    if named:
        return expand_home(named), True
    return os.path.join(user_folder("config", environ), "config.yaml"), False


def resolve_library(explicit: str | None, environ: Mapping[str, str], config: Config) -> str:
    """Return the folder of all stored data.

    It is `--library`, else $PAPERTRACK_LIBRARY, else `library:` of the configuration, else the
    user's data directory.
    """
    named = explicit or environ.get("PAPERTRACK_LIBRARY")
    if named:
        # A crontab sets variables without a shell that would expand the tilde.
        return expand_home(named)
    if config.library:
        return config.library
    return user_folder("data", environ)


def effective_yaml(config: Config) -> str:
    """Every effective value as YAML that loads again; defaults are marked, secrets are ***."""
    from papertrack.config.rendering import to_yaml

    return to_yaml(config)


def exposure_warning(config: Config) -> str | None:
    """A warning if other users can read a secret in the configuration file, else None.

    `config` must include its alerts.
    """
    from papertrack.config.exposure import exposure_warning as warning_of

    return warning_of(config)


def example_text() -> str:
    """The text of the example file: every key with a comment. It loads without changes."""
    with open(next(filter(os.path.exists, _EXAMPLES)), encoding="utf-8") as file:
        return file.read()
