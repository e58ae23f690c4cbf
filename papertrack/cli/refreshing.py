"""Asking the configured sources from the command line, with progress on stderr."""

from collections.abc import Sequence
from datetime import date
from math import ceil

from papertrack.cli.ending import tell
from papertrack.cli.session import Session
from papertrack.cli.watching import progress
from papertrack.config import Config
from papertrack.errors import UsageError
from papertrack.sources import Source, connect
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import Refreshed, refresh
from papertrack.tracker.wording import count

_DAYS_A_DEADLINE = 8


def enabled_sources(config: Config, only: str | None = None) -> list[Source]:
    """The sources to ask; with `only`, that one. Raises UsageError where there is none such."""
    from papertrack.sources.huggingface import HuggingFace

    known: dict[str, Source] = {}
    if config.sources.huggingface.enabled:
        known["huggingface"] = HuggingFace(config.sources.huggingface.base_url)
    if only is None:
        return list(known.values())
    if only not in known:
        names = ", ".join(known) or "none is enabled"
        raise UsageError(f"no such source: {only!r}", f"sources: {names}")
    return [known[only]]


def refresh_days(
    session: Session, tracker: Tracker, wanted: Sequence[tuple[Source, date]], *, long: bool = False
) -> Refreshed:
    """Ask for these days, newest first. The deadline is for all of them, or, in a `long` back-fill,
    for each eight that are asked side by side.
    """
    network = session.config.network
    rounds = ceil(len(wanted) / _DAYS_A_DEADLINE) if long else 1
    names = " and ".join(dict.fromkeys(source.title for source, _ in wanted))
    with progress(session.anywhere, f"Asking {names}", len(wanted), "days") as told:
        refreshed = refresh(
            tracker,
            wanted,
            lambda: connect(network.user_agent, network.deadline_seconds * rounds),
            told,
        )
    if session.anywhere.verbose:
        came = f"{count(refreshed.papers, 'paper')} came, {refreshed.new:,} of them new"
        tell([f"asked {names} for {count(refreshed.asked, 'day')}: {came}"])
    return refreshed
