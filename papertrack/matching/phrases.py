"""Phrases, and where the words of a text say them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from papertrack.matching.phrase import (
    ANY,
    CLAUSE_END,
    SHORT,
    Phrase,
    parse_phrase,
)
from papertrack.matching.word_forms import Readings, WordForms
from papertrack.matching.words import (
    TokenizedText,
    fold_word,
)

# Words that are no part of a longer one by accident: "in formation" is not information.
_FUNCTION_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        "a all an and any are as at be but by can do for from has have if in into is it its no not"
        " of on one or our so the to us was we were with",
    )
)
# Words before which, and after which, a phrase has ended: "graphs and neural networks".
APART = _FUNCTION_WORDS.union(
    re.findall(
        "[a-z]+",
        "about after also before been being between both could does each he her his how may"
        " might must other over per she should such than that their them then there these"
        " they this those through under using via what when where which while who will within"
        " without would",
    )
)
# What may stand beside a word within a phrase: spaces and hyphens.
_CLOSE = re.compile(r"[\s\-\u2010-\u2015]+")
_BETWEEN, WIDEST = 3, 3  # what a word between costs, and how many there may be


class Mention(NamedTuple):
    """That the words from `first` up to `last` (excluded) say a phrase, and how well."""

    first: int
    last: int
    score: int


def score_of(edits: int, letters: int, between: int = 0) -> int:
    """100 for words that are equal once folded, less 50 for the share of wrong letters, rounded
    down: 91 for one slip in six letters, 90 for two in ten, 97 for one in seventeen; and less 3 for
    each word that stands between those of the phrase. So the default threshold of 90 takes every
    typo that the rules of `typos` allow, or three words between.
    """
    return max(0, 100 - -(-50 * edits // letters) - _BETWEEN * between)


class Phrasebook:
    """All watched phrases together, looked up in a text in one pass.

    Each word is read once, however many texts have it (see `readings`). Mentions begin only at
    words that begin some phrase, which most do not; from there on readings are joined as long as a
    phrase begins with them. As joined forms are compared, it does not matter where text and phrase
    are divided: fine-tuning, fine tuning and finetuning are one.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._phrases: dict[str, list[tuple[str, Phrase]]] = defaultdict(list)
        watched: dict[str, str] = {}
        wild: set[str] = set()
        for text in dict.fromkeys(texts):
            read = parse_phrase(text)
            for phrase in read.phrases:
                self._phrases[phrase.key].append((text, phrase))
                watched[phrase.key] = phrase.key
            for word in read.words:
                if ANY in word.folded:
                    wild |= {word.plain, word.singular}
                elif not word.is_acronym:
                    watched[word.singular] = word.plain
        self._unfinished = {key[:end] for key in self._phrases for end in range(len(key))}
        self._beginnings = self._unfinished.union(self._phrases)
        readings = [phrase for named in self._phrases.values() for _, phrase in named]
        self._spaced = {one.key[:end] for one in readings for end in one.gaps}
        self._paired = {one.key[:end] for one in readings for end in one.pairs}
        self.words = WordForms(self._phrases, self._beginnings, watched, wild)

    def read(self, wordings: Iterable[TokenizedText]) -> None:
        """Read the words of some texts: of many at once in far less time than of one by one."""
        self.words.forget_many()
        self.words.learn(chain.from_iterable(one.words for one in wordings))

    def best_mentions(self, wording: TokenizedText) -> dict[str, Mention]:
        """The best mention, in a text that was read, of each phrase that it says, the first of
        equal ones.
        """
        return self._best(self._possible(wording.words), wording)

    def mentions(self, wording: TokenizedText) -> dict[str, Mention]:
        """What any text says, as `said`; texts that were read before may be forgotten."""
        self.read([wording])
        return self.best_mentions(wording)

    def mentions_at_start(self, wording: TokenizedText) -> dict[str, Mention]:
        """The best mention of each phrase that any text begins with."""
        self.words.learn(wording.words)
        begins = any(word in self.words.openings for word in wording.words[:1])
        return self._best([0] if begins else [], wording)

    def may_end_phrase(self, wording: TokenizedText) -> bool:
        """Whether a phrase may end where a text does."""
        last = wording.words[-1:]
        self.words.learn(last)
        return any(word in self.words.readings for word in last)

    def _best(self, firsts: Iterable[int], wording: TokenizedText) -> dict[str, Mention]:
        best: dict[str, Mention] = {}
        for first in firsts:
            for phrase, mention in self._from(first, wording):
                if phrase not in best or mention.score > best[phrase].score:
                    best[phrase] = mention
        return best

    def _possible(self, words: Sequence[str]) -> Sequence[int]:
        """Where phrases may begin: at words that are one, or that one of the next goes on with."""
        openings = self.words.openings
        begun = [(at, openings[word]) for at, word in enumerate(words) if word in openings]
        return [
            at
            for at, (complete, following) in begun
            if complete or not following.isdisjoint(words[at + 1 : at + 2 + WIDEST])
        ]

    def _at(self, at: int, words: Sequence[str]) -> Readings:
        return self.words.readings.get(words[at], ()) if at < len(words) else ()

    def _from(self, first: int, wording: TokenizedText) -> Iterator[tuple[str, Mention]]:
        """Every phrase said by the words from `first` on."""
        unfinished = [_PartialMention("", 0, 0, first, ())]
        while unfinished:
            part = unfinished.pop()
            at = part.following
            for form, wrong in self._at(at, wording.words):
                key, edits = part.key + form, part.edits + wrong
                if key not in self._beginnings:
                    continue
                steps = (*part.steps, (len(key), at))
                if key in self._unfinished:
                    longer = _PartialMention(key, edits, part.between, at + 1, steps)
                    unfinished += [*self._with_others_between(longer, wording), longer]
                for written, phrase in self._phrases.get(key, ()):
                    if _says(phrase, wording, steps):
                        score = score_of(edits, len(key), part.between)
                        yield written, Mention(first, at + 1, score)

    def _with_others_between(
        self, part: "_PartialMention", wording: TokenizedText
    ) -> Iterator["_PartialMention"]:
        """The same part of a phrase, with one or more words left out after it."""
        room, at = WIDEST - part.between, part.following
        if room and part.key in self._paired and _is_and(at, wording):
            yield part.after(1)
        if room and part.key in self._spaced:
            following = self.words.after(part.key).following
            for skipped, word in enumerate(wording.words[at + 1 : at + 1 + room], 1):
                if word in following and all(
                    _may_stand_between(one, wording) for one in range(at, at + skipped)
                ):
                    yield part.after(skipped)


