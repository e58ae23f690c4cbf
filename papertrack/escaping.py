"""Escape text from sources for each output format, so that none of it acts as markup."""

import re

# Characters that are markup in CommonMark, GitHub, Obsidian or Logseq, some only before certain
# others, as at the start of an emoji code or a URL. A backslash makes them literal, and one stands
# between the two characters that start a template: {{, {% or <%. The character set comes first
# because it is the quickest test.
_MARKDOWN = re.compile(
    r"[\\`*_{}\[\]<>|~$&@^#:=%(.](?:(?<![:=%(.])|(?<=:)(?=[\w+:-]+:|//|:)|(?<==)(?==)|(?<=%)(?=%)"
    r"|(?<=[{<]%)|(?<=\()(?=\()|(?<=www\.))",
    re.IGNORECASE,
)
# Markup only at the beginning of a line: a bullet, an underline, a number.
_LINE_START = re.compile(r"(\d{1,9}(?=[.)]))|(?=[+=-])", re.ASCII)
_ADDRESS = re.compile(
    r"((?<![\w/.@-])(?:https?://[\w.-]+|www\.[\w-]+\.[\w.-]+)(?:[/?#][^\s<>]*)?"
    r"(?<![.,;:!?)\]'\"*_~-])|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?<![-_]))",
    re.IGNORECASE | re.ASCII,
)
_PLAIN_TARGET = re.compile(r"[\w./:%?=&#,;+~@-]+", re.ASCII)
# The beginning of a spreadsheet formula: at the start of a cell, or after a character that may end
# a cell, such as the semicolon of many locales. The last four characters are full width.
_FORMULA = r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_FORMULA_AT_START = re.compile(_FORMULA)
_FORMULA_AFTER_END = re.compile(rf"[;\t\r\n](?={_FORMULA})")
# Characters of the basic plane that YAML 1.2 does not allow unescaped, and its line ends.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_BRACE = re.compile("[{}]")
_SPECIAL = re.compile(r"[\\{}~^&%$#_<>|]")
_LATEX = {char: f"\\{char}" for char in "&%$#_{}"} | {
    "\\": r"{\textbackslash}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    "<": r"{\textless}",
    ">": r"{\textgreater}",
    "|": r"{\textbar}",
}
_LATEX_UNBALANCED = _LATEX | {"{": r"{\textbraceleft}", "}": r"{\textbraceright}"}
# Pairs of characters that TeX joins, such as two hyphens to a dash.
_LIGATURE = re.compile(r"[-'`!?,](?:(?<=-)(?=-)|(?<=')(?=')|(?<=[`!?])(?=`)|(?<=,)(?=,))")


def markdown(text: str) -> str:
    """Escape one line of text for all common dialects of markdown."""
    if start := _LINE_START.match(text):
        return f"{start[0]}\\{text[start.end()]}" + _MARKDOWN.sub(
            r"\\\g<0>", text[start.end() + 1 :]
        )
    return _MARKDOWN.sub(r"\\\g<0>", text)


def linked_markdown(text: str) -> str:
    """Escape one line of text as `markdown` does, with its addresses as links.

    Formatters take the backslash of an escaped address away, which then is one.
    """
    *parts, rest = _ADDRESS.split(text)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return "".join(markdown(before) + _link(url) for before, url in pairs) + markdown(rest)


def _link(url: str) -> str:
    safe = url.replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")
    if "://" in safe or ("@" in safe and "/" not in safe):
        return f"<{safe}>"
    return f"[{markdown(url)}](http://{safe})"


def target(url: str) -> str:
    """Escape a web address as the target of a markdown link.

    An address with unusual characters is put in angle brackets.
    """
    if _PLAIN_TARGET.fullmatch(url):
        return url
    safe = url.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C").replace(" ", "%20")
    safe = safe.replace("{", "%7B").replace("}", "%7D")  # which could start a template
    return f"<{safe}>"


def html(text: str) -> str:
    """Escape text for HTML and for attribute values."""
    from html import escape

    return escape(text)


def yaml(value: object) -> str:
    """Write a text, a number, None, or a list of texts as YAML on one line.

    The result is JSON, in which the characters that YAML does not allow are escaped.
    """
    from json import dumps

    return _UNPRINTABLE.sub(
        lambda match: f"\\u{ord(match[0]):04x}", dumps(value, ensure_ascii=False)
    )


def command_line(command: str, *arguments: str) -> str:
    """Return a command line of papertrack to paste into a shell, with these arguments.

    None of them is taken for an option, and the shell expands nothing in them.
    """
    from shlex import join

    end = ["--"] if any(argument.startswith("-") for argument in arguments) else []
    return join(["papertrack", *command.split(), *end, *arguments])


def cell(text: str) -> str:
    """Escape text for a cell of a spreadsheet, so that it is not a formula."""
    safe = _FORMULA_AFTER_END.sub(r"\g<0>'", text)
    return f"'{safe}" if _FORMULA_AT_START.match(text) else safe


def latex(text: str) -> str:
    """Escape text for LaTeX; characters other than ASCII stay as they are.

    Unbalanced braces are written as commands, as BibTeX counts braces even after a backslash.
    """
    table = _LATEX if _is_balanced(text) else _LATEX_UNBALANCED
    return _LIGATURE.sub(r"\g<0>{}", _SPECIAL.sub(lambda match: table[match[0]], text))


def _is_balanced(text: str) -> bool:
    if "{" not in text and "}" not in text:  # the usual case, tested quickly
        return True
    depth = 0
    for brace in _BRACE.findall(text):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0
