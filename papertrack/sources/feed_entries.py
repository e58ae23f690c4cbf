"""The papers of the entries of a feed.

An entry with an arXiv id or a DOI is that paper. Any other gets an id from its permanent address,
"feed:" and a fingerprint, which is the same in every feed. Feeds of papertrack name the ids of
their papers.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from hashlib import blake2b
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import unquote

from papertrack.calendar import utc_day
from papertrack.identifiers import FEED_ENTRY, Identifier, parse_arxiv, parse_doi, parse_id
from papertrack.models import Paper, PaperListing, Sighting, Skipped
from papertrack.people import author_names, split_names
from papertrack.sources.arxiv.categories import categories_of
from papertrack.sources.links import web_url
from papertrack.sources.pages import Page, page_of
from papertrack.text import clean, shorten
from papertrack.timestamps import read_moment

_MAX_ADDRESS = 2_000  # characters; longer ones only cost time
_MAX_HTML = 100_000  # characters of an entry that are read
_MAX_ABSTRACT = 5_000  # of the text of a whole article only its beginning is stored
_DATES = ("published", "prism_publicationdate", "updated", "created")
_DOI_IN_URL = re.compile(r"(?:^|[/:=])(10\.\d{4,9}/[^\s\"<>?#&]+)", re.ASCII)
# What publishers add to a DOI in the addresses of its pages; bioRxiv adds the version, too.
_PAGES_OF_DOI = (
    *("/full", "/fulltext", "/abstract", "/abs", "/pdf", "/epdf", "/html", "/meta"),
    *(".full", ".abstract", ".pdf"),
)
_VERSION = re.compile(r"(?<=\d)v\d{1,2}$", re.ASCII)
_TAG = re.compile(r"<(!--|[!?]|/?[a-z][a-z0-9]{0,20})", re.IGNORECASE | re.ASCII)
_UNREAD_TAGS = ("script", "style", "template")
_CLOSING = {name: re.compile(f"</{name}", re.IGNORECASE | re.ASCII) for name in _UNREAD_TAGS}
_INLINE_TAGS = ("a", "abbr", "b", "code", "em", "i", "s", "span", "strong", "sub", "sup")
_ARXIV_SCHEME = "http://arxiv.org/schemas/atom"


class FeedEntry(NamedTuple):
    """An entry as feedparser returns it, and whether papertrack wrote the feed."""

    fields: dict[str, Any]
    is_own: bool

    def text(self, key: str) -> str:
        """Return the cleaned text of a field, "" if it has none."""
        # Not through feedparser's own lookup, which takes other fields for some that are missing.
        value = dict.get(self.fields, key)
        return clean(value) if isinstance(value, str) else ""

    def address(self, key: str) -> str:
        """Return the cleaned text of a field with an address or an id, "" if it is too long."""
        text = self.text(key)
        return text if len(text) <= _MAX_ADDRESS else ""

    def records(self, key: str) -> list[dict[str, Any]]:
        """Return the records in a field, such as its links."""
        values = dict.get(self.fields, key)
        return [value for value in values or () if isinstance(value, dict)]

    @property
    def title(self) -> str:
        """The title without markup."""
        detail = dict.get(self.fields, "title_detail")
        title = dict.get(self.fields, "title")
        if not isinstance(title, str):
            return ""
        kind = detail.get("type") if isinstance(detail, dict) else ""
        return clean(
            text_of_html(title) if kind in ("text/html", "application/xhtml+xml") else title
        )

    @property
    def name(self) -> str:
        """The permanent name of the entry, else its address, else ""."""
        return self.address("id") or next(iter(self.links), "")

    @property
    def links(self) -> list[str]:
        """The addresses that the entry stands for, its page first; not those in its text."""
        others = (
            str(dict.get(link, "href") or "")
            for link in self.records("links")
            if dict.get(link, "rel") in (None, "alternate", "related")
        )
        links = dict.fromkeys((self.address("link"), *map(clean, others)))
        return [link for link in links if 0 < len(link) <= _MAX_ADDRESS]


def sightings_of(source: str, entries: Sequence[FeedEntry], now: datetime) -> Page:
    """Return the papers of entries, each listed on its day; entries without a title are skipped."""
    names = Counter(entry.name for entry in entries)
    return page_of(
        _sighting(source, entry, rank, now, is_unique=names[entry.name] == 1)
        for rank, entry in enumerate(entries, 1)
    )


def _sighting(
    source: str, entry: FeedEntry, rank: int, now: datetime, *, is_unique: bool
) -> Sighting | Skipped:
    title = entry.title
    if not title:
        name = f" ({shorten(entry.name, 40)})" if entry.name else ""
        return Skipped(f"entry {rank} of {source}{name}", "no title")
    arxiv_id, doi = _arxiv_id(entry), _doi(entry)
    own_id = _own_id(entry, now) if entry.is_own else None
    identifier = arxiv_id or own_id or (Identifier(f"doi:{doi}") if doi else None)
    page = next(filter(None, map(web_url, entry.links)), None)
    if identifier is None:
        identifier = Identifier(_fingerprint(source, entry, title, is_unique=is_unique))
    is_feed_only = identifier.id.startswith(FEED_ENTRY)
    terms = list(_terms(entry, without_scheme=arxiv_id is not None))
    categories = categories_of(terms)
    paper = Paper(
        identifier.id,
        title,
        identifier.version,
        abstract=_abstract(entry) or None,
        authors=author_names(chain.from_iterable(map(split_names, _authors(entry)))),
        categories=categories,
        keywords=_keywords(entry, categories),
        project_url=page if is_feed_only else None,
        doi=doi if arxiv_id else None,
        venue=entry.text("prism_publicationname") or None,
    )
    return Sighting(paper, source, now, PaperListing(source, _day(entry, now), rank))


def _arxiv_id(entry: FeedEntry) -> Identifier | None:
    names = (*map(entry.address, ("id", "dc_identifier", "prism_doi")), *entry.links)
    return next(filter(None, map(parse_arxiv, names)), None)


def _doi(entry: FeedEntry) -> str | None:
    """The DOI that an entry names; else the one in the address of its page, as of many publishers.

    A DOI that arXiv gave to its paper is none of a publication.
    """
    for name in ("prism_doi", "dc_identifier", "id"):
        if (doi := parse_doi(entry.address(name))) and not parse_arxiv(doi):
            return doi
    for link in entry.links:
        if match := _DOI_IN_URL.search(unquote(link)):
            doi = parse_doi(_without_page(match[1]))
            if doi and not parse_arxiv(doi):
                return doi
    return None


def _without_page(doi: str) -> str:
    suffix: str | None = ""
    while suffix is not None:
        doi = doi.removesuffix(suffix)
        suffix = next((each for each in _PAGES_OF_DOI if doi.endswith(each)), None)
    return _VERSION.sub("", doi)


def _own_id(entry: FeedEntry, now: datetime) -> Identifier | None:
    """The id that papertrack's export names for a paper without a permanent address."""
    try:
        return parse_id(entry.address("dc_identifier"), utc_day(now))
    except ValueError:
        return None


