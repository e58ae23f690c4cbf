"""Find the stored papers whose titles entries of feeds have."""

from collections.abc import Iterable, Iterator

from papertrack.errors import LibraryBusy, LibraryError
from papertrack.identifiers import FEED_ENTRY
from papertrack.library.aliases import stored_ids
from papertrack.library.title_ids import title_words
from papertrack.library.unifying import OtherIds
from papertrack.models import Paper
from papertrack.tracker import Tracker


def same_titles(tracker: Tracker, papers: Iterable[Paper]) -> OtherIds:
    """Return the id of a stored paper with the same title, by the id of an entry of a feed.

    Only for entries that are not stored yet. None are found in a library that cannot be indexed.
    """
    entries = {paper.id: paper for paper in papers if paper.id.startswith(FEED_ENTRY)}
    for paper_id in stored_ids(tracker.library, entries):
        del entries[paper_id]
    words = {paper_id: title_words(paper.title) for paper_id, paper in entries.items()}
    words = {paper_id: title for paper_id, title in words.items() if title}
    if not words:
        return {}
    try:
        return dict(_stored_papers(tracker, words))
    except (LibraryBusy, LibraryError):
        return {}


def _stored_papers(
    tracker: Tracker, words: dict[str, tuple[str, ...]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    from papertrack.library.search_index.fts import any_phrase

    index = tracker.search_index()
    for entry_id, title in words.items():
        ids = index.ids(index.postings_after("titles", any_phrase([title])))
        papers = (entry.paper for entry in tracker.library.entries(ids).values())
        same = sorted(
            paper.id
            for paper in papers
            if title_words(paper.title) == title and not paper.id.startswith(FEED_ENTRY)
        )
        if same:  # an arXiv id sorts before those with a namespace
            yield entry_id, (same[0],)
