"""The command `doctor`."""

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from papertrack import config
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.machine_checks import check_network_settings, check_terminal, check_versions
from papertrack.cli.options import STRUCTURED_FORMATS, choose_structured_format, format_option
from papertrack.cli.progress import progress
from papertrack.cli.session import Session, start_with_config
from papertrack.display import DrawStyle, Format
from papertrack.errors import INCOMPLETE, ConfigError, DeliveryError, LibraryError
from papertrack.results import CheckResult
from papertrack.tracker.wording import count

_SECONDS = 10.0  # for the check of a source
# The exit code for a problem, by area, the most serious first.
_EXIT_CODES = {
    "configuration": ConfigError.exit_code,
    "library": LibraryError.exit_code,
    "search index": LibraryError.exit_code,
    "channels": DeliveryError.exit_code,
    "schedule": DeliveryError.exit_code,
    "network": INCOMPLETE,
    "sources": INCOMPLETE,
}
app = new_app()


@app.command("doctor")
def doctor_command(
    context: typer.Context,
    fix: Annotated[
        bool,
        typer.Option("--fix", help="repair the library, its search index and unfinished files"),
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="skip the sources")] = False,
    json: Annotated[bool, typer.Option("--json", help="the same as --format json")] = False,
    format: Annotated[
        str, format_option("columns: area, state, message, next step", STRUCTURED_FORMATS)
    ] = "auto",
) -> None:
    """Check the configuration, library, sources, channels, schedule and terminal.

    Nothing is changed without --fix, no message is sent, and each enabled source is requested once.
    The exit code is that of the most serious problem: 2 configuration, 5 library, 6 channels or
    schedule, 3 sources; warnings do not count.

    \b
    papertrack doctor --offline
    papertrack doctor --offline --fix
    papertrack doctor --json > report.json
    """

    def work() -> int:
        form = choose_structured_format("json" if json else format)
        checked, results = _check_configuration(context.obj)
        session = start_with_config(context.obj, checked or config.Config())
        if checked:
            results += _check_data(session, fix=fix)
            if not offline:
                results += _check_sources(session)
        results += check_network_settings()
        color, links = session.options.color, session.shows_links()
        results.append(check_terminal(os.environ, color=color, links=links))
        results += check_versions()
        _show(session, results, form)
        return _exit_code(session, results)

    run_and_exit(context, work)


def _check_configuration(options: GlobalOptions) -> tuple[config.Config | None, list[CheckResult]]:
    """Load the configuration without the cache; None if it has problems."""
    path, is_explicit = config.resolve_path(options.config, os.environ)
    exists = is_explicit or os.path.exists(path)
    try:
        loaded = config.load(path if exists else None)
    except ConfigError as error:
        lines = [str(problem) for problem in error.problems]
        return None, [CheckResult("configuration", "problem", line, path) for line in lines]
    if not exists:
        message = f"{path} does not exist, so the defaults apply"
        return loaded, [CheckResult("configuration", "ok", message, "papertrack config init")]
    topics, channels = count(len(loaded.topics), "topic"), len(loaded.alerts.channels)
    message = f"{path}: {topics}, {count(channels, 'channel')}"
    results = [CheckResult("configuration", "ok", message)]
    if warning := config.exposure_warning(loaded):
        what, _, next_step = warning.partition(": ")
        results.append(CheckResult("configuration", "warning", what, next_step))
    return loaded, results


def _check_data(session: Session, *, fix: bool) -> Iterator[CheckResult]:
    """Check the library, the search index, the channels and the schedule."""
    from papertrack.alerts.schedule_check import check_schedule
    from papertrack.cli.alert_session import channel_connector
    from papertrack.library.library import Library
    from papertrack.tracker.doctor import check_channels, check_library, check_search_index

    folder = session.folder
    library = Library(folder, lambda _damage: None)  # check_library reports the damage
    total = library.table_count() if os.path.isdir(folder) else 0
    with progress(session.options, "Reading", total, "tables") as update:
        yield from check_library(folder, lambda done, _all: update(done, 0), fix=fix)
    yield from check_search_index(folder, fix=fix)
    channels = session.config.alerts.channels
    yield from check_channels(channels, channel_connector(session, silent=True))
    needed = any(channel.type != "stdout" for channel in channels)
    yield from check_schedule(library, session.now.astimezone().date(), needed=needed)


def _check_sources(session: Session) -> Iterator[CheckResult]:
    """Send a request to each enabled source."""
    from papertrack.cli.refresh import enabled_sources, ranking_sources
    from papertrack.sources import connect
    from papertrack.tracker.doctor import check_source

    sources = [*enabled_sources(session.config), *ranking_sources(session.config)]
    if not sources:
        yield CheckResult("sources", "warning", "no source is enabled", "papertrack sources")
    with progress(session.options, "Checking", len(sources), "sources") as update:
        for number, source in enumerate(sources):
            update(number, 0)
            with connect(session.config.network.user_agent, _SECONDS) as client:
                yield check_source(source, client, session.now)


def _show(session: Session, results: Sequence[CheckResult], form: Format) -> None:
    if form == "table":
        from papertrack.display.doctor import draw_results

        draw_results(results, sys.stdout, DrawStyle(session.options.color))
    else:
        from papertrack.display.tabular import row_lines

        rows = (result._asdict() for result in results)
        sys.stdout.writelines(row_lines("doctor", rows, form, session.now))
    sys.stdout.flush()


def _exit_code(session: Session, results: Sequence[CheckResult]) -> int:
    """Print how many problems there are, and return the exit code of the most serious."""
    problems = [result for result in results if result.state == "problem"]
    warnings = sum(result.state == "warning" for result in results)
    summary = count(len(problems), "problem") if problems else "no problems"
    session.inform(f"{summary}, {count(warnings, 'warning')}" if warnings else summary)
    areas = {result.area for result in problems}
    return next((code for area, code in _EXIT_CODES.items() if area in areas), 0)
