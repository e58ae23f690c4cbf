"""arXiv identifiers, in every form in which people and services write them."""

import re
from functools import lru_cache
from typing import NamedTuple

# The shapes of https://info.arxiv.org/help/arxiv_identifier.html: 0704.0001 to 1412.9999 have four
# digits, from 1501 five; before that archive/YYMMNNN, with an optional subject class.
_NEW = r"(?P<new>\d{4}\.\d{4,5})"
_OLD = r"(?P<archive>[a-z-]+)(?:\.[a-z]{2})?/(?P<number>\d{7})"
_PREFIX = (
    r"(?:https?://)?(?:(?:www\.|export\.|browse\.)?arxiv\.org/(?:abs|pdf|html|format|ps)/"
    r"|(?:www\.)?(?:huggingface\.co|hf\.co)/papers/"
    r"|(?:doi\.org/|dx\.doi\.org/)?10\.48550/arxiv\.|oai:arxiv\.org:|arxiv:)?"
)
_SUFFIX = r"(?:v(?P<version>\d{1,3}))?(?:\.pdf|\.md)?/?(?:[?#].*)?"
_LATELY = 64
_ARXIV = re.compile(f"{_PREFIX}(?:{_NEW}|{_OLD}){_SUFFIX}", re.IGNORECASE | re.ASCII)


class Identifier(NamedTuple):
    """An arXiv id without its version, and the version where one was written."""

    id: str
    version: int | None = None


# What is told of a paper asks several times what its id is.
@lru_cache(_LATELY)
def parse_arxiv(text: str) -> Identifier | None:
    """The arXiv id that `text` is: bare, with a version, prefixed, a URL or a DOI; else None."""
    found = _ARXIV.fullmatch(text.strip())
    if found is None:
        return None
    bare = found["new"] or f"{found['archive'].lower()}/{found['number']}"
    month = bare[2:4] if found["new"] else found["number"][2:4]
    if not "01" <= month <= "12":
        return None
    return Identifier(bare, int(found["version"]) if found["version"] else None)


def is_arxiv(paper_id: str) -> bool:
    """Whether a stored id is an arXiv id (and not one of another namespace)."""
    return parse_arxiv(paper_id) is not None


def abstract_url(paper_id: str) -> str | None:
    """The paper's page at arXiv or behind its DOI, None for an id of another namespace."""
    if paper_id.startswith("doi:"):
        from urllib.parse import quote  # few papers need it, and it costs 2 ms

        return f"https://doi.org/{quote(paper_id[4:])}"
    return f"https://arxiv.org/abs/{paper_id}" if is_arxiv(paper_id) else None


def pdf_url(paper_id: str) -> str | None:
    """The paper's PDF at arXiv, or None for an id of another namespace."""
    return f"https://arxiv.org/pdf/{paper_id}" if is_arxiv(paper_id) else None


def namespace(paper_id: str) -> str:
    """What an id's stored neighbours share: "2603" for 2603.10165, "hep-th" for hep-th/9901001,
    "cran" for cran:12.
    """
    found = _ARXIV.fullmatch(paper_id)
    if found is None:
        return paper_id.partition(":")[0] if ":" in paper_id else "other"
    return paper_id[:4] if found["new"] else found["archive"].lower()
