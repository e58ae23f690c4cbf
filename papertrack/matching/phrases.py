"""Phrases, and where the words of a text say them."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from papertrack.matching.typos import Watched
from papertrack.matching.words import (
    Wording,
    acronym_base,
    as_singular,
    is_acronym,
    plain,
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


class Opening(NamedTuple):
    """How phrases begin with a word: as the whole phrase, or going on with one of these letters."""

    complete: bool
    goes_on: frozenset[str]


class Phrasebook:
    """All watched phrases together, looked up in a text in one pass.

    A word of a text is read once (`readings`): its plain form, and the watched words that it may
    be a typo of. Mentions begin only at words that begin some phrase (`_openings`), which most do
    not; from there on readings are joined as long as a phrase begins with them. As joined forms
    are compared, it does not matter where text and phrase are divided: fine-tuning, fine tuning
    and finetuning are one.
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
        self._keys = sorted(self._phrases)
        self._plain = watched
        self._watched = Watched(watched)
        self.readings = lru_cache(_REMEMBERED)(self._read)
        self._openings = lru_cache(_REMEMBERED)(self._open)

    def mentions(self, wording: Wording) -> dict[str, Mention]:
        """The best mention in a text of each phrase that it says, the first of equal ones."""
        openings = self._openings
        best: dict[str, Mention] = {}
        for first in [at for at, word in enumerate(wording.words) if openings(word)]:
            following = {form[:1] for form, _ in self._readings_at(first + 1, wording)}
            if any(
                one.complete or not following.isdisjoint(one.goes_on)
                for one in openings(wording.words[first])
            ):
                for phrase, mention in self._from(first, wording):
                    if phrase not in best or mention.score > best[phrase].score:
                        best[phrase] = mention
        return best

    def _open(self, word: str) -> tuple[Opening, ...]:
        forms = [form for form, _ in self.readings(word) if self._continues(form)]
        return tuple(
            Opening(form in self._phrases, frozenset(self._next_letters(form))) for form in forms
        )

    def _next_letters(self, start: str) -> Iterator[str]:
        for at in range(bisect_left(self._keys, start), len(self._keys)):
            if not self._keys[at].startswith(start):
                return
            yield self._keys[at][len(start) : len(start) + 1]

    def _read(self, word: str) -> tuple[tuple[str, int], ...]:
        """The forms that a word of a text may stand for, each with its wrong letters."""
        folded = spelled(word)
        forms = {plain(word): 0, as_singular(word): 0}
        if len(folded) == _SHORT and folded.endswith("s"):
            forms[folded[:-1]] = 0  # LMs, RLs: only acronyms are as short
        for near, edits in self._watched.near(word).items():
            forms.setdefault(self._plain[near], edits)
        return tuple(forms.items())

    def _continues(self, start: str) -> bool:
        at = bisect_left(self._keys, start)
        return at < len(self._keys) and self._keys[at].startswith(start)

    def _from(self, first: int, wording: Wording) -> Iterator[tuple[str, Mention]]:
        """Every phrase said by the words from `first` on."""
        unfinished: list[tuple[str, int, tuple[int, ...]]] = [("", 0, ())]
        while unfinished:
            start, edits, ends = unfinished.pop()
            last = first + len(ends)
            for form, wrong in self._readings_at(last, wording):
                key = start + form
                if self._continues(key):
                    here = (*ends, len(key))
                    unfinished.append((key, edits + wrong, here))
                    mention = Mention(first, last + 1, score_of(edits + wrong, len(key)))
                    for written, phrase in self._phrases.get(key, ()):
                        if _says(phrase, wording, first, here):
                            yield written, mention

    def _readings_at(self, at: int, wording: Wording) -> tuple[tuple[str, int], ...]:
        return self.readings(wording.words[at]) if at < len(wording.words) else ()


def _says(phrase: Phrase, wording: Wording, first: int, ends: tuple[int, ...]) -> bool:
    """Whether words whose joined forms are the phrase's key also mean the phrase.

    `ends` are the places in the key where the words from `first` on end.
    """
    words = wording.words[first : first + len(ends)]
    placed = dict(zip(zip((0, *ends), ends, strict=False), words, strict=True))
    if not all(
        (start, end) not in placed or _is_exactly(placed[start, end], spelling)
        for start, end, spelling in phrase.exact
    ):
        return False
    return all(_joins(phrase, end, wording, at) for at, end in enumerate(ends[:-1], first))


def _joins(phrase: Phrase, end: int, wording: Wording, at: int) -> bool:
    """Whether a word and the next one, which part at `end` of the key, may stand so in the text."""
    between = wording.after(at)
    if not phrase.crosses_clauses and _CLAUSE_END.search(between):
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
