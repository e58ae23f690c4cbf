"""Reading papers from other people's files: JSON Lines, our own exports, arXiv's metadata snapshot.

One JSON object a line; the keys are those of a PAPER in JSON output. `parse_line` decides nothing
about the library: it turns one line into one `Imported` or says why it cannot.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from papertrack.calendar import parse_moment
from papertrack.identifiers import is_arxiv, parse_arxiv
from papertrack.models import Listed, ListingKind, Observation, Paper, Sighting, State
from papertrack.source_registry import IMPORT
from papertrack.text import clean, clean_lines

_LONGEST_ID = 200
_MOST_COUNTED = 10**9  # no real count comes near, and ranks are reckoned in floating point
_KINDS: dict[str, ListingKind] = {"cross": "cross", "revised": "revised"}
_TOLD = frozenset(Paper._fields) - {"id"}
_MARK = b"\xef\xbb\xbf"  # some editors put it before the first line


class ImportedPaper(NamedTuple):
    """One line: the paper's sightings, one a listing, and what a reader had marked on it."""

    sightings: tuple[Sighting, ...]
    state: State

    @property
    def home(self) -> date:
        """The day by which lines are stored together."""
        days = [one.listed.day for one in self.sightings if one.listed]
        return min(days, default=self.sightings[0].seen.date())


class BadLine(ValueError):
    """A line that is no paper; the message says why."""


def parse_line(line: bytes, at: datetime) -> ImportedPaper:
    """One line as sightings at the moment `at`, which counts without a moment of their own get.

    Raises BadLine.
    """
    try:
        fields = json.loads(line.removeprefix(_MARK))
    except (ValueError, RecursionError):
        raise BadLine("not JSON") from None
    if not isinstance(fields, dict):
        raise BadLine("not a JSON object")
    paper = _paper(fields)
    listings = _listings(fields, paper.id)
    observations = _observations(fields, at)
    seen = _moment(fields, "first_seen") or at
    words = _words(fields, paper)
    if not words:
        words = [(IMPORT, paper)]
    sightings = [Sighting(said, source, seen) for source, said in words[1:]]
    source, said = words[0]
    sightings += [
        Sighting(said, source, seen, listed, observations) for listed in listings or (None,)
    ]
    return ImportedPaper(tuple(sightings), _state(fields.get("state")))


def _words(fields: Mapping[str, Any], paper: Paper) -> list[tuple[str, Paper]]:
    """What each source told of a paper, as our own exports say; nothing where they do not."""
    provenance, sources = fields.get("provenance"), fields.get("sources")
    if not isinstance(provenance, dict) or not isinstance(sources, list):
        return []
    nothing = Paper(paper.id, "")
    told = {one: nothing for one in sources if isinstance(one, str) and one.isidentifier()}
    for field, source in provenance.items():
        if field in _TOLD and source in told:
            told[source] = told[source]._replace(**{field: getattr(paper, field)})
    # A title that nobody told would be lost.
    return list(told.items()) if any(said.title for said in told.values()) else []


def _paper(fields: Mapping[str, Any]) -> Paper:
    known = parse_arxiv(_text(fields, "id"))
    version = fields.get("version")
    return Paper(
        id=known.id if known else _other_id(_text(fields, "id")),
        title=_text(fields, "title"),
        version=version if _is_rank(version) else _version(fields, known and known.version),
        abstract=_optional(fields, "abstract"),
        authors=_texts(fields, "authors", ", "),
        categories=_texts(fields, "categories", " "),
        keywords=_texts(fields, "keywords", ", "),
        submitted=_moment(fields, "submitted") or _first_version(fields),
        announced=_day(fields.get("announced"), "announced"),
        updated=_moment(fields, "updated"),
        code_url=_link(fields, "code_url"),
        project_url=_link(fields, "project_url"),
        organization=_optional(fields, "organization"),
        withdrawn=fields.get("withdrawn") is True,
    )


def _other_id(text: str) -> str:
    if len(text) > _LONGEST_ID or " " in text:
        raise BadLine(f"id is no identifier: {text[:40]!r}")
    return text


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not clean(value):
        raise BadLine(f"no {key}" if value in (None, "") else f"{key} is not a text")
    return clean(value)


def _optional(fields: Mapping[str, Any], key: str) -> str | None:
    value = fields.get(key)
    if value is None or value == "":
        return None
    return _text(fields, key)


