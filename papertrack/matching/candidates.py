"""What a paper must say to match topics, told in words: so that years need not be read.

A phrase is met by words that stand for parts of it, one after the other. What lacks them does not
match; what has them may, and is read. Of a word that is written in parts (pre trained) two are
looked for, as more are no spelling of it.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from papertrack.matching.phrase import ANY, Phrase, is_wild, parse_phrase
from papertrack.matching.phrases import WIDEST
from papertrack.matching.typos import SHORTEST, TypoFinder, allowed
from papertrack.matching.words import singular, spellings
from papertrack.models import Topic


class OneOf(NamedTuple):
    """One of these must be so; with none, nothing is."""

    conditions: tuple["Condition", ...]


class AllOf(NamedTuple):
    """All of these must be so."""

    conditions: tuple["Condition", ...]


class WordSequence(NamedTuple):
    """One of the words of each of these places must be said, one after the other; where others may
    stand between them, so many at most, it is enough that they are near each other.
    """

    places: tuple[frozenset[str], ...]
    between: int = 0


_EVERYTHING = AllOf(())
# In an index the s of each possessive is a word, too.
_WITH_ENDINGS = 2 * WIDEST
_MANY = 300  # words; what may be any of more says nothing of a paper

Condition = (
    str | OneOf | AllOf | WordSequence
)  # a word that a paper must say, or what is made of such


def condition(topics: Sequence[Topic], vocabulary: Collection[str]) -> Condition | None:
    """What a paper says that matches one of the topics, in the words of a vocabulary; None where
    that cannot be told from words, as for authors.
    """
    if any(topic.authors or not (topic.any or topic.all) for topic in topics):
        return None
    phrases = [phrase for topic in topics for phrase in topic.any or topic.all]
    book = _Spellings(frozenset(vocabulary), _misspelled(phrases, vocabulary))
    said = tuple(one for phrase in phrases for one in book.phrase(phrase))
    return None if _EVERYTHING in said else OneOf(said)


class _Spelling(NamedTuple):
    """What may stand for some letters of a phrase: one word, or two; or any word at all."""

    words: frozenset[str]
    pairs: tuple[WordSequence, ...]
    anything: bool = False

    @property
    def either(self) -> OneOf:
        """Whichever it is."""
        return OneOf((*sorted(self.words), *self.pairs))


class _Spellings:
    """The words of a vocabulary by what they may stand for."""

    def __init__(self, known: frozenset[str], near: dict[str, set[str]]) -> None:
        self._known, self._near = known, near

    def phrase(self, text: str) -> Iterator[Condition]:
        """What of a paper may be a mention of a phrase."""
        for phrase in parse_phrase(text).phrases:
            for parts in self._divided(phrase, 0):
                said = [part for part in parts if not part.anything]
                if not said:
                    yield _EVERYTHING
                between = _WITH_ENDINGS + len(parts) - len(said)
                yield WordSequence(tuple(part.words for part in said), between)
                for place, part in enumerate(said):
                    others = (*said[:place], *said[place + 1 :])
                    yield AllOf((OneOf(part.pairs), *(one.either for one in others)))

    def _divided(self, phrase: Phrase, start: int) -> Iterator[tuple[_Spelling, ...]]:
        """Every way to write a phrase, from the beginning of one of its words on, with some of its
        words joined.
        """
        if start == len(phrase.key):
            yield ()
        for end in sorted(joint for joint in (*phrase.joints, len(phrase.key)) if joint > start):
            part = self._part(phrase, start, end)
            if part.words or part.pairs or part.anything:
                yield from ((part, *rest) for rest in self._divided(phrase, end))

    def _part(self, phrase: Phrase, start: int, end: int) -> _Spelling:
        if ANY in phrase.key[start:end]:
            words = frozenset(one for one in self._known if is_wild(phrase.key[start:end], one))
            return _Spelling(words, (), anything=len(words) > _MANY)
        divided = [
            (self._written(phrase.key[start:at]), self._written(phrase.key[at:end]))
            for at in range(start + 1, end)
            if at not in phrase.joints  # which divides it without this
        ]
        pairs = tuple(WordSequence(both) for both in divided if all(both))
        return _Spelling(self._written(phrase.key[start:end]), pairs)

    def _written(self, letters: str) -> frozenset[str]:
        return self._known.intersection(spellings(letters) | self._near.get(letters, set()))


def _misspelled(phrases: Iterable[str], vocabulary: Collection[str]) -> dict[str, set[str]]:
    """For the plain forms of the phrases' words, and of each phrase as one word, the words that may
    be misspellings of them.
    """
    watched: dict[str, set[str]] = {}
    for phrase in dict.fromkeys(phrases):
        read = parse_phrase(phrase)
        for one in read.phrases:
            watched.setdefault(one.key, set()).add(one.key)
        for said in read.words:
            if not said.is_acronym and ANY not in said.folded:
                watched.setdefault(said.singular, set()).add(said.plain)
    book, known = TypoFinder(watched), _Ends(vocabulary)
    found: dict[str, set[str]] = {}
    for word in filter(allowed, watched):
        for other in _within_edits(word, known.shared_with(word)):
            if word in book.corrections(other, other):
                for form in watched[word]:
                    found.setdefault(form, set()).add(other)
    return found


class _Ends:
    """The words of a vocabulary that may be misspelled, by the two letters that they begin with,
    and those that they end with in the singular: some of them are right (see Watched).
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._sorted = sorted(one for one in words if len(one) >= SHORTEST - 1 and one.isalpha())
        self._by_last: dict[str, list[str]] = defaultdict(list)
        for word in self._sorted:
            # Irregular plurals are no misspellings.
            last = singular(word) if word[-1] == "s" else word
            self._by_last[last[-2:]].append(word)

    def shared_with(self, word: str) -> set[str]:
        """The words that have one end in common with a singular one."""
        first = bisect_left(self._sorted, word[:2])
        last = bisect_right(self._sorted, word[:2], key=lambda one: one[:2])
        return {*self._sorted[first:last], *self._by_last.get(word[-2:], ())}


def _within_edits(word: str, others: Collection[str]) -> list[str]:
    """Those of other words that are about as near as a misspelling, or its plural, may be."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    cutoff = allowed(word) + 2
    near = process.extract(word, others, scorer=OSA.distance, score_cutoff=cutoff, limit=None)
    return [other for other, edits, _ in near if edits]
