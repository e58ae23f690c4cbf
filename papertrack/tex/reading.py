"""Converting a text with TeX in it to plain text: "H$_2$O" to "H₂O"."""

import re
from collections.abc import Sequence

from papertrack.tex.formulas import command as read_command
from papertrack.tex.formulas import formula, subscript, superscript
from papertrack.tex.pieces import Piece, pieces

_DEEPEST = 8  # commands within arguments of commands
TEXT_STYLES = frozenset(
    ("textbf", "textit", "emph", "textsc", "texttt", "textrm", "textsf", "textsl", "underline")
)
# Commands that only style their argument, or what follows them.
_STYLES = TEXT_STYLES.union(
    ("textmd", "textup", "textnormal", "text", "uline", "ul", "st", "hl", "mbox", "hbox"),
    ("mathrm", "mathbf", "mathit", "mathsf", "mathtt", "bm", "boldsymbol", "uppercase"),
    ("it", "em", "bf", "sc", "rm", "tt", "sf", "sl", "itshape", "bfseries", "scshape", "upshape"),
    ("ttfamily", "sffamily", "tiny", "footnotesize", "small", "normalsize", "large", "Large"),
    ("LARGE", "huge", "Huge", "protect", "xspace", "noindent", "centering", "par", "-", "!", "/"),
    ("@", "allowbreak", "boldmath", "revise", "relax", "selectfont"),
)
_LAST_ARGUMENT = frozenset(("textcolor", "colorbox", "texorpdfstring", "color"))
_LEFT_OUT = frozenset(
    (
        *("cite", "citep", "citet", "citealp", "citealt", "citeauthor", "citeyear", "parencite"),
        *("autocite", "textcite", "nocite", "label", "footnotemark", "vspace", "hspace", "ref"),
        *("eqref", "cref", "Cref", "autoref", "thanks", "pagebreak", "newpage", "vskip"),
    )
)
_AROUND_ADDRESS = frozenset(("url", "href", "footnote"))
_REPLACED = {char: char for char in "%&$#_{}"} | dict.fromkeys(
    (" ", ",", ";", ":", "\\", "quad", "qquad"), " "
)
# TeX drops the space after these.
LETTERS = frozenset(("L", "l", "O", "o", "AE", "ae", "OE", "oe", "AA", "aa", "ss", "i", "j"))
_TAG = re.compile(r"<(sub|sup|i|b|em|strong)>([^<>]{0,80})</\1>", re.IGNORECASE)
_POWER = re.compile(r"(?<=[A-Za-z\d)])\^[-+]?\d{1,4}(?!\w)")
# A group that only protects or styles its content: {BERT}, but not the set {0, 1}.
_BARE_GROUP = re.compile(r"[^,;|=<>]*[^\W\d_][^,;|=<>]*")
# Dashes, ties and quotes as TeX writes them, but not in addresses and options such as --help. The
# patterns begin with the character itself, which `re` finds quickly, and then look at those before.
_ADDRESS = re.compile(r"(https?://\S+)")
_DASH = re.compile(r"--(?:(?<=[\w)\]}”’%°$]--)-?(?=[\w(\[{“$\\])|(?<=\s--)-?(?=\s))")
_TIE = re.compile(
    r"~(?:(?<=\w\w~)|(?<=[.,;:)\]%]~)|(?<=\d~)(?=[^\W\d]))(?=[\w($\[])(?!(?<=\d\d~)\d)"
)
_QUOTED = re.compile(r"``(?=\S)([^`]{1,200}?)''")
_SINGLE_QUOTED = re.compile(r"`(?<!``)(?=\w)([^`'\"]{1,60})'(?![\w'])")


def as_text(text: str, budget: int) -> tuple[str, int]:
    """Return a text with its TeX converted, and how many characters of TeX were converted.

    TeX beyond `budget` characters, or that cannot be converted, stays as it is.
    """
    reader = _PieceReader(budget)
    read = typeset(reader.read(text, 0))
    return " ".join(read.split()) or text, budget - reader.budget


def bibtex_as_text(value: str) -> str:
    """Return a value of BibTeX as text: all its braces are groups, and formulas stay TeX.

    TeX that cannot be converted stays as it is.
    """
    # Twice the length: after a group that spans the value, its content must fit into the budget.
    read = typeset(_PieceReader(2 * len(value), is_bibtex=True).read(value, 0))
    return " ".join(read.split())