def _fingerprint(source: str, entry: FeedEntry, title: str, *, is_unique: bool) -> str:
    """An id from the entry's own id, which may be unique only within its feed, or its address."""
    name = entry.name
    if not (name and is_unique):
        name = f"{name} {title}"
    if not web_url(name):
        name = f"{source} {name}"
    return FEED_ENTRY + blake2b(name.encode(errors="replace"), digest_size=8).hexdigest()


def _day(entry: FeedEntry, now: datetime) -> date:
    moments = filter(None, (read_moment(entry.text(name)) for name in _DATES))
    moment = next(moments, now)
    return min(utc_day(moment), utc_day(now))


def _abstract(entry: FeedEntry) -> str:
    contents = (dict.get(content, "value") for content in entry.records("content"))
    texts = (dict.get(entry.fields, "summary"), *contents)
    html = next((text for text in texts if isinstance(text, str) and text), "")
    return shorten(clean(text_of_html(html)), _MAX_ABSTRACT)


def _authors(entry: FeedEntry) -> Iterator[str]:
    for author in entry.records("authors"):
        name = dict.get(author, "name")
        if isinstance(name, str):
            yield clean(name)


def _keywords(entry: FeedEntry, categories: tuple[str, ...]) -> tuple[str, ...]:
    """The tags of an entry; in feeds of papertrack they are the topics of somebody else."""
    if entry.is_own:
        return ()
    terms = (_term(tag) for tag in entry.records("tags"))
    return tuple(dict.fromkeys(term for term in terms if term and term not in categories))


def _terms(entry: FeedEntry, *, without_scheme: bool) -> Iterator[str]:
    """The tags that may be arXiv categories: those with its scheme, and maybe those without any."""
    for tag in entry.records("tags"):
        scheme = dict.get(tag, "scheme")
        if scheme == _ARXIV_SCHEME or (without_scheme and not scheme):
            yield _term(tag)


def _term(tag: dict[str, Any]) -> str:
    term = dict.get(tag, "term")
    return clean(term) if isinstance(term, str) else ""


def text_of_html(html: str) -> str:
    """Return the text of an HTML fragment with blanks for tags; plain text stays as it is.

    Takes time in proportion to the length, whatever the fragment is: Python's HTMLParser takes
    half a second for 8,000 comments without an end. Such an end is the end of the text.
    """
    html = html[:_MAX_HTML]
    parts, position = list[str](), 0
    while (start := html.find("<", position)) >= 0:
        tag = _TAG.match(html, start)
        parts.append(html[position : start if tag else start + 1])
        if tag is None:
            position = start + 1
            continue
        name = tag[1].lower()
        end = _after(html, "-->" if name == "!--" else ">", start)
        if name in _UNREAD_TAGS:
            closing = _CLOSING[name].search(html, end)
            end = _after(html, ">", closing.start() if closing else len(html))
        parts.append("" if name.strip("/") in _INLINE_TAGS else " ")
        position = end
    return "".join((*parts, html[position:]))


def _after(text: str, end: str, start: int) -> int:
    """The position after the next `end`, or that of the end of the text."""
    position = text.find(end, start)
    return len(text) if position < 0 else position + len(end)
