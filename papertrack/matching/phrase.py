"""Parsing watched phrases into the form in which they are compared with texts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, islice, pairwise, product
from typing import NamedTuple

from papertrack.matching.plurals import singular
from papertrack.matching.vocabulary import SHORTEST_KNOWN, is_known
from papertrack.matching.words import (
    TokenizedText,
    acronym_base,
    forms,
    forms_as_written,
    is_acronym,
    with_to,
)
from papertrack.text import fold_word

# The end of a clause: "a point. Cloud storage" does not mention point clouds.
CLAUSE_END = re.compile(r"[.,;:!?]\s|[\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f]")
SHORT = 3
# Replaces the * of a phrase. Every rule treats it as a letter, and no paper contains it.
WILDCARD = "\u01c2"
# Signs that belong to the name before or after them: C++, F#, A*, .NET.
_SIGNS_AFTER, _DOT_BEFORE = re.compile(r"[+#*]+"), re.compile(r"(?<![a-z0-9])\.$")
_SIGN, _STARS = re.compile("[+#*.]"), re.compile(r"\*+")
# The separators allowed inside a name of a letter and a number: T-5 is T5, but t = 5 is not.
INSIDE_NAME = re.compile(r"(?:\*(?=-))?[\s\-\u2010-\u2015_\u30fb]*")
_ZERO = re.compile(r"(?<![\w.])0?(?=\.\d)")  # of a decimal number, which may be left out
_OUTER_STARS = re.compile(rf"^(?:{WILDCARD}\s+)+|(?:\s+{WILDCARD})+$|^{WILDCARD}$")
_MAX_FORMS = 12  # of a phrase with several words that have several singulars
_MAX_PARSED = 4096  # phrases that are kept, as several matchers of a run parse the same


class Signs(NamedTuple):
    """The signs around a word that are part of its name: the dot of .NET, the ++ of C++."""

    before: str
    after: str

    @classmethod
    def around(cls, index: int, tokens: TokenizedText) -> "Signs":
        """Return the signs around a word of a text."""
        after = _SIGNS_AFTER.match(tokens.after(index))
        # Only letters before the dot of ASP.NET show that it is not the end of example.net.
        is_name = _DOT_BEFORE.search(tokens.before(index))
        return cls("." if is_name else "", after[0] if after else "")


_NO_SIGNS = Signs("", "")


class ExactWord(NamedTuple):
    """A word of a phrase that a text must contain without typos, at `start` to `end` of the key.

    `spelling` is that of an acronym, apart from case and a plural's s, and "" for other words,
    whose forms are compared. A text may have a hyphen at the offsets `humps`: U-Net is UNet.
    """

    start: int
    end: int
    spelling: str
    signs: Signs
    humps: frozenset[int] = frozenset()


class Phrase(NamedTuple):
    """A watched phrase: forms of its words, joined into one `key`.

    The other fields are offsets in the key. `boundaries` are where one word ends and the next
    begins, with what is written between: `gaps` are those written as a space, where a text may have
    other words between, and `hyphens` those written otherwise, where a text may have "and" between.

    `separate` are the boundaries that a text must have, too: 3.5 is not 35, and O(1) is not O1.
    `exact` has acronyms, words of up to three letters, and names with signs, none of which match
    with a typo. `literal` has the words of a phrase in quotes, which a text must contain without
    inflection: folded, or in capitals if they are written in capitals.
    """

    key: str
    boundaries: Mapping[int, str]
    gaps: frozenset[int]
    hyphens: frozenset[int]
    exact: tuple[ExactWord, ...]
    separate: frozenset[int] = frozenset()
    crosses_clauses: bool = False
    literal: tuple[str, ...] = ()

    @property
    def outer_signs(self) -> Signs:
        """The signs before its first word and after its last one."""
        if not self.exact:
            return _NO_SIGNS
        before = [word.signs.before for word in self.exact if word.start == 0]
        after = [word.signs.after for word in self.exact if word.end == len(self.key)]
        return Signs("".join(before), "".join(after))


class PhraseWord(NamedTuple):
    """A word of a phrase: folded, its likeliest singular, and that in American spelling.

    `forms` are all forms in which it is compared.
    """

    folded: str
    singular: str
    normal: str
    forms: tuple[str, ...]
    is_acronym: bool
    signs: Signs
    humps: tuple[int, ...] = ()

    @classmethod
    def parse(cls, index: int, tokens: TokenizedText, *, has_signs: bool) -> "PhraseWord":
        """Return the forms of a word as written in a phrase, which may have signs."""
        word = tokens.words[index].replace(".", "")
        acronym = is_acronym(word)
        base = acronym_base(word) if acronym else word
        folded = fold_word(base)
        signs = _signs_of_name(index, tokens) if has_signs else _NO_SIGNS
        normal, *others = forms(folded)
        likely = _likely(normal, others)
        likely += tuple(form for form in forms_as_written(base) if form not in (normal, *others))
        humps = tuple(_humps(base)) if acronym else ()
        return cls(folded, singular(folded), normal, likely, acronym, signs, humps)

    def exact(self, start: int, form: str) -> ExactWord | None:
        """Return the word as an exact word whose form begins at an offset, if it is one."""
        is_short = len(form) <= SHORT
        if WILDCARD in form or not (self.is_acronym or is_short or any(self.signs)):
            return None
        spelling = self.folded if self.is_acronym else ""
        humps = frozenset([start + hump for hump in self.humps])
        return ExactWord(start, start + len(form), spelling, self.signs, humps)


class ParsedPhrase(NamedTuple):
    """A phrase in each combination of the forms of its words; none if it has no words.

    The forms include British spellings, because a British ending inside a joined word, as in
    selfsupervisedlearning, is not normalized.
    """

    phrases: tuple[Phrase, ...]
    words: tuple[PhraseWord, ...]


@lru_cache(_MAX_PARSED)
def parse_phrase(text: str) -> ParsedPhrase:
    """Parse a phrase as written in the configuration; every text is valid."""
    quoted, bare = _is_quoted(text), text.replace(WILDCARD, " ").strip(' "')
    if not quoted:
        bare = with_to(bare)
    if "*" in bare and not quoted:
        # A star alone at either end would only require another word there, so it is dropped.
        bare = _OUTER_STARS.sub("", _STARS.sub(WILDCARD, bare))
    spellings = dict.fromkeys((bare, *([] if quoted else _decimals_respelled(bare))))
    crosses = CLAUSE_END.search(text) is not None
    parsed = [_parse(spelling, quoted=quoted, crosses=crosses) for spelling in spellings]
    return ParsedPhrase(
        tuple(phrase for each in parsed for phrase in each.phrases),
        tuple(word for each in parsed for word in each.words),
    )


def _decimals_respelled(text: str) -> Iterator[str]:
    """A phrase with .1 for 0.1, and the other way."""
    if _ZERO.search(text):
        yield _ZERO.sub("", text)
        yield _ZERO.sub("0", text)


def _parse(text: str, *, quoted: bool, crosses: bool) -> ParsedPhrase:
    """Parse a phrase without quotes and with wildcards for stars."""
    tokens = TokenizedText(text)
    has_signs = _SIGN.search(text) is not None
    words = tuple(
        PhraseWord.parse(index, tokens, has_signs=has_signs) for index in range(len(tokens.words))
    )
    literal = tuple(_literal_words(tokens.words)) if quoted else ()
    separators = [tokens.separator_after(index) for index in range(len(words) - 1)]
    phrases = (
        _phrase(words, chosen, separators, literal, crosses=crosses) for chosen in _choices(words)
    )
    return ParsedPhrase(tuple(phrase for phrase in phrases if phrase.key), words)


def _choices(words: Sequence[PhraseWord]) -> Iterator[tuple[str, ...]]:
    """The normal forms of words, their singulars, and other combinations of their forms."""
    if all(word.forms == (word.singular,) for word in words):  # nearly always
        yield tuple([word.singular for word in words])
        return
    first = [tuple(word.normal for word in words), tuple(word.singular for word in words)]
    combinations = islice(product(*(word.forms for word in words)), _MAX_FORMS)
    yield from dict.fromkeys((*first, *combinations))


def _phrase(
    words: Sequence[PhraseWord],
    chosen: Sequence[str],
    separators: Sequence[str],
    literal: tuple[str, ...],
    *,
    crosses: bool,
) -> Phrase:
    """The phrase of words in these forms."""
    ends = list(accumulate(map(len, chosen)))
    boundaries = dict(zip(ends, separators, strict=False))
    gaps = frozenset([end for end, separator in boundaries.items() if separator.isspace()])
    exact = [
        word.exact(end - len(form), form)
        for word, form, end in zip(words, chosen, ends, strict=True)
    ]
    return Phrase(
        "".join(chosen),
        boundaries,
        frozenset() if literal else gaps,
        frozenset() if literal else frozenset(boundaries) - gaps,
        tuple(filter(None, exact)),
        frozenset(_separate(words, boundaries)),
        crosses,
        literal,
    )


def _separate(words: Sequence[PhraseWord], boundaries: Mapping[int, str]) -> Iterator[int]:
    """The boundaries that a text must have, too: those of decimals, and between a name's signs."""
    for (before, after), (end, separator) in zip(pairwise(words), boundaries.items(), strict=True):
        if not INSIDE_NAME.fullmatch(separator):
            numbers = before.folded[-1:].isdigit() and after.folded[:1].isdigit()
            short = _is_short_name(before.folded, after.folded)
            if (numbers and separator != ",") or (short and separator != "."):
                yield end


