"""Which watched word an unknown word of a text is probably a misspelling of."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from papertrack.matching.vocabulary import is_known
from papertrack.matching.words import fold_word, singular

SHORTEST = 6  # letters of a watched word that may be misspelled
TWO_EDITS = 10  # letters from which it may be misspelled twice
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

# A watched word with one of these is another word, not a slip: unsupervised, quantizational.
_SUFFIXES = frozenset(("ed", "er", "ly", "al", "ic", "or"))
_PREFIXES = frozenset(("un", "in", "im", "re", "de", "bi", "co"))


class TypoFinder:
    """Watched words of six letters and more, found again from their misspellings.

    A slip leaves the first two or the last two letters right: one edit (a letter left out, put
    in, replaced, or two neighbours exchanged: optimal string alignment) cannot spoil both in
    words of six letters, and of two edits few do.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by_end: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in filter(allowed, words):
            for length in range(len(word) - allowed(word), len(word) + allowed(word) + 1):
                self._by_end[word[:2], length].append(word)
                self._by_end[word[-2:], -length].append(word)

    def may_be_near(self, low: str) -> bool:
        """Whether a word in lower case may be near a watched one: for most it is soon seen that
        they are not.
        """
        return self._has_end_of(low) or (low[-1:] == "s" and self._has_end_of(singular(low)))

    def _has_end_of(self, word: str) -> bool:
        by_end, length = self._by_end, len(word)
        return (word[:2], length) in by_end or (word[-2:], -length) in by_end

    def corrections(self, word: str, folded: str) -> dict[str, int]:
        """The watched words that a word, `folded` already, may be meant for, with the number of
        edits.

        A word of the vocabulary is meant as it stands, whatever is watched, and so is a name with
        capitals inside (RegNet is not ResNet).
        """
        if is_known(folded) or not self.may_be_near(folded) or _is_name(word):
            return {}
        one = singular(folded)
        plausible = [] if is_known(one) else self._plausible(one)
        return _edits(one, plausible) if plausible else {}

    def _plausible(self, word: str) -> list[str]:
        """Watched words of about this length, with one end and nearly all letters in common:
        necessary for being near, and cheap.
        """
        by_end, length = self._by_end, len(word)
        same_end = {*by_end.get((word[:2], length), ()), *by_end.get((word[-2:], -length), ())}
        same_end.discard(word)
        letters = set(word)
        return [
            other
            for other in same_end
            if len(letters.symmetric_difference(other)) <= 2 * allowed(other)
            and not _derived(word, other)
        ]


def allowed(word: str) -> int:
    """How many edits a watched word may be away."""
    return 0 if len(word) < SHORTEST else 1 if len(word) < TWO_EDITS else 2


def _is_name(word: str) -> bool:
    """Whether a word is no plain English one: coined with several capitals, digits or letters
    beyond a to z.
    """
    if word.islower() and word.isascii() and word.isalpha():
        return False
    capitals = sum(map(str.isupper, word))
    return (
        1 < capitals < len(word) - word.endswith("s")
        or not fold_word(word).isalpha()
        or not word.isascii()
    )


def _derived(word: str, root: str) -> bool:
    """Whether `word` is made of `root`, or the two exchange -ed and -er."""
    if word.startswith(root):
        return word[len(root) :] in _SUFFIXES or (root[-1] == "e" and word[-1] in "dr")
    if word.endswith(root):
        return word[: -len(root)] in _PREFIXES
    return word[:-1] == root[:-1] and {word[-2:], root[-2:]} == {"ed", "er"}


def _edits(word: str, others: Iterable[str]) -> dict[str, int]:
    """Those of `others` that `word` may be meant for. What is one edit from a word of the
    vocabulary (simualtion) is meant for that, and not for another at two (stimulation).
    """
    likely = [other for other in others if _letters_apart(word, other) <= allowed(other)]
    if not likely:
        return {}
    from rapidfuzz.distance import OSA  # 40 ms, and most runs meet no typo

    edits = {other: OSA.distance(word, other) for other in likely}
    near = {other: count for other, count in edits.items() if count <= allowed(other)}
    if any(count > 1 for count in near.values()) and any(map(is_known, _one_edit_away(word))):
        return {other: count for other, count in near.items() if count == 1}
    return near


def _letters_apart(word: str, other: str) -> int:
    """The fewest edits that their letters in any order need."""
    mine, its = Counter(word), Counter(other)
    return max((mine - its).total(), (its - mine).total())


def _one_edit_away(word: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        start, end = word[:at], word[at:]
        yield start + end[1:]
        yield start + end[1:2] + end[:1] + end[2:]
        for letter in _LETTERS:
            yield start + letter + end
            yield start + letter + end[1:]
