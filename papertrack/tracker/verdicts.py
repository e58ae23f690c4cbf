"""Why a paper belongs to topics, or does not."""

from collections.abc import Sequence
from typing import NamedTuple

from papertrack.matching.matcher import Matcher, Verdict
from papertrack.models import Entry
from papertrack.tracker import Tracker


class Explained(NamedTuple):
    """A paper, and what each topic says to it."""

    entry: Entry
    verdicts: tuple[Verdict, ...]


def why(tracker: Tracker, paper_ids: Sequence[str]) -> list[Explained]:
    """What each of the tracker's topics says to each of these papers."""
    matcher = Matcher(tracker.asked_topics)
    entries = tracker.match(tracker.library.entries(paper_ids).values())
    return [Explained(entry, matcher.explain(entry.paper)) for entry in entries]
