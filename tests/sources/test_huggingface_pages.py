import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import DAY, NOW, entry, numbered, page

from papertrack.errors import SourceError
from papertrack.models import Listed, Observation, Paper, Sighting, Skipped
from papertrack.sources.huggingface import parse_page, parse_paper
from papertrack.sources.pages import Page
from papertrack.text import clean

EARLIER, EARLIEST = date(2026, 3, 30), date(2026, 3, 27)


def only(*args, day=DAY, **keys):
    """The one sighting of a page with one entry."""
    (sighting,) = parse_page(page(entry(*args, **keys)), day, NOW).sightings
    return sighting


def refusal(body, day=DAY):
    """What is said of a page that is refused; None for the page of a single paper."""
    with pytest.raises(SourceError) as caught:
        parse_page(body, day, NOW) if day else parse_paper(body, NOW)
    assert caught.value.source == "huggingface"
    assert len(caught.value.what) < 200
    return caught.value


def test_an_entry_becomes_a_sighting_with_everything_it_says():
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
        ),
        "huggingface",
        NOW,
        Listed("huggingface", DAY, 1),
        (Observation(NOW, 5, 2, 70),),
    )


def test_what_an_entry_does_not_say_is_unknown():
    body = page({"paper": {"id": "2603.00001", "title": "T"}})
    (sighting,) = parse_page(body, DAY, NOW).sightings
    assert sighting.paper == Paper("2603.00001", "T")
    assert sighting.observations == (), "counts that are all unknown are no observation"


@pytest.mark.parametrize("value", [7, 1.5, True, [], {}, "", [[]], {"name": 7}, "   "])
def test_a_value_of_another_type_counts_as_absent(value):
    keys = ("summary", "authors", "publishedAt", "ai_keywords", "organization", "githubRepo")
    broken = dict.fromkeys((*keys, "projectPage"), value)
    assert only(paper=broken, summary=value, organization=value).paper == Paper(
        "2603.00001", "A Paper"
    )


@pytest.mark.parametrize("value", [True, False, 5.0, "5", -1, 10**12, [5], None, float("nan")])
def test_only_a_plausible_whole_number_is_a_count(value):
    (seen,) = only(paper={"upvotes": value, "githubStars": value}).observations
    assert seen == Observation(NOW, None, 2, None)


def test_zero_is_a_count():
    (seen,) = only(paper={"upvotes": 0, "githubStars": 0}, numComments=0).observations
    assert seen == Observation(NOW, 0, 0, 0)


def test_titles_lose_their_hard_wraps_and_controls():
    sighting = only(paper={"title": "Deep\n  Nets: \x1b[31mRed\u202e\x00 $x^2$ <think>"})
    assert sighting.paper.title == "Deep Nets: [31mRed $x^2$ <think>"


def test_the_title_and_abstract_of_the_paper_come_before_those_of_the_entry():
    paper = only(title="Other", summary="Other").paper
    assert (paper.title, paper.abstract) == ("A Paper", "What it says.")
    missing = {"title": None, "summary": None}
    paper = only(paper=missing, title="Other", summary="Else").paper
    assert (paper.title, paper.abstract) == ("Other", "Else")


def test_a_machine_made_summary_is_no_abstract():
    assert only(paper={"summary": None}, summary=None).paper.abstract is None


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


def test_an_organization_goes_by_its_full_name_then_its_name():
    assert only(organization={"name": "lab"}).paper.organization == "lab"
    assert only(organization={"name": "lab", "fullname": "Lab"}).paper.organization == "Lab"


def test_a_version_in_the_id_is_kept_apart():
    paper = only("2603.00001v3").paper
    assert (paper.id, paper.version) == ("2603.00001", 3)


# Entries without use


