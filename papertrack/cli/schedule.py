"""The command alert schedule."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from shutil import which
from typing import TYPE_CHECKING, Annotated

import typer

from papertrack.cli.alert_session import with_alerts
from papertrack.cli.app import new_app, run_and_exit
from papertrack.cli.exit_handling import print_error
from papertrack.cli.session import Session
from papertrack.config import resolve_library
from papertrack.errors import UsageError

if TYPE_CHECKING:
    from papertrack.alerts.schedule import Plan, Scheduler

schedule_app = new_app()


def _schedulers(beginning: str) -> list[str]:
    from papertrack.alerts.schedule import SCHEDULERS

    return [name for name in SCHEDULERS if name.startswith(beginning)]


@schedule_app.command("schedule")
def schedule_command(
    context: typer.Context,
    at: Annotated[
        list[str] | None,
        typer.Option("--at", metavar="TIME", help="local time, 7:30; may be given several times"),
    ] = None,
    on: Annotated[
        str, typer.Option("--on", metavar="DAYS", help="mon-fri, mon,thu or daily")
    ] = "daily",
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="WHAT", autocompletion=_schedulers, help="cron, systemd or launchd"
        ),
    ] = None,
    install: Annotated[bool, typer.Option("--install", help="add it, after asking")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="take it away, after asking")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="do not ask")] = False,
) -> None:
    """Print what runs alerts at the times you want: a line for cron, a systemd timer or a launchd
    file, with absolute paths.

    \b
    papertrack alert schedule                                  every day at 7:30, for cron
    papertrack alert schedule --at 7:30 --at 18:00 --on mon-fri --install
    papertrack alert schedule --for systemd
    papertrack alert schedule --remove
    """

    def work() -> int:
        session, chosen = with_alerts(context), _chosen(scheduler)
        if install and remove:
            raise UsageError("--install and --remove exclude each other")
        if remove:
            return _remove(chosen, asking=not yes)
        plan = _planned(session, chosen, at or ["7:30"], on)
        _print(plan)
        _warn_of_environment(session)
        return _install(plan, asking=not yes) if install else 0

    run_and_exit(context, work)


def _planned(session: Session, scheduler: "Scheduler", at: Sequence[str], on: str) -> "Plan":
    from papertrack.alerts.schedule import Plan, parse_times

    return Plan(scheduler, _command(session), parse_times(at, on))


def _print(plan: "Plan") -> None:
    from papertrack.alerts.schedule import schedule_files

    for path, text in schedule_files(plan).items():
        sys.stdout.write(text if plan.scheduler == "cron" else f"# {path}\n{text}\n")
    sys.stdout.flush()


def _install(plan: "Plan", *, asking: bool) -> int:
    from papertrack.alerts.schedule import install

    if asking and not _agreed(f"add this to {plan.scheduler}?"):
        return _nothing()
    install(plan)
    print_error(["installed; `papertrack alert schedule --remove` takes it away"])
    return 0


def _remove(scheduler: "Scheduler", *, asking: bool) -> int:
    from papertrack.alerts.schedule import remove

    if asking and not _agreed(f"take papertrack out of {scheduler}?"):
        return _nothing()
    print_error(["taken away" if remove(scheduler) else f"{scheduler} had no such schedule"])
    return 0


def _chosen(asked: str | None) -> "Scheduler":
    from papertrack.alerts.schedule import SCHEDULERS

    name = asked or ("launchd" if sys.platform == "darwin" else "cron")
    found = next((one for one in SCHEDULERS if one == name), None)
    if found is None:
        raise UsageError(f"no such scheduler: {name!r}", f"there are {', '.join(SCHEDULERS)}")
    return found


def _command(session: Session) -> tuple[str, ...]:
    """The whole command with absolute paths, as cron starts in the home folder and knows nothing of
    the shell's environment.
    """
    said, environ = session.anywhere, os.environ
    program = which(sys.argv[0])
    started = [os.path.abspath(program)] if program else [sys.executable, "-m", "papertrack"]
    if session.config.path:
        started += ["--config", os.path.abspath(session.config.path)]
    if said.library or environ.get("PAPERTRACK_LIBRARY") or _lives_elsewhere(session):
        folder = resolve_library(said.library, environ, session.config)
        started += ["--library", os.path.abspath(folder)]
    return (*started, "alert")


def _lives_elsewhere(session: Session) -> bool:
    """Whether the usual data folder follows from what cron does not know."""
    if session.config.library:
        return False
    known = resolve_library(None, {}, session.config)
    with suppress(ImportError, KeyError):  # where there are no such users
        import pwd

        home = pwd.getpwuid(os.getuid()).pw_dir
        known = known.replace(os.path.expanduser("~"), home, 1)
    return resolve_library(None, os.environ, session.config) != known


def _warn_of_environment(session: Session) -> None:
    names = [
        value
        for channel in session.config.alerts.channels
        for key in ("password_env", "url_env", "token_env")
        if (value := getattr(channel, key, None))
    ]
    if names and not session.anywhere.quiet:
        variables = ", ".join(dict.fromkeys(names))
        print_error([f"cron does not know your {variables}: set it in the crontab, or use a file"])


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody is there to be asked", next_step="--yes does it without asking")
    sys.stderr.write(f"papertrack: {question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _nothing() -> int:
    print_error(["nothing was changed"])
    return 0
