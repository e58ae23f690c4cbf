"""Drawing reports: one function for all formats, whose modules load when asked for."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, TextIO

from papertrack.models import Report

Format = Literal["auto", "table", "plain", "json", "jsonl", "ids", "md", "csv"]
FORMATS: tuple[Format, ...] = ("auto", "table", "plain", "json", "jsonl", "ids", "md", "csv")
# What a person reads; the other formats are complete, and for programs.
FOR_PEOPLE = ("table", "plain")
SAMPLE = "sample edition: real listings of one past week, shipped with papertrack, not your library"


class DrawStyle(NamedTuple):
    """How to draw for people: colours or none, and cards with abstracts or rows."""

    color: bool = True
    cards: bool = False


def write(report: Report, form: Format, out: TextIO, look: DrawStyle) -> None:
    """Write a report to `out` in a format that is not "auto"."""
    if form == "table" and look.cards:
        from papertrack.display.cards import draw

        draw(report, out, look)
    elif form == "table":
        from papertrack.display.tables import draw

        draw(report, out, look)
    else:
        out.writelines(lines(report, form, look))


def lines(report: Report, form: Format, look: DrawStyle) -> Iterable[str]:
    """The text of a report in a format that is not "table" and not "auto", piece by piece."""
    if form == "plain" and look.cards:
        from papertrack.display.plain import cards as render
    elif form == "plain":
        from papertrack.display.plain import rows as render
    elif form == "ids":
        from papertrack.display.plain import ids as render
    elif form == "json":
        from papertrack.display.structured import as_json as render
    elif form == "jsonl":
        from papertrack.display.structured import as_jsonl as render
    elif form == "csv":
        from papertrack.display.structured import as_csv as render
    else:
        from papertrack.display.markdown import as_markdown as render
    return render(report)