def _is_short_name(before: str, after: str) -> bool:
    """Whether two words could be a name of a letter and a digit, or of two letters."""
    return len(before) == 1 and before.isalpha() and (len(after) == 1 or after.isdigit())


def _humps(word: str) -> Iterator[int]:
    """The offsets in a name at which its case changes: UNet, kNN, tSNE."""
    for at in range(1, len(word)):
        before, here, after = word[at - 1], word[at], word[at + 1 : at + 2]
        if here.isupper() and (before.islower() or (at == 1 and after.islower())):
            yield at


def _likely(normal: str, others: Sequence[str]) -> tuple[str, ...]:
    """The forms of a word; if the normal one is a common word, only those that are words."""
    if not others or not is_known(normal):
        return (normal, *others)
    return (normal, *(form for form in others if len(form) < SHORTEST_KNOWN or is_known(form)))


def _signs_of_name(index: int, tokens: TokenizedText) -> Signs:
    """The signs around a word of a phrase; a plus between two words only separates them."""
    signs = Signs.around(index, tokens)
    separates = signs.after == "+" and tokens.after(index)[1:2].isalnum()
    return signs._replace(after="") if separates else signs


def _literal_words(words: Sequence[str]) -> Iterator[str]:
    """The words of a phrase in quotes; words in capitals stay so, others are folded.

    A single capital is folded beside other words, as it may only begin a sentence. The dots of
    abbreviations do not matter.
    """
    all_capitals = all(word.isupper() for word in words)
    for word in words:
        in_capitals = word.isupper() and (all_capitals or len(word) > 1)
        yield word.replace(".", "") if in_capitals else fold_word(word)


def _is_quoted(text: str) -> bool:
    stripped = text.strip()
    return len(stripped) > 1 and stripped[0] == stripped[-1] == '"'


def matches_wildcard(form: str, word: str) -> bool:
    """Whether a folded word or its singular matches a form that contains a star."""
    before, _, after = form.partition(WILDCARD)
    return any(
        either.startswith(before)
        and either.endswith(after)
        and len(either) >= len(before) + len(after)
        for either in (word, singular(word))
    )
