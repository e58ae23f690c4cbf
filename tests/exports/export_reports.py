"""Reports to export, and their text in a format."""

import gzip
from datetime import UTC, datetime

from papertrack.exports import render
from papertrack.models import Entry, Match, Observation, Paper, PaperListing, Report, Section
from papertrack.sources.huggingface import parse_page

NOW = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)


def entry(title="A title", paper_id="2603.00001", *, matches=(), **fields):
    """A listed paper with upvotes; `fields` are fields of the paper."""
    defaults = {"abstract": title, "authors": ("Ada One", title), "categories": ("cs.CL",)}
    listings = (PaperListing("huggingface", NOW.date(), 1),)
    observations = (Observation(NOW, 7),)
    paper = Paper(paper_id, title, **(defaults | fields))
    return Entry(paper, NOW, listings=listings, observations=observations, matches=matches)


def entries(titles):
    """A paper per title, which matches a topic of that name."""
    return [
        entry(title, f"2603.{number:05}", matches=(Match(title, "p", "title", title, 100),))
        for number, title in enumerate(titles)
    ]


def report(papers, **section):
    """A report with one section."""
    papers = tuple(papers)
    return Report("list", NOW, "some papers", (Section("", papers, len(papers), **section),))


def render_papers(name, papers, **options):
    """The text of papers in a format."""
    return "".join(render(name, report(papers), **options))


def recorded_entries(folder, step):
    """The papers of every `step`th recorded page, each paper once."""
    by_id = {}
    for recording in sorted(folder.glob("*.json.gz"))[::step]:
        page = parse_page(gzip.decompress(recording.read_bytes()), None, NOW)
        for sighting in page.sightings:
            listings = (sighting.listed,) if sighting.listed else ()
            by_id[sighting.paper.id] = Entry(
                sighting.paper, NOW, (), listings, sighting.observations
            )
    return list(by_id.values())
