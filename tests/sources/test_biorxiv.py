"""bioRxiv and medRxiv, on pages built by hand to the shape that their API documents."""

import json
import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Response

from papertrack.errors import SourceError
from papertrack.models import Failure, Listed, Paper, Sighting, Skipped
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
    """A full entry; None stays null."""
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
    said = message(cursor, len(collection), total, **changed)
    return json.dumps({"messages": [said], "collection": collection}).encode()


NOTHING = b'{"messages":[{"status":"no posts found"}],"collection":[]}'


@pytest.fixture
def serve(server):
    """Answers each cursor with what `answer(cursor)` gives, a status or a body; the paths asked
    for are in the list that comes back.
    """

    def start(answer):
        asked = []

        def respond(request):
            asked.append(request.path)
            body = answer(int(request.path.split("/")[-2]))
            return Response(status=body) if isinstance(body, int) else Response(body)

        server.expect_request(PATH).respond_with_handler(respond)
        return asked

    return start


@pytest.fixture
def ask(server, client):
    """Asks the test's server for the day; the only listing, or those of some categories."""

    one = client()

    def start(*categories, kind=BioRxiv):
        source = kind(PreprintSettings(categories, server.url_for("/")))
        listings = source.listings(one, ListingRequest((DAY,), source.categories), NOW)
        return list(listings) if categories else listings[0]

    return start


def shelf(everything, size=30, total=str):
    """A server that holds all these entries and gives `size` of them at a time."""

    def answer(cursor):
        here = everything[cursor : cursor + size]
        return page(here, cursor, total(len(everything))) if here else NOTHING

    return answer


def ranks(listing):
    return [one.listed.rank for one in listing.sightings]


# What an entry becomes


def test_an_entry_becomes_a_sighting_with_what_papertrack_keeps_of_it(serve, ask):
    serve(lambda _cursor: page([entry(345, doi="10.1101/2026.03.20.712345")]))
    (sighting,) = ask().sightings
    assert sighting == Sighting(
        Paper(
            "doi:10.1101/2026.03.20.712345",
            "Paper 345",
            1,
            abstract="What it says.",
            authors=("G. Family", "A. B. Van Der Berg", "The Atlas Group"),
            categories=("cell biology",),
            submitted=POSTED,
        ),
        "biorxiv",
        NOW,
        Listed("biorxiv", DAY, 1),
    )


@pytest.mark.parametrize("version", ["2", 2, "3", "17"])
def test_a_later_version_is_listed_as_revised_and_tells_no_submission(serve, ask, version):
    serve(lambda _cursor: page([entry(version=version)]))
    (sighting,) = ask().sightings
    assert sighting.listed.kind == "revised"
    assert sighting.paper.version == int(version)
    assert (sighting.paper.submitted, sighting.paper.updated) == (None, POSTED)


@pytest.mark.parametrize("version", [None, "", "0", 0, "two", True, 1.0, "-1", [], "9" * 5000])
def test_an_entry_of_an_unknown_version_counts_as_new_and_its_date_as_unknown(serve, ask, version):
    serve(lambda _cursor: page([entry(version=version)]))
    (sighting,) = ask().sightings
    assert sighting.listed.kind == "new"
    assert (sighting.paper.version, sighting.paper.submitted, sighting.paper.updated) == (None,) * 3


def test_of_two_versions_of_one_day_the_first_one_makes_the_paper_new(serve, ask):
    versions = [entry(1, version="2"), entry(2), entry(1, version="1"), entry(1, version="3")]
    serve(lambda _cursor: page(versions))
    listing = ask()
    assert [(one.paper.version, one.listed.kind) for one in listing.sightings] == [(1, "new")] * 2
    assert listing.state == "complete"


