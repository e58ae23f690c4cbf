"""Formulas and commands of TeX as Unicode text.

Formulas whose only commands are Greek letters, such as H$_2$O, are converted here, all others by
pylatexenc. It is imported only for those, as the import takes as long as starting Python twice.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from papertrack.tex.frequent import accented, without_commands

_SUPERSCRIPTS = str.maketrans(
    "0123456789.+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
    "⁰¹²³⁴⁵⁶⁷⁸⁹.⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
)
_SUBSCRIPTS = str.maketrans(
    "0123456789.+-−=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉.₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"
)
_RAISED = str.maketrans({"∘": "°", "∗": "*", "⋆": "*", "′": "′"})  # already superscripts
_RAISED_SYMBOLS = frozenset("°*′″†‡⊤⊥")
_SIMPLE_SCRIPT = re.compile(r"([\^_])\s*(?:\{([^{}]*)\}|([^\s{}^_]))")
# Greek letters are so frequent that they are converted without pylatexenc.
_GREEK = re.compile(
    r"\\(alpha|beta|[gG]amma|[dD]elta|epsilon|zeta|eta|[tT]heta|iota|kappa|[lL]ambda|mu|nu|[xX]i|[pP]i"
    r"|rho|[sS]igma|tau|[uU]psilon|[pP]hi|chi|[pP]si|[oO]mega)(?![A-Za-z])"
)
_NOT_SIMPLE = re.compile(r"[\\%&#~]|\{[^{}]*\{")
_WORD = re.compile(r"[\w.′*°\u0300-\u036f]+")
# Symbols that keep their spaces only if there is a space on both sides.
_ONE_SIDED = re.compile(r"(?:(?<=\S)|^)([×·±∓∼≈≃≤≥≪≫<>=→∈/])\s+(?=\S)")
_BRACKET_SPACE = re.compile(r"(?<=[⟨⌊⌈(\[])\s|\s(?=[⟩⌋⌉)\]])")
_SCRIPT_SPACE = re.compile(
    r"\s(?=[_^₀-₎ₐ-ₜ⁰ⁱ²³¹⁴-ⁿ])"
    r"|(?:(?<=\b(?:log|exp|sin|cos|max|min|sup|inf))|(?<=\bln))\s(?=\()"
)
_TWO_SIDED = re.compile(r"(?<=\S) ([×≈≃≤≥≪≫→∈∝∼])(?=[^\s×≈≃≤≥≪≫→∈∝∼])")
_BARE_SCRIPT = re.compile(  # x_\mathrm{max}, x_\mathrm F
    r"([_^])\s*(\\[A-Za-z]+\s*(?:\{[^{}]*\})+|\\(?:math|text)[a-z]+\s[A-Za-z0-9])"
)
# arXiv makes \b{eta} of \beta, as \b is an accent.
_SPLIT_GREEK = re.compile(r"\\([bcdkrtu])\{([a-z]{2,6})\}")
_TEXT_SCRIPT = re.compile(r"\\text(super|sub)script\{([\w.+-]*)\}")
_UNICODE_ARGUMENT = re.compile(r"(\\[A-Za-z]+)(?=[^\x00-\x7f])")  # \hat applied to a Greek letter
_ACCENT = re.compile("[\u0300-\u036f]")
_PERCENT = re.compile(r"(?<!\\)%")
_FANCY = range(0x1D400, 0x1D800)  # letters of mathematical alphabets, which few fonts have
_DROPPED = (
    *("left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "bigg", "Bigg", "biggl"),
    *("biggr", "middle", "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "!"),
    *("-", "/", "rm", "it", "bf", "sf", "tt", "sc", "cal", "em", "boldmath", "nobreak", "xspace"),
)
_STYLES = (  # of their argument
    *("mathcal", "mathscr", "mathfrak", "mathbf", "mathsf", "mathtt", "mathit", "boldsymbol", "bm"),
    *("mathnormal", "operatorname", "mathop", "mathbin", "mathrel", "mathrm", "pmb", "underline"),
    *("overline", "mbox", "textnormal", "Bbb", "textsf", "texttt", "textup", "mathds"),
)
_FUNCTIONS = (
    *("log", "ln", "exp", "sin", "cos", "tan", "max", "min", "sup", "inf", "lim", "arg", "det"),
    *("argmax", "argmin", "Pr", "gcd", "dim", "ker", "tanh", "sinh", "cosh", "mod", "bmod"),
)
_SYMBOLS = {
    "deg": "°", "circ": "°", "textdegree": "°", "upmu": "μ", "ast": "*", "star": "*",
    "prime": "′", "mid": "|", "vert": "|", "lvert": "|", "rvert": "|", "colon": ":", "Vert": "‖",
    "|": "‖", "lVert": "‖", "rVert": "‖", "top": "⊤", "quad": " ", "qquad": " ", ",": " ", ";": " ",
    ":": " ", ">": " ", "\\": " ", "thinspace": " ", "textpertenthousand": "‱", "dots": "…",
    "ldots": "…", "cdots": "…", "textregistered": "®", "texttrademark": "™", "lfloor": "⌊",
    "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "implies": "⇒", "iff": "⇔", "lbrace": "{",
    "rbrace": "}", "micro": "µ", "textmu": "µ", "angstrom": "Å", "checkmark": "✓",
    "ne": "≠", "bot": "⊥", "Diamond": "◇", "degree": "°", "percent": "%",
    "LaTeX": "LaTeX", "TeX": "TeX",
}  # fmt: skip
_PRINTING = (
    *("frac", "tfrac", "dfrac", "sqrt", "binom", "hat", "tilde", "bar", "vec", "dot", "ddot"),
    *("widehat", "widetilde", "text", "textit", "textbf", "textrm", "textsc", "emph", "mathbb"),
    *("left", "right", "rm", "it", "bf", "big", "Big", "mid", "prime", "ldots", "cdots", "quad"),
    *"'`^\"~=.uvHtcdbrk,;:!>|%&$#_{} ",
)
_COMMAND = re.compile(r"\\(?:([A-Za-z@]+)|(.))", re.DOTALL)
_LEFT, _RIGHT = re.compile(r"\\left(?![A-Za-z])"), re.compile(r"\\right(?![A-Za-z])")
_BAD_SCRIPT = re.compile(r"[_^]\s*(?:$|[_^}&])")
_COMMENT_OR_TABLE = re.compile(r"(?<!\\)[%&#$]|\\$")
# Commands that print something only with packages besides amsmath and amssymb, or at all in no
# document, of those that pylatexenc knows.
_OF_PACKAGES = """
    Alpha Angle Beta Chi Colon Cref Digamma Epsilon Equal Eta Ident Iota Kappa Koppa Mu Nu Omicron
    Rho Sampi Stigma Tau VDash Zeta allequal approxnotequal aquarius arccosh arcsinh arctanh
    argmax argmin aries arrowwaveleft arrowwaveright autoref bm cancer capricornus citep citet
    clockoint clwintegral cref dblarrowupdown downslopeellipsis eighthnote estimates forcesextra
    gemini greaterequivlnt hermitconjmatrix homothetic id iddots image jupiter lazysinv leo
    lessequivlnt libra male mathds mathscr mercury neptune notgreaterless notlessgreater omicron
    openbracketleft openbracketright original perspcorrespond pisces pluto precedesnotsimilar
    quarternote recorder rightangle rightanglearc rightmoon sagittarius saturn scorpio sqrint
    starequal surfintegral taurus textTheta textdoublepipe textglotstop texthvlig textmp textnrleg
    textphi textschwa texttheta textturnk textvartheta tildetrpl truestate udots upslopeellipsis
    uranus varperspcorrespond venus verymuchgreater verymuchless virgo volintegral
