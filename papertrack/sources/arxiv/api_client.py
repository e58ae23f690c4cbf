"""Questions to arXiv's query API, whose pages may be short, empty or the same again.

Seen by others, and by no means rare: an empty page although the total says otherwise
(lukasschwab/arxiv.py#43, #129), and pages shorter than asked for (ContentMine/getpapers#177). So
an empty page is asked for again, and the next page begins after what came.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from papertrack.errors import SourceError
from papertrack.identifiers import is_arxiv
from papertrack.sources import Client, RateLimit, StatusError
from papertrack.sources.arxiv.api import ApiPage, parse_answer
from papertrack.sources.arxiv.xml import explained

Params = Mapping[str, str | int]

_NAME = "arxiv"
_PAGE_SIZE = 500  # slices may have 2,000, but those take arXiv long
_MOST_PAGES = 60  # it answers up to 30,000 in all
_IDS_AT_ONCE = 100
_EMPTY_TRIES = 3


def by_id(client: Client, url: str, ids: Sequence[str], pace: RateLimit) -> Iterator[ApiPage]:
    """The pages with these papers in their latest version; unknown ids and those of other
    namespaces are left out. Raises SourceError.
    """
    known = [one for one in dict.fromkeys(ids) if is_arxiv(one)]
    for start in range(0, len(known), _IDS_AT_ONCE):
        some = known[start : start + _IDS_AT_ONCE]
        yield from _pages(client, url, {"id_list": ",".join(some), "max_results": len(some)}, pace)


def submitted_within(
    client: Client, url: str, category: str, window: tuple[datetime, datetime], pace: RateLimit
) -> Iterator[ApiPage]:
    """The pages with the papers of a category whose first version was submitted within a window;
    those of its last minute may be beyond it.

    Raises SourceError, also where pages repeat or stay empty.
    """
    # An archive of several categories is asked for as "math.*".
    names = f"cat:{category}" if "." in category else f"(cat:{category} OR cat:{category}.*)"
    first, last = window
    query: Params = {
        "search_query": f"{names} AND submittedDate:[{first:%Y%m%d%H%M} TO {last:%Y%m%d%H%M}]",
        "sortBy": "submittedDate",
        "sortOrder": "ascending",
        "max_results": _PAGE_SIZE,
    }
    yield from _pages(client, url, query, pace)


def _pages(client: Client, url: str, query: Params, pace: RateLimit) -> Iterator[ApiPage]:
    seen: set[str] = set()
    start = 0
    for _ in range(_MOST_PAGES):
        page, total = _page(client, url, {**query, "start": start}, pace)
        came = {one.paper.id for one in page.announced}
        if seen and came and came <= seen:
            raise SourceError(_NAME, "not-a-listing", "arXiv sent the same page twice")
        yield page
        seen |= came
        start += page.size
        if start >= total:
            return
    raise SourceError(_NAME, "not-a-listing", f"arXiv sent more than {_MOST_PAGES} pages")


def _page(client: Client, url: str, params: Params, pace: RateLimit) -> tuple[ApiPage, int]:
    """One page and how many papers there are in all; a page that is empty although there must be
    more is asked for again.
    """
    for _ in range(_EMPTY_TRIES):
        try:
            answer = client.get(_NAME, url, params, pace=pace)
        except StatusError as error:
            raise explained(error, parse_answer) from error
        found = parse_answer(answer.body or b"")
        if found.total is None:
            raise SourceError(_NAME, "not-a-listing", "arXiv does not say how many papers it has")
        if found.size or int(params["start"]) >= found.total:
            return found, found.total
    raise SourceError(
        _NAME, "not-a-listing", f"arXiv counts {found.total} papers and sent an empty page"
    )
