"""Fields of bibliographies and feeds, computed from a paper: citation key, year, dates, names.

Papers here are mappings with the keys of `papertrack.fields.paper`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from papertrack.exports.file_names import ascii_name, paper_name
from papertrack.identifiers import abstract_url, is_arxiv
from papertrack.people import parse_name
from papertrack.text import readable

_STOP_WORDS = frozenset(("a", "an", "the", "on", "of", "in", "for", "to", "and", "is", "are"))
_ARXIV_YEAR = re.compile(r"(?:[a-z-]+/)?(\d\d)\d\d", re.ASCII)
_FIRST_ARXIV_YEAR = 91
_MAX_NAMES = 10


def citation_key(paper: Mapping[str, Any]) -> str:
    """The citation key of a paper: "vaswani2017attention-1706.03762".

    It depends on the paper alone, so adding papers never changes a key; the id makes it unique.
    """
    surname = _first_plain_word(paper["authors"][0].split()[-1:] if paper["authors"] else [])
    words = (word for word in paper["title"].split() if word.lower() not in _STOP_WORDS)
    key = f"{surname}{_key_year(paper)}{_first_plain_word(words)}-{paper_name(paper['id'])}"
    return key.lstrip("-")


def _key_year(paper: Mapping[str, Any]) -> str:
    """The year of the paper or of `first_seen`, whichever is earlier, so that keys never change."""
    return _arxiv_year(paper) or min(filter(None, (first_day(paper), paper["first_seen"])))[:4]


def year(paper: Mapping[str, Any]) -> str:
    """The year of the first version: from the arXiv id, else the earliest date; "" if unknown."""
    return _arxiv_year(paper) or first_day(paper)[:4]


def _arxiv_year(paper: Mapping[str, Any]) -> str:
    match = _ARXIV_YEAR.match(paper["id"]) if is_arxiv(paper["id"]) else None
    if match is None:
        return ""
    return f"{19 if int(match[1]) >= _FIRST_ARXIV_YEAR else 20}{match[1]}"


def first_day(paper: Mapping[str, Any]) -> str:
    """The earliest date known of a paper, in UTC: "2026-03-31"; "" if none is known."""
    dates = [paper["submitted"], paper["announced"], *paper["listed"].values()]
    return str(min(filter(None, dates), default=""))[:10]


def published(paper: Mapping[str, Any]) -> str:
    """The start of the first listing day, else the time first seen; in UTC, RFC 3339."""
    listed = min(paper["listed"].values(), default=None)
    return f"{listed}T00:00:00Z" if listed else str(paper["first_seen"])


def last_changed(paper: Mapping[str, Any]) -> str:
    """The time of the current version, or `published` if that is later; in UTC, RFC 3339."""
    return max(published(paper), str(paper["updated"] or ""))


def source_url(paper: Mapping[str, Any]) -> str | None:
    """The permanent address of a paper: at arXiv, or its DOI link."""
    return abstract_url(str(paper["id"]))


def doi(paper: Mapping[str, Any]) -> str | None:
    """The DOI of the published version, or of the paper itself if its id is one."""
    return paper["doi"] and str(paper["doi"])


def text_reference(paper: Mapping[str, Any]) -> str:
    """A reference in one line: "Ada One and Bo Two. A title. arXiv:2603.00001, 2026. https://…".

    Where it was published takes the place of the arXiv id, and its DOI that of the address.
    """
    names = [readable(name) for name in paper["authors"]]
    place = paper["journal_ref"] or paper["venue"] or _arxiv_name(paper)
    when = year(paper)
    parts = (
        _listed(names),
        readable(paper["title"]).rstrip("."),
        place if when and when in place else ", ".join(filter(None, (place, when))),
    )
    address = f"https://doi.org/{paper['doi']}" if paper["doi"] else source_url(paper)
    sentences = [f"{part}." for part in parts if part]
    return " ".join(filter(None, (*sentences, address)))


def _listed(names: Sequence[str]) -> str:
    if len(names) > _MAX_NAMES:
        return ", ".join(names[:_MAX_NAMES]) + ", et al"
    *others, last = names or [""]
    return f"{', '.join(others)} and {last}" if others else last


def _arxiv_name(paper: Mapping[str, Any]) -> str:
    version = f"v{paper['version']}" if paper["version"] else ""
    return f"arXiv:{paper['id']}{version}" if is_arxiv(paper["id"]) else ""


def ris_name(name: str) -> str:
    """A name as RIS has it: "van der Berg, Jan, Jr."; groups and single names as they are."""
    person = parse_name(name)
    family = " ".join(filter(None, (person.particles, person.family)))
    return ", ".join(filter(None, (family, person.given, person.suffix)))


def _first_plain_word(words: Iterable[str]) -> str:
    """The first word that has ASCII letters or digits, reduced to these, in lower case."""
    plain_words = (re.sub("[^a-z0-9]", "", ascii_name(word).lower()) for word in words)
    return next(filter(None, plain_words), "")
