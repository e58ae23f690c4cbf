import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import DAY, NOW, entry, numbered, page

from papertrack.errors import SourceError
from papertrack.models import Observation, Paper, PaperListing, Sighting, Skipped
from papertrack.sources.huggingface import parse_page, parse_paper
from papertrack.sources.pages import Page, listing_of
from papertrack.text import clean

EARLIER, EARLIEST = date(2026, 3, 30), date(2026, 3, 27)


def only(*args, day=DAY, **keys):
    """The only sighting of a page with one entry."""
    (sighting,) = parse_page(page(entry(*args, **keys)), day, NOW).sightings
    return sighting


def refusal(body, day=DAY):
    """The error of a page; with `day` None, of the response about a single paper."""
    with pytest.raises(SourceError) as caught:
        parse_page(body, day, NOW) if day else parse_paper(body, NOW)
    assert caught.value.source == "huggingface"
    assert len(caught.value.what) < 200
    return caught.value


def test_an_entry_becomes_a_sighting_with_all_its_fields():
    links = {
        "githubRepo": "https://github.com/o/r/tree/main",
        "projectPage": "https://o.example/r",
        "organization": {"name": "lab", "fullname": "The Lab"},
    }
    assert only(paper=links) == Sighting(
        Paper(
            "2603.00001",
            "A Paper",
            abstract="What it says.",
            authors=("Ada One", "Bo Two"),
            keywords=("attention",),
            submitted=datetime(2026, 3, 29, 17, 59, 59, tzinfo=UTC),
            code_url="https://github.com/o/r",
            project_url="https://o.example/r",
            organization="The Lab",
            tldr="Made by a machine.",
        ),
        "huggingface",
        NOW,
        PaperListing("huggingface", DAY, 1),
        (Observation(NOW, 5, 2, 70),),
    )


def test_fields_missing_from_an_entry_are_unknown():
    body = page({"paper": {"id": "2603.00001", "title": "T"}})
    (sighting,) = parse_page(body, DAY, NOW).sightings
    assert sighting.paper == Paper("2603.00001", "T")
    assert sighting.observations == (), "unknown counts are not an observation"


@pytest.mark.parametrize("value", [7, 1.5, True, [], {}, "", [[]], {"name": 7}, "   "])
def test_a_value_of_another_type_counts_as_absent(value):
    keys = ("summary", "authors", "publishedAt", "ai_keywords", "organization", "githubRepo")
    broken = dict.fromkeys((*keys, "projectPage", "ai_summary"), value)
    assert only(paper=broken, summary=value, organization=value).paper == Paper(
        "2603.00001", "A Paper"
    )


@pytest.mark.parametrize("value", [True, False, 5.0, "5", -1, 10**12, [5], None, float("nan")])
def test_only_a_plausible_whole_number_is_a_count(value):
    (observation,) = only(paper={"upvotes": value, "githubStars": value}).observations
    assert observation == Observation(NOW, None, 2, None)


def test_zero_is_a_count():
    (observation,) = only(paper={"upvotes": 0, "githubStars": 0}, numComments=0).observations
    assert observation == Observation(NOW, 0, 0, 0)


def test_titles_lose_their_hard_wraps_and_controls():
    sighting = only(paper={"title": "Deep\n  Nets: \x1b[31mRed\u202e\x00 $x^2$ <think>"})
    assert sighting.paper.title == "Deep Nets: [31mRed $x^2$ <think>"


def test_the_title_and_abstract_of_the_paper_take_precedence_over_those_of_the_entry():
    paper = only(title="Other", summary="Other").paper
    assert (paper.title, paper.abstract) == ("A Paper", "What it says.")
    missing = {"title": None, "summary": None}
    paper = only(paper=missing, title="Other", summary="Else").paper
    assert (paper.title, paper.abstract) == ("Other", "Else")


def test_a_machine_made_summary_is_not_the_abstract():
    paper = only(paper={"summary": None}, summary=None).paper
    assert (paper.abstract, paper.tldr) == (None, "Made by a machine.")


