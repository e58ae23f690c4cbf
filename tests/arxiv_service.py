"""A small arXiv on a server of the test: its three services answer from the same few papers.

It is strict where the real one is: days that lie ahead, sets that do not exist and tokens that were
not sent as they came are refused.
"""

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from time import monotonic, sleep
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from arxiv_pages import answer, item, oai, record, records, result, rss
from werkzeug import Response

from papertrack.sources.arxiv import ArXiv, ArxivSettings

AGAIN = "the answer before once more"
_FEED_LIMIT = 2000
_QUERY = re.compile(
    r"(?:cat:(?P<one>\S+)|\(cat:(?P<archive>\S+) OR cat:(?P=archive)\.\*\))"
    r" AND submittedDate:\[(?P<first>\d{12}) TO (?P<last>\d{12})\]"
)
_ID = re.compile(r"\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+/\d{7}(?:v\d+)?")


class Kept(NamedTuple):
    """A paper as arXiv keeps it: `day` is that of its last change, `fed` what feeds call it."""

    id: str
    day: str = "2026-03-31"
    categories: str = "cs.CL"
    fed: str = "new"
    version: int = 1
    submitted: str = "2026-03-27T12:00:00Z"

    def is_in(self, names):
        """Whether it is in one of these categories or archives."""
        mine = self.categories.split()
        return any(one == name or one.startswith(f"{name}.") for one in mine for name in names)


class Asked(NamedTuple):
    """One request: to the feeds ("rss"), to "oai" or to the "api"."""

    service: str
    path: str
    params: dict[str, str]
    raw: str
    began: float
    ended: float


class Service:
    """arXiv as of `now`, a moment in Eastern time.

    Put papers into `papers`; `faults` has what comes in place of an answer, by service and number
    of the request: bytes, a Response, AGAIN, or a function of the answer. `page` is how many
    entries OAI-PMH and the query API send at once, `to_the_second` has the query API take a minute
    for its first second, `seconds` is how long each answer takes, and `unknown` has
    categories that no feed knows.
    """

    def __init__(self, server: Any, now: str = "2026-03-31T10:00-04:00") -> None:
        self.now = datetime.fromisoformat(now)
        self.url = server.url_for("").rstrip("/")
        self.papers: list[Kept] = []
        self.faults: dict[tuple[str, int], Any] = {}
        self.asked: list[Asked] = []
        self.page, self.seconds, self.to_the_second = 500, 0.0, False
        self.unknown: set[str] = set()
        self._tokens: dict[str, dict[str, str]] = {}
        self._last: dict[str, Response] = {}
        answers = {"rss": self._feed, "oai": self._records, "api": self._found}
        for service, path in zip(answers, ("/rss/.*", "/oai", "/api/query"), strict=True):
            handler = self._handler(service, answers[service])
            server.expect_request(re.compile(path)).respond_with_handler(handler)

    def source(self, *categories: str, delay: float = 0) -> ArXiv:
        """The source that asks here for these categories."""
        settings = ArxivSettings(
            categories=categories,
            api_url=f"{self.url}/api/query",
            rss_url=self.url,
            oai_url=f"{self.url}/oai",
            delay_seconds=delay,
        )
        return ArXiv(settings)

    def listings(self, client, *days, categories=("cs.CL",), now=None):
        """What the source makes of these days, asked for as a refresh asks."""
        source, moment = self.source(*categories), (now or self.now).astimezone(UTC)
        wanted = [(date.fromisoformat(day), name) for day in days for name in categories]
        asks = source.requests(wanted, moment)
        return [one for ask in asks for one in source.listings(client, ask, moment)]

    def to(self, service: str) -> list[Asked]:
        """What one of the services was asked."""
        return [one for one in self.asked if one.service == service]

    def _handler(self, service, usual):
        def handle(request):
            began, params = monotonic(), request.args.to_dict()
            number = len(self.to(service)) + 1
            reply = self._spoilt(service, number, usual(request, params))
            self._last[service] = reply
            sleep(self.seconds)
            raw = request.query_string.decode()
            self.asked.append(Asked(service, request.path, params, raw, began, monotonic()))
            return reply

        return handle

    def _spoilt(self, service, number, reply):
        fault = self.faults.get((service, number))
        if fault is AGAIN:
            return self._last[service]
        if callable(fault) and not isinstance(fault, Response):
            fault = fault(reply.get_data())
        return Response(fault) if isinstance(fault, bytes) else fault or reply

    def _feed(self, request, _params):
        names = request.path.removeprefix("/rss/").split("+")
        if self.unknown.intersection(names):
            title = f"<title>Feed error for query: {'+'.join(names)}</title>"
            reason = "<description>Bad subject class 'XX'.</description>"
            return Response(rss(title=title, description=reason), 400)
        listed = [one for one in self.papers if self._is_fed(one, names)]
        midnight = self.now.replace(hour=0, minute=0)
        body = rss(
            *map(_item, listed[-_FEED_LIMIT:]),
            pubDate=f"<pubDate>{format_datetime(midnight)}</pubDate>",
            title=f"<title>{', '.join(names)} updates on arXiv.org</title>",
        )
        tag = sha256(body).hexdigest()  # without quotes, as arXiv has it
        if request.headers.get("If-None-Match") == tag:
            return Response(status=304)
        return Response(body, headers={"ETag": tag})

    def _is_fed(self, paper, names):
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
        found = [one for one in self.papers if params["from"] <= one.day <= params["until"]]
        found = [one for one in found if one.is_in([f"{archive}{subject}"])][skip:]
        if not found:
            return _refused("noRecordsMatch")
        end = self._end(params, found, skip)
        return Response(records(*map(_record, found[: self.page]), end=end))

    def _end(self, params, found, skip):
        if len(found) <= self.page:
            return "<resumptionToken/>" if skip else ""
        following = params | {"skip": str(skip + self.page)}
        token = quote(urlencode(following))
        self._tokens[token] = following
        return f'<resumptionToken expirationDate="2026-04-01T00:00:00Z">{token}</resumptionToken>'

    def _found(self, _request, params):
        if ids := params.get("id_list"):
            wanted = [re.sub(r"v\d+$", "", one) for one in ids.split(",")]
            if wrong := [one for one in ids.split(",") if not _ID.fullmatch(one)]:
                return error_entry(f"incorrect id format for {wrong[0]}", 400)
            found = [one for one in self.papers if one.id in wanted]
        elif query := _QUERY.fullmatch(params["search_query"]):
            found = sorted(self._submitted(query), key=lambda one: (one.submitted, one.id))
        else:
            return error_entry("cannot parse the query", 400)
        start, size = int(params.get("start", 0)), int(params["max_results"])
        shown = found[start : start + min(size, self.page)]
        return Response(api_page(*map(_result, shown), total=len(found), start=start))

    def _submitted(self, query):
        first, last = (_minute(query[end]) for end in ("first", "last"))
        last += timedelta(seconds=0 if self.to_the_second else 59)
        for one in self.papers:
            within = first <= datetime.fromisoformat(one.submitted) <= last
            if within and one.is_in([query["one"] or query["archive"]]):
                yield one


