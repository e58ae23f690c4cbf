"""Simulated days of Hugging Face and arXiv on a real local server that fails at random.

Every request may get a wrong answer: the papers of another day, some of the papers, no papers, each
paper twice, "too many requests", half a response, or nothing at all.
"""

import re
import threading
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from socket import SO_LINGER, SOL_SOCKET
from struct import pack
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from arxiv_pages import api_response, item, oai, record, records, rss
from pages import entry, page

from papertrack.announcements import to_eastern

CATEGORIES = ("cs.CL", "cs.LG")
FAULTS = ("stale", "short", "empty", "twice", "busy", "reset", "silent")
_OAI_PAGE = 25
_SHORT_PAGE = 15  # entries of Hugging Face in a run in which its pages are short
_REVISED_AFTER = 10  # listing days
_NO_RECORDS = oai('<error code="noRecordsMatch">The list is empty.</error>')
_NO_RESULTS = api_response(total="<opensearch:totalResults>0</opensearch:totalResults>", start=None)


class InventedPaper(NamedTuple):
    """A paper and its listing day; every fifth is about agents."""

    id: str
    day: date
    category: str = ""

    @property
    def title(self):
        return f"Paper {self.id}" + (" on agents" if int(self.id[5:]) % 5 == 0 else "")


class World:
    """What the services list on each day; `probability` is that of a fault in a request."""

    def __init__(self, first, days, per_day=12, seed=1):
        self.days = [first + timedelta(days=number) for number in range(days)]
        self.listing_days = [day for day in self.days if day.weekday() < 5]
        self.now = datetime.combine(first, time(), UTC)
        self.arxiv, self.daily = {}, {}
        for number, day in enumerate(self.listing_days):
            arxiv = [
                InventedPaper(f"{day:%y%m}.{day.day:02}{place:03}", day, CATEGORIES[place % 2])
                for place in range(1, 2 * per_day + 1)
            ]
            own = [
                InventedPaper(f"{day:%y%m}.{day.day:02}{place:03}", day)
                for place in range(501, 501 + per_day)
            ]
            before = self.arxiv[self.listing_days[number - 1]] if number else []
            self.arxiv[day], self.daily[day] = arxiv, own + before[:per_day]
        self.probability, self.random = 0.0, Random(seed)
        self.requests, self.faults = 0, Counter()
        self.short_pages = False
        self._lock = threading.Lock()

    def papers(self):
        """All papers of all days, by id."""
        listed = [*self.arxiv.values(), *self.daily.values()]
        return {paper.id: paper for day in reversed(listed) for paper in day}

    def revisions(self, day):
        """The papers whose second version is announced on a day."""
        number = self.listing_days.index(day) - _REVISED_AFTER
        return self.arxiv[self.listing_days[number]][:3] if number >= 0 else []

    def draw_fault(self):
        with self._lock:
            self.requests += 1
            if self.random.random() >= self.probability:
                return None
            fault = self.random.choice(FAULTS)
            self.faults[fault] += 1
            return fault

    def response(self, path, params, fault):
        """The body of a response."""
        if path == "/api/daily_papers":
            return self._daily_page(date.fromisoformat(params["date"]), int(params["p"]), fault)
        if path.startswith("/rss/"):
            return self._feed(path.removeprefix("/rss/").split("+"), fault)
        return self._records(params, fault) if path == "/oai" else _NO_RESULTS

    def _daily_page(self, day, number, fault):
        if fault == "stale":
            day = self._before(day)
        size = _SHORT_PAGE if self.short_pages else 100
        papers = self.daily.get(day, [])[number * size : (number + 1) * size]
        texts = {paper.id: {"title": paper.title, "summary": "Words."} for paper in papers}
        listed = [entry(paper.id, day=day, paper=texts[paper.id]) for paper in papers]
        return page(*({"empty": [], "twice": listed * 2}.get(fault, listed)))

    def _feed(self, categories, fault):
        today = to_eastern(self.now).date()
        day = self._before(today) if fault == "stale" else today
        kinds = [("new", paper) for paper in self.arxiv.get(day, [])]
        if fault == "short":
            kinds = kinds[::2]
        if day in self.arxiv:
            kinds += [("replace", paper) for paper in self.revisions(day)]
        items = [_item(paper, kind) for kind, paper in kinds if paper.category in categories]
        items = {"empty": [], "twice": items * 2}.get(fault, items)
        return rss(*items, pubDate=f"<pubDate>{today:%a, %d %b %Y} 00:00:00 -0500</pubDate>")

    def _records(self, params, fault):
        if token := params.get("resumptionToken"):
            category, first, last, skip = token.split("_")
        else:
            category, skip = params["set"].replace("cs:cs:", "cs."), "0"
            first, last = params["from"], params["until"]
        papers = [
            (paper, changed)
            for changed in self.listing_days
            if first <= str(changed) <= last and changed <= self.now.date()
            for paper in self._changed(changed)
            if paper.category == category
        ][int(skip) :]
        if fault == "empty" or not papers:
            return _NO_RECORDS
        listed = [_record(paper, changed) for paper, changed in papers[:_OAI_PAGE]]
        token = f"{category}_{first}_{last}_{int(skip) + _OAI_PAGE}"
        if fault == "short":
            token = "none"  # the next page is refused
        more = len(papers) > _OAI_PAGE or fault == "short"
        end = f"<resumptionToken>{token}</resumptionToken>" if more else ""
        return records(*(listed * 2 if fault == "twice" else listed), end=end)

    def _changed(self, day):
        """The papers whose last change is of a day."""
        later = self.listing_days[self.listing_days.index(day) + _REVISED_AFTER :][:1]
        moved = self.arxiv[day][:3] if later and later[0] <= self.now.date() else []
        return [paper for paper in self.arxiv[day] if paper not in moved] + self.revisions(day)

    def _before(self, day):
        earlier = [each for each in self.listing_days if each < day]
        return earlier[-1] if earlier else day


