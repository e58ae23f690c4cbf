"""What the index keeps of a paper."""

import zlib
from typing import NamedTuple

from papertrack.models import Entry
from papertrack.text import fold


class Indexed(NamedTuple):
    """A paper as the index has it: folded texts, authors, categories and sources a line each, and
    the last day on which it came, not that of a revision, as an ordinal.
    """

    title: str
    body: str
    authors: str
    categories: str
    sources: str
    day: int

    @property
    def signature(self) -> int:
        """A number that changes when a text does, or the sources do."""
        return zlib.crc32("\n".join(self[:5]).encode(errors="surrogatepass"))

    @property
    def length(self) -> int:
        """How many words it has, at least 2."""
        return self.title.count(" ") + self.body.count(" ") + 2


def indexed(entry: Entry) -> Indexed:
    """What the index keeps of an entry; keywords count as its title."""
    paper = entry.paper
    days = [one.day for one in entry.listings if one.kind != "revised"]
    return Indexed(
        fold(" ".join((paper.title, *paper.keywords))),
        fold(paper.abstract or ""),
        fold("\n".join(paper.authors)),
        fold("\n".join(paper.categories)),
        fold("\n".join(entry.sources)),
        max(days, default=entry.first_seen.date()).toordinal(),
    )
