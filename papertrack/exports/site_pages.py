"""The pages of a site: the same papers in the same style as the page of `export`, in several files.

Style and scripts are files of their own, so that the content security policy allows nothing else.
A page is made of blocks, which `paginate` divides so that no page exceeds a size.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from papertrack import facts
from papertrack.exports.context_objects import context_object
from papertrack.exports.file_names import paper_name
from papertrack.exports.page import inline_asset, page_entry
from papertrack.exports.templating import built_in
from papertrack.models import Entry
from papertrack.text import TexReader, shorten

# Bytes of the blocks of a page. With all else, a page stays below 300 kB.
_MAX_SIZE = 270_000
_MAX_PAPERS = 100
_MAX_LINES = 1000
_MAX_PAPER_SIZE = 40_000  # No honest paper has a tenth of it.
_MAX_ABSTRACT, _MAX_TITLE = 4000, 500  # characters; arXiv allows 1,920 in an abstract
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'self'"
)
ASSETS: Mapping[str, Sequence[str]] = {
    "site.css": ("page.css", "site.css"),
    "theme.js": ("theme.js",),
    "papers.js": ("page.js",),
    "search.js": ("search.js",),
    "icon.svg": ("icon.svg",),
}


class Place(NamedTuple):
    """Where a paper stands on a site: its day page, and the page of each topic by name.

    The addresses are relative to the page that shows the paper.
    """

    day_page: str
    topic_pages: Mapping[str, str]


class Link(NamedTuple):
    """A link to another page, whose `url` is relative to the folder of the site."""

    url: str
    words: str


class PageBlock(NamedTuple):
    """A heading with HTML below it: papers in full, or a list of `lines`.

    `url` is the page that the heading links to. `note` is a line below the heading.
    """

    title: str
    pieces: Sequence[str]
    lines: bool = False
    url: str = ""
    note: str = ""


class SitePage(NamedTuple):
    """What a page says besides its blocks.

    `path` is that of the page within the site, `title` its heading and `about` a line below it.
    `data` are the files with the same papers, `neighbours` the pages before and after it, `as_of`
    the time of its newest counts. Only pages with `papers` can be filtered.
    """

    path: str
    title: str
    about: str = ""
    papers: bool = True
    data: Sequence[Link] = ()
    feed: str = ""
    previous: Link | None = None
    following: Link | None = None
    as_of: str = ""


class SiteFrame(NamedTuple):
    """What all pages of a site share: its title, its address if known, and its main pages."""

    title: str
    url: str | None
    navigation: Sequence[Link]


def asset(name: str) -> str:
    """The text of a style, script or icon of the site."""
    return "".join(map(inline_asset, ASSETS[name]))


def paper_anchor(paper_id: str) -> str:
    """The anchor of a paper on a page that shows it in full."""
    return f"p{paper_name(paper_id)}"


def as_article(entry: Entry, place: Place) -> str:
    """A paper in full, as HTML."""
    paper, site = _context(entry, place)
    html = str(_macros().article(paper, site))
    return html if len(html.encode()) <= _MAX_PAPER_SIZE else as_line(entry, place)


def as_line(entry: Entry, place: Place) -> str:
    """A paper as a line of a list, as HTML."""
    paper, site = _context(entry, place)
    return str(_macros().line(paper, site))


def as_link(link: Link, more: str) -> str:
    """A link with further words as a line of a list, as HTML; its address is used as it is."""
    return str(_macros().page_line(link, more))


def _macros() -> Any:
    return built_in("page_parts.html.j2").module


def _context(entry: Entry, place: Place) -> tuple[dict[str, Any], dict[str, Any]]:
    entry = facts.readable_entry(entry, TexReader.of_a_text())
    entry = entry._replace(paper=entry.paper._replace(title=shorten(entry.paper.title, _MAX_TITLE)))
    paper = page_entry(entry, frozenset(), _MAX_ABSTRACT)._asdict()
    site = place._asdict() | {
        "anchor": paper_anchor(entry.paper.id),
        "context_object": context_object(entry),
    }
    return paper | {"day": entry.last_listed}, site


def paginate(blocks: Iterable[PageBlock]) -> list[list[PageBlock]]:
    """Divide blocks among pages, at least one; a block continues on the next page."""
    pages: list[list[PageBlock]] = [[]]
    left, room = _MAX_SIZE, float(_MAX_PAPERS)
    for block in blocks:
        weight = _MAX_PAPERS / _MAX_LINES if block.lines else 1.0
        pieces: list[str] = []
        pages[-1].append(block._replace(pieces=pieces))
        for piece in block.pieces:
            size = len(piece.encode())
            if room < _MAX_PAPERS and (size > left or weight > room):
                if not pieces:
                    pages[-1].pop()
                pieces = []
                pages.append([block._replace(pieces=pieces)])
                left, room = _MAX_SIZE, float(_MAX_PAPERS)
            pieces.append(piece)
            left, room = left - size, room - weight
    return pages


def render_site_page(
    frame: SiteFrame, page: SitePage, blocks: Sequence[PageBlock], topics: Sequence[str] = ()
) -> Iterator[str]:
    """The HTML of a page, in pieces."""
    return built_in("site.html.j2").generate(
        _page_context(frame, page) | {"blocks": blocks, "topics": topics}
    )


def render_search_page(
    frame: SiteFrame, page: SitePage, topics: Sequence[str], months: Sequence[str]
) -> Iterator[str]:
    """The HTML of the search page; `months` name the files of the index, newest first."""
    return built_in("site_search.html.j2").generate(
        _page_context(frame, page) | {"topics": topics, "months": months}
    )


def _page_context(frame: SiteFrame, page: SitePage) -> dict[str, Any]:
    return {
        "frame": frame,
        "page": page,
        "root": "../" * page.path.count("/"),
        "policy": POLICY,
    }
