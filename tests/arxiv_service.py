"""A small arXiv on a local server, whose three services list the same few papers.

It is as strict as the real arXiv: future days, unknown sets and changed tokens are refused.
"""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from time import monotonic, sleep
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from arxiv_pages import api_response, item, oai, record, records, result, rss
from werkzeug import Response

from papertrack.sources.arxiv import ArXiv, ArxivSettings

REPEAT = "the previous response again"
_FEED_LIMIT = 2000
_QUERY = re.compile(
    r"(?:cat:(?P<category>\S+)|\(cat:(?P<archive>\S+) OR cat:(?P=archive)\.\*\))"
    r" AND submittedDate:\[(?P<first>\d{12}) TO (?P<last>\d{12})\]"
)
_ID = re.compile(r"\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+/\d{7}(?:v\d+)?")


class StoredPaper(NamedTuple):
    """A paper that arXiv stores; `day` is that of its last change, `announce_type` for feeds."""

    id: str
    day: str = "2026-03-31"
    categories: str = "cs.CL"
    announce_type: str = "new"
    version: int = 1
    submitted: str = "2026-03-27T12:00:00Z"

    def is_in(self, names):
        """Whether it is in one of these categories or archives."""
        return any(
            category == name or category.startswith(f"{name}.")
            for category in self.categories.split()
            for name in names
        )


class ReceivedRequest(NamedTuple):
    """A request to the feeds ("rss"), to "oai" or to the "api"."""

    service: str
    path: str
    params: dict[str, str]
    raw: str
    began: float
    ended: float


class ArxivServer:
    """arXiv as of `now`, a time in Eastern time.

    Put papers into `papers`. `faults` has replacements of responses, by service and number of the
    request: bytes, a Response, REPEAT, or a function of the response body. `page` is the number of
    entries that OAI-PMH and the query API send at once, `response_seconds` the duration of each
    response, and `unknown_categories` are refused by the feeds. With `first_second_only` the
    query API reads a minute as its first second.
    """

    def __init__(self, server: Any, now: str = "2026-03-31T10:00-04:00") -> None:
        self.now = datetime.fromisoformat(now)
        self.url = server.url_for("").rstrip("/")
        self.papers: list[StoredPaper] = []
        self.faults: dict[tuple[str, int], Any] = {}
        self.requests: list[ReceivedRequest] = []
        self.page, self.response_seconds, self.first_second_only = 500, 0.0, False
        self.unknown_categories: set[str] = set()
        self._tokens: dict[str, dict[str, str]] = {}
        self._last: dict[str, Response] = {}
        responses = {"rss": self._feed, "oai": self._records, "api": self._query}
        for service, path in zip(responses, ("/rss/.*", "/oai", "/api/query"), strict=True):
            handler = self._handler(service, responses[service])
            server.expect_request(re.compile(path)).respond_with_handler(handler)

    def source(self, *categories: str, delay: float = 0) -> ArXiv:
        """The source for these categories, with the URLs of this server."""
        settings = ArxivSettings(
            categories=categories,
            api_url=f"{self.url}/api/query",
            rss_url=self.url,
            oai_url=f"{self.url}/oai",
            delay_seconds=delay,
        )
        return ArXiv(settings)

    def listings(self, client, *days, categories=("cs.CL",), now=None):
        """The listings that the source returns for these days, requested as a refresh does."""
        source, moment = self.source(*categories), (now or self.now).astimezone(UTC)
        due = [(date.fromisoformat(day), category) for day in days for category in categories]
        listings = []
        for request in source.requests(due, moment):
            listings += source.listings(client, request, moment)
        return listings

    def requests_to(self, service: str) -> list[ReceivedRequest]:
        """The requests to one of the services."""
        return [request for request in self.requests if request.service == service]

    def _handler(self, service, respond):
        def handle(request):
            began, params = monotonic(), request.args.to_dict()
            number = len(self.requests_to(service)) + 1
            response = self._with_fault(service, number, respond(request, params))
            self._last[service] = response
            sleep(self.response_seconds)
            query = request.query_string.decode()
            received = ReceivedRequest(service, request.path, params, query, began, monotonic())
            self.requests.append(received)
            return response

        return handle

    def _with_fault(self, service, number, response):
        fault = self.faults.get((service, number))
        if fault is REPEAT:
            return self._last[service]
        if callable(fault) and not isinstance(fault, Response):
            fault = fault(response.get_data())
        return Response(fault) if isinstance(fault, bytes) else fault or response

    def _feed(self, request, _params):
        names = request.path.removeprefix("/rss/").split("+")
        if self.unknown_categories.intersection(names):
            title = f"<title>Feed error for query: {'+'.join(names)}</title>"
            reason = "<description>Bad subject class 'XX'.</description>"
            return Response(rss(title=title, description=reason), 400)
        listed = [paper for paper in self.papers if self._is_in_feed(paper, names)]
        midnight = self.now.replace(hour=0, minute=0)
        body = rss(
            *map(_item, listed[-_FEED_LIMIT:]),
            pubDate=f"<pubDate>{format_datetime(midnight)}</pubDate>",
            title=f"<title>{', '.join(names)} updates on arXiv.org</title>",
        )
        tag = sha256(body).hexdigest()  # without quotes, as arXiv sends it
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304)
        return Response(body, headers={"ETag": tag})

    def _is_in_feed(self, paper, names):
        return paper.day == str(self.now.date()) and paper.is_in(names)

    def _records(self, _request, params):
        skip = 0
        if "resumptionToken" in params:
            if params["resumptionToken"] not in self._tokens:
                return _refused("badResumptionToken")
            params = dict(self._tokens[params["resumptionToken"]])
            skip = int(params.pop("skip"))
        today = str(self.now.astimezone(UTC).date())
        archive, subject = _category(params["set"])
        if not params["from"] <= params["until"] <= today or archive not in _ARCHIVES:
            return _refused("badArgument")
        changed = (paper for paper in self.papers if params["from"] <= paper.day <= params["until"])
        papers = [paper for paper in changed if paper.is_in([f"{archive}{subject}"])][skip:]
        if not papers:
            return _refused("noRecordsMatch")
        end = self._end(params, papers, skip)
        return Response(records(*map(_record, papers[: self.page]), end=end))

    def _end(self, params, papers, skip):
        if len(papers) <= self.page:
            return "<resumptionToken/>" if skip else ""
        next_params = params | {"skip": str(skip + self.page)}
        token = quote(urlencode(next_params))
        self._tokens[token] = next_params
        return f'<resumptionToken expirationDate="2026-04-01T00:00:00Z">{token}</resumptionToken>'

    def _query(self, _request, params):
        if ids := params.get("id_list"):
            if invalid := [text for text in ids.split(",") if not _ID.fullmatch(text)]:
                return error_entry(f"incorrect id format for {invalid[0]}", 400)
            wanted_ids = [re.sub(r"v\d+$", "", text) for text in ids.split(",")]
            papers = [paper for paper in self.papers if paper.id in wanted_ids]
        elif query := _QUERY.fullmatch(params["search_query"]):
            papers = sorted(self._submitted(query), key=lambda paper: (paper.submitted, paper.id))
        else:
            return error_entry("cannot parse the query", 400)
        start, size = int(params.get("start", 0)), int(params["max_results"])
        page = papers[start : start + min(size, self.page)]
        return Response(api_page(*map(_result, page), total=len(papers), start=start))

    def _submitted(self, query):
        first, last = (_minute(query[end]) for end in ("first", "last"))
        last += timedelta(seconds=0 if self.first_second_only else 59)
        for paper in self.papers:
            within = first <= datetime.fromisoformat(paper.submitted) <= last
            if within and paper.is_in([query["category"] or query["archive"]]):
                yield paper


