"""Every field of an entry, damaged in every way.

In one entry that loses this entry at most, and in half of 30 entries nothing is lost unnoticed.
Sources fetch from a real local server, in this process.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from faulty import DAYS, Services, entries, hf_entry, ids, page, running, xml_entry
from server_faults import says

from papertrack.errors import SourceError
from papertrack.sources import ListingRequest
from papertrack.sources.arxiv import ArXiv, ArxivSettings
from papertrack.sources.http import HttpClient
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings

NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)
ONE, HALF = 1, 15
DAMAGED_AT_ONCE = 10
REMOVED = object()
JSON_FAULTS = {
    "missing": REMOVED,
    "null": None,
    "renamed": REMOVED,
    "number": 7,
    "text": "words",
    "flag": True,
    "list": [7],
    "object": {"a": 7},
}
XML_FAULTS = {
    "missing": r"",
    "empty": r"<{0}/>",
    "nested": r"<{0}><unexpected>1</unexpected></{0}>",
    "renamed": r"<other>\1</other>",
    "number": r"<{0}>7</{0}>",
}


# Fields


def json_paths(value, *at):
    for key, inner in value.items():
        yield (*at, key)
        if key == "paper":
            yield from json_paths(inner, *at, key)
        elif key == "authors":
            yield from json_paths(inner[0], *at, key, 0)


def damage_json(value, path, fault):
    """A copy of the entry with this fault at the path."""
    key, *rest = path
    changed = value.copy()
    if rest:
        changed[key] = damage_json(value[key], rest, fault)
        return changed
    old = changed.pop(key) if isinstance(value, dict) else None
    if fault == "renamed":
        changed[f"{key}_"] = old
    elif JSON_FAULTS[fault] is not REMOVED:
        changed[key] = JSON_FAULTS[fault]
    return changed


def xml_names(service):
    """The elements of an entry."""
    entry = xml_entry(service, "2603.00001", DAYS[service])
    return dict.fromkeys(re.findall(r"<([\w:]+)", entry)[1:])


def damage_xml(entry, name, fault):
    """The entry with this fault in each of its elements of that name."""
    pattern = rf"<{name}(?:\s[^>]*)?(?:/>|>(.*?)</{name}>)"
    damaged = re.sub(pattern, XML_FAULTS[fault].format(name), entry, flags=re.DOTALL)
    assert damaged != entry, f"there is no {name}"
    return damaged


def damage(service, field, fault):
    return lambda entry: (damage_json if service == "hf" else damage_xml)(entry, field, fault)


FIELDS = [
    *(("hf", path) for path in json_paths(hf_entry("2603.00001", DAYS["hf"]))),
    *((service, name) for service in ("feed", "oai", "api") for name in xml_names(service)),
]
# Each service with each kind of fault; a test damages every field.
FAULTS = [
    pytest.param(service, fault, id=f"{service}-{fault}")
    for service in DAYS
    for fault in (JSON_FAULTS if service == "hf" else XML_FAULTS)
]


def fields_of(service):
    return [field for of_service, field in FIELDS if of_service == service]


# Entries without these are skipped.
ESSENTIAL = {
    ("hf", ("paper",)),
    ("hf", ("paper", "id")),
    ("feed", "title"),
    ("oai", "title"),
    ("oai", "metadata"),
    ("oai", "arXiv"),
    ("api", "title"),
}


# Fetching


@pytest.fixture(scope="session")
def fetch(tmp_path_factory):
    """Fetches the day of a service that lists these entries."""
    with (
        pytest.MonkeyPatch.context() as patch,
        running(Services()) as services,
        HttpClient(deadline=1e6) as client,
    ):
        patch.setenv("NO_PROXY", "127.0.0.1")
        patch.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("slots")))
        urls = services.urls
        settings = ArxivSettings(
            categories=("cs.CL",),
            api_url=urls["api"],
            rss_url=urls["feed"],
            oai_url=urls["oai"],
            delay_seconds=0,
        )
        sources = {"hf": HuggingFace(HuggingFaceSettings(urls["hf"])), "arxiv": ArXiv(settings)}

        def fetch_day(service, listed, days=None, now=NOW):
            days = days or (DAYS[service],)
            services.present = days[-1]
            # OAI-PMH would replace a feed that is refused.
            services.faults = {"oai": says(b"")} if service == "feed" else {}
            services.faults[service] = says(page(service, listed, days[-1]))
            source = sources["hf" if service == "hf" else "arxiv"]
            category = "" if service == "hf" else "cs.CL"
            return source.listings(client, ListingRequest(days, (category,)), now)

        yield fetch_day


def fetch_damaged(fetch, service, field, fault, count):
    """The listing of a page in which the first `count` entries are damaged."""
    listed = entries(service, DAYS[service])
    damaged = map(damage(service, field, fault), listed[:count])
    (listing,) = fetch(service, [*damaged, *listed[count:]])
    return listing


def papers(listing):
    return {sighting.paper.id: sighting for sighting in listing.sightings}


@pytest.fixture(scope="session")
def undamaged(fetch):
    """The papers of each service without damage."""
    return {name: papers(*fetch(name, entries(name, day))) for name, day in DAYS.items()}


@pytest.mark.parametrize(("service", "fault"), FAULTS)
def test_a_field_damaged_in_one_entry_loses_that_entry_at_most(undamaged, fetch, service, fault):
    """Each page has up to ten damaged entries, each with damage to another field."""
    day, good, fields = DAYS[service], undamaged[service], fields_of(service)
    for start in range(0, len(fields), DAMAGED_AT_ONCE):
        listed, bad = entries(service, day), {}
        for number, field in enumerate(fields[start : start + DAMAGED_AT_ONCE]):
            listed[number] = damage(service, field, fault)(listed[number])
            bad[ids(service, day)[number]] = field
        (listing,) = fetch(service, listed)
        assert good | papers(listing) | bad == good | bad
        lost = good.keys() - papers(listing).keys()
        assert lost <= bad.keys()
        assert listing.state == ("partial" if lost else "complete"), bad
        assert len(listing.skipped) == len(lost), bad


@pytest.mark.parametrize(("service", "fault"), FAULTS)
def test_a_field_damaged_in_half_of_the_entries_loses_none_unnoticed(fetch, service, fault):
    for field in fields_of(service):
        if (service, field) in ESSENTIAL and (field, fault) != ("title", "number"):
            kind = failure_kind(
                lambda at=field: fetch_damaged(fetch, service, at, fault, HALF), service
            )
            assert kind == "not-a-listing", field
        else:
            listing = fetch_damaged(fetch, service, field, fault, HALF)
            complete = len(papers(listing)) == (60 if service == "api" else 30)
            assert listing.state == ("complete" if complete else "partial"), field


def failure_kind(fetch_half, service):
    """The kind of the failure, which for the query API leaves the papers of OAI-PMH."""
    if service == "api":
        return fetch_half().failure.kind
    with pytest.raises(SourceError) as caught:
        fetch_half()
    return caught.value.kind


# Several fields and entries

EQUIVALENT_FIELDS = {
    "hf": [("title",), ("paper", "title")],
    "feed": ["guid", "link", "description"],
    "oai": ["identifier", "id"],
    "api": ["id", "link"],
}


@pytest.mark.parametrize("service", EQUIVALENT_FIELDS)
def test_a_page_is_refused_if_half_of_the_entries_lack_all_equivalent_fields(fetch, service):
    listed = entries(service, DAYS[service])
    for field in EQUIVALENT_FIELDS[service]:
        listed[:HALF] = map(damage(service, field, "missing"), listed[:HALF])
    assert failure_kind(lambda: fetch(service, listed)[0], service) == "not-a-listing"


def listings_or_none(fetch):
    """The listings; none if the page is refused."""
    with suppress(SourceError):
        return fetch()
    return []


@pytest.mark.parametrize("count", [ONE, HALF, 30])
@pytest.mark.parametrize("service", ["feed", "oai", "api"])
def test_renamed_entries_are_reported(fetch, service, count):
    listed = entries(service, DAYS[service])
    name = {"feed": "item", "oai": "record", "api": "entry"}[service]
    listed[:count] = [damage_xml(entry, name, "renamed") for entry in listed[:count]]
    listings = listings_or_none(lambda: fetch(service, listed))
    assert {listing.state for listing in listings} <= {"partial"}
    assert count > ONE or len(papers(*listings)) >= 29


@pytest.mark.parametrize("count", [ONE, HALF])
@pytest.mark.parametrize("fault", XML_FAULTS)
def test_records_without_a_day_are_reported_if_several_days_are_requested(fetch, count, fault):
    days = date(2026, 3, 24), date(2026, 3, 25)
    listed = [entry for day in days for entry in entries("oai", day, 15)]
    listed[:count] = [damage_xml(entry, "datestamp", fault) for entry in listed[:count]]
    now = datetime(2026, 3, 26, 3, tzinfo=UTC)
    listings = listings_or_none(lambda: fetch("oai", listed, days, now))
    assert {listing.state for listing in listings[:1]} <= {"partial"}
    assert count > ONE or sum(len(papers(listing)) for listing in listings) >= 29
