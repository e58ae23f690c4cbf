"""Parse lines of import files: JSON Lines, papertrack's exports, arXiv's metadata snapshot.

Each line is one JSON object with the keys of a paper in JSON output, or as Hugging Face sends it.
The entry point is `parse_line`, which does not use the library.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any, NamedTuple

from msgspec import MsgspecError, Raw, Struct
from msgspec.json import Decoder
from msgspec.structs import asdict

from papertrack.admission import admit
from papertrack.calendar import parse_moment, utc_day
from papertrack.identifiers import Identifier, arxiv_problem, is_arxiv, parse_id
from papertrack.models import (
    ListingKind,
    Observation,
    Paper,
    PaperListing,
    Sighting,
    Skipped,
    State,
)
from papertrack.people import author_names, split_names
from papertrack.source_registry import IMPORT, PROFILE
from papertrack.text import clean, clean_lines, shorten
from papertrack.timestamps import read_day, read_moment
from papertrack.tracker.import_files import WINDOWS_1252

# Far above real counts; larger integers would overflow the floating-point score.
_MAX_COUNT = 10**9
_KINDS: dict[str, ListingKind] = {"cross": "cross", "revised": "revised"}
_CLAIM_FIELDS = frozenset(Paper._fields) - {"id"}
BIBLIOGRAPHY = "bib:"  # the namespace of papers that have only a key
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # Some editors write it before the first line.


class ImportedPaper(NamedTuple):
    """A parsed line: the paper's sightings, one per listing, and the reader's state.

    A paper of a bibliography has the `key` and the `year` of its entry, and may have `other_ids`.
    """

    sightings: tuple[Sighting, ...]
    state: State
    key: str = ""
    year: str = ""
    other_ids: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of the paper."""
        return self.sightings[0].paper.id

    @property
    def papers(self) -> Iterator[Paper]:
        """The paper as each source claims it."""
        return (sighting.paper for sighting in self.sightings)

    def with_id(self, paper_id: str) -> "ImportedPaper":
        """The same paper with another id."""
        if paper_id == self.id:
            return self
        sightings = (
            sighting._replace(paper=sighting.paper._replace(id=paper_id))
            for sighting in self.sightings
        )
        return self._replace(sightings=tuple(sightings))


class _PlacingFields(Struct):
    """The fields of a line that decide on which day its paper is stored."""

    listings: Any = None
    listed: Any = None
    first_seen: Any = None
    # Which only entries of Hugging Face have.
    paper: Raw = Raw()
    publishedAt: Raw = Raw()  # noqa: N815  # as it is named there


_PLACING, _FIELDS = Decoder(_PlacingFields), Decoder(dict[str, Any])
_REFUSED = (MsgspecError, ValueError, RecursionError)


class BadLine(ValueError):
    """A line that is not a valid paper; the message gives the reason."""


def storage_day(line: bytes, at: datetime) -> date:
    """The day of the table that holds most of a line's paper; importing sorts lines by it.

    Reads only what that needs, and is `at` for a bad line.
    """
    try:
        fields = _placing_fields(line)
        if _is_hugging_face(fields):
            (sighting,) = _hugging_face_paper(fields, at, at, 1).sightings
            return sighting.listed.day if sighting.listed else at.date()
        days = [listed.day for listed in _listings(fields, "")]
        return min(days, default=(_moment(fields, "first_seen") or at).date())
    except BadLine:
        return at.date()


def _placing_fields(line: bytes) -> dict[str, Any]:
    """All fields of an entry of Hugging Face, of another line those of `_PlacingFields`."""
    try:
        fields = _PLACING.decode(line)
    except _REFUSED:
        return _fields(line)
    return _fields(line) if fields.paper or fields.publishedAt else asdict(fields)


def _fields(line: bytes) -> dict[str, Any]:
    # Quicker than json, with the same result for each line that it accepts.
    with suppress(*_REFUSED):
        return _FIELDS.decode(line)
    try:
        fields = json.loads(line.removeprefix(_BYTE_ORDER_MARK).decode(errors=WINDOWS_1252))
    except (ValueError, RecursionError):
        raise BadLine("not JSON") from None
    if not isinstance(fields, dict):
        raise BadLine("not a JSON object")
    return fields