def _note(fields: Mapping[str, Any]) -> str | None:
    """What a reader wrote, line by line."""
    return clean_lines(fields["note"]) if _optional(fields, "note") else None


def _link(fields: Mapping[str, Any], key: str) -> str | None:
    value = _optional(fields, key)
    if value is not None and (not value.startswith(("https://", "http://")) or " " in value):
        raise BadLine(f"{key} is not a web address")
    return value


def _texts(fields: Mapping[str, Any], key: str, separator: str) -> tuple[str, ...]:
    """A list of texts; arXiv's snapshot writes them as one, with separators."""
    value = fields.get(key) or ()
    if isinstance(value, str):
        value = value.replace(" and ", ", ").split(separator)
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise BadLine(f"{key} is not a list of texts")
    return tuple(dict.fromkeys(text for one in value if (text := clean(one))))


def _is_count(value: Any) -> bool:
    # Not isinstance: to that, true is an int.
    return type(value) is int and 0 <= value <= _MOST_COUNTED


def _is_rank(value: Any) -> bool:
    return _is_count(value) and value > 0


def _version(fields: Mapping[str, Any], written: int | None) -> int | None:
    versions = fields.get("versions")
    return written or (len(versions) if isinstance(versions, list) and versions else None)


def _first_version(fields: Mapping[str, Any]) -> datetime | None:
    """The moment of version 1 as arXiv's snapshot has it, in the format of mail headers."""
    versions = fields.get("versions")
    if not isinstance(versions, list) or not versions or not isinstance(versions[0], dict):
        return None
    from email.utils import parsedate_to_datetime

    try:
        return parse_moment(parsedate_to_datetime(str(versions[0].get("created"))).isoformat())
    except (ValueError, OverflowError):
        return None


def _moment(fields: Mapping[str, Any], key: str) -> datetime | None:
    value = fields.get(key)
    if value is None:
        return None
    try:
        return parse_moment(value)
    except (TypeError, ValueError):
        raise BadLine(f"{key} is not a moment like 2026-03-31T18:00:00Z") from None


def _day(value: Any, key: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadLine(f"{key} is not a day like 2026-03-31") from None


def _listings(fields: Mapping[str, Any], paper_id: str) -> list[Listed]:
    """The listing days: with sources and ranks as we export them, or one day alone."""
    listed = fields.get("listed")
    if isinstance(fields.get("listings"), list):
        rows = [row for row in fields["listings"] if isinstance(row, dict)]
        return [_listing(*map(row.get, ("source", "day", "rank", "kind"))) for row in rows]
    if isinstance(listed, dict):
        return [_listing(source, day) for source, day in listed.items() if day]
    if listed is None:
        return []
    return [_listing("arxiv" if is_arxiv(paper_id) else IMPORT, listed)]


def _listing(source: Any, day: Any, rank: Any = None, kind: Any = "new") -> Listed:
    listed = _day(day, "listed")
    if listed is None or not isinstance(source, str) or not source.isidentifier():
        raise BadLine("listed is neither a day nor days by source")
    told = _KINDS.get(kind if isinstance(kind, str) else "", "new")
    return Listed(source, listed, rank if _is_rank(rank) else None, told)


def _observations(fields: Mapping[str, Any], at: datetime) -> tuple[Observation, ...]:
    rows = fields.get("observations")
    if isinstance(rows, list):
        return tuple(_observation(row) for row in rows if isinstance(row, dict))
    counts = [fields.get(key) for key in ("upvotes", "comments", "code_stars")]
    if isinstance(counts[1], str):  # in arXiv's snapshot the authors' own: "37 pages, 15 figures"
        counts[1] = None
    for value in counts:
        if value is not None and not _is_count(value):
            raise BadLine("upvotes, comments and code_stars are whole numbers from 0")
    return (Observation(at, *counts),) if any(one is not None for one in counts) else ()


def _observation(row: Mapping[str, Any]) -> Observation:
    at = _moment(row, "at")
    if at is None:
        raise BadLine("an observation has no moment")
    counts = [row.get(key) for key in ("upvotes", "comments", "stars")]
    return Observation(at, *(one if _is_count(one) else None for one in counts))


def _state(fields: Any) -> State:
    if not isinstance(fields, dict):
        return State()
    tags = fields.get("tags")
    return State(
        starred=fields.get("starred") is True,
        read=fields.get("read") is True,
        hidden=fields.get("hidden") is True,
        tags=_texts(fields, "tags", ", ") if tags else (),
        note=_note(fields),
    )
