"""When alerts tell of a paper: a small language for `when:` in the configuration.

    new                        it was listed for the first time
    upvotes >= 50              a count has got there; also comments and stars (of its code)
    rising, rising in top 5    it is among the first of Trending; 10 where no number is said
    code appears               it has code
    new version                a later version came than the one that was first seen
    withdrawn                  its authors took it back
    listed on huggingface      that source has listed it

Each fires once a paper. An event is known by its text as it is written out here.
"""

import re
from typing import NamedTuple

MEASURES = ("upvotes", "comments", "stars")
NEW, CODE, VERSION, WITHDRAWN = "new", "code appears", "new version", "withdrawn"
_TOP = 10
_WORD = re.compile(r"\s*(>=|[^\s>=]+|.)")
_FORMS = "new, upvotes >= 50, rising, code appears, new version, withdrawn, listed on huggingface"


class EventError(ValueError):
    """No event is written like that: what was expected, and at which column, counted from 1."""

    def __init__(self, expected: str, column: int) -> None:
        super().__init__(f"column {column}: expected {expected}")
        self.expected, self.column = expected, column


class Event(NamedTuple):
    """One event. `kind` is "count" with a measure as `subject` and the least `number`, "rising"
    with how many are at the top, "listed" with a source as `subject`, or one of the fixed ones.
    """

    kind: str
    subject: str = ""
    number: int = 0

    def __str__(self) -> str:
        if self.kind == "count":
            return f"{self.subject} >= {self.number}"
        if self.kind == "rising":
            return "rising" if self.number == _TOP else f"rising in top {self.number}"
        return f"listed on {self.subject}" if self.kind == "listed" else self.kind


class _Words:
    """The words of a text, taken one after another."""

    def __init__(self, text: str) -> None:
        self._words = [(one[1].lower(), one.start(1) + 1) for one in _WORD.finditer(text.rstrip())]
        self._end = len(text) + 1

    def take(self, *wanted: str, expected: str = "") -> str:
        """The next word, which is one of those wanted, or any. Raises EventError."""
        word, column = self._words[0] if self._words else ("", self._end)
        if not word or (wanted and word not in wanted):
            raise EventError(expected or " or ".join(wanted), column)
        del self._words[0]
        return word

    def number(self) -> int:
        """The next word as a whole number from 1. Raises EventError."""
        word, column = self._words[0] if self._words else ("", self._end)
        if not re.fullmatch("[1-9][0-9]{0,8}", word):
            raise EventError("a whole number from 1", column)
        return int(self.take())

    def end(self) -> None:
        """Raises EventError where there is more."""
        if self._words:
            raise EventError("nothing more", self._words[0][1])

    @property
    def left(self) -> bool:
        """Whether there is more."""
        return bool(self._words)


def parse_event(text: str) -> Event:
    """The event that a text says, in any case and with any spaces. Raises EventError."""
    words = _Words(text)
    first = words.take(
        *MEASURES, "new", "rising", "code", "withdrawn", "listed", expected=f"one of: {_FORMS}"
    )
    event = _rest(first, words)
    words.end()
    return event


def _rest(first: str, words: _Words) -> Event:
    if first in MEASURES:
        words.take(">=")
        return Event("count", first, words.number())
    if first == "rising":
        return Event("rising", number=_top(words) if words.left else _TOP)
    if first == "listed":
        words.take("on")
        return Event("listed", words.take(expected="the name of a source"))
    if first == "new" and not words.left:
        return Event(NEW)
    following = {"code": "appears", "new": "version"}.get(first)
    return Event(f"{first} {words.take(following)}" if following else first)


def _top(words: _Words) -> int:
    words.take("in")
    words.take("top")
    return words.number()
