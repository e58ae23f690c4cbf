"""A profile from nothing: a few varied papers to judge, and the marks that follow."""

from collections.abc import Collection, Sequence
from datetime import datetime

from papertrack.library.library import Library
from papertrack.library.paper_events import follow_starred
from papertrack.library.undo import Change, record
from papertrack.models import Entry, State
from papertrack.searching.recommending import sampling_key
from papertrack.searching.variety import representatives
from papertrack.tracker import Tracker
from papertrack.tracker.recommending import unread_papers

PAPERS = 10
_MAX_CANDIDATES = 200  # the papers with most upvotes, so that no odd one is offered


def papers_to_judge(tracker: Tracker) -> list[Entry]:
    """Ten varied unread papers of the last 30 days, of those with most upvotes.

    Papers without upvotes are chosen from evenly.
    """
    upvotes = tracker.library.upvotes()

    def order(entry: Entry) -> tuple[object, ...]:
        paper = entry.paper
        counted = upvotes.get(paper.id)
        return -counted[1] if counted else 0, sampling_key(paper)

    entries = sorted(unread_papers(tracker), key=order)
    candidates = entries[:_MAX_CANDIDATES]
    chosen = representatives([entry.paper for entry in candidates], PAPERS)
    ids = [candidates[position].paper.id for position in chosen]
    return list(tracker.library.entries(ids).values())


def store_answers(
    library: Library, stars: Collection[str], hides: Collection[str], now: datetime
) -> int:
    """Star and hide papers as a single change; the number of papers changed. Raises LibraryError.

    What happens to starred papers is noticed from `now` on.
    """

    def change(paper_id: str, state: State) -> State:
        return state._replace(
            starred=state.starred or paper_id in stars, hidden=state.hidden or paper_id in hides
        )

    with library.transaction():
        entries = library.entries([*stars, *hides]).values()
        before = {entry.paper.id: entry.state for entry in entries}
        changing = {key: state for key, state in before.items() if change(key, state) != state}
        library.change_states(changing, change)
        if changing:
            record(library, Change("starred and hidden", changing))
        follow_starred(library, stars, [key for key in stars if before[key].starred], now)
    return len(changing)


def split_answers(
    entries: Sequence[Entry], answers: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of the papers that were answered with "y", and with "n"."""
    pairs = list(zip(entries, answers, strict=False))
    stars = (entry.paper.id for entry, answer in pairs if answer == "y")
    hides = (entry.paper.id for entry, answer in pairs if answer == "n")
    return tuple(stars), tuple(hides)
