"""A library to read in, made once by importing what the program could have written itself."""

import json
import shutil
from datetime import date, timedelta

import pytest
from program import Program

TOPICS = """
topics:
  - {name: agents, any: [agent]}
  - {name: quantum error correction, any: [quantum error]}
"""
LAST = date(2026, 3, 31)


def _paper(number, **more):
    day = LAST - timedelta(days=number // 24)
    return {
        "id": f"2603.{number:05}",
        "title": f"Paper number {number} on {'agents' if number % 8 == 0 else 'graphs'}",
        "abstract": f"What number {number} says.",
        "authors": ["Ada One", "Bo Two", "Cy Three"],
        "listings": [{"source": "huggingface", "day": str(day), "rank": number % 24 + 1}],
        "first_seen": f"{day}T09:00:00Z",
        "observations": [
            {"at": f"{day}T09:00:00Z", "upvotes": number, "comments": 1, "stars": 2},
            {"at": f"{day}T22:00:00Z", "upvotes": 3 * number, "comments": 4, "stars": 5},
            {"at": f"{LAST}T10:00:00Z", "upvotes": 3 * number + 1, "comments": 4, "stars": 5},
        ][: 1 + 2 * (day < LAST)],
    } | more


def _papers():
    """Twenty-four papers a day for two days, one with everything, one with little, one old."""
    whole = {
        "title": "A whole paper on agents",
        "version": 2,
        "categories": ["cs.CL"],
        "keywords": ["planning"],
        "submitted": "2026-03-28T17:00:00Z",
        "updated": "2026-03-29T17:00:00Z",
        "code_url": "https://github.com/o/r",
        "project_url": "https://o.example/r",
        "organization": "The Lab",
    }
    yield _paper(0, **whole)
    yield from map(_paper, range(1, 48))
    yield {"id": "cran:12", "title": "Wing flow", "listed": "2026-03-31"}
    yield {"id": "2512.00001", "title": "An old paper", "listed": "2025-12-01"}


@pytest.fixture(scope="session")
def _stored(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("stored"))
    file = program.home / "papers.jsonl"
    file.write_text("".join(json.dumps(paper) + "\n" for paper in _papers()))
    done = program("import", file)
    assert done.code == 0, done.err
    program.configure(TOPICS)
    return program


@pytest.fixture(scope="session")
def reader(_stored):
    """The program over a library of 50 papers that tests only read."""
    return _stored


@pytest.fixture
def owner(_stored, papertrack):
    """The program over a copy of the library of 50 papers, to change."""
    shutil.copytree(_stored.library, papertrack.library)
    papertrack.configure(TOPICS)
    return papertrack
