"""Formats that consist of one template each."""

from collections.abc import Iterator

from papertrack.exports.templating import built_in, render
from papertrack.facts import readable_report
from papertrack.models import Report


def as_text(report: Report) -> Iterator[str]:
    """Plain text in 72 columns, without markup."""
    return render(built_in("text.txt.j2"), readable_report(report))


def as_atom(report: Report, title: str = "papertrack") -> Iterator[str]:
    """An Atom feed (RFC 4287).

    Ids derive from the title and the paper ids, and the feed's `updated` is that of its newest
    entry, so the same papers always give the same feed.
    """
    return render(built_in("feed.atom.j2"), readable_report(report), title=title)


def as_bibtex(report: Report) -> Iterator[str]:
    """An entry per paper for BibTeX and BibLaTeX, with the fields for arXiv."""
    return render(built_in("references.bib.j2"), report)


def as_ris(report: Report) -> Iterator[str]:
    """A RIS record per paper, for reference managers."""
    return render(built_in("references.ris.j2"), report)
