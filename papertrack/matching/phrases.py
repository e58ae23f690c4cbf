"""Phrases, and where the words of a text say them."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from papertrack.matching.typos import SHORTEST, Watched
from papertrack.matching.words import (
    Wording,
    acronym_base,
    american,
    as_singular,
    is_acronym,
    plain,
    singular,
    spelled,
)

# What ends a clause: "a point. Cloud storage" does not speak of point clouds.
_CLAUSE_END = re.compile(r"[.,;:!?]\s")
# Words that are no part of a longer one by accident: "in formation" is not information.
_FUNCTION_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        "a all an and any are as at be but by can do for from has have if in into is it its no not"
        " of on one or our so the to us was we were with",
    )
)
_SHORT = 3
_REMEMBERED = 65_536  # words of texts, about 30 MB


class Phrase(NamedTuple):
    """A watched phrase: its words' plain forms joined, where they join, and its exact words.

    `exact` gives for acronyms and words of up to three letters where in `key` they begin and end
    and how they may be spelled; they are never read with a typo.
    """

    key: str
    joints: frozenset[int]
    exact: tuple[tuple[int, int, str], ...]
    crosses_clauses: bool


class Mention(NamedTuple):
    """That the words from `first` up to `last` (excluded) say a phrase, and how well."""

    first: int
    last: int
    score: int


def score_of(edits: int, letters: int) -> int:
    """100 for words that are equal once folded, less 50 for the share of wrong letters, rounded
    down: 91 for one slip in six letters, 90 for two in ten, 97 for one in seventeen. So the
    default threshold of 90 takes every typo that the rules of `typos` allow.
    """
    return 100 - -(-50 * edits // letters)


def read_phrase(text: str, form_of: Callable[[str], str] = plain) -> Phrase:
    """A phrase as a person wrote it into the configuration; its key is empty without words."""
    named = [acronym_base(word) if is_acronym(word) else word for word in Wording(text).words]
    forms = [form_of(word) for word in named]
    ends = list(accumulate(map(len, forms)))
    exact = tuple(
        (end - len(form), end, spelled(word))
        for word, form, end in zip(named, forms, ends, strict=True)
        if is_acronym(word) or len(form) <= _SHORT
    )
    return Phrase("".join(forms), frozenset(ends[:-1]), exact, bool(_CLAUSE_END.search(text)))


# The forms that a word of a text may stand for, each with its wrong letters.
Readings = tuple[tuple[str, int], ...]


class Opening(NamedTuple):
    """The readings of a word that begin phrases, and whether one of them is a whole phrase."""

    forms: tuple[str, ...]
    complete: bool


class Phrasebook:
    """All watched phrases together, looked up in a text in one pass.

    Each word is read once, however many texts have it (`_learn`): its plain form, and the watched
    words that it may be a typo of, where they are parts of phrases. Mentions begin only at words
    that begin some phrase, which most do not; from there on readings are joined as long as a phrase
    begins with them. As joined forms are compared, it does not matter where text and phrase are
    divided: fine-tuning, fine tuning and finetuning are one.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._phrases: dict[str, list[tuple[str, Phrase]]] = defaultdict(list)
        watched: dict[str, str] = {}
        for text in dict.fromkeys(texts):
            # Twice, as a British ending within a joined word (selfsupervisedlearning) stays.
            for phrase in dict.fromkeys((read_phrase(text), read_phrase(text, as_singular))):
                if phrase.key:
                    self._phrases[phrase.key].append((text, phrase))
                    watched[phrase.key] = phrase.key
            for word in Wording(text).words:
                if not is_acronym(word):
                    watched[as_singular(word)] = plain(word)
        self._plain = watched
        self._watched = Watched(watched)
        self._unfinished = {key[:end] for key in self._phrases for end in range(len(key))}
        self._beginnings = self._unfinished.union(self._phrases)
        # Most words of most texts begin with no four letters that any phrase has.
        self._letters = "\n".join(self._phrases)
        self._fours = {self._letters[at : at + 4] for at in range(len(self._letters))}
        self._read: set[str] = set()
        self._readings: dict[str, Readings] = {}  # of words that say a part of a phrase
        self._openings: dict[str, Opening] = {}

    def mentions(self, wording: Wording) -> dict[str, Mention]:
        """The best mention in a text of each phrase that it says, the first of equal ones."""
        if not self._read.issuperset(wording.words):
            self._learn(wording.words)
        best: dict[str, Mention] = {}
        for first in self._possible(wording.words):
            for phrase, mention in self._from(first, wording):
                if phrase not in best or mention.score > best[phrase].score:
                    best[phrase] = mention
        return best

    def _possible(self, words: Sequence[str]) -> Iterator[int]:
        """Where phrases may begin: at words that are one, or that the next one goes on with."""
        openings = self._openings
        for at in [at for at, word in enumerate(words) if word in openings]:
            forms, complete = openings[words[at]]
            if complete or self._go_on(forms, self._at(at + 1, words)):
                yield at

    def _go_on(self, forms: Iterable[str], following: Readings) -> bool:
        joined = [start + form for start in forms for form, _ in following]
        return not self._beginnings.isdisjoint(joined)

    def _at(self, at: int, words: Sequence[str]) -> Readings:
        return self._readings.get(words[at], ()) if at < len(words) else ()

    def _learn(self, words: Iterable[str]) -> None:
        if len(self._read) > _REMEMBERED:
            self._read.clear()
            self._readings.clear()
            self._openings.clear()
        new = set(words) - self._read
        for word in new:
            if readings := [one for one in self._read_anew(word) if one[0] in self._letters]:
                self._readings[word] = tuple(readings)
                if forms := tuple([form for form, _ in readings if form in self._beginnings]):
                    self._openings[word] = Opening(forms, any(map(self._phrases.get, forms)))
        self._read |= new

    def _read_anew(self, word: str) -> Iterable[tuple[str, int]]:
        folded = spelled(word)
        near, one = self._watched.near(word, folded), singular(folded)
        # In a long word, no British spelling reaches the first four letters.
        if not near and len(one) >= SHORTEST and one[:4] not in self._fours:
            return ()
        forms = {american(one): 0, one: 0}
        if len(folded) == _SHORT and folded.endswith("s"):
            forms[folded[:-1]] = 0  # LMs, RLs: only acronyms are as short
        for other, edits in near.items():
            forms.setdefault(self._plain[other], edits)
        return forms.items()

    def _from(self, first: int, wording: Wording) -> Iterator[tuple[str, Mention]]:
        """Every phrase said by the words from `first` on."""
        words = wording.words
        unfinished: list[tuple[str, int, tuple[int, ...]]] = [("", 0, ())]
        while unfinished:
            start, edits, ends = unfinished.pop()
            last = first + len(ends)
            for form, wrong in self._at(last, words):
                key = start + form
                if key in self._beginnings:
                    here = (*ends, len(key))
                    if key in self._unfinished:
                        unfinished.append((key, edits + wrong, here))
                    for written, phrase in self._phrases.get(key, ()):
                        if _says(phrase, wording, first, here):
                            score = score_of(edits + wrong, len(key))
                            yield written, Mention(first, last + 1, score)