def api_page(*entries: str, total: int, start: int = 0) -> bytes:
    """A page of the query API with a total number of papers."""
    return api_response(
        *entries,
        total=f"<opensearch:totalResults>{total}</opensearch:totalResults>",
        start=f"<opensearch:startIndex>{start}</opensearch:startIndex>",
    )


def error_entry(message: str, status: int = 200) -> Response:
    """The query API's error response: an entry, whatever the status."""
    entry = (
        f"<entry><id>https://arxiv.org/api/errors#{message.replace(' ', '_')}</id>"
        f"<title>Error</title><summary>{message}</summary></entry>"
    )
    return Response(api_page(entry, total=1), status)


_ARCHIVES = {"cs", "math", "stat", "hep-th", "eess", "q-bio"}


def _category(name):
    """The archive and the subject, with its dot, of an OAI-PMH set."""
    group, *parts = name.split(":")
    subject = "".join(f".{part}" for part in parts[1:])
    if group == "physics":
        return parts[0], subject
    return group if not parts or parts[0] == group else "unknown", subject


def _refused(code):
    return Response(oai(f'<error code="{code}">No. Reason: none</error>'))


def _minute(text):
    return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=UTC)


def _item(paper):
    head = f"arXiv:{paper.id}v{paper.version} Announce Type: {paper.announce_type} "
    names = "".join(f"<category>{name}</category>" for name in paper.categories.split())
    return item(
        paper.id,
        guid=f"<guid>oai:arXiv.org:{paper.id}v{paper.version}</guid>",
        description=f"<description>{head}\nAbstract: What it says.</description>",
        announce_type=f"<arxiv:announce_type>{paper.announce_type}</arxiv:announce_type>",
        categories=names,
        pubDate="",
    )


def _record(paper):
    categories = f"<categories>{paper.categories}</categories>"
    return record(paper.id, categories=categories).replace(
        "<datestamp>2026-03-31<", f"<datestamp>{paper.day}<"
    )


def _result(paper):
    names = paper.categories.split()
    return result(
        f"{paper.id}v{paper.version}",
        published=f"<published>{paper.submitted}</published>",
        categories="".join(f'<category term="{name}"/>' for name in names),
        primary=f'<arxiv:primary_category term="{names[0]}"/>',
    )