def parse_line(line: bytes, at: datetime, now: datetime, number: int = 1) -> ImportedPaper:
    """Parse one line; `at` is the time of sightings and counts that have none in the file.

    `number` is that of the line, which becomes the rank of an entry of Hugging Face. Bytes that are
    not UTF-8 are decoded as Windows-1252. Raises BadLine.
    """
    fields = _fields(line)
    if _is_hugging_face(fields):
        imported = _hugging_face_paper(fields, at, now, number)
    else:
        imported = _own_paper(fields, at, now)
    return imported._replace(sightings=tuple(map(_admitted, imported.sightings)))


def as_profile(imported: ImportedPaper) -> ImportedPaper:
    """The paper as one of the reader's own: from PROFILE, without listings, counts and star.

    Who imports it stars it with all others of a file, so that they can be undone together.
    """
    sightings = [sighting._replace(listed=None, observations=()) for sighting in imported.sightings]
    others = (sighting for sighting in sightings if sighting.source != IMPORT)
    return imported._replace(
        sightings=(sightings[0]._replace(source=PROFILE), *others),
        state=imported.state._replace(starred=False),
    )


def _admitted(sighting: Sighting) -> Sighting:
    """The sighting with its texts within the limits. Raises BadLine."""
    result = admit(sighting, titled=False)
    if isinstance(result, Skipped):
        raise BadLine(result.reason)
    return result


def _own_paper(fields: dict[str, Any], at: datetime, now: datetime) -> ImportedPaper:
    """The paper of a line in the format of the documentation. Raises BadLine."""
    paper = _paper(fields, utc_day(now))
    listings = _listings(fields, paper.id)
    observations = _observations(fields, at)
    first_seen = _moment(fields, "first_seen") or at
    claims = _claims(fields, paper, {each.source for each in listings}) or [(IMPORT, paper)]
    sightings = [Sighting(claimed, source, first_seen) for source, claimed in claims[1:]]
    source, claimed = claims[0]
    sightings += [
        Sighting(claimed, source, first_seen, listed, observations)
        for listed in listings or (None,)
    ]
    key, year = _citation(fields, paper)
    return ImportedPaper(tuple(sightings), _state(fields.get("state")), key, year)


def _citation(fields: Mapping[str, Any], paper: Paper) -> tuple[str, str]:
    """The key and the year of an entry of a bibliography, "" for other papers."""
    year = str(paper.submitted.year) if paper.submitted else ""
    if paper.id.startswith(BIBLIOGRAPHY):
        return paper.id.removeprefix(BIBLIOGRAPHY), year
    entry = fields.get("bibliography")
    if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
        return "", ""
    return entry["key"], str(entry.get("year") or year)


def _is_hugging_face(fields: Mapping[str, Any]) -> bool:
    """Whether this is an entry of a saved response of Hugging Face, or a saved paper."""
    return isinstance(fields.get("paper"), dict) or ("publishedAt" in fields and "id" in fields)


def _hugging_face_paper(
    fields: dict[str, Any], at: datetime, now: datetime, rank: int
) -> ImportedPaper:
    from papertrack.sources.huggingface import parse_entry

    parsed = parse_entry(fields, rank, at)
    if isinstance(parsed, Skipped):
        raise BadLine(parsed.reason)
    if problem := arxiv_problem(parsed.paper.id, utc_day(now)):
        raise BadLine(f"id is not valid: {problem}")
    return ImportedPaper((parsed,), State())


def _claims(
    fields: Mapping[str, Any], paper: Paper, listed_by: Collection[str]
) -> list[tuple[str, Paper]]:
    """The fields that each source claims, if the file has provenance as papertrack exports it.

    A source that only listed the paper claims nothing.
    """
    provenance, sources = fields.get("provenance"), fields.get("sources")
    if not isinstance(provenance, dict) or not isinstance(sources, list):
        return []
    empty = Paper(paper.id, "")
    claims = {name: empty for name in sources if isinstance(name, str) and name.isidentifier()}
    for field, source in provenance.items():
        if field in _CLAIM_FIELDS and source in claims:
            claims[source] = claims[source]._replace(**{field: getattr(paper, field)})
    # If no source claims the title, the claims are ignored, as the title would be lost.
    if not any(claimed.title for claimed in claims.values()):
        return []
    return [
        (source, claimed)
        for source, claimed in claims.items()
        if claimed != empty or source not in listed_by
    ]


