"""COinS: a paper as a ContextObject in the title of a span, by which Zotero recognises papers.

The keys are those that Zotero writes for types without a format of their own (Dublin Core), so that
it reads them back completely. Its type is "preprint".
"""

from collections.abc import Iterator

from papertrack import facts
from papertrack.identifiers import abstract_url
from papertrack.models import Entry

_MAX_SIZE = 1500  # encoded bytes of the authors: a paper may have thousands
_MAX_TEXT = 400  # characters of any other field


def context_object(entry: Entry) -> str:
    """The ContextObject of a paper, percent-encoded: "ctx_ver=Z39.88-2004&rft.title=..."."""
    return "&".join(_pairs(entry))


def _pairs(entry: Entry) -> Iterator[str]:
    from urllib.parse import quote

    paper, doi = entry.paper, facts.doi(entry.paper)
    yield "ctx_ver=Z39.88-2004"
    yield f"rft_val_fmt={quote('info:ofi/fmt:kev:mtx:dc', safe='')}"
    fields = {
        "rft_id": doi and f"info:doi/{doi}",
        "rft.type": "preprint",
        "rft.title": paper.title,
        "rft.source": paper.venue,
        "rft.date": str(paper.submitted.date() if paper.submitted else entry.first_listed),
        "rft.identifier": abstract_url(paper.id),
    }
    yield from (
        f"{key}={quote(value[:_MAX_TEXT], safe='')}" for key, value in fields.items() if value
    )
    left = _MAX_SIZE
    for name in paper.authors:
        author = f"rft.au={quote(name[:_MAX_TEXT], safe='')}"
        left -= len(author)
        if left < 0:
            return
        yield author
