"""Messages printed after an alert run, and its exit code."""

import sys
from typing import TYPE_CHECKING

from papertrack.calendar import utc_day
from papertrack.cli.alert_session import AlertOptions
from papertrack.cli.exit_handling import print_message
from papertrack.cli.session import Session, report_failures
from papertrack.errors import ALL_SOURCES_FAILED, INCOMPLETE
from papertrack.library.deliveries import FOR_YOU_RULE, STARRED_RULE
from papertrack.tracker import Tracker
from papertrack.tracker.for_you import FEWEST_STARS
from papertrack.tracker.refresh import repair_days
from papertrack.tracker.wording import WITHOUT_TOPICS, ago, count, joined

if TYPE_CHECKING:
    from papertrack.alerts.alert_run import AlertResult, DryRunResult
    from papertrack.alerts.delivery import ChannelResult

DELIVERY_FAILED, NOTHING = 6, 1
_RULES = {STARRED_RULE: "starred papers", FOR_YOU_RULE: "recommended papers"}


def is_verbose(session: Session) -> bool:
    """Whether to print everything: with -v, or on a terminal without --quiet."""
    return bool(session.options.verbose) or (sys.stderr.isatty() and not session.options.quiet)


def warn_of_exposed_secrets(session: Session) -> None:
    """Print a warning if other users can read a secret in the configuration file."""
    from papertrack.config.exposure import exposure_warning

    if session.config.path and (warning := exposure_warning(session.config)):
        print_message([warning])


def dry_run_notes(session: Session, tracker: Tracker, result: "DryRunResult") -> list[str]:
    """When the library was last updated, and what the next run starts to watch."""
    from papertrack.alerts.alert_run import rules_of

    coverages = tracker.library.coverage(repair_days(utc_day(session.now))).values()
    enabled = session.config.sources.enabled
    checked = [row.asked for row in coverages if row.source in enabled and row.state != "failed"]
    age = f"was updated {ago(max(checked), session.now)}" if checked else "was never updated"
    notes = [f"nothing was fetched: the library {age}; `papertrack alert` updates it first"]
    if result.first and result.started:
        notes.append(
            "this would be the first run: alerts begin now, with papers listed after it"
            " (or from --since DAY on)"
        )
    elif result.started:
        names = ", ".join(_RULES.get(name, name) for name in result.started)
        notes.append(f"the next run begins to watch {names}, for papers that are not stored yet")
    if any(rule.name == FOR_YOU_RULE for rule in rules_of(session.config)):
        notes += advice_with_few_stars(tracker)
    return notes


def advice_with_few_stars(tracker: Tracker) -> list[str]:
    """From how many stars on papers are recommended, if there are fewer."""
    starred = sum(state.starred for state in tracker.library.states().values())
    if starred >= FEWEST_STARS:
        return []
    stars = count(starred, "starred paper")
    return [f"for you: {stars}, and papers are recommended from {FEWEST_STARS} on"]


def advice_without_topics(session: Session) -> list[str]:
    """How to add a topic, if alerts have nothing to deliver without one."""
    from papertrack.alerts.alert_run import channels_of, rules_of

    config = session.config
    useful = any(rules_of(config)) or any(channel.trending for channel in channels_of(config))
    return [] if useful else [WITHOUT_TOPICS]


def summarize(
    options: AlertOptions, session: Session, tracker: Tracker, result: "AlertResult"
) -> int:
    """Print the summary of an alert run and return its exit code.

    Everything is printed with -v and on a terminal. Failed sources are also printed on the first
    run, which a person has probably started. The run that begins to watch recommended papers says
    if there are too few stars.
    """
    few_stars = advice_with_few_stars(tracker) if FOR_YOU_RULE in result.started else ()
    for line in (*_watch_notices(result), *few_stars, *advice_without_topics(session)):
        session.inform(line)
    for line in result.notices:
        print_message([line])
    if is_verbose(session):
        for line in map(_channel_summary, result.delivered):
            if line not in result.notices:
                print_message([line])
    if is_verbose(session) or (result.first and result.started):
        report_failures(result.refreshed, "the next run retries")
    if any(channel.problem or channel.paused for channel in result.delivered):
        return DELIVERY_FAILED
    if result.refreshed.failures:
        return ALL_SOURCES_FAILED if result.refreshed.all_failed else INCOMPLETE
    is_empty = not any(channel.papers for channel in result.delivered)
    return NOTHING if options.exit_code and is_empty else 0


def _watch_notices(result: "AlertResult") -> list[str]:
    if not result.started:
        return []
    topics = [name for name in result.started if name not in _RULES]
    others = [_RULES[name] for name in result.started if name in _RULES]
    as_count = result.first and topics
    names = joined([count(len(topics), "topic"), *others] if as_count else topics + others)
    verb = "is" if len(result.started) == 1 else "are"
    advice = "to deliver papers listed earlier, run `papertrack alert --since DAY`"
    return [f"{names} {verb} watched from now on; {advice}"]


def _channel_summary(result: "ChannelResult") -> str:
    if result.paused:
        advice = "to retry now, run `papertrack alert retry`"
        return f"{result.channel}: paused after repeated failures; {advice}"
    if result.problem:
        return f"{result.channel}: {result.problem.what}; the next run retries"
    delivered = f"{count(result.messages, 'message')}, {count(len(result.papers), 'paper')}"
    return f"{result.channel}: {delivered if result.messages else 'nothing to deliver'}"
