"""The words of the search index: inflections, corrections of typos, and compound words."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import NamedTuple, Protocol

STOP_WORDS = frozenset(
    (
        *("a", "about", "an", "and", "are", "as", "at", "be", "been", "by", "can", "do", "for"),
        *("from", "had", "has", "have", "how", "if", "in", "into", "is", "it", "its", "not", "of"),
        *("on", "or", "our", "over", "such", "than", "that", "the", "their", "there", "these"),
        *("this", "to", "using", "was", "we", "were", "what", "when", "which", "with"),
    )
)
_MIN_CORRECTED = 5  # letters; shorter words are similar to too many others
_TWO_EDITS = 10  # letters of a word that may have two typos
_MIN_PART = 3  # letters, other than in names
_SHORT_PARTS = (1, 2, -2, -1)  # where a name may have a shorter part: U-Net, t-SNE, Node.js
# Names with a number: GPT-4, 3-D. Not T-5, which the index has as it has O(1) and t = 5.
_WITH_NUMBER = re.compile(r"([a-z]{2,})(\d+[a-z]?)|(\d)([a-z]+)")
_WITH_TO = re.compile("([a-z]{2,})2([a-z]{2,})")  # text2image
_MAX_PARTS = 3
# A compound counts as divided if more than this many times as many papers divide it.
_DIVIDED_RATIO = 4

WordRun = tuple[str, ...]  # words that follow each other


class Frequencies(NamedTuple):
    """How often each paper contains a term, and how often its title does, by paper number."""

    papers: Mapping[int, int]
    titles: Mapping[int, int]


class Totals(NamedTuple):
    """The numbers of papers and of abstracts, and of the words in all titles and abstracts."""

    papers: int
    abstracts: int
    title_words: int
    abstract_words: int


class Postings(Protocol):
    """The part of the search index that ranking needs.

    Papers are identified by numbers; words are folded.
    """

    @property
    def title_lengths(self) -> Sequence[int]:
        """The number of words of each title, by paper number; 0 for a number without a paper."""

    @property
    def body_lengths(self) -> Sequence[int]:
        """The number of words of each abstract, by paper number."""

    @property
    def totals(self) -> Totals:
        """The numbers of papers, abstracts and their words."""

    @property
    def paper_count(self) -> int:
        """The number of papers."""

    @property
    def days(self) -> Sequence[int]:
        """The ordinal of each paper's last listing day, by its number."""

    def vocabulary(self) -> Sequence[str]:
        """Return all words, sorted."""

    def same_words(self, words: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Return the words with the stem or another spelling of each of these words, sorted.

        Much faster for many words at once than for each alone. The result may have further words.
        """

    def document_frequency(self, word: str) -> int:
        """Return the number of papers that contain a word."""

    def term_frequencies(self, words: Iterable[str]) -> Frequencies:
        """Return how often papers and their titles contain any of these words."""

    def phrase_frequencies(self, phrases: Iterable[WordRun]) -> Frequencies:
        """Return which papers and titles contain one of these phrases: 1 for each."""

    def sequence_frequency(self, phrases: Iterable[WordRun]) -> int:
        """Return the number of papers that contain one of these phrases."""

    def papers_with(self, phrases: Iterable[WordRun]) -> AbstractSet[int]:
        """Return the papers that contain one of these phrases."""


class QueryTerm(NamedTuple):
    """A term of a query: any of `words`, or any of `phrases`.

    `variants` are the ways to write it next to its neighbours in the query.
    """

    words: tuple[str, ...]
    phrases: tuple[WordRun, ...] = ()
    variants: tuple[WordRun, ...] = ()


class Lexicon:
    """Looks up the words of a query in a search index."""

    def __init__(self, postings: Postings) -> None:
        self._postings = postings

    @cached_property
    def _vocabulary(self) -> Sequence[str]:
        return self._postings.vocabulary()

    def inflections(self, word: str) -> tuple[str, ...]:
        """Return the words of the index that are the same as a word, but no other stop word.

        They have the same stem, or are another spelling: a plural (matrices), British or American,
        or with an umlaut that is spelled out.
        """
        return self.inflections_of([word])[word]

    def inflections_of(self, words: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return the inflections of each of these words, faster than one call for each."""
        same = self._postings.same_words(words)
        return {
            word: tuple([other for other in same[word] if other == word or other not in STOP_WORDS])
            for word in words
        }

    def singular_and_plural(self, word: str) -> tuple[str, ...]:
        """Return those of a word, its plural and its singular that the index contains."""
        forms = dict.fromkeys((word, word + "s", word.removesuffix("s")))
        return tuple(form for form in forms if self._postings.document_frequency(form))

    def document_frequency(self, words: Iterable[str]) -> int:
        """Return the number of papers with any of these words; a paper with two counts twice."""
        return sum(map(self._postings.document_frequency, words))

    def correction(self, word: str) -> str | None:
        """Return the word of the index that an unknown word is probably a typo of, or None.

        It is at most one edit away, or two from ten letters on: the closest, then the most
        frequent.
        """
        if len(word) < _MIN_CORRECTED:
            return None
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        similar = process.extract(
            word,
            self._vocabulary,
            scorer=OSA.distance,
            score_cutoff=1 if len(word) < _TWO_EDITS else 2,
            limit=None,
        )
        ranked = [
            (edits, -self._postings.document_frequency(other), other) for other, edits, _ in similar
        ]
        return min(ranked)[2] if ranked else None

    def inflect_last(self, parts: WordRun) -> tuple[WordRun, ...]:
        """Return a run of words with the last one in every inflection."""
        return tuple((*parts[:-1], last) for last in self.inflections(parts[-1]))

    def parts(self, word: str) -> WordRun:
        """Return the words into which most papers divide a compound, () if none divide it."""
        for count in range(2, _MAX_PARTS + 1):
            divisions = [*self._divisions(word, count), *self._name_parts(word, count)]
            best = max(divisions, key=self.sequence_frequency, default=())
            if best and self.sequence_frequency(best):
                return best
        return ()

    def sequence_frequency(self, parts: WordRun) -> int:
        """Return the number of papers with a run of words, the last one in any inflection."""
        return self._postings.sequence_frequency(self.inflect_last(parts))

    def is_usually_divided(self, joined: Iterable[str], parts: WordRun) -> bool:
        """Whether papers write `parts` much more often than the compounds in `joined`."""
        return self.sequence_frequency(parts) > _DIVIDED_RATIO * self.document_frequency(joined)

    def is_name(self, parts: WordRun) -> bool:
        """Whether words are the parts of a name such as U-Net, and mean little apart."""
        return any(len(part) < _MIN_PART and part not in STOP_WORDS for part in parts)

    def _name_parts(self, word: str, count: int) -> Iterator[WordRun]:
        """The parts of a name: of text2image, or of two words of which one is short.

        The latter only if many papers divide the name, as other words are divided by chance: the
        index has "method's core" as "s core" beside the word score.
        """
        if count > 2:  # noqa: PLR2004  # text, to and image
            if name := _WITH_TO.fullmatch(word):
                yield name[1], "to", name[2]
            return
        minimum = self._postings.document_frequency(word) / _DIVIDED_RATIO
        for parts in _short_divisions(word):
            frequencies = map(self._postings.document_frequency, parts)
            if min(frequencies) > minimum and self.sequence_frequency(parts) > minimum:
                yield parts

    def _divisions(self, word: str, count: int) -> Iterator[WordRun]:
        if count == 1:
            if self.inflections(word):
                yield (word,)
            return
        for at in range(_MIN_PART, len(word) - _MIN_PART * (count - 1) + 1):
            if self._postings.document_frequency(word[:at]):
                yield from ((word[:at], *rest) for rest in self._divisions(word[at:], count - 1))


def _short_divisions(word: str) -> Iterator[WordRun]:
    """The divisions of a word into two, one of them too short for another compound."""
    if numbered := _WITH_NUMBER.fullmatch(word):
        yield tuple(filter(None, numbered.groups()))
    elif word.isalpha() and len(word) >= _MIN_PART:
        for at in _SHORT_PARTS:
            parts = word[:at], word[at:]
            if "s" not in parts and STOP_WORDS.isdisjoint(parts):  # the s of a possessive
                yield parts