def test_an_organization_is_found_under_each_of_its_names():
    lab = {"organization": None, "submitterOrganization": {"name": "lab"}}
    assert only(**lab).paper.organization == "lab"
    assert only(organization={"name": "other"}).paper.organization == "other"


def test_a_paper_may_be_titled_0():
    assert only(paper={"title": "0"}).paper.title == "0"


def test_hidden_authors_are_left_out_and_repeated_ones_listed_once():
    people = [
        {"name": "Ada\n  One", "hidden": False},
        {"name": "Bo Two", "hidden": True},
        {"name": "Ada One"},
        {"name": "Cy Three", "hidden": "false"},
        {"name": ""},
        {"name": None},
        "Di Four",
    ]
    assert only(paper={"authors": people}).paper.authors == ("Ada One", "Cy Three")


def test_keywords_are_cleaned_and_listed_once():
    words = ["RL", "RL ", "graph\nnets", 7, None, ""]
    assert only(paper={"ai_keywords": words}).paper.keywords == ("RL", "graph nets")


def test_an_organization_has_its_full_name_or_else_its_name():
    assert only(organization={"name": "lab"}).paper.organization == "lab"
    assert only(organization={"name": "lab", "fullname": "Lab"}).paper.organization == "Lab"


def test_a_version_in_the_id_is_separated():
    paper = only("2603.00001v3").paper
    assert (paper.id, paper.version) == ("2603.00001", 3)


# Unusable entries


@pytest.mark.parametrize("paper_id", [None, "", 2603.0001, 260300001, "2613.00001", "abc", [], {}])
def test_an_entry_without_an_arxiv_id_is_skipped_and_no_other(paper_id):
    bad = entry()
    bad["paper"]["id"] = paper_id
    parsed = parse_page(page(*numbered(1, 6), bad, *numbered(8, 1)), DAY, NOW)
    assert [sighting.listed.rank for sighting in parsed.sightings] == [1, 2, 3, 4, 5, 6, 8]
    where = f"entry 7 ({paper_id})" if paper_id in ("2613.00001", "abc") else "entry 7"
    assert parsed.skipped == (Skipped(where, "no arXiv id"),)


def test_an_entry_without_a_title_is_skipped():
    bad = entry("2603.00009", paper={"title": "\x00"}, title=None)
    parsed = parse_page(page(*numbered(1, 2), bad), DAY, NOW)
    assert parsed.skipped == (Skipped("entry 3 (2603.00009)", "no title"),)


@pytest.mark.parametrize("bad", [None, 7, "text", [], {}, {"paper": None}, {"paper": [1]}])
def test_an_entry_of_another_shape_is_skipped(bad):
    parsed = parse_page(page(*numbered(1, 2), bad), DAY, NOW)
    assert parsed.skipped == (Skipped("entry 3", "no arXiv id"),)
    assert parsed.size == 3


def test_the_first_entry_of_a_paper_listed_twice_counts():
    parsed = parse_page(page(*numbered(1, 2), entry(paper={"upvotes": 99})), DAY, NOW)
    listing = listing_of("huggingface", DAY, [parsed])
    assert [sighting.paper.id for sighting in listing.sightings] == ["2603.00001", "2603.00002"]
    assert [sighting.observations[0].upvotes for sighting in listing.sightings] == [5, 5]
    assert (listing.state, listing.skipped, parsed.size) == ("complete", (), 3)


def test_a_page_with_half_of_its_entries_unusable_is_refused_with_the_first_reason():
    error = refusal(page(entry(), entry("x")))
    assert (error.kind, error.what) == (
        "not-a-listing",
        "Hugging Face sent unusable entries (1 of 2): entry 2 (x): no arXiv id",
    )


# Unusable bodies


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<!doctype html><title>Just a moment...</title>",
        page(entry())[:-20],
        page(entry()).replace(b"A Paper", b"A \xff\xfe Paper"),
        b"[" * 100_000 + b"]" * 100_000,
        b"[" + b"9" * 5000 + b"]",
        b"[] []",
    ],
    ids=["empty", "blank", "html", "truncated", "utf-8", "deep", "long number", "two"],
)
def test_a_body_that_is_not_json_is_an_error(body):
    error = refusal(body)
    assert error.kind == "not-json"
    assert clean(error.what) == error.what


