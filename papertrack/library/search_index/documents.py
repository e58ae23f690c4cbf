"""The text and the facts of a paper that the search index stores."""

import zlib
from typing import NamedTuple

from papertrack.models import Entry
from papertrack.text import fold, readable
from papertrack.word_breaks import spaced


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
    def length(self) -> int:
        """The number of words, at least 2."""
        return self.title.count(" ") + self.body.count(" ") + 2


def indexed_document(entry: Entry) -> IndexedDocument:
    """Return what the index stores of an entry; keywords count as part of the title."""
    paper = entry.paper
    return IndexedDocument(
        spaced(fold(" ".join((readable(paper.title), *paper.keywords)))),
        spaced(fold(readable(paper.abstract or ""))),
        fold("\n".join(map(readable, paper.authors))),
        fold("\n".join(paper.categories)),
        fold("\n".join(entry.sources)),
        entry.last_listed.toordinal(),
    )
