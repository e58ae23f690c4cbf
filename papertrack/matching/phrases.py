"""Finding watched phrases in tokenized texts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, compress, pairwise
from typing import NamedTuple

from papertrack.matching.phrase import (
    CLAUSE_END,
    INSIDE_NAME,
    SHORT,
    WILDCARD,
    ExactWord,
    Phrase,
    Signs,
    parse_phrase,
)
from papertrack.matching.word_forms import Forms, WordForms
from papertrack.matching.words import TokenizedText
from papertrack.text import fold_word

# Words that are not joined with the next word: "in formation" is not information.
_FUNCTION_WORDS = frozenset(
    re.findall(
        "[a-z]+",
        "a all an and any are as at be but by can do for from has have if in into is it its no not"
        " of on one or our so the to us was we were with",
    )
)
# Words that no phrase extends across, unless it contains them: "graphs and neural networks".
SEPARATING_WORDS = _FUNCTION_WORDS.union(
    re.findall(
        "[a-z]+",
        "about after also before been being between both could does each he her his how may"
        " might must other over per she should such than that their them then there these"
        " they this those through under using via what when where which while who will within"
        " without would",
    )
)
# The separators allowed on both sides of a skipped word: spaces and hyphens.
_HYPHEN = re.compile(r"[\-\u2010-\u2015]")
_REST_OF_NUMBER, _BEGINNING_OF_NUMBER = re.compile(r"\.\d"), re.compile(r"(?:\d|[^\w.]|^)\.$")
_SPACE_OR_HYPHEN = re.compile(r"[\s\-\u2010-\u2015]+")
EXACT = 100  # the score of a mention without typos or skipped words
_SKIP_COST, MAX_SKIPPED = 3, 3  # points for each skipped word; skipped words in one mention
# Ways to the same place of a phrase and a text that are followed. Two are rare, but a text that
# repeats the words of a phrase would have a number that grows with each word.
_MOST_WAYS = 3
_MANY_STARTS = 100  # possible mentions in a text; abstracts rarely have ten


class Mention(NamedTuple):
    """A phrase found in a text: the words from `first` up to `last` (excluded), and the score.

    `signs` are those around these words that belong to the phrase.
    """

    first: int
    last: int
    score: int
    signs: Signs

    def quoted_from(self, tokens: TokenizedText) -> str:
        """Return the mention as the text has it, on one line."""
        words = tokens.text_between(self.first, self.last)
        return f"{self.signs.before}{words}{self.signs.after}"


def score_of(edits: int, letters: int, skipped: int = 0) -> int:
    """Return the score of a mention, from 0 to 100.

    100 if all words are equal once folded. Typos cost 50 times the share of wrong letters, rounded
    up: one in six letters scores 91, two in ten 90, one in seventeen 97. Each skipped word costs 3
    points. The default threshold of 90 therefore accepts every typo that the rules of `typos`
    allow, or three skipped words.
    """
    return max(0, EXACT - -(-50 * edits // letters) - _SKIP_COST * skipped)


class Phrasebook:
    """All watched phrases; finds their mentions in a text in a single pass.

    The forms of each word are computed once, however many texts contain it (see `word_forms`). A
    mention starts at a word that begins a phrase, as few words do; from there, forms are joined as
    long as a phrase begins with the result. Because joined forms are compared, it does
    not matter where a text or a phrase has spaces and hyphens: fine-tuning, fine tuning and
    finetuning are the same. `count` is the number of phrases.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._phrases: dict[str, list[tuple[str, Phrase]]] = defaultdict(list)
        watched: dict[str, str] = {}
        wildcards: set[str] = set()
        distinct = dict.fromkeys(texts)
        self.count = len(distinct)
        for text in distinct:
            parsed = parse_phrase(text)
            for phrase in parsed.phrases:
                self._phrases[phrase.key].append((text, phrase))
            for phrase in parsed.phrases[:2]:  # in their likeliest forms
                watched[phrase.key] = phrase.key
            for word in parsed.words:
                if WILDCARD in word.folded:
                    wildcards.update(word.forms)
                else:
                    watched[word.singular] = word.normal
        self._longest = max(map(len, self._phrases), default=0)
        self._unfinished = {key[:end] for key in self._phrases for end in range(len(key))}
        self._beginnings = self._unfinished.union(self._phrases)
        phrases = [phrase for same_key in self._phrases.values() for _, phrase in same_key]
        self._before_gaps = {phrase.key[:end] for phrase in phrases for end in phrase.gaps}
        self._before_hyphens = {phrase.key[:end] for phrase in phrases for end in phrase.hyphens}
        self.words = WordForms(self._phrases, self._beginnings, watched, wildcards)

    def prepare(self, texts: Iterable[TokenizedText]) -> None:
        """Cache the words of texts; much faster for many texts at once than for each alone."""
        self.words.trim()
        self.words.add(chain.from_iterable(tokens.words for tokens in texts))

    def best_mentions(self, tokens: TokenizedText) -> dict[str, Mention]:
        """Return the best mention of each phrase in a prepared text, the first if tied."""
        return self._best(self._possible_starts(tokens.words), tokens)

    def mentions(self, tokens: TokenizedText) -> dict[str, Mention]:
        """Prepare a text and return its best mentions; texts prepared earlier may be dropped."""
        self.prepare([tokens])
        return self.best_mentions(tokens)

    def mentions_at_start(self, tokens: TokenizedText) -> dict[str, Mention]:
        """Return the best mention of each phrase that begins with the first word of a text."""
        if not any(map(self.may_begin_phrase, tokens.words[:1])):
            return {}
        self.words.add(tokens.words)
        return self._best([0], tokens)

    def may_begin_phrase(self, word: str) -> bool:
        """Whether a phrase may begin with a word."""
        self.words.add((word,))
        return word in self.words.starts

    def may_have_part(self, word: str) -> bool:
        """Whether a word may be part of a phrase."""
        self.words.add((word,))
        return word in self.words.forms

    def _best(self, starts: Sequence[int], tokens: TokenizedText) -> dict[str, Mention]:
        best: dict[str, Mention] = {}
        for start in self._distinct_starts(starts, tokens):
            for phrase, mention in self._mentions_from(start, tokens):
                if phrase not in best or mention.score > best[phrase].score:
                    best[phrase] = mention
            if len(best) == self.count and all(each.score == EXACT for each in best.values()):
                break  # Nothing can be better, and a topic of few phrases often has many mentions.
        return best

    def _distinct_starts(self, starts: Sequence[int], tokens: TokenizedText) -> Iterable[int]:
        """The starts without those of which an earlier one is followed by the same text.

        A text that repeats the words of a phrase would otherwise take as long as its number of
        words times that of the phrase. A mention has at most a word for each letter of the phrase.
        """
        if len(starts) < _MANY_STARTS:
            return starts
        windows = tokens.windows(starts, self._longest + 2 * MAX_SKIPPED)
        first_starts: dict[str, int] = {}
        for window, start in zip(windows, starts, strict=True):
            first_starts.setdefault(window, start)
        return first_starts.values()

    def _possible_starts(self, words: Sequence[str]) -> Sequence[int]:
        """The indexes of words that are a phrase, or begin one that a word nearby continues."""
        starts = self.words.starts
        # These are much faster than a loop, and few words begin a phrase.
        indexes = compress(range(len(words)), map(starts.__contains__, words))
        return [
            index
            for index in indexes
            if (start := starts[words[index]]).complete
            or not start.following.isdisjoint(words[index + 1 : index + 2 + MAX_SKIPPED])
        ]

    def _forms_at(self, index: int, words: Sequence[str]) -> Forms:
        return self.words.forms.get(words[index], ()) if index < len(words) else ()

    def _mentions_from(self, first: int, tokens: TokenizedText) -> Iterator[tuple[str, Mention]]:
        """Every phrase that a text mentions from word `first` on."""
        unfinished = [_PartialMention("", 0, 0, first, ())]
        ways: dict[tuple[str, int, int, int], int] = defaultdict(int)
        while unfinished:
            part = unfinished.pop()
            index = part.next_index
            for form, wrong in self._forms_at(index, tokens.words):
                key, edits = part.key + form, part.edits + wrong
                if key not in self._beginnings:
                    continue
                steps = (*part.steps, (len(key), index))
                if key in self._unfinished:
                    longer = _PartialMention(key, edits, part.skipped, index + 1, steps)
                    for partial in (*self._with_skipped_words(longer, tokens), longer):
                        ways[partial.place] += 1
                        if ways[partial.place] <= _MOST_WAYS:
                            unfinished.append(partial)
                for text, phrase in self._phrases.get(key, ()):
                    if _is_mention(phrase, tokens, steps):
                        score = score_of(edits, len(key), part.skipped)
                        yield text, Mention(first, index + 1, score, phrase.outer_signs)

    def _with_skipped_words(
        self, part: "_PartialMention", tokens: TokenizedText
    ) -> Iterator["_PartialMention"]:
        """The same partial mention with words after it skipped, in each possible way."""
        allowed, index = MAX_SKIPPED - part.skipped, part.next_index
        if allowed and part.key in self._before_hyphens and _is_and(index, tokens):
            yield part.skip(1)
        if allowed and part.key in self._before_gaps:
            following = self.words.start_of(part.key).following
            for count, word in enumerate(tokens.words[index + 1 : index + 1 + allowed], 1):
                if word in following and all(
                    _may_be_skipped(skipped, tokens) for skipped in range(index, index + count)
                ):
                    yield part.skip(count)


