"""Hugging Face and arXiv on one real local server, whose responses can be broken in any way."""

import json
import socket
import socketserver
import threading
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlsplit

from arxiv_pages import api_response, item, oai, record, records, result, rss

SERVICES = {"hf": "huggingface", "feed": "arxiv", "oai": "arxiv", "api": "arxiv"}
_PATHS = {"/api/daily_papers": "hf", "/rss/cs.CL": "feed", "/oai": "oai", "/query": "api"}
_PATHS["/lab.xml"] = "lab"  # a feed of the configuration
_FIRST_NUMBERS = {"oai": 100, "feed": 100, "api": 200, "lab": 300}
TODAY = date(2026, 3, 31)
# A day that each service has at TODAY: the feed has that day, OAI-PMH earlier days, and the query
# API the papers of days more than a week ago that were revised later.
DAYS = {"hf": TODAY, "feed": TODAY, "oai": date(2026, 3, 30), "api": date(2026, 3, 17)}
_NO_RECORDS = '<error code="noRecordsMatch">The combination results in an empty list.</error>'


def before(day):
    """The listing day before `day`."""
    return day - timedelta(days=3 if day.weekday() == 0 else 1)


def ids(service, day, count=30):
    """The ids of the papers that a service lists on a day."""
    first = _FIRST_NUMBERS.get(service, 0) + 1
    return [f"{day:%y%m}.{day:%d}{number:03}" for number in range(first, first + count)]


def hf_entry(paper_id, day):
    """An entry of Daily Papers with every key of real entries."""
    person = {"_id": "65f", "fullname": "Ada One", "name": "ada", "type": "user", "isPro": False}
    lab = {"_id": "65e", "name": "lab", "fullname": "The Lab", "avatar": "https://o.example/a.png"}
    paper = {
        "id": paper_id,
        "title": f"Paper {paper_id}",
        "summary": "What it says.",
        "authors": [
            {"_id": "65d", "name": "Ada One", "hidden": False, "user": person, "status": "claimed"},
            {"_id": "65c", "name": "Bo Two", "hidden": False},
        ],
        "publishedAt": f"{before(day)}T12:00:00.000Z",
        "submittedOnDailyAt": f"{day}T01:00:00.000Z",
        "submittedOnDailyBy": person,
        "upvotes": 5,
        "discussionId": "65b",
        "projectPage": "https://o.example/p",
        "githubRepo": "https://github.com/o/r",
        "githubRepoAddedBy": "user",
        "githubStars": 70,
        "ai_summary": "Made by a machine.",
        "ai_summary_model": "m",
        "ai_keywords": ["attention"],
        "mediaUrls": ["https://o.example/v.mp4"],
        "organization": lab,
    }
    return {
        "paper": paper,
        "publishedAt": f"{before(day)}T08:00:00.000Z",
        "title": paper["title"],
        "summary": paper["summary"],
        "thumbnail": "https://o.example/t.png",
        "numComments": 2,
        "submittedBy": person,
        "isAuthorParticipating": False,
        "mediaUrls": paper["mediaUrls"],
        "organization": lab,
    }


def xml_entry(service, paper_id, day):
    """An item of the feed, a record of OAI-PMH, or a revised paper in a result of the query API."""
    if service in ("feed", "lab"):
        return _dated(item(paper_id), day)
    if service == "oai":
        return record(paper_id).replace("2026-03-31", str(day))
    published = f"<published>{before(day)}T12:00:00Z</published>"
    return result(f"{paper_id}v2", published=published)


def page(service, entries, day, **options):
    """The response with these entries."""
    if service == "hf":
        return json.dumps(entries).encode()
    if service in ("feed", "lab"):
        return _dated(rss(*entries).decode(), day).encode()
    if service == "oai":
        return records(*entries, **options) if entries else oai(_NO_RECORDS)
    total = options.get("total", len(entries))
    counts = f"<opensearch:totalResults>{total}</opensearch:totalResults>"
    return api_response(*entries, total=counts, start=None)


