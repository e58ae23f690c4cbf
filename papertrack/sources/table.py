"""Every source there is: those of papertrack in one table, those of other packages as plugins.

A plugin is a package with an entry point of the group `papertrack.sources`:

    [project.entry-points."papertrack.sources"]
    zenodo = "papertrack_zenodo:Zenodo"

Its name is the `name` of the source, and that of its group of keys under `sources:` in the
configuration. Its object, a class or a function, is called with these keys, without `enabled`, as a
mapping in which lists are tuples, and returns a `Source`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from papertrack.config.installed import GROUP, provided
from papertrack.config.records import AnySource, PluginSource
from papertrack.errors import UsageError
from papertrack.sources import Source
from papertrack.text import clean, shorten

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

# By name: the module and the class, which has a parameter for each setting of the configuration.
TABLE: Mapping[str, tuple[str, str]] = {
    "huggingface": ("papertrack.sources.huggingface", "HuggingFace"),
    "arxiv": ("papertrack.sources.arxiv", "ArXiv"),
    "biorxiv": ("papertrack.sources.biorxiv", "BioRxiv"),
    "medrxiv": ("papertrack.sources.biorxiv", "MedRxiv"),
}
# Settings for those who use what a source lists, not for the source.
_NOT_ITS_OWN = ("enabled", "cross_lists")


def names() -> tuple[str, ...]:
    """The names of papertrack's own sources."""
    return tuple(TABLE)


def make(name: str, settings: AnySource) -> Source:
    """The source `name` with its settings from the configuration; no other source is imported.

    Raises UsageError where there is none of that name, and where its plugin does not work.
    """
    if name in TABLE:
        return _made(name, settings)
    plugin = plugins().get(name)
    if plugin is None:
        raise UsageError(
            f"no such source: {name!r}",
            f"papertrack has {', '.join(TABLE)}; no installed package provides it",
        )
    given = settings.settings if isinstance(settings, PluginSource) else ()
    return _plugged(plugin, dict(given))


def plugins() -> "dict[str, EntryPoint]":
    """What installed packages provide, by the name of the source. One with the name of a source in
    the table is left out, as it may not stand in for that. It takes a while to look for them.
    """
    return {name: plugin for name, plugin in provided().items() if name not in TABLE}


def _made(name: str, settings: AnySource) -> Source:
    from importlib import import_module

    module, cls = TABLE[name]
    given = {key: one for key, one in settings._asdict().items() if key not in _NOT_ITS_OWN}
    source: Source = getattr(import_module(module), cls)(**given)
    return source


def _plugged(plugin: "EntryPoint", settings: Mapping[str, object]) -> Source:
    try:
        source = plugin.load()(settings)
    except Exception as error:  # whatever it is, it is the plugin's
        reason = shorten(clean(f"{type(error).__name__}: {error}"), 200)
        raise _useless(plugin, reason) from error
    if not isinstance(source, Source):
        raise _useless(plugin, f"it gives a {type(source).__name__}, not a papertrack Source")
    # Its papers and its state are stored under this name.
    if getattr(source, "name", None) != plugin.name:
        raise _useless(plugin, "its source bears another name than its entry point")
    if not isinstance(getattr(source, "title", None), str):
        raise _useless(plugin, "its source has no title")
    return source


def _useless(plugin: "EntryPoint", reason: str) -> UsageError:
    package = plugin.dist.name if plugin.dist else "an unknown package"
    return UsageError(
        f"the source {plugin.name!r} of {package} does not work",
        reason,
        f"update {package}, or disable the source; its entry point of {GROUP} is {plugin.value}",
    )
