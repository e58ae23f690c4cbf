"""Merge the claims of several sources about a paper, at several times, into one entry.

Merging is associative, commutative and idempotent: sightings may arrive in any order and more than
once. A `Claim` holds the fields that a source gave at one time for one version of the paper
(version 0 if unknown). For each source and field the value of the highest version is current, and
among equal versions the newest; `view` combines the claims of all sources into one paper.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple

from papertrack.models import (
    Claim,
    Entry,
    ListingKind,
    Observation,
    Paper,
    PaperListing,
    Sighting,
    State,
)
from papertrack.source_registry import IMPORT, PROFILE

# In order of preference: arXiv gets its fields from the authors.
_PREFERRED = ("arxiv", "huggingface")
# In order of precedence on one day: a paper may be new in one category, cross-listed in another.
_KINDS: tuple[ListingKind, ...] = ("new", "cross", "revised")
# Sources that announce a paper once, so that later listings are revisions. Not Hugging Face: 4 of
# 10,104 papers were listed as new again days later (captures of 2024-05 to 2026-03).
_ANNOUNCE_ONCE = frozenset({"arxiv"})
_IN_FULL = timedelta(days=2)  # before the last day
_WEEKS_BY_DAY = 5  # before the last
_NO_COUNTS = (None, None, None)
_at = attrgetter("at")
_UNKNOWN = Paper(id="", title="")
_FIELDS = Paper._fields[1:]  # without the id


class _FieldValue(NamedTuple):
    version: int
    at: datetime
    value: Any


def from_sighting(sighting: Sighting) -> Entry:
    """The entry of a paper with a single sighting."""
    return Entry(
        paper=sighting.paper,
        first_seen=sighting.seen,
        claims=(Claim(sighting.source, sighting.seen, sighting.paper),),
        listings=(sighting.listed,) if sighting.listed else (),
        observations=merge_observations(sighting.observations),
    )


def merge(first: Entry, second: Entry) -> Entry:
    """Merge two entries of the same paper; the reader's state is that of the first.

    A source's later claim replaces its earlier ones field by field, unless those are of a higher
    version; fields missing in the later claim are kept. For listings see `merge_listings`.
    """
    claims = _merge_claims(first.claims + second.claims)
    return first._replace(
        paper=view(claims) if claims else first.paper,
        first_seen=min(first.first_seen, second.first_seen),
        claims=claims,
        listings=merge_listings(first.listings + second.listings),
        observations=merge_observations(first.observations + second.observations),
    )


def merge_listings(listings: tuple[PaperListing, ...]) -> tuple[PaperListing, ...]:
    """Merge listings to one per source and day, in order of day.

    On one day the better rank is kept, and "new" takes precedence over "cross" and "revised".
    arXiv's days after its first listing that is not "revised" become "revised".
    """
    best: dict[tuple[date, str], PaperListing] = {}
    for listed in listings:
        key = (listed.day, listed.source)
        best[key] = _better(best[key], listed) if key in best else listed
    if len(best) == 1:  # The usual case, in the inner loop of a scan.
        return tuple(best.values())
    announced: set[str] = set()
    merged = []
    for _, listed in sorted(best.items()):
        # Overwriting the kind is safe: more listings can only move the announcement to an earlier
        # day, after which this one is still a revision.
        merged.append(listed._replace(kind="revised") if listed.source in announced else listed)
        if listed.source in _ANNOUNCE_ONCE and listed.kind != "revised":
            announced.add(listed.source)
    return tuple(merged)


def merge_observations(observations: tuple[Observation, ...]) -> tuple[Observation, ...]:
    """Observations in time order, thinned; one per time, with the highest of each count.

    Observations without any count are left out.
    """
    if not observations:  # The usual case, in the inner loop of a scan.
        return ()
    by_moment: dict[datetime, Observation] = {}
    counted = (each for each in observations if each[1:] != _NO_COUNTS)
    for observation in sorted(counted, key=_at):
        other = by_moment.get(observation.at)
        by_moment[observation.at] = _highest(observation, other) if other else observation
    return _thinned(tuple(by_moment.values()))


def _highest(first: Observation, second: Observation) -> Observation:
    pairs = zip(first[1:], second[1:], strict=True)
    return Observation(first.at, *(max(pair, key=_or_less_than_zero) for pair in pairs))


def _or_less_than_zero(count: int | None) -> int:
    return -1 if count is None else count


def _thinned(observations: tuple[Observation, ...]) -> tuple[Observation, ...]:
    """Without old observations that are close to each other.

    Of each count (upvotes, comments, stars) all observations of its last three days stay, before
    these the last one a day, before its last five weeks the last one a week, and the first of all.
    Periods are whole UTC days and weeks: thus it does not matter in which order observations are
    merged, nor how often.
    """
    if not observations or observations[0].at.date() >= observations[-1].at.date() - _IN_FULL:
        return observations
    kept: dict[datetime, Observation] = {}
    for name in Observation._fields[1:]:
        counts = {each.at: getattr(each, name) for each in observations}
        moments = [at for at, number in counts.items() if number is not None]
        for at in kept_moments(moments):
            kept[at] = kept.get(at, Observation(at))._replace(**{name: counts[at]})
    return tuple(kept[at] for at in sorted(kept))


def kept_moments(moments: Sequence[datetime]) -> set[datetime]:
    """The moments of a history, in time order, that stay when it is thinned."""
    if not moments:
        return set()
    last_day = moments[-1].toordinal()
    return {moments[0], *{_period(at, last_day): at for at in moments}.values()}


def _period(at: datetime, last_day: int) -> datetime | tuple[str, int]:
    """The period of which one observation is kept; `last_day` is the ordinal of the last one."""
    day, week = at.toordinal(), _week(at.toordinal())
    if day >= last_day - _IN_FULL.days:
        return at
    return ("day", day) if week >= _week(last_day) - _WEEKS_BY_DAY else ("week", week)


def _week(day: int) -> int:
    """The number of a day's week; the first ordinal is a Monday."""
    return (day - 1) // 7


