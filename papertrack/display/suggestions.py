"""Topics and terms that one might watch, drawn for people and written for programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TextIO

from papertrack.display import DrawStyle, Format
from papertrack.display.structured import envelope, to_json
from papertrack.results import Suggestion

_EXAMPLES = 3


class SuggestionHeading(NamedTuple):
    """A kind of suggestion in the words of a person; `of` says whose the counts are."""

    kind: str
    text: str
    of: str


HEADINGS = (
    SuggestionHeading("topic", "Topics that your starred papers suggest", "starred"),
    SuggestionHeading("any", "Typical of its papers: to add with --any", "of its papers"),
    SuggestionHeading(
        "none", "Apart from most of its papers: to leave out with --none", "of these papers"
    ),
)


def suggestion_lines(
    suggestions: Sequence[Suggestion], form: Format, now: datetime
) -> Iterator[str]:
    """As JSON, an object a suggestion; else tab-separated: kind, phrase, papers, others, ratio,
    example, command.
    """
    if form == "json":
        yield from envelope("topics suggest", now, map(_row, suggestions))
    elif form == "jsonl":
        yield from (to_json(_row(one)) + "\n" for one in suggestions)
    else:
        for one in suggestions:
            for told in one.told:
                counts = (str(told.papers), str(told.others), f"{told.ratio:.1f}")
                fields = (one.kind, told.phrase, *counts, told.ids[0], one.command)
                yield "\t".join(fields) + "\n"


def draw_suggestions(
    suggestions: Sequence[Suggestion], headline: str, out: TextIO, look: DrawStyle
) -> None:
    """By kind, each with its counts and examples, and what to type."""
    from rich.text import Text

    from papertrack.display.tables import new_console

    console = new_console(out, look)
    for text, style in _drawn(suggestions, headline):
        console.print(Text(text, style=style), soft_wrap=True)


def _drawn(suggestions: Sequence[Suggestion], headline: str) -> Iterator[tuple[str, str]]:
    yield headline, "bold"
    for heading in HEADINGS:
        chosen = [one for one in suggestions if one.kind == heading.kind]
        if chosen:
            yield "", ""
            yield heading.text, "bold"
        for one in chosen:
            yield from _one(one, heading.of)


def _one(one: Suggestion, of: str) -> Iterator[tuple[str, str]]:
    if one.yaml:
        yield "", ""
        yield f"  - {one.yaml}", "cyan"
    for told in one.told:
        counts = f"{told.papers:,} {of}, {told.others:,} other{'s' * (told.others != 1)}"
        yield f"  {told.phrase}  ({counts}; {' '.join(told.ids[:_EXAMPLES])})", ""
    if one.yaml:
        yield f"  {one.command}", "dim"


def _row(one: Suggestion) -> dict[str, Any]:
    phrases = [
        {
            "phrase": told.phrase,
            "papers": told.papers,
            "others": told.others,
            "ratio": told.ratio,
            "ids": list(told.ids),
        }
        for told in one.told
    ]
    row = {"kind": one.kind, "name": one.name, "phrases": phrases, "command": one.command}
    return row | ({"yaml": one.yaml} if one.yaml else {})
