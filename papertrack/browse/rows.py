"""A paper as a row of the list: marks, upvotes, title, topics and day, in any width."""

from datetime import date, datetime

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from papertrack import facts
from papertrack.display.looks import CODE, MATCHED, SECONDARY, TOPIC, VALUE
from papertrack.highlighting import occurrences, spans
from papertrack.models import Entry
from papertrack.text import clean, fold_word, readable
from papertrack.word_breaks import words_in

_GAP = "  "
_MIN_TITLE = 24  # cells; the columns on the right are shown only beside so many
_UPVOTES, _DAY = 5, 8  # cells


def row(entry: Entry, width: int, now: datetime, words: frozenset[str], *, picked: bool) -> Text:
    """The row of a paper in exactly `width` cells."""
    line = _marks(entry, picked=picked)
    upvotes = entry.latest.upvotes if entry.latest else None
    votes = "" if upvotes is None else f"▲{upvotes}"
    line.append(f"{votes:>{_UPVOTES}} ", VALUE)
    right = _right(entry, width - line.cell_len, now)
    title = Text(clean(readable(entry.paper.title)))
    highlight(title, entry, words)
    title.truncate(max(width - line.cell_len - right.cell_len, 1), overflow="ellipsis")
    line.append_text(title)
    line.append(" " * (width - line.cell_len - right.cell_len)).append_text(right)
    line.truncate(width)
    if entry.state.read or entry.state.hidden:
        line.stylize(SECONDARY)
    if entry.state.hidden:
        line.stylize(Style(strike=True), 5, width)
    return line


def waiting_row(width: int) -> Text:
    """The row of a paper that has not been read yet."""
    return Text("·".center(9).ljust(width)[:width], SECONDARY)


def highlight(text: Text, entry: Entry, words: frozenset[str], style: str = MATCHED) -> None:
    """Mark what matched a topic, as it was matched or else word by word, and the search."""
    phrases = {
        match.matched for match in entry.matches if match.field in ("title", "abstract", "keywords")
    }
    folded = {fold_word(word[0]) for phrase in phrases for word in words_in(phrase)}
    matched = list(occurrences(text.plain, phrases)) or list(spans(text.plain, folded))
    for first, last in (*matched, *spans(text.plain, words)):
        text.stylize(style, first, last)


def _marks(entry: Entry, *, picked: bool) -> Text:
    """Four cells: selected, starred, read or hidden, matching or related."""
    state = entry.state
    line = Text().append("+" if picked else " ", VALUE)
    line.append("★" if state.starred else " ", "yellow")
    line.append("x" if state.hidden else "✓" if state.read else " ", SECONDARY)
    line.append("●" if entry.matches else "○" if entry.related else " ", TOPIC)
    return line


def _day(day: date, year: int) -> str:
    return f"{day.day} {day:%b}" if day.year == year else f"{day:%b %Y}"


def _right(entry: Entry, room: int, now: datetime) -> Text:
    """Topics, tags, note, code and day, as far as they fit beside the title."""
    day = facts.newest_listing_day(entry)
    names = dict.fromkeys(
        [match.topic for match in entry.matches] + [topic.topic for topic in entry.related]
    )
    parts = (
        (_day(day, now.year).rjust(_DAY) if day else "", SECONDARY),
        (clean(", ".join(names)), TOPIC),
        (" ".join(f"#{tag}" for tag in entry.state.tags), CODE),
        ("note" if entry.state.note else "", CODE),
    )
    right = Text()
    for text, style in parts:
        if text and room - right.cell_len - cell_len(_GAP + text) >= _MIN_TITLE:
            right = Text(_GAP).append(text, style).append_text(right)
    return right