@pytest.mark.parametrize("paper_id", [None, "", 2603.0001, 260300001, "2613.00001", "abc", [], {}])
def test_an_entry_without_an_arxiv_id_is_skipped_and_the_others_kept(paper_id):
    bad = entry()
    bad["paper"]["id"] = paper_id
    found = parse_page(page(*numbered(1, 6), bad, *numbered(8, 1)), DAY, NOW)
    assert [one.listed.rank for one in found.sightings] == [1, 2, 3, 4, 5, 6, 8]
    where = f"entry 7 ({paper_id})" if paper_id in ("2613.00001", "abc") else "entry 7"
    assert found.skipped == (Skipped(where, "no arXiv id"),)


def test_an_entry_without_a_title_is_skipped():
    bad = entry("2603.00009", paper={"title": "\x00"}, title=None)
    found = parse_page(page(*numbered(1, 2), bad), DAY, NOW)
    assert found.skipped == (Skipped("entry 3 (2603.00009)", "no title"),)


@pytest.mark.parametrize("bad", [None, 7, "text", [], {}, {"paper": None}, {"paper": [1]}])
def test_an_entry_of_another_shape_is_skipped(bad):
    found = parse_page(page(*numbered(1, 2), bad), DAY, NOW)
    assert found.skipped == (Skipped("entry 3", "no arXiv id"),)
    assert found.size == 3


def test_of_a_paper_listed_twice_the_first_counts():
    found = parse_page(page(*numbered(1, 2), entry(paper={"upvotes": 99})), DAY, NOW)
    assert [one.paper.id for one in found.sightings] == ["2603.00001", "2603.00002"]
    assert found.skipped == (Skipped("entry 3 (2603.00001)", "listed twice"),)


def test_repeats_alone_do_not_spoil_a_page():
    found = parse_page(page(*numbered(1, 3) * 2), DAY, NOW)
    assert (len(found.sightings), len(found.skipped)) == (3, 3)


def test_a_page_of_which_half_is_without_use_is_refused_with_the_first_reason():
    error = refusal(page(entry(), entry("x")))
    assert (error.kind, error.what) == (
        "not-a-listing",
        "Hugging Face sent 1 of 2 entries without use: entry 2 (x): no arXiv id",
    )


# Bodies without use


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
def test_json_that_is_no_list_is_an_error_and_no_empty_day(body):
    assert refusal(body).kind == "not-a-listing"


def test_a_page_of_absurd_length_is_refused_before_it_takes_memory():
    assert refusal(b"[" + b"1," * 50_000 + b"1]").kind == "not-a-listing"


def test_the_error_shows_how_the_body_began():
    assert "'<html> login'" in refusal(b"<html>\n login").what


def test_an_empty_list_is_an_empty_page():
    assert parse_page(b" []\n", DAY, NOW) == Page((), ())


# Listing days


def test_the_day_that_was_asked_for_is_the_listing_day_and_ranks_go_on():
    body = page(*numbered(1, 2, EARLIER))
    found = parse_page(body, EARLIER, NOW, first_rank=101)
    assert [one.listed for one in found.sightings] == [
        Listed("huggingface", EARLIER, 101),
        Listed("huggingface", EARLIER, 102),
    ]


def saying(*days):
    """A page of entries that say these days; None says nothing, a text is what one says."""
    whole = [entry(f"2603.{number:05}", day=day) for number, day in enumerate(days, 1)]
    for one, day in zip(whole, days, strict=True):
        if isinstance(day, str):
            one["paper"]["submittedOnDailyAt"] = day
        if day is None:
            del one["paper"]["submittedOnDailyAt"]
    return page(*whole)


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
def test_a_page_of_which_half_or_more_say_the_day_asked_for_or_nothing_is_of_that_day(days):
    found = parse_page(saying(*days), DAY, NOW)
    assert {one.listed.day for one in found.sightings} == {DAY}
    assert found.size == len(days)


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
def test_a_page_of_which_most_say_another_day_is_the_stale_listing_of_that_day(days, other):
    error = refusal(saying(*days))
    assert error.kind == "stale"
    assert error.what == f"Hugging Face sent the papers of {other} for 2026-03-31"


def test_entries_of_a_saved_page_may_say_any_day():
    found = parse_page(saying(EARLIEST, EARLIER, EARLIER), None, NOW)
    assert [one.listed.day for one in found.sightings] == [EARLIEST, EARLIER, EARLIER]


