"""Every field of an entry, spoilt in every way: in one of 30 entries it costs that entry at most,
and in half of them nothing is lost unnoticed. Sources ask a real local server, in this process.
"""

import re
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from faulty import DAYS, Services, entries, hf_entry, ids, page, running, xml_entry
from spoiling import says

from papertrack.errors import SourceError
from papertrack.sources import ListingRequest
from papertrack.sources.arxiv import ArXiv, ArxivSettings
from papertrack.sources.http import HttpClient
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings

NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)
ONE, HALF = 1, 15
LOST = object()
JSON_FAULTS = {
    "missing": LOST,
    "null": None,
    "renamed": LOST,
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


# What there is to spoil


def json_paths(value, *at):
    for key, inner in value.items():
        yield (*at, key)
        if key == "paper":
            yield from json_paths(inner, *at, key)
        elif key == "authors":
            yield from json_paths(inner[0], *at, key, 0)


def json_spoilt(value, path, fault):
    """A copy of the entry with that fault at the path."""
    key, *rest = path
    changed = value.copy()
    if rest:
        changed[key] = json_spoilt(value[key], rest, fault)
        return changed
    old = changed.pop(key) if isinstance(value, dict) else None
    if fault == "renamed":
        changed[f"{key}_"] = old
    elif JSON_FAULTS[fault] is not LOST:
        changed[key] = JSON_FAULTS[fault]
    return changed


def xml_names(service):
    """The elements of an entry."""
    whole = xml_entry(service, "2603.00001", DAYS[service])
    return dict.fromkeys(re.findall(r"<([\w:]+)", whole)[1:])


def xml_spoilt(entry, name, fault):
    """The entry with that fault in each of its elements of that name."""
    pattern = rf"<{name}(?:\s[^>]*)?(?:/>|>(.*?)</{name}>)"
    spoilt = re.sub(pattern, XML_FAULTS[fault].format(name), entry, flags=re.DOTALL)
    assert spoilt != entry, f"there is no {name}"
    return spoilt


def spoilt(service, field, fault):
    return lambda entry: (json_spoilt if service == "hf" else xml_spoilt)(entry, field, fault)


FIELDS = [
    *(("hf", path) for path in json_paths(hf_entry("2603.00001", DAYS["hf"]))),
    *((service, name) for service in ("feed", "oai", "api") for name in xml_names(service)),
]
SPOILT = [
    pytest.param(service, field, fault, id=f"{service}-{'.'.join(map(str, where))}-{fault}")
    for service, field in FIELDS
    for where in [field if service == "hf" else (field,)]
    for fault in (JSON_FAULTS if service == "hf" else XML_FAULTS)
]
# Without these an entry is none.
ESSENTIAL = {
    ("hf", ("paper",)),
    ("hf", ("paper", "id")),
    ("feed", "title"),
    ("oai", "title"),
    ("oai", "metadata"),
    ("oai", "arXiv"),
    ("api", "title"),
}


# Asking


@pytest.fixture(scope="session")
def asked(tmp_path_factory):
    """Asks a source for its day, where a service lists these entries."""
    with (
        pytest.MonkeyPatch.context() as here,
        running(Services()) as services,
        HttpClient(deadline=600.0) as client,
    ):
        here.setenv("NO_PROXY", "127.0.0.1")
        here.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("turns")))
        urls = services.urls
        settings = ArxivSettings(
            categories=("cs.CL",),
            api_url=urls["api"],
            rss_url=urls["feed"],
            oai_url=urls["oai"],
            delay_seconds=0,
        )
        sources = {"hf": HuggingFace(HuggingFaceSettings(urls["hf"])), "arxiv": ArXiv(settings)}

        def ask(service, listed, days=None, now=NOW):
            days = days or (DAYS[service],)
            services.present = days[-1]
            services.faults = {service: says(page(service, listed, days[-1]))}
            source = sources["hf" if service == "hf" else "arxiv"]
            category = "" if service == "hf" else "cs.CL"
            return source.listings(client, ListingRequest(days, (category,)), now)

        yield ask


