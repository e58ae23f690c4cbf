"""Asking the configured sources from the command line, with progress on stderr."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from papertrack.calendar import Span
from papertrack.cli.exit_handling import print_error
from papertrack.cli.progress import progress
from papertrack.cli.session import Session
from papertrack.config import Config
from papertrack.errors import UsageError
from papertrack.source_registry import short_title
from papertrack.sources import Source, connect
from papertrack.sources.factory import make_source
from papertrack.tracker import Tracker
from papertrack.tracker.lookup import LookupResult, fetch_by_id, fetch_by_text
from papertrack.tracker.refresh import RefreshResult, due, refresh
from papertrack.tracker.requests import SourceRequest
from papertrack.tracker.wording import check_source, count

if TYPE_CHECKING:  # importing it would import the network
    from papertrack.sources.http import HttpClient

# What asking must leave of the deadline: for storing and showing what came.
_TO_FINISH = 1.0


def enabled_sources(config: Config, only: str | None = None) -> list[Source]:
    """Return the sources to fetch from; with `only`, that source.

    Raises UsageError if there is no such source or it is not enabled.
    """
    if only is not None:
        check_enabled(config, only)
    names = config.sources.enabled if only is None else (only,)
    return [make_source(name, config.sources[name]) for name in names]


def check_enabled(config: Config, name: str) -> None:
    """Raise UsageError if there is no source of that name, or it is not enabled."""
    enabled = config.sources.enabled
    if name not in enabled:
        check_source(name)
        raise UsageError(
            f"the source {name!r} is not enabled",
            f"enabled: {', '.join(enabled) or 'none'}",
            "enable it under sources: in the configuration; `papertrack sources` lists all",
        )


def due_requests(
    session: Session, tracker: Tracker, span: Span, only: str | None, begun: date | None
) -> list[SourceRequest]:
    """What is due of the enabled sources, or of that one, in a span of days; see `due`."""
    known = tracker.library.coverage(span)
    return [
        one
        for source in enabled_sources(session.config, only)
        for one in due(source, span, known, session.now, begun=begun)
    ]


def fetch_papers(
    session: Session, ids: Sequence[str], only: str | None, deadline: float | None
) -> LookupResult:
    """Get single papers from the enabled sources, and from arXiv even where it is not asked for
    its listings; with `only`, from that one.
    """
    sources = enabled_sources(session.config, only)
    if only is None and "arxiv" not in {one.name for one in sources}:
        sources.append(make_source("arxiv", session.config.sources["arxiv"]))
    return fetch_by_id(session.tracker(), sources, ids, lambda: _connected(session, deadline))


def find_papers(session: Session, text: str, deadline: float | None) -> LookupResult:
    """Let Hugging Face search, also where its listings are not asked for; store what comes."""
    source = make_source("huggingface", session.config.sources["huggingface"])
    return fetch_by_text(session.tracker(), [source], text, lambda: _connected(session, deadline))


def refresh_with_progress(
    session: Session,
    tracker: Tracker,
    wanted: Sequence[SourceRequest],
    *,
    deadline: float | None = None,
    rolling: bool = False,
) -> RefreshResult:
    """Ask for all this, newest first, within `deadline` seconds, else those of the configuration;
    where these are `rolling`, they begin anew with each answer that comes.
    """
    names = " and ".join(dict.fromkeys(short_title(one.source.name) for one in wanted))
    size = sum(one.size for one in wanted)
    with progress(session.anywhere, f"Asking {names}", size, _unit(wanted, size)) as told:
        refreshed = refresh(
            tracker, wanted, lambda: _connected(session, deadline, rolling=rolling), told
        )
    if session.anywhere.verbose:
        came = f"{count(refreshed.papers, 'paper')} came, {refreshed.new:,} of them new"
        print_error([f"asked {names} for {count(refreshed.asked, 'listing')}: {came}"])
    return refreshed


def _connected(session: Session, deadline: float | None, *, rolling: bool = False) -> "HttpClient":
    network = session.config.network
    whole = deadline or network.deadline_seconds
    left = max(whole - _TO_FINISH, whole / 2)
    return connect(network.user_agent, left, rolling=rolling and deadline is None)


def _unit(wanted: Sequence[SourceRequest], size: int) -> str:
    """What is counted: days, where each is asked for once."""
    days = {day for one in wanted for day in one.request.days}
    return "days" if len(days) == size else "listings"
