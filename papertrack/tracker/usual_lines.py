"""Parse the usual lines of import files faster than `import_lines.parse_line`.

A line is usual if it has nothing but the fields of a paper and one listing day, in the types of the
documentation. Every other line is left to `parse_line`, as is every error.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from msgspec import MsgspecError, Struct
from msgspec.json import Decoder

from papertrack.admission import admit, are_few
from papertrack.calendar import utc_day
from papertrack.identifiers import is_arxiv, parse_id
from papertrack.models import Paper, PaperListing, Sighting, State
from papertrack.people import author_names
from papertrack.source_registry import IMPORT
from papertrack.sources.arxiv.xml import is_withdrawn
from papertrack.text import MAX_LENGTH, clean, has_plain_texts
from papertrack.timestamps import read_day, read_moment
from papertrack.tracker.import_lines import BIBLIOGRAPHY, ImportedPaper

_Clean = Callable[[str], str]
_CACHED_LISTINGS = 4096


class _UsualLine(Struct, forbid_unknown_fields=True):
    """The fields of a usual line; None and "" are unknown values."""

    id: str
    title: str
    abstract: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    submitted: str | None = None
    announced: str | None = None
    updated: str | None = None
    organization: str | None = None
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    venue: str | None = None
    listed: str | None = None
    first_seen: str | None = None


class _NotUsualError(ValueError):
    """A value that only `parse_line` can read, or refuse."""


_DECODER = Decoder(_UsualLine)


def parse_usual_line(line: bytes, at: datetime, now: datetime) -> ImportedPaper | None:
    """Return the paper of a usual line as `parse_line` returns it, None for any other line."""
    try:
        fields = _DECODER.decode(line)
        is_plain = len(line) <= MAX_LENGTH and has_plain_texts(line)
        paper = _paper(fields, _one_line if is_plain else clean, utc_day(now))
        first_seen = _moment(fields.first_seen) or at
        listed = None
        if fields.listed is not None:
            listed = _listing("arxiv" if is_arxiv(paper.id) else IMPORT, fields.listed)
    except (MsgspecError, ValueError):
        return None
    sighting = Sighting(paper, IMPORT, first_seen, listed)
    if not (is_plain and are_few(paper, len(line) - len(fields.abstract or ""))):
        admitted = admit(sighting, titled=False)
        if not isinstance(admitted, Sighting):
            return None
        sighting = admitted
    return ImportedPaper((sighting,), State())


def _paper(fields: _UsualLine, clean: _Clean, today: date) -> Paper:
    """The paper of a line. Raises ValueError for what is not usual."""
    identifier = parse_id(clean(fields.id), today)
    title = clean(fields.title)
    if not title or identifier.id.startswith(BIBLIOGRAPHY):
        raise _NotUsualError
    abstract, comment = _text(fields.abstract, clean), _text(fields.comment, clean)
    return Paper(
        identifier.id,
        title,
        identifier.version,
        abstract,
        author_names(_texts(fields.authors, clean)),
        _texts(fields.categories, clean),
        _texts(fields.keywords, clean),
        _moment(fields.submitted),
        None if fields.announced is None else _day(fields.announced),
        _moment(fields.updated),
        organization=_text(fields.organization, clean),
        withdrawn=is_withdrawn(comment or "", abstract or ""),
        comment=comment,
        journal_ref=_text(fields.journal_ref, clean),
        doi=_text(fields.doi, clean),
        venue=_text(fields.venue, clean),
    )


def _one_line(text: str) -> str:
    """As `clean`, for a text without HTML escapes whose characters are ASCII or line ends."""
    return " ".join(text.split()) if "\n" in text or "  " in text or "\t" in text else text.strip()


def _text(value: str | None, clean: _Clean) -> str | None:
    if not value:
        return None
    text = clean(value)
    if not text:
        raise _NotUsualError
    return text


def _texts(values: tuple[str, ...], clean: _Clean) -> tuple[str, ...]:
    if not values:
        return ()
    return tuple(dict.fromkeys(filter(None, map(clean, values))))


def _moment(value: str | None) -> datetime | None:
    if value is None:
        return None
    moment = read_moment(value)
    if moment is None:
        raise _NotUsualError
    return moment


@lru_cache(_CACHED_LISTINGS)
def _listing(source: str, listed: str) -> PaperListing:
    return PaperListing(source, _day(listed))


def _day(value: str) -> date:
    day = read_day(value)
    if day is None:
        raise _NotUsualError
    return day
