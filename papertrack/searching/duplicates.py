"""Near-duplicates: papers with the same title, or with nearly the same text.

Nearly the same text is half of the pairs of neighbouring words in common, of the paper that has
more. In a month of 5,929 papers, each compared with those that shared one of its 16 longest pairs,
no two had a third in common. Only papers are compared that share one of the pairs with their
smallest keys (Broder, On the Resemblance and Containment of Documents, 1997).
"""

from array import array
from collections.abc import Sequence

from papertrack.models import Paper
from papertrack.searching.features import Features
from papertrack.searching.query import words_of
from papertrack.text import readable

_MIN_TITLE = 3  # words; "Introduction" is the title of many papers
_MIN_PAIRS, _MIN_SHARE = 20, 0.5  # Fewer pairs are those of a title alone.
# Pairs; that two papers with half in common share none of them is a rare accident.
_COMPARED_BY = 16
_COMMON = 20  # papers, all different, with a pair; it says no more than that they are of a subject


class SeenPapers:
    """Papers of which others may be near-duplicates."""

    def __init__(self) -> None:
        self._titles: set[tuple[str, ...]] = set()
        self._by_pair: dict[int, list[Sequence[int]]] = {}

    def add(self, paper: Paper, counts: Features) -> bool:
        """Add a paper with its features; False if it is a near-duplicate of one before."""
        title = words_of(readable(paper.title))
        pairs = array("q", sorted(counts.pairs))
        if title in self._titles or self._has_text(pairs):
            return False
        if len(title) >= _MIN_TITLE:
            self._titles.add(title)
        if len(pairs) >= _MIN_PAIRS:
            for pair in pairs[:_COMPARED_BY]:
                self._by_pair.setdefault(pair, []).append(pairs)
        return True

    def _has_text(self, pairs: Sequence[int]) -> bool:
        own = set(pairs)
        lists = (self._by_pair.get(pair, ()) for pair in pairs[:_COMPARED_BY])
        similar = {
            id(other): other for others in lists if len(others) <= _COMMON for other in others
        }
        return any(
            len(own.intersection(other)) >= _MIN_SHARE * max(len(own), len(other))
            for other in similar.values()
        )
