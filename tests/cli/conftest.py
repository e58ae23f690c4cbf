"""A library of 50 papers, imported once from lines in papertrack's own format."""

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
    """24 papers a day for two days, a paper with all fields, a minimal paper and an old paper."""
    all_fields = {
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
    yield _paper(0, **all_fields)
    yield from map(_paper, range(1, 48))
    yield {"id": "cran:12", "title": "Wing flow", "listed": "2026-03-31"}
    yield {"id": "2512.00001", "title": "An old paper", "listed": "2025-12-01"}


@pytest.fixture(scope="session")
def _stored(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("stored"))
    file = program.home / "papers.jsonl"
    file.write_text("".join(json.dumps(paper) + "\n" for paper in _papers()))
    result = program("import", file)
    assert result.code == 0, result.err
    program.configure(TOPICS)
    return program


@pytest.fixture(scope="session")
def reader(_stored):
    """The program with a library of 50 papers, for tests that only read."""
    return _stored


@pytest.fixture
def owner(_stored, papertrack):
    """The program with a copy of the library of 50 papers, for tests that change it."""
    shutil.copytree(_stored.library, papertrack.library)
    papertrack.configure(TOPICS)
    return papertrack