class _PieceReader:
    """Converts TeX until its budget, in characters, is used up."""

    def __init__(self, budget: int, *, is_bibtex: bool = False) -> None:
        self.budget = budget
        self._is_bibtex = is_bibtex

    def read(self, text: str, depth: int) -> str:
        """Return a text with its TeX converted; `depth` commands contain it."""
        result = ""
        drops_space = False
        for piece in pieces(text):
            if piece.kind == "text":
                read = self._read_plain(piece.source)
                result += read.lstrip() if drops_space else read
            else:
                read = self._read_piece(piece, depth)
                result = _joined(result, read, piece)
            drops_space = not piece.arguments and (piece.name in _STYLES or piece.name in LETTERS)
        return result

    def _read_piece(self, piece: Piece, depth: int) -> str:
        if depth > _DEEPEST or self.budget < len(piece.source):
            return piece.source
        if not depth:
            self.budget -= len(piece.source)
        if piece.kind in ("math", "script"):
            if "\\href" in piece.source:
                return self.read(piece.arguments[0], depth + 1)
            if self._is_bibtex:
                return piece.source
            read = formula(piece.arguments[0])
            return piece.source if read is None else read
        if piece.kind == "group":
            content = piece.arguments[0]
            is_bare = self._is_bibtex or _BARE_GROUP.fullmatch(content) or "\\" in content
            return self.read(content, depth + 1) if is_bare else piece.source
        return self._command(piece, depth)

    def _read_plain(self, text: str) -> str:
        # The braces left in BibTeX are those of groups that are too long for a piece.
        return text.replace("{", "").replace("}", "") if self._is_bibtex else _plain(text)

    def _command(self, piece: Piece, depth: int) -> str:
        name, arguments = piece.name, piece.arguments
        if name in _REPLACED and not arguments:
            return _REPLACED[name]
        if name in _LEFT_OUT:
            return ""
        if name in _STYLES:
            return "".join(self.read(argument, depth + 1) for argument in arguments)
        if arguments and (name in _LAST_ARGUMENT or name in _AROUND_ADDRESS):
            return self._last_argument(name, arguments, depth)
        read = read_command(piece.source)
        return piece.source if read is None else read

    def _last_argument(self, name: str, arguments: Sequence[str], depth: int) -> str:
        """The text of a link, a footnote or coloured text, with the address of a link."""
        if name == "url" or (name == "href" and len(arguments) == 1):
            return arguments[0].replace("\\", "")
        text = self.read(arguments[-1], depth + 1)
        if name == "href":
            address = arguments[0].replace("\\", "")
            return text if text in address else f"{text} ({address})"
        return f" ({text})" if name == "footnote" else text


def _plain(text: str) -> str:
    """Text outside TeX, with HTML tags such as <sub> and powers such as 10^5 converted."""
    if "<" in text:
        text = _TAG.sub(_untagged, text)
    return _POWER.sub(lambda power: superscript(power[0][1:]), text) if "^" in text else text


def _untagged(match: re.Match[str]) -> str:
    scripts = {"sub": subscript, "sup": superscript}
    return scripts.get(match[1].lower(), str)(match[2])


def _joined(before: str, read: str, piece: Piece) -> str:
    """The text so far and the next piece, without the space before an omitted command."""
    if piece.name in _LEFT_OUT:
        before = before.rstrip(" ~")
    return before + read


def typeset(text: str) -> str:
    """Return a text with the dashes, quotes and ties that TeX writes in ASCII."""
    if "://" not in text:
        return _typeset(text)
    parts = _ADDRESS.split(text)
    return "".join(part if _ADDRESS.match(part) else _typeset(part) for part in parts)


def _typeset(text: str) -> str:
    if "--" in text:
        text = _DASH.sub(lambda dash: "–" if len(dash[0]) == len("--") else "—", text)
    if "~" in text:
        text = _TIE.sub(" ", text)
    if "`" in text:
        text = _SINGLE_QUOTED.sub(r"‘\1’", _QUOTED.sub(r"“\1”", text))
    return text