@pytest.mark.parametrize("body", [b"null", b'"text"', b"7", b"{}", b'{"error":"no\\u001b such"}'])
def test_json_that_is_not_a_list_is_an_error_not_an_empty_day(body):
    assert refusal(body).kind == "not-a-listing"


def test_a_page_of_absurd_length_is_refused_before_it_takes_memory():
    assert refusal(b"[" + b"1," * 50_000 + b"1]").kind == "not-a-listing"


def test_the_error_has_the_beginning_of_the_body():
    assert "'<html> login'" in refusal(b"<html>\n login").what


def test_an_empty_list_is_an_empty_page():
    assert parse_page(b" []\n", DAY, NOW) == Page((), ())


# Listing days


def test_the_requested_day_is_the_listing_day_and_ranks_continue():
    body = page(*numbered(1, 2, EARLIER))
    parsed = parse_page(body, EARLIER, NOW, first_rank=101)
    assert [sighting.listed for sighting in parsed.sightings] == [
        PaperListing("huggingface", EARLIER, 101),
        PaperListing("huggingface", EARLIER, 102),
    ]


def dated_page(*days):
    """A page of entries with these dates; None removes the date, a text replaces it."""
    entries = [entry(f"2603.{number:05}", day=day) for number, day in enumerate(days, 1)]
    for dated, day in zip(entries, days, strict=True):
        if isinstance(day, str):
            dated["paper"]["submittedOnDailyAt"] = day
        if day is None:
            del dated["paper"]["submittedOnDailyAt"]
    return page(*entries)


@pytest.mark.parametrize(
    "days",
    [
        (DAY, DAY, EARLIER),
        (DAY, EARLIER),
        (EARLIER, EARLIEST, DAY, DAY),
        (None, None, DAY),
        (None, None),
        ("2026-03-31T00:00:00.000Z", "2026-03-31T23:59:59.999Z"),
        ("2026-04-01T01:00:00+02:00", "2026-03-30T23:00:00-05:00"),
        ("soon", "2026-13-30T01:00:00.000Z", ""),
    ],
    ids=str,
)
def test_a_page_with_half_or_more_of_its_dates_on_the_requested_day_is_of_that_day(days):
    parsed = parse_page(dated_page(*days), DAY, NOW)
    assert {sighting.listed.day for sighting in parsed.sightings} == {DAY}
    assert parsed.size == len(days)


@pytest.mark.parametrize(
    ("days", "other"),
    [
        ((EARLIER,) * 3, EARLIER),
        ((DAY, EARLIER, EARLIER), EARLIER),
        ((EARLIER, None, None), EARLIER),
        ((EARLIER, DAY, EARLIEST, EARLIEST), EARLIEST),
        ((EARLIEST, EARLIER), EARLIER),
        ((DAY, EARLIER, EARLIEST), EARLIER),
        (("2026-04-01T00:00:00.000Z", "soon"), date(2026, 4, 1)),
        (("2026-03-31T00:00:00+02:00",), EARLIER),
    ],
    ids=str,
)
def test_a_page_with_most_of_its_dates_on_another_day_is_stale(days, other):
    error = refusal(dated_page(*days))
    assert error.kind == "stale"
    assert error.what == f"Hugging Face sent the papers of {other} instead of 2026-03-31"


def test_entries_of_a_saved_page_may_have_any_date():
    parsed = parse_page(dated_page(EARLIEST, EARLIER, EARLIER), None, NOW)
    assert [sighting.listed.day for sighting in parsed.sightings] == [EARLIEST, EARLIER, EARLIER]


def test_entries_of_a_saved_page_are_dated_by_their_submission_to_daily_papers():
    assert only(day=None).listed == PaperListing("huggingface", DAY, 1)