def api_page(*entries: str, total: int, start: int = 0) -> bytes:
    """A page of the query API that says how many papers there are in all."""
    return answer(
        *entries,
        total=f"<opensearch:totalResults>{total}</opensearch:totalResults>",
        start=f"<opensearch:startIndex>{start}</opensearch:startIndex>",
    )


def error_entry(message: str, status: int = 200) -> Response:
    """How the query API refuses: with an entry, whatever the status."""
    entry = (
        f"<entry><id>https://arxiv.org/api/errors#{message.replace(' ', '_')}</id>"
        f"<title>Error</title><summary>{message}</summary></entry>"
    )
    return Response(api_page(entry, total=1), status)


_ARCHIVES = {"cs", "math", "stat", "hep-th", "eess", "q-bio"}


def _category(name):
    """The archive and the subject, with its dot, of an OAI-PMH set."""
    group, *more = name.split(":")
    if group == "physics":
        return more[0], "".join(f".{one}" for one in more[1:])
    alone = group if not more or more[0] == group else "unknown"
    return alone, "".join(f".{one}" for one in more[1:])


def _refused(code):
    return Response(oai(f'<error code="{code}">No. Reason: none</error>'))


def _minute(said):
    return datetime.strptime(said, "%Y%m%d%H%M").replace(tzinfo=UTC)


def _item(paper):
    names = "".join(f"<category>{one}</category>" for one in paper.categories.split())
    return item(
        paper.id,
        guid=f"<guid>oai:arXiv.org:{paper.id}v{paper.version}</guid>",
        description=f"<description>arXiv:{paper.id}v{paper.version} Announce Type: {paper.fed} "
        "\nAbstract: What it says.</description>",
        announce_type=f"<arxiv:announce_type>{paper.fed}</arxiv:announce_type>",
        categories=names,
        pubDate="",
    )


def _record(paper):
    made = record(paper.id, categories=f"<categories>{paper.categories}</categories>")
    return made.replace("<datestamp>2026-03-31<", f"<datestamp>{paper.day}<")


def _result(paper):
    names = paper.categories.split()
    return result(
        f"{paper.id}v{paper.version}",
        published=f"<published>{paper.submitted}</published>",
        categories="".join(f'<category term="{one}"/>' for one in names),
        primary=f'<arxiv:primary_category term="{names[0]}"/>',
    )