@pytest.mark.parametrize(
    ("written", "read"),
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
def test_authors_are_read_family_name_first_and_written_given_name_first(serve, ask, written, read):
    serve(lambda _cursor: page([entry(authors=written)]))
    (sighting,) = ask().sightings
    assert sighting.paper.authors == read


def test_a_doi_is_the_same_in_upper_and_in_lower_case_and_of_any_registrant(serve, ask):
    dois = ["10.1101/2026.03.20.712345V", "10.64898/2026.03.20.712346"]
    serve(lambda _cursor: page([entry(doi=doi) for doi in dois]))
    ids = [one.paper.id for one in ask().sightings]
    assert ids == ["doi:10.1101/2026.03.20.712345v", "doi:10.64898/2026.03.20.712346"]


def test_medrxiv_is_asked_and_listed_by_its_own_name(serve, ask):
    asked = serve(lambda _cursor: page([entry()]))
    listing = ask(kind=MedRxiv)
    assert asked == ["/details/medrxiv/2026-03-20/2026-03-20/0/json"]
    assert {listing.source, *(one.source for one in listing.sightings)} == {"medrxiv"}
    assert listing.sightings[0].listed == Listed("medrxiv", DAY, 1)


# Pages


@pytest.mark.parametrize("size", [30, 100, 7])
@pytest.mark.parametrize("total", [int, str])
@pytest.mark.parametrize("count", [1, 30, 61, 200])
def test_all_pages_are_read_whatever_their_size_and_none_more(serve, ask, size, total, count):
    asked = serve(shelf(entries(count), size, total))
    listing = ask()
    cursors = [int(path.split("/")[-2]) for path in asked]
    assert cursors == list(range(0, count, size))
    assert (listing.state, listing.failure, listing.skipped) == ("complete", None, ())
    assert ranks(listing) == list(range(1, count + 1))


@pytest.mark.parametrize("total", [None, True, -1, "many", 1.5, [], "0", 5])
def test_without_a_plausible_total_pages_are_read_until_one_is_empty(serve, ask, total):
    asked = serve(shelf(entries(61), total=lambda _count: total))
    listing = ask()
    assert len(asked) == 4
    assert (listing.state, len(listing.sightings)) == ("complete", 61)


def test_a_paper_that_slides_to_the_next_page_counts_once(serve, ask):
    serve(lambda cursor: page(entries(30) if not cursor else entries(10, 30), cursor, 40))
    listing = ask()
    assert (listing.state, len(listing.sightings)) == ("complete", 39)
    assert ranks(listing)[-2:] == [39, 40]


@pytest.mark.parametrize("body", [NOTHING, page([]), page([], total=0), page([], total=None)])
def test_a_day_without_papers_is_quiet(serve, ask, body):
    asked = serve(lambda _cursor: body)
    listing = ask()
    assert (listing.state, listing.sightings, listing.failure) == ("quiet", (), None)
    assert len(asked) == 1


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
def test_when_a_later_page_fails_the_listing_is_partial_and_says_why(serve, ask, later, kind):
    whole = shelf(entries(61))
    serve(lambda cursor: later if cursor else whole(cursor))
    listing = ask()
    assert (listing.state, len(listing.sightings), listing.skipped) == ("partial", 30, ())
    assert (listing.failure.source, listing.failure.kind) == ("biorxiv", kind)
    assert listing.failure.message.startswith("page 2 of 2026-03-20: ")


def test_a_server_that_repeats_its_page_is_asked_twice_and_the_listing_partial(serve, ask):
    asked = serve(lambda _cursor: page(entries(30), 0, "61"))
    listing = ask()
    assert (len(asked), listing.state, len(listing.sightings)) == (2, "partial", 30)
    message = "page 2 of 2026-03-20: bioRxiv sent the same page twice"
    assert listing.failure == Failure("biorxiv", "not-a-listing", message)


def test_a_total_that_is_not_reached_makes_the_listing_partial(serve, ask):
    serve(shelf(entries(40), total=lambda _count: "61"))
    listing = ask()
    assert (listing.state, len(listing.sightings)) == ("partial", 40)
    message = "page 3 of 2026-03-20: bioRxiv lists 61 entries, but sent 40"
    assert listing.failure == Failure("biorxiv", "not-a-listing", message)


def test_pages_without_end_are_given_up_and_what_came_is_kept(serve, ask):
    asked = serve(lambda cursor: page([entry(cursor)], cursor, 10_000))
    listing = ask()
    assert (len(asked), listing.state, len(listing.sightings)) == (100, "partial", 100)
    assert "over 100 pages" in listing.failure.message


# Categories


def test_a_day_is_divided_into_the_categories_however_the_server_writes_them(serve, ask):
    written = ["cell biology", "Neuroscience", "zoology", "cell_biology", "NEUROSCIENCE"]
    asked = serve(lambda _cursor: page([entry(n, category=one) for n, one in enumerate(written)]))
    cells, brains, plants = ask("cell biology", "neuroscience", "plant biology")
    assert (cells.category, ranks(cells), cells.state) == ("cell biology", [1, 4], "complete")
    assert (brains.category, ranks(brains), brains.state) == ("neuroscience", [2, 5], "complete")
    assert (plants.category, ranks(plants), plants.state) == ("plant biology", [], "quiet")
    assert len(asked) == 1


def test_each_category_of_a_day_that_came_in_part_is_partial_even_an_empty_one(serve, ask):
    serve(lambda cursor: 404 if cursor else page(entries(30), 0, "31"))
    listings = ask("cell biology", "zoology")
    assert [(one.state, len(one.sightings)) for one in listings] == [
        ("partial", 30),
        ("partial", 0),
    ]
    assert all(one.failure.kind == "status" for one in listings)


def test_among_categories_an_entry_without_one_is_skipped(serve, ask):
    serve(lambda _cursor: page([*entries(2), entry(3, category=None)]))
    (listing,) = ask("cell biology")
    assert listing.skipped == (Skipped("entry 3 (10.1101/2026.03.20.712003)", "no category"),)
    assert listing.state == "partial"


def test_when_no_entry_says_its_category_any_more_the_day_is_no_quiet_one(serve, ask):
    renamed = [entry(n, category=None, subject="cell biology") for n in range(30)]
    serve(lambda _cursor: page(renamed))
    with pytest.raises(SourceError, match="no category") as caught:
        ask("cell biology")
    assert caught.value.kind == "not-a-listing"
    assert len(ask().sightings) == 30


# Entries and answers without use


@pytest.mark.parametrize("key", sorted(entry()))
def test_one_bad_field_costs_at_most_its_entry(serve, ask, key):
    reasons = {"doi": ["no DOI"], "title": ["no title"]}.get(key, [])
    whole = entry(15)
    others = {name: value for name, value in whole.items() if name != key}
    damaged = [others, others | {f"{key}_2": whole[key]}]
    damaged += [whole | {key: value} for value in (None, 7, True, 1.5, [], {}, [[]], "", " ")]
    bodies = [page([*entries(14), bad, *entries(15, 16)]) for bad in damaged]
    serve(lambda _cursor: bodies.pop())
    for _ in damaged:
        listing = ask()
        assert [one for one in ranks(listing) if one != 15] == [*range(1, 15), *range(16, 31)]
        assert [one.reason for one in listing.skipped] == reasons
        assert listing.state == ("partial" if reasons else "complete")


@pytest.mark.parametrize("bad", [None, 7, "text", [], {}])
def test_an_entry_of_another_shape_is_skipped(serve, ask, bad):
    serve(lambda _cursor: page([*entries(2), bad]))
    listing = ask()
    assert listing.skipped == (Skipped("entry 3", "no DOI"),)
    assert (listing.state, ranks(listing)) == ("partial", [1, 2])


@pytest.mark.parametrize(
    "doi",
    ["NA", "10.1101", "10.1101/", "10.1101/a b", "https://x.org/10.1101/1", "10.1101/é", "1/2"],
)
def test_what_is_no_doi_is_named_in_the_reason(serve, ask, doi):
    serve(lambda _cursor: page([*entries(2), entry(doi=doi)]))
    assert ask().skipped == (Skipped(f"entry 3 ({doi.lower()})", "no DOI"),)


def test_a_page_of_which_half_is_without_use_is_refused_with_the_first_reason(serve, ask):
    serve(lambda _cursor: page([entry(), entry(doi="NA")]))
    with pytest.raises(SourceError) as caught:
        ask()
    assert (caught.value.source, caught.value.kind, caught.value.what) == (
        "biorxiv",
        "not-a-listing",
        "bioRxiv sent 1 of 2 entries without use: entry 2 (na): no DOI",
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (HTML, "not-json"),
        (b"", "not-json"),
        (page([entry()])[:-20], "not-json"),
        (page([entry()]).replace(b"Paper", b"P\xff\xfe"), "not-json"),
        (b"[" * 100_000, "not-json"),
        (b'{"error":"Not found"}', "not-a-listing"),
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
def test_an_answer_that_is_no_listing_is_an_error_and_no_empty_day(serve, ask, body, kind):
    serve(lambda _cursor: body)
    with pytest.raises(SourceError) as caught:
        ask()
    assert (caught.value.source, caught.value.kind) == ("biorxiv", kind)
    assert caught.value.what.startswith("bioRxiv sent ")
    assert len(caught.value.what) < 200


def test_a_server_that_refuses_is_an_error_with_its_status(serve, ask):
    serve(lambda _cursor: 404)
    with pytest.raises(SourceError) as caught:
        ask()
    assert (caught.value.source, caught.value.kind) == ("biorxiv", "status")


@pytest.mark.parametrize("messages", [None, [], [None], [[]], {}, "ok", [{"status": 7}]])
def test_papers_are_read_whatever_the_messages_beside_them_say(serve, ask, messages):
    body = json.dumps({"messages": messages, "collection": entries(3)}).encode()
    serve(lambda cursor: NOTHING if cursor else body)
    listing = ask()
    assert (listing.state, len(listing.sightings)) == ("complete", 3)


# When, and anything at all


def test_a_day_is_looked_at_for_two_more_days(server):
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
def test_no_value_of_any_key_breaks_the_page(odd):
    body = page([*entries(2), entry(3) | odd])
    found = parse_page(SERVICE, body, PageContext(DAY, NOW, divided=False))
    assert found.size == 3
    for one in found.sightings:
        texts = [one.paper.id, one.paper.title, *one.paper.authors, *one.paper.categories]
        assert [clean(text) for text in texts] == texts


answers = anything | st.fixed_dictionaries({"messages": anything, "collection": anything})


@given(st.binary() | answers.map(lambda value: json.dumps(value).encode()))
def test_no_body_does_anything_but_parse_or_raise_a_source_error(body):
    try:
        parse_page(SERVICE, body, PageContext(DAY, NOW, divided=True))
    except SourceError as error:
        assert error.kind in {"not-json", "not-a-listing"}  # noqa: PT017 - either way is right
