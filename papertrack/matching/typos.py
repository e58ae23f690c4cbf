"""Deciding which watched word an unknown word is probably a typo of."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from papertrack.matching.plurals import singular
from papertrack.matching.vocabulary import is_known
from papertrack.matching.words import TokenizedText
from papertrack.text import fold_word

MIN_LENGTH = 6  # letters of a word that may have a typo
_TWO_EDITS = 10  # letters of a watched word that may have two typos
_LETTERS = "abcdefghijklmnopqrstuvwxyz"

# A watched word with one of these is another word, not a typo: unsupervised, quantizational.
_SUFFIXES = frozenset(("ed", "er", "ly", "al", "ic", "or"))
_PREFIXES = frozenset(("un", "in", "im", "re", "de", "bi", "co"))


class TypoFinder:
    """Finds watched words from misspellings of mentions of six letters and more.

    Candidates must share the first two or the last two letters with the word. In words of six
    letters, one edit (a letter left out, inserted or replaced, or two neighbours exchanged: optimal
    string alignment) cannot change both ends; two edits rarely do.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by_end: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in words:
            edits = max_edits(word, is_plural=True)
            lengths = range(len(word) - edits, len(word) + edits + 1) if edits else ()
            for length in lengths:
                self._by_end[word[:2], length].append(word)
                self._by_end[word[-2:], -length].append(word)

    def may_be_typo(self, lower: str) -> bool:
        """Whether a lower-case word may be a typo of a watched word: a cheap test of its ends."""
        return self._shares_end(lower) or (lower[-1:] == "s" and self._shares_end(singular(lower)))

    def _shares_end(self, word: str) -> bool:
        by_end, length = self._by_end, len(word)
        return (word[:2], length) in by_end or (word[-2:], -length) in by_end

    def corrections(self, word: str, folded: str) -> dict[str, int]:
        """Return the watched words of which a word may be a typo, with the numbers of edits.

        `folded` is the folded word. A word of the vocabulary is never a typo, and neither is a name
        with capitals inside: RegNet is not ResNet.
        """
        if is_known(folded) or not self.may_be_typo(folded) or _is_name(word):
            return {}
        base = singular(folded)
        is_plural = len(folded) >= MIN_LENGTH and folded == base + "s"
        candidates = {} if is_known(base) else self._candidates(base, is_plural=is_plural)
        return _edits(base, candidates) if candidates else {}

    def _candidates(self, word: str, *, is_plural: bool) -> dict[str, int]:
        """Watched words of similar length that share an end and nearly all letters with a word.

        With the edits that each may need. Every watched word within these is among them, and the
        test is cheap.
        """
        by_end, length = self._by_end, len(word)
        same_end = {*by_end.get((word[:2], length), ()), *by_end.get((word[-2:], -length), ())}
        same_end.discard(word)
        letters = set(word)
        return {
            watched: edits
            for watched in same_end
            if (edits := max_edits(watched, is_plural=is_plural))
            and len(letters.symmetric_difference(watched)) <= 2 * edits
            and not _is_derived(word, watched)
        }


def respelled(phrase: str) -> list[str]:
    """What a phrase with a typo may mean: the phrase with a known word for an unknown one.

    Empty if all words are known, or too short, or if no known word is a single edit away.
    """
    words = [fold_word(word) for word in TokenizedText(phrase).words]
    return [
        " ".join([*words[:at], known, *words[at + 1 :]])
        for at, word in enumerate(words)
        if len(word) >= MIN_LENGTH and not is_known(word) and not is_known(singular(word))
        for known in sorted(set(filter(is_known, _one_edit_away(word))))
    ]


def max_edits(word: str, *, is_plural: bool = False) -> int:
    """Return how many edits a typo of a watched word, or of its plural, may need: 0, 1 or 2.

    Clouds has the six letters that cloud lacks.
    """
    return 0 if len(word) + is_plural < MIN_LENGTH else 1 if len(word) < _TWO_EDITS else 2


def _is_name(word: str) -> bool:
    """Whether a word has several capitals, digits, or letters beyond a to z.

    Words with all letters in capitals, apart from the s of a plural, are not names.
    """
    if word.islower() and word.isascii() and word.isalpha():
        return False
    capitals = sum(map(str.isupper, word))
    return (
        1 < capitals < len(word) - word.endswith("s")
        or not fold_word(word).isalpha()
        or not word.isascii()
    )


def _is_derived(word: str, root: str) -> bool:
    """Whether a word is derived from `root`, or they differ only in -ed and -er."""
    if word.startswith(root):
        return word[len(root) :] in _SUFFIXES or (root[-1] == "e" and word[-1] in "dr")
    if word.endswith(root):
        return word[: -len(root)] in _PREFIXES
    return word[:-1] == root[:-1] and {word[-2:], root[-2:]} == {"ed", "er"}


def _edits(word: str, candidates: Mapping[str, int]) -> dict[str, int]:
    """The candidates within the allowed edits of a word, with the numbers of edits.

    A word one edit from a word of the vocabulary (simualtion) is a typo of that word, and not of a
    candidate two edits away (stimulation).
    """
    edits = {other: edits_up_to(most, word, other) for other, most in candidates.items()}
    close = {other: count for other, count in edits.items() if count <= candidates[other]}
    if any(count > 1 for count in close.values()) and any(map(is_known, _one_edit_away(word))):
        return {other: count for other, count in close.items() if count == 1}
    return close


def edits_up_to(most: int, word: str, other: str) -> int:
    """Return the edits between two words; if more than `most`, a number above `most`.

    It is the optimal string alignment distance. A library takes 40 ms to import, and a day has few
    pairs of words to compare.
    """
    pairs = enumerate(zip(word, other, strict=False))
    shared = next((at for at, (a, b) in pairs if a != b), min(len(word), len(other)))
    word, other = word[shared:], other[shared:]
    if most == 0 or not (word and other):
        return max(len(word), len(other))
    rests = [(word[1:], other), (word, other[1:]), (word[1:], other[1:])]
    if word[:2] == other[1::-1]:
        rests.append((word[2:], other[2:]))
    return 1 + min(edits_up_to(most - 1, *rest) for rest in rests)


def _one_edit_away(word: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        start, end = word[:at], word[at:]
        yield start + end[1:]
        yield start + end[1:2] + end[:1] + end[2:]
        for letter in _LETTERS:
            yield start + letter + end
            yield start + letter + end[1:]
