"""The texts and facts of a paper that the search index stores."""

import zlib
from collections.abc import Sequence
from typing import NamedTuple

from papertrack import facts
from papertrack.calendar import format_moment
from papertrack.models import Entry, Paper
from papertrack.text import fold, may_have_tex, readable, spelled_out
from papertrack.word_breaks import spaced, without_dots


class IndexedDocument(NamedTuple):
    """A paper as the index stores it.

    All texts are folded; `authors`, `categories`, `sources` and `has`, which names the fields that
    the paper has, are lists with one name a line. `day` is the ordinal of the last listing day,
    revisions not counted. `upvotes` were observed at the moment `counted`, outside of a listing.
    """

    title: str
    body: str
    authors: str
    categories: str
    sources: str
    venue: str
    organization: str
    has: str
    day: int
    upvotes: int | None
    counted: str

    @property
    def fingerprint(self) -> int:
        """A checksum of all texts."""
        return zlib.crc32("\n".join(self[:8]).encode(errors="surrogatepass"))

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
    counted = next(
        (item for item in reversed(entry.observations) if item.upvotes is not None), None
    )
    return IndexedDocument(
        spaced(fold(without_dots(" ".join((readable(paper.title), *paper.keywords))))),
        spaced(fold(without_dots(readable(paper.abstract or "")))),
        fold(_names(paper.authors)),
        fold("\n".join(paper.categories)),
        fold("\n".join(entry.sources)),
        fold(paper.venue or ""),
        fold(paper.organization or ""),
        "\n".join(_fields_of(paper)),
        entry.last_listed.toordinal(),
        counted and counted.upvotes,
        format_moment(counted.at) if counted else "",
    )


def _names(names: Sequence[str]) -> str:
    """Readable names, one a line, and the same with ae, oe and ue if any has an umlaut."""
    lines = "\n".join(names)
    if may_have_tex(lines):
        lines = "\n".join(map(readable, names))
    return "\n".join(dict.fromkeys((lines, spelled_out(lines))))


def _fields_of(paper: Paper) -> list[str]:
    fields = {
        "abstract": paper.abstract,
        "code": facts.code(paper).url,
        "comment": paper.comment,
        "doi": facts.doi(paper),
        "journal_ref": paper.journal_ref,
        "organization": paper.organization,
        "project": paper.project_url,
        "tldr": paper.tldr,
        "venue": paper.venue,
    }
    return [name for name, value in fields.items() if value]
