"""What bibliographies say of a paper."""

import re
from collections.abc import Mapping
from typing import Any

from papertrack.escaping import latex
from papertrack.exports.file_names import ascii_name, paper_name
from papertrack.identifiers import abstract_url, is_arxiv

_WORD = re.compile(r"\S+")
_LEADING = frozenset(("a", "an", "the", "on", "of", "in", "for", "to", "and", "is", "are"))
_ARXIV_YEAR = re.compile(r"(?:[a-z-]+/)?(\d\d)\d\d", re.ASCII)
_ARXIV_BEGAN = 91


def key(paper: Mapping[str, Any]) -> str:
    """The key by which a paper is cited: "vaswani2017attention-1706.03762". It is made of nothing
    but the paper, so that no other changes it, and the id tells it from all others.
    """
    surname = _first_word(paper["authors"][0].split()[-1:] if paper["authors"] else [])
    word = _first_word(one for one in paper["title"].split() if one.lower() not in _LEADING)
    return f"{surname}{year(paper)}{word}-{paper_name(paper['id'])}".lstrip("-")


def year(paper: Mapping[str, Any]) -> str:
    """The year of the first version: an arXiv id has it; else of the earliest date known."""
    found = _ARXIV_YEAR.match(paper["id"]) if is_arxiv(paper["id"]) else None
    if found:
        return f"{19 if int(found[1]) >= _ARXIV_BEGAN else 20}{found[1]}"
    return first_day(paper)[:4]


def first_day(paper: Mapping[str, Any]) -> str:
    """The earliest day on which it is known to have been there: 2026-03-31."""
    days = [paper["submitted"], paper["announced"], *paper["listed"].values(), paper["first_seen"]]
    return str(min(one for one in days if one))[:10]


def came(paper: Mapping[str, Any]) -> str:
    """The moment at which it came: the beginning of its first listing day in UTC, else when it was
    first seen.
    """
    listed = min(paper["listed"].values(), default=None)
    return f"{listed}T00:00:00Z" if listed else str(paper["first_seen"])


def moment(paper: Mapping[str, Any]) -> str:
    """When it last became another: with its present version, else when it came; in UTC."""
    return max(came(paper), str(paper["updated"] or ""))


def source_url(paper: Mapping[str, Any]) -> str | None:
    """Where the paper itself is, for as long as there are papers: at arXiv or behind its DOI."""
    return abstract_url(str(paper["id"]))


def doi(paper: Mapping[str, Any]) -> str | None:
    """The DOI that is the paper's id, or None."""
    known = str(paper["id"])
    return known.removeprefix("doi:") if known.startswith("doi:") else None


def bibtex_title(title: str) -> str:
    """A title in LaTeX in which no style changes the capitals of names: {BERT}, {GPT-4}."""
    return _WORD.sub(lambda found: _kept(found[0]), latex(title))


def bibtex_people(names: list[str]) -> str:
    """Names divided as BibTeX divides them; one with a comma or a word of its own stays whole."""
    return " and ".join(_whole(name) for name in names)


def _kept(word: str) -> str:
    if word[1:] == word[1:].lower():
        return word
    # BibTeX takes a brace before a backslash for an accented letter, whose capital it may change.
    return f"{{{{{word}}}}}" if word.startswith("\\") else f"{{{word}}}"


def _whole(name: str) -> str:
    apart = "," in name or {"and", "others"} & set(name.lower().split())
    return f"{{{latex(name)}}}" if apart else latex(name)


def _first_word(words: Any) -> str:
    """The letters and digits of the first word that has some, in lower case."""
    return next(
        (one for word in words if (one := re.sub("[^a-z0-9]", "", ascii_name(word).lower()))), ""
    )
