"""Output: reports and results as tables, plain lines, JSON, JSON Lines, CSV, markdown or ids.

Entry points: `write` and `lines` for reports of papers; for other results, the `draw_*` and
`*_lines` functions of `coverage`, `trial`, `suggestions`, `verdicts`, `attempts`, `doctor`,
`pairs`, `stats` and `tabular`. A format's module is imported when it is used, as rich takes long to
import.

Only `cli` imports this package.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple, TextIO

from papertrack.facts import readable_report
from papertrack.models import Report

Format = Literal["auto", "table", "plain", "json", "jsonl", "ids", "md", "csv"]
FORMATS: tuple[Format, ...] = ("auto", "table", "plain", "json", "jsonl", "ids", "md", "csv")
# Formats to read on a screen, which may shorten; the others are complete, for programs.
HUMAN_FORMATS = ("table", "plain")
SAMPLE = "sample edition: real listings of one past week, not your library"


class DrawStyle(NamedTuple):
    """How to draw a report for people.

    With colors or without, as cards with abstracts or as rows, with hyperlinks or without.
    """

    color: bool = True
    cards: bool = False
    links: bool = False


def write(report: Report, form: Format, out: TextIO, draw_style: DrawStyle) -> None:
    """Write a report to `out`, in any format but "auto"."""
    if form == "table":
        report = readable_report(report, abstracts=draw_style.cards)
    if form == "table" and draw_style.cards:
        from papertrack.display.cards import draw

        draw(report, out, draw_style)
    elif form == "table":
        from papertrack.display.tables import draw

        draw(report, out, draw_style)
    else:
        out.writelines(lines(report, form, draw_style))


def lines(report: Report, form: Format, draw_style: DrawStyle) -> Iterable[str]:
    """The text of a report in pieces, in any format but "auto" and "table"."""
    if form in ("plain", "md"):
        report = readable_report(report, abstracts=draw_style.cards)
    if form == "plain" and draw_style.cards:
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
    elif draw_style.cards:
        from papertrack.display.markdown import cards as render
    else:
        from papertrack.display.markdown import as_markdown as render
    return render(report)