class _PartialMention(NamedTuple):
    """The beginning of a phrase, as found in a text.

    `steps` has for each word the offset in the key at which it ends, and its index in the text;
    `next_index` is the index of the next word to try.
    """

    key: str
    edits: int
    skipped: int
    next_index: int
    steps: tuple[tuple[int, int], ...]

    @property
    def place(self) -> tuple[str, int, int, int]:
        """What its continuation depends on, besides the rules that check its steps."""
        return self.key, self.edits, self.skipped, self.next_index

    def skip(self, count: int) -> "_PartialMention":
        """Return the same beginning with `count` words after it skipped."""
        return self._replace(skipped=self.skipped + count, next_index=self.next_index + count)


def _may_be_skipped(index: int, tokens: TokenizedText) -> bool:
    """Whether the words around a word may belong to the same phrase."""
    return (
        index + 1 < len(tokens.words)
        and fold_word(tokens.words[index]) not in SEPARATING_WORDS
        and _SPACE_OR_HYPHEN.fullmatch(tokens.separator_after(index - 1)) is not None
        and _SPACE_OR_HYPHEN.fullmatch(tokens.separator_after(index)) is not None
    )


def _is_and(index: int, tokens: TokenizedText) -> bool:
    """Whether a word is the "and" of a pair, as in vision-and-language."""
    return tokens.words[index : index + 1] == ["and"]


