"""Reports to write, and what was written of them."""

import gzip
from datetime import UTC, datetime

from papertrack.exports import render
from papertrack.models import Entry, Listed, Match, Observation, Paper, Report, Section
from papertrack.sources.huggingface import parse_page

NOW = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)


def entry(title="A title", paper_id="2603.00001", **more):
    """A paper that was listed and voted for; `matches` and the rest as given."""
    matches = more.pop("matches", ())
    known = {"abstract": title, "authors": ("Ada One", title), "categories": ("cs.CL",)} | more
    listed = (Listed("huggingface", NOW.date(), 1),)
    seen = (Observation(NOW, 7),)
    paper = Paper(paper_id, title, **known)
    return Entry(paper, NOW, listings=listed, observations=seen, matches=matches)


def entries(titles):
    """A paper of each title, which matches a topic of that name."""
    return [
        entry(title, f"2603.{number:05}", matches=(Match(title, "p", "title", title, 100),))
        for number, title in enumerate(titles)
    ]


def report(papers, **section):
    """A report of one list."""
    papers = tuple(papers)
    return Report("list", NOW, "some papers", (Section("", papers, len(papers), **section),))


def written(name, papers, **options):
    """The text of some papers in a format."""
    return "".join(render(name, report(papers), **options))


def captured(folder, step):
    """The papers of every so many of the recorded pages, each paper once."""
    found = {}
    for capture in sorted(folder.glob("*.json.gz"))[::step]:
        for one in parse_page(gzip.decompress(capture.read_bytes()), None, NOW).sightings:
            listed = (one.listed,) if one.listed else ()
            found[one.paper.id] = Entry(one.paper, NOW, (), listed, one.observations)
    return list(found.values())
