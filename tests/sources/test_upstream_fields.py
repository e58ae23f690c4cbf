"""Every field that a service sends is stored, or is left out for a reason that is written here.

Each kind of record has a table of its fields: where a field is stored, or why it is left out. A
field that is in neither table fails the test, and so does a stored field whose value gets lost on
the way into the library. The records are invented ones and, where they exist, all recorded ones.
"""

import gzip
import json
import lzma
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import arxiv_pages
import pages
import pytest
from invented import put

from papertrack import fields, source_registry
from papertrack.calendar import format_moment, parse_moment
from papertrack.identifiers import parse_arxiv
from papertrack.library.library import Library
from papertrack.models import PaperListing, Sighting
from papertrack.sources.arxiv.api import parse_api_page
from papertrack.sources.arxiv.categories import categories_of
from papertrack.sources.arxiv.feeds import parse_feed
from papertrack.sources.arxiv.oai import parse_records
from papertrack.sources.biorxiv import PageContext
from papertrack.sources.biorxiv import parse_page as parse_preprints
from papertrack.sources.huggingface import parse_page
from papertrack.sources.links import code_url, find_doi, web_url
from papertrack.sources.pages import JsonService
from papertrack.text import clean
from papertrack.tracker.import_lines import parse_line

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
DAY = date(2026, 3, 31)
Record = Mapping[str, Any]  # the values of a record by field; those of parts as "authors.name"
Expected = Callable[[Any, Record], Any]


class Stored(NamedTuple):
    """The key of a field in JSON output, and its value there given that of the service."""

    key: str
    expected: Expected = lambda value, _: clean(value) or None


class Kind(NamedTuple):
    """A kind of record: its invented and recorded pages, and what becomes of each field.

    `parse` returns the records of a page, each with what is made of it.
    """

    parse: Callable[[bytes], Iterable[tuple[Record, Sighting]]]
    invented: bytes
    recorded: Callable[[Any], Iterator[bytes]] | None
    stored: Mapping[str, Stored]
    left_out: Mapping[str, str]


