"""bioRxiv and medRxiv, on pages built by hand to the shape that their API documents."""

import json
import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Response

from papertrack.errors import SourceError
from papertrack.models import Failure, Paper, PaperListing, Sighting, Skipped
from papertrack.sources import ListingRequest
from papertrack.sources.biorxiv import BioRxiv, MedRxiv, PageContext, PreprintSettings, parse_page
from papertrack.sources.pages import JsonService
from papertrack.text import clean

DAY = date(2026, 3, 20)
NOW = datetime(2026, 3, 21, 9, 0, tzinfo=UTC)
POSTED = datetime(2026, 3, 20, tzinfo=UTC)
SERVICE = JsonService("biorxiv", "bioRxiv")
PATH = re.compile(r"/details/(?:bio|med)rxiv/2026-03-20/2026-03-20/\d+/json")
HTML = b"<!doctype html><title>Just a moment...</title>"


def entry(number=1, **changed):
    """A complete entry; None stays null."""
    return {
        "title": f"Paper {number}",
        "authors": "Family, G.; Van Der Berg, A. B.; The Atlas Group",
        "author_corresponding": "Given Family",
        "author_corresponding_institution": "An Institute",
        "doi": f"10.1101/2026.03.20.{712000 + number}",
        "date": "2026-03-20",
        "version": "1",
        "type": "new results",
        "license": "cc_by",
        "category": "cell biology",
        "jatsxml": "https://www.biorxiv.org/content/early/2026/03/20/x.source.xml",
        "abstract": "What it says.",
        "published": "NA",
        "server": "bioRxiv",
    } | changed


def entries(count, first=1):
    return [entry(number) for number in range(first, first + count)]


def message(cursor, count, total, **changed):
    return {
        "status": "ok",
        "interval": "2026-03-20:2026-03-20",
        "cursor": cursor,
        "count": count,
        "count_new_papers": "1",
        "total": total,
    } | changed


def page(collection, cursor=0, total="as many", **changed):
    total = str(len(collection)) if total == "as many" else total
    first = message(cursor, len(collection), total, **changed)
    return json.dumps({"messages": [first], "collection": collection}).encode()


NOTHING = b'{"messages":[{"status":"no posts found"}],"collection":[]}'


@pytest.fixture
def serve(server):
    """Responds to each cursor with `respond_to(cursor)`, a status or a body; returns the paths."""

    def start(respond_to):
        paths = []

        def respond(request):
            paths.append(request.path)
            body = respond_to(int(request.path.split("/")[-2]))
            return Response(status=body) if isinstance(body, int) else Response(body)

        server.expect_request(PATH).respond_with_handler(respond)
        return paths

    return start


@pytest.fixture
def fetch(server, client):
    """Fetches the day; returns the only listing, or those of some categories."""

    http = client()

    def start(*categories, kind=BioRxiv):
        source = kind(PreprintSettings(categories, server.url_for("/")))
        listings = source.listings(http, ListingRequest((DAY,), source.categories), NOW)
        return list(listings) if categories else listings[0]

    return start


def paged(collection, size=30, total=str):
    """Responses of a server that has these entries and sends `size` of them at a time."""

    def respond_to(cursor):
        part = collection[cursor : cursor + size]
        return page(part, cursor, total(len(collection))) if part else NOTHING

    return respond_to


def ranks(listing):
    return [sighting.listed.rank for sighting in listing.sightings]


# Entries


def test_an_entry_becomes_a_sighting_with_its_stored_fields(serve, fetch):
    serve(lambda _cursor: page([entry(345, doi="10.1101/2026.03.20.712345")]))
    (sighting,) = fetch().sightings
    assert sighting == Sighting(
        Paper(
            "doi:10.1101/2026.03.20.712345",
            "Paper 345",
            1,
            abstract="What it says.",
            authors=("G. Family", "A. B. Van Der Berg", "The Atlas Group"),
            categories=("cell biology",),
            submitted=POSTED,
            organization="An Institute",
        ),
        "biorxiv",
        NOW,
        PaperListing("biorxiv", DAY, 1),
    )


@pytest.mark.parametrize(
    ("published", "doi"),
    [("10.1000/Ab.1", "10.1000/Ab.1"), ("NA", None), ("", None), (None, None), (7, None)],
)
def test_the_doi_is_that_of_the_journal_article(serve, fetch, published, doi):
    serve(lambda _cursor: page([entry(published=published)]))
    assert fetch().sightings[0].paper.doi == doi


@pytest.mark.parametrize("version", ["2", 2, "3", "17"])
def test_a_later_version_is_listed_as_revised_without_a_submission_date(serve, fetch, version):
    serve(lambda _cursor: page([entry(version=version)]))
    (sighting,) = fetch().sightings
    assert sighting.listed.kind == "revised"
    assert sighting.paper.version == int(version)
    assert (sighting.paper.submitted, sighting.paper.updated) == (None, POSTED)


