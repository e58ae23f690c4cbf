"""The search index of a site: a script per month with its papers and the words of their abstracts.

A script calls `papertrack.month` with a mapping; see `exports/templates/search.js`, which folds and
divides text in the same way. For 5,000 papers it has 2.9 MB, 1.1 MB compressed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from json import dumps
from unicodedata import normalize

from papertrack import facts
from papertrack.models import Entry
from papertrack.text import readable, shorten

_MAX_AUTHORS = 30
_MAX_TITLE = 500
_WORD = re.compile(r"[^\W_]+")
_ACCENT = re.compile("[\u0300-\u036f]")


def month_script(name: str, entries: Sequence[Entry], places: Mapping[str, str]) -> str:
    """The script of a month; `places` are the addresses of the papers on their day pages."""
    topics = list(dict.fromkeys(match.topic for entry in entries for match in entry.matches))
    numbers = {topic: number for number, topic in enumerate(topics)}
    month = {
        "name": name,
        "topics": topics,
        "papers": [_row(entry, places, numbers) for entry in entries],
        "words": _words_of_abstracts(entries),
    }
    # Separators without spaces save a tenth.
    return f"papertrack.month({dumps(month, ensure_ascii=False, separators=(',', ':'))});\n"


def _row(
    entry: Entry, places: Mapping[str, str], numbers: Mapping[str, int]
) -> Sequence[str | int | None]:
    paper, latest = entry.paper, entry.latest
    topics = sorted({numbers[match.topic] for match in entry.matches})
    return [
        shorten(readable(paper.title), _MAX_TITLE),
        facts.page_url(entry),
        ", ".join(map(readable, paper.authors[:_MAX_AUTHORS])),
        str(entry.last_listed),
        places[paper.id],
        latest and latest.upvotes,
        *topics,
    ]


def _words_of_abstracts(entries: Iterable[Entry]) -> dict[str, str]:
    """The numbers of the papers whose abstracts have a word, each as the step from the last."""
    numbers: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        for word in set(words(readable(entry.paper.abstract or ""))):
            numbers.setdefault(word, []).append(number)
    return {word: _steps(numbers[word]) for word in sorted(numbers)}


def _steps(numbers: Sequence[int]) -> str:
    steps = (number - before for before, number in zip((0, *numbers), numbers, strict=False))
    return " ".join(map(str, steps))


def words(text: str) -> list[str]:
    """The words of a text: runs of letters and digits, in lower case and without accents."""
    return _WORD.findall(_ACCENT.sub("", normalize("NFKD", text)).lower())
