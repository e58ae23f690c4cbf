"""Names for files and citations, made of ids and topics: none leaves its folder, and each is a name
on every system.
"""

import re
from hashlib import blake2b
from unicodedata import normalize

from papertrack.identifiers import parse_arxiv

_LONGEST = 60
_OTHER = re.compile(r"[^A-Za-z0-9.]+", re.ASCII)


def paper_name(paper_id: str) -> str:
    """The name of a paper without an ending: "2603.10165", "hep-th-9901001", and for an id of
    another namespace its letters and digits with a checksum, "doi-10.1-x-0a1b2c3d4e".
    """
    known = parse_arxiv(paper_id)
    if known and known.id == paper_id:
        return paper_id.replace("/", "-")
    return any_name(paper_id)


def any_name(text: str) -> str:
    """Some text as a name: its ASCII letters and digits, and a checksum that tells it from every
    other text, and from the names that Windows keeps for itself.
    """
    known = blake2b(text.encode(errors="surrogatepass"), digest_size=5).hexdigest()
    return f"{ascii_name(text)[:_LONGEST].strip('.-')}-{known}".strip("-")


def ascii_name(text: str) -> str:
    """The ASCII letters, digits and dots of a text, all others a hyphen."""
    return _OTHER.sub("-", normalize("NFKD", text).encode("ascii", "ignore").decode()).strip(".-")
