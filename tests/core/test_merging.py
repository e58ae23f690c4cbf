from datetime import date, timedelta
from functools import reduce
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, days, sighting, sightings, sources

from papertrack.merge import (
    from_sighting,
    has_same_content,
    merge,
    merge_listings,
    merge_observations,
    merge_states,
    provenance,
    view,
)
from papertrack.models import Claim, Observation, Paper, PaperListing, State

# All fields are merged in the same way, so a few of them are enough; each may be unknown.
_claimed_papers = st.builds(
    Paper,
    id=st.just("2603.00001"),
    title=st.sampled_from(["", "A", "B"]),
    version=st.sampled_from([None, 1, 2]),
    abstract=st.sampled_from([None, "a", "b"]),
    authors=st.sampled_from([(), ("x",), ("y", "z")]),
    announced=st.sampled_from([None, DAY]),
)
kinds = st.sampled_from(["new", "cross", "revised"])
ranks = st.none() | st.integers(1, 3)
listings = st.lists(st.builds(PaperListing, sources, days, ranks, kinds), max_size=6).map(tuple)


def _with_kind(sighting, kind):
    if not sighting.listed:
        return sighting
    return sighting._replace(listed=sighting.listed._replace(kind=kind))


entries = st.builds(_with_kind, sightings(_claimed_papers), kinds).map(from_sighting)


@given(entries, entries)
def test_merging_is_commutative(first, second):
    assert merge(first, second) == merge(second, first)


@given(entries, entries, entries)
def test_merging_is_associative(first, second, third):
    assert merge(merge(first, second), third) == merge(first, merge(second, third))


@given(entries, entries)
def test_merging_is_idempotent(first, second):
    merged = merge(first, second)
    assert merge(merged, first) == merge(merged, second) == merge(merged, merged) == merged


