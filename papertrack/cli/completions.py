"""Tab completion of topics, tags and papers; nothing if configuration or library fail."""

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

import typer

from papertrack.errors import PapertrackError
from papertrack.identifiers import is_safe_argument

if TYPE_CHECKING:  # imported when the shell completes
    from papertrack.cli.session import Session
    from papertrack.models import Entry

_MAX_IDS = 30
_DAYS = 7  # listing days whose papers are completed


def complete_topics(context: typer.Context, prefix: str) -> list[str]:
    """The names of configured topics that start with a prefix."""
    with suppress(PapertrackError):
        names = [topic.name for topic in _session(context).config.topics]
        return [name for name in names if name.casefold().startswith(prefix.casefold())]
    return []


def complete_sources(context: typer.Context, prefix: str) -> list[str]:
    """The names of all sources, those of configured feeds included, that start with a prefix."""
    from papertrack.source_registry import names

    with suppress(PapertrackError):
        _session(context)  # registers the feeds
    return [name for name in names() if name.startswith(prefix)]


def complete_tags(context: typer.Context, prefix: str) -> list[str]:
    """The tags in use that start with a prefix."""
    with suppress(PapertrackError):
        states = _session(context).library().states().values()
        return sorted({tag for state in states for tag in state.tags if tag.startswith(prefix)})
    return []


def complete_ids(context: typer.Context, prefix: str) -> list[tuple[str, str]]:
    """The ids, with titles, that start with a prefix: of the last table, then of recent papers."""
    with suppress(PapertrackError):
        entries = (e for e in _recent(_session(context)) if is_safe_argument(e.paper.id))
        papers = ((e.paper.id, e.paper.title) for e in entries)
        return list(islice((pair for pair in papers if pair[0].startswith(prefix)), _MAX_IDS))
    return []


def _recent(session: "Session") -> "Iterator[Entry]":
    """The papers of the last table on this terminal, then those listed last, each once."""
    from papertrack.cli import printed_rows

    library = session.library()
    shown = library.entries(printed_rows.last_rows(os.environ))
    yield from shown.values()
    known = set(shown)
    for day in reversed(library.listing_days()[-_DAYS:]):
        for entry in library.briefs(day):
            if entry.paper.id not in known:
                known.add(entry.paper.id)
                yield entry


def _session(context: typer.Context) -> "Session":
    """The session of the command line that is being completed. Raises PapertrackError."""
    from papertrack.cli.global_options import GlobalOptions
    from papertrack.cli.session import start

    given = context.find_root().params
    return start(GlobalOptions(config=given.get("_config"), library=given.get("_library")))
