"""Explain why papers belong to topics, or why not."""

from collections.abc import Sequence

from papertrack.matching.matcher import Matcher
from papertrack.results import Explanation
from papertrack.tracker import Tracker


def explain(tracker: Tracker, paper_ids: Sequence[str]) -> list[Explanation]:
    """Explain each paper for each of the selected topics. Raises LibraryError."""
    matcher, relevance = Matcher(tracker.selected_topics), tracker.relevance()
    models = relevance.models if relevance else ()
    return [
        Explanation(
            entry,
            matcher.explain(entry.paper),
            tuple(model.score(entry.paper) for model in models if model.least is not None),
        )
        for entry in tracker.match(tracker.library.entries(paper_ids).values())
    ]