def entries(service, day, count=30):
    """The entries that a service lists on a day."""
    paper_ids = ids(service, day, count)
    if service == "hf":
        return [hf_entry(paper_id, day) for paper_id in paper_ids]
    return [xml_entry(service, paper_id, day) for paper_id in paper_ids]


def _dated(text, day):
    return text.replace("Tue, 31 Mar 2026", f"{day:%a, %d %b %Y}")


class Exchange:
    """A request, its correct response, and the bare connection to respond on.

    `number` counts the requests to the same target from 1; `ended` is set when the test is over.
    """

    def __init__(self, services, connection, head):
        self.services, self.connection, self.ended = services, connection, services.ended
        self.target = head.split(b" ", 2)[1].decode()
        split = urlsplit(self.target)
        self.service, self.params = _PATHS[split.path], dict(parse_qsl(split.query))
        self.own_host = f"127.0.0.1:{services.port}".encode() in head
        self.number = services.count_request(self.target)
        self.day, self.entries = services.listing(self.service, self.params)
        self.body = page(self.service, self.entries, self.day)

    def send(self, body=None, *head, status="200 OK", length=None):
        """Respond with `body`, by default the correct one."""
        body = self.body if body is None else body
        size = f"Content-Length: {len(body) if length is None else length}"
        lines = [f"HTTP/1.1 {status}", size, "Connection: close", *head, "", ""]
        self.connection.sendall("\r\n".join(lines).encode() + body)


class Services(socketserver.ThreadingTCPServer):
    """The services when all is well: `present` has `count` papers, the listing day before it 30.

    Other days have none. A function in `faults` responds in place of a service.
    """

    allow_reuse_address = daemon_threads = True

    def __init__(self, present=TODAY, count=30):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = self.server_address[1]
        self.present, self.count = present, count
        self.faults, self.ended = {}, threading.Event()
        self._request_counts, self._lock = {}, threading.Lock()
        url = f"http://127.0.0.1:{self.port}"
        self.urls = {"hf": url, "feed": url, "oai": f"{url}/oai", "api": f"{url}/query"}

    def count_request(self, target):
        """Return the number of requests to this target, including this one."""
        with self._lock:
            self._request_counts[target] = self._request_counts.get(target, 0) + 1
            return self._request_counts[target]

    def listing(self, service, params):
        """The requested day, and its entries."""
        text = params.get("date", params.get("from"))
        day = date.fromisoformat(text) if text else self.present
        counts = {before(self.present): 30, self.present: self.count}
        if params.get("p", "0") != "0":
            return day, []
        last = date.fromisoformat(params.get("until", str(day)))
        days = [listed for listed in counts if day <= listed <= last]
        return day, [entry for each in days for entry in entries(service, each, counts[each])]

    def configuration(self, *enabled):
        """The configuration of papertrack with these sources enabled."""
        huggingface, arxiv = ("huggingface" in enabled, "arxiv" in enabled)
        feeds = f"[{{name: lab, url: '{self.urls['hf']}/lab.xml'}}]" if "lab" in enabled else "[]"
        return f"""
sources:
  huggingface: {{enabled: {huggingface}, base_url: '{self.urls["hf"]}'}}
  arxiv:
    enabled: {arxiv}
    categories: [cs.CL]
    rss_url: '{self.urls["feed"]}'
    oai_url: '{self.urls["oai"]}'
    api_url: '{self.urls["api"]}'
    delay_seconds: 0
  feeds: {feeds}
"""


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        head = b""
        with suppress(OSError):
            while b"\r\n\r\n" not in head:
                received = self.request.recv(65536)
                if not received:
                    return
                head += received
            exchange = Exchange(self.server, self.request, head)
            self.server.faults.get(exchange.service, Exchange.send)(exchange)


@contextmanager
def running(services):
    """Serve until the end, then release all handlers that still wait."""
    threading.Thread(target=services.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield services
    finally:
        services.ended.set()
        services.shutdown()
        services.server_close()


@contextmanager
def unresponsive():
    """The URL of a listener that accepts no connection, so that clients wait."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        connections = []
        with suppress(OSError):
            while len(connections) < 10:  # until the queue of the system is full
                connections.append(socket.create_connection(listener.getsockname(), 0.1))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for connection in connections:
            connection.close()
