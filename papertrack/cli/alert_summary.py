"""What a run of alerts says at its end, and its exit code."""

import sys
from typing import TYPE_CHECKING

from papertrack.cli.alert_session import AlertOptions
from papertrack.cli.exit_handling import print_error
from papertrack.cli.session import Session, report_failures
from papertrack.errors import ALL_SOURCES_FAILED, INCOMPLETE
from papertrack.library.deliveries import STARRED
from papertrack.tracker.wording import count

if TYPE_CHECKING:
    from papertrack.alerts.alert_run import AlertResult
    from papertrack.alerts.delivery import ChannelResult

DELIVERY_FAILED, NOTHING = 6, 1


def is_verbose(session: Session) -> bool:
    """Whether somebody is there who wants to know everything: with -v, or on a terminal."""
    return bool(session.anywhere.verbose) or (sys.stderr.isatty() and not session.anywhere.quiet)


def warn_of_exposed_secrets(session: Session) -> None:
    """Say that others can read a secret of the configuration, if they can."""
    from papertrack.config.exposure import exposure_warning

    if session.config.path and (warning := exposure_warning(session.config)):
        print_error([warning])


def summarize(options: AlertOptions, session: Session, ran: "AlertResult") -> int:
    """Say what is worth a word; the exit code. With -v and on a terminal that is everything, and
    of a source that fails also on the first run, at which somebody looks.
    """
    for line in () if session.anywhere.quiet else _beginnings(ran):
        print_error([line])
    for line in ran.notices:
        print_error([line])
    if is_verbose(session):
        for line in map(_in_words, ran.delivered):
            if line not in ran.notices:
                print_error([line])
    if is_verbose(session) or (ran.first and ran.started):
        report_failures(ran.refreshed, "the next run asks again")
    if any(one.problem or one.paused for one in ran.delivered):
        return DELIVERY_FAILED
    if ran.refreshed.failures:
        return ALL_SOURCES_FAILED if ran.refreshed.all_failed else INCOMPLETE
    return NOTHING if options.exit_code and not any(one.messages for one in ran.delivered) else 0


def _beginnings(ran: "AlertResult") -> list[str]:
    if not ran.started:
        return []
    topics = [name for name in ran.started if name != STARRED]
    starred = ["starred papers"] if len(topics) < len(ran.started) else []
    many = ran.first and topics
    named = " and ".join([count(len(topics), "topic"), *starred] if many else topics + starred)
    verb = "is" if len(ran.started) == 1 else "are"
    later = "what is listed already is not delivered, `papertrack alert --since DAY` does that"
    return [f"{named} {verb} watched from now on; {later}"]


def _in_words(one: "ChannelResult") -> str:
    if one.paused:
        return f"{one.channel}: failed several times and rests; `papertrack alert retry` tries it"
    if one.problem:
        return f"{one.channel}: {one.problem.what}; it is kept and tried again"
    took = f"{count(one.messages, 'message')}, {count(len(one.papers), 'paper')}"
    return f"{one.channel}: {took if one.messages else 'nothing to deliver'}"
