"""A parser for plain lines of `today`, `trending` and `search` that does not import typer.

Importing typer takes five times as long as starting a bare Python, which is the whole start-up
budget of these commands. Lines that are certainly valid are parsed here; typer parses all others,
including requests for help and usage errors. A test checks that both parsers agree.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

_MAX_DIGITS = 9


class Grammar(NamedTuple):
    """The options of a command by the kinds of their values, with the names of their fields.

    `choices` has the values of the options that take only some. `words` is the field of all other
    arguments, "" for a command that takes none; they are required.
    """

    texts: Mapping[str, str]
    numbers: Mapping[str, str]
    seconds: Mapping[str, str] = {}
    flags: Mapping[str, str] = {}
    choices: Mapping[str, Sequence[str]] = {}
    words: str = ""


def parse_options(arguments: Sequence[str], grammar: Grammar) -> dict[str, Any] | None:
    """Return the values of the options by field, or None if typer has to parse them."""
    options: dict[str, Any] = {}
    words: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if grammar.words and not argument.startswith("-"):
            words.append(argument)
            continue
        if argument in grammar.flags:
            options[grammar.flags[argument]] = True
            continue
        value = next(remaining, "")
        if not value or value.startswith("-"):
            return None
        if argument in grammar.texts:
            if value not in grammar.choices.get(argument, (value,)):
                return None
            options[grammar.texts[argument]] = value
            continue
        name = grammar.numbers.get(argument) or grammar.seconds.get(argument)
        if name is None or not _is_number(value, positive=argument in grammar.seconds):
            return None
        options[name] = int(value)
    if grammar.words:
        options[grammar.words] = tuple(words)
    return options if words or not grammar.words else None


def _is_number(value: str, *, positive: bool) -> bool:
    is_number = value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS
    return is_number and not (positive and int(value) == 0)
