"""Text that stays text, for each format in which strangers' words are written."""

import re

# What CommonMark, GitHub, Obsidian or Logseq would read as a construct, where it stands as it must
# for that: as the start of an emoji code, of an address, before its like. A backslash makes each
# of them text. One set comes first, as looking for it is quick.
_MARKDOWN = re.compile(
    r"[\\`*_{}\[\]<>|~$&@^#:=%(.](?:(?<![:=%(.])|(?<=:)(?=[\w+:-]+:|//|:)|(?<==)(?==)|(?<=%)(?=%)"
    r"|(?<=\()(?=\()|(?<=www\.))",
    re.IGNORECASE,
)
# What is one at the beginning of a line alone: a bullet, an underline, a number.
_FIRST = re.compile(r"(\d{1,9}(?=[.)]))|(?=[+=-])", re.ASCII)
_PLAIN_TARGET = re.compile(r"[\w./:%?=&#,;+~@-]+", re.ASCII)
# What a spreadsheet takes for a formula at the beginning of a cell, and so behind what it may take
# for the end of one: in half of the world that is a semicolon. The last four are full width.
_LIVE = r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_LIVE_FIRST, _LIVE_BEHIND = re.compile(_LIVE), re.compile(rf"[;\t\r\n](?={_LIVE})")
# What YAML 1.2 does not call printable, and its line ends, below the astral planes.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_BRACE = re.compile("[{}]")
_SPECIAL = re.compile(r"[\\{}~^&%$#_<>|]")
_LATEX = {one: f"\\{one}" for one in "&%$#_{}"} | {
    "\\": r"{\textbackslash}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    "<": r"{\textless}",
    ">": r"{\textgreater}",
    "|": r"{\textbar}",
}
_LONE_BRACES = _LATEX | {"{": r"{\textbraceleft}", "}": r"{\textbraceright}"}
# Two characters that TeX makes one of, as of two hyphens a dash.
_LIGATURE = re.compile(r"[-'`!?,](?:(?<=-)(?=-)|(?<=')(?=')|(?<=[`!?])(?=`)|(?<=,)(?=,))")


def markdown(text: str) -> str:
    """One line of text that stays text in any markdown."""
    if found := _FIRST.match(text):
        return f"{found[0]}\\{text[found.end()]}" + _MARKDOWN.sub(
            r"\\\g<0>", text[found.end() + 1 :]
        )
    return _MARKDOWN.sub(r"\\\g<0>", text)


def target(url: str) -> str:
    """A web address as what a link of markdown leads to: as it stands, where every program that
    reads some markdown understands that, else in angle brackets that it cannot end early.
    """
    if _PLAIN_TARGET.fullmatch(url):
        return url
    safe = url.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C").replace(" ", "%20")
    return f"<{safe}>"


def html(text: str) -> str:
    """Text that stays text in HTML and in the values of its attributes."""
    from html import escape

    return escape(text)


def yaml(value: object) -> str:
    """A text, a number, None, or a list of texts as YAML on one line: JSON is YAML, but for what
    YAML calls not printable.
    """
    from json import dumps

    return _UNPRINTABLE.sub(
        lambda found: f"\\u{ord(found[0]):04x}", dumps(value, ensure_ascii=False)
    )


def cell(text: str) -> str:
    """Text that stays text in a cell of a spreadsheet."""
    safe = _LIVE_BEHIND.sub(r"\g<0>'", text)
    return f"'{safe}" if _LIVE_FIRST.match(text) else safe


def latex(text: str) -> str:
    """Text that stays text in LaTeX; what Unicode has stays as it is. BibTeX counts braces even
    behind a backslash, so that those without a partner are written as words.
    """
    table = _LATEX if _is_balanced(text) else _LONE_BRACES
    return _LIGATURE.sub(r"\g<0>{}", _SPECIAL.sub(lambda found: table[found[0]], text))


def _is_balanced(text: str) -> bool:
    if "{" not in text and "}" not in text:  # as nearly always, and told quickly
        return True
    depth = 0
    for brace in _BRACE.findall(text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0
