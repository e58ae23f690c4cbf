"""A sample edition, to try papertrack without a network.

The facts in sample.json are real: papers, ranks and counts as Hugging Face listed them from
2026-03-23 to 2026-03-31. The listings of each morning (about 08:30 UTC) were recorded by
github.com/2404589803/hf-daily-paper-newsletter-chinese (Apache-2.0), later upvotes by
github.com/huangboming/huggingface-daily-paper-feed. Abstracts are left out.
"""

import json
from datetime import date, datetime
from os.path import dirname, join
from typing import Any

from papertrack.calendar import parse_moment
from papertrack.models import Listing, Observation, Paper, PaperListing, Sighting, Topic

# Shown with the sample to a reader who has no topics.
EXAMPLE_TOPICS = (
    Topic("AI agents", any=("LLM agent", "multi-agent", "agentic"), none=("real estate agent",)),
    Topic("video generation", any=("video generation", "text-to-video")),
)
_SOURCE = "huggingface"


def edition() -> tuple[datetime, tuple[Listing, ...]]:
    """Return the time at which the sample is set, and its listings, oldest first.

    Each paper has all its observations up to that time.
    """
    with open(join(dirname(__file__), "sample.json"), "rb") as file:
        sample = json.load(file)
    days: dict[date, list[Sighting]] = {}
    for fields in sample["papers"]:
        listed = PaperListing(_SOURCE, date.fromisoformat(fields["listed"]), fields["rank"])
        days.setdefault(listed.day, []).append(_sighting(fields, listed))
    listings = (Listing(_SOURCE, day, "complete", tuple(days[day])) for day in sorted(days))
    return parse_moment(sample["now"]), tuple(listings)


def _sighting(fields: dict[str, Any], listed: PaperListing) -> Sighting:
    paper = Paper(
        fields["id"],
        fields["title"],
        authors=tuple(fields["authors"]),
        keywords=tuple(fields.get("keywords", ())),
        submitted=parse_moment(fields["submitted"]),
        code_url=fields.get("code_url"),
        project_url=fields.get("project_url"),
        organization=fields.get("organization"),
    )
    observations = tuple(
        Observation(parse_moment(at), *counts) for at, *counts in fields["observations"]
    )
    return Sighting(paper, _SOURCE, observations[0].at, listed, observations)
