"""Fetch from the configured sources, with progress on stderr."""

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING

from papertrack.calendar import Span
from papertrack.cli.exit_handling import print_message
from papertrack.cli.progress import ProgressCallback, progress
from papertrack.cli.session import Session
from papertrack.config import Config
from papertrack.errors import UsageError
from papertrack.source_registry import is_ranking, short_title
from papertrack.sources import Source, connect
from papertrack.sources.factory import make_source
from papertrack.tracker import Tracker
from papertrack.tracker.lookup import LookupResult, fetch_by_id, fetch_by_text
from papertrack.tracker.refresh import RefreshResult, refresh, requests_due
from papertrack.tracker.requests import SourceRequest
from papertrack.tracker.watching import check_starred, papers_to_check
from papertrack.tracker.wording import count, require_source

if TYPE_CHECKING:  # importing it would import the HTTP library
    from papertrack.sources.http import HttpClient

_LEAST_SECONDS = 5.0  # for starred papers
_TO_FINISH = 1.0  # seconds of the deadline reserved for storing and showing papers


def enabled_sources(config: Config, only: str | None = None) -> list[Source]:
    """Return the sources to fetch listings from; with `only`, that source.

    Raises UsageError if there is no such source, it is not enabled, or it lists no papers.
    """
    if only is not None:
        check_enabled(config, only)
        require_source(only)
    names = config.sources.enabled if only is None else (only,)
    return [make_source(name, config.sources[name]) for name in names]


def ranking_sources(config: Config) -> list[Source]:
    """Return the enabled sources that rank papers instead of listing them."""
    return [make_source(name, config.sources[name]) for name in config.sources.rankings]


def check_enabled(config: Config, name: str) -> None:
    """Raise UsageError if there is no source with a name, or it is not enabled."""
    enabled = (*config.sources.enabled, *config.sources.rankings)
    if name not in enabled:
        if not is_ranking(name):
            require_source(name)
        raise UsageError(
            f"the source {name!r} is not enabled",
            f"enabled: {', '.join(enabled) or 'none'}",
            "enable it under sources: in the configuration; `papertrack sources` lists all",
        )


def collect_requests(
    session: Session,
    tracker: Tracker,
    span: Span,
    only: str | None,
    repair_before: date | None,
    *,
    gaps_at_once: bool = False,
) -> list[SourceRequest]:
    """Return the requests that are due for a span of days; with `only`, those to that source.

    See `tracker.refresh.requests_due` for what is due, `repair_before` and `gaps_at_once`. Raises
    UsageError.
    """
    coverage = tracker.library.coverage(span)
    return [
        request
        for source in enabled_sources(session.config, only)
        for request in requests_due(
            source,
            span,
            coverage,
            session.now,
            gaps_at_once=gaps_at_once,
            repair_before=repair_before,
        )
    ]


def collect_ranking_requests(
    session: Session, tracker: Tracker, only: str | None = None
) -> list[SourceRequest]:
    """Return the requests that are due for the rankings of other services; with `only`, of one."""
    sources = [each for each in ranking_sources(session.config) if only in (None, each.name)]
    if not sources:
        return []
    from papertrack.tracker.service_ranks import rankings_due

    return rankings_due(tracker, sources)


def collect_requests_again(session: Session, span: Span, only: str | None) -> list[SourceRequest]:
    """Return the requests for all listings of a span, whatever is stored. Raises UsageError."""
    return [
        request
        for source in enabled_sources(session.config, only)
        for request in requests_due(source, span, {}, session.now)
    ]


def fetch_papers(
    session: Session, ids: Sequence[str], only: str | None, deadline: float | None
) -> LookupResult:
    """Fetch papers by id from the enabled sources, or with `only` from that source.

    Without `only`, arXiv is included even if it is not enabled. Raises UsageError.
    """
    sources = enabled_sources(session.config, only)
    if only is None and "arxiv" not in {source.name for source in sources}:
        sources.append(make_source("arxiv", session.config.sources["arxiv"]))
    return fetch_by_id(session.tracker(), sources, ids, lambda: _http_client(session, deadline))


def find_papers(session: Session, text: str, deadline: float | None) -> LookupResult:
    """Search on Hugging Face, even if it is not enabled, and store the papers found."""
    source = make_source("huggingface", session.config.sources["huggingface"])
    return fetch_by_text(session.tracker(), [source], text, lambda: _http_client(session, deadline))


def refresh_with_progress(
    session: Session,
    tracker: Tracker,
    requests: Sequence[SourceRequest],
    *,
    deadline: float | None = None,
    rolling: bool = False,
    in_memory: bool = False,
    starred: bool = False,
    on_progress: ProgressCallback | None = None,
) -> RefreshResult:
    """Send requests, newest day first, and store the papers; show a progress bar.

    With `on_progress`, nothing is shown, and it is called with the progress.

    With `starred`, the sources are asked about starred papers in the time that is left.
    `deadline` is in seconds; None means that of the configuration. With `rolling`, the deadline of
    the configuration starts again at each response. `in_memory` is that of `refresh`.
    """
    begun = monotonic()
    names = " and ".join(dict.fromkeys(short_title(request.source.name) for request in requests))
    size = sum(request.size for request in requests)
    bar = progress(session.options, f"Fetching from {names}", size, _unit(requests, size))
    with nullcontext(on_progress) if on_progress else bar as update:
        refreshed = refresh(
            tracker,
            requests,
            lambda: _http_client(session, deadline, rolling=rolling),
            update,
            in_memory=in_memory,
        )
    if starred:
        seconds = deadline or session.config.network.deadline_seconds
        left = seconds if rolling else max(seconds - (monotonic() - begun), _LEAST_SECONDS)
        refreshed = _check_starred_papers(session, tracker, refreshed, left)
    if session.options.verbose:
        papers = f"{count(refreshed.papers, 'paper')}, {refreshed.new:,} of them new"
        print_message([f"requested {count(refreshed.listings, 'listing')} from {names}: {papers}"])
    return refreshed


def _check_starred_papers(
    session: Session, tracker: Tracker, refreshed: RefreshResult, seconds: float
) -> RefreshResult:
    """Ask the sources about starred papers, too; arXiv, which knows versions, in any case.

    A source that has just failed is not asked.
    """
    failed = {failure.source for failure in refreshed.failures}
    names = dict.fromkeys([*session.config.sources.enabled, "arxiv"])
    sources = [
        make_source(name, session.config.sources[name])
        for name in names
        if name not in failed and papers_to_check(tracker, name)
    ]
    if refreshed.all_failed or not sources:
        return refreshed
    with progress(session.options, "Checking starred papers", len(sources), "sources") as update:
        failures = check_starred(
            tracker, sources, lambda: _http_client(session, seconds, patient=False), update
        )
    checked = tuple(source.name for source in sources)
    return refreshed._replace(failures=(*refreshed.failures, *failures), checked=checked)


def _http_client(
    session: Session,
    deadline: float | None,
    *,
    rolling: bool = False,
    patient: bool | None = None,
) -> "HttpClient":
    """Open the client; whoever types a deadline is willing to wait that long for a response."""
    network = session.config.network
    seconds = deadline or network.deadline_seconds
    remaining = max(seconds - _TO_FINISH, seconds / 2)
    typed = deadline is not None if patient is None else patient
    return connect(network.user_agent, remaining, rolling=rolling and not typed, patient=typed)


def _unit(requests: Sequence[SourceRequest], size: int) -> str:
    """The unit of the progress bar: days if each day is fetched once, else listings."""
    days = {day for request in requests for day in request.request.days}
    return "days" if len(days) == size else "listings"
