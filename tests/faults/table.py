"""The table of faults: what a service does wrong, and how a refresh of each service then ends.

Time-outs have a short deadline, a third of which is fifty times what a working source needs. Faults
that end by themselves have a long one, so that they also do on a loaded machine.
"""

from datetime import date
from typing import NamedTuple

import server_faults as server
from arxiv_pages import result, rss
from faulty import SERVICES, entries, oai, page

SHORT, LONG = 18, 200  # seconds


class End(NamedTuple):
    """How a run ends.

    `both` and `alone` are the exit codes with and without another source that works. `kind` is the
    kind of error, and `state` that of the day in a library that did not have it.
    """

    both: int
    alone: int
    kind: str | None
    state: str


class Row(NamedTuple):
    """A fault with its name; `heavy` rows are checked for their memory.

    `waits`: the server asks not to be requested for a day.
    """

    name: str
    does: object
    ends: dict[str, End]
    deadline: float = LONG
    heavy: bool = False
    waits: bool = False


COMPLETE = End(0, 0, None, "complete")


def fails(kind, alone=4):
    return End(3, alone, kind, "stale" if kind == "stale" else "failed")


def lacks(kind):
    """A part of the papers was fetched."""
    return End(3, 3, kind, "partial")


SKIPPED = End(0, 0, None, "partial")  # an entry was left out, which is reported
QUIET = End(0, 0, None, "quiet")


def feed(kind):
    """Unless arXiv refuses or limits requests, OAI-PMH has what a feed lacks.

    It has answered for the day before, so that not every request has failed.
    """
    return fails(kind, 3) if kind in ("rate-limit", "refused", "stale") else COMPLETE


def both(kind):
    return {"hf": fails(kind), "feed": feed(kind)}


def each(kind):
    return both(kind) | {"oai": fails(kind), "api": lacks(kind)}


def reads(json, xml):
    return {"hf": fails(json), "feed": feed(xml)}


def all_read(json, xml):
    return each(xml) | {"hf": fails(json)}


def xml(kind):
    return {name: end for name, end in each(kind).items() if name != "hf"}


HF_RECOVERS, FEED_RECOVERS = {"hf": COMPLETE}, {"feed": COMPLETE}
EVERYWHERE = dict.fromkeys(SERVICES, COMPLETE)
TOO_MANY, UNAVAILABLE = "429 Too Many Requests", "503 Service Unavailable"
NOT_FOUND = b'{"error":"Sorry, we can\'t find the page you are looking for."}'
BAD_TOKEN = oai('<error code="badResumptionToken">It expired.</error>')
BAD_ARGUMENT = oai('<error code="badArgument">Illegal set.</error>')
NO_RECORDS = oai('<error code="noRecordsMatch">The list is empty.</error>')
REFUSED_QUERY = page(
    "api",
    [result(id="<id>https://arxiv.org/api/errors#x</id>", title="<title>Error</title>")],
    None,
)
REFUSED_FEED = rss(title="<title>Feed error for query: cs.CL</title>")
OLD = date(2026, 3, 10)