@pytest.mark.parametrize("version", [None, "", "0", 0, "two", True, 1.0, "-1", [], "9" * 5000])
def test_an_entry_of_unknown_version_counts_as_new_without_dates(serve, fetch, version):
    serve(lambda _cursor: page([entry(version=version)]))
    (sighting,) = fetch().sightings
    assert sighting.listed.kind == "new"
    assert (sighting.paper.version, sighting.paper.submitted, sighting.paper.updated) == (None,) * 3


def test_a_paper_with_its_first_and_later_versions_on_a_day_is_new(serve, fetch):
    versions = [entry(1, version="2"), entry(2), entry(1, version="1"), entry(1, version="3")]
    serve(lambda _cursor: page(versions))
    listing = fetch()
    assert [(sighting.paper.version, sighting.listed.kind) for sighting in listing.sightings] == [
        (1, "new")
    ] * 2
    assert listing.state == "complete"


@pytest.mark.parametrize(
    ("text", "authors"),
    [
        ("Family, G.", ("G. Family",)),
        ("Family, G.; ", ("G. Family",)),
        ("Smith, J., Jr.; Li, W.", ("J. Smith Jr.", "W. Li")),
        ("Wang, Y.; Wang, Y.", ("Y. Wang", "Y. Wang")),
        ("The Atlas Group;;Family,", ("The Atlas Group", "Family")),
        ("Fam\nily,\u202e G.", ("G. Fam ily",)),
        (", ;,", ()),
    ],
)
def test_authors_are_listed_with_the_given_name_first(serve, fetch, text, authors):
    serve(lambda _cursor: page([entry(authors=text)]))
    (sighting,) = fetch().sightings
    assert sighting.paper.authors == authors


def test_a_doi_is_the_same_in_upper_and_in_lower_case_and_of_any_registrant(serve, fetch):
    dois = ["10.1101/2026.03.20.712345V", "10.64898/2026.03.20.712346"]
    serve(lambda _cursor: page([entry(doi=doi) for doi in dois]))
    ids = [sighting.paper.id for sighting in fetch().sightings]
    assert ids == ["doi:10.1101/2026.03.20.712345v", "doi:10.64898/2026.03.20.712346"]


def test_medrxiv_is_requested_and_listed_by_its_own_name(serve, fetch):
    paths = serve(lambda _cursor: page([entry()]))
    listing = fetch(kind=MedRxiv)
    assert paths == ["/details/medrxiv/2026-03-20/2026-03-20/0/json"]
    assert {listing.source, *(sighting.source for sighting in listing.sightings)} == {"medrxiv"}
    assert listing.sightings[0].listed == PaperListing("medrxiv", DAY, 1)


# Pages


@pytest.mark.parametrize("size", [30, 100, 7])
@pytest.mark.parametrize("total", [int, str])
@pytest.mark.parametrize("count", [1, 30, 61, 200])
def test_all_pages_are_fetched_whatever_their_size_and_no_more(serve, fetch, size, total, count):
    paths = serve(paged(entries(count), size, total))
    listing = fetch()
    cursors = [int(path.split("/")[-2]) for path in paths]
    assert cursors == list(range(0, count, size))
    assert (listing.state, listing.failure, listing.skipped) == ("complete", None, ())
    assert ranks(listing) == list(range(1, count + 1))


@pytest.mark.parametrize("total", [None, True, -1, "many", 1.5, [], "0", 5])
def test_without_a_plausible_total_pages_are_fetched_until_an_empty_page(serve, fetch, total):
    paths = serve(paged(entries(61), total=lambda _count: total))
    listing = fetch()
    assert len(paths) == 4
    assert (listing.state, len(listing.sightings)) == ("complete", 61)


def test_a_paper_that_moves_to_the_next_page_counts_once(serve, fetch):
    serve(lambda cursor: page(entries(30) if not cursor else entries(10, 30), cursor, 40))
    listing = fetch()
    assert (listing.state, len(listing.sightings)) == ("complete", 39)
    assert ranks(listing)[-2:] == [39, 40]


@pytest.mark.parametrize("body", [NOTHING, page([]), page([], total=0), page([], total=None)])
def test_a_day_without_papers_is_quiet(serve, fetch, body):
    paths = serve(lambda _cursor: body)
    listing = fetch()
    assert (listing.state, listing.sightings, listing.failure) == ("quiet", (), None)
    assert len(paths) == 1