def _is_mention(phrase: Phrase, tokens: TokenizedText, steps: Sequence[tuple[int, int]]) -> bool:
    """Whether words whose joined forms equal the key of a phrase mention the phrase."""
    words = [tokens.words[index] for _, index in steps]
    if phrase.separate.difference([end for end, _ in steps]):
        return False
    if _is_part_of_number(phrase, steps[0][1], steps[-1][1], tokens):
        return False
    if phrase.literal and not _are_literally(phrase.literal, words):
        return False
    if phrase.exact:
        starts = (0, *(end for end, _ in steps))
        indexes = {(start, end): index for start, (end, index) in zip(starts, steps, strict=False)}
        for word in phrase.exact:
            if not _has_exactly(word, indexes.get((word.start, word.end)), tokens):
                return False
    return all(
        _may_join(phrase, end, tokens, index)
        if following == index + 1
        else end in (phrase.hyphens if _is_and(index + 1, tokens) else phrase.gaps)
        for (end, index), (_, following) in pairwise(steps)
    )


def _is_part_of_number(phrase: Phrase, first: int, last: int, tokens: TokenizedText) -> bool:
    """Whether words begin or end inside a decimal number: the 4 of GPT-4.1, the 1 of .1-bit."""
    begins, ends = tokens.words[first][0].isdigit(), tokens.words[last][-1].isdigit()
    begins = begins and phrase.outer_signs.before != "."
    return bool(
        (begins and _BEGINNING_OF_NUMBER.search(tokens.before(first)))
        or (ends and _REST_OF_NUMBER.match(tokens.after(last)))
    )


def _are_literally(literal: Sequence[str], words: Sequence[str]) -> bool:
    return len(literal) == len(words) and all(
        expected in (word.replace(".", ""), fold_word(word))
        for expected, word in zip(literal, words, strict=True)
    )


def _may_join(phrase: Phrase, end: int, tokens: TokenizedText, index: int) -> bool:
    """Whether the separator between a word and the next is allowed at offset `end` of the key."""
    separator = tokens.separator_after(index)
    if phrase.key[end - 1] == WILDCARD:
        separator = separator.removeprefix("*")
    written = phrase.boundaries.get(end)
    if separator in (" ", written) and written is not None:
        return True
    if not phrase.crosses_clauses and CLAUSE_END.search(separator):
        return False
    words = tokens.words[index : index + 2]
    is_name = any(len(word) == 1 or word.isdigit() for word in words)
    if is_name and not INSIDE_NAME.fullmatch(separator):
        return False
    if written is not None:
        return True
    pair = set(map(fold_word, words))
    for word in phrase.exact:
        if word.start < end < word.end:
            return _may_be_divided(word, end, words, separator)
    return not (separator.isspace() and pair & _FUNCTION_WORDS)


def _may_be_divided(name: ExactWord, end: int, words: Sequence[str], separator: str) -> bool:
    """Whether a text may write a name as two words: 3-D is 3D, U-Net is UNet, R-L is not RL."""
    if any(word.isdigit() for word in words):
        return True
    at_hump = end in name.humps or words[0].isupper() != words[1].isupper()
    return at_hump and _HYPHEN.fullmatch(separator) is not None


def _has_exactly(expected: ExactWord, index: int | None, tokens: TokenizedText) -> bool:
    """Whether a word of a text, or if None a part of one, is an exact word of a phrase."""
    if index is None:
        return not any(expected.signs)
    signs = Signs.around(index, tokens)
    if any(sign not in ("", written) for sign, written in zip(expected.signs, signs, strict=True)):
        return False
    # C++, C# and C* are not C, but PointNet++ is a PointNet.
    if len(tokens.words[index]) == 1 and signs.after not in (expected.signs.after, "+"):
        return False
    return not expected.spelling or _is_exactly(tokens.words[index], expected.spelling)


def _is_exactly(word: str, spelling: str) -> bool:
    """Whether a word is a short name or its plural; LLMS is a plural of LLM, GPS not of GP."""
    folded = fold_word(word)
    if folded == spelling:
        return True
    plural_endings = "sS" if len(spelling) >= SHORT else "s"
    return folded == spelling + "s" and word[len(spelling)] in plural_endings