def _paper(fields: Mapping[str, Any], today: date) -> Paper:
    identifier = _identifier(_text(fields, "id"), today)
    version = fields.get("version")
    comment = _optional(fields, "comment") or _snapshot_comment(fields)
    abstract = _optional(fields, "abstract")
    return Paper(
        id=identifier.id,
        title=_text(fields, "title"),
        version=version if _is_positive(version) else _version(fields, identifier.version),
        abstract=abstract,
        authors=_authors(fields),
        categories=_texts(fields, "categories", " "),
        keywords=_texts(fields, "keywords", ", "),
        submitted=_moment(fields, "submitted") or _version_time(fields, 0),
        announced=_day(fields.get("announced"), "announced"),
        updated=_moment(fields, "updated") or _version_time(fields, -1),
        code_url=None
        if fields.get("code_source") in ("comment", "abstract")  # facts.code extracts it again.
        else _link(fields, "code_url"),
        project_url=_link(fields, "project_url"),
        organization=_optional(fields, "organization"),
        withdrawn=_withdrawn(fields, comment, abstract),
        comment=comment,
        journal_ref=_optional(fields, "journal_ref") or _optional(fields, "journal-ref"),
        doi=_optional(fields, "doi"),
        venue=_optional(fields, "venue"),
        tldr=_tldr(fields.get("tldr")),
    )


def _identifier(text: str, today: date) -> Identifier:
    try:
        return parse_id(text, today)
    except ValueError as error:
        raise BadLine(f"id is not valid: {shorten(text, 40)!r}: {error}") from None


def _withdrawn(fields: Mapping[str, Any], comment: str | None, abstract: str | None) -> bool:
    """Whether a paper is withdrawn: as papertrack exports it, else by its comment or abstract."""
    if "withdrawn" in fields:
        return fields["withdrawn"] is True
    from papertrack.sources.arxiv.xml import is_withdrawn

    return is_withdrawn(comment or "", abstract or "")


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    text = clean(value) if isinstance(value, str) else ""
    if not text:
        raise BadLine(f"no {key}" if value in (None, "") else f"{key} is not a text")
    return text


def _optional(fields: Mapping[str, Any], key: str) -> str | None:
    value = fields.get(key)
    if value is None or value == "":
        return None
    return _text(fields, key)


def _note(fields: Mapping[str, Any]) -> str | None:
    """The reader's note with its line breaks."""
    return clean_lines(fields["note"]) if _optional(fields, "note") else None


def _link(fields: Mapping[str, Any], key: str) -> str | None:
    value = _optional(fields, key)
    if value is not None and (not value.startswith(("https://", "http://")) or " " in value):
        raise BadLine(f"{key} is not a web address")
    return value


def _snapshot_comment(fields: Mapping[str, Any]) -> str | None:
    """The authors' comment ("37 pages") in arXiv's snapshot; elsewhere `comments` is a number."""
    comments = fields.get("comments")
    return clean(comments) or None if isinstance(comments, str) else None


def _tldr(value: Any) -> str | None:
    """A summary as papertrack exports it, or a plain text."""
    return (
        _optional(value, "text") if isinstance(value, dict) else _optional({"tldr": value}, "tldr")
    )


def _texts(fields: Mapping[str, Any], key: str, separator: str) -> tuple[str, ...]:
    """A list of texts, or one text with separators."""
    value = fields.get(key) or ()
    if isinstance(value, str):
        value = value.split(separator)
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
        raise BadLine(f"{key} is not a list of texts")
    return tuple(dict.fromkeys(text for raw in value if (text := clean(raw))))


