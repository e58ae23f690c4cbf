"""The door of the library: what a source, a plugin or an import gives, within limits.

Sources of other packages may return anything. A text of megabytes in one field would make every
later command slow, and a time without a zone could not be compared with any other.
"""

from collections.abc import Mapping
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from papertrack.identifiers import is_valid_id
from papertrack.models import Listing, Observation, Paper, PaperListing, Sighting, Skipped
from papertrack.text import clean, is_visible, shorten

# Characters: several times the longest of real papers, so that nothing real is cut.
_MOST_CHARACTERS: Mapping[str, int] = {
    "title": 2_000,
    "abstract": 30_000,
    "organization": 1_000,
    "comment": 5_000,
    "journal_ref": 5_000,
    "venue": 1_000,
    "tldr": 10_000,
}
_LONGEST_URL = 4_000
_URLS = ("code_url", "project_url", "doi")  # useless if cut
# Names in a list, and characters of each; the largest collaborations have 6,000 authors.
_MOST_NAMES: Mapping[str, int] = {"authors": 20_000, "categories": 200, "keywords": 500}
_LONGEST_NAME = 500
# Within all limits, if all texts of a paper but its abstract have no more, and so many are names.
_FEW_CHARACTERS, _FEW_NAMES = 1_000, 200
_MOST_COUNTED = 10**12
_EARLIEST_YEAR, _LATEST_YEAR = 1000, 2999
_other_texts = attrgetter(*(_MOST_CHARACTERS.keys() - {"title"}), *_URLS)


class _NotAdmittedError(ValueError):
    """Why a sighting cannot be stored."""


def admit_listing(listing: Listing) -> Listing:
    """Return a listing whose sightings can be stored; the others are skipped with the reason."""
    admitted: list[Sighting] = []
    skipped: list[Skipped] = []
    for sighting in listing.sightings:
        result = admit(sighting)
        if isinstance(result, Sighting):
            admitted.append(result)
        else:
            skipped.append(result)
    if not skipped:
        return listing._replace(sightings=tuple(admitted))
    return listing._replace(
        state="partial", sightings=tuple(admitted), skipped=(*listing.skipped, *skipped)
    )


def admit(sighting: Sighting, *, titled: bool = True) -> Sighting | Skipped:
    """Return a sighting with cleaned texts within the limits, or why it cannot be stored.

    Not `titled`: what else a source claimed of a paper whose title is known.
    """
    try:
        if not isinstance(sighting.paper.id, str) or not is_valid_id(sighting.paper.id):
            raise _NotAdmittedError("the id is not valid")  # noqa: TRY301  # one way out for all
        _check(not titled or bool(sighting.paper.title), "title")
        listed = sighting.listed
        if listed is not None:
            _check(type(listed.day) is date and isinstance(listed, PaperListing), "listed")
        _check(_is_moment(sighting.seen), "seen")
        observations = tuple(row for row in sighting.observations if _is_observation(row))
        return sighting._replace(paper=_admit_paper(sighting.paper), observations=observations)
    except _NotAdmittedError as reason:
        shown = shorten(clean(str(sighting.paper.id)), 40)
        return Skipped(f"paper {shown!r}", str(reason))


def _admit_paper(paper: Paper) -> Paper:
    changes = {} if _is_admissible(paper) else _admitted_texts(paper)
    for name in ("submitted", "updated"):
        moment = getattr(paper, name)
        _check(moment is None or isinstance(moment, datetime), name)
        if moment is not None and not _is_moment(moment):
            changes[name] = None
    _check(paper.announced is None or type(paper.announced) is date, "announced")
    _check(paper.version is None or type(paper.version) is int, "version")
    return paper._replace(**changes) if changes else paper


def _is_admissible(paper: Paper) -> bool:
    """Whether all texts are clean and within the limits: a quick test that most papers pass."""
    try:
        names = paper.authors + paper.categories + paper.keywords
        texts = [text for text in _other_texts(paper) if text is not None]
        joined = " ".join((paper.title, *texts, *names))
        others = len(joined) - len(paper.abstract or "")
    except TypeError:  # Not all of them are texts, or tuples.
        return False
    return (
        type(names) is tuple
        and are_few(paper, others)
        and is_visible(joined)
        and "&" not in joined
        # Then no text is empty, or begins or ends with a space, either.
        and "  " not in joined
        and joined == joined.strip()
    )


def are_few(paper: Paper, others: int) -> bool:
    """Whether the texts of a paper are within the limits, however they are divided.

    `others` is the number of characters of all texts but the abstract, or more. A quick test that
    most papers pass.
    """
    names = paper.authors + paper.categories + paper.keywords
    return (
        others <= _FEW_CHARACTERS
        and len(paper.abstract or "") <= _MOST_CHARACTERS["abstract"]
        and len(names) <= _FEW_NAMES
        and max(map(len, names), default=0) <= _LONGEST_NAME
    )


def _admitted_texts(paper: Paper) -> dict[str, Any]:
    """The texts of a paper, by field, cleaned and within the limits. Raises _NotAdmittedError."""
    changes: dict[str, Any] = {}
    for name, most in _MOST_CHARACTERS.items():
        changes[name] = _text(getattr(paper, name), name, most)
    _check(changes["title"] is not None, "title")
    for name in _URLS:
        text = _text(getattr(paper, name), name, _LONGEST_URL + 1)
        changes[name] = text if text is None or len(text) <= _LONGEST_URL else None
    for name, most in _MOST_NAMES.items():
        texts = getattr(paper, name)
        _check(isinstance(texts, tuple), name)
        changes[name] = tuple(
            text for each in texts[:most] if (text := _text(each, name, _LONGEST_NAME))
        )
    return changes


def _text(value: Any, name: str, most: int) -> str | None:
    """A text that is clean and not too long. Raises _NotAdmittedError for another type."""
    if value is None:
        return None
    _check(isinstance(value, str), name)
    # Cutting first bounds the work; cleaning makes a text shorter, if anything.
    return shorten(clean(value[: 2 * most]), most)


def _is_moment(value: Any) -> bool:
    """Whether this is a time with its zone, in a year with which one can calculate."""
    return (
        isinstance(value, datetime)
        and value.tzinfo is not None
        and _EARLIEST_YEAR <= value.year <= _LATEST_YEAR
    )


def _is_observation(row: Any) -> bool:
    if not isinstance(row, Observation) or not _is_moment(row.at):
        return False
    counts = [count for count in row[1:] if count is not None]
    return all(type(count) is int and 0 <= count <= _MOST_COUNTED for count in counts)


def _check(condition: bool, name: str) -> None:  # noqa: FBT001  # as in assert
    if not condition:
        raise _NotAdmittedError(f"its {name} is not valid")
