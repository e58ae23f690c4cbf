"""Suggested topics and terms, drawn for a terminal or written for programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TextIO

from papertrack.display import DrawStyle, Format
from papertrack.display.structured import envelope, to_json
from papertrack.results import SuggestedTerm, Suggestion
from papertrack.text import shorten

_PAPERS_SHOWN = 3
_TITLE_WIDTH = 72
_VERBS = {"any": "adds", "none": "removes"}


class _SuggestionHeading(NamedTuple):
    """The heading of a kind of suggestion; `counted` describes the papers of its counts."""

    kind: str
    text: str
    counted: str


_HEADINGS = (
    _SuggestionHeading("topic", "Topics suggested by your starred papers", "starred"),
    _SuggestionHeading("any", "Typical terms: candidates for --any", "of its papers"),
    _SuggestionHeading("none", "Outliers: candidates for --none", "of these papers"),
)


def suggestion_lines(
    suggestions: Sequence[Suggestion], form: Format, now: datetime
) -> Iterator[str]:
    """JSON with an object for each suggestion, or a tab-separated line for each term.

    The columns are kind, phrase, papers, others, ratio, example, command, adds, titles.
    """
    if form == "json":
        yield from envelope("topics suggest", now, map(_row, suggestions))
    elif form == "jsonl":
        yield from (to_json(_row(suggestion)) + "\n" for suggestion in suggestions)
    else:
        for suggestion in suggestions:
            for term in suggestion.terms:
                counts = (str(term.papers), str(term.others), f"{term.ratio:.1f}")
                adds = "-" if term.adds is None else str(term.adds)
                titles = "; ".join(term.titles)
                command = suggestion.command
                fields = (suggestion.kind, term.phrase, *counts, term.ids[0], command, adds, titles)
                yield "\t".join(fields) + "\n"


def draw_suggestions(
    suggestions: Sequence[Suggestion], headline: str, out: TextIO, draw_style: DrawStyle
) -> None:
    """Draw the suggestions by kind, with counts, example papers and commands."""
    from rich.text import Text

    from papertrack.display.looks import new_console

    console = new_console(out, draw_style)
    for text, style in _styled_lines(suggestions, headline):
        console.print(Text(text, style=style), soft_wrap=True)


def _styled_lines(suggestions: Sequence[Suggestion], headline: str) -> Iterator[tuple[str, str]]:
    yield headline, "bold"
    for heading in _HEADINGS:
        of_kind = [item for item in suggestions if item.kind == heading.kind]
        if of_kind:
            yield "", ""
            yield heading.text, "bold"
        for suggestion in of_kind:
            yield from _styled_suggestion(suggestion, heading.counted)


def _styled_suggestion(suggestion: Suggestion, counted: str) -> Iterator[tuple[str, str]]:
    if suggestion.yaml:
        yield "", ""
        yield f"  - {suggestion.yaml}", "cyan"
    for term in suggestion.terms:
        yield f"  {term.phrase}  ({_counts(suggestion.kind, term, counted)})", ""
        for title in term.titles[:_PAPERS_SHOWN]:
            yield f"      {shorten(title, _TITLE_WIDTH)}", "dim"
    if suggestion.yaml:
        yield f"  {suggestion.command}", "dim"


def _counts(kind: str, term: SuggestedTerm, counted: str) -> str:
    """What a term adds or removes, and in how many papers it is."""
    if term.adds is None:
        other_papers = f"{term.others:,} other{'s' * (term.others != 1)}"
        return f"{term.papers:,} {counted}, {other_papers}"
    verb, papers = _VERBS[kind], f"{term.adds:,} paper{'s' * (term.adds != 1)}"
    return f"{verb} {papers}; in {term.papers:,} {counted}"


def _row(suggestion: Suggestion) -> dict[str, Any]:
    phrases = [
        {
            "phrase": term.phrase,
            "papers": term.papers,
            "others": term.others,
            "ratio": term.ratio,
            "ids": list(term.ids),
            "adds": term.adds,
            "titles": list(term.titles),
        }
        for term in suggestion.terms
    ]
    row = {
        "kind": suggestion.kind,
        "name": suggestion.name,
        "phrases": phrases,
        "command": suggestion.command,
    }
    return row | ({"yaml": suggestion.yaml} if suggestion.yaml else {})
