"""Conditions on words that a paper must satisfy to match topics.

The search index evaluates them, so that only papers that may match are read and passed to the
matcher. A condition may accept papers that do not match, but must not reject one that does.

A phrase requires, in order, words that may be spellings of its parts. A part may also be written as
two words (pre trained), never as three.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from papertrack.matching.phrase import WILDCARD, Phrase, matches_wildcard, parse_phrase
from papertrack.matching.phrases import MAX_SKIPPED
from papertrack.matching.plurals import singular
from papertrack.matching.typos import TypoFinder, max_edits
from papertrack.matching.words import spellings
from papertrack.models import Topic
from papertrack.word_breaks import split_words


class AnyOf(NamedTuple):
    """Satisfied if at least one of the conditions is; an empty one is never satisfied."""

    conditions: tuple["Condition", ...]


class AllOf(NamedTuple):
    """Satisfied if all of the conditions are; an empty one is always satisfied."""

    conditions: tuple["Condition", ...]


class WordSequence(NamedTuple):
    """Satisfied by words in order, one from each of `positions`.

    If `max_between` is not 0, up to that many other words may be between them, and their order may
    differ.
    """

    positions: tuple[frozenset[str], ...]
    max_between: int = 0


_ALWAYS = AllOf(())
# The search index counts the s of a possessive as a word, which doubles the distance.
_MAX_BETWEEN = 2 * MAX_SKIPPED
_MANY = 300  # A part that may be any of more words than this excludes too few papers.

Condition = str | AnyOf | AllOf | WordSequence  # A str is a word that a paper must contain.


def condition(topics: Sequence[Topic], vocabulary: Collection[str]) -> Condition | None:
    """Return the condition of papers that match any of the topics.

    `vocabulary` has the words of the index. None if papers may match without any word, as by an
    author or organization.
    """
    by_name = any(topic.authors or topic.organizations for topic in topics)
    if by_name or any(not (topic.any or topic.all) for topic in topics):
        return None
    phrases = [phrase for topic in topics for phrase in topic.any or topic.all]
    spelled = _Spellings(frozenset(vocabulary), _misspellings(phrases, vocabulary))
    conditions = tuple(part for phrase in phrases for part in spelled.conditions_of(phrase))
    return None if _ALWAYS in conditions else AnyOf(conditions)


class _Spelling(NamedTuple):
    """The spellings of a part of a phrase: single words, pairs of words, or any word."""

    words: frozenset[str]
    pairs: tuple[WordSequence, ...]
    is_any: bool = False

    @property
    def either(self) -> AnyOf:
        """Any of the words and pairs."""
        return AnyOf((*sorted(self.words), *self.pairs))


class _Spellings:
    """Finds the words of a vocabulary that may be spellings of parts of phrases."""

    def __init__(self, vocabulary: frozenset[str], misspellings: dict[str, set[str]]) -> None:
        self._vocabulary, self._misspellings = vocabulary, misspellings

    def conditions_of(self, text: str) -> Iterator[Condition]:
        """Yield conditions, at least one of which holds for papers that mention a phrase."""
        for phrase in parse_phrase(text).phrases:
            for parts in self._divisions(phrase, 0):
                required = [part for part in parts if not part.is_any]
                if not required:
                    yield _ALWAYS
                between = _MAX_BETWEEN + len(parts) - len(required)
                yield WordSequence(tuple(part.words for part in required), between)
                for index, part in enumerate(required):
                    rest = (*required[:index], *required[index + 1 :])
                    yield AllOf((AnyOf(part.pairs), *(other.either for other in rest)))

    def _divisions(self, phrase: Phrase, start: int) -> Iterator[tuple[_Spelling, ...]]:
        """Every way to write the rest of a phrase with any of its words joined."""
        if start == len(phrase.key):
            yield ()
        for end in sorted(end for end in (*phrase.boundaries, len(phrase.key)) if end > start):
            part = self._spelling(phrase, start, end)
            if part.words or part.pairs or part.is_any:
                yield from ((part, *rest) for rest in self._divisions(phrase, end))

    def _spelling(self, phrase: Phrase, start: int, end: int) -> _Spelling:
        form = phrase.key[start:end]
        if WILDCARD in form:
            words = frozenset(word for word in self._vocabulary if matches_wildcard(form, word))
            return _Spelling(words, (), is_any=len(words) > _MANY)
        pairs = [
            WordSequence((first, second))
            for at in range(start + 1, end)
            if at not in phrase.boundaries  # `_divisions` divides there.
            and (first := self._words_for(phrase.key[start:at]))
            and (second := self._words_for(phrase.key[at:end]))
        ]
        return _Spelling(self._words_for(form), tuple(pairs))

    def _words_for(self, form: str) -> frozenset[str]:
        words = spellings(form) | self._misspellings.get(form, set())
        known = self._vocabulary.intersection(words)
        # The index has ½, which is one word in a text, as the words 1 and 2.
        parts = [] if form.isalnum() else split_words(form)
        has_parts = len(parts) > 1 and self._vocabulary.issuperset(parts)
        return known | {" ".join(parts)} if has_parts else known


def _misspellings(phrases: Iterable[str], vocabulary: Collection[str]) -> dict[str, set[str]]:
    """The words of a vocabulary that may be typos, by normal form.

    The forms are those of the words of the phrases, and each phrase joined into one word.
    """
    watched: dict[str, set[str]] = {}
    for text in dict.fromkeys(phrases):
        parsed = parse_phrase(text)
        for phrase in parsed.phrases:
            watched.setdefault(phrase.key, set()).add(phrase.key)
        for word in parsed.words:
            if not word.is_acronym and WILDCARD not in word.folded:
                watched.setdefault(word.singular, set()).add(word.normal)
    finder, ends = TypoFinder(watched), _WordsByEnd(vocabulary)
    misspellings: dict[str, set[str]] = {}
    for form, normals in watched.items():
        for typo in _within_edits(form, ends.sharing_end(form)):
            if form in finder.corrections(typo, typo):
                for normal in normals:
                    misspellings.setdefault(normal, set()).add(typo)
    return misspellings


class _WordsByEnd:
    """The words of a vocabulary that are long enough for a typo, by their ends.

    The ends are the first two letters, and the last two of the singular; `TypoFinder` requires that
    a typo leaves one of them unchanged.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._sorted = sorted(filter(str.isalpha, words))
        self._by_last: dict[str, list[str]] = defaultdict(list)
        for word in self._sorted:
            # An irregular plural is not a typo, so only words that end in s need their singular.
            base = singular(word) if word[-1] == "s" else word
            self._by_last[base[-2:]].append(word)

    def sharing_end(self, form: str) -> set[str]:
        """Return the words that share an end with a singular word."""
        first = bisect_left(self._sorted, form[:2])
        last = bisect_right(self._sorted, form[:2], key=lambda word: word[:2])
        return {*self._sorted[first:last], *self._by_last.get(form[-2:], ())}


def _within_edits(form: str, words: Collection[str]) -> list[str]:
    """The words within the edits of a typo of a form, or of the plural of such a typo."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if not (edits := max_edits(form, is_plural=True)):
        return []
    cutoff = edits + 2
    similar = process.extract(form, words, scorer=OSA.distance, score_cutoff=cutoff, limit=None)
    return [word for word, distance, _ in similar if distance]