def _item(paper, kind):
    version = 2 if kind == "replace" else 1
    return item(
        paper.id,
        title=f"<title>{paper.title}</title>",
        guid=f"<guid>oai:arXiv.org:{paper.id}v{version}</guid>",
        description=f"<description>arXiv:{paper.id}v{version} Announce Type: {kind} </description>",
        announce_type=f"<arxiv:announce_type>{kind}</arxiv:announce_type>",
        categories=f"<category>{paper.category}</category>",
        pubDate="",
    )


def _record(paper, day):
    parts = {
        "title": f"<title>{paper.title}</title>",
        "categories": f"<categories>{paper.category}</categories>",
    }
    return re.sub("<datestamp>[^<]*", f"<datestamp>{day}", record(paper.id, **parts))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # the name that the server calls
        world, fault = self.server.world, self.server.world.draw_fault()
        if fault == "silent":
            with suppress(OSError):
                self.connection.recv(1)  # until the client gives up
            self.close_connection = True
            return
        split = urlsplit(self.path)
        body = world.response(split.path, dict(parse_qsl(split.query)), fault)
        self.send_response(429 if fault == "busy" else 200)
        if fault == "busy":
            self.send_header("Retry-After", "3600")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if fault == "reset":
            self.wfile.write(body[: len(body) // 2])
            self.connection.setsockopt(SOL_SOCKET, SO_LINGER, pack("ii", 1, 0))
            self.close_connection = True
        else:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that has given up is no error."""


@contextmanager
def serving(world):
    """The URLs of Hugging Face and arXiv, which are servers of their own."""
    with ExitStack() as stack:
        servers = [stack.enter_context(_Server(("127.0.0.1", 0), _Handler)) for _ in range(2)]
        for server in servers:
            server.world = world
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(server.shutdown)
        yield [f"http://127.0.0.1:{server.server_address[1]}" for server in servers]
