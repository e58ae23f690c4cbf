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
from papertrack.models import Claim, Listed, Observation, Paper, State

# Fields are merged alike, so a few kinds of them are enough; each may be unknown.
_said = st.builds(
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
listings = st.lists(st.builds(Listed, sources, days, ranks, kinds), max_size=6).map(tuple)


def _of_a_kind(seen, kind):
    return seen._replace(listed=seen.listed._replace(kind=kind)) if seen.listed else seen


entries = st.builds(_of_a_kind, sightings(_said), kinds).map(from_sighting)


@given(entries, entries)
def test_merging_is_commutative(one, other):
    assert merge(one, other) == merge(other, one)


@given(entries, entries, entries)
def test_merging_is_associative(one, other, third):
    assert merge(merge(one, other), third) == merge(one, merge(other, third))


@given(entries, entries)
def test_merging_is_idempotent(one, other):
    merged = merge(one, other)
    assert merge(merged, one) == merge(merged, other) == merge(merged, merged) == merged


@given(st.lists(entries, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_papers_may_come_in_any_order_any_grouping_any_number_of_times(seen, random):
    heap = [*seen, *random.choices(seen, k=3)]
    random.shuffle(heap)
    while len(heap) > 1:
        one, other = (heap.pop(random.randrange(len(heap))) for _ in range(2))
        heap.append(merge(one, other))
    assert heap == [reduce(merge, seen, seen[0])]


@given(st.lists(entries, min_size=1, max_size=5))
def test_nothing_listed_or_counted_is_lost(seen):
    whole = reduce(merge, seen, seen[0])
    assert {(one.source, one.day) for one in whole.listings} == {
        (one.source, one.day) for entry in seen for one in entry.listings
    }
    moments = [one.at for one in whole.observations]
    assert moments == sorted({one.at for entry in seen for one in entry.observations})
    assert whole.sources == tuple(sorted({name for entry in seen for name in entry.sources}))
    assert whole.first_seen == min(entry.first_seen for entry in seen)


def _claims(tellings):
    """Each field that is told: by whom, of which version, when, and what."""
    return [
        (one.source, field, (one.paper.version or 0, one.at, repr(value), value))
        for one in tellings
        for field, value in one.paper._asdict().items()
        if value
    ]


def _best_claims(tellings):
    best = {}
    for source, field, claim in _claims(tellings):
        best[source, field] = max(claim, best.get((source, field), claim))
    return best


@given(st.lists(entries, min_size=1, max_size=6))
def test_of_each_field_of_a_source_the_newest_word_of_the_highest_version_stands(seen):
    whole = reduce(merge, seen, seen[0])
    best = _best_claims([telling for entry in seen for telling in entry.claims])
    assert _best_claims(whole.claims) == best
    # And no other, but for the id and the version that each telling has.
    others = [one for one in _claims(whole.claims) if one[1] not in {"id", "version"}]
    assert all(best[source, field] == claim for source, field, claim in others)
    assert len({(source, field) for source, field, _ in others}) == len(others)


@given(st.lists(entries, min_size=1, max_size=6))
def test_tellings_are_by_source_and_the_first_of_each_says_the_version(seen):
    whole = reduce(merge, seen, seen[0])
    assert list(whole.sources) == sorted({*whole.sources})
    for source, tellings in groupby(whole.claims, key=lambda one: one.source):
        words = [(one.paper.version or 0, one.at) for one in tellings]
        assert words == sorted({*words}, reverse=True)
        said = [one for entry in seen for one in entry.claims if one.source == source]
        assert words[0] == max((one.paper.version or 0, one.at) for one in said)


@given(st.lists(entries, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_a_view_has_each_field_from_the_source_that_its_provenance_names(seen, random):
    tellings = reduce(merge, seen, seen[0]).claims
    paper, origin = view(tellings), provenance(tellings)
    assert list(origin) == [
        field for field in Paper._fields[1:] if getattr(paper, field) not in {None, "", (), False}
    ]
    best = _best_claims(tellings)
    for field, source in origin.items():
        assert getattr(paper, field) == best[source, field][-1]
        told = [claim[0] for (_, name), claim in best.items() if name == field]
        assert best[source, field][0] == max(told)
    shuffled = random.sample(tellings, len(tellings))
    assert (view(tuple(shuffled)), provenance(tuple(shuffled))) == (paper, origin)


def _entry(**fields):
    return from_sighting(sighting(**fields))


def test_a_later_word_of_a_source_replaces_its_earlier_one():
    old, new = _entry(title="Old"), _entry(title="New", at=NOW + HOUR)
    assert merge(new, old).paper.title == merge(old, new).paper.title == "New"


def test_a_higher_version_stands_whenever_it_was_told():
    second = _entry(title="Second", version=2)
    late_first = _entry(title="First", version=1, at=NOW + HOUR)
    assert merge(late_first, second).paper.title == "Second"


def test_of_two_sources_arxiv_is_believed_and_the_other_fills_the_gaps():
    page = _entry(title="From HF", organization="Lab", keywords=("x",))
    arxiv = _entry(source="arxiv", title="From arXiv", abstract="Text.")
    paper = merge(page, arxiv).paper
    assert (paper.title, paper.organization, paper.abstract) == ("From arXiv", "Lab", "Text.")


def test_a_later_word_that_lacks_a_field_hides_no_earlier_one():
    """The feed knows the announcement day, and the query API, asked later, does not."""
    feed = _entry(source="arxiv", title="Old", version=1, announced=DAY)
    query = _entry(source="arxiv", title="New", version=1, abstract="A", at=NOW + HOUR)
    merged = merge(query, feed)
    assert (merged.paper.title, merged.paper.abstract, merged.paper.announced) == ("New", "A", DAY)
    assert merged.claims == (
        Claim("arxiv", NOW + HOUR, Paper("2603.00001", "New", 1, "A")),
        Claim("arxiv", NOW, Paper("2603.00001", "", 1, announced=DAY)),
    )


def test_what_only_an_earlier_version_says_is_kept_as_said_of_it():
    first = _entry(title="First", version=1, abstract="One.", code_url="https://github.com/o/r")
    second = _entry(title="Second", version=2, abstract="Two.", at=NOW - HOUR)
    merged = merge(first, second)
    assert (merged.paper.version, merged.paper.title) == (2, "Second")
    assert merged.paper.code_url == "https://github.com/o/r"
    assert [telling.paper.version for telling in merged.claims] == [2, 1]
    # So another source's word of version 2 is believed before it.
    other = _entry(source="zenodo", title="Z", version=2, code_url="https://github.com/z/z")
    assert merge(merged, other).paper.code_url == "https://github.com/z/z"
    assert merge(merged, other).paper.title == "Second"


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


def test_after_arxiv_and_hugging_face_sources_are_believed_by_name_however_new_their_word():
    names = ["zenodo", "biorxiv", "acl", "huggingface", "arxiv"]
    told = [_entry(source=name, title=name, at=NOW - n * HOUR) for n, name in enumerate(names)]
    believed = [reduce(merge, told[: number + 1]).paper.title for number in range(5)]
    assert believed == names


def test_a_view_of_unmerged_words_has_the_newest_of_a_source():
    old, new = (_entry(title=title, at=NOW + n * HOUR) for n, title in enumerate(("Old", "New")))
    for tellings in (old.claims + new.claims, new.claims + old.claims):
        assert view(tellings).title == "New"


def test_a_source_that_told_nothing_is_remembered():
    silent = _entry(source="import", title="", day=None)
    merged = merge(merge(silent, silent), _entry(title="A"))
    assert merged.sources == ("huggingface", "import")
    assert merged.paper.title == "A"
    assert view(merge(silent, _entry(title="")).claims) == Paper("2603.00001", "")


def test_there_is_no_view_of_nothing():
    with pytest.raises(ValueError, match="needs tellings"):
        view(())


def test_of_two_ranks_on_a_day_the_better_is_kept():
    merged = merge(_entry(rank=None), merge(_entry(rank=7), _entry(rank=3)))
    assert merged.listings == (Listed("huggingface", DAY, 3),)


def test_of_two_kinds_on_a_day_new_stands_before_cross_before_revised_whatever_the_rank():
    new, cross, revised = (
        Listed("arxiv", DAY, rank, kind)
        for rank, kind in ((9, "new"), (5, "cross"), (1, "revised"))
    )
    for of_a_day in ((new, cross, revised), (revised, cross, new), (cross, revised, new)):
        assert merge_listings(of_a_day) == (new._replace(rank=1),)
    assert merge_listings((revised, cross)) == (cross._replace(rank=1),)


@given(listings, listings, listings, st.randoms(use_true_random=False))
def test_listings_may_be_merged_in_any_order_any_grouping_any_number_of_times(
    one, other, third, random
):
    together = one + other + third
    whole = merge_listings(together)
    assert merge_listings(merge_listings(one + other) + third) == whole
    assert merge_listings(one + merge_listings(third + other)) == whole
    assert merge_listings(whole + one) == merge_listings(whole) == whole
    assert merge_listings(tuple(random.sample(together, len(together)))) == whole


def _days(*facts, source="arxiv"):
    return tuple(Listed(source, DAY.replace(day=day), kind=kind) for day, kind in facts)


def test_arxiv_announces_a_paper_once_and_revises_it_after():
    twice = merge_listings(_days((24, "new"), (25, "new")))
    assert twice == _days((24, "new"), (25, "revised"))
    earlier = merge_listings(twice + _days((23, "cross")))
    assert earlier == _days((23, "cross"), (24, "revised"), (25, "revised"))
    assert merge_listings(_days((23, "revised"), (24, "cross"), (25, "cross"))) == _days(
        (23, "revised"), (24, "cross"), (25, "revised")
    )


def test_hugging_face_may_list_a_paper_anew():
    listed = _days((24, "new"), (30, "new"), source="huggingface")
    assert merge_listings(listed + _days((23, "new"))) == _days((23, "new")) + listed


def test_counts_of_zero_are_counts():
    counted = merge(_entry(upvotes=0), _entry(comments=0, at=NOW + HOUR))
    assert counted.latest == Observation(NOW + HOUR, 0, 0, None)


def test_a_new_look_at_the_same_is_no_news_but_text_days_and_counts_are():
    """The rank moves with every look, so it is none either."""
    known = _entry(rank=1)
    assert has_same_content(known, merge(known, _entry(rank=1, at=NOW + HOUR)))
    assert has_same_content(known, _entry(rank=9))
    assert not has_same_content(known, merge(known, _entry(title="Other", at=NOW + HOUR)))
    assert not has_same_content(known, merge(known, _entry(day=DAY.replace(day=30))))
    assert not has_same_content(known, merge(known, _entry(upvotes=1)))
    assert not has_same_content(known, merge(known, _entry(version=1, at=NOW + HOUR)))


def test_another_kind_of_listing_is_news():
    known = _entry(source="arxiv", rank=1)
    assert not has_same_content(known, known._replace(listings=_days((31, "cross"))))
    assert not has_same_content(
        known, merge(known, _entry(source="arxiv", day=DAY.replace(day=30)))
    )


def test_a_word_said_again_in_part_is_no_news():
    known = _entry(title="A", abstract="Text.", announced=DAY)
    again = merge(known, _entry(title="A", abstract="Text.", at=NOW + HOUR))
    assert len(again.claims) == 2
    assert has_same_content(known, again)
    assert not has_same_content(known, merge(known, _entry(organization="Lab", at=NOW - HOUR)))


def test_the_same_word_of_a_higher_version_is_news():
    """Other sources' words of the version between are believed no more."""
    known = merge(_entry(title="A", version=1), _entry(title="", version=2, abstract="Two."))
    assert not has_same_content(known, merge(known, _entry(title="A", version=2)))


def test_marks_of_both_states_hold_and_the_first_note():
    mine = State(starred=True, tags=("a", "b"), note="mine")
    other = State(read=True, tags=("b", "c"), note="theirs")
    assert merge_states(mine, other) == State(
        starred=True, read=True, tags=("a", "b", "c"), note="mine"
    )
    assert merge_states(State(), other) == other


@pytest.mark.parametrize("mark", ["starred", "read", "hidden"])
def test_each_mark_holds_whichever_state_has_it(mark):
    marked = State(**{mark: True})
    assert merge_states(marked, State()) == merge_states(State(), marked) == marked


def test_an_entry_of_one_sighting_has_its_counts_in_time_order():
    later, first = Observation(NOW + HOUR, 2), Observation(NOW, 1)
    seen = sighting()._replace(observations=(later, first))
    assert from_sighting(seen).observations == (first, later)
    assert from_sighting(sighting(day=None)).listings == ()


def test_of_two_counts_of_a_moment_the_higher_is_kept():
    more, less, unknown = (Observation(NOW, upvotes, 1, None) for upvotes in (2, 1, None))
    for counts in ((more, less, unknown), (unknown, less, more), (less, more)):
        assert merge_observations(counts) == (more,)
    assert merge_observations((Observation(NOW, 1, None), Observation(NOW, 1, 0))) == (
        Observation(NOW, 1, 0),
    )


def test_the_readers_state_is_that_of_the_first_entry():
    starred = _entry()._replace(state=State(starred=True))
    assert merge(starred, _entry()).state.starred
    assert not merge(_entry(), starred).state.starred