@pytest.mark.parametrize(
    ("added", "day"),
    [
        ("2024-06-03T04:00:00.000Z", date(2024, 6, 3)),
        ("2024-06-03T20:59:59.000Z", date(2024, 6, 3)),
        ("2024-06-03T21:00:00.000Z", date(2024, 6, 4)),
        ("2024-06-02T23:30:00.000Z", date(2024, 6, 3)),
    ],
)
def test_before_march_2025_the_date_of_an_entry_is_that_of_its_submission(added, day):
    old = {"submittedOnDailyAt": None, "publishedAt": "2024-05-31T17:00:00.000Z"}
    assert only(day=None, paper=old, publishedAt=added).listed.day == day


@pytest.mark.parametrize("added", [None, "2026-03-29T13:59:59.000Z", "yesterday", 7])
def test_without_such_a_date_the_listing_day_is_unknown(added):
    """Since March 2025 the entry's publishedAt is the paper's own, shifted by some hours."""
    sighting = only(day=None, paper={"submittedOnDailyAt": "soon"}, publishedAt=added)
    assert sighting.listed is None


# Single papers


def single(**changed):
    """The response of the API about a single paper; None removes a key."""
    links = {"linkedModels": [], "numTotalModels": 0, "comments": [{"id": "c"}]}
    return json.dumps(entry(paper=links | changed)["paper"]).encode()


def test_a_single_paper_has_the_fields_of_a_listing_but_no_rank_and_no_comments():
    (listed,) = parse_page(page(entry()), DAY, NOW).sightings
    assert listed.observations == (Observation(NOW, 5, 2, 70),)
    assert parse_paper(single(), NOW) == listed._replace(
        listed=PaperListing("huggingface", DAY, None), observations=(Observation(NOW, 5, None, 70),)
    )


@pytest.mark.parametrize("value", [None, "soon", 7])
def test_a_single_paper_without_a_date_has_no_listing_day(value):
    assert parse_paper(single(submittedOnDailyAt=value), NOW).listed is None


@pytest.mark.parametrize("body", [b"", b"<html>", single()[:-20]], ids=["empty", "html", "cut off"])
def test_a_paper_that_is_not_json_is_an_error(body):
    assert refusal(body, None).kind == "not-json"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"null", "no arXiv id"),
        (b"{}", "no arXiv id"),
        (b'{"error": "Sorry, no such page"}', "no arXiv id"),
        (page(entry()), "no arXiv id"),
        (json.dumps(entry()).encode(), "no arXiv id"),
        (single(id="cran:12"), "no arXiv id"),
        (single(title=" \x00"), "no title"),
    ],
    ids=["null", "empty", "error", "a page", "an entry", "another id", "untitled"],
)
def test_json_that_is_not_a_paper_is_an_error_with_its_reason(body, reason):
    error = refusal(body, None)
    assert (error.kind, error.what) == (
        "not-a-listing",
        f"Hugging Face sent no paper: {reason}",
    )


# Arbitrary input

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
inner_keys = st.sampled_from([*entry()["paper"], "organization", "githubRepo", "projectPage"])


@given(
    st.dictionaries(inner_keys, anything), st.dictionaries(st.sampled_from(list(entry())), anything)
)
def test_any_value_of_any_key_leaves_the_page_valid(inner, outer):
    odd = entry()
    odd["paper"] |= inner
    odd |= outer
    body = json.dumps([*numbered(2, 2), odd]).encode()
    for day in (None, DAY):
        parsed = parse_page(body, day, NOW)
        assert parsed.size == 3
        for text in _texts(parsed.sightings):
            assert clean(text) == text


@given(st.dictionaries(inner_keys.filter(lambda key: key not in {"id", "title"}), anything))
def test_any_value_of_any_key_leaves_a_single_paper_valid(odd):
    parsed = parse_paper(single(**odd), NOW)
    for text in _texts(parsed):
        assert clean(text) == text


@pytest.mark.parametrize(
    "parse",
    [lambda body: parse_page(body, DAY, NOW), lambda body: parse_paper(body, NOW)],
    ids=["page", "paper"],
)
@given(st.binary() | anything.map(lambda value: json.dumps(value).encode()))
def test_any_body_parses_or_raises_a_source_error(parse, body):
    try:
        parse(body)
    except SourceError as error:
        assert error.kind in {"not-json", "not-a-listing"}  # noqa: PT017 - either way is right


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
