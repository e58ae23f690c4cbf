"""Options and arguments shared by several commands."""

from collections.abc import Sequence
from math import isfinite
from typing import Annotated

import typer
from typer.models import OptionInfo

from papertrack.cli.completions import (
    complete_ids,
    complete_sources,
    complete_tags,
    complete_topics,
)
from papertrack.cli.session import choose_format
from papertrack.display import FORMATS, Format
from papertrack.errors import UsageError

STRUCTURED_FORMATS: tuple[Format, ...] = ("table", "plain", "json", "jsonl")


def choose_structured_format(name: str) -> Format:
    """Return the format of a result that is not a list of papers. Raises UsageError."""
    form = choose_format(name)
    if form not in STRUCTURED_FORMATS:
        raise UsageError(
            f"this command has no format {form}",
            next_step=f"formats: {', '.join(STRUCTURED_FORMATS)}",
        )
    return form


def format_option(plain: str, formats: Sequence[str] = FORMATS[1:]) -> OptionInfo:
    """The option --format; `plain` describes the plain lines."""

    def complete(prefix: str) -> list[str]:
        return [form for form in ("auto", *formats) if form.startswith(prefix)]

    option: OptionInfo = typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        autocompletion=complete,
        help="output format: auto (table on a terminal, else plain), "
        f"{', '.join(formats)}; plain {plain}",
    )
    return option


PAPER_COLUMNS = "columns: section, id, upvotes, gained, comments, day, topics, title"
FormatOption = Annotated[str, format_option(PAPER_COLUMNS)]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", min=0, help="show at most N papers per section"),
]
TopicOption = Annotated[
    str | None,
    typer.Option(
        "--topic",
        "-t",
        metavar="TOPIC",
        autocompletion=complete_topics,
        help="only papers that match this topic; a prefix of its name is enough",
    ),
]


SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="S",
        autocompletion=complete_sources,
        help="only this source, such as arxiv; see `papertrack sources`",
    ),
]


def _finite(seconds: float | None) -> float | None:
    if seconds is not None and not isfinite(seconds):
        raise typer.BadParameter(f"{seconds} is not a number of seconds")
    return seconds


def not_blank(path: str | None) -> str | None:
    """Return the path of an option or argument, if any. Raises BadParameter for a blank one."""
    if path is not None and not path.strip():
        raise typer.BadParameter("it is blank")
    return path


OfflineOption = Annotated[bool, typer.Option("--offline", help="fetch nothing")]
DeadlineOption = Annotated[
    float | None,
    typer.Option(
        "--deadline",
        metavar="SECONDS",
        min=0.1,
        callback=_finite,
        help="time limit for all requests together",
    ),
]
CrossListsOption = Annotated[
    bool,
    typer.Option(
        "--cross-lists", help="include papers that arXiv cross-lists from other categories"
    ),
]
StarredOption = Annotated[bool, typer.Option("--starred", help="only starred papers")]
UnreadOption = Annotated[bool, typer.Option("--unread", help="only papers not marked as read")]
TagOption = Annotated[
    str | None,
    typer.Option(
        "--tag", metavar="T", autocompletion=complete_tags, help="only papers with this tag"
    ),
]
EverythingOption = Annotated[
    bool, typer.Option("--all", help="include hidden and read papers and those older than 30 days")
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="DAY", help="first listing day: 2026-03-01, 30d, monday, 'last week'"
    ),
]
UntilOption = Annotated[str | None, typer.Option("--until", metavar="DAY", help="last listing day")]
IdsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="ID...",
        autocompletion=complete_ids,
        help="ids, URLs, parts of titles, rows of the last table: 3, 5-7; - reads ids from stdin",
    ),
]
