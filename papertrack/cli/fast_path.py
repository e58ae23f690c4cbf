"""A parser for plain `today` lines that does not import typer.

Importing typer takes five times as long as starting a bare Python, which is the whole start-up
budget of `today`. Lines that are certainly valid are parsed here; typer parses all others,
including requests for help and usage errors. A test checks that both parsers agree.
"""

from collections.abc import Sequence

from papertrack.cli.today import TodayOptions

_TEXTS = {
    "--date": "date",
    "--week": "week",
    "--month": "month",
    "--topic": "topic",
    "-t": "topic",
    "--source": "source",
    "--format": "format",
    "-f": "format",
}
_NUMBERS = {"--days": "days", "--limit": "limit"}
_SECONDS = {"--deadline": "deadline"}
_FLAGS = {
    "--offline": "offline",
    "--refresh": "refresh",
    "--sample": "sample",
    "--cross-lists": "cross_lists",
}
_MAX_DIGITS = 9


def parse_today(arguments: Sequence[str]) -> TodayOptions | None:
    """Parse a `today` line, or return None if typer has to parse it."""
    if arguments[:1] != ["today"]:
        return None
    options: dict[str, str | float | bool] = {}
    remaining = iter(arguments[1:])
    for argument in remaining:
        if argument in _FLAGS:
            options[_FLAGS[argument]] = True
            continue
        name = _TEXTS.get(argument) or _NUMBERS.get(argument) or _SECONDS.get(argument)
        value = next(remaining, "")
        if name is None or not value or value.startswith("-"):
            return None
        if argument not in _TEXTS:
            if not (value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS):
                return None
            if argument in _SECONDS and not int(value):
                return None
        options[name] = value if argument in _TEXTS else int(value)
    return TodayOptions(**options)  # type: ignore[arg-type]  # the loop stores the type of each field