def _authors(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The parsed names of arXiv's snapshot, else a list of names, or a text that lists them."""
    parsed, value = fields.get("authors_parsed"), fields.get("authors")
    if isinstance(parsed, list) and parsed and all(map(_is_parsed_name, parsed)):
        # The parts are family name, given names, suffix and affiliation.
        names = (f"{given} {family} {suffix}" for family, given, suffix, *_ in parsed)
        return author_names(map(clean, names))
    if isinstance(value, str):
        return split_names(clean(value))
    return author_names(_texts(fields, "authors", ", "))


def _is_parsed_name(parts: Any) -> bool:
    return (
        isinstance(parts, list)
        and len(parts) >= len(("family", "given", "suffix"))
        and all(isinstance(part, str) for part in parts)
    )


def _is_count(value: Any) -> bool:
    # Not isinstance, which accepts True as an int.
    return type(value) is int and 0 <= value <= _MAX_COUNT


def _is_positive(value: Any) -> bool:
    return _is_count(value) and value > 0


def _version(fields: Mapping[str, Any], id_version: int | None) -> int | None:
    versions = fields.get("versions")
    return id_version or (len(versions) if isinstance(versions, list) and versions else None)


def _version_time(fields: Mapping[str, Any], index: int) -> datetime | None:
    """The time of a version in arXiv's snapshot, which uses the format of mail headers."""
    versions = fields.get("versions")
    if not isinstance(versions, list) or not versions or not isinstance(versions[index], dict):
        return None
    return read_moment(versions[index].get("created"))


def _moment(fields: Mapping[str, Any], key: str) -> datetime | None:
    """A time; None for years that services write for unknown dates, such as 1 and 9999."""
    value = fields.get(key)
    moment = read_moment(value)
    if moment is None and value is not None:
        try:
            parse_moment(value)
        except (TypeError, ValueError):
            raise BadLine(f"{key} is not a time like 2026-03-31T18:00:00Z") from None
    return moment


def _day(value: Any, key: str) -> date | None:
    if value is None:
        return None
    day = read_day(value)
    if day is None:
        raise BadLine(f"{key} is not a day like 2026-03-31")
    return day


def _listings(fields: Mapping[str, Any], paper_id: str) -> list[PaperListing]:
    """The listing days, with sources and ranks as papertrack exports them, or a single day."""
    listed = fields.get("listed")
    if isinstance(fields.get("listings"), list):
        rows = [row for row in fields["listings"] if isinstance(row, dict)]
        return [_listing(*map(row.get, ("source", "day", "rank", "kind"))) for row in rows]
    if isinstance(listed, dict):
        return [_listing(source, day) for source, day in listed.items() if day]
    if listed is None:
        return []
    return [_listing("arxiv" if is_arxiv(paper_id) else IMPORT, listed)]


def _listing(source: Any, day: Any, rank: Any = None, kind: Any = "new") -> PaperListing:
    listed = _day(day, "listed")
    if listed is None or not isinstance(source, str) or not source.isidentifier():
        raise BadLine("listed is neither a day nor days by source")
    listing_kind = _KINDS.get(kind if isinstance(kind, str) else "", "new")
    return PaperListing(source, listed, rank if _is_positive(rank) else None, listing_kind)


def _observations(fields: Mapping[str, Any], at: datetime) -> tuple[Observation, ...]:
    rows = fields.get("observations")
    if isinstance(rows, list):
        return tuple(_observation(row) for row in rows if isinstance(row, dict))
    counts = [fields.get(key) for key in ("upvotes", "comments", "code_stars")]
    if isinstance(counts[1], str):  # arXiv's snapshot has the authors' comment: "37 pages"
        counts[1] = None
    for value in counts:
        if value is not None and not _is_count(value):
            raise BadLine("upvotes, comments and code_stars must be whole numbers from 0")
    return (Observation(at, *counts),) if any(value is not None for value in counts) else ()


def _observation(row: Mapping[str, Any]) -> Observation:
    at = _moment(row, "at")
    if at is None:
        raise BadLine("an observation has no time")
    counts = [row.get(key) for key in ("upvotes", "comments", "stars")]
    return Observation(at, *(value if _is_count(value) else None for value in counts))


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
