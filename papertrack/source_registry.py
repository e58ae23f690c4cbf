"""The source registry: the facts about each source that are needed before it is imported.

A built-in source is a line of `BUILT_IN`. A source of another package is a plugin, registered by an
entry point of the group `papertrack.sources`:

    [project.entry-points."papertrack.sources"]
    zenodo = "papertrack_zenodo:Zenodo"

Both name a subclass of `papertrack.sources.Source`, which is called with its settings. Its
`settings_type` and `schema` describe its keys under `sources:` in the configuration. A class
without them is called with a mapping of the configured keys, in which lists are tuples. A plugin
may also name a function that takes such a mapping and returns a Source.

A feed of the configuration is a source, too. Its name is registered when the configuration is read,
so that every command knows it.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_T = TypeVar("_T")
GROUP = "papertrack.sources"
# The origin of imported papers that no source listed. It cannot be fetched from.
IMPORT = "import"
# That of papers imported as starred: the reader's own, which are no news.
PROFILE = "profile"
_IMPORT_TITLES = {IMPORT: "imported", PROFILE: "imported as starred"}


class SourceSpec(NamedTuple):
    """The facts about a source that do not require importing it.

    `name` is for scripts and the configuration, the titles are for people. `target` is the class
    of the source as "module:class". `enabled` is the default of the configuration key. `counted`
    means that its papers have counts such as upvotes, and `ranking` that it ranks papers instead of
    listing them; see papertrack.sources.Source.
    """

    name: str
    title: str
    short_title: str
    target: str
    enabled: bool = False
    counted: bool = False
    ranking: bool = False
    package: str = "papertrack"

    def load(self) -> Any:
        """Import the class of the source.

        Raises whatever the module of a plugin raises, and TimeoutError if its import does not end.
        """
        return self.run(self._import)

    def run(self, work: Callable[[], _T]) -> _T:
        """Run code of the source; as long as it takes, or if it is a plugin, as `run_plugin`."""
        if self.name in BUILT_IN or self.name in _feeds:
            return work()
        from papertrack.plugins import run_plugin  # not at the top: few starts need plugins

        return run_plugin(self.name, work)

    def _import(self) -> Any:
        from importlib import import_module

        module, _, attribute = self.target.partition("[")[0].partition(":")
        loaded = import_module(module.strip())
        for part in filter(None, attribute.strip().split(".")):
            loaded = getattr(loaded, part)
        return loaded


BUILT_IN = {
    spec.name: spec
    for spec in (
        SourceSpec(
            "huggingface",
            "Hugging Face Daily Papers",
            "Hugging Face",
            "papertrack.sources.huggingface:HuggingFace",
            enabled=True,
            counted=True,
        ),
        SourceSpec("arxiv", "arXiv", "arXiv", "papertrack.sources.arxiv:ArXiv"),
        SourceSpec("biorxiv", "bioRxiv", "bioRxiv", "papertrack.sources.biorxiv:BioRxiv"),
        SourceSpec("medrxiv", "medRxiv", "medRxiv", "papertrack.sources.biorxiv:MedRxiv"),
        SourceSpec(
            "paperswithcode",
            "Papers with Code, trending",
            "Papers with Code",
            "papertrack.sources.paperswithcode:PapersWithCode",
            ranking=True,
        ),
    )
}


_feeds: dict[str, SourceSpec] = {}


def register_feeds(feed_names: Iterable[str]) -> None:
    """Let the feeds of these names, and no others, be known as sources to this process."""
    _feeds.clear()
    for name in feed_names:
        _feeds[name] = SourceSpec(
            name, name, name, "papertrack.sources.feed:FeedSource", enabled=True
        )


def feeds() -> tuple[str, ...]:
    """Return the names of the feeds in the configuration that was read last."""
    return tuple(_feeds)


def plugins() -> tuple[str, ...]:
    """Return the names of the sources that installed packages provide, without importing them.

    A plugin cannot replace a built-in source, so a plugin with such a name is left out. Slow.
    """
    return tuple(name for name in installed() if name not in _feeds)


def installed() -> tuple[str, ...]:
    """Return the names that no feed can have, as installed packages provide such a source. Slow."""
    return tuple(name for name in _entry_points() if name not in BUILT_IN)


def names() -> tuple[str, ...]:
    """Return the names of all sources, plugins last. Slow, as it looks for plugins."""
    return (*BUILT_IN, *_feeds, *plugins())


def find_source(name: str) -> SourceSpec | None:
    """Return the source of that name, or None. A plugin is imported to read its titles."""
    if name in BUILT_IN:
        return BUILT_IN[name]
    if name in _feeds:
        return _feeds[name]
    entry_point = _entry_points().get(name)
    return _plugin_spec(entry_point) if entry_point else None


def title(name: str) -> str:
    """Return the title of a source, or its name if no such source is installed."""
    spec = find_source(name)
    return spec.title if spec else name


def short_title(name: str) -> str:
    """Return the title of a source for lists and sentences, or its name as `title` does."""
    if name in _IMPORT_TITLES:
        return _IMPORT_TITLES[name]
    spec = find_source(name)
    return spec.short_title if spec else name


def is_counted(name: str) -> bool:
    """Return whether papers of a source have counts from which a trend can be computed."""
    spec = find_source(name)
    return spec is not None and spec.counted


def is_ranking(name: str) -> bool:
    """Return whether a source ranks papers instead of listing them; only built-in ones do."""
    return name in BUILT_IN and BUILT_IN[name].ranking


def class_attribute(name: str, attribute: str) -> Any:
    """Return an attribute of the class of a source, or None.

    None if no such source is installed, it has no such attribute, or its plugin cannot be
    imported, which is reported when the source is used.
    """
    spec = find_source(name)
    with suppress(Exception, SystemExit):
        return getattr(spec.load(), attribute, None) if spec else None
    return None


def run_code_of(name: str, work: Callable[[], _T]) -> _T:
    """Run code of an installed source as SourceSpec.run."""
    spec = find_source(name)
    return spec.run(work) if spec else work()


def settings_of(name: str, values: Mapping[str, Any]) -> Any:
    """Return the settings record of a source, with these values and its defaults.

    Returns a copy of the values if the source has no settings record, or one with other fields.
    """
    settings_type = class_attribute(name, "settings_type")
    with suppress(TypeError):
        if settings_type:
            return run_code_of(name, lambda: settings_type(**values))
    return dict(values)


def _entry_points() -> "dict[str, EntryPoint]":
    from papertrack.plugins import entry_points  # not at the top: few starts need plugins

    return entry_points(GROUP)


def _plugin_spec(entry_point: "EntryPoint") -> SourceSpec:
    spec = SourceSpec(
        name=entry_point.name,
        title=entry_point.name,
        short_title=entry_point.name,
        target=entry_point.value,
        package=entry_point.dist.name if entry_point.dist else "an unknown package",
    )
    with suppress(Exception, SystemExit):  # a broken plugin is reported when the source is used
        loaded = spec.load()
        title = str(getattr(loaded, "title", None) or entry_point.name)
        short_title = str(getattr(loaded, "short_title", None) or title)
        counted = bool(getattr(loaded, "counted", False))
        return spec._replace(title=title, short_title=short_title, counted=counted)
    return spec