class _PartialMention(NamedTuple):
    """What some words have said of phrases: `steps` are where in the key each of them ends, and its
    place in the text; `following` is the place of the next.
    """

    key: str
    edits: int
    between: int
    following: int
    steps: tuple[tuple[int, int], ...]

    def after(self, skipped: int) -> "_PartialMention":
        """The same with some words left out after it."""
        return self._replace(between=self.between + skipped, following=self.following + skipped)


def _may_stand_between(at: int, wording: TokenizedText) -> bool:
    """Whether the words before and after a word may still be one phrase."""
    return (
        at + 1 < len(wording.words)
        and fold_word(wording.words[at]) not in APART
        and _CLOSE.fullmatch(wording.after(at - 1)) is not None
        and _CLOSE.fullmatch(wording.after(at)) is not None
    )


def _is_and(at: int, wording: TokenizedText) -> bool:
    """Whether a word joins those beside it, as in vision-and-language."""
    return wording.words[at : at + 1] == ["and"]


def _says(phrase: Phrase, wording: TokenizedText, steps: Sequence[tuple[int, int]]) -> bool:
    """Whether words whose joined forms are the phrase's key also mean the phrase."""
    words = [wording.words[at] for _, at in steps]
    if phrase.literal and not _are_literally(phrase.literal, words):
        return False
    if phrase.exact:
        starts = (0, *(end for end, _ in steps))
        placed = {
            (start, end): word for start, (end, _), word in zip(starts, steps, words, strict=False)
        }
        for start, end, spelling in phrase.exact:
            if (start, end) in placed and not _is_exactly(placed[start, end], spelling):
                return False
    return all(
        _joins(phrase, end, wording, at)
        if following == at + 1
        else end in (phrase.pairs if _is_and(at + 1, wording) else phrase.gaps)
        for (end, at), (_, following) in pairwise(steps)
    )


def _are_literally(literal: Sequence[str], words: Sequence[str]) -> bool:
    return len(literal) == len(words) and all(
        one == fold_word(word) or ANY in one for one, word in zip(literal, words, strict=True)
    )


def _joins(phrase: Phrase, end: int, wording: TokenizedText, at: int) -> bool:
    """Whether a word and the next one, which part at `end` of the key, may stand so in the text."""
    between = wording.after(at)
    if between != " " and not phrase.crosses_clauses and CLAUSE_END.search(between):
        return False
    if end in phrase.joints:
        return True
    parts = {fold_word(word) for word in wording.words[at : at + 2]}
    if any(start < end < stop for start, stop, _ in phrase.exact):
        return any(part.isdigit() for part in parts)  # 3-D is 3D, but R-L is not RL
    return not (between.isspace() and parts & _FUNCTION_WORDS)


def _is_exactly(word: str, spelling: str) -> bool:
    """Whether a word is a short name or its plural; GPS is no plural of GP, but LLMS of LLM."""
    folded = fold_word(word)
    if folded == spelling:
        return True
    plural_sign = "sS" if len(spelling) >= SHORT else "s"
    return folded == spelling + "s" and word[len(spelling)] in plural_sign
