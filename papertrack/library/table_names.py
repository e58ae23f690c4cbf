"""Where in the library a paper stands: which tables answer for which id and day.

papers.2026-03-31     the records of papers first listed (else first seen) that day; .1, .2 …
                      where a day has more than fits one table
listings.2026-03-31   the briefs of that day's listing
counts.2026-03-31     the counts observed of those of them that have any
matches.2026-03-31    the topics that each of them matched, for one state of the topics
index.2603            which papers table holds which ids of a month or namespace
state.2603            what the reader did with them
coverage.2026         what was asked of which source for each day of a year
alerts.outbox         what is to be delivered; .batches: how it is divided; .watches: the rules in
                      force; .channels, .outages: how they fare; .seen: the tables looked through
delivered.2603        what was delivered of them, by channel
attempts.2026-03      every attempt to deliver in a month
"""

import re
import zlib
from contextlib import suppress
from datetime import date

from papertrack.identifiers import is_arxiv, namespace

PAPERS, LISTINGS, COUNTS = "papers", "listings", "counts"
MATCHES = "matches"
INDEX, STATE, COVERAGE = "index", "state", "coverage"
ALERTS, DELIVERED, ATTEMPTS = "alerts", "delivered", "attempts"
TABLE_SIZE = 1000
_SAFE = re.compile(r"[a-z0-9][a-z0-9-]{0,30}", re.ASCII)
_MONTHLY = re.compile(r"\d{4}\.\d{4,5}$", re.ASCII)
_SHARES = 16
_DAY = r"\d{4}-\d\d-\d\d"
_OF_A_DAY = re.compile(rf"papers\.{_DAY}(\.\d+)?|(listings|counts|matches)\.{_DAY}", re.ASCII)
_OTHERS = re.compile(
    r"coverage\.\d{4}|(index|state|delivered)\.[a-z0-9-]+|attempts\.\d{4}-\d\d"
    r"|alerts\.(outbox|batches|watches|channels|outages|seen)",
    re.ASCII,
)


def is_library_table(table: str) -> bool:
    """Whether a table has a name that is given here; others may be copies that someone keeps."""
    if _OTHERS.fullmatch(table):
        return True
    with suppress(ValueError):
        return bool(_OF_A_DAY.fullmatch(table) and day_of(table))
    return False


def papers_table(day: date, number: int) -> str:
    """The `number`th table, from 0, of papers whose home is `day`."""
    return f"{PAPERS}.{day}.{number}" if number else f"{PAPERS}.{day}"


def listings_table(day: date) -> str:
    """The table of a listing day."""
    return f"{LISTINGS}.{day}"


def counts_table(day: date) -> str:
    """The table of the counts of a listing day's papers."""
    return f"{COUNTS}.{day}"


def matches_table(day: date) -> str:
    """The table of what a listing day's papers matched."""
    return f"{MATCHES}.{day}"


def coverage_table(day: date) -> str:
    """The table that says what was asked for `day`."""
    return f"{COVERAGE}.{day.year:04}"


def shard(paper_id: str) -> str:
    """What `paper_id`'s index and state tables are named by: its month, or its namespace in
    sixteen shares, as other namespaces may hold any number of papers.
    """
    if _MONTHLY.match(paper_id):  # nearly all: asked for each paper of a day, so quick
        return paper_id[:4]
    name = namespace(paper_id).lower()
    name = name if _SAFE.fullmatch(name) else "other"
    if is_arxiv(paper_id):
        return name
    written = paper_id.encode(errors="surrogatepass")  # whatever bytes a person typed
    return f"{name}-{zlib.crc32(written) % _SHARES:x}"


def day_of(table: str) -> date:
    """The day in the name of a papers or listings table."""
    return date.fromisoformat(table.split(".")[1])
