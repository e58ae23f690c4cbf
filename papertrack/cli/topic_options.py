"""What a topic says, as options of the command line: read from them, and written as them."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.options import complete_topics

if TYPE_CHECKING:  # which needs yaml, and not every command about topics does
    from papertrack.config.changes import TopicChange
    from papertrack.models import Breadth

Texts = list[str] | None
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", autocompletion=complete_topics, help="a topic's name")
]
NewNameArgument = Annotated[str, typer.Argument(metavar="NAME", help="the name of the new topic")]
OptionalNameArgument = Annotated[
    str | None,
    typer.Argument(metavar="[NAME]", autocompletion=complete_topics, help="a topic that is there"),
]
AnyOption = Annotated[
    Texts, typer.Option("--any", metavar="PHRASE", help="papers that say this phrase; repeatable")
]
AllOption = Annotated[
    Texts, typer.Option("--all", metavar="PHRASE", help="only those that also say this one")
]
NoneOption = Annotated[
    Texts, typer.Option("--none", metavar="PHRASE", help="none of those that say this one")
]
AuthorOption = Annotated[
    Texts, typer.Option("--author", metavar="NAME", help="also what this person wrote")
]
CategoryOption = Annotated[
    Texts, typer.Option("--category", metavar="CATEGORY", help="only of this category, as cs.CL")
]
DropOption = Annotated[
    Texts, typer.Option("--drop", metavar="PHRASE", help="take this out of whatever list has it")
]
ThresholdOption = Annotated[
    int | None,
    typer.Option(
        "--threshold", metavar="N", min=0, max=100, help="how near a phrase must come; 100 is exact"
    ),
]
BreadthOption = Annotated[
    Literal["phrases", "related"] | None,
    typer.Option("--breadth", help="only what matches, or apart from it also what is related"),
]
WhenOption = Annotated[
    Texts,
    typer.Option(
        "--when",
        metavar="EVENT",
        help="when alerts tell of its papers, in place of what was said: new, 'upvotes >= 50', ..."
        "; repeatable",
    ),
]
RenameOption = Annotated[
    str | None, typer.Option("--rename", metavar="NAME", help="another name for it")
]
WeeksOption = Annotated[
    int | None,
    typer.Option("--weeks", metavar="N", min=1, max=520, help="only what came in the last N weeks"),
]
_OPTIONS = {
    "--any": "any",
    "--all": "all",
    "--none": "none",
    "--author": "authors",
    "--category": "categories",
    "--drop": "drop",
    "--when": "when",
}


def change_of(
    any: Texts,
    all: Texts,
    none: Texts,
    author: Texts,
    category: Texts,
    threshold: int | None,
    drop: Texts = None,
    rename: str | None = None,
    breadth: "Breadth | None" = None,
    when: Texts = None,
) -> "TopicChange":
    """What the options of a command ask for."""
    from papertrack.config.changes import TopicChange

    named = {"any": any, "all": all, "none": none, "authors": author, "categories": category}
    return TopicChange(
        **{field: tuple(texts or ()) for field, texts in named.items()},
        drop=tuple(drop or ()),
        threshold=threshold,
        rename=rename,
        breadth=breadth,
        when=tuple(when or ()),
    )


def command(
    anywhere: GlobalOptions, words: str, name: str, change: "TopicChange | None" = None
) -> str:
    """A command line that can be typed, as `topics edit` of that topic with that change, about the
    same configuration file.
    """
    file = ["--config", anywhere.config] if anywhere.config else []
    options = _written(change) if change else ()
    said = [*options, "--", name] if name.startswith("-") else [name, *options]
    return shlex.join(["papertrack", *file, *words.split(), *said])


def _written(change: "TopicChange") -> Iterator[str]:
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
    """An option with its value, which may begin with a dash."""
    return [f"{option}={value}"] if value.startswith("-") else [option, value]