@given(st.lists(entries, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_entries_may_be_merged_in_any_order_any_grouping_any_number_of_times(versions, random):
    heap = [*versions, *random.choices(versions, k=3)]
    random.shuffle(heap)
    while len(heap) > 1:
        first, second = (heap.pop(random.randrange(len(heap))) for _ in range(2))
        heap.append(merge(first, second))
    assert heap == [reduce(merge, versions, versions[0])]


@given(st.lists(entries, min_size=1, max_size=5))
def test_no_listing_and_no_source_is_lost_and_no_observation_invented(versions):
    merged = reduce(merge, versions, versions[0])
    assert {(listed.source, listed.day) for listed in merged.listings} == {
        (listed.source, listed.day) for entry in versions for listed in entry.listings
    }
    moments = [observation.at for observation in merged.observations]
    assert moments == sorted(set(moments))
    assert set(moments) <= {
        observation.at for entry in versions for observation in entry.observations
    }
    sources = {name for entry in versions for name in entry.sources}
    assert merged.sources == tuple(sorted(sources))
    assert merged.first_seen == min(entry.first_seen for entry in versions)


def _field_values(claims):
    """Rows of source, field, and the value with its version and time."""
    return [
        (claim.source, field, (claim.paper.version or 0, claim.at, repr(value), value))
        for claim in claims
        for field, value in claim.paper._asdict().items()
        if value
    ]


def _best_values(claims):
    best = {}
    for source, field, value in _field_values(claims):
        best[source, field] = max(value, best.get((source, field), value))
    return best


@given(st.lists(entries, min_size=1, max_size=6))
def test_each_field_of_a_source_has_the_newest_value_of_the_highest_version(versions):
    merged = reduce(merge, versions, versions[0])
    best = _best_values([claim for entry in versions for claim in entry.claims])
    assert _best_values(merged.claims) == best
    # No other value is kept, except the id and the version that each claim repeats.
    values = [row for row in _field_values(merged.claims) if row[1] not in {"id", "version"}]
    assert all(best[source, field] == value for source, field, value in values)
    assert len({(source, field) for source, field, _ in values}) == len(values)


@given(st.lists(entries, min_size=1, max_size=6))
def test_claims_are_ordered_by_source_and_the_first_of_each_has_the_newest_version(versions):
    merged = reduce(merge, versions, versions[0])
    assert list(merged.sources) == sorted({*merged.sources})
    for source, claims in groupby(merged.claims, key=lambda claim: claim.source):
        keys = [(claim.paper.version or 0, claim.at) for claim in claims]
        assert keys == sorted({*keys}, reverse=True)
        of_source = [
            claim for entry in versions for claim in entry.claims if claim.source == source
        ]
        assert keys[0] == max((claim.paper.version or 0, claim.at) for claim in of_source)


@given(st.lists(entries, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_a_view_has_each_field_from_the_source_that_its_provenance_names(versions, random):
    claims = reduce(merge, versions, versions[0]).claims
    paper, sources = view(claims), provenance(claims)
    assert list(sources) == [
        field for field in Paper._fields[1:] if getattr(paper, field) not in {None, "", (), False}
    ]
    best = _best_values(claims)
    for field, source in sources.items():
        assert getattr(paper, field) == best[source, field][-1]
        version_numbers = {
            other: _version(claims, other, value)
            for (other, name), value in best.items()
            if name == field
        }
        assert version_numbers[source] == max(version_numbers.values())
    shuffled = random.sample(claims, len(claims))
    assert (view(tuple(shuffled)), provenance(tuple(shuffled))) == (paper, sources)


def _version(claims, source, value):
    """The version of a value; arXiv's without a number is as new as the imports before it."""
    version, at, *_ = value
    if version or source != "arxiv":
        return version
    imported = (claim for claim in claims if claim.source == "import" and claim.at <= at)
    return max((claim.paper.version or 0 for claim in imported), default=0)


def _entry(**fields):
    return from_sighting(sighting(**fields))


def test_a_later_claim_of_a_source_replaces_its_earlier_one():
    old, new = _entry(title="Old"), _entry(title="New", at=NOW + HOUR)
    assert merge(new, old).paper.title == merge(old, new).paper.title == "New"


def test_a_higher_version_is_current_whenever_it_was_fetched():
    second = _entry(title="Second", version=2)
    late_first = _entry(title="First", version=1, at=NOW + HOUR)
    assert merge(late_first, second).paper.title == "Second"


def test_arxiv_is_preferred_and_the_other_source_fills_the_gaps():
    page = _entry(title="From HF", organization="Lab", keywords=("x",))
    arxiv = _entry(source="arxiv", title="From arXiv", abstract="Text.")
    paper = merge(page, arxiv).paper
    assert (paper.title, paper.organization, paper.abstract) == ("From arXiv", "Lab", "Text.")


def test_arxiv_is_preferred_beside_an_import_without_a_version():
    imported, arxiv = _entry(source="import", title="Mine"), _entry(source="arxiv", title="arXiv's")
    merged = merge(merge(_entry(title="From HF"), imported), arxiv)
    assert merged.paper.title == "arXiv's"


def test_a_later_claim_without_a_field_keeps_the_earlier_value():
    """The feed has the announcement day, and the query API, called later, does not."""
    feed = _entry(source="arxiv", title="Old", version=1, announced=DAY)
    query = _entry(source="arxiv", title="New", version=1, abstract="A", at=NOW + HOUR)
    merged = merge(query, feed)
    assert (merged.paper.title, merged.paper.abstract, merged.paper.announced) == ("New", "A", DAY)
    assert merged.claims == (
        Claim("arxiv", NOW + HOUR, Paper("2603.00001", "New", 1, "A")),
        Claim("arxiv", NOW, Paper("2603.00001", "", 1, announced=DAY)),
    )


def test_a_field_that_only_an_earlier_version_has_is_kept_as_a_claim_of_that_version():
    first = _entry(title="First", version=1, abstract="One.", code_url="https://github.com/o/r")
    second = _entry(title="Second", version=2, abstract="Two.", at=NOW - HOUR)
    merged = merge(first, second)
    assert (merged.paper.version, merged.paper.title) == (2, "Second")
    assert merged.paper.code_url == "https://github.com/o/r"
    assert [claim.paper.version for claim in merged.claims] == [2, 1]
    # Another source's claim of version 2 therefore takes precedence.
    zenodo = _entry(source="zenodo", title="Z", version=2, code_url="https://github.com/z/z")
    assert merge(merged, zenodo).paper.code_url == "https://github.com/z/z"
    assert merge(merged, zenodo).paper.title == "Second"


def test_provenance_names_the_source_of_each_known_field():
    page = _entry(title="From HF", organization="Lab", abstract="HF's.")
    arxiv = _entry(source="arxiv", title="From arXiv", version=1)
    assert provenance(merge(page, arxiv).claims) == {
        "title": "arxiv",
        "version": "arxiv",
        "abstract": "huggingface",
        "organization": "huggingface",
    }
    assert provenance(page.claims)["title"] == "huggingface"


def test_after_arxiv_and_hugging_face_sources_rank_by_name_however_new_their_claims():
    names = ["zenodo", "biorxiv", "acl", "huggingface", "arxiv"]
    versions = [_entry(source=name, title=name, at=NOW - n * HOUR) for n, name in enumerate(names)]
    preferred = [reduce(merge, versions[: number + 1]).paper.title for number in range(5)]
    assert preferred == names


def test_a_view_of_unmerged_claims_has_the_newest_of_a_source():
    old, new = (_entry(title=title, at=NOW + n * HOUR) for n, title in enumerate(("Old", "New")))
    for claims in (old.claims + new.claims, new.claims + old.claims):
        assert view(claims).title == "New"


def test_a_source_without_any_field_is_kept():
    empty = _entry(source="import", title="", day=None)
    merged = merge(merge(empty, empty), _entry(title="A"))
    assert merged.sources == ("huggingface", "import")
    assert merged.paper.title == "A"
    assert view(merge(empty, _entry(title="")).claims) == Paper("2603.00001", "")


def test_a_view_without_claims_is_an_error():
    with pytest.raises(ValueError, match="at least one claim"):
        view(())


def test_the_better_of_two_ranks_on_a_day_is_kept():
    merged = merge(_entry(rank=None), merge(_entry(rank=7), _entry(rank=3)))
    assert merged.listings == (PaperListing("huggingface", DAY, 3),)


def test_on_a_day_new_takes_precedence_over_cross_and_revised_whatever_the_rank():
    new, cross, revised = (
        PaperListing("arxiv", DAY, rank, kind)
        for rank, kind in ((9, "new"), (5, "cross"), (1, "revised"))
    )
    for of_day in ((new, cross, revised), (revised, cross, new), (cross, revised, new)):
        assert merge_listings(of_day) == (new._replace(rank=1),)
    assert merge_listings((revised, cross)) == (cross._replace(rank=1),)


@given(listings, listings, listings, st.randoms(use_true_random=False))
def test_listings_may_be_merged_in_any_order_any_grouping_any_number_of_times(
    first, second, third, random
):
    together = first + second + third
    merged = merge_listings(together)
    assert merge_listings(merge_listings(first + second) + third) == merged
    assert merge_listings(first + merge_listings(third + second)) == merged
    assert merge_listings(merged + first) == merge_listings(merged) == merged
    assert merge_listings(tuple(random.sample(together, len(together)))) == merged


def _days(*days_and_kinds, source="arxiv"):
    return tuple(
        PaperListing(source, DAY.replace(day=day), kind=kind) for day, kind in days_and_kinds
    )


def test_arxiv_announces_a_paper_once_and_later_listings_are_revisions():
    twice = merge_listings(_days((24, "new"), (25, "new")))
    assert twice == _days((24, "new"), (25, "revised"))
    earlier = merge_listings(twice + _days((23, "cross")))
    assert earlier == _days((23, "cross"), (24, "revised"), (25, "revised"))
    assert merge_listings(_days((23, "revised"), (24, "cross"), (25, "cross"))) == _days(
        (23, "revised"), (24, "cross"), (25, "revised")
    )


def test_hugging_face_may_list_a_paper_as_new_again():
    listed = _days((24, "new"), (30, "new"), source="huggingface")
    assert merge_listings(listed + _days((23, "new"))) == _days((23, "new")) + listed


def test_counts_of_zero_are_counts():
    counted = merge(_entry(upvotes=0), _entry(comments=0, at=NOW + HOUR))
    assert counted.latest == Observation(NOW + HOUR, 0, 0, None)


def test_content_changes_with_text_days_and_counts_but_not_with_another_fetch():
    """The rank changes with every fetch, so it does not count."""
    stored = _entry(rank=1)
    assert has_same_content(stored, merge(stored, _entry(rank=1, at=NOW + HOUR)))
    assert has_same_content(stored, _entry(rank=9))
    assert not has_same_content(stored, merge(stored, _entry(title="Other", at=NOW + HOUR)))
    assert not has_same_content(stored, merge(stored, _entry(day=DAY.replace(day=30))))
    assert not has_same_content(stored, merge(stored, _entry(upvotes=1)))
    assert not has_same_content(stored, stored._replace(first_seen=NOW - HOUR))
    assert not has_same_content(stored, merge(stored, _entry(version=1, at=NOW + HOUR)))


def test_another_kind_of_listing_changes_the_content():
    stored = _entry(source="arxiv", rank=1)
    assert not has_same_content(stored, stored._replace(listings=_days((31, "cross"))))
    assert not has_same_content(
        stored, merge(stored, _entry(source="arxiv", day=DAY.replace(day=30)))
    )


def test_a_repeated_claim_does_not_change_the_content():
    stored = _entry(title="A", abstract="Text.", announced=DAY)
    again = merge(stored, _entry(title="A", abstract="Text.", at=NOW + HOUR))
    assert len(again.claims) == 2
    assert has_same_content(stored, again)
    assert not has_same_content(stored, merge(stored, _entry(organization="Lab", at=NOW - HOUR)))


def test_the_same_value_for_a_higher_version_changes_the_content():
    """Claims of other sources for the versions between no longer take precedence."""
    stored = merge(_entry(title="A", version=1), _entry(title="", version=2, abstract="Two."))
    assert not has_same_content(stored, merge(stored, _entry(title="A", version=2)))


def test_merged_states_have_the_marks_of_both_and_the_first_note():
    first = State(starred=True, tags=("a", "b"), note="first")
    second = State(read=True, tags=("b", "c"), note="second")
    assert merge_states(first, second) == State(
        starred=True, read=True, tags=("a", "b", "c"), note="first"
    )
    assert merge_states(State(), second) == second


@pytest.mark.parametrize("mark", ["starred", "read", "hidden"])
def test_each_mark_is_kept_whichever_state_has_it(mark):
    marked = State(**{mark: True})
    assert merge_states(marked, State()) == merge_states(State(), marked) == marked


def test_an_entry_of_one_sighting_has_its_counts_in_time_order():
    later, first = Observation(NOW + HOUR, 2), Observation(NOW, 1)
    unordered = sighting()._replace(observations=(later, first))
    assert from_sighting(unordered).observations == (first, later)
    assert from_sighting(sighting(day=None)).listings == ()


def test_the_higher_of_two_counts_at_a_moment_is_kept():
    more, less, unknown = (Observation(NOW, upvotes, 1, None) for upvotes in (2, 1, None))
    for counts in ((more, less, unknown), (unknown, less, more), (less, more)):
        assert merge_observations(counts) == (more,)
    none, zero = Observation(NOW, 1, None), Observation(NOW, 1, 0)
    assert merge_observations((none, zero)) == merge_observations((zero, none)) == (zero,)


_LOOKS = st.lists(
    st.builds(
        Observation,
        st.integers(0, 24 * 120).map(lambda hours: NOW + hours * HOUR),
        *[st.none() | st.integers(0, 9)] * 3,
    ),
    max_size=30,
)


@given(_LOOKS, _LOOKS)
def test_observations_may_be_merged_in_any_grouping_and_more_than_once(first, second):
    merged = merge_observations((*first, *second))
    assert merge_observations(merge_observations(tuple(second)) + tuple(first)) == merged
    assert merge_observations(merged + merged) == merged


@given(_LOOKS)
def test_recent_counts_and_the_last_of_each_older_day_or_week_stay(looks):
    merged = merge_observations(tuple(looks))
    for number in range(1, 4):
        all_counts = [look for look in looks if look[number] is not None]
        kept = {look.at for look in merged if look[number] is not None}
        last_day = max((look.at.date() for look in all_counts), default=NOW.date())
        for look in all_counts:
            later = [each.at for each in all_counts if each.at > look.at]
            age = last_day - look.at.date()
            if age.days <= 2 or not later:
                assert look.at in kept
            # The last one of a week before the last five is also the last one of its day.
            if all(at.isocalendar()[:2] != look.at.isocalendar()[:2] for at in later):
                assert look.at in kept


def test_of_two_looks_a_day_three_days_stay_then_one_a_day_for_five_weeks_then_one_a_week():
    """NOW is a Tuesday evening; the fifth week before its own begins on February 23."""
    looks = [Observation(NOW - number * 12 * HOUR, number) for number in range(120)]
    kept = [f"{look.at:%m-%d %H}" for look in merge_observations(tuple(looks))]
    days = [date(2026, 2, 23) + timedelta(number) for number in range(34)]
    assert kept == [
        "01-31 06",
        *("02-01 18", "02-08 18", "02-15 18", "02-22 18"),
        *(f"{day:%m-%d} 18" for day in days),
        *(f"03-{day} {hour}" for day in (29, 30, 31) for hour in ("06", "18")),
    ]


def test_a_year_of_four_looks_a_day_takes_less_than_a_tenth_of_the_observations():
    looks = tuple(Observation(NOW + number * 6 * HOUR, number) for number in range(4 * 365))
    merged = merge_observations(looks)
    assert merged[0] == looks[0]
    assert merged[-8:] == looks[-8:]
    assert len(merged) < len(looks) / 10


def test_an_observation_without_counts_is_left_out():
    assert merge_observations((Observation(NOW), Observation(NOW + HOUR, 0))) == (
        Observation(NOW + HOUR, 0),
    )


def test_the_readers_state_is_that_of_the_first_entry():
    starred = _entry()._replace(state=State(starred=True))
    assert merge(starred, _entry()).state.starred
    assert not merge(_entry(), starred).state.starred