def _flat(row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The fields of a JSON object, and those of the objects in it as "field.part"."""
    flat: dict[str, Any] = {}
    for key, value in row.items():
        parts = value if isinstance(value, list) else [value]
        flat[prefix + key] = value
        for part in parts:
            if isinstance(part, dict) and not prefix:
                for name, content in _flat(part, f"{key}.").items():
                    flat.setdefault(name, []).append(content)
    return flat


def _moment(value: Any, _: Record) -> str:
    return format_moment(parse_moment(value))


def _texts(values: Any, _: Record) -> list[str]:
    return list(dict.fromkeys(filter(None, map(clean, values))))


# Hugging Face


def _parse_daily_papers(body: bytes) -> Iterator[tuple[Record, Sighting]]:
    sightings = {sighting.paper.id: sighting for sighting in parse_page(body, None, NOW).sightings}
    for item in json.loads(body):
        paper = item["paper"]
        outer = {f"item.{key}": value for key, value in item.items() if key != "paper"}
        if sighting := sightings.pop(paper["id"], None):
            yield {**_flat(paper), **outer}, sighting


def _shown_names(_: Any, record: Record) -> list[str]:
    people = [person for person in record["authors"] if not person.get("hidden")]
    return _texts([person["name"] for person in people], record)


_ORGANIZATION = Stored("organization", lambda value, _: _name_of(value))
_PERSON = "papers, not people, are tracked; names suffice"
HUGGINGFACE = Kind(
    _parse_daily_papers,
    pages.page(
        pages.entry(
            paper={
                "githubRepo": "https://github.com/o/r",
                "githubRepoAddedBy": "auto",
                "projectPage": "https://example.org",
                "organization": {"_id": "1", "name": "lab", "fullname": "The Lab"},
                "discussionId": "0",
                "withdrawnAt": "2026-03-31T00:00:00.000Z",
            },
            thumbnail="https://example.org/x.png",
            submitterOrganization={"name": "lab"},
        ),
        pages.entry("2603.00002", organization={"name": "lab"}),
    ),
    lambda shared: (
        gzip.decompress(path.read_bytes())
        for path in sorted(shared("data/hf/daily_papers").glob("*.json.gz"))[::12]
    ),
    {
        "id": Stored("id"),
        "title": Stored("title"),
        "summary": Stored("abstract"),
        "authors": Stored("authors", _shown_names),
        "authors.name": Stored("authors", _shown_names),
        "authors.hidden": Stored("authors", _shown_names),
        "publishedAt": Stored("submitted", _moment),
        "submittedOnDailyAt": Stored("listed", lambda value, _: {"huggingface": value[:10]}),
        "upvotes": Stored("upvotes", lambda value, _: value),
        "githubStars": Stored("code_stars", lambda value, _: value),
        "githubRepo": Stored("code_url", lambda value, _: code_url(value)),
        "projectPage": Stored("project_url", lambda value, _: web_url(value)),
        "ai_summary": Stored(
            "tldr", lambda value, _: {"text": clean(value), "source": "huggingface"}
        ),
        "ai_keywords": Stored("keywords", _texts),
        "organization": _ORGANIZATION,
        "organization.name": Stored(
            "organization", lambda _, record: _name_of(record["organization"])
        ),
        "organization.fullname": Stored(
            "organization", lambda _, record: _name_of(record["organization"])
        ),
        "withdrawnAt": Stored("withdrawn", lambda value, _: bool(value)),
        "item.numComments": Stored("comments", lambda value, _: value),
        "item.organization": _ORGANIZATION,
    },
    {
        "githubRepoAddedBy": "code_source tells Hugging Face's repository from the authors' own",
        "ai_summary_model": "tldr is labelled as machine-written; the model changes nothing",
        "discussionId": "of use only on the site itself; the page of the paper leads there",
        "mediaUrls": "pictures, which a terminal does not show",
        "submittedOnDailyBy": _PERSON,
        **{
            f"{group}.{key}": _PERSON
            for group, keys in {
                "authors": "_id user status statusLastChangedAt",
                "submittedOnDailyBy": "_id avatarUrl fullname name type isPro isHf isHfAdmin isMod"
                " followerCount isUserFollowing user",
            }.items()
            for key in keys.split()
        },
        "organization._id": "the name identifies it",
        "organization.avatar": "a picture",
        "item.title": "the same as that of the paper, or an older one",
        "item.summary": "the same as that of the paper",
        "item.publishedAt": "shifted by the offset of New York; see huggingface.py",
        "item.thumbnail": "a picture",
        "item.mediaUrls": "pictures",
        "item.mediaUrl": "a picture",
        "item.submittedBy": _PERSON,
        "item.isAuthorParticipating": "changes with the discussion, and says nothing of the paper",
        "item.submitterOrganization": "a second name of organization, of four days in 2025",
    },
)


def _name_of(organization: Mapping[str, str]) -> str:
    return clean(organization.get("fullname") or organization["name"])


# arXiv


def _parse_xml(
    body: bytes, parse: Callable[[bytes], Any], tag: str, part: str = ""
) -> Iterator[tuple[Record, Sighting]]:
    """The records of a response of arXiv: the texts of each element, by its name."""
    papers = {record.paper.id: record.paper for record in parse(body).records}
    for element in ET.fromstring(body).iter():
        if _local_name(element) == tag:
            record: dict[str, list[str]] = {}
            for child in element.iter() if part else element:
                name, inner = _local_name(child), [_local_name(below) for below in child]
                value = child.get("term") or child.text or ""
                names = [name, *(f"{name}.{below}" for below in inner)]
                if name == "author":
                    value = next(below.text for below in child if _local_name(below) == "name")
                for key in names:
                    record.setdefault(key, []).append(clean(value))
            paper = papers.pop(_arxiv_id(record), None)
            if paper:
                yield record, Sighting(paper, "arxiv", NOW, PaperListing("arxiv", DAY))


def _local_name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _arxiv_id(record: Mapping[str, list[str]]) -> str:
    texts = [text for key in ("id", "guid") for text in record.get(key, ())]
    return next(match.id for match in map(parse_arxiv, texts) if match)


def _first(value: list[str], _: Record) -> str | None:
    return value[0] or None


_ARXIV_DOI = Stored("doi", lambda value, _: find_doi(value[0]))
_LICENSE = "the license of the text; papertrack links to papers and copies none"
API = Kind(
    lambda body: _parse_xml(body, parse_api_page, "entry"),
    arxiv_pages.api_response(
        arxiv_pages.result(
            journal_ref="<arxiv:journal_ref>J. Inv. 1, 2 (2026)</arxiv:journal_ref>",
            doi="<arxiv:doi>10.1000/1</arxiv:doi>",
        )
    ),
    lambda shared: (
        envelope["body"].encode("latin-1")
        for path in sorted(shared("data/arxiv/api_atom_envelopes").glob("*.json"))
        if (envelope := json.loads(path.read_text("utf-8")))["status_code"] == 200
    ),
    {
        "id": Stored("id", lambda _, record: _arxiv_id(record)),
        "title": Stored("title", _first),
        "summary": Stored("abstract", _first),
        "author": Stored("authors", _texts),
        "author.name": Stored("authors", _texts),
        "published": Stored("submitted", lambda value, record: _moment(value[0], record)),
        "updated": Stored("updated", lambda value, record: _moment(value[0], record)),
        "primary_category": Stored(
            "categories",
            lambda value, record: list(categories_of([*value, *record["category"]])),
        ),
        "category": Stored(
            "categories",
            lambda value, record: list(categories_of([*record["primary_category"], *value])),
        ),
        "comment": Stored("comment", _first),
        "journal_ref": Stored("journal_ref", _first),
        "doi": _ARXIV_DOI,
    },
    {
        "link": "follows from the id",
        "author.affiliation": "of authors, not of the paper, and only few state it",
    },
)
OAI = Kind(
    lambda body: _parse_xml(body, parse_records, "arXiv"),
    arxiv_pages.records(
        arxiv_pages.record(
            comments="<comments>9 pages</comments>",
            journal="<journal-ref>J. Inv. 1, 2 (2026)</journal-ref>",
            doi="<doi>10.1000/1</doi>",
            report="<report-no>R-1</report-no>",
        )
    ),
    lambda shared: (
        path.read_bytes()
        for path in sorted(shared("data/arxiv/oai_official_code_output").glob("*_arXiv*.xml"))
        if "Raw" not in path.name
    ),
    {
        "id": Stored("id", lambda _, record: _arxiv_id(record)),
        "title": Stored("title", _first),
        "abstract": Stored("abstract", _first),
        "categories": Stored("categories", lambda value, _: list(categories_of(value[0].split()))),
        "comments": Stored("comment", _first),
        "journal-ref": Stored("journal_ref", _first),
        "doi": _ARXIV_DOI,
    },
    {
        "authors": "stored name by name, see test_arxiv_recordings",
        "authors.author": "stored name by name, see test_arxiv_recordings",
        "created": "of the current version, by day; the API has the moments of both versions",
        "updated": "as created",
        "license": _LICENSE,
        "msc-class": "a classification of mathematics beside the categories",
        "acm-class": "the service writes the MSC class here",
        "report-no": "a number within an institution; rare",
        "proxy": "who submitted for the authors",
    },
)
_FEED_STORED = {
    "title": Stored("title", _first),
    "category": Stored("categories", lambda value, _: list(categories_of(value))),
    "journal_reference": Stored("journal_ref", _first),
    "DOI": _ARXIV_DOI,
}
_FEED_LEFT_OUT = {
    "link": "follows from the id",
    "creator": "stored name by name, see test_arxiv_recordings",
    "description": "the abstract after a line of type and version, see test_arxiv_recordings",
    "summary": "the abstract after a line of type and version, see test_arxiv_recordings",
    "announce_type": "decides the kind of the listing, see test_arxiv_flow",
    "pubDate": "the day of the feed, which is the listing day",
    "published": "the day of the feed, which is the listing day",
    "updated": "when the feed was made",
    "rights": _LICENSE,
    "guid": "has the id and the version",
    "id": "has the id and the version",
}
_FEED_FIELDS = (
    "<arxiv:journal_reference>J. Inv. 1, 2 (2026)</arxiv:journal_reference>"
    "<arxiv:DOI>10.1000/1</arxiv:DOI>"
)
RSS = Kind(
    lambda body: _parse_xml(body, parse_feed, "item"),
    arxiv_pages.rss(arxiv_pages.item(more=_FEED_FIELDS)),
    lambda shared: _recorded_feeds(shared, b"<rss"),
    _FEED_STORED,
    _FEED_LEFT_OUT,
)
ATOM = Kind(
    lambda body: _parse_xml(body, parse_feed, "entry"),
    arxiv_pages.atom(arxiv_pages.atom_item(more=_FEED_FIELDS)),
    lambda shared: _recorded_feeds(shared, b"<feed"),
    _FEED_STORED,
    _FEED_LEFT_OUT,
)


def _recorded_feeds(shared: Any, root: bytes) -> Iterator[bytes]:
    for folder in ("rss", "rss_official_code_output"):
        for path in sorted(shared(f"data/arxiv/{folder}").glob("*.xml")):
            body = path.read_bytes()
            if root in body[:400] and not {"TRUNCATED", "error"} & {*path.stem.split("_")}:
                yield body


# Preprint servers, whose responses are not recorded, and imported files

_SERVICE = JsonService("biorxiv", "bioRxiv")


def _parse_preprints(body: bytes) -> Iterator[tuple[Record, Sighting]]:
    page = parse_preprints(_SERVICE, body, PageContext(DAY, NOW, divided=False))
    return zip(json.loads(body)["collection"], page.sightings, strict=True)


_PREPRINT = {
    "title": "A Preprint",
    "authors": "Family, G.; The Group",
    "author_corresponding": "Given Family",
    "author_corresponding_institution": "An Institute",
    "doi": "10.1101/2026.03.31.1",
    "date": "2026-03-31",
    "version": "1",
    "type": "new results",
    "license": "cc_by",
    "category": "cell biology",
    "jatsxml": "https://example.org/x.xml",
    "abstract": "What it says.",
    "published": "10.1000/1",
    "server": "bioRxiv",
    "funder": "NA",
}
BIORXIV = Kind(
    _parse_preprints,
    json.dumps({"messages": [{"status": "ok"}], "collection": [_PREPRINT]}).encode(),
    None,
    {
        "title": Stored("title"),
        "authors": Stored("authors", lambda *_: ["G. Family", "The Group"]),
        "author_corresponding_institution": Stored("organization"),
        "doi": Stored("id", lambda value, _: f"doi:{value}"),
        "date": Stored("submitted", lambda value, _: f"{value}T00:00:00Z"),
        "version": Stored("version", lambda value, _: int(value)),
        "category": Stored("categories", lambda value, _: [value]),
        "abstract": Stored("abstract"),
        "published": Stored("doi"),
        "server": Stored("sources", lambda value, _: [value.lower()]),
    },
    {
        "author_corresponding": "one of the authors",
        "type": "new, confirmatory or contradictory results: what nobody searches for",
        "license": _LICENSE,
        "jatsxml": "the text as XML, which papertrack does not read",
        "funder": "who paid for the work, not where it was done",
    },
)


def _parse_lines(body: bytes) -> Iterator[tuple[Record, Sighting]]:
    for line in body.splitlines():
        yield json.loads(line), parse_line(line, NOW, NOW).sightings[0]


_SNAPSHOT = {
    "id": "0704.0001",
    "submitter": "Ada One",
    "authors": "Ada One and Bo Two",
    "title": "A Paper",
    "comments": "9 pages",
    "journal-ref": "J. Inv. 1, 2 (2026)",
    "doi": "10.1000/1",
    "report-no": None,
    "categories": "hep-ph math.CO",
    "license": None,
    "abstract": "  What it says.\n",
    "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
    "update_date": "2008-11-26",
    "authors_parsed": [["One", "Ada", ""], ["Two", "Bo", ""]],
}
SNAPSHOT = Kind(
    _parse_lines,
    json.dumps(_SNAPSHOT).encode(),
    None,
    {
        "id": Stored("id"),
        "authors": Stored("authors", lambda value, _: value.split(" and ")),
        "title": Stored("title"),
        "comments": Stored("comment"),
        "journal-ref": Stored("journal_ref"),
        "doi": Stored("doi"),
        "categories": Stored("categories", lambda value, _: value.split()),
        "abstract": Stored("abstract"),
        "versions": Stored("submitted", lambda *_: "2007-04-02T19:18:42Z"),
    },
    {
        "submitter": "one of the authors, or a proxy",
        "report-no": "a number within an institution; rare",
        "license": _LICENSE,
        "update_date": "of the record, not of the paper",
        "authors_parsed": "the authors again",
    },
)


def _without_signs(names: Iterable[str]) -> list[str]:
    """The names without signs and words that services list with authors, such as ":" and "and"."""
    return [name.removeprefix("and ") for name in names if any(map(str.isalnum, name))]


CORPUS = Kind(
    _parse_lines,
    json.dumps(
        {
            "id": "2603.00001",
            "listed": "2026-03-31",
            "title": "A Paper",
            "authors": ["Ada One"],
            "categories": ["cs.CL"],
            "comment": "9 pages",
            "abstract": "What it says.",
        }
    ).encode(),
    lambda shared: (_first_lines(path) for path in sorted(shared("data/corpus").glob("*.xz"))),
    {
        "id": Stored("id", lambda value, _: parse_arxiv(value).id),
        "listed": Stored("listed", lambda value, _: {"arxiv": value}),
        "title": Stored("title"),
        "authors": Stored("authors", lambda names, record: _texts(_without_signs(names), record)),
        "categories": Stored("categories", _texts),
        "comment": Stored("comment"),
        "abstract": Stored("abstract"),
    },
    {},
)


def _first_lines(path: Any) -> bytes:
    with lzma.open(path) as lines:
        return b"".join(next(lines) for _ in range(500))


KINDS = {
    "huggingface": HUGGINGFACE,
    "arXiv API": API,
    "arXiv OAI-PMH": OAI,
    "arXiv RSS": RSS,
    "arXiv Atom": ATOM,
    "biorxiv": BIORXIV,
    "arXiv snapshot": SNAPSHOT,
    "corpus": CORPUS,
}
RECORDED = [name for name, kind in KINDS.items() if kind.recorded]
# Services of which there are recordings, but no source.
NO_SOURCES = {"crossref", "pubmed", "semantic"}


@pytest.mark.parametrize("name", KINDS)
def test_every_field_of_an_invented_record_is_stored_or_left_out_for_a_reason(name):
    assert _problems(KINDS[name], [KINDS[name].invented]) == []


@pytest.mark.parametrize("name", RECORDED)
def test_every_field_of_a_recorded_record_is_stored_or_left_out_for_a_reason(name, shared):
    assert _problems(KINDS[name], KINDS[name].recorded(shared)) == []


@pytest.mark.parametrize("name", KINDS)
def test_an_invented_record_has_every_field_that_is_stored(name):
    kind = KINDS[name]
    present = {field for record, _ in kind.parse(kind.invented) for field in record}
    assert kind.stored.keys() - present == set()


def test_a_field_that_is_dropped_or_unknown_is_a_problem():
    row = {**_PREPRINT, "news": "1"}
    page = json.dumps({"messages": [{"status": "ok"}], "collection": [row]}).encode()
    ((record, sighting),) = BIORXIV.parse(page)
    lossy = sighting._replace(paper=sighting.paper._replace(doi=None))
    problems = _problems(BIORXIV._replace(parse=lambda _: [(record, lossy)]), [page])
    assert sorted(problem.partition(":")[0] for problem in problems) == ["news", "published"]


def test_recordings_of_other_services_have_a_kind_or_no_source(shared):
    services = {path.name.split("_")[0] for path in shared("data/other_sources").iterdir()}
    assert services <= NO_SOURCES | KINDS.keys()
    assert NO_SOURCES.isdisjoint(source_registry.names())


def _problems(kind: Kind, bodies: Iterable[bytes]) -> list[str]:
    """The fields that are neither stored as they should be nor left out, each once."""
    problems, count = dict[str, str](), 0
    for body in bodies:
        records = list(kind.parse(body))
        count += len(records)
        library = Library(None)
        put(library, *(sighting for _, sighting in records))
        entries = library.entries(sighting.paper.id for _, sighting in records)
        for record, sighting in records:
            row = fields.paper(entries[sighting.paper.id])
            for field, value in record.items():
                if problem := _problem(kind, field, value, record, row):
                    problems.setdefault(field, f"{field}: {problem} ({sighting.paper.id})")
    assert count
    return list(problems.values())


def _problem(kind: Kind, field: str, value: Any, record: Record, row: Mapping[str, Any]) -> str:
    if field in kind.left_out:
        return ""
    if field not in kind.stored:
        return "decide whether it is stored or left out"
    if value is None:
        return ""
    key, expected = kind.stored[field]
    wanted = expected(value, record)
    return "" if row[key] == wanted else f"{wanted!r} is stored as {key} {row[key]!r}"