"""
_OTHER_ALPHABET = re.compile(r"cyr|CYR|(?:Down|Left|Right|Up|Reverse|Nested|Rule|Round)[A-Z]")
# Accents and letters of text, which are errors in a formula.
_TEXT_ONLY = frozenset(
    (
        "'",
        "`",
        "^",
        '"',
        "~",
        "=",
        ".",
        "u",
        "v",
        "H",
        "t",
        "c",
        "d",
        "b",
        "r",
        "k",
        "L",
        "l",
        "O",
        "o",
    )
)
_REFUSED = ("today", "input", "include", "maketitle", "title", "author", "date", "includegraphics")


def superscript(text: str) -> str:
    """Return a text as a superscript: "²", else "^x" or "^(a/b)"."""
    raised = text.strip().translate(_RAISED)
    if raised and _RAISED_SYMBOLS.issuperset(raised):
        return raised
    return _script("^", raised, _SUPERSCRIPTS)


def subscript(text: str) -> str:
    """Return a text as a subscript: "₂", else "_x" or "_(a/b)"."""
    return _script("_", text.strip(), _SUBSCRIPTS)


def _script(mark: str, text: str, table: dict[int, int]) -> str:
    if all(ord(char) in table for char in text):
        return text.translate(table)
    return f"{mark}{text}" if len(text) == 1 or _WORD.fullmatch(text) else f"{mark}({text})"


def with_scripts(text: str) -> str:
    """Return a text with its simple superscripts and subscripts in Unicode: "R^2", "x_{ij}"."""
    return _SIMPLE_SCRIPT.sub(_simple_script, text)


def _simple_script(match: re.Match[str]) -> str:
    script = superscript if match[1] == "^" else subscript
    return script((match[3] if match[2] is None else match[2]).strip())


@lru_cache(4096)
def formula(content: str) -> str | None:
    """Return the content of a formula as text, None if it cannot be read."""
    content = _GREEK.sub(_greek_letter, content)
    if _NOT_SIMPLE.search(content):
        return command(f"${content}$")
    return _spaced(_without_braces(with_scripts(content)))


def _greek_letter(match: re.Match[str]) -> str:
    from unicodedata import lookup

    kind = "CAPITAL" if match[1][0].isupper() else "SMALL"
    return lookup(f"GREEK {kind} LETTER {match[1].upper().replace('LAMBDA', 'LAMDA')}")


def _without_braces(text: str) -> str:
    return text.replace("{", "").replace("}", "")


@lru_cache(4096)
def command(source: str) -> str | None:
    """Return a command or a formula as text, None if it cannot be read."""
    tidy = _BARE_SCRIPT.sub(r"\1{\2}", source)
    text = frequent_text(tidy) or converted_text(
        _UNICODE_ARGUMENT.sub(r"\1 ", _PERCENT.sub(r"\\%", tidy))
    )
    # The text must not contain control characters, or begin with an accent without its letter.
    is_text = text is not None and text.isprintable() and not _ACCENT.match(text)
    return text if is_text else None


def frequent_text(source: str) -> str | None:
    """Return TeX as text without pylatexenc, None if it takes more than frequent commands."""
    if source[0] == "$":
        content = without_commands(source[1:-1])
    elif script := _TEXT_SCRIPT.fullmatch(source):
        return (superscript if script[1] == "super" else subscript)(script[2])
    else:
        return accented(source) or _frequent_symbol(source)
    return None if content is None else _spaced(_without_braces(with_scripts(content)))


def _frequent_symbol(source: str) -> str | None:
    r"""Return the symbol of a command outside formulas, such as \mu; None for others."""
    if split := _SPLIT_GREEK.fullmatch(source):
        greek = _GREEK.fullmatch(f"\\{split[1]}{split[2]}")
        return _greek_letter(greek) if greek else None
    if "{" in source:
        return None
    symbol = without_commands(_GREEK.sub(_greek_letter, source))
    return None if symbol is None else _spaced(symbol)


def converted_text(source: str) -> str | None:
    """Return TeX as text as pylatexenc reads it, None if it cannot."""
    try:
        text = _converter()(source)
    except Exception:  # noqa: BLE001 - malformed TeX makes pylatexenc raise exceptions of any type
        return None
    return _spaced("".join(map(_plain_letter, text)))


def _plain_letter(char: str) -> str:
    if ord(char) not in _FANCY:
        return char
    from unicodedata import normalize

    return normalize("NFKC", char)


def _spaced(text: str) -> str:
    from unicodedata import normalize

    text = _SCRIPT_SPACE.sub("", _BRACKET_SPACE.sub("", " ".join(text.split())))
    return normalize("NFC", _TWO_SIDED.sub(r" \1 ", _ONE_SIDED.sub(r"\1", text)))


def is_printing(source: str, *, is_formula: bool = False) -> bool:
    """Whether TeX only prints text in any document: it reads no file and defines no command."""
    if "^^" in source or _COMMENT_OR_TABLE.search(source) or not _is_balanced(source):
        return False
    names = {match[1] or match[2] for match in _COMMAND.finditer(source)}
    if is_formula and (not names.isdisjoint(_TEXT_ONLY) or not _is_complete(source)):
        return False
    return names <= _printing_commands()


def _is_complete(formula: str) -> bool:
    """Whether every script has its content, and every left bracket that grows its right one."""
    if len(_LEFT.findall(formula)) != len(_RIGHT.findall(formula)):
        return False
    return not _BAD_SCRIPT.search(formula)


def _is_balanced(source: str) -> bool:
    """Whether braces are balanced, counted as BibTeX does: those after a backslash as well."""
    depth = 0
    for char in source:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return depth == 0


@cache
def _printing_commands() -> frozenset[str]:
    """The commands of LaTeX and amsmath that print a symbol or style their argument."""
    from pylatexenc.latex2text import get_default_latex_context_db

    symbols = (
        spec.macroname
        for spec in get_default_latex_context_db().iter_macro_specs()
        if isinstance(spec.simplify_repl, str) and "%" not in spec.simplify_repl
    )
    known = {name for name in symbols if not _OTHER_ALPHABET.match(name)}
    return frozenset(known.union(_STYLES, _FUNCTIONS, _PRINTING)).difference(
        _REFUSED, _OF_PACKAGES.split()
    )


class _UnknownCommandError(Exception):
    """A command that pylatexenc does not know."""


@cache
def _converter() -> Callable[[str], str]:
    """The function that converts TeX; it may raise any exception for TeX that it cannot read."""
    import logging

    from pylatexenc import latex2text, latexwalker
    from pylatexenc.latex2text import MacroTextSpec, SpecialsTextSpec
    from pylatexenc.macrospec import MacroSpec, MacroStandardArgsParser, SpecialsSpec

    # It would log every invalid formula.
    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)
    parsed = latexwalker.get_default_latex_context_db()
    arguments = dict.fromkeys(_STYLES, "*{") | _ARGUMENTS
    parsed.add_context_category(
        "papertrack",
        [MacroSpec(name, shape) for name, shape in arguments.items()],
        specials=[SpecialsSpec(mark, MacroStandardArgsParser("{")) for mark in "^_"],
        prepend=True,
    )
    known = latex2text.get_default_latex_context_db()
    known.add_context_category(
        "papertrack",
        [MacroTextSpec(name, text) for name, text in _replacements().items()],
        specials=[
            SpecialsTextSpec("^", _with_arguments(superscript)),
            SpecialsTextSpec("_", _with_arguments(subscript)),
        ],
        prepend=True,
    )
    known.set_unknown_macro_spec(MacroTextSpec("", _refuse))
    text_of = latex2text.LatexNodes2Text(known, math_mode="text", keep_comments=True)
    return lambda source: str(
        text_of.nodelist_to_text(latexwalker.LatexWalker(source, parsed).get_latex_nodes()[0])
    )


# The arguments of commands that pylatexenc does not know or parses differently.
_ARGUMENTS = {
    **dict.fromkeys(("frac", "tfrac", "dfrac", "nicefrac", "sfrac", "binom", "SI", "qty"), "{{"),
    **dict.fromkeys(("textsubscript", "textsuperscript", "unicode", "si", "not"), "{"),
    **dict.fromkeys(("pmod", "ket", "bra"), "{"),
    **dict.fromkeys(("hat", "tilde", "bar", "vec", "dot", "ddot", "ce", "ch"), "{"),
    "sqrt": "[{",
}


def _replacements() -> dict[str, str | Callable[..., str]]:
    """The replacements of commands for which pylatexenc has none, or not a readable one."""
    return (
        dict.fromkeys(_DROPPED, "")
        | dict.fromkeys(_REFUSED, _refuse)
        | dict.fromkeys(_STYLES, _with_arguments(lambda _star, text: text))
        | {name: f" {name} " for name in _FUNCTIONS}
        | _SYMBOLS
        | dict.fromkeys(("frac", "tfrac", "dfrac", "nicefrac", "sfrac"), _with_arguments(_fraction))
        | {
            "textsubscript": _with_arguments(subscript),
            "textsuperscript": _with_arguments(superscript),
            "sqrt": _with_arguments(lambda _degree, text: f"√{_grouped(text)}"),
            "binom": _with_arguments(lambda all_, chosen: f"C({all_}, {chosen})"),
            "unicode": _with_arguments(lambda code: chr(int(code.removeprefix("x"), 16))),
            **dict.fromkeys(("ce", "ch"), _with_arguments(str)),
            "pmod": _with_arguments(lambda modulus: f" (mod {modulus})"),
            "ket": _with_arguments(lambda state: f"|{state}⟩"),
            "bra": _with_arguments(lambda state: f"⟨{state}|"),
            "SI": _refuse,
        }
    )


def _with_arguments(function: Callable[..., str]) -> Callable[..., str]:
    """A replacement that calls a function with the arguments of a command as texts."""

    def replacement(node: Any, l2tobj: Any) -> str:
        arguments = node.nodeargd.argnlist
        return function(*(l2tobj.nodelist_to_text([argument]) for argument in arguments))

    return replacement


def _fraction(above: str, below: str) -> str:
    return f"{_grouped(above)}/{_grouped(below)}"


def _grouped(text: str) -> str:
    return text if _WORD.fullmatch(text.strip()) else f"({text.strip()})"


def _refuse(node: Any) -> str:
    raise _UnknownCommandError(node)
