"""Requests to arXiv's query API, whose pages may be short, empty or repeated.

Other clients report, and not rarely: an empty page although the total is larger
(lukasschwab/arxiv.py#43, #129), and pages shorter than requested (ContentMine/getpapers#177). So an
empty page is requested again, and the next page starts after the entries received.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from papertrack.errors import SourceError
from papertrack.identifiers import is_arxiv
from papertrack.sources import Client, RateLimit, StatusError
from papertrack.sources.arxiv.api import ApiPage, parse_api_page
from papertrack.sources.arxiv.xml import explain_error

Params = Mapping[str, str | int]

_NAME = "arxiv"
_PAGE_SIZE = 500  # 2,000 are allowed, but take arXiv long
_MAX_PAGES = 60  # arXiv returns at most 30,000 results of a query
_IDS_PER_REQUEST = 100
_EMPTY_TRIES = 3


def fetch_by_id(
    client: Client, url: str, ids: Sequence[str], rate_limit: RateLimit
) -> Iterator[ApiPage]:
    """Yield the pages with these papers in their latest version.

    Unknown ids and those of other namespaces are left out. Raises SourceError.
    """
    arxiv_ids = [paper_id for paper_id in dict.fromkeys(ids) if is_arxiv(paper_id)]
    for start in range(0, len(arxiv_ids), _IDS_PER_REQUEST):
        batch = arxiv_ids[start : start + _IDS_PER_REQUEST]
        query: Params = {"id_list": ",".join(batch), "max_results": len(batch)}
        yield from _pages(client, url, query, rate_limit)


def fetch_submitted(
    client: Client,
    url: str,
    category: str,
    window: tuple[datetime, datetime],
    rate_limit: RateLimit,
) -> Iterator[ApiPage]:
    """Yield the pages with the papers of a category first submitted within a window.

    Papers of the window's last minute may be later than its end. Raises SourceError, also if pages
    repeat or stay empty.
    """
    # An archive with several categories is queried as "math.*".
    names = f"cat:{category}" if "." in category else f"(cat:{category} OR cat:{category}.*)"
    first, last = window
    query: Params = {
        "search_query": f"{names} AND submittedDate:[{first:%Y%m%d%H%M} TO {last:%Y%m%d%H%M}]",
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
        "max_results": _PAGE_SIZE,
    }
    yield from _pages(client, url, query, rate_limit)


def _pages(client: Client, url: str, query: Params, rate_limit: RateLimit) -> Iterator[ApiPage]:
    seen_ids: set[str] = set()
    start = 0
    for _ in range(_MAX_PAGES):
        page, total = _page(client, url, {**query, "start": start}, rate_limit)
        page_ids = {record.paper.id for record in page.records}
        if seen_ids and page_ids and page_ids <= seen_ids:
            raise SourceError(_NAME, "not-a-listing", "arXiv sent the same page twice")
        yield page
        seen_ids |= page_ids
        start += page.size
        if start >= total:
            return
    raise SourceError(_NAME, "not-a-listing", f"arXiv sent more than {_MAX_PAGES} pages")


def _page(client: Client, url: str, params: Params, rate_limit: RateLimit) -> tuple[ApiPage, int]:
    """Return a page and the total number of papers.

    A page that is empty although there are more papers is requested again.
    """
    for _ in range(_EMPTY_TRIES):
        try:
            response = client.get(_NAME, url, params, rate_limit=rate_limit)
        except StatusError as error:
            raise explain_error(error, parse_api_page) from error
        page = parse_api_page(response.body or b"")
        if page.total is None:
            raise SourceError(_NAME, "not-a-listing", "arXiv sent query results without a total")
        if page.size or int(params["start"]) >= page.total:
            return page, page.total
    message = f"arXiv reports {page.total} papers but sent an empty page"
    raise SourceError(_NAME, "not-a-listing", message)