@pytest.mark.parametrize(
    ("later", "kind"),
    [
        (404, "status"),
        (HTML, "not-json"),
        (b"{}", "not-a-listing"),
        (b'{"error":"x"}', "not-a-listing"),
        (page([entry(31), {}]), "not-a-listing"),
        (page([], 30, "61"), "not-a-listing"),
    ],
)
def test_a_failing_later_page_makes_the_listing_partial_with_the_reason(serve, fetch, later, kind):
    complete = paged(entries(61))
    serve(lambda cursor: later if cursor else complete(cursor))
    listing = fetch()
    assert (listing.state, len(listing.sightings), listing.skipped) == ("partial", 30, ())
    assert (listing.failure.source, listing.failure.kind) == ("biorxiv", kind)
    assert listing.failure.message.startswith("page 2 of 2026-03-20: ")


def test_a_repeated_page_ends_the_requests_and_the_listing_is_partial(serve, fetch):
    paths = serve(lambda _cursor: page(entries(30), 0, "61"))
    listing = fetch()
    assert (len(paths), listing.state, len(listing.sightings)) == (2, "partial", 30)
    message = "page 2 of 2026-03-20: bioRxiv sent the same page twice"
    assert listing.failure == Failure("biorxiv", "not-a-listing", message)


def test_a_total_that_is_not_reached_makes_the_listing_partial(serve, fetch):
    serve(paged(entries(40), total=lambda _count: "61"))
    listing = fetch()
    assert (listing.state, len(listing.sightings)) == ("partial", 40)
    message = "page 3 of 2026-03-20: bioRxiv lists 61 entries but sent 40"
    assert listing.failure == Failure("biorxiv", "not-a-listing", message)


def test_endless_pages_are_abandoned_and_the_first_pages_are_stored(serve, fetch):
    paths = serve(lambda cursor: page([entry(cursor)], cursor, 10_000))
    listing = fetch()
    assert (len(paths), listing.state, len(listing.sightings)) == (100, "partial", 100)
    assert "more than 100 pages" in listing.failure.message


# Categories


def test_a_day_is_divided_into_categories_in_any_spelling(serve, fetch):
    names = ["cell biology", "Neuroscience", "zoology", "cell_biology", "NEUROSCIENCE"]
    paths = serve(lambda _cursor: page([entry(n, category=name) for n, name in enumerate(names)]))
    cells, brains, plants = fetch("cell biology", "neuroscience", "plant biology")
    assert (cells.category, ranks(cells), cells.state) == ("cell biology", [1, 4], "complete")
    assert (brains.category, ranks(brains), brains.state) == ("neuroscience", [2, 5], "complete")
    assert (plants.category, ranks(plants), plants.state) == ("plant biology", [], "quiet")
    assert len(paths) == 1


def test_each_category_of_a_partial_day_is_partial_even_without_papers(serve, fetch):
    serve(lambda cursor: 404 if cursor else page(entries(30), 0, "31"))
    listings = fetch("cell biology", "zoology")
    assert [(listing.state, len(listing.sightings)) for listing in listings] == [
        ("partial", 30),
        ("partial", 0),
    ]
    assert all(listing.failure.kind == "status" for listing in listings)


def test_an_entry_without_a_category_is_skipped_if_categories_are_requested(serve, fetch):
    serve(lambda _cursor: page([*entries(2), entry(3, category=None)]))
    (listing,) = fetch("cell biology")
    assert listing.skipped == (Skipped("entry 3 (10.1101/2026.03.20.712003)", "no category"),)
    assert listing.state == "partial"


def test_a_day_whose_entries_have_no_category_is_not_quiet(serve, fetch):
    renamed = [entry(n, category=None, subject="cell biology") for n in range(30)]
    serve(lambda _cursor: page(renamed))
    with pytest.raises(SourceError, match="no category") as caught:
        fetch("cell biology")
    assert caught.value.kind == "not-a-listing"
    assert len(fetch().sightings) == 30


# Unusable entries and responses


@pytest.mark.parametrize("key", sorted(entry()))
def test_a_damaged_field_loses_at_most_its_entry(serve, fetch, key):
    reasons = {"doi": ["no DOI"], "title": ["no title"]}.get(key, [])
    good = entry(15)
    without_key = {name: value for name, value in good.items() if name != key}
    damaged = [without_key, without_key | {f"{key}_2": good[key]}]
    damaged += [good | {key: value} for value in (None, 7, True, 1.5, [], {}, [[]], "", " ")]
    bodies = [page([*entries(14), bad, *entries(15, 16)]) for bad in damaged]
    serve(lambda _cursor: bodies.pop())
    for _ in damaged:
        listing = fetch()
        assert [rank for rank in ranks(listing) if rank != 15] == [*range(1, 15), *range(16, 31)]
        assert [skipped.reason for skipped in listing.skipped] == reasons
        assert listing.state == ("partial" if reasons else "complete")


