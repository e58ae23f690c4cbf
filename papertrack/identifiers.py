"""Paper identifiers: arXiv ids in every form that people and services write, and their URLs."""

import re
from functools import lru_cache
from typing import NamedTuple

# The formats of https://info.arxiv.org/help/arxiv_identifier.html: 0704.0001 to 1412.9999 have four
# digits, from 1501 five; before that archive/YYMMNNN, with an optional subject class.
_NEW = r"(?P<new>\d{4}\.\d{4,5})"
_OLD = r"(?P<archive>[a-z-]+)(?:\.[a-z]{2})?/(?P<number>\d{7})"
_PREFIX = (
    r"(?:https?://)?(?:(?:www\.|export\.|browse\.)?arxiv\.org/(?:abs|pdf|html|format|ps)/"
    r"|(?:www\.)?(?:huggingface\.co|hf\.co)/papers/"
    r"|(?:doi\.org/|dx\.doi\.org/)?10\.48550/arxiv\.|oai:arxiv\.org:|arxiv:)?"
)
_SUFFIX = r"(?:v(?P<version>\d{1,3}))?(?:\.pdf|\.md)?/?(?:[?#].*)?"
_CACHED_TEXTS = 64
ARXIV_PDF = "https://arxiv.org/pdf"
_ARXIV = re.compile(f"{_PREFIX}(?:{_NEW}|{_OLD}){_SUFFIX}", re.IGNORECASE | re.ASCII)


class Identifier(NamedTuple):
    """An arXiv id without its version, and the version if the text had one."""

    id: str
    version: int | None = None


# The same id is parsed several times while a paper is processed.
@lru_cache(_CACHED_TEXTS)
def parse_arxiv(text: str) -> Identifier | None:
    """Parse an arXiv id: bare, with a version, prefixed, in a URL or DOI; None for other text."""
    match = _ARXIV.fullmatch(text.strip())
    if match is None:
        return None
    bare = match["new"] or f"{match['archive'].lower()}/{match['number']}"
    month = bare[2:4] if match["new"] else match["number"][2:4]
    if not "01" <= month <= "12":
        return None
    return Identifier(bare, int(match["version"]) if match["version"] else None)


def is_arxiv(paper_id: str) -> bool:
    """Return whether a stored id is an arXiv id, as opposed to one of another namespace."""
    return parse_arxiv(paper_id) is not None


def abstract_url(paper_id: str) -> str | None:
    """Return the URL of the paper's page at arXiv or doi.org, None for any other namespace."""
    if paper_id.startswith("doi:"):
        from urllib.parse import quote  # not at the top: few papers need it, and it costs 2 ms

        return f"https://doi.org/{quote(paper_id[4:])}"
    return f"https://arxiv.org/abs/{paper_id}" if is_arxiv(paper_id) else None


def pdf_url(paper_id: str, base: str = ARXIV_PDF) -> str | None:
    """Return the URL of the paper's PDF at arXiv, None for an id of another namespace."""
    return f"{base}/{paper_id}" if is_arxiv(paper_id) else None


def namespace(paper_id: str) -> str:
    """Return the group that an id is stored with.

    That is "2603" for 2603.10165, "hep-th" for hep-th/9901001, and "cran" for cran:12.
    """
    match = _ARXIV.fullmatch(paper_id)
    if match is None:
        return paper_id.partition(":")[0] if ":" in paper_id else "other"
    return paper_id[:4] if match["new"] else match["archive"].lower()
