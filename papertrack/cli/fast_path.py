"""Reading a plain `today` line without typer.

Importing typer takes five times what a bare Python takes to start; the budget of `today` is five
times in all. So a line that is certainly right is read here, and every other one, help and
mistakes included, by typer. A test holds the two to the same answer.
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
_MOST_DIGITS = 9


def parse_today(arguments: Sequence[str]) -> TodayOptions | None:
    """The options of a `today` line, or None where typer should have a look."""
    if arguments[:1] != ["today"]:
        return None
    said: dict[str, str | float | bool] = {}
    waiting = iter(arguments[1:])
    for argument in waiting:
        if argument in _FLAGS:
            said[_FLAGS[argument]] = True
            continue
        name = _TEXTS.get(argument) or _NUMBERS.get(argument) or _SECONDS.get(argument)
        value = next(waiting, "")
        if name is None or not value or value.startswith("-"):
            return None
        if argument not in _TEXTS:
            if not (value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS):
                return None
            if argument in _SECONDS and not int(value):
                return None
        said[name] = value if argument in _TEXTS else int(value)
    return TodayOptions(**said)  # type: ignore[arg-type]  # each field has its own kind above