def merge_states(first: State, second: State) -> State:
    """The marks and tags of both states, and the note of the first that has one."""
    return State(
        starred=first.starred or second.starred,
        read=first.read or second.read,
        hidden=first.hidden or second.hidden,
        tags=tuple(dict.fromkeys(first.tags + second.tags)),
        note=first.note or second.note,
    )


def view(claims: tuple[Claim, ...]) -> Paper:
    """Combine claims into a paper.

    Each field comes from the highest version that has it, then from the preferred source, then
    from its newest claim. The title is "" if no claim has one. Raises ValueError without claims.
    """
    if len(claims) == 1:  # The usual case, in the inner loop of a scan.
        return claims[0].paper
    if not claims:
        raise ValueError("a view needs at least one claim")
    papers = [claim.paper for claim in _by_authority(claims)]
    return Paper._make(
        next(filter(None, values), unknown)
        for values, unknown in zip(zip(*papers, strict=True), _UNKNOWN, strict=True)
    )


def provenance(claims: tuple[Claim, ...]) -> dict[str, str]:
    """The source of each non-empty field of `view`, in the order of Paper, without the id."""
    if len(claims) == 1:  # The usual case.
        return dict.fromkeys(compress(_FIELDS, claims[0].paper[1:]), claims[0].source)
    ranked = _by_authority(claims)
    sources = {
        field: next((claim.source for claim in ranked if getattr(claim.paper, field)), "")
        for field in Paper._fields
    }
    return {field: source for field, source in sources.items() if source and field != "id"}


def has_same_content(first: Entry, second: Entry) -> bool:
    """Whether two versions of an entry differ at most in the times of claims and in ranks.

    Such a difference is not worth rewriting a table.
    """
    return _content(first) == _content(second)


def _content(entry: Entry) -> tuple[object, ...]:
    values = {
        key: (current.version, current.value)
        for key, current in _current_values(entry.claims).items()
    }
    # Without the rank, which is stored in the table of the listing and changes with each fetch.
    listings = [(listed.source, listed.day, listed.kind) for listed in entry.listings]
    return entry.first_seen, values, listings, entry.observations


def _merge_claims(claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The current values as claims, one per source, version and time.

    Ordered by source, then by version and time, the latest first. Each claim also repeats the id
    and the version, which never replaces a value of the source's first claim.
    """
    fields_of: dict[tuple[str, int, datetime], dict[str, Any]] = {}
    for (source, field), (version, at, value) in _current_values(claims).items():
        bare = {"id": claims[0].paper.id, "title": "", "version": version or None}
        fields_of.setdefault((source, version, at), bare)[field] = value
    ordered = sorted(sorted(fields_of, reverse=True), key=lambda key: key[0])
    return tuple(Claim(key[0], key[2], Paper(**fields_of[key])) for key in ordered)


def _current_values(claims: Iterable[Claim]) -> dict[tuple[str, str], _FieldValue]:
    """The current value of each source and field, without empty ones.

    The id always has a value, so that a source without any other field is kept.
    """
    current: dict[tuple[str, str], _FieldValue] = {}
    for source, at, paper in claims:
        for field, value in zip(Paper._fields, paper, strict=True):
            if value:
                new = _FieldValue(paper.version or 0, at, value)
                old = current.get((source, field))
                if old is None or _replaces(new, old):
                    current[source, field] = new
    return current


def _replaces(new: _FieldValue, old: _FieldValue) -> bool:
    new_key, old_key = (new.version, new.at), (old.version, old.at)
    # The comparison of equal keys is arbitrary, but it must not depend on the order of arrival.
    return new_key > old_key or (new_key == old_key and repr(new.value) > repr(old.value))


def _by_authority(claims: Iterable[Claim]) -> list[Claim]:
    newest_first = sorted(claims, key=lambda claim: claim.at, reverse=True)
    return sorted(
        newest_first,
        key=lambda claim: (-_version(claim, newest_first), _preference(claim), claim.source),
    )


def _version(claim: Claim, claims: Sequence[Claim]) -> int:
    """The version that a claim is about, 0 if unknown.

    OAI-PMH names none, but sends the newest version at the time, so that is at least the version of
    an earlier import.
    """
    if claim.paper.version or claim.source != "arxiv":
        return claim.paper.version or 0
    imported = (other for other in claims if other.source in (IMPORT, PROFILE))
    return max((other.paper.version or 0 for other in imported if other.at <= claim.at), default=0)


def _better(first: PaperListing, second: PaperListing) -> PaperListing:
    if first == second:
        return first
    rank, kind = second.rank, first.kind
    if rank is None or (first.rank is not None and first.rank < rank):
        rank = first.rank
    if kind != second.kind:
        kind = min(kind, second.kind, key=_KINDS.index)
    return PaperListing(first.source, first.day, rank, kind)


def _preference(claim: Claim) -> int:
    return _PREFERRED.index(claim.source) if claim.source in _PREFERRED else len(_PREFERRED)
