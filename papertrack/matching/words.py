"""Tokenizing texts, and the normal form in which their words are compared.

Two words are the same if their normal forms are equal: folded, in the singular, with American
endings.
"""

import re
from collections.abc import Iterator

from papertrack.text import fold

_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_MARK, _BEYOND_ASCII = re.compile(r"[\u0300-\u036f]"), re.compile(r"[^\x00-\x7f]")
# Translation tables that replace everything but letters and digits with spaces.
_ASCII_TABLE = "".join(char if char.isalnum() else " " for char in map(chr, range(128)))
_UTF8_TABLE = _ASCII_TABLE.encode() + bytes(range(128, 256))
# "Parkinson's disease" is the same as "Parkinson disease".
_POSSESSIVE = re.compile(r"'s\b")

_IRREGULAR = {
    "analyses": "analysis",
    "axes": "axis",
    "biases": "bias",
    "caches": "cache",
    "corpora": "corpus",
    "criteria": "criterion",
    "hypotheses": "hypothesis",
    "indices": "index",
    "lenses": "lens",
    "matrices": "matrix",
    "movies": "movie",
    "phenomena": "phenomenon",
    "vertices": "vertex",
    "viruses": "virus",
}
_NOT_PLURAL = ("ss", "xis", "ias", "atlas", "canvas", "lens", "news", "series", "species")
_PLURAL_ICS = ("metrics", "topics", "heuristics", "characteristics", "logics", "critics", "clinics")
# In shorter words these endings begin so early that normalizing changes the first letters.
_EARLY_ENDINGS, _LONG = ("ies", "re", "res", "xes"), 8  # bodies, fibre, boxes
_SIBILANT = ("sses", "xes", "ches", "shes", "zzes")

_BRITISH = re.compile(
    "(?<=[a-z]{3})(?:(?P<s>[iy])s(?=(?:e|ed|er|ing|ation)$)"  # optimisation, analyse
    "|(?P<el>el)l(?=(?:ed|er|ing)$)"  # modelling, labelled
    "|ou(?=r)"  # behaviour, neighbour
    "|(?<=[bt])(?P<re>re)$"  # centre, fibre
    "|(?P<log>log)ue$)"  # dialogue
)
_BRITISH_ENDINGS = (
    *("se", "sed", "ser", "sing", "sation", "lled", "ller", "lling", "bre", "tre", "logue"),
)

_TO_BRITISH = (
    (re.compile("(?<=[a-z]{3}[iy])z(?=(?:e|ed|er|ing|ation)$)"), "s"),
    (re.compile("(?<=[a-z]{3}el)(?=(?:ed|er|ing)$)"), "l"),
    (re.compile("(?<=[a-z]{3}o)(?=r)"), "u"),
    (re.compile("(?<=[a-z]{2}[bt])er$"), "re"),
    (re.compile("(?<=[a-z]{3}log)$"), "ue"),
)
_PLURAL_OF = {singular: plural for plural, singular in _IRREGULAR.items()}


class TokenizedText:
    """A text and its words in order, as written; hyphens and underscores separate words."""

    __slots__ = ("_spaced", "_starts", "_text", "words")

    def __init__(self, text: str) -> None:
        self._text = text
        self._spaced = _space_out(text)
        self.words = self._spaced.split()
        self._starts: dict[int, int] = {}  # Computed only for the words that need it.

    def separator_after(self, index: int) -> str:
        """The characters between a word and the next one."""
        return self._text[self._start(index) + len(self.words[index]) : self._start(index + 1)]

    def text_between(self, first: int, last: int) -> str:
        """The text from word `first` up to word `last` (excluded), on one line."""
        if last == first + 1:
            return self.words[first]
        end = self._start(last - 1) + len(self.words[last - 1])
        return " ".join(self._text[self._start(first) : end].split())

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
    if _MARK.search(text):
        return _space_out_around_marks(text)
    separators = {char for char in _BEYOND_ASCII.findall(text) if not char.isalnum()}
    for separator in separators:
        text = text.replace(separator, " ")
    encoded = text.encode("utf-8", "surrogatepass")  # Texts may contain lone surrogates.
    return encoded.translate(_UTF8_TABLE).decode("utf-8", "surrogatepass")


def _space_out_around_marks(text: str) -> str:
    """As `_space_out`, for texts in which combining marks belong to the letters before them."""
    spaced = [" "] * len(text)
    for word in _WORD.finditer(text):
        spaced[word.start() : word.end()] = word[0]
    return "".join(spaced)


def _without_possessives(text: str) -> str:
    return _POSSESSIVE.sub("  ", text) if "'s" in text else text


def fold_word(word: str) -> str:
    """Return a word folded for comparison."""
    return fold(word)


def singular(word: str) -> str:
    """Return a folded word without a regular plural; words of up to three letters stay."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not word.endswith("s") or len(word) <= 3 or word.endswith(_NOT_PLURAL):  # noqa: PLR2004
        return word
    if word.endswith("ics"):
        return word[:-1] if word.endswith(_PLURAL_ICS) else word
    if len(word) > 4 and word.endswith(("us", "is")):  # noqa: PLR2004 - corpus, but GPUs and APIs
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(_SIBILANT) else word[:-1]


def may_change_start(word: str) -> bool:
    """Whether the normal form of a folded word may begin with other letters than the word.

    For words of four letters and more this means the first three letters, from six letters on the
    first four.
    """
    return word in _IRREGULAR or (len(word) < _LONG and word.endswith(_EARLY_ENDINGS))


def american(word: str) -> str:
    """Return a folded singular with American endings: modelling is modeling, behaviour behavior."""
    # Comparing endings is much faster than the regular expression, and most words end otherwise.
    if word.endswith(_BRITISH_ENDINGS) or "our" in word:
        return _BRITISH.sub(_american_ending, word)
    return word


def _american_ending(british: re.Match[str]) -> str:
    if british["s"]:
        return british["s"] + "z"
    return "er" if british["re"] else british["el"] or british["log"] or "o"


def folded_singular(word: str) -> str:
    """Return a word of a text folded and in the singular."""
    return singular(fold_word(word))


def normal_form(word: str) -> str:
    """Return the form in which a word of a text is compared with other words."""
    return american(folded_singular(word))


def spellings(form: str) -> set[str]:
    """Return every folded word with the normal form or singular `form`, and a few others."""
    singulars = _british(form) | {form}
    return singulars.union(*map(_plurals, singulars))


def _british(form: str) -> set[str]:
    """The words that `american` turns into `form`."""
    words = {form}
    for pattern, ending in _TO_BRITISH:
        words |= {pattern.sub(ending, word) for word in words} | {
            word[: match.start()] + ending + word[match.end() :]
            for word in words
            for match in pattern.finditer(word)
        }
    return words


def _plurals(word: str) -> Iterator[str]:
    yield from (word + "s", word + "es")
    if word.endswith("y"):
        yield word[:-1] + "ies"
    if word in _PLURAL_OF:
        yield _PLURAL_OF[word]


def is_acronym(word: str) -> bool:
    """Whether a word is a short name with capitals inside (RAG, LoRA, ViT, RL, LLMs)."""
    base = acronym_base(word)
    return len(base) <= 5 and base[1:] != base[1:].lower()  # noqa: PLR2004


def acronym_base(word: str) -> str:
    """Return a short name without the lower-case s of a plural: LLM for LLMs, but GPS for GPS."""
    base = word.removesuffix("s")
    return base if base[1:] != base[1:].lower() else word
