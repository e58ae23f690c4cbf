"""The names of the library's tables, and which table holds a given paper or day.

papers.2026-03-31     the records of papers first listed (else first seen) that day; .1, .2 …
                      if a day has more papers than fit into one table
listings.2026-03-31   the briefs of that day's listing
counts.2026-03-31     the counts observed of that listing's papers, if any
matches.2026-03-31    the topics that each of them matched, for one state of the topics
aliases.2603          other ids of these papers, such as the DOI of the published version
index.2603            which papers table holds which ids of a month or namespace
state.2603            what the reader marked on these papers
imports.files         the digests of imported files, with the time of their undated counts
coverage.2026         what was requested from which source for each day of a year
sources.waits         until when sources ask not to be requested
rankings.NAME         how the service of this name ranked papers, at each moment
alerts.outbox         the pending deliveries; .batches: the messages they were put into; .watches:
                      the rules in force; .channels, .outages: failing channels and sources;
                      .seen: the cursor, the tables examined so far
delivered.2603        what was delivered of these papers, by channel
attempts.2026-03      every delivery attempt of a month
reading.seen          when the papers of each day were last shown on a terminal
reading.undo          the states before the last changes of marks, tags and notes
reading.starred       what was known of each starred paper, to notice what happens to it
reading.looked        when the reader last looked at the events of starred papers
events.2026-03        what happened to starred papers, by the month in which it was noticed
"""

import re
import zlib
from contextlib import suppress
from datetime import date

from papertrack.identifiers import namespace

PAPERS, LISTINGS, COUNTS = "papers", "listings", "counts"
MATCHES = "matches"
INDEX, STATE, COVERAGE, SOURCES = "index", "state", "coverage", "sources"
ALIASES = "aliases"
RANKINGS = "rankings"
IMPORTS = "imports.files"
ALERTS, DELIVERED, ATTEMPTS = "alerts", "delivered", "attempts"
READING, SEEN, UNDO = "reading", "reading.seen", "reading.undo"
FOLLOWED, LOOKED, EVENTS = "reading.starred", "reading.looked", "events"
TABLE_SIZE = 1000
_SAFE = re.compile(r"[a-z0-9][a-z0-9-]{0,30}", re.ASCII)
_MONTHLY = re.compile(r"\d{4}\.\d{4,5}$", re.ASCII)
_OF_ARCHIVE = re.compile(r"[a-z-]+/\d\d(?:0[1-9]|1[0-2])\d{3}", re.ASCII)
_SHARDS = 16
_SHARD_OF_OTHERS = re.compile(r"\.[a-z].*-[0-9a-f]$")
_DAY = r"\d{4}-\d\d-\d\d"
_BY_DAY = re.compile(rf"papers\.{_DAY}(\.\d+)?|(listings|counts|matches)\.{_DAY}", re.ASCII)
_NOT_BY_DAY = re.compile(
    r"coverage\.\d{4}|sources\.waits|rankings\.[a-z]+|(aliases|index|state|delivered)\.[a-z0-9-]+"
    r"|(attempts|events)\.\d{4}-\d\d|imports\.files|reading\.(seen|undo|starred|looked)"
    r"|alerts\.(outbox|batches|watches|channels|outages|seen)",
    re.ASCII,
)


def is_library_table(table: str) -> bool:
    """Whether a table's name is one of the above; others may be copies that the user made."""
    if _NOT_BY_DAY.fullmatch(table):
        return True
    with suppress(ValueError):
        return bool(_BY_DAY.fullmatch(table) and day_of(table))
    return False


def papers_table(day: date, number: int) -> str:
    """The papers table of a day with this number, from 0."""
    return f"{PAPERS}.{day}.{number}" if number else f"{PAPERS}.{day}"


def listings_table(day: date) -> str:
    """The table with the briefs of a listing day."""
    return f"{LISTINGS}.{day}"


def counts_table(day: date) -> str:
    """The table with the counts of a listing day's papers."""
    return f"{COUNTS}.{day}"


def matches_table(day: date) -> str:
    """The table with the cached matches of a listing day's papers."""
    return f"{MATCHES}.{day}"


def coverage_table(day: date) -> str:
    """The table with the coverage of a day's year."""
    return f"{COVERAGE}.{day.year:04}"


def shard(paper_id: str) -> str:
    """The suffix of the tables by id: index, aliases, state and delivered.

    The month or archive of an arXiv id. Other namespaces are divided into 16 shards, since they may
    hold any number of papers.
    """
    if _MONTHLY.match(paper_id):  # Nearly all ids; this is called for each paper of a day.
        return paper_id[:4]
    name = namespace(paper_id).lower()
    name = name if _SAFE.fullmatch(name) else "other"
    if _OF_ARCHIVE.fullmatch(paper_id):
        return name
    encoded = paper_id.encode(errors="surrogatepass")  # ids from the command line may be any bytes
    return f"{name}-{zlib.crc32(encoded) % _SHARDS:x}"


def shards(name: str) -> list[str]:
    """All suffixes of the tables by id of a namespace that is not arXiv's."""
    return [f"{name}-{number:x}" for number in range(_SHARDS)]


def is_of_arxiv(table: str) -> bool:
    """Whether a table by id is one of arXiv ids."""
    return _SHARD_OF_OTHERS.search(table) is None


def day_of(table: str) -> date:
    """The day in the name of a table that is named by day. Raises ValueError."""
    return date.fromisoformat(table.split(".")[1])