def _says(phrase: Phrase, wording: Wording, first: int, ends: tuple[int, ...]) -> bool:
    """Whether words whose joined forms are the phrase's key also mean the phrase.

    `ends` are the places in the key where the words from `first` on end.
    """
    if phrase.exact:
        words = wording.words[first : first + len(ends)]
        placed = dict(zip(zip((0, *ends), ends, strict=False), words, strict=True))
        for start, end, spelling in phrase.exact:
            if (start, end) in placed and not _is_exactly(placed[start, end], spelling):
                return False
    return all(_joins(phrase, end, wording, at) for at, end in enumerate(ends[:-1], first))


def _joins(phrase: Phrase, end: int, wording: Wording, at: int) -> bool:
    """Whether a word and the next one, which part at `end` of the key, may stand so in the text."""
    between = wording.after(at)
    if between != " " and not phrase.crosses_clauses and _CLAUSE_END.search(between):
        return False
    if end in phrase.joints:
        return True
    parts = {spelled(word) for word in wording.words[at : at + 2]}
    if any(start < end < stop for start, stop, _ in phrase.exact):
        return any(part.isdigit() for part in parts)  # 3-D is 3D, but R-L is not RL
    return not (between.isspace() and parts & _FUNCTION_WORDS)


def _is_exactly(word: str, spelling: str) -> bool:
    """Whether a word is a short name or its plural; GPS is no plural of GP, but LLMS of LLM."""
    folded = spelled(word)
    if folded == spelling:
        return True
    plural_sign = "sS" if len(spelling) >= _SHORT else "s"
    return folded == spelling + "s" and word[len(spelling)] in plural_sign
