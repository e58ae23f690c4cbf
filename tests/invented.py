"""Invented papers: sightings with given fields, and hypothesis strategies for random ones."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from papertrack.library.storing import store
from papertrack.models import Observation, Paper, PaperListing, Sighting, State
from papertrack.text import clean

DAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def sighting(paper_id="2603.00001", *, source="huggingface", day=DAY, rank=None, **more):
    """A sighting of a paper; further arguments are `at`, counts, and fields of the paper.

    With `day` None the paper was never listed.
    """
    at = more.pop("at", NOW)
    counts = [more.pop(name, None) for name in ("upvotes", "comments", "stars")]
    observed = () if counts == [None] * 3 else (Observation(at, *counts),)
    paper = Paper(**({"id": paper_id, "title": f"Paper {paper_id}"} | more))
    return Sighting(paper, source, at, PaperListing(source, day, rank) if day else None, observed)


def put(library, *sightings):
    """Store sightings in one transaction."""
    with library.transaction():
        return store(library, sightings)


def contents(folder):
    """The bytes of a library's tables by file name, without backups."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.json"))}


texts = st.text(min_size=1, max_size=20).map(clean).filter(bool)
lists = st.lists(texts, max_size=3, unique=True).map(tuple)
days = st.dates(date(2026, 3, 20), date(2026, 3, 31))
moments = st.datetimes(datetime(1991, 1, 1), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds the zone
# Few moments, so that several sightings fall on the same one.
near_moments = st.sampled_from([NOW + number * HOUR for number in range(6)])
counts = st.none() | st.integers(0, 5)
observations = st.builds(Observation, near_moments | moments, st.integers(0, 5), counts, counts)
sources = st.sampled_from(("huggingface", "arxiv", "import", "zenodo"))
states = st.builds(State, st.booleans(), st.booleans(), st.booleans(), lists, st.none() | texts)


def papers(paper_id="2603.00001"):
    """A strategy for the fields that a source may give for a paper."""
    return st.builds(
        Paper,
        id=st.just(paper_id),
        title=texts,
        version=st.none() | st.integers(1, 3),
        abstract=st.none() | texts,
        authors=lists,
        categories=lists,
        keywords=lists,
        submitted=st.none() | moments,
        announced=st.none() | days,
        updated=st.none() | moments,
        code_url=st.none() | st.just("https://github.com/o/r"),
        project_url=st.none() | st.just("https://example.org/"),
        organization=st.none() | texts,
        withdrawn=st.booleans(),
        comment=st.none() | texts,
        journal_ref=st.none() | texts,
        doi=st.none() | st.just("10.1000/1"),
        venue=st.none() | texts,
        tldr=st.none() | texts,
    )


_observation_lists = st.lists(observations, max_size=2).map(tuple)
_contexts = st.tuples(
    sources, near_moments, st.none() | days, st.none() | st.integers(1, 3), _observation_lists
)


def sightings(paper_strategy):
    """A strategy for sightings of the papers that another strategy generates."""
    return st.builds(_sighting_in, paper_strategy, _contexts)


def _sighting_in(paper, context):
    source, at, day, rank, observed = context
    return Sighting(paper, source, at, PaperListing(source, day, rank) if day else None, observed)
