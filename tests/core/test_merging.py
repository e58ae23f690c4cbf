from functools import reduce

from hypothesis import given
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, sighting, sightings

from papertrack.merge import from_sighting, merge, merge_states, same_news
from papertrack.models import Listed, Observation, Paper, State

# Fields are merged alike, so a few kinds of them are enough.
_said = st.builds(
    Paper,
    id=st.just("2603.00001"),
    title=st.sampled_from("ABC"),
    version=st.sampled_from([None, 1, 2]),
    abstract=st.sampled_from([None, "a", "b"]),
    authors=st.sampled_from([(), ("x",), ("y", "z")]),
)
entries = sightings(_said).map(from_sighting)


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
def test_papers_may_come_in_any_order_any_number_of_times(seen, random):
    again = [*seen, *random.choices(seen, k=3)]
    random.shuffle(again)
    assert reduce(merge, again, again[0]) == reduce(merge, seen, seen[0])


@given(st.lists(entries, min_size=1, max_size=5))
def test_nothing_listed_or_counted_is_lost_and_each_source_speaks_once(seen):
    whole = reduce(merge, seen, seen[0])
    assert {(one.source, one.day) for one in whole.listings} == {
        (one.source, one.day) for entry in seen for one in entry.listings
    }
    moments = [one.at for one in whole.observations]
    assert moments == sorted({one.at for entry in seen for one in entry.observations})
    speaking = [telling.source for telling in whole.tellings]
    assert speaking == sorted({*speaking}) == list(whole.sources)
    assert whole.first_seen == min(entry.first_seen for entry in seen)


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


def test_of_two_ranks_on_a_day_the_better_is_kept():
    merged = merge(_entry(rank=None), merge(_entry(rank=7), _entry(rank=3)))
    assert merged.listings == (Listed("huggingface", DAY, 3),)


def test_counts_of_zero_are_counts():
    counted = merge(_entry(upvotes=0), _entry(comments=0, at=NOW + HOUR))
    assert counted.latest == Observation(NOW + HOUR, 0, 0, None)


def test_a_new_look_at_the_same_is_no_news_but_text_days_and_counts_are():
    """The rank moves with every look, so it is none either."""
    known = _entry(rank=1)
    assert same_news(known, merge(known, _entry(rank=1, at=NOW + HOUR)))
    assert same_news(known, _entry(rank=9))
    assert not same_news(known, merge(known, _entry(title="Other", at=NOW + HOUR)))
    assert not same_news(known, merge(known, _entry(day=DAY.replace(day=30))))
    assert not same_news(known, merge(known, _entry(upvotes=1)))


def test_marks_of_both_states_hold_and_the_first_note():
    mine = State(starred=True, tags=("a", "b"), note="mine")
    other = State(read=True, tags=("b", "c"), note="theirs")
    assert merge_states(mine, other) == State(
        starred=True, read=True, tags=("a", "b", "c"), note="mine"
    )
    assert merge_states(State(), other) == other
