"""What the words of texts may stand for in phrases, each found out once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from papertrack.matching.phrase import ANY, SHORT, is_wild
from papertrack.matching.typos import SHORTEST, Watched
from papertrack.matching.vocabulary import is_known, known_among
from papertrack.matching.words import american, may_begin_otherwise, singular, spelled

_REMEMBERED = 65_536  # words of texts, about 30 MB
_TELLING, _LONG = 4, 7  # letters from which, and beyond which, the first ones tell

# The forms that a word of a text may stand for, each with its wrong letters.
Readings = tuple[tuple[str, int], ...]


class Opening(NamedTuple):
    """A word that begins phrases: whether it is a whole one, and what may go on with it."""

    complete: bool
    following: frozenset[str]


class Words:
    """Words of texts, read for the phrases with these keys.

    `readings` are the forms that a word may stand for, its plain form and the watched words that it
    may be a typo of, of those words that say a part of a phrase; `forms` the same without the wrong
    letters; `openings` those of them that begin phrases. All others say nothing.
    """

    def __init__(
        self,
        keys: Collection[str],
        beginnings: Collection[str],
        watched: Mapping[str, str],
        wild: Iterable[str],
    ) -> None:
        self.readings: dict[str, Readings] = {}
        self.forms: dict[str, tuple[str, ...]] = {}
        self.openings: dict[str, Opening] = {}
        self._keys, self._beginnings, self._plain = keys, beginnings, watched
        self._wild = tuple(sorted(wild))
        self._watched = Watched(word for word in watched if ANY not in word)
        # Most words of most texts begin with no four letters that any phrase has.
        self._letters = "\n".join(keys)
        self._fours = {self._letters[at : at + 4] for at in range(len(self._letters))}
        self._threes = {self._letters[at : at + 3] for at in range(len(self._letters))}
        self._read: set[str] = set()

    def learn(self, words: Iterable[str]) -> None:
        """Read those of these words that were not read yet."""
        if self._read.issuperset(words):
            return
        if len(self._read) > _REMEMBERED:
            self._read.clear()
            self.readings.clear()
            self.forms.clear()
            self.openings.clear()
        new = set(words) - self._read
        for word in self._telling(new):
            if self._is_foreign(word):
                continue
            if readings := [one for one in self._read_anew(word) if one[0] in self._letters]:
                self.readings[word] = tuple(readings)
                self.forms[word] = tuple([form for form, _ in readings])
                if begun := [form for form in self.forms[word] if form in self._beginnings]:
                    self.openings[word] = self._opening(begun)
        self._read |= new

    def _opening(self, forms: Sequence[str]) -> Opening:
        rests = [key[len(form) :] for form in forms for key in self._keys if key.startswith(form)]
        following = {rest[:end] for rest in rests for end in range(1, len(rest) + 1)}
        return Opening(not set(forms).isdisjoint(self._keys), frozenset(following))

    def _telling(self, words: set[str]) -> set[str]:
        """Of some words those of which it is not seen at once that they are foreign; most are."""
        if self._wild:
            return words
        known, fours = known_among(words), self._fours
        return words - {word for word in known if word[_LONG:] and word[:4] not in fours}

    def _is_foreign(self, word: str) -> bool:
        """Whether a word surely says no part of a phrase, as is soon seen of most: inflections and
        British spellings leave its first letters as they are, and a known word is no typo.
        """
        low = word.lower()
        size = len(low)
        if size < _TELLING or self._wild or not word.isascii() or may_begin_otherwise(low):
            return False
        if size < SHORTEST:
            return low[:3] not in self._threes and (size < SHORTEST - 1 or is_known(low))
        return low[:4] not in self._fours and is_known(low)

    def _read_anew(self, word: str) -> Iterable[tuple[str, int]]:
        folded = spelled(word)
        near, one = self._watched.near(word, folded), singular(folded)
        wild = [form for form in self._wild if is_wild(form, folded) or is_wild(form, one)]
        # In a long word, no British spelling reaches the first four letters.
        if not near and not wild and len(one) >= SHORTEST and one[:4] not in self._fours:
            return ()
        forms = {american(one): 0, one: 0, **dict.fromkeys(wild, 0)}
        if len(folded) == SHORT and folded.endswith("s"):
            forms[folded[:-1]] = 0  # LMs, RLs: only acronyms are as short
        for other, edits in near.items():
            forms.setdefault(self._plain[other], edits)
        return forms.items()
