"""Tokenizing texts, and the normal form in which their words are compared.

Two words are the same if they have a form in common: folded, in the singular, in American spelling.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement, islice

from papertrack.matching.british import american, british, may_respell_start
from papertrack.matching.plurals import has_early_ending, plurals, singular, singulars
from papertrack.text import fold_word, spelled_out
from papertrack.word_breaks import abbreviations, breaks_at_spaces, words_in

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
# Translation tables that replace everything but letters and digits with spaces.
_ASCII_TABLE = "".join(char if char.isalnum() else " " for char in map(chr, range(128)))
_UTF8_TABLE = _ASCII_TABLE.encode() + bytes(range(128, 256))
# "Parkinson's disease" is the same as "Parkinson disease".
_TO = re.compile(r"(?<![^\W_])([A-Za-z]{2,})2([A-Za-z]{2,})(?![^\W_])")
UMLAUT = re.compile("(?<=[aou])e|(?<=a)a")  # as a keyboard without umlauts writes them
_MOST_UMLAUTS = 8  # of a word; no word is known with as many
_POSSESSIVE = re.compile(r"'s\b")


class TokenizedText:
    """A text and its words in order, as written; hyphens and underscores separate words."""

    __slots__ = ("_spaced", "_starts", "_text", "words")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: dict[int, int] = {}  # Computed only for the words that need it.
        if breaks_at_spaces(text):
            spaced, end = _space_out(text), 0
            pieces: list[str] = []
            for short in abbreviations(text):
                pieces += spaced[end : short.start()], short[0]
                end = short.end()
            self._spaced = "".join((*pieces, spaced[end:]))
            self.words = self._spaced.split()
        else:
            matches = list(words_in(_without_possessives(text.replace("\u2019", "'"))))
            self._spaced = ""
            self.words = [match[0] for match in matches]
            self._starts = {index: match.start() for index, match in enumerate(matches)}

    def separator_after(self, index: int) -> str:
        """The characters between a word and the next one."""
        return self._text[self._end(index) : self._start(index + 1)]

    def before(self, index: int) -> str:
        """The text before a word, at most two characters."""
        start = self._start(index)
        return self._text[max(0, start - 2) : start]

    def after(self, index: int) -> str:
        """The text after a word, at most four characters."""
        end = self._end(index)
        return self._text[end : end + 4]

    def text_between(self, first: int, last: int) -> str:
        """The text from word `first` up to word `last` (excluded), on one line."""
        if last == first + 1:
            return self.words[first]
        return " ".join(self._text[self._start(first) : self._end(last - 1)].split())

    def windows(self, firsts: Iterable[int], size: int) -> Iterator[str]:
        """The text from each of these words on, `size` words long, with what is beside it.

        As `before` and `after`, that is two characters and four.
        """
        for index in range(len(self.words)):
            self._start(index)  # in order, which is quick
        for first in firsts:
            last = min(first + size, len(self.words)) - 1
            yield self._text[max(0, self._start(first) - 2) : self._end(last) + 4]

    def _end(self, index: int) -> int:
        return self._start(index) + len(self.words[index])

    def _start(self, index: int) -> int:
        """The offset at which a word starts."""
        starts = self._starts
        if index not in starts:
            if index - 1 in starts:
                previous_end = starts[index - 1] + len(self.words[index - 1])
                start = self._spaced.find(self.words[index], previous_end)
            else:
                start = len(self._spaced) - len(self._spaced.split(None, index)[index])
            starts[index] = start
        return starts[index]


def _space_out(text: str) -> str:
    """Replace everything between the words of a text with spaces, keeping all offsets."""
    if text.isascii():
        return _without_possessives(text).translate(_ASCII_TABLE)
    text = _without_possessives(text.replace("\u2019", "'"))
    separators = {char for char in _BEYOND_ASCII.findall(text) if not char.isalnum()}
    for separator in separators:
        text = text.replace(separator, " ")
    encoded = text.encode("utf-8", "surrogatepass")  # Texts may contain lone surrogates.
    return encoded.translate(_UTF8_TABLE).decode("utf-8", "surrogatepass")


def _without_possessives(text: str) -> str:
    return _POSSESSIVE.sub("  ", text) if "'s" in text else text


def folded_singular(word: str) -> str:
    """Return a word of a text folded and in the singular."""
    return singular(fold_word(word))


def normal_form(word: str) -> str:
    """Return the likeliest form in which a word of a text is compared with other words."""
    return american(folded_singular(word))


def forms(word: str) -> tuple[str, ...]:
    """Return the forms in which a folded word is compared: its singulars, American ones first."""
    bases = singulars(word)
    if len(bases) == 1:  # the usual case, which this makes quicker
        respelled = american(word := bases[0])
        return bases if respelled == word else (respelled, word)
    return tuple(dict.fromkeys((*map(american, bases), *bases)))


def forms_as_written(word: str) -> tuple[str, ...]:
    """Return all forms in which a word of a text is compared.

    Folding loses that Gödel is also Goedel, text2image text-to-image, and NodeJS no plural.
    """
    folded = fold_word(word)
    other = with_to(folded, "") if word.isascii() else fold_word(spelled_out(word))
    own = forms(folded)
    if word[-1:] == "S" and not word.isupper():
        own += (folded,)
    return own if other == folded else (*own, *forms(other))


def with_to(text: str, hyphen: str = "-") -> str:
    """Return a text with text-to-image for text2image, between names of letters alone."""
    return _TO.sub(rf"\1{hyphen}to{hyphen}\2", text) if "2" in text else text


def spellings(form: str) -> set[str]:
    """Return every folded word with this form, and a few with another form.

    At most two umlauts are written as ae, oe or ue in them, of the first ones of a word.
    """
    numbered = (f"{form[: to.start()]}2{form[to.end() :]}" for to in re.finditer("to", form))
    bases = british(form).union(numbered)
    umlauts = [umlaut.start() for umlaut in islice(UMLAUT.finditer(form), _MOST_UMLAUTS)]
    for first, second in combinations_with_replacement(umlauts, 2):
        bases.add("".join(letter for at, letter in enumerate(form) if at not in (first, second)))
    return bases.union(*map(plurals, bases))


def may_change_start(word: str) -> bool:
    """Whether a form of a folded word may begin with other letters than the word.

    For words of four letters and more this means the first three letters, from six letters on the
    first four.
    """
    return has_early_ending(word) or may_respell_start(word)


def is_acronym(word: str) -> bool:
    """Whether a word is a short name with capitals inside (RAG, LoRA, ViT, RL, LLMs)."""
    base = acronym_base(word.replace(".", ""))
    return len(base) <= 5 and base[1:] != base[1:].lower()  # noqa: PLR2004


def acronym_base(word: str) -> str:
    """Return a short name without the lower-case s of a plural: LLM for LLMs, but GPS for GPS."""
    base = word.removesuffix("s")
    return base if base[1:] != base[1:].lower() else word
