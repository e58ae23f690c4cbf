"""The factory that builds a source from its settings."""

from typing import Any

from papertrack.errors import FOREIGN_ERRORS, UsageError
from papertrack.source_registry import (
    BUILT_IN,
    GROUP,
    SourceSpec,
    feeds,
    find_source,
    names,
)
from papertrack.sources import Source
from papertrack.text import clean, shorten


def make_source(name: str, settings: Any) -> Source:
    """Build the source `name` from its settings in the configuration, importing no other source.

    Raises UsageError if there is no source of that name, or if its plugin fails. A plugin that does
    not finish in time is a source all of whose requests fail.
    """
    spec = find_source(name)
    if spec is None:
        raise UsageError(
            f"no such source: {name!r}",
            f"sources: {', '.join(names())}; no installed package provides another",
        )
    if name in BUILT_IN or name in feeds():
        source: Source = spec.load()(settings)
        return source
    return _make_plugin(spec, settings)


def _make_plugin(spec: SourceSpec, settings: Any) -> Source:
    from papertrack.sources.plugin_source import HangingSource, PluginSource

    try:
        make = spec.load()
        source = spec.run(lambda: make(settings))
    except TimeoutError as error:
        return HangingSource(spec, str(error))
    except FOREIGN_ERRORS as error:
        reason = shorten(clean(f"{type(error).__name__}: {error}"), 200)
        raise _plugin_error(spec, reason) from error
    if not isinstance(source, Source):
        raise _plugin_error(spec, f"it returns a {type(source).__name__}, not a papertrack Source")
    # Its papers and its coverage are stored under this name.
    if getattr(source, "name", None) != spec.name:
        raise _plugin_error(spec, "the name of its source differs from its entry point")
    return PluginSource(source, spec)


def _plugin_error(spec: SourceSpec, reason: str) -> UsageError:
    return UsageError(
        f"the source {spec.name!r} of {spec.package} does not work",
        reason,
        f"update {spec.package}, or disable the source; its entry point in {GROUP}: {spec.target}",
    )
