"""File names and citation names from ids and topics, valid and unique on every operating system."""

import re
from hashlib import blake2b
from unicodedata import normalize

from papertrack.identifiers import parse_arxiv

_MAX_LENGTH = 60
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9.]+", re.ASCII)


def paper_name(paper_id: str) -> str:
    """The file name of a paper, without extension: "2603.10165", "hep-th-9901001".

    Ids of other namespaces end in a checksum: "doi-10.1-x-0a1b2c3d4e".
    """
    arxiv_id = parse_arxiv(paper_id)
    if arxiv_id and arxiv_id.id == paper_id:
        return paper_id.replace("/", "-")
    return any_name(paper_id)


def any_name(text: str) -> str:
    """A file name for any text: its ASCII letters and digits, and a checksum.

    The checksum makes it unique, and different from names that Windows reserves, such as "con".
    """
    checksum = blake2b(text.encode(errors="surrogatepass"), digest_size=5).hexdigest()
    return f"{ascii_name(text)[:_MAX_LENGTH].strip('.-')}-{checksum}".strip("-")


def ascii_name(text: str) -> str:
    """The ASCII letters, digits and dots of a text; a hyphen replaces each run of others."""
    ascii_text = normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _NOT_PLAIN.sub("-", ascii_text).strip(".-")
