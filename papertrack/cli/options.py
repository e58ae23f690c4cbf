"""Options and arguments shared by several commands."""

from typing import Annotated

import typer

from papertrack.cli.completions import complete_ids, complete_tags, complete_topics
from papertrack.cli.session import choose_format
from papertrack.display import FORMATS, Format
from papertrack.errors import UsageError


def _formats(prefix: str) -> list[str]:
    return [form for form in FORMATS if form.startswith(prefix)]


FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        autocompletion=_formats,
        help=f"output format: {', '.join(FORMATS)}; auto is table on a terminal, else plain",
    ),
]
STRUCTURED_FORMATS = ("table", "plain", "json", "jsonl")


def _structured(prefix: str) -> list[str]:
    return [form for form in STRUCTURED_FORMATS if form.startswith(prefix)]


def choose_structured_format(name: str) -> Format:
    """Return the format of a result that is not a list of papers. Raises UsageError."""
    form = choose_format(name)
    if form not in STRUCTURED_FORMATS:
        raise UsageError(
            f"this command has no format {form}",
            next_step=f"formats: {', '.join(STRUCTURED_FORMATS)}",
        )
    return form


# For results that are not lists of papers.
StructuredFormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        autocompletion=_structured,
        help="output format: auto (table on a terminal, else plain), "
        + ", ".join(STRUCTURED_FORMATS),
    ),
]
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


def _sources(prefix: str) -> list[str]:
    """The names of all available sources that start with a prefix."""
    from papertrack.source_registry import names

    return [name for name in names() if name.startswith(prefix)]


SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="S",
        autocompletion=_sources,
        help="only this source, such as arxiv; see `papertrack sources`",
    ),
]
OfflineOption = Annotated[bool, typer.Option("--offline", help="fetch nothing")]
DeadlineOption = Annotated[
    float | None,
    typer.Option(
        "--deadline", metavar="SECONDS", min=0.1, help="time limit for all requests together"
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
