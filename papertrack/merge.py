"""Making one entry of what several sources said at several times.

Merging is associative, commutative and idempotent: papers may come from any source, in any order,
any number of times. Each source's last word is kept as it was said; `view` reads them together.
"""

from datetime import datetime

from papertrack.models import Entry, Listed, Observation, Paper, Sighting, State, Telling

# Where two sources know a field, arXiv has it from the authors.
_TRUST = {"arxiv": 0, "huggingface": 1}
_LEAST = 9


def from_sighting(sighting: Sighting) -> Entry:
    """The entry that one sighting alone makes."""
    return Entry(
        paper=sighting.paper,
        first_seen=sighting.seen,
        tellings=(Telling(sighting.source, sighting.seen, sighting.paper),),
        listings=(sighting.listed,) if sighting.listed else (),
        observations=tuple(sorted(sighting.observations, key=_observation_order)),
    )


def merge(one: Entry, other: Entry) -> Entry:
    """One entry of two about the same paper. The reader's state is taken from `one`.

    A source's later word replaces its earlier one, unless that was about a higher version. Of two
    ranks on the same listing day the better is kept.
    """
    tellings = _merge_tellings(one.tellings + other.tellings)
    return one._replace(
        paper=view(tellings) if tellings else one.paper,
        first_seen=min(one.first_seen, other.first_seen),
        tellings=tellings,
        listings=merge_listings(one.listings + other.listings),
        observations=merge_observations(one.observations + other.observations),
    )


def merge_listings(listings: tuple[Listed, ...]) -> tuple[Listed, ...]:
    """Each source's listing days once, in order of day."""
    best: dict[tuple[str, str], Listed] = {}
    for listed in listings:
        key = (listed.day.isoformat(), listed.source)
        known = best.get(key)
        if known is None or _rank(listed) < _rank(known):
            best[key] = listed
    return tuple(best[key] for key in sorted(best))


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


def view(tellings: tuple[Telling, ...]) -> Paper:
    """The paper as all tellings together know it: each field from the highest version that has it,
    among equals from the most trusted source.
    """
    if len(tellings) == 1:  # nearly always, and asked for each paper of a scan
        return tellings[0].paper
    ranked = sorted(tellings, key=lambda one: (-(one.paper.version or 0), _trust(one), one.source))
    fields = {
        name: next((value for one in ranked if (value := getattr(one.paper, name))), None)
        for name in Paper._fields
    }
    return Paper(**{name: value for name, value in fields.items() if value is not None})


def same_news(one: Entry, other: Entry) -> bool:
    """Whether two states of an entry say the same, apart from when it was said. A word that is only
    said again is not worth writing a table for.
    """
    return _news(one) == _news(other)


def _news(entry: Entry) -> tuple[object, ...]:
    said = [(telling.source, telling.paper) for telling in entry.tellings]
    # Not the rank: it stands in the listing, and moves with every look.
    listed = [(one.source, one.day) for one in entry.listings]
    return entry.first_seen, said, listed, entry.observations


def _merge_tellings(tellings: tuple[Telling, ...]) -> tuple[Telling, ...]:
    last: dict[str, Telling] = {}
    for telling in tellings:
        known = last.get(telling.source)
        if known is None or _word_order(telling) > _word_order(known):
            last[telling.source] = telling
    return tuple(last[source] for source in sorted(last))


def _word_order(telling: Telling) -> tuple[int, datetime, str]:
    # The last part only decides between two words of one moment, so that order never matters.
    return (telling.paper.version or 0, telling.at, repr(telling.paper))


def _observation_order(one: Observation) -> tuple[datetime, int, int, int]:
    counts = (-1 if count is None else count for count in one[1:])
    return (one.at, *counts)  # type: ignore[return-value]  # three counts


def _rank(listed: Listed) -> float:
    return float("inf") if listed.rank is None else listed.rank


def _trust(telling: Telling) -> int:
    return _TRUST.get(telling.source, _LEAST)
