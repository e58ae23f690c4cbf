"""The one configuration file: where it lies, what it says, and everything wrong with it.

Every command works without a file, and most runs need only the records; so nothing here imports
yaml or platformdirs before it must: each process start would pay for it.
"""

import os
from collections.abc import Mapping

from papertrack.config.folders import user_folder
from papertrack.config.records import Alerts, Config

__all__ = [
    "Config",
    "example",
    "example_text",
    "explain",
    "exposure_warning",
    "load",
    "load_for_papers",
    "resolve_library",
    "resolve_path",
]

_FOLDER = os.path.dirname(__file__)
# A wheel has a copy of the file that stands at the top of a checkout.
_EXAMPLES = (
    os.path.join(_FOLDER, "example.yaml"),
    os.path.join(os.path.dirname(os.path.dirname(_FOLDER)), "config.example.yaml"),
)


def load(path: str | None) -> Config:
    """What the file at `path` says, or the defaults where `path` is None.

    Raises ConfigError with every problem of the file in the order of its lines. Line 0 means that
    the file could not be opened, path "file" that the problem concerns it as a whole.
    """
    if path is None:
        return Config()
    from papertrack.config.parsing import read_config

    return read_config(path)


def load_for_papers(path: str | None, environ: Mapping[str, str]) -> Config:
    """As `load`, but without the alerts, and remembered from the last time where the file is
    unchanged: for the commands that read papers and are started often.
    """
    if path is None:
        return Config()
    from papertrack.config.config_cache import fingerprint_of, load_cached, save_cached

    config = load_cached(path, environ)
    if config is None:
        mark = fingerprint_of(path, environ)
        config = load(path)._replace(alerts=Alerts())
        save_cached(config, path, environ, mark)
    return config


def resolve_path(explicit: str | None, environ: Mapping[str, str]) -> tuple[str, bool]:
    """Where the configuration lies, and whether the user asked for that very file: `--config`,
    else $PAPERTRACK_CONFIG, else `config.yaml` in the user's configuration directory.

    A file that was not asked for may be missing; then `load(None)` has the defaults.
    """
    asked = explicit or environ.get("PAPERTRACK_CONFIG")
    if asked:
        return os.path.expanduser(asked), True
    return os.path.join(user_folder("config", environ), "config.yaml"), False


def resolve_library(explicit: str | None, environ: Mapping[str, str], config: Config) -> str:
    """The folder of all stored data: `--library`, else $PAPERTRACK_LIBRARY, else `library:` of
    the configuration, else the user's data directory.
    """
    asked = explicit or environ.get("PAPERTRACK_LIBRARY")
    if asked:
        # A crontab sets variables without a shell that would expand the tilde.
        return os.path.expanduser(asked)
    if config.library:
        return config.library
    return user_folder("data", environ)


def explain(config: Config) -> str:
    """Every value in effect as YAML that loads again, defaults marked, secrets as ***."""
    from papertrack.config.rendering import to_yaml

    return to_yaml(config)


def exposure_warning(config: Config) -> str | None:
    """A warning where others can read a secret in the file of a whole configuration, else None."""
    from papertrack.config.exposure import exposure_warning as warning_of

    return warning_of(config)


def example_text() -> str:
    """The example file: every key with a comment; it loads as it stands."""
    with open(_example_path(), encoding="utf-8") as file:
        return file.read()


def example() -> Config:
    """What the example file says, for showing something where nothing is configured."""
    return load(_example_path())


def _example_path() -> str:
    return next(filter(os.path.exists, _EXAMPLES))
