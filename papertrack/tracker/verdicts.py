"""Explain why papers belong to topics, or why not."""

from collections.abc import Sequence

from papertrack.matching.matcher import Matcher
from papertrack.results import Explanation
from papertrack.tracker import Tracker
from papertrack.tracker.recommending import standings


def explain(tracker: Tracker, paper_ids: Sequence[str]) -> list[Explanation]:
    """Explain each paper for each of the selected topics, and how it would rank in `recommend`.

    Raises LibraryError.
    """
    matcher, relevance = Matcher(tracker.selected_topics), tracker.relevance()
    models = relevance.models if relevance else ()
    entries = list(tracker.match(tracker.library.entries(paper_ids).values()))
    return [
        Explanation(
            entry,
            matcher.explain(entry.paper),
            tuple(model.score(entry.paper) for model in models if model.least is not None),
            standing,
        )
        for entry, standing in zip(entries, standings(tracker, entries), strict=True)
    ]
