"""What topics suggest does: show phrases that one might watch, and how to; it changes nothing."""

import sys
from collections.abc import Iterator

from papertrack.cli.exit_handling import print_error
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.options import STRUCTURED
from papertrack.cli.session import Session, choose_format, start
from papertrack.cli.topic_options import command
from papertrack.config.changes import TopicChange, non_default_fields
from papertrack.config.editing import written
from papertrack.display import DrawStyle, Format
from papertrack.display.suggestions import draw_suggestions, suggestion_lines
from papertrack.errors import UsageError
from papertrack.results import Suggestion, TermSuggestions, TopicSuggestions
from papertrack.tracker import topic_named
from papertrack.tracker.suggestions import ENOUGH, suggest_terms, suggest_topics
from papertrack.tracker.wording import count


def run(anywhere: GlobalOptions, name: str | None, asked_form: str) -> int:
    """Suggest topics, or terms for one. Raises UsageError, ConfigError, LibraryError."""
    form = choose_format(asked_form)
    if form not in STRUCTURED:
        raise UsageError(
            f"suggestions cannot be shown as {form}", next_step=f"formats: {', '.join(STRUCTURED)}"
        )
    session = start(anywhere)
    if name is None:
        drafts = suggest_topics(session.tracker())
        suggested, headline = list(_topics(anywhere, drafts)), _of_starred(drafts)
    else:
        terms = suggest_terms(session.tracker(), topic_named(session.config.topics, name))
        suggested, headline = list(_terms(anywhere, terms)), _of_topic(terms)
    _show(session, suggested, headline, form)
    return 0


def _show(session: Session, suggested: list[Suggestion], headline: str, form: Format) -> None:
    if form == "table" and suggested:
        draw_suggestions(suggested, headline, sys.stdout, DrawStyle(session.anywhere.color))
    else:
        sys.stdout.writelines(suggestion_lines(suggested, form, session.now))
    sys.stdout.flush()
    if session.anywhere.quiet:
        return
    print_error(["nothing was changed"] if suggested else headline.split("; "))


def _of_starred(drafts: TopicSuggestions) -> str:
    papers = count(drafts.starred, "starred paper")
    if drafts.starred < ENOUGH:
        what = "`papertrack star ID` marks papers like those you want"
        return f"{papers}, too few to suggest topics from; {what}, {ENOUGH} at least"
    if not drafts.drafts:
        return (
            f"{papers} have no phrase in common that your topics lack and others do not say;"
            " star more of a kind"
        )
    return f"From {papers}"


def _of_topic(terms: TermSuggestions) -> str:
    papers = count(terms.papers, "paper")
    if terms.papers < ENOUGH:
        trying = "`papertrack topics test` shows near misses, `papertrack fetch --since` gets more"
        return f"{papers} of {terms.topic.name!r} stored, too few to suggest terms from; {trying}"
    if not terms.add and not terms.exclude:
        return f"{papers} of {terms.topic.name!r} say nothing in common that others do not say too"
    return f"From {papers} of {terms.topic.name!r}"


def _topics(anywhere: GlobalOptions, drafts: TopicSuggestions) -> Iterator[Suggestion]:
    for topic, told in drafts.drafts:
        adding = command(anywhere, "topics add", topic.name, TopicChange(any=topic.any))
        yield Suggestion("topic", topic.name, adding, told, written(non_default_fields(topic)))


def _terms(anywhere: GlobalOptions, terms: TermSuggestions) -> Iterator[Suggestion]:
    for one in terms.add:
        adding = command(anywhere, "topics edit", terms.topic.name, TopicChange(any=(one.phrase,)))
        yield Suggestion("any", one.phrase, adding, (one,))
    for one in terms.exclude:
        leaving = command(
            anywhere, "topics edit", terms.topic.name, TopicChange(none=(one.phrase,))
        )
        yield Suggestion("none", one.phrase, leaving, (one,))
