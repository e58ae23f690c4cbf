"""The text and the facts of a paper that the search index stores."""

import zlib
from typing import NamedTuple

from papertrack.models import Entry
from papertrack.text import fold


class IndexedDocument(NamedTuple):
    """A paper as the index stores it.

    All texts are folded; `authors`, `categories` and `sources` have one name a line. `day` is the
    ordinal of the last listing day, revisions not counted.
    """

    title: str
    body: str
    authors: str
    categories: str
    sources: str
    day: int

    @property
    def fingerprint(self) -> int:
        """A checksum of all texts and the sources."""
        return zlib.crc32("\n".join(self[:5]).encode(errors="surrogatepass"))

    @property
    def title_length(self) -> int:
        """The number of words of the title, at least 1."""
        return self.title.count(" ") + 1

    @property
    def body_length(self) -> int:
        """The number of words of the abstract."""
        return self.body.count(" ") + bool(self.body)


def indexed_document(entry: Entry) -> IndexedDocument:
    """Return what the index stores of an entry; keywords count as part of the title."""
    paper = entry.paper
    return IndexedDocument(
        fold(" ".join((paper.title, *paper.keywords))),
        fold(paper.abstract or ""),
        fold("\n".join(paper.authors)),
        fold("\n".join(paper.categories)),
        fold("\n".join(entry.sources)),
        entry.last_listed.toordinal(),
    )
