"""Why a paper belongs to topics, or does not."""

from collections.abc import Sequence
from typing import NamedTuple

from papertrack.matching.matcher import Matcher, Verdict
from papertrack.models import Entry, Related
from papertrack.tracker import Tracker


class Explanation(NamedTuple):
    """A paper, what each topic says to it, and how near it comes to those topics that ask for what
    is related to them and that it does not match.
    """

    entry: Entry
    verdicts: tuple[Verdict, ...]
    near: tuple[Related, ...] = ()


def explain(tracker: Tracker, paper_ids: Sequence[str]) -> list[Explanation]:
    """What each of the tracker's topics says to each of these papers."""
    matcher, relevance = Matcher(tracker.selected_topics), tracker.relevance()
    models = relevance.models if relevance else ()
    return [
        Explanation(
            entry,
            matcher.explain(entry.paper),
            tuple(one.score(entry.paper) for one in models if one.least is not None),
        )
        for entry in tracker.match(tracker.library.entries(paper_ids).values())
    ]