def test_entries_of_a_saved_page_are_dated_by_their_submission_to_daily_papers():
    assert only(day=None).listed == Listed("huggingface", DAY, 1)


@pytest.mark.parametrize(
    ("sent", "day"),
    [
        ("2024-06-03T04:00:00.000Z", date(2024, 6, 3)),
        ("2024-06-03T20:59:59.000Z", date(2024, 6, 3)),
        ("2024-06-03T21:00:00.000Z", date(2024, 6, 4)),
        ("2024-06-02T23:30:00.000Z", date(2024, 6, 3)),
    ],
)
def test_before_march_2025_the_entry_says_when_it_was_sent_in(sent, day):
    old = {"submittedOnDailyAt": None, "publishedAt": "2024-05-31T17:00:00.000Z"}
    assert only(day=None, paper=old, publishedAt=sent).listed.day == day


@pytest.mark.parametrize("sent", [None, "2026-03-29T13:59:59.000Z", "yesterday", 7])
def test_without_such_a_moment_the_listing_day_is_unknown(sent):
    """Since March 2025 the entry's publishedAt is the paper's own, moved by some hours."""
    sighting = only(day=None, paper={"submittedOnDailyAt": "soon"}, publishedAt=sent)
    assert sighting.listed is None


# A paper by itself


def alone(**changed):
    """What the API says of one paper alone; None takes a key away."""
    links = {"linkedModels": [], "numTotalModels": 0, "comments": [{"id": "c"}]}
    return json.dumps(entry(paper=links | changed)["paper"]).encode()


def test_a_paper_alone_says_what_it_says_in_a_listing_but_no_rank_and_no_comments():
    (listed,) = parse_page(page(entry()), DAY, NOW).sightings
    assert listed.observations == (Observation(NOW, 5, 2, 70),)
    assert parse_paper(alone(), NOW) == listed._replace(
        listed=Listed("huggingface", DAY, None), observations=(Observation(NOW, 5, None, 70),)
    )


@pytest.mark.parametrize("said", [None, "soon", 7])
def test_a_paper_alone_that_does_not_say_when_it_was_listed_has_no_listing_day(said):
    assert parse_paper(alone(submittedOnDailyAt=said), NOW).listed is None


@pytest.mark.parametrize("body", [b"", b"<html>", alone()[:-20]], ids=["empty", "html", "cut off"])
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
        (alone(id="cran:12"), "no arXiv id"),
        (alone(title=" \x00"), "no title"),
    ],
    ids=["null", "empty", "error", "a page", "an entry", "another id", "untitled"],
)
def test_json_that_is_no_paper_is_an_error_with_its_reason(body, reason):
    error = refusal(body, None)
    assert (error.kind, error.what) == (
        "not-a-listing",
        f"Hugging Face sent no paper: {reason}",
    )


# Anything at all

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
def test_no_value_of_any_key_breaks_the_page(inner, outer):
    odd = entry()
    odd["paper"] |= inner
    odd |= outer
    body = json.dumps([*numbered(2, 2), odd]).encode()
    for day in (None, DAY):
        found = parse_page(body, day, NOW)
        assert found.size == 3
        for text in _texts(found.sightings):
            assert clean(text) == text


@given(st.dictionaries(inner_keys.filter(lambda key: key not in {"id", "title"}), anything))
def test_no_value_of_any_key_breaks_a_paper_alone(odd):
    found = parse_paper(alone(**odd), NOW)
    for text in _texts(found):
        assert clean(text) == text


@pytest.mark.parametrize(
    "parse",
    [lambda body: parse_page(body, DAY, NOW), lambda body: parse_paper(body, NOW)],
    ids=["page", "paper"],
)
@given(st.binary() | anything.map(lambda value: json.dumps(value).encode()))
def test_no_body_does_anything_but_parse_or_raise_a_source_error(parse, body):
    try:
        parse(body)
    except SourceError as error:
        assert error.kind in {"not-json", "not-a-listing"}  # noqa: PT017 - either way is right


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)
