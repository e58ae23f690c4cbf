"""A paper that comes under several ids is stored once, with all that was known of it."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, contents, put, sighting

from papertrack.library.aliases import stored_ids
from papertrack.library.deliveries import Batch, Delivery, WatchedRule
from papertrack.library.library import Library
from papertrack.library.outbox import Outbox
from papertrack.library.storing import store
from papertrack.library.undo import Change, record, undo_last
from papertrack.library.verification import verify
from papertrack.models import State, Topic

ARXIV, DOI, PREPRINT, KEY = "2603.00001", "doi:10.1/n", "doi:10.1101/p", "bib:wren26"
# The same paper from four places, and two others, one of them with a doubtful DOI.
SIGHTINGS = {
    "arxiv": sighting(ARXIV, source="arxiv", title="Nests", doi="10.1/N", upvotes=None),
    "journal": sighting(DOI, source="import", day=None, title="Nests", venue="J", upvotes=4),
    "preprint": sighting(
        PREPRINT,
        source="biorxiv",
        day=DAY - timedelta(days=9),
        title="Nests",
        doi="10.1/n",
        stars=2,
        at=NOW + HOUR,
    ),
    "key": sighting(
        KEY,
        source="import",
        day=DAY,
        title="Nests",
        doi="10.1/n",
        rank=3,
        upvotes=1,
        at=NOW - HOUR,
    ),
    "other": sighting("2603.00002", title="Eggs", doi="10.1/e"),
    "erratum": sighting("2603.00009", title="Nests: erratum", doi="10.1/n"),
}


def _problems(library):
    return list(verify(library, lambda _done, _all: None).lines())


def _store_one(library, looks, marks):
    """Store sightings in one transaction, then the marks on papers as far as they are stored."""
    put(library, *(SIGHTINGS[name] for name in looks))
    for paper_id, stored_id in stored_ids(library, marks).items():
        tag = paper_id.partition(":")[0]
        library.change_states([stored_id], lambda _, state, tag=tag: _tagged(state, tag))


def _tagged(state, tag):
    return state._replace(tags=tuple(sorted({*state.tags, tag})))


@settings(max_examples=25, deadline=None)
@given(
    st.permutations(("arxiv", "journal", "preprint", "key", "other")),
    st.sets(st.integers(0, 5)),
)
def test_in_any_order_and_any_division_the_same_library_results(order, cuts):
    library = Library(None)
    edges = [0, *sorted(cuts), len(order)]
    batches = [order[start:end] for start, end in pairwise(edges)]
    ids = [ARXIV, DOI, PREPRINT, KEY]
    for batch in batches:
        _store_one(library, batch, ids)
    expected = Library(None)
    _store_one(expected, ["arxiv", "journal", "preprint", "key", "other"], ids)
    assert sorted(library.entries([ARXIV, "2603.00002"]).items()) == sorted(
        expected.entries([ARXIV, "2603.00002"]).items()
    )
    assert library.paper_count() == len(list(library.all_entries())) == 2
    assert library.listing_days() == expected.listing_days()
    assert stored_ids(library, ids) == dict.fromkeys(ids, ARXIV)
    assert _problems(library) == []
    (entry,) = library.entries([ARXIV]).values()
    assert entry.sources == ("arxiv", "biorxiv", "import")
    assert [listed.source for listed in entry.listings] == ["biorxiv", "arxiv", "import"]
    assert [counted[1:] for counted in entry.observations] == [
        (1, None, None),
        (4, None, None),
        (None, None, 2),
    ]


@pytest.mark.parametrize("first", [ARXIV, "2603.00009"])
def test_two_arxiv_papers_with_one_doi_stay_two(first):
    library = Library(None)
    for name in ("arxiv", "erratum") if first == ARXIV else ("erratum", "arxiv"):
        put(library, SIGHTINGS[name])
    put(library, SIGHTINGS["journal"])
    assert {entry.paper.id for entry in library.all_entries()} == {ARXIV, "2603.00009"}
    assert _problems(library) == []


@pytest.mark.parametrize(
    ("first", "second", "stored"),
    [
        (sighting(DOI), sighting("hep-th/9901001", doi="10.1/n"), "hep-th/9901001"),
        (sighting(DOI), sighting(ARXIV, doi="10.9/else, 10.1/N"), ARXIV),
        (sighting("cran:1", doi="10.48550/arXiv.2603.00001v2"), sighting(ARXIV), ARXIV),
        (sighting(ARXIV), sighting("cran:1", doi="10.48550/arXiv.2603.00001"), ARXIV),
        (sighting(PREPRINT, doi="10.1/n"), sighting(DOI), PREPRINT),
        (sighting(DOI), sighting(PREPRINT, doi="10.1/n"), PREPRINT),
        (sighting(KEY, doi="10.1/n"), sighting(DOI), DOI),
        (sighting(DOI), sighting(KEY, doi="10.1/n"), DOI),
    ],
)
def test_an_arxiv_id_comes_before_others_and_a_preprint_before_its_publication(
    first, second, stored
):
    library = Library(None)
    put(library, first)
    result = put(library, second)
    (entry,) = library.all_entries()
    assert entry.paper.id == stored
    assert result.new == ()
    assert put(library, first, second)[:2] == ((), ())


def test_the_reader_s_marks_and_deliveries_follow_the_paper(tmp_path):
    library = Library(str(tmp_path))
    put(library, SIGHTINGS["journal"])
    rule = WatchedRule(Topic("t"), DAY, (("new", frozenset({DOI})),), frozenset({DOI}))
    pending = Delivery("mail", "new", DOI, ("t",), NOW)
    sent = pending._replace(event="revised")
    with library.transaction():
        library.change_states([DOI], lambda *_: State(starred=True, tags=("a",), note="Mine"))
        library.change_states([ARXIV], lambda *_: State(read=True, tags=("b",), note="Too"))
        record(library, Change("starred", {DOI: State(tags=("a",))}))
        outbox = Outbox(library)
        outbox.save_watches([rule])
        outbox.queue([pending, sent])
        outbox.add_batches([Batch("1", "mail", NOW, 1, 1, (sent.key,), (DOI,))])
        outbox.mark_delivered(outbox.batches()[0], NOW)
        outbox.add_batches([Batch("2", "mail", NOW, 1, 1, (pending.key,), (DOI,))])
    put(library, SIGHTINGS["arxiv"])
    library = Library(str(tmp_path))
    outbox = Outbox(library)
    assert library.states() == {
        ARXIV: State(starred=True, read=True, tags=("b", "a"), note="Too\nMine")
    }
    assert [delivery.paper_id for delivery in outbox.pending()] == [ARXIV]
    (batch,) = outbox.batches()
    assert batch.keys == (pending._replace(paper_id=ARXIV).key,)
    assert batch.trending == (ARXIV,)
    assert outbox.delivered_keys([ARXIV]) == {sent._replace(paper_id=ARXIV).key}
    assert outbox.delivered_keys([DOI]) == set()
    (watch,) = outbox.watches().values()
    assert watch.had_happened("new", ARXIV)
    assert watch.papers == {ARXIV}
    assert undo_last(library).before == {ARXIV: State(tags=("a",))}
    assert _problems(library) == []


def test_storing_a_unified_paper_again_writes_no_file(tmp_path):
    looks = [SIGHTINGS[name] for name in ("journal", "key", "preprint", "arxiv")]
    for look in looks:
        put(Library(str(tmp_path)), look)
    before = contents(tmp_path)
    for look in looks:
        result = put(Library(str(tmp_path)), look)
        assert result[:2] == ((), ())
    assert contents(tmp_path) == before


def test_a_revision_of_a_paper_known_by_its_doi_is_stored_with_it():
    library = Library(None)
    put(library, SIGHTINGS["journal"])
    revised = SIGHTINGS["arxiv"]
    put(library, revised._replace(listed=revised.listed._replace(kind="revised")))
    assert set(library.entries([ARXIV])) == {ARXIV}


def test_further_ids_of_a_paper_are_aliases_that_a_later_id_inherits():
    library = Library(None)
    with library.transaction():
        store(library, [SIGHTINGS["journal"]], {DOI: ["bib:a", "bib:b"]})
    put(library, SIGHTINGS["arxiv"]._replace(seen=NOW + HOUR))
    assert stored_ids(library, ["bib:a", "bib:b", DOI, "bib:c"]) == dict.fromkeys(
        ["bib:a", "bib:b", DOI], ARXIV
    )