TABLE = (
    Row("connect time-out", server.UNRESPONSIVE, both("timeout"), SHORT),
    Row("read time-out", server.is_silent, each("timeout"), SHORT),
    Row("read time-out half way", server.stalls_half_way, both("timeout"), SHORT),
    Row("a header byte a second", server.trickles(b"X-Slow: "), both("timeout"), SHORT),
    Row(
        "a body byte a second",
        server.trickles(b"Content-Length: 9999\r\n\r\n"),
        both("timeout"),
        SHORT,
    ),
    Row("reset half way", server.resets_half_way, each("connection")),
    Row("reset half way, once", server.once(server.resets_half_way), EVERYWHERE),
    Row("truncated gzip", server.compresses(server.is_cut), both("connection")),
    Row("truncated gzip, once", server.once(server.compresses(server.is_cut)), HF_RECOVERS),
    Row("corrupt gzip", server.compresses(server.is_damaged), both("connection")),
    Row("short Content-Length", server.says_length(-1), reads("not-json", "not-xml")),
    Row("long Content-Length", server.says_length(99), both("connection")),
    Row("HTML with 200", server.says(b"<html><p>Hello"), all_read("not-json", "not-xml")),
    Row("error object", server.says(NOT_FOUND), reads("not-a-listing", "not-xml")),
    Row("empty 200", server.says(b""), all_read("not-json", "not-xml")),
    Row(
        "an empty page against the total",
        server.lists(lambda _: [], total=30),
        {"api": lacks("not-a-listing")},
    ),
    Row(
        "an empty page against the total, once",
        server.once(server.lists(lambda _: [], total=30)),
        {"api": COMPLETE},
    ),
    Row("429", server.refuses(TOO_MANY), both("rate-limit")),
    Row("429, wait 1 s", server.once(server.refuses(TOO_MANY, "Retry-After: 1")), HF_RECOVERS),
    Row("429, wait until", server.once(server.refuses_for(TOO_MANY, 1)), FEED_RECOVERS),
    Row("429, nonsense", server.once(server.refuses(TOO_MANY, "Retry-After: soon")), HF_RECOVERS),
    Row(
        "429, wait 86,400 s",
        server.refuses(TOO_MANY, "Retry-After: 86400"),
        {"hf": fails("rate-limit"), "feed": fails("rate-limit")},
        waits=True,
    ),
    Row(
        "429, until tomorrow",
        server.refuses_for(TOO_MANY, 86400),
        {"feed": fails("rate-limit")},
        waits=True,
    ),
    Row("503", server.refuses(UNAVAILABLE), both("status")),
    Row("503, wait 1 s", server.once(server.refuses(UNAVAILABLE, "Retry-After: 1")), FEED_RECOVERS),
    Row("503, wait until", server.once(server.refuses_for(UNAVAILABLE, 1)), HF_RECOVERS),
    Row(
        "503, nonsense",
        server.once(server.refuses(UNAVAILABLE, "Retry-After: -9,9")),
        FEED_RECOVERS,
    ),
    Row(
        "503, wait 86,400 s",
        server.refuses(UNAVAILABLE, "Retry-After: 86400"),
        {"feed": fails("rate-limit")},
        waits=True,
    ),
    Row(
        "503, until tomorrow",
        server.refuses_for(UNAVAILABLE, 86400),
        {"hf": fails("rate-limit")},
        waits=True,
    ),
    Row("500", server.refuses("500 Internal Server Error"), both("status")),
    Row("502", server.refuses("502 Bad Gateway"), both("status")),
    Row("502, once", server.once(server.refuses("502 Bad Gateway")), HF_RECOVERS),
    Row(
        "RateLimit used up for 1 s",
        server.once(server.refuses(TOO_MANY, 'RateLimit: "api";r=0;t=1')),
        HF_RECOVERS,
    ),
    Row(
        "RateLimit used up",
        server.refuses(TOO_MANY, 'RateLimit: "api";r=0;t=280'),
        {"hf": fails("rate-limit")},
    ),
    Row(
        "RateLimit used up by this answer",
        server.says(None, 'RateLimit: "api";r=0;t=280'),
        HF_RECOVERS,
    ),
    Row("redirect loop", server.redirects(lambda _: ""), both("redirect")),
    Row("redirect, once", server.once(server.redirects(lambda _: "")), FEED_RECOVERS),
    Row(
        "redirect to another host",
        server.redirects("http://localhost:{}".format),
        both("redirect"),
    ),
    Row(
        "redirect to another scheme and host",
        server.redirects("https://localhost:{}".format),
        both("redirect"),
    ),
    Row("invalid UTF-8", server.sends(server.is_invalid_utf8), reads("not-json", "not-xml")),
    Row("invalid JSON or XML", server.sends(server.is_cut), all_read("not-json", "not-xml")),
    Row("100,000 deep JSON", server.says(server.DEEP_JSON), {"hf": fails("not-json")}, heavy=True),
    Row("100,000 deep XML", server.says(server.DEEP_XML), xml("not-a-listing"), heavy=True),
    Row(
        "100,000 deep in one entry",
        server.sends(server.is_deep_inside),
        dict.fromkeys(("feed", "oai", "api"), COMPLETE),
        heavy=True,
    ),
    Row(
        "100,000 deep beside the entries",
        server.sends(server.is_deep_outside),
        dict.fromkeys(("feed", "oai", "api"), SKIPPED),
        heavy=True,
    ),
    Row("entity bomb", server.says(server.ENTITY_BOMB), xml("not-xml"), heavy=True),
    Row("entity from outside", server.says(server.EXTERNAL_ENTITY), xml("not-xml"), heavy=True),
    Row("gzip bomb of 1 GB", server.sends_gzip_bomb, each("too-large"), heavy=True),
    Row("endless body", server.never_ends, both("too-large"), heavy=True),
    Row(
        "the same page again and again",
        server.repeats,
        dict.fromkeys(("hf", "oai", "api"), lacks("not-a-listing")),
        heavy=True,
    ),
    Row(
        "duplicate ids",
        server.lists(server.with_duplicate),
        EVERYWHERE,
    ),
    Row(
        "1 of 30 entries bad",
        server.damages(1, server.without_title),
        dict.fromkeys(SERVICES, SKIPPED),
    ),
    Row(
        "15 of 30 entries bad",
        server.damages(15, server.without_title),
        each("not-a-listing") | {"hf": fails("not-a-listing", 3)},
    ),
    Row(
        "page of another day",
        server.says(page("hf", entries("hf", OLD), OLD)),
        {"hf": fails("stale")},
    ),
    Row(
        "feed of another day",
        server.says(page("feed", entries("feed", OLD), OLD)),
        {"feed": feed("stale")},
    ),
    Row("feed refused", server.says(REFUSED_FEED), {"feed": feed("refused")}),
    Row("noRecordsMatch", server.says(NO_RECORDS), {"oai": QUIET}),
    Row("badArgument", server.says(BAD_ARGUMENT), {"oai": fails("refused")}),
    Row("badResumptionToken", server.second_page_is(BAD_TOKEN), {"oai": lacks("refused")}),
    Row("second page cut", server.second_page_is(BAD_TOKEN[:99]), {"oai": lacks("not-xml")}),
    Row("Atom Error entry", server.says(REFUSED_QUERY), {"api": lacks("refused")}),
)
