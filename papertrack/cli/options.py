"""Options and arguments that several commands share."""

from typing import Annotated

import typer

from papertrack.display import FORMATS


def _formats(beginning: str) -> list[str]:
    return [form for form in FORMATS if form.startswith(beginning)]


def complete_topics(context: typer.Context, beginning: str) -> list[str]:
    """The configured topics, for tab completion; a broken configuration completes to nothing."""
    from papertrack.cli.global_options import GlobalOptions
    from papertrack.cli.session import start
    from papertrack.errors import PapertrackError

    try:
        topics = start(
            GlobalOptions(config=context.find_root().params.get("_config"))
        ).config.topics
    except PapertrackError:
        return []
    return [one.name for one in topics if one.name.casefold().startswith(beginning.casefold())]


FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        autocompletion=_formats,
        help=f"{', '.join(FORMATS)}: a table on a terminal and plain lines elsewhere, or as named",
    ),
]
STRUCTURED = ("table", "plain", "json", "jsonl")


def _structured(beginning: str) -> list[str]:
    return [form for form in STRUCTURED if form.startswith(beginning)]


# Of answers that are no list of papers.
StructuredFormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        autocompletion=_structured,
        help=f"auto, {', '.join(STRUCTURED)}: a table on a terminal and plain lines elsewhere",
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", min=0, help="at most N papers in each section"),
]
TopicOption = Annotated[
    str | None,
    typer.Option(
        "--topic",
        "-t",
        metavar="TOPIC",
        autocompletion=complete_topics,
        help="only what matches this topic; the beginning of its name is enough",
    ),
]


def _sources(beginning: str) -> list[str]:
    """The names of all sources that can be enabled, for tab completion."""
    from papertrack.source_registry import names

    return [name for name in names() if name.startswith(beginning)]


SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="S",
        autocompletion=_sources,
        help="only this source: huggingface, arxiv; `papertrack sources` lists them",
    ),
]
DeadlineOption = Annotated[
    float | None,
    typer.Option(
        "--deadline", metavar="SECONDS", min=0.1, help="how long all asking may take together"
    ),
]
CrossListsOption = Annotated[
    bool,
    typer.Option("--cross-lists", help="also what arXiv lists from other categories"),
]
StarredOption = Annotated[bool, typer.Option("--starred", help="only starred papers")]
UnreadOption = Annotated[bool, typer.Option("--unread", help="only papers not marked read")]
TagOption = Annotated[
    str | None, typer.Option("--tag", metavar="T", help="only papers with this tag")
]
EverythingOption = Annotated[
    bool, typer.Option("--all", help="also what is hidden, read or older than 30 days")
]
SinceOption = Annotated[
    str | None,
    typer.Option(
        "--since", metavar="DAY", help="from this listing day: 2026-03-01, 30d, yesterday"
    ),
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DAY", help="up to and with this listing day")
]
IdsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="ID...", help="ids or URLs in any form, or a fragment of a title, in quotes"
    ),
]
