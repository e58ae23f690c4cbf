"""Small pages of the Daily Papers API, written by hand."""

import json
from datetime import UTC, date, datetime

NOW = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 31)


def entry(paper_id="2603.00001", *, day=DAY, paper=None, **outer):
    """A complete entry of the listing of `day`; None removes a key."""
    inner = {
        "id": paper_id,
        "title": "A Paper",
        "summary": "What it says.",
        "authors": [{"name": "Ada One", "hidden": False}, {"name": "Bo Two"}],
        "publishedAt": "2026-03-29T17:59:59.000Z",
        "submittedOnDailyAt": f"{day}T01:00:00.000Z",
        "upvotes": 5,
        "githubStars": 70,
        "ai_summary": "Made by a machine.",
        "ai_keywords": ["attention"],
    } | (paper or {})
    complete = {
        "paper": {key: value for key, value in inner.items() if value is not None},
        "publishedAt": "2026-03-29T13:59:59.000Z",
        "title": "A Paper",
        "summary": "What it says.",
        "numComments": 2,
    } | outer
    return {key: value for key, value in complete.items() if value is not None}


def numbered(first, count, day=DAY):
    """A list of `count` entries, whose ids are numbered from `first`."""
    return [entry(f"2603.{number:05}", day=day) for number in range(first, first + count)]


def dated(listed, day):
    """The entry as it would be listed on `day`, unchanged if it has no date."""
    paper = listed.get("paper", {})
    if "submittedOnDailyAt" not in paper:
        return listed
    return listed | {"paper": paper | {"submittedOnDailyAt": f"{day}T01:00:00.000Z"}}


def page(*entries):
    """The response with these entries."""
    return json.dumps(entries).encode()