@pytest.fixture
def found(asked, service, field, fault):
    """What comes of a page of which so many entries are spoilt: the listing, or the refusal."""

    def ask(count):
        whole = entries(service, DAYS[service])
        spoil = spoilt(service, field, fault)
        (listing,) = asked(service, [*map(spoil, whole[:count]), *whole[count:]])
        return listing

    return ask


def papers(listing):
    return {one.paper.id: one for one in listing.sightings}


@pytest.fixture(scope="session")
def well(asked):
    """The papers of each service where nothing is spoilt."""
    return {name: papers(*asked(name, entries(name, day))) for name, day in DAYS.items()}


@pytest.mark.parametrize(("service", "field", "fault"), SPOILT)
def test_a_field_that_is_spoilt_in_one_entry_costs_that_entry_at_most(well, found, service):
    listing = found(ONE)
    bad = ids(service, DAYS[service])[0]
    assert well[service] | papers(listing) | {bad: None} == well[service] | {bad: None}
    lost = well[service].keys() - papers(listing).keys()
    assert lost <= {bad}
    assert listing.state == ("partial" if lost else "complete")
    assert bool(listing.skipped) == bool(lost)


@pytest.mark.parametrize(("service", "field", "fault"), SPOILT)
def test_a_field_that_is_spoilt_in_half_of_the_entries_loses_none_unnoticed(
    found, service, field, fault
):
    if (service, field) in ESSENTIAL and (field, fault) != ("title", "number"):
        assert refusal(found, service) == "not-a-listing"
    else:
        listing = found(HALF)
        whole = len(papers(listing)) == (60 if service == "api" else 30)
        assert listing.state == ("complete" if whole else "partial")


def refusal(found, service):
    """The kind of what kept the page away; what OAI-PMH said before stays."""
    if service == "api":
        return found(HALF).failure.kind
    with pytest.raises(SourceError) as caught:
        found(HALF)
    return caught.value.kind


# Several at a time

TOGETHER = {
    "hf": [("title",), ("paper", "title")],
    "feed": ["guid", "link", "description"],
    "oai": ["identifier", "id"],
    "api": ["id", "link"],
}


@pytest.mark.parametrize("service", TOGETHER)
def test_a_page_is_refused_where_half_of_the_entries_lack_all_that_may_stand_for_it(asked, service):
    whole = entries(service, DAYS[service])
    for field in TOGETHER[service]:
        whole[:HALF] = map(spoilt(service, field, "missing"), whole[:HALF])
    assert refusal(lambda _: asked(service, whole)[0], service) == "not-a-listing"


def came(ask):
    """What comes: nothing where all is refused."""
    with suppress(SourceError):
        return ask()
    return []


@pytest.mark.parametrize("count", [ONE, HALF, 30])
@pytest.mark.parametrize("service", ["feed", "oai", "api"])
def test_entries_under_another_name_are_missed(asked, service, count):
    whole = entries(service, DAYS[service])
    name = {"feed": "item", "oai": "record", "api": "entry"}[service]
    whole[:count] = [xml_spoilt(one, name, "renamed") for one in whole[:count]]
    listings = came(lambda: asked(service, whole))
    assert {one.state for one in listings} <= {"partial"}
    assert count > ONE or len(papers(*listings)) >= 29


@pytest.mark.parametrize("count", [ONE, HALF])
@pytest.mark.parametrize("fault", XML_FAULTS)
def test_records_without_a_day_are_missed_where_several_days_are_asked_for(asked, count, fault):
    days = date(2026, 3, 24), date(2026, 3, 25)
    whole = [one for day in days for one in entries("oai", day, 15)]
    whole[:count] = [xml_spoilt(one, "datestamp", fault) for one in whole[:count]]
    listings = came(lambda: asked("oai", whole, days, datetime(2026, 3, 26, 3, tzinfo=UTC)))
    assert {one.state for one in listings[:1]} <= {"partial"}
    assert count > ONE or sum(len(papers(one)) for one in listings) >= 29
