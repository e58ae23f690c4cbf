"""Hostile texts: terminal escapes, markup, formulas and invisible characters."""

import re
from unicodedata import category

_JOINED_EMOJI = re.compile(
    "(?<=[\U0001f300-\U0001faff\ufe0f])\u200d(?=[\u2640-\u27bf\U0001f300-\U0001faff])"
)

TRICKS = (
    "\x1b[31mred\x1b[0m \x1b]0;window title\x07 \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31m one-byte CSI \x90 DCS \x9d OSC \x9c",
    "\u202eright to left\u202c \u2066isolate\u2069 \u200fmark",
    "zero\u200bwidth soft\xadhyphen \ufefffeff word\u2060joiner",
    "[/b] [red]red[/red] [bold on blue] [link=http://evil.example]x[/link] \\[/b]",
    "# head **bold** _it_ `code` [x](http://evil.example) ![x](y) <b>b</b> |a|b| ~~s~~ &lt; $x$",
    "<script>alert(1)</script> <img src=x onerror=alert(1)> </title>",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "+1-1",
    "-2+3",
    "tabs\tand\rreturns\nand\x0blines\x85and\u2028separators\u2029",
    "\x00nul \x08\x08\x08back \x7fdelete",
    "long " + "word " * 300,
    "unbroken" * 60,
    "大规模语言模型的检索增强生成综述",
    "한국어 논문 제목 \uff46\uff55\uff4c\uff4c\u3000\uff57ide",
    "\U0001f469\u200d\U0001f467 family \U0001f3f3\ufe0f flag \U0001f44d\U0001f3fd skin",
    "Z͑ͫ̓a̴̵̞l̷̡g͢o e\u0301 é \u0301alone",
    "lone \ud83d surrogate \udc00",
    "quote \" quote ' semicolon ; comma , backslash \\ percent %s {braces} %n",
    "$\\mathcal{O}(n^2)$ :smile: @someone #1 www.evil.example https://evil.example/",
    "\U000e0041\U000e0042 tags \U0001d173 music \ufff9 annotation \uffff end",
    "1. list",
    "---",
    "> quote",
)


def unseemly(text, allowed="\n"):
    """The characters that no output may contain: controls, invisible characters, surrogates.

    A joiner between two emoji is seen, as it makes them one.
    """
    seen = _JOINED_EMOJI.sub("", text)
    return sorted(
        {character for character in seen if category(character) in ("Cc", "Cf", "Cs")} - {*allowed}
    )
