"""Build papertrack/matching/vocabulary.txt from arXiv metadata. Not part of the package.

    python tests/build_vocabulary.py DICTIONARY FILE... > papertrack/matching/vocabulary.txt

Each FILE has records of arXiv metadata (CC0), one JSON object a line, plain or compressed with xz.
A word counts once a record, in title or abstract. The list contains words of 5 to 25 letters that
occur in at least two records between spaces, hyphens or punctuation; the rest of `{T}ransformer`
therefore does not count. It leaves out probable misspellings (`langauge`): words of eight letters
or more, in at most six records, one edit in the middle away from a word at least 200 times as
frequent, and without a relative in the list (plural, -ed, -ing, ...).

Words of one record are listed only if they could be mistaken for a word with two typos: they are
two edits away from a frequent word of ten letters (recession, regression), and no frequent word is
closer.

DICTIONARY is a list of English words, as JSON with how often each was seen, plain or compressed by
gzip: that of pyspellchecker (MIT license). Its words that papers lack are listed if they could be
mistaken for a frequent word with a typo (contusion, confusion), unless hardly anyone writes them.

The result has a line for each three letters that words begin with: these, and the rests of the
words, with spaces between.

The shipped list was made from 82,400 records of March 2025 to March 2026. Among the words one edit
away from a word 50 times as frequent, the share unknown to general English word lists was about
70 % for words of one record, 40 % for two records, and 20 % for three or four: hence the minimum of
two.
"""

import gzip
import json
import lzma
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import chain, groupby
from pathlib import Path

from papertrack.matching.typos import max_edits

_FREE_WORD = re.compile(r"""(?:(?<=[\s("'-])|^)[a-z]{5,25}(?=[\s.,;:!?)"'-]|$)""")
_KNOWN_LENGTH = re.compile("[a-z]{5,25}")
_ADDRESS = re.compile(r"\S*/\S*")  # Its parts are names of people and files.
_ENDINGS = ("", "s", "es", "ed", "d", "ing", "ly", "er", "r", "e", "ion", "al")
_MIN_RECORDS, _RARE, _RATIO, _LONG = 2, 6, 200, 8
_FREQUENT, _TWO_EDITS = 50, 10
_SEEN = 200  # times in the texts of the dictionary, which says 50 of words that it has not seen
_START = 3  # letters that words of a line begin with


def records(paths: Iterable[Path]) -> Iterator[str]:
    """Yield title and abstract of each record, in lower case, without addresses."""
    for path in paths:
        with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                paper = json.loads(line)
                yield _ADDRESS.sub(" ", f"{paper['title']} {paper['abstract']}".lower())


def _with_deletions(words: Iterable[str], margin: int = 0) -> set[str]:
    """The words, and each word without any one letter, except for the first and last `margin`.

    Two words one edit apart have an element in common; so have words two edits apart if the
    function is applied twice.
    """
    words = set(words)
    return words | {
        word[:at] + word[at + 1 :] for word in words for at in range(margin, len(word) - margin)
    }


def _relatives(word: str) -> set[str]:
    roots = {word.removesuffix(ending) for ending in _ENDINGS}
    return {root + ending for root in roots for ending in _ENDINGS} - {word}


def misspellings(counts: Counter[str]) -> set[str]:
    """Return the rare long words that are probably misspellings of a frequent word."""
    frequent: dict[str, int] = {}
    for word in (word for word, count in counts.items() if count >= _RATIO * _MIN_RECORDS):
        for form in _with_deletions([word], 2):
            frequent[form] = max(counts[word], frequent.get(form, 0))
    suspects = {
        word
        for word, count in counts.items()
        if _MIN_RECORDS <= count <= _RARE
        and len(word) >= _LONG
        and max(frequent.get(form, 0) for form in _with_deletions([word], 2)) >= _RATIO * count
    }
    listed = {word for word, count in counts.items() if count >= _MIN_RECORDS} - suspects
    return {word for word in suspects if listed.isdisjoint(_relatives(word))}


def confusable(counts: Counter[str]) -> set[str]:
    """Return the long words of one record that are exactly two edits from a frequent long word."""
    frequent = [word for word, count in counts.items() if count >= _FREQUENT]
    long = [word for word in frequent if len(word) >= _TWO_EDITS]
    one_edit, two_edits = _with_deletions(frequent), _with_deletions(_with_deletions(long))
    return {
        word
        for word, count in counts.items()
        if count < _MIN_RECORDS
        and len(word) >= _LONG
        and one_edit.isdisjoint(_with_deletions([word]))
        and not two_edits.isdisjoint(_with_deletions(_with_deletions([word])))
    }


def dictionary_words(counts: Counter[str], dictionary: Mapping[str, int]) -> set[str]:
    """Return the usual words of a dictionary that could be typos of a frequent word."""
    frequent = [word for word, count in counts.items() if count >= _FREQUENT]
    plurals = [f"{word}s" for word in frequent if max_edits(word, is_plural=True)]
    one_edit = _with_deletions(filter(max_edits, chain(frequent, plurals)))
    two_edits = _with_deletions(_with_deletions(word for word in frequent if max_edits(word) > 1))

    def may_be_mistaken(word: str) -> bool:
        if not one_edit.isdisjoint(near := _with_deletions([word])):
            return True
        return len(word) >= _TWO_EDITS - 1 and not two_edits.isdisjoint(_with_deletions(near))

    usual = (word for word, seen in dictionary.items() if seen > _SEEN or counts[word])
    return set(filter(may_be_mistaken, filter(_KNOWN_LENGTH.fullmatch, usual)))


def compress(words: Iterable[str]) -> str:
    """The text of a list of words."""
    groups = groupby(sorted(words), key=lambda word: word[:_START])
    return "".join(
        f"{' '.join([start, *(word[_START:] for word in group)])}\n" for start, group in groups
    )


def known_words() -> list[str]:
    """The words of the shipped list, sorted."""
    text = files("papertrack.matching").joinpath("vocabulary.txt").read_text("ascii")
    lines = map(str.split, text.splitlines())
    return [start + rest for start, *rests in lines for rest in rests]


def main(dictionary: Path, paths: Iterable[Path]) -> None:
    """Write the list to standard output."""
    with (gzip.open if dictionary.suffix == ".gz" else open)(dictionary, "rt") as file:
        general = json.load(file)
    counts = Counter(word for text in records(paths) for word in set(_FREE_WORD.findall(text)))
    frequent = {word for word, count in counts.items() if count >= _MIN_RECORDS}
    listed = (frequent - misspellings(counts)) | confusable(counts)
    listed |= dictionary_words(counts, general)
    sys.stdout.write(compress(listed))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]), map(Path, sys.argv[2:]))
