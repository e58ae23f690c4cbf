"""The rows of the coverage tables: how well the days of sources are known."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, get_args

from papertrack.calendar import format_moment, parse_moment
from papertrack.library.entry_rows import Row
from papertrack.library.row_values import count, optional_text, text, texts

DayState = Literal["complete", "partial", "quiet", "stale", "failed"]
_STATES = get_args(DayState)
CoverageKey = tuple[str, str, date]  # source, category, day


class Coverage(NamedTuple):
    """How well one day of a source, or of one of its categories, is known.

    `asked` is the time of the last request (UTC), `papers` and `skipped` count the entries of the
    response. `problem` is why it failed, `validator` the ETag or Last-Modified of the response.
    `repaired` counts papers that the response left out and that a later request added. `revised`
    are the ids that it listed as revisions; the later request cannot distinguish these from new
    papers, and clears them.
    """

    source: str
    day: date
    state: DayState
    asked: datetime
    papers: int = 0
    skipped: int = 0
    category: str = ""
    problem: str | None = None
    validator: str | None = None
    repaired: int = 0
    revised: tuple[str, ...] = ()

    @property
    def key(self) -> CoverageKey:
        """The source, category and day."""
        return self.source, self.category, self.day


def from_coverage(coverage: Coverage) -> Row:
    """Return the row of a coverage."""
    moments = {"day": coverage.day.isoformat(), "asked": format_moment(coverage.asked)}
    unusual = {"repaired": coverage.repaired or None, "revised": list(coverage.revised) or None}
    row = coverage._asdict() | moments | unusual
    return {key: value for key, value in row.items() if value not in ("", None)}


def to_coverage(row: Mapping[str, Any]) -> Coverage:
    """Return the coverage of a row. Raises KeyError, TypeError, ValueError if it is invalid."""
    if row["state"] not in _STATES:
        raise ValueError("not a state of a day")
    return Coverage(
        source=text(row["source"]),
        day=date.fromisoformat(row["day"]),
        state=row["state"],
        asked=parse_moment(row["asked"]),
        papers=count(row["papers"]),
        skipped=count(row["skipped"]),
        category=text(row.get("category", "")),
        problem=optional_text(row.get("problem")),
        validator=optional_text(row.get("validator")),
        repaired=count(row.get("repaired", 0)),
        revised=texts(row.get("revised", ())),
    )
