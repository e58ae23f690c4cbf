"""Why a paper belongs to topics, or does not."""

from collections.abc import Sequence

from papertrack.matching.matcher import Matcher
from papertrack.results import Explanation
from papertrack.tracker import Tracker


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
