"""What the words of texts may stand for in phrases, each found out once."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from itertools import takewhile
from typing import NamedTuple

from papertrack.matching.phrase import ANY, SHORT, is_wild
from papertrack.matching.typos import TypoFinder
from papertrack.matching.vocabulary import known_among
from papertrack.matching.words import american, fold_word, may_begin_otherwise, singular

_RUN = 4  # letters
_REMEMBERED = 65_536  # words of texts, about 10 MB

# The forms that a word of a text may stand for, each with its wrong letters.
Readings = tuple[tuple[str, int], ...]


class PhraseStart(NamedTuple):
    """A word that begins phrases: whether it is a whole one, and the words that may go on with
    it, of those that were read.
    """

    complete: bool
    following: set[str]


class WordForms:
    """Words of texts, read for the phrases with these keys.

    `readings` are the forms that a word may stand for, its plain form and the watched words that it
    may be a typo of, of those words that say a part of a phrase; `openings` those of them that
    begin phrases. All others say nothing.
    """

    def __init__(
        self,
        keys: Collection[str],
        beginnings: Collection[str],
        watched: Mapping[str, str],
        wild: Iterable[str],
    ) -> None:
        self._keys, self._beginnings, self._plain = sorted(keys), beginnings, watched
        self._wild = tuple(sorted(wild))
        self._watched = TypoFinder(word for word in watched if ANY not in word)
        self._letters = "\n".join(keys)
        self._places: dict[str, list[int]] = defaultdict(list)
        for at in range(len(self._letters)):
            self._places[self._letters[at : at + _RUN]].append(at)
        self._runs = {run[:length] for run in self._places for length in range(1, _RUN + 1)}
        self._forget()

    def _forget(self) -> None:
        self.readings: dict[str, Readings] = {}
        self.openings: dict[str, PhraseStart] = {}
        self._read: set[str] = set()
        self._reading_as: dict[str, list[str]] = defaultdict(list)
        self._begun: dict[tuple[str, ...], PhraseStart] = {}
        self._awaiting: dict[str, list[set[str]]] = defaultdict(list)

    def after(self, *forms: str) -> PhraseStart:
        """What goes on with some forms that begin phrases."""
        if forms not in self._begun:
            self._begun[forms] = self._begin(forms)
        return self._begun[forms]

    def learn(self, words: Iterable[str]) -> None:
        """Read those of these words that were not read yet."""
        new = set(words) - self._read
        self._read |= new
        for word in self._telling(new):
            if readings := self._read_anew(word):
                self.readings[word] = readings
                self._place(word, [form for form, _ in readings])

    def forget_many(self) -> None:
        """Forget words, if they take much memory by now: first those that say nothing."""
        if len(self.readings) > _REMEMBERED // 2:
            self._forget()
        elif len(self._read) > _REMEMBERED:
            self._read = set(self.readings)

    def _telling(self, words: set[str]) -> Iterable[str]:
        """Of some words those of which it is not seen at once that they say no part of a phrase;
        of most it is: inflections and British spellings leave the first letters as they are.
        """
        if self._wild:
            return words
        runs, is_near = self._runs, self._watched.may_be_near
        known = known_among(set(map(str.lower, words)))
        return [
            word
            for word in words
            # Two letters of up to three, three of up to five, and four of longer words.
            if (low := word.lower())[: 4 if low[5:] else 3 if low[3:] else 2] in runs
            or may_begin_otherwise(low)
            or (low not in known and is_near(low))
            or not word.isascii()
        ]

    def _read_anew(self, word: str) -> Readings:
        folded = fold_word(word)
        one = singular(folded)
        plain = american(one)
        either = (plain,) if plain == one else (plain, one)
        forms = {form: 0 for form in either if self._is_part(form)}
        for form in self._wild:
            if is_wild(form, folded) or is_wild(form, one):
                forms[form] = 0
        if len(folded) == SHORT and folded.endswith("s") and self._is_part(folded[:-1]):
            forms[folded[:-1]] = 0  # LMs, RLs: only acronyms are as short
        for other, edits in self._watched.corrections(word, folded).items():
            forms.setdefault(self._plain[other], edits)
        return tuple(forms.items()) if forms else ()

    def _is_part(self, form: str) -> bool:
        """Whether some phrase's key has a form in it."""
        startswith = self._letters.startswith
        for at in self._places.get(form[:_RUN], ()):
            if startswith(form, at):
                return True
        return form in self._runs

    def _place(self, word: str, forms: Iterable[str]) -> None:
        """Note what a word begins and what it goes on with."""
        for form in forms:
            self._reading_as[form].append(word)
            for following in self._awaiting.get(form, ()):
                following.add(word)
        if begun := [form for form in forms if form in self._beginnings]:
            self.openings[word] = self.after(*begun)

    def _begin(self, forms: Iterable[str]) -> PhraseStart:
        following: set[str] = set()
        rests = {rest for form in forms for rest in self._rests(form)}
        for form in {rest[:end] for rest in rests for end in range(1, len(rest) + 1)}:
            following.update(self._reading_as.get(form, ()))
            self._awaiting[form].append(following)
        return PhraseStart("" in rests, following)

    def _rests(self, form: str) -> Iterable[str]:
        """What is left of each phrase that begins with a form."""
        first = bisect_left(self._keys, form)
        begun = takewhile(lambda key: key.startswith(form), self._keys[first:])
        return [key[len(form) :] for key in begun]
