"""Single facts of an entry in the words that several formats show."""

from collections.abc import Sequence
from datetime import date

from papertrack.identifiers import abstract_url, is_arxiv
from papertrack.models import Entry, Related

_BARS = "▁▂▃▄▅▆▇█"
_SEVERAL = 3
_IN_THOUSANDS = 10_000
SPARK_WIDTH = 8


def upvotes(entry: Entry) -> str:
    """The upvotes last seen, or a dash."""
    known = entry.latest.upvotes if entry.latest else None
    return "-" if known is None else str(known)


def comments(entry: Entry) -> str:
    """The comments last seen, or a dash."""
    known = entry.latest.comments if entry.latest else None
    return "-" if known is None else str(known)


def stars(entry: Entry) -> str:
    """The stars of the code last seen, in thousands from 10,000; empty where there are none."""
    known = entry.latest.stars if entry.latest else None
    if known is None:
        return ""
    return f"{known // 1000}k" if known >= _IN_THOUSANDS else str(known)


def gained(entry: Entry) -> str:
    """The upvotes gained with their sign; a dash for a paper seen only once."""
    return "-" if entry.gained is None else f"{entry.gained:+d}"


def authors(entry: Entry) -> str:
    """One author, both of two, or the first "et al."."""
    return people(entry.paper.authors)


def people(names: Sequence[str]) -> str:
    """One name, both of two, or the first "et al."."""
    return f"{names[0]} et al." if len(names) >= _SEVERAL else " and ".join(names)


def topics(entry: Entry) -> str:
    """The names of the topics matched, then those that the paper is only related to, with that."""
    names = [match.topic for match in entry.matches]
    return ", ".join([*names, *(f"related: {one.topic}" for one in entry.related)])


def reasons(entry: Entry) -> str:
    """The topics matched, each with the words that were met and the field they stand in."""
    said = [f"{one.topic}: {one.matched} in {one.field}" for one in entry.matches]
    near = [f"related: {one.topic} ({', '.join(one.words)})" for one in entry.related]
    return ", ".join([*said, *near])


def relatedness(near: Related) -> str:
    """How near a paper comes to a topic that it does not match, and by which words."""
    words = f"; most told by: {', '.join(near.words)}" if near.words else ""
    return f"score {near.score:.1f} where {near.least:.1f} is enough{words}"


def listed(entry: Entry) -> date | None:
    """The newest listing day."""
    return max((one.day for one in entry.listings), default=None)


def page(entry: Entry) -> str | None:
    """Where the paper is read about: Daily Papers where it was listed there, else arXiv, or what
    its DOI leads to.
    """
    if entry.listed("huggingface") and is_arxiv(entry.paper.id):  # the quicker question first
        return f"https://huggingface.co/papers/{entry.paper.id}"
    return abstract_url(entry.paper.id)


def sparkline(entry: Entry) -> str:
    """The upvotes over time, equal steps of time from the first to the last sight; empty for
    fewer than three sights, which make no curve.
    """
    sights = [(one.at, one.upvotes) for one in entry.observations if one.upvotes is not None]
    if len(sights) < _SEVERAL:
        return ""
    first, last = sights[0][0], sights[-1][0]
    step = (last - first) / (SPARK_WIDTH - 1)
    points = [first + step * number for number in range(SPARK_WIDTH - 1)] + [last]
    values = [next(up for at, up in reversed(sights) if at <= point) for point in points]
    low, high = min(values), max(values)
    scale = (len(_BARS) - 1) / ((high - low) or 1)
    return "".join(_BARS[round((value - low) * scale)] for value in values)
