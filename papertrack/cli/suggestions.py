"""The command `topics suggest`: show new topics, or terms for a topic, and how to add them."""

import sys
from collections.abc import Iterator

from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.options import choose_structured_format
from papertrack.cli.session import Session, start
from papertrack.cli.topic_options import command
from papertrack.config.changes import TopicChange, non_default_fields
from papertrack.config.editing import inline_yaml
from papertrack.display import DrawStyle, Format
from papertrack.display.suggestions import draw_suggestions, suggestion_lines
from papertrack.results import Suggestion, TermSuggestions, TopicSuggestions
from papertrack.tracker import topic_named
from papertrack.tracker.suggestions import MIN_PAPERS, suggest_terms, suggest_topics
from papertrack.tracker.wording import count


def run(options: GlobalOptions, name: str | None, format_name: str) -> int:
    """Suggest topics, or terms for a topic. Raises UsageError, ConfigError, LibraryError."""
    form = choose_structured_format(format_name)
    session = start(options)
    if name is None:
        drafts = suggest_topics(session.tracker())
        suggestions, headline = list(_topics(options, drafts)), _topics_headline(drafts)
    else:
        terms = suggest_terms(session.tracker(), topic_named(session.config.topics, name))
        suggestions, headline = list(_terms(options, terms)), _terms_headline(terms)
    _show(session, suggestions, headline, form)
    return 0


def _show(session: Session, suggestions: list[Suggestion], headline: str, form: Format) -> None:
    if form == "table" and suggestions:
        draw_suggestions(suggestions, headline, sys.stdout, DrawStyle(session.options.color))
    else:
        sys.stdout.writelines(suggestion_lines(suggestions, form, session.now))
    sys.stdout.flush()
    session.inform(*(["nothing was changed"] if suggestions else headline.split("; ")))


def _topics_headline(drafts: TopicSuggestions) -> str:
    papers = count(drafts.starred, "starred paper")
    if drafts.starred < MIN_PAPERS:
        advice = f"star at least {MIN_PAPERS} papers that interest you: `papertrack star ID`"
        return f"{papers}, too few to suggest topics from; {advice}"
    if not drafts.drafts:
        return (
            f"{papers} share no distinctive phrases beyond those of your topics;"
            " star more papers of a field"
        )
    return f"From {papers}"


def _terms_headline(terms: TermSuggestions) -> str:
    papers = count(terms.papers, "paper")
    if terms.papers < MIN_PAPERS:
        advice = "try `papertrack topics test`, or get more with `papertrack fetch --since`"
        return f"{papers} of {terms.topic.name!r} stored, too few to suggest terms from; {advice}"
    if not terms.add and not terms.exclude:
        return f"{papers} of {terms.topic.name!r} share no distinctive terms"
    return f"From {papers} of {terms.topic.name!r}"


def _topics(options: GlobalOptions, suggestions: TopicSuggestions) -> Iterator[Suggestion]:
    for topic, terms in suggestions.drafts:
        add = command(options, "topics add", topic.name, TopicChange(any=topic.any))
        yield Suggestion("topic", topic.name, add, terms, inline_yaml(non_default_fields(topic)))


def _terms(options: GlobalOptions, suggestions: TermSuggestions) -> Iterator[Suggestion]:
    name = suggestions.topic.name
    for term in suggestions.add:
        add = command(options, "topics edit", name, TopicChange(any=(term.phrase,)))
        yield Suggestion("any", term.phrase, add, (term,))
    for term in suggestions.exclude:
        exclude = command(options, "topics edit", name, TopicChange(none=(term.phrase,)))
        yield Suggestion("none", term.phrase, exclude, (term,))
