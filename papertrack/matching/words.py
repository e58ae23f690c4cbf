"""Words of a text and the plain form in which they are compared."""

import re
from collections.abc import Iterator

from papertrack.text import fold

_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_MARK, _BEYOND_ASCII = re.compile(r"[\u0300-\u036f]"), re.compile(r"[^\x00-\x7f]")
_ASCII_LETTERS = "".join(one if one.isalnum() else " " for one in map(chr, range(128)))
_ASCII_BYTES = _ASCII_LETTERS.encode() + bytes(range(128, 256))
_UTF8, _ANY = "utf-8", "surrogatepass"
# A possessive is no word: "Parkinson's disease" is "Parkinson disease".
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
_NO_PLURAL = ("ss", "xis", "ias", "atlas", "canvas", "lens", "news", "series", "species")
_PLURAL_ICS = ("metrics", "topics", "heuristics", "characteristics", "logics", "critics", "clinics")
_CHANGING, _LONG = ("ies", "re", "res", "xes"), 8  # bodies, fibre, boxes
_SIBILANT = ("sses", "xes", "ches", "shes", "zzes")

_BRITISH = re.compile(
    "(?<=[a-z]{3})(?:(?P<s>[iy])s(?=(?:e|ed|er|ing|ation)$)"  # optimisation, analyse
    "|(?P<kept>el)l(?=(?:ed|er|ing)$)"  # modelling, labelled
    "|ou(?=r)"  # behaviour, neighbour
    "|(?<=[bt])(?P<re>re)$"  # centre, fibre
    "|(?P<log>log)ue$)"  # dialogue
)
_MAYBE_BRITISH = (
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
    """A text and its words in order, as written: hyphens, underscores and marks divide words."""

    __slots__ = ("_apart", "_starts", "_text", "words")

    def __init__(self, text: str) -> None:
        self._text = text
        self._apart = _words_apart(text)
        self.words = self._apart.split()
        self._starts: dict[int, int] = {}  # of those words that were asked for

    def after(self, at: int) -> str:
        """What stands between a word and the next one."""
        return self._text[self._start(at) + len(self.words[at]) : self._start(at + 1)]

    def said(self, first: int, last: int) -> str:
        """The words from `first` up to `last` (excluded) with what joins them, on one line."""
        if last == first + 1:
            return self.words[first]
        end = self._start(last - 1) + len(self.words[last - 1])
        return " ".join(self._text[self._start(first) : end].split())

    def _start(self, at: int) -> int:
        starts = self._starts
        if at not in starts:
            if at - 1 in starts:
                start = self._apart.find(self.words[at], starts[at - 1] + len(self.words[at - 1]))
            else:
                start = len(self._apart) - len(self._apart.split(None, at)[at])
            starts[at] = start
        return starts[at]


def _words_apart(text: str) -> str:
    """A text as long with spaces in place of all that is between its words."""
    if text.isascii():
        return _without_possessives(text).translate(_ASCII_LETTERS)
    text = _without_possessives(text.replace("\u2019", "'"))
    if _MARK.search(text):
        return _with_marks_apart(text)
    for one in {one for one in _BEYOND_ASCII.findall(text) if not one.isalnum()}:
        text = text.replace(one, " ")
    return text.encode(_UTF8, _ANY).translate(_ASCII_BYTES).decode(_UTF8, _ANY)


def _with_marks_apart(text: str) -> str:
    apart = [" "] * len(text)
    for word in _WORD.finditer(text):
        apart[word.start() : word.end()] = word[0]
    return "".join(apart)


def _without_possessives(text: str) -> str:
    return _POSSESSIVE.sub("  ", text) if "'s" in text else text


def fold_word(word: str) -> str:
    """A word of a text folded."""
    return fold(word)


def singular(word: str) -> str:
    """A folded word without a simple English plural; words of one to three letters stay."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if not word.endswith("s") or len(word) <= 3 or word.endswith(_NO_PLURAL):  # noqa: PLR2004
        return word
    if word.endswith("ics"):
        return word[:-1] if word.endswith(_PLURAL_ICS) else word
    if len(word) > 4 and word.endswith(("us", "is")):  # noqa: PLR2004 - corpus, but GPUs and APIs
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(_SIBILANT) else word[:-1]


def may_begin_otherwise(word: str) -> bool:
    """Whether the plain form of a folded word of four letters or more may differ from it in its
    first three letters, or from six letters on in its first four.
    """
    return word in _IRREGULAR or (len(word) < _LONG and word.endswith(_CHANGING))


def american(word: str) -> str:
    """A folded singular word with American endings: modelling is modeling, behaviour behavior."""
    # Most words are soon seen not to be British.
    if word.endswith(_MAYBE_BRITISH) or "our" in word:
        return _BRITISH.sub(_american_ending, word)
    return word


def _american_ending(found: re.Match[str]) -> str:
    if found["s"]:
        return found["s"] + "z"
    return "er" if found["re"] else found["kept"] or found["log"] or "o"


def as_singular(word: str) -> str:
    """A word of a text folded, without possessive and plural."""
    return singular(fold_word(word))


def normal_form(word: str) -> str:
    """The form in which a word of a text is compared with others."""
    return american(as_singular(word))


def spellings(form: str) -> set[str]:
    """Every folded word of which `form` may be the plain or the singular form, and a few others."""
    singulars = _british(form) | {form}
    return singulars.union(*map(_plurals, singulars))


def _british(form: str) -> set[str]:
    """The words that `american` makes a form of."""
    found = {form}
    for pattern, ending in _TO_BRITISH:
        found |= {pattern.sub(ending, one) for one in found} | {
            one[: at.start()] + ending + one[at.end() :]
            for one in found
            for at in pattern.finditer(one)
        }
    return found


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
    """A short name without the small s of its plural: LLM of LLMs; GPS stays."""
    base = word.removesuffix("s")
    return base if base[1:] != base[1:].lower() else word
