r"""The most frequent commands of TeX as Unicode text, such as $10\times$ and $\mathcal{O}(n)$.

They are read here as pylatexenc would read them, because importing that takes as long as starting
Python twice, and reading with it a hundred times as long. What is not certain is left to it:
both functions then return None. A test compares the two.
"""

import re

SYMBOLS = {
    "times": "×", "pm": "±", "sim": "∼", "approx": "≈", "simeq": "≃", "leq": "≤", "le": "≤",
    "geq": "≥", "ge": "≥", "neq": "≠", "ll": "≪", "gg": "≫", "lesssim": "≲", "gtrsim": "≳",
    "propto": "∝", "to": "→", "rightarrow": "→", "infty": "∞", "ell": "ℓ", "hbar": "ħ", "cdot": "·",
    "cdots": "…", "ldots": "…", "in": "∈", "otimes": "⊗", "oplus": "⊕", "parallel": "∥",
    "perp": "⊥", "langle": "⟨", "rangle": "⟩", "mid": "|", "partial": "∂", "nabla": "∇", "sum": "∑",
    "dagger": "†", "circ": "°", "deg": "°", "star": "*", "prime": "′", "varepsilon": "ε",
    "varphi": "φ", "uparrow": "↑", "leftrightarrow": "↔", "rm": "", "bf": "", "it": "", "cal": "",
    "left": "", "right": "", "ast": "*", "lceil": "⌈", "rceil": "⌉", "lfloor": "⌊", "rfloor": "⌋",
    "dots": "…", "top": "⊤", "equiv": "≡", "downarrow": "↓", "mapsto": "↦", "vert": "|", "int": "∫",
    "square": "□", "rtimes": "⋊", "lvert": "|", "rvert": "|", "bigl": "", "bigr": "",
} | {name: f" {name} " for name in ("log", "ln", "exp", "max", "min", "sin", "cos")}  # fmt: skip
SPACES = {",": " ", ";": " ", ":": " ", " ": " ", "!": "", "%": "%"}
_DOUBLE_STRUCK = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))
COMBINING_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", "=": "\u0304", "u": "\u0306",
    ".": "\u0307", '"': "\u0308", "r": "\u030a", "H": "\u030b", "v": "\u030c", "c": "\u0327",
    "k": "\u0328",
}  # fmt: skip
_ACCENTS_OF_FORMULAS = {
    "hat": "\u0302", "tilde": "\u0303", "bar": "\u0305", "vec": "\u20d7", "dot": "\u0307",
    "ddot": "\u0308",
}  # fmt: skip
_ACCENTED = re.compile(r"\\(['`^\"~=.]|[urHvck](?=[\s{]))\s?(?:\{([A-Za-z])\}|([A-Za-z]))")
_STYLED = re.compile(
    r"\\(?:math(?:cal|rm|bf|sf|tt|it|scr|frak|ds)|text(?:rm|bf|it|tt|sf|up|normal)?|boldsymbol|bm"
    r"|operatorname|mbox|overline|underline|wide(?:tilde|hat))\s*\{([^{}\\$%]*)\}"
)
_DOUBLE = re.compile(r"\\mathbb\s*(?:\{([A-Z])\}|(?<=\s)([A-Z])(?![A-Za-z]))")
_ACCENTED_LETTER = re.compile(r"\\(hat|tilde|bar|vec|d?dot)\s*\{([A-Za-z\d])\}")
_FRACTION = re.compile(r"\\[td]?frac\s*\{([A-Za-z\d]+)\}\s*\{([A-Za-z\d]+)\}")
_ROOT = re.compile(r"\\sqrt\s*\{([A-Za-z\d]+)\}")
_COMMAND = re.compile(r"\\(?:([A-Za-z]+)|([,;:!% ]))")
# Where pylatexenc drops spaces: between constructs.
_DROPPED_SPACE = re.compile(r"(\}|[_^]\w|\\(?:[A-Za-z]+|[,;:!%]))\s+(?=[\\{_^])")
# Scripts in scripts and of symbols, and what it reads as dashes and quotes.
_UNCERTAIN = re.compile(
    r"[_^]\s*\{[^{}]*[_^]|[_^]\s*\\[A-Za-z]+\s|[_^][^\w\s{\\]\s|--|''|``|(?<!\\)%|\\[A-Za-z]+[^\x00-\x7f]"
    r"|[#&]"
)
_NESTED = re.compile(r"\{[^{}]*\{")


def accented(source: str) -> str | None:
    r"""Return a letter with its accent, such as \'e, None for other commands."""
    match = _ACCENTED.fullmatch(source)
    if match is None:
        return None
    from unicodedata import normalize

    return normalize("NFC", (match[2] or match[3]) + COMBINING_ACCENTS[match[1]])


def without_commands(content: str) -> str | None:
    """Return the content of a formula with its commands replaced, None for uncommon ones.

    Scripts and groups stay.
    """
    content = _DROPPED_SPACE.sub(r"\1", content.replace("~", "\\ "))
    if _UNCERTAIN.search(content):
        return None
    content = _ROOT.sub(r"√\1", _FRACTION.sub(r"\1/\2", content))
    content = _ACCENTED_LETTER.sub(_accented_letter, content)
    content = _STYLED.sub(r"\1", _DOUBLE.sub(_double_struck, content))
    try:
        content = _COMMAND.sub(_replacement, content)
    except KeyError:
        return None
    is_left = "\\" in content or _NESTED.search(content)
    return None if is_left or _UNCERTAIN.search(content.replace("%", "")) else content


def _double_struck(match: re.Match[str]) -> str:
    letter = match[1] or match[2]
    return _DOUBLE_STRUCK.get(letter, letter)


def _accented_letter(match: re.Match[str]) -> str:
    return match[2] + _ACCENTS_OF_FORMULAS[match[1]]


def _replacement(match: re.Match[str]) -> str:
    return SYMBOLS[match[1]] if match[1] else SPACES[match[2]]
