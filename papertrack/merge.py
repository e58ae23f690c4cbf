"""Making one entry of what several sources said at several times.

Merging is associative, commutative and idempotent: papers may come from any source, in any order,
any number of times. Each field that a source tells is a *claim*: of a version of the paper, or of 0
where none was named, at a moment. Of each source and field the claim of the highest version
stands, among equals the newest; `view` reads the claims of all sources together.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from papertrack.models import (
    Claim,
    Entry,
    Listed,
    ListingKind,
    Observation,
    Paper,
    Sighting,
    State,
)

# Where two sources know a field, arXiv has it from the authors.
_TRUSTED = ("arxiv", "huggingface")
# Of two kinds on one day the first stands: a paper may be new in one category, crossed in another.
_KINDS: tuple[ListingKind, ...] = ("new", "cross", "revised")
# Who announces a paper once, so that whatever follows are its revisions. Hugging Face is none:
# 4 of 10,104 papers were listed anew days later (captures of 2024-05 to 2026-03).
_ANNOUNCE_ONCE = frozenset({"arxiv"})
_UNKNOWN = Paper(id="", title="")


class _FieldValue(NamedTuple):
    version: int
    at: datetime
    value: Any


def from_sighting(sighting: Sighting) -> Entry:
    """The entry that one sighting alone makes."""
    return Entry(
        paper=sighting.paper,
        first_seen=sighting.seen,
        claims=(Claim(sighting.source, sighting.seen, sighting.paper),),
        listings=(sighting.listed,) if sighting.listed else (),
        observations=tuple(sorted(sighting.observations, key=_observation_order)),
    )


def merge(one: Entry, other: Entry) -> Entry:
    """One entry of two about the same paper. The reader's state is taken from `one`.

    A source's later word replaces its earlier one field by field: what it does not say again is
    kept, and so is what was said of a higher version. For listing days see `merge_listings`.
    """
    tellings = _merge_tellings(one.claims + other.claims)
    return one._replace(
        paper=view(tellings) if tellings else one.paper,
        first_seen=min(one.first_seen, other.first_seen),
        claims=tellings,
        listings=merge_listings(one.listings + other.listings),
        observations=merge_observations(one.observations + other.observations),
    )


def merge_listings(listings: tuple[Listed, ...]) -> tuple[Listed, ...]:
    """Each source's listing days once, in order of day: the better of two ranks on a day, and of
    two kinds "new" before "cross" before "revised". After the day on which arXiv announced the
    paper, the earliest on which it is not "revised", all of arXiv's days are.
    """
    best: dict[tuple[date, str], Listed] = {}
    for listed in listings:
        key = (listed.day, listed.source)
        best[key] = _better(best[key], listed) if key in best else listed
    announced: set[str] = set()
    merged = []
    for _, listed in sorted(best.items()):
        # What the kind was is never asked again: an announcement only moves to earlier days.
        merged.append(listed._replace(kind="revised") if listed.source in announced else listed)
        if listed.source in _ANNOUNCE_ONCE and listed.kind != "revised":
            announced.add(listed.source)
    return tuple(merged)


def merge_observations(observations: tuple[Observation, ...]) -> tuple[Observation, ...]:
    """Observations in time order, one a moment."""
    by_moment = {one.at: one for one in sorted(observations, key=_observation_order)}
    return tuple(by_moment.values())


def merge_states(one: State, other: State) -> State:
    """Everything marked in either; the note of `one` where both have one."""
    return State(
        starred=one.starred or other.starred,
        read=one.read or other.read,
        hidden=one.hidden or other.hidden,
        tags=tuple(dict.fromkeys(one.tags + other.tags)),
        note=one.note or other.note,
    )


def view(tellings: tuple[Claim, ...]) -> Paper:
    """The paper as all tellings together know it: each field from the highest version that has it,
    among equals from the most trusted source, and of that its newest word. A title that nobody
    told is "". Raises ValueError where there are no tellings.
    """
    if len(tellings) == 1:  # nearly always, and asked for each paper of a scan
        return tellings[0].paper
    if not tellings:
        raise ValueError("a view needs tellings")
    papers = [one.paper for one in _by_authority(tellings)]
    return Paper._make(
        next(filter(None, values), unknown)
        for values, unknown in zip(zip(*papers, strict=True), _UNKNOWN, strict=True)
    )


def provenance(tellings: tuple[Claim, ...]) -> dict[str, str]:
    """From which source `view` has each known field, in the order of Paper, without the id."""
    if len(tellings) == 1:  # nearly always
        one = tellings[0]
        said = zip(Paper._fields[1:], one.paper[1:], strict=True)
        return {field: one.source for field, value in said if value}
    ranked = _by_authority(tellings)
    told = {
        field: next((one.source for one in ranked if getattr(one.paper, field)), "")
        for field in Paper._fields
    }
    return {field: source for field, source in told.items() if source and field != "id"}


def has_same_content(one: Entry, other: Entry) -> bool:
    """Whether two states of an entry say the same, apart from when it was said. A word that is only
    said again is not worth writing a table for.
    """
    return _news(one) == _news(other)


def _news(entry: Entry) -> tuple[object, ...]:
    said = {key: (one.version, one.value) for key, one in _standing(entry.claims).items()}
    # Not the rank: it stands in the listing, and moves with every look.
    listed = [(one.source, one.day, one.kind) for one in entry.listings]
    return entry.first_seen, said, listed, entry.observations


def _merge_tellings(tellings: tuple[Claim, ...]) -> tuple[Claim, ...]:
    """The claims that stand, those of one source, version and moment as one telling: by source, and
    of a source the highest version first, among equals the newest.

    A telling keeps the id and the version that its claims were made of. That claims these two once
    more, but never outdoes the source's first telling.
    """
    words: dict[tuple[str, int, datetime], dict[str, Any]] = {}
    for (source, field), (version, at, value) in _standing(tellings).items():
        bare = {"id": tellings[0].paper.id, "title": "", "version": version or None}
        words.setdefault((source, version, at), bare)[field] = value
    newest = sorted(words, key=lambda word: word[1:], reverse=True)
    ordered = sorted(newest, key=lambda word: word[0])
    return tuple(Claim(word[0], word[2], Paper(**words[word])) for word in ordered)


def _standing(tellings: Iterable[Claim]) -> dict[tuple[str, str], _FieldValue]:
    """Of each source and field the claim that stands. What is unknown or empty is no claim; the id
    always is one, so that a source is remembered that told nothing else.
    """
    standing: dict[tuple[str, str], _FieldValue] = {}
    for source, at, paper in tellings:
        for field, value in zip(Paper._fields, paper, strict=True):
            if value:
                claim, known = (
                    _FieldValue(paper.version or 0, at, value),
                    standing.get((source, field)),
                )
                if known is None or _outdoes(claim, known):
                    standing[source, field] = claim
    return standing


def _outdoes(one: _FieldValue, other: _FieldValue) -> bool:
    mine, theirs = (one.version, one.at), (other.version, other.at)
    # Of two words of one moment either may stand, but whichever does must not follow their order.
    return mine > theirs or (mine == theirs and repr(one.value) > repr(other.value))


def _by_authority(tellings: Iterable[Claim]) -> list[Claim]:
    newest = sorted(tellings, key=lambda one: one.at, reverse=True)
    return sorted(newest, key=lambda one: (-(one.paper.version or 0), _trust(one), one.source))


def _observation_order(one: Observation) -> tuple[datetime, int, int, int]:
    counts = (-1 if count is None else count for count in one[1:])
    return (one.at, *counts)  # type: ignore[return-value]  # three counts


def _better(one: Listed, other: Listed) -> Listed:
    rank = min(one, other, key=_rank).rank
    return one._replace(rank=rank, kind=min(one.kind, other.kind, key=_KINDS.index))


def _rank(listed: Listed) -> float:
    return float("inf") if listed.rank is None else listed.rank


def _trust(telling: Claim) -> int:
    return _TRUSTED.index(telling.source) if telling.source in _TRUSTED else len(_TRUSTED)
