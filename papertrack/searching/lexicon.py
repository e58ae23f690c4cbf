"""The words that a library's papers say: inflections, slips of the pen, and words written as one
or as two.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

_ENDINGS = re.compile("(?<=.{3})(?:ing|ies|es|ed|s|y)$")
_INFLECTED = re.compile(
    "(?:s|es|d|ed|e|ings?|y|ies|ied|(?:at)?ions?|[eo]rs?|al|ally|ly|ic|ical|ity|able|ive|ments?|ness)?"
)
_REPAIRED_FROM = 5  # letters; shorter words have too many neighbours
_TWO_EDITS_FROM = 10
_SHORTEST_PART = 3
_MOST_PARTS = 3
# So many times as many papers must write two words for the one word to count as two.
_RATHER_TWO = 4

Row = tuple[str, ...]  # words one after the other


class Postings(Protocol):
    """Which papers, by number, say which words, folded and in lower case."""

    @property
    def lengths(self) -> Sequence[int]:
        """The papers' lengths in words, at their numbers; 0 where there is no paper."""

    @property
    def paper_count(self) -> int:
        """How many papers there are."""

    @property
    def days(self) -> Sequence[int]:
        """The ordinals of the last days on which the papers came, at their numbers."""

    def vocabulary(self) -> Sequence[str]:
        """Every word that is said, sorted."""

    def with_prefix(self, start: str) -> Sequence[str]:
        """Those words that begin so, sorted."""

    def document_frequency(self, word: str) -> int:
        """How many papers say a word."""

    def term_frequencies(self, words: Iterable[str], title: int) -> dict[int, int]:
        """How often papers say one of some words, a mention in the title counted `title` times."""

    def sequence_frequency(self, rows: Iterable[Row]) -> int:
        """How many papers say one of some rows."""

    def papers_with(self, rows: Iterable[Row], title: int = 1) -> dict[int, int]:
        """The papers that say one of some rows: `title` for those that do in the title, else 1."""


class QueryTerm(NamedTuple):
    """One thing that is asked for: any of `words`, or of `rows`. `spelled` is how it may be written
    beside its neighbours.
    """

    words: Row
    rows: tuple[Row, ...] = ()
    spelled: tuple[Row, ...] = ()


class Lexicon:
    """The words that are said, as a query needs them."""

    def __init__(self, said: Postings) -> None:
        self._said = said

    @cached_property
    def _every(self) -> Sequence[str]:
        return self._said.vocabulary()

    def inflections(self, word: str) -> Row:
        """The words of which a word may be an inflection, and the other way round."""
        stem = stemmed(word)
        words = self._said.with_prefix(stem)
        return tuple(one for one in words if _INFLECTED.fullmatch(one, len(stem)))

    def numbers(self, word: str) -> Row:
        """A word as it is and in the other number, where they are said."""
        forms = (word, word + "s", word.removesuffix("s"))
        return tuple(one for one in dict.fromkeys(forms) if self._said.document_frequency(one))

    def papers(self, words: Iterable[str]) -> int:
        """How many papers say some words, one that says two counted twice."""
        return sum(map(self._said.document_frequency, words))

    def nearest(self, word: str) -> str | None:
        """The word that one which nobody says is probably meant for: within one edit, two from
        ten letters; of two the one that more papers say.
        """
        if len(word) < _REPAIRED_FROM:
            return None
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        near = process.extract(
            word,
            self._every,
            scorer=OSA.distance,
            score_cutoff=1 if len(word) < _TWO_EDITS_FROM else 2,
            limit=None,
        )
        ranked = [(edits, -self._said.document_frequency(one), one) for one, edits, _ in near]
        return min(ranked)[2] if ranked else None

    def rows(self, parts: Sequence[str]) -> tuple[Row, ...]:
        """Words one after the other, the last in any inflection."""
        return tuple((*parts[:-1], last) for last in self.inflections(parts[-1]))

    def parts(self, word: str) -> Row:
        """The words that most papers write apart where a query writes one, () where none do."""
        for count in range(2, _MOST_PARTS + 1):
            divided = list(self._divided(word, count))
            best = max(divided, key=self.papers_saying, default=())
            if best and self.papers_saying(best):
                return best
        return ()

    def papers_saying(self, parts: Sequence[str]) -> int:
        """How many papers say words one after the other, the last in any inflection."""
        return self._said.sequence_frequency(self.rows(parts))

    def are_rather_two(self, joined: Iterable[str], parts: Sequence[str]) -> bool:
        """Whether papers hardly ever write as one word what many write as several."""
        return self.papers_saying(parts) > _RATHER_TWO * self.papers(joined)

    def _divided(self, word: str, count: int) -> Iterator[Row]:
        if count == 1:
            if self.inflections(word):
                yield (word,)
            return
        for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART * (count - 1) + 1):
            if self._said.document_frequency(word[:at]):
                yield from ((word[:at], *rest) for rest in self._divided(word[at:], count - 1))


def stemmed(word: str) -> str:
    """A word without its commonest endings."""
    return _ENDINGS.sub("", word)