@pytest.mark.parametrize("bad", [None, 7, "text", [], {}])
def test_an_entry_of_another_shape_is_skipped(serve, fetch, bad):
    serve(lambda _cursor: page([*entries(2), bad]))
    listing = fetch()
    assert listing.skipped == (Skipped("entry 3", "no DOI"),)
    assert (listing.state, ranks(listing)) == ("partial", [1, 2])


@pytest.mark.parametrize(
    "doi",
    ["NA", "10.1101", "10.1101/", "10.1101/a b", "https://x.org/10.1101/1", "10.1101/é", "1/2"],
)
def test_an_invalid_doi_is_named_in_the_reason(serve, fetch, doi):
    serve(lambda _cursor: page([*entries(2), entry(doi=doi)]))
    assert fetch().skipped == (Skipped(f"entry 3 ({doi.lower()})", "no DOI"),)


def test_a_page_with_half_of_its_entries_unusable_is_refused_with_the_first_reason(serve, fetch):
    serve(lambda _cursor: page([entry(), entry(doi="NA")]))
    with pytest.raises(SourceError) as caught:
        fetch()
    assert (caught.value.source, caught.value.kind, caught.value.what) == (
        "biorxiv",
        "not-a-listing",
        "bioRxiv sent unusable entries (1 of 2): entry 2 (na): no DOI",
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (HTML, "not-json"),
        (b"", "not-json"),
        (page([entry()])[:-20], "not-json"),
        (page([entry()]).replace(b"Paper", b"P\xff\xfe"), "not-json"),
        (b"[" * 100_000, "not-json"),
        (b'{"error":"Not parsed"}', "not-a-listing"),
        (b"null", "not-a-listing"),
        (b"[]", "not-a-listing"),
        (b"{}", "not-a-listing"),
        (b'{"messages":[{"status":"ok"}]}', "not-a-listing"),
        (b'{"messages":[],"collection":[]}', "not-a-listing"),
        (b'{"messages":null,"collection":[]}', "not-a-listing"),
        (b'{"collection":{}}', "not-a-listing"),
        (page([], total="12"), "not-a-listing"),
        (page([], status="error: invalid interval"), "not-a-listing"),
        (b'{"collection":[' + b"1," * 50_000 + b"1]}", "not-a-listing"),
    ],
)
def test_a_response_that_is_not_a_listing_is_an_error_not_an_empty_day(serve, fetch, body, kind):
    serve(lambda _cursor: body)
    with pytest.raises(SourceError) as caught:
        fetch()
    assert (caught.value.source, caught.value.kind) == ("biorxiv", kind)
    assert caught.value.what.startswith("bioRxiv sent ")
    assert len(caught.value.what) < 200


def test_an_error_status_is_an_error_of_kind_status(serve, fetch):
    serve(lambda _cursor: 404)
    with pytest.raises(SourceError) as caught:
        fetch()
    assert (caught.value.source, caught.value.kind) == ("biorxiv", "status")


@pytest.mark.parametrize("messages", [None, [], [None], [[]], {}, "ok", [{"status": 7}]])
def test_papers_are_parsed_whatever_the_messages_contain(serve, fetch, messages):
    body = json.dumps({"messages": messages, "collection": entries(3)}).encode()
    serve(lambda cursor: NOTHING if cursor else body)
    listing = fetch()
    assert (listing.state, len(listing.sightings)) == ("complete", 3)


# Schedule, and arbitrary input


def test_a_day_is_fetched_for_two_more_days(server):
    source = BioRxiv(PreprintSettings(base_url=server.url_for("")))
    assert source.available_from(DAY) == POSTED
    assert source.final_after(DAY) == datetime(2026, 3, 23, tzinfo=UTC)
    assert source.lists_on(date(2026, 3, 21)), "also on a Saturday"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(entry())), anything))
def test_any_value_of_any_key_leaves_the_page_valid(odd):
    body = page([*entries(2), entry(3) | odd])
    parsed = parse_page(SERVICE, body, PageContext(DAY, NOW, divided=False))
    assert parsed.size == 3
    for sighting in parsed.sightings:
        paper = sighting.paper
        texts = [paper.id, paper.title, *paper.authors, *paper.categories]
        assert [clean(text) for text in texts] == texts


responses = anything | st.fixed_dictionaries({"messages": anything, "collection": anything})


@given(st.binary() | responses.map(lambda value: json.dumps(value).encode()))
def test_any_body_parses_or_raises_a_source_error(body):
    try:
        parse_page(SERVICE, body, PageContext(DAY, NOW, divided=True))
    except SourceError as error:
        assert error.kind in {"not-json", "not-a-listing"}  # noqa: PT017 - either way is right
