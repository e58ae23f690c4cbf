"""The command `alert schedule`."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.alert_session import start_with_alerts
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.exit_handling import print_message
from papertrack.cli.schedule_environment import (
    check_is_installed,
    command_of_this_program,
    network_variables,
)
from papertrack.cli.session import Session
from papertrack.config import resolve_library
from papertrack.errors import UsageError

if TYPE_CHECKING:
    from papertrack.alerts.schedule import Plan, Scheduler

schedule_app = new_app()
_EnvironmentOption = Annotated[
    bool,
    typer.Option("--environment", help="set the proxies and certificates of this shell in it"),
]


def _schedulers(prefix: str) -> list[str]:
    from papertrack.alerts.schedule import SCHEDULERS

    return [name for name in SCHEDULERS if name.startswith(prefix)]


@schedule_app.command("schedule")
def schedule_command(
    context: typer.Context,
    at: Annotated[
        list[str] | None,
        typer.Option("--at", metavar="TIME", help="local time, such as 7:30; repeatable"),
    ] = None,
    on: Annotated[
        str, typer.Option("--on", metavar="DAYS", help="days: mon-fri, mon,thu or daily")
    ] = "daily",
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="WHAT",
            autocompletion=_schedulers,
            help="scheduler: cron, systemd, launchd",
        ),
    ] = None,
    install: Annotated[
        bool, typer.Option("--install", help="install it, after confirmation")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="remove it, after confirmation")] = False,
    environment: _EnvironmentOption = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="skip the confirmation")] = False,
) -> None:
    """Print or install a schedule for alerts.

    A schedule is a crontab line, a systemd timer or a launchd file. All its paths are absolute.

    \b
    papertrack alert schedule                                  daily at 7:30, for cron
    papertrack alert schedule --at 7:30 --at 18:00 --on mon-fri --install
    papertrack alert schedule --for systemd
    papertrack alert schedule --remove
    """

    def work() -> int:
        session, chosen = start_with_alerts(context), _choose(scheduler)
        if install and remove:
            raise UsageError("--install and --remove cannot be combined")
        if remove:
            return _remove(chosen, confirm=not yes)
        plan = _plan(session, chosen, at or ["7:30"], on, keep_environment=environment)
        _print(plan)
        _warn_of_environment(session, plan)
        return _install(plan, confirm=not yes) if install else 0

    run_and_exit(context, work)


def _plan(
    session: Session, scheduler: "Scheduler", at: Sequence[str], on: str, *, keep_environment: bool
) -> "Plan":
    from papertrack.alerts.schedule import Plan, parse_times

    variables = network_variables(os.environ) if keep_environment else ()
    return Plan(scheduler, _command(session), parse_times(at, on), variables)


def _print(plan: "Plan") -> None:
    from papertrack.alerts.schedule import schedule_files

    for path, text in schedule_files(plan).items():
        sys.stdout.write(text if plan.scheduler == "cron" else f"# {path}\n{text}\n")
    sys.stdout.flush()


def _install(plan: "Plan", *, confirm: bool) -> int:
    from papertrack.alerts.schedule import install

    if confirm and not _is_confirmed(f"add this to {plan.scheduler}?"):
        return _report_unchanged()
    install(plan)
    print_message(["installed", "undo: papertrack alert schedule --remove"])
    return 0


def _remove(scheduler: "Scheduler", *, confirm: bool) -> int:
    from papertrack.alerts.schedule import remove

    if confirm and not _is_confirmed(f"remove papertrack from {scheduler}?"):
        return _report_unchanged()
    print_message(
        ["removed" if remove(scheduler) else f"papertrack is not scheduled in {scheduler}"]
    )
    return 0


def _choose(name: str | None) -> "Scheduler":
    from papertrack.alerts.schedule import SCHEDULERS

    name = name or ("launchd" if sys.platform == "darwin" else "cron")
    for scheduler in SCHEDULERS:
        if scheduler == name:
            return scheduler
    raise UsageError(f"no such scheduler: {name!r}", f"schedulers: {', '.join(SCHEDULERS)}")


def _command(session: Session) -> tuple[str, ...]:
    """Return the command to schedule, with absolute paths.

    cron starts commands in the home folder and without the environment of the shell.
    """
    options, environ = session.options, os.environ
    command = command_of_this_program()
    check_is_installed(command[0], environ)
    if session.config.path:
        command += ["--config", os.path.abspath(session.config.path)]
    if options.library or environ.get("PAPERTRACK_LIBRARY") or _needs_environment(session):
        folder = resolve_library(options.library, environ, session.config)
        command += ["--library", os.path.abspath(folder)]
    return (*command, "alert")


def _needs_environment(session: Session) -> bool:
    """Whether the default library folder depends on environment variables that cron lacks."""
    if session.config.library:
        return False
    folder = resolve_library(None, {}, session.config)
    with suppress(ImportError, KeyError):  # no pwd module on Windows, no such user in containers
        import pwd

        home = pwd.getpwuid(os.getuid()).pw_dir
        folder = folder.replace(os.path.expanduser("~"), home, 1)
    return resolve_library(None, os.environ, session.config) != folder


def _warn_of_environment(session: Session, plan: "Plan") -> None:
    """Name the variables that are set here, or needed by channels, and that schedulers lack."""
    secrets = [
        value
        for channel in session.config.alerts.channels
        for key in ("password_env", "url_env", "token_env")
        if (value := getattr(channel, key, None))
    ]
    if secrets:
        names = ", ".join(dict.fromkeys(secrets))
        session.inform(f"cron does not set {names}: set it in the crontab, or use a file")
    left_out = [name for name, _ in network_variables(os.environ)]
    if left_out and not plan.environment:
        names = ", ".join(left_out)
        session.inform(
            f"{plan.scheduler} does not set {names} of this shell: --environment adds it"
        )


def _is_confirmed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("no terminal to confirm on", next_step="use --yes")
    sys.stderr.write(f"papertrack: {question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _report_unchanged() -> int:
    print_message(["nothing was changed"])
    return 0
