"""The ranking of Papers with Code, on invented pages of the shape that its public client reads."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import Response

from papertrack.admission import admit_listing
from papertrack.errors import SourceError
from papertrack.sources import ListingRequest
from papertrack.sources.paperswithcode import PapersWithCode, PapersWithCodeSettings, parse_page

NOW = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)
TODAY = date(2026, 3, 31)


def entry(number=1, **changed):
    """An entry with the keys that the client reads; None stays null."""
    return {
        "id": number,
        "arxiv_id": f"2603.{number:05}",
        "title": f"Paper {number}",
        "authors": ["Ada One"],
        "published": "2026-03-20",
        "citation_count": 3,
        "url_abs": f"https://arxiv.org/abs/2603.{number:05}",
        "code_repository_count": 1,
    } | changed


def ranks(value):
    """The rank of each paper on a page with this value."""
    page = parse_page(json.dumps(value).encode(), NOW)
    return {sighting.paper.id: sighting.listed.rank for sighting in page.sightings}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda entries: entries,
        lambda entries: {"results": entries, "count": 9_000},
        lambda entries: {"items": entries, "total": "many"},
        lambda entries: {"results": None, "items": entries},
    ],
)
def test_the_order_of_any_known_page_is_the_ranking(wrap):
    page = wrap([entry(7), entry(3), entry(5)])
    assert ranks(page) == {"2603.00007": 1, "2603.00003": 2, "2603.00005": 3}


@pytest.mark.parametrize(
    ("keys", "paper_id"),
    [
        ({"arxiv_id": "2603.00009v2"}, "2603.00009"),
        ({"arxiv_id": "cs.CL/0301001"}, "cs/0301001"),
        ({"arxiv_id": None, "id": "2603.00009"}, "2603.00009"),
        ({"arxiv_id": None, "id": 12}, "paperswithcode:12"),
        ({"arxiv_id": "", "id": "0012"}, "paperswithcode:12"),
    ],
)
def test_a_paper_has_its_arxiv_id_else_its_number_at_the_service(keys, paper_id):
    assert ranks([entry(**keys)]) == {paper_id: 1}


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        *(
            ({"arxiv_id": None, "id": wrong}, "no id")
            for wrong in (None, True, -1, 2603.00009, [1], {"id": 1}, "a b", "1" * 13, "²", "--x")
        ),
        *(({"title": wrong}, "no title") for wrong in (None, 7, ["A"], " \x07", "")),
    ],
)
def test_an_entry_without_id_or_title_is_skipped_and_keeps_its_place(keys, reason):
    page = parse_page(json.dumps([entry(1), entry(2, **keys), entry(3)]).encode(), NOW)
    assert [sighting.listed.rank for sighting in page.sightings] == [1, 3]
    (skipped,) = page.skipped
    assert skipped.where.startswith("Papers with Code rank 2")
    assert skipped.reason == reason


def test_a_title_is_one_line_without_controls():
    page = parse_page(json.dumps([entry(title="A\x1b[31m\u202e\nB\x07")]).encode(), NOW)
    assert page.sightings[0].paper.title == "A[31m B"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "not-json"),
        (b"<html>", "not-json"),
        (b"[" * 100_000, "not-json"),
        (b'{"detail": "Not found"}', "not-a-listing"),
        (b'{"results": {"a": 1}}', "not-a-listing"),
        (b'{"results": 3}', "not-a-listing"),
        (b"null", "not-a-listing"),
        (b'"a"', "not-a-listing"),
        (b"[1, null]", "not-a-listing"),
        (json.dumps([entry(1), entry(2, title=None)]).encode(), "not-a-listing"),
        (b"[" + b"{}," * 300_000 + b"{}]", "not-a-listing"),
    ],
)
def test_what_is_no_ranking_is_an_error(body, kind):
    with pytest.raises(SourceError) as caught:
        parse_page(body, NOW)
    assert (caught.value.source, caught.value.kind) == ("paperswithcode", kind)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["results", "items", "id", "arxiv_id", "title"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_a_ranking_or_an_error(value):
    with suppress(SourceError):
        page = parse_page(json.dumps(value).encode(), NOW)
        assert page.size <= 100
        assert all(sighting.paper.title for sighting in page.sightings)


@pytest.fixture
def fetch(server, client):
    """Returns the ranking in a response, and the requests of it."""
    requests, responses = [], []

    def respond(request):
        requests.append(request)
        return responses.pop()

    server.expect_request("/api/v1/papers/trending").respond_with_handler(respond)

    def run(response, validator=None):
        responses.append(response)
        settings = PapersWithCodeSettings(server.url_for("/api/v1/"), max_age_days=7)
        request = ListingRequest((TODAY,), validator=validator)
        (listing,) = PapersWithCode(settings).listings(client(), request, NOW)
        return admit_listing(listing), requests[-1]

    return run


def test_a_ranking_is_one_request_and_has_a_hundred_papers_at_most(fetch):
    body = json.dumps({"results": [entry(number) for number in range(1, 500)], "count": 499})
    listing, request = fetch(Response(body, headers={"ETag": '"a"'}))
    assert dict(request.args) == {"limit": "100", "max_age_days": "7"}
    assert len(listing.sightings) == 100
    assert listing.validator


def test_a_paper_that_is_ranked_twice_has_the_first_rank(fetch):
    body = json.dumps([entry(2), entry(1), entry(2, arxiv_id="2603.00002v3"), entry(3)])
    listing, _ = fetch(Response(body))
    assert [(each.paper.id[-1], each.listed.rank) for each in listing.sightings] == [
        ("2", 1),
        ("1", 2),
        ("3", 4),
    ]


def test_a_ranking_that_has_not_changed_is_not_sent_again(fetch):
    listing, _ = fetch(Response(json.dumps([entry()]), headers={"ETag": '"a"'}))
    again, request = fetch(Response(status=304, headers={"ETag": '"a"'}), listing.validator)
    assert request.headers["If-None-Match"] == '"a"'
    assert again.state == "unchanged"
