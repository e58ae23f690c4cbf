"""The formats that are nothing but a template each."""

from collections.abc import Iterator

from papertrack.exports.templating import built_in, render
from papertrack.models import Report


def as_text(report: Report) -> Iterator[str]:
    """Plain text in 72 columns, without markup."""
    return render(built_in("text.txt.j2"), report)


def as_atom(report: Report, title: str = "papertrack") -> Iterator[str]:
    """An Atom feed (RFC 4287). Its id follows from its title, those of its entries from the papers'
    ids; it was updated when the last of its papers was, so that the same papers are the same feed.
    """
    return render(built_in("feed.atom.j2"), report, title=title)


def as_bibtex(report: Report) -> Iterator[str]:
    """An entry a paper for BibTeX and BibLaTeX, with arXiv's fields."""
    return render(built_in("references.bib.j2"), report)


def as_ris(report: Report) -> Iterator[str]:
    """A record a paper for programs that keep references."""
    return render(built_in("references.ris.j2"), report)
