"""Options that define a topic: declared for typer, parsed, and written into commands."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from papertrack.cli.completions import complete_topics
from papertrack.cli.global_options import GlobalOptions

if TYPE_CHECKING:  # needs yaml, which some commands about topics do not
    from papertrack.config.changes import TopicChange
    from papertrack.models import Breadth

_Texts = list[str] | None
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", autocompletion=complete_topics, help="name of a topic")
]
NewNameArgument = Annotated[str, typer.Argument(metavar="NAME", help="name of the new topic")]
OptionalNameArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[NAME]", autocompletion=complete_topics, help="name of an existing topic"
    ),
]
AnyOption = Annotated[
    _Texts,
    typer.Option("--any", metavar="PHRASE", help="phrase that makes a paper match; repeatable"),
]
AllOption = Annotated[
    _Texts,
    typer.Option(
        "--all", metavar="PHRASE", help="phrase that every match must contain; repeatable"
    ),
]
NoneOption = Annotated[
    _Texts,
    typer.Option("--none", metavar="PHRASE", help="phrase that no match may contain; repeatable"),
]
AuthorOption = Annotated[
    _Texts, typer.Option("--author", metavar="NAME", help="author whose papers match; repeatable")
]
OrganizationOption = Annotated[
    _Texts,
    typer.Option(
        "--organization", metavar="NAME", help="organization whose papers match; repeatable"
    ),
]
CategoryOption = Annotated[
    _Texts,
    typer.Option(
        "--category", metavar="CATEGORY", help="category that matches must have, such as cs.CL"
    ),
]
DropOption = Annotated[
    _Texts,
    typer.Option("--drop", metavar="PHRASE", help="value to remove from its list; repeatable"),
]
ThresholdOption = Annotated[
    int | None,
    typer.Option(
        "--threshold", metavar="N", min=0, max=100, help="minimum score of a match; 100 is exact"
    ),
]
BreadthOption = Annotated[
    Literal["phrases", "related"] | None,
    typer.Option("--breadth", help="only matches, or also related papers, marked as such"),
]
WhenOption = Annotated[
    _Texts,
    typer.Option(
        "--when",
        metavar="EVENT",
        help="event that triggers alerts, replacing the current events: new, 'upvotes >= 50', ...;"
        " repeatable",
    ),
]
RenameOption = Annotated[str | None, typer.Option("--rename", metavar="NAME", help="new name")]
WeeksOption = Annotated[
    int | None,
    typer.Option("--weeks", metavar="N", min=1, max=520, help="only papers of the last N weeks"),
]
_OPTIONS = {
    "--any": "any",
    "--all": "all",
    "--none": "none",
    "--author": "authors",
    "--organization": "organizations",
    "--category": "categories",
    "--drop": "drop",
    "--when": "when",
}


def topic_change(
    any: _Texts,
    all: _Texts,
    none: _Texts,
    author: _Texts,
    organization: _Texts,
    category: _Texts,
    threshold: int | None,
    drop: _Texts = None,
    rename: str | None = None,
    breadth: "Breadth | None" = None,
    when: _Texts = None,
) -> "TopicChange":
    """Build the change that the options of a command define."""
    from papertrack.config.changes import TopicChange

    named = {
        "any": any,
        "all": all,
        "none": none,
        "authors": author,
        "organizations": organization,
        "categories": category,
    }
    return TopicChange(
        **{field: tuple(texts or ()) for field, texts in named.items()},
        drop=tuple(drop or ()),
        threshold=threshold,
        rename=rename,
        breadth=breadth,
        when=tuple(when or ()),
    )


def command(
    global_options: GlobalOptions, verb: str, name: str, change: "TopicChange | None" = None
) -> str:
    """Return a command line to paste, such as `papertrack topics edit NAME --any PHRASE`.

    It applies to the same configuration file as this run.
    """
    file = ["--config", global_options.config] if global_options.config else []
    options = _options(change) if change else ()
    arguments = [*options, "--", name] if name.startswith("-") else [name, *options]
    return shlex.join(["papertrack", *file, *verb.split(), *arguments])


def _options(change: "TopicChange") -> Iterator[str]:
    for option, field in _OPTIONS.items():
        for text in getattr(change, field):
            yield from _option(option, text)
    if change.threshold is not None:
        yield from _option("--threshold", str(change.threshold))
    if change.breadth is not None:
        yield from _option("--breadth", change.breadth)
    if change.rename is not None:
        yield from _option("--rename", change.rename)


def _option(option: str, value: str) -> list[str]:
    """An option with its value, joined by = if the value begins with a dash."""
    return [f"{option}={value}"] if value.startswith("-") else [option, value]
