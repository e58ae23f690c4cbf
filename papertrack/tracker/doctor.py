"""Checks of the library, the search index, the sources and the channels, for `doctor`.

A check yields results and raises nothing. It changes files only with `fix`, and never loses data.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from shutil import which
from typing import TYPE_CHECKING, Any

from papertrack.calendar import utc_day
from papertrack.errors import DeliveryError, LibraryBusy, LibraryError, SourceError, UsageError
from papertrack.library.info import library_info
from papertrack.library.library import Library, ProgressCallback
from papertrack.library.search_index import open_search_index
from papertrack.library.search_index.check import index_path, index_problem, remove_index
from papertrack.library.verification import repair_in_use, verify_in_use
from papertrack.results import CheckResult
from papertrack.source_registry import short_title
from papertrack.sources import Client, HttpResponse, Source
from papertrack.storage import files
from papertrack.tracker import no_progress
from papertrack.tracker.requests import result_before_deadline, start_work
from papertrack.tracker.wording import count

if TYPE_CHECKING:  # The client would load the network library.
    from papertrack.config.channels import Channel
    from papertrack.sources.http import HttpClient

FIX = "papertrack doctor --fix"
_SHOWN = 10  # problems of a library
_DAYS_BACK = 7  # to find a day that a source has listed
_NOT_LISTED_YET = ("stale", "not-yet")
_NEXT_STEPS = {
    "connection": "check the network and the proxy, and the address in the configuration",
    "timeout": "check the network, or try again later",
    "rate-limit": "wait some minutes",
    "missing-package": "install it, or remove what needs it from the configuration",
}


def check_library(
    folder: str, progress: ProgressCallback, *, fix: bool = False
) -> Iterator[CheckResult]:
    """Check all tables of the library in a folder, damaged files and files left by killed runs."""
    if not os.path.isdir(folder):
        yield CheckResult("library", "ok", f"{folder} does not exist yet", "papertrack fetch")
        return
    if not os.access(folder, os.W_OK):
        message = f"{folder} cannot be written, so nothing new is stored"
        yield CheckResult("library", "warning", message, "check its permissions")
    library = Library(folder, lambda _damage: None)  # _check_tables reports the damage
    try:
        yield from _check_tables(library, progress, fix=fix)
        yield from _check_leftovers(library, fix=fix)
        info = library_info(library)
    except (LibraryError, LibraryBusy) as error:
        yield _failed("library", error)
        return
    if info.damaged:
        message = f"{count(info.damaged, 'damaged file')} set aside in {folder}"
        next_step = "delete the files with .damaged- in their names if you miss nothing"
        yield CheckResult("library", "warning", message, next_step)


def _check_tables(
    library: Library, progress: ProgressCallback, *, fix: bool
) -> Iterator[CheckResult]:
    open_library = partial(Library, library.folder)
    if fix:
        verification, lost_days = repair_in_use(open_library, progress)
        problems = verification.lines()
        for problem in problems[:_SHOWN]:
            yield CheckResult("library", "ok", f"repaired: {problem}")
        if lost_days:
            next_step = f"papertrack fetch --since {min(lost_days)}"
            yield CheckResult("library", "warning", "some listings were lost", next_step)
        if problems:
            return
    else:
        problems = verify_in_use(open_library, progress).lines()
    for problem in problems[:_SHOWN]:
        yield CheckResult("library", "problem", problem, FIX)
    if len(problems) > _SHOWN:
        message = count(len(problems) - _SHOWN, "more problem")
        yield CheckResult("library", "problem", message, "papertrack library verify")
    if not problems:
        papers, tables = (
            count(library.paper_count(), "paper"),
            count(library.table_count(), "table"),
        )
        yield CheckResult("library", "ok", f"{papers} in {tables}, no problems: {library.folder}")


def _check_leftovers(library: Library, *, fix: bool) -> Iterator[CheckResult]:
    """Check for unfinished files of killed runs; a write to a table removes only its own."""
    folder = str(library.folder)
    unfinished = files.next_version_path("")
    names = [name for name in sorted(os.listdir(folder)) if name.endswith(unfinished)]
    if not names:
        return
    message = f"{count(len(names), 'unfinished file')} of interrupted writes"
    if not fix:
        yield CheckResult("library", "warning", message, FIX)
        return
    with library.transaction(), files.as_library_error("write", folder):
        for name in names:
            files.remove(os.path.join(folder, name))
    yield CheckResult("library", "ok", f"deleted: {message}")


def check_search_index(folder: str, *, fix: bool = False) -> Iterator[CheckResult]:
    """Check the search index of the library in a folder; a damaged index is built again."""
    problem = index_problem(folder)
    if problem is None:
        exists = os.path.exists(index_path(folder))
        message = "no problems" if exists else "not built yet; the first search builds it"
        yield CheckResult("search index", "ok", message)
    elif not fix:
        yield CheckResult("search index", "problem", f"it is damaged: {problem}", FIX)
    else:
        try:
            with files.as_library_error("write", folder):
                remove_index(folder)
            open_search_index(Library(folder), no_progress)
        except (LibraryError, LibraryBusy) as error:
            yield _failed("search index", error)
        else:
            yield CheckResult("search index", "ok", "it was damaged and is built again")


def check_source(source: Source, client: "HttpClient", now: datetime) -> CheckResult:
    """Send a single request for the newest listing of a source, and parse the response."""
    name = short_title(source.name)
    day = _newest_day(source, now)
    try:
        work = start_work(source.name, lambda: _request_listing(source, day, client, now))
        result_before_deadline(source.name, client, work)
    except _SecondRequestError:  # The first response was a valid page.
        return CheckResult("sources", "ok", f"{name} responds")
    except SourceError as error:
        if error.kind in _NOT_LISTED_YET:
            message = f"{name} responds; {day} is not listed yet"
            return CheckResult("sources", "ok", message)
        next_step = _NEXT_STEPS.get(error.kind, "try again later; if it stays, update papertrack")
        return CheckResult("sources", "problem", f"{name}: {error.what}", next_step)
    return CheckResult("sources", "ok", f"{name} responds")


def _request_listing(source: Source, day: date, client: Client, now: datetime) -> None:
    (request, *_) = source.requests([(day, source.categories[0])], now)
    source.listings(_SingleRequest(source.name, client), request, now)


class _SecondRequestError(SourceError):
    """A source needs more than one request for a listing."""


class _SingleRequest:
    """A client that sends one request and refuses all others."""

    def __init__(self, source: str, client: Client) -> None:
        self._source = source
        self._client: Client | None = client

    def get(self, *args: Any, **options: Any) -> HttpResponse:
        """Send the first request as Client.get. Raises SourceError for all others."""
        client, self._client = self._client, None
        if client is None:
            raise _SecondRequestError(self._source, "refused", "a check sends a single request")
        return client.get(*args, **options)


def _newest_day(source: Source, now: datetime) -> date:
    """The newest day whose listing a source should have by now; today if it has none."""
    today = utc_day(now)
    days = (today - timedelta(days=number) for number in range(_DAYS_BACK))
    available = (day for day in days if source.lists_on(day) and source.available_from(day) <= now)
    return next(available, today)


def check_channels(
    channels: "Sequence[Channel]", connect: "Callable[[Channel], object]"
) -> Iterator[CheckResult]:
    """Check each channel without sending: its secrets, its program, the folder of its files.

    `connect` reads the secrets of a channel and raises DeliveryError if there are none.
    """
    for channel in channels:
        problem, next_step = "", ""
        try:
            connect(channel)
            problem, next_step = _channel_problem(channel)
        except DeliveryError as error:
            problem, next_step = error.what, error.next_step
        name = f"{channel.name} ({channel.type})"
        if problem:
            yield CheckResult("channels", "problem", f"{name}: {problem}", next_step)
        else:
            yield CheckResult("channels", "ok", f"{name}: ready")


def _channel_problem(channel: "Channel") -> tuple[str, str]:
    """A problem of a channel's program or folder, and what to do; both "" if there is none."""
    if channel.type == "command" and which(channel.run[0]) is None:
        return f"there is no program {channel.run[0]}", "write its full path under run:"
    if channel.type == "file":
        folder = os.path.abspath(channel.path)
        if folder.endswith(".md") or not os.path.isdir(folder):
            folder = os.path.dirname(folder)
        while not os.path.lexists(folder):
            folder = os.path.dirname(folder)
        if not (os.path.isdir(folder) and os.access(folder, os.W_OK)):
            return f"{folder} cannot be written", "check its permissions, or change path:"
    return "", ""


def _failed(area: str, error: LibraryError | LibraryBusy | UsageError) -> CheckResult:
    message = ": ".join(filter(None, (error.what, error.why)))
    return CheckResult(area, "problem", message, error.next_step)
