"""Publishing the library as a static site: `publish` is the entry point.

A site changes only if the library or the topics do: all its times come from the papers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

from papertrack import exports
from papertrack.display.structured import as_json
from papertrack.exports.site_pages import (
    ASSETS,
    Link,
    PageBlock,
    Place,
    SiteFrame,
    SitePage,
    as_article,
    as_line,
    as_link,
    asset,
    paginate,
    paper_anchor,
    render_search_page,
    render_site_page,
)
from papertrack.models import Entry, Report, Section
from papertrack.publishing import Published, SiteOptions
from papertrack.publishing.collection import Collection, collect, last_count, newest
from papertrack.publishing.folder import open_site
from papertrack.publishing.lists import (
    PaperList,
    by_day,
    day_lists,
    day_page,
    index_list,
    month_lists,
    month_page,
    months_of,
    papers_in,
    starred_list,
    topic_lists,
    trending_list,
)
from papertrack.publishing.names import topic_names
from papertrack.publishing.search_index import month_script
from papertrack.publishing.sitemap import sitemap
from papertrack.tracker import Tracker
from papertrack.tracker.wording import count

_FEED_PAPERS = 100
_File = tuple[str, Iterable[str]]  # path within the site, text in pieces


def publish(tracker: Tracker, options: SiteOptions, folder: str) -> Published:
    """Write the site of the library into a folder, replacing only files that change.

    Raises UsageError if a file is in the way or cannot be written, LibraryError, and LibraryBusy if
    another run is publishing.
    """
    with open_site(folder) as written:
        site = _SiteBuilder(collect(tracker, options), options)
        front = [*_encoded(site.front_files())]
        for name, body in front:
            written.check(name, body)
        # The index last, so that its links lead somewhere.
        for name, body in chain(_encoded(site.files()), front):
            written.write(name, body)
        return written.finish()


def _encoded(files: Iterable[_File]) -> Iterator[tuple[str, bytes]]:
    return ((name, "".join(pieces).encode(errors="replace")) for name, pieces in files)


class _SiteBuilder:
    """The files of a site."""

    def __init__(self, collection: Collection, options: SiteOptions) -> None:
        self._collection, self._options = collection, options
        self._days = by_day(collection, options.since)
        names = topic_names(collection.topics)
        self._topics = {topic: f"topic/{name}" for topic, name in names.items()}
        self._frame = SiteFrame(options.title, options.url, tuple(self._navigation()))
        self._html: dict[tuple[str, str, bool], str] = {}
        self._places: dict[str, str] = {}
        self._changes: list[tuple[str, datetime]] = []

    def front_files(self) -> Iterator[_File]:
        """The files that any other site in the folder would have, too: styles, scripts, index."""
        yield from ((name, [asset(name)]) for name in ASSETS)
        yield from self._list_files(index_list(self._collection, self._days, self._topics))

    def files(self) -> Iterator[_File]:
        """All other files of the site."""
        for each in day_lists(self._collection, self._days, self._topics):
            yield from self._list_files(each)
        for each in self._other_lists():
            yield from self._list_files(each)
        yield from self._search_files()
        yield from self._overviews()
        yield "all.atom", self._feed("all", self._options.title, self._collection.entries)
        if self._options.url:
            yield "sitemap.xml", [sitemap(self._options.url, self._changes)]

    def _navigation(self) -> Iterator[Link]:
        yield Link("index.html", "Today")
        if self._collection.has_counts:
            yield Link("trending.html", "Trending")
        if self._topics:
            yield Link("topics.html", "Topics")
        if self._options.starred:
            yield Link("starred.html", "Starred")
        yield Link("archive.html", "Archive")
        yield Link("search.html", "Search")

    def _other_lists(self) -> Iterator[PaperList]:
        yield from month_lists(self._days)
        yield from topic_lists(self._collection, self._topics)
        if self._options.starred:
            yield starred_list(self._collection)
        if self._collection.has_counts:
            yield trending_list(self._collection)

    def _list_files(self, each: PaperList) -> Iterator[_File]:
        """The pages of a list, and its papers as JSON, BibTeX and feed."""
        root, entries = "../" * each.path.count("/"), each.entries
        blocks = [
            PageBlock(
                group.title,
                [self._paper(entry, root, lines=group.lines) for entry in group.entries],
                group.lines,
                group.url,
            )
            for group in each.groups
        ]
        pages = self._divide(_page_of(each), blocks)
        self._note_places(each, pages)
        yield from self._rendered(pages, newest(entries))
        report = _report(each.title, entries)
        yield f"{each.path}.json", as_json(report)
        yield f"{each.path}.bib", exports.render("bibtex", report)
        if each.has_feed:
            yield each.feed, self._feed(each.path, f"{self._options.title}: {each.title}", entries)

    def _paper(self, entry: Entry, root: str, *, lines: bool) -> str:
        """The HTML of a paper, which is the same on all pages of a folder."""
        key = (entry.paper.id, root, lines)
        if key not in self._html:
            pages = {topic: f"{root}{path}.html" for topic, path in self._topics.items()}
            place = Place(root + day_page(entry.last_listed), pages)
            self._html[key] = as_line(entry, place) if lines else as_article(entry, place)
        return self._html[key]

    def _divide(
        self, page: SitePage, blocks: Iterable[PageBlock]
    ) -> list[tuple[SitePage, list[PageBlock]]]:
        """A page with its blocks, or as many as the blocks need, linked to each other."""
        parts, stem = paginate(blocks), page.path.removesuffix(".html")
        paths = [page.path, *(f"{stem}_{number}.html" for number in range(2, len(parts) + 1))]
        links = [Link(path, f"page {number}") for number, path in enumerate(paths, 1)]
        neighbours = zip([page.previous, *links], [*links[1:], page.following], strict=False)
        pages = []
        for link, (before, after), part in zip(links, neighbours, parts, strict=True):
            about = f"{page.about} · {link.words} of {len(parts)}" if parts[1:] else page.about
            shown = page._replace(path=link.url, about=about, previous=before, following=after)
            pages.append((shown, part))
        return pages

    def _rendered(
        self, pages: Iterable[tuple[SitePage, list[PageBlock]]], changed: datetime
    ) -> Iterator[_File]:
        for page, blocks in pages:
            self._changes.append((page.path, changed))
            yield page.path, render_site_page(self._frame, page, blocks)

    def _note_places(
        self, each: PaperList, pages: Iterable[tuple[SitePage, list[PageBlock]]]
    ) -> None:
        """Remember which page of a day shows each paper, for the search."""
        if not each.path.startswith("day/"):
            return
        paths = (page.path for page, blocks in pages for block in blocks for _ in block.pieces)
        entries = (entry for group in each.groups for entry in group.entries)
        for entry, path in zip(entries, paths, strict=True):
            self._places[entry.paper.id] = f"{path}#{paper_anchor(entry.paper.id)}"

    def _feed(self, path: str, title: str, entries: Sequence[Entry]) -> Iterable[str]:
        url = self._options.url
        return exports.render(
            "atom",
            _report(title, entries[:_FEED_PAPERS]),
            title=title,
            address=url and f"{url}/{path}.atom",
            page=url and (f"{url}/" if path == "all" else f"{url}/{path}.html"),
        )

    def _search_files(self) -> Iterator[_File]:
        by_month: dict[str, list[Entry]] = {}
        for entry in self._collection.entries:
            by_month.setdefault(f"{entry.last_listed:%Y-%m}", []).append(entry)
        for month, entries in by_month.items():
            yield f"search/{month}.js", [month_script(month, entries, self._places)]
        page = SitePage("search.html", "Search", papers=False)
        self._changes.append((page.path, self._collection.as_of))
        months = sorted(by_month, reverse=True)
        yield page.path, render_search_page(self._frame, page, self._collection.topics, months)

    def _overviews(self) -> Iterator[_File]:
        """The pages that list topics and months."""
        years: dict[str, list[str]] = {}
        for month, dates in reversed(months_of(self._days).items()):
            link = Link(month_page(month), f"{dates[0]:%B %Y}")
            papers = count(papers_in(dates, self._days), "paper")
            years.setdefault(month[:4], []).append(as_link(link, papers))
        archive = [PageBlock(year, lines, lines=True) for year, lines in years.items()]
        overviews = [("archive.html", "Archive", archive)]
        if self._topics:
            topics = [PageBlock("All topics", self._topic_lines(), lines=True)]
            overviews.append(("topics.html", "Topics", topics))
        for path, title, blocks in overviews:
            pages = self._divide(SitePage(path, title, papers=False), blocks)
            yield from self._rendered(pages, self._collection.as_of)

    def _topic_lines(self) -> list[str]:
        counts = Counter(
            topic
            for entry in self._collection.entries
            for topic in {match.topic for match in entry.matches}
        )
        return [
            as_link(Link(f"{path}.html", topic), count(counts[topic], "paper"))
            for topic, path in self._topics.items()
        ]


def _page_of(each: PaperList) -> SitePage:
    """The page of a list, with links to its papers as data."""
    data = [Link(f"{each.path}.bib", "BibTeX"), Link(f"{each.path}.json", "JSON")]
    counted = last_count(each.entries)
    return SitePage(
        f"{each.path}.html",
        each.title,
        each.about,
        data=[*data, Link(each.feed, "Atom feed")] if each.feed else data,
        feed=each.feed,
        previous=each.previous,
        following=each.following,
        as_of=f"{counted.astimezone(UTC):%Y-%m-%d, %H:%M}" if counted else "",
    )


def _report(title: str, entries: Sequence[Entry]) -> Report:
    return Report(
        "publish",
        newest(entries),
        f"{title} · {count(len(entries), 'paper')}",
        (Section("", entries, len(entries)),),
    )
