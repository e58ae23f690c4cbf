"""Parsing the events that trigger alerts: the language of `when:` in the configuration.

    new                        the paper was listed for the first time
    upvotes >= 50              its upvotes reached 50; also `comments` and `stars` (of its code)
    rising, rising in top 5    it is among the first papers of Trending, by default the first 10
    code appears               it has a code repository
    new version                it has a newer version than when it was first seen
    withdrawn                  its authors withdrew it
    published                  it has a journal reference or the DOI of a published version
    upvotes double             its upvotes doubled since it was first seen, to ten at least
    listed on huggingface      this source listed it

Each event occurs once for a paper; for a starred paper, later versions and doublings are events of
their own, named with their value ("new version 3"). Libraries store an event as its text in this
spelling.
"""

import re
from typing import NamedTuple

MEASURES = ("upvotes", "comments", "stars")
NEW, CODE, VERSION, WITHDRAWN = "new", "code appears", "new version", "withdrawn"
PUBLISHED, DOUBLED = "published", "upvotes double"
LEAST_DOUBLED = 10  # upvotes; fewer double by chance
_TOP = 10
_WORD = re.compile(r"\s*(>=|[^\s>=]+|.)")
_FORMS = (
    "new, upvotes >= 50, rising, code appears, new version, withdrawn, listed on huggingface, "
    "published, upvotes double"
)


class EventError(ValueError):
    """A text is not a valid event; `expected` is the correct syntax at a column, from 1."""

    def __init__(self, expected: str, column: int) -> None:
        super().__init__(f"column {column}: expected {expected}")
        self.expected, self.column = expected, column


class Event(NamedTuple):
    """An event that triggers an alert about a paper.

    `kind` is "count" with a measure as `subject` and the minimum as `number`, "rising" with the
    number of papers at the top, "listed" with a source as `subject`, or NEW, CODE, VERSION,
    WITHDRAWN, PUBLISHED or DOUBLED.
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


class _EventScanner:
    """The words of an event, consumed in order."""

    def __init__(self, text: str) -> None:
        matches = _WORD.finditer(text.rstrip())
        self._words = [(match[1].lower(), match.start(1) + 1) for match in matches]
        self._end = len(text) + 1

    def take(self, *allowed: str, expected: str = "") -> str:
        """Consume the next word. Raises EventError if it is missing or not allowed."""
        word, column = self._words[0] if self._words else ("", self._end)
        if not word or (allowed and word not in allowed):
            raise EventError(expected or " or ".join(allowed), column)
        del self._words[0]
        return word

    def take_number(self) -> int:
        """Consume the next word as a whole number from 1. Raises EventError."""
        word, column = self._words[0] if self._words else ("", self._end)
        if not re.fullmatch("[1-9][0-9]{0,8}", word):
            raise EventError("a whole number from 1", column)
        return int(self.take())

    def expect_end(self) -> None:
        """Raise EventError if words are left."""
        if self._words:
            raise EventError("nothing more", self._words[0][1])

    @property
    def has_more(self) -> bool:
        """Whether words are left."""
        return bool(self._words)


def parse_event(text: str) -> Event:
    """Parse an event; case and spaces do not matter. Raises EventError."""
    scanner = _EventScanner(text)
    first = scanner.take(
        *MEASURES,
        *("new", "rising", "code", "withdrawn", "listed", PUBLISHED),
        expected=f"one of: {_FORMS}",
    )
    event = _event(first, scanner)
    scanner.expect_end()
    return event


def _event(first: str, scanner: _EventScanner) -> Event:
    if first in MEASURES:
        doubles = scanner.take(">=", *(["double"] if first == "upvotes" else [])) == "double"
        return Event(DOUBLED) if doubles else Event("count", first, scanner.take_number())
    if first == "rising":
        return Event("rising", number=_take_top(scanner) if scanner.has_more else _TOP)
    if first == "listed":
        scanner.take("on")
        return Event("listed", scanner.take(expected="the name of a source"))
    if first == "new" and not scanner.has_more:
        return Event(NEW)
    following = {"code": "appears", "new": "version"}.get(first)
    return Event(f"{first} {scanner.take(following)}" if following else first)


def _take_top(scanner: _EventScanner) -> int:
    scanner.take("in")
    scanner.take("top")
    return scanner.take_number()
