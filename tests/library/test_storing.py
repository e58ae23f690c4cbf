"""What storing makes of sightings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, contents, papers, put, sighting, sightings

from papertrack.calendar import Span
from papertrack.library import table_names
from papertrack.library.library import Library
from papertrack.library.storing import StoreResult
from papertrack.models import Listed, Match, Observation, Related

SUNDAY = DAY.replace(day=29)


@pytest.fixture(params=["folder", "memory"])
def library(request, tmp_path):
    """A library of each kind."""
    return Library(str(tmp_path / "library") if request.param == "folder" else None)


def _listed(library, first=DAY, last=DAY):
    return {entry.paper.id: entry for entry in library.listed(Span(first, last))}


def test_storing_says_what_is_new_and_what_changed(library):
    known = [sighting(f"2603.0000{n}", upvotes=n) for n in range(3)]
    assert put(library, *known) == StoreResult(("2603.00000", "2603.00001", "2603.00002"), ())
    again = put(
        library,
        sighting("2603.00000", upvotes=5, at=NOW + HOUR, rank=9),
        sighting("2603.00001", title="Other", at=NOW + HOUR),
        sighting("2603.00009"),
    )
    assert again == StoreResult(("2603.00009",), ("2603.00001",))


def test_storing_the_same_again_writes_no_file(tmp_path):
    seen = [sighting(f"2603.0000{n}", upvotes=n, rank=n + 1, abstract="A") for n in range(3)]
    seen += [sighting("cran:1", day=None, stars=3), sighting("2603.00001", day=SUNDAY)]
    put(Library(str(tmp_path)), *seen)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert put(Library(str(tmp_path)), *seen) == StoreResult()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_one_more_look_writes_the_counts_and_nothing_else(tmp_path):
    put(Library(str(tmp_path)), sighting(upvotes=1, rank=2))
    before = contents(tmp_path)
    put(Library(str(tmp_path)), sighting(upvotes=2, rank=2, at=NOW + HOUR))
    after = contents(tmp_path)
    assert {name for name in after if after[name] != before.get(name)} == {f"counts.{DAY}.json"}


def test_counts_seen_over_time_are_all_kept(library):
    for hours, upvotes in ((0, 3), (5, 9), (2, 7)):
        put(library, sighting(upvotes=upvotes, comments=1, at=NOW + hours * HOUR))
    expected = tuple(
        Observation(NOW + hours * HOUR, upvotes, 1) for hours, upvotes in ((0, 3), (2, 7), (5, 9))
    )
    assert _listed(library)["2603.00001"].observations == expected
    assert library.entries(["2603.00001"])["2603.00001"].observations == expected


def test_a_paper_on_two_days_is_one_paper_with_both(library):
    put(library, sighting(day=SUNDAY, upvotes=3, at=NOW - 48 * HOUR))
    put(library, sighting(day=DAY, upvotes=8))
    (entry,) = library.all_entries()
    assert entry.listings == (Listed("huggingface", SUNDAY), Listed("huggingface", DAY))
    (brief,) = library.listed(Span(SUNDAY, DAY))
    assert [one.upvotes for one in brief.observations] == [3, 8]
    assert [one.day for one in brief.listings] == [SUNDAY, DAY]
    assert brief.observations == library.entries(["2603.00001"])["2603.00001"].observations
    assert library.size() == 1


def test_two_sources_of_a_paper_make_one_entry_that_names_both(library):
    put(library, sighting(organization="Lab", keywords=("k",)))
    put(library, sighting(source="arxiv", title="As arXiv has it", categories=("cs.CL",)))
    (entry,) = library.entries(["2603.00001"]).values()
    assert entry.sources == ("arxiv", "huggingface")
    assert entry.paper.title == "As arXiv has it"
    assert (entry.paper.organization, entry.paper.categories) == ("Lab", ("cs.CL",))


def test_a_day_shows_a_paper_in_the_words_of_all_sources(library):
    """A file with little more than an id takes nothing from what a source said of the day."""
    put(library, sighting(authors=("Ada One",), code_url="https://github.com/o/r", rank=4))
    put(library, sighting(source="import", at=NOW + HOUR))
    brief = _listed(library)["2603.00001"]
    assert brief.paper.authors == ("Ada One",)
    assert brief.paper.code_url == "https://github.com/o/r"
    assert brief.sources == ("huggingface", "import")
    assert Listed("huggingface", DAY, 4) in brief.listings


def test_the_better_rank_of_two_looks_is_shown(library):
    for rank in (5, 2, 7):
        put(library, sighting(rank=rank))
    assert _listed(library)["2603.00001"].listings == (Listed("huggingface", DAY, 2),)


def test_papers_beyond_what_a_table_holds_go_to_the_next(library):
    many = 2 * table_names.TABLE_SIZE + 10
    put(library, *(sighting(f"2603.{n:05}") for n in range(many - 20)))
    put(library, *(sighting(f"2603.{n:05}") for n in range(many)))
    names = library.database.names(table_names.PAPERS)
    assert names == [table_names.papers_table(DAY, number) for number in range(3)]
    sizes = [len(list(library.records(name))) for name in names]
    assert sizes == [table_names.TABLE_SIZE, table_names.TABLE_SIZE, 10]
    assert library.size() == len({one.paper.id for one in library.all_entries()}) == many
    assert len(library.entries(f"2603.{n:05}" for n in range(many))) == many


def test_a_paper_that_was_never_listed_is_found_but_on_no_day(library):
    put(library, sighting("cran:1", day=None, upvotes=4, source="import"))
    assert library.listing_days() == []
    assert library.entries(["cran:1"])["cran:1"].latest.upvotes == 4
    assert [one.paper.id for one in library.all_entries()] == ["cran:1"]
    assert [one.paper.id for one in library.entries_within(Span(DAY, DAY))] == ["cran:1"]
    assert list(library.entries_within(Span(SUNDAY, SUNDAY))) == []


def test_a_paper_that_is_listed_later_keeps_its_place_and_its_counts(library):
    put(library, sighting(day=None, upvotes=1, at=NOW - 100 * HOUR))
    put(library, sighting(upvotes=5))
    (entry,) = library.entries(["2603.00001"]).values()
    assert [one.upvotes for one in entry.observations] == [1, 5]
    assert entry.first_seen == NOW - 100 * HOUR
    assert _listed(library)["2603.00001"].first_seen == NOW - 100 * HOUR
    assert library.database.names(table_names.PAPERS) == ["papers.2026-03-27"]


def test_what_a_changed_paper_matched_is_forgotten_on_each_of_its_days(library):
    """It matched as it was; what the others matched is kept."""
    from papertrack.library import match_cache

    matches, related = (Match("t", "p", "title", "p", 100),), (Related("t", 40, 30, ("word",)),)
    kept = {"2603.00001": (matches, related), "2603.00002": ((), related)}
    put(library, *(sighting(one, day=day) for one in kept for day in (SUNDAY, DAY)))
    with library.transaction():
        for day in (SUNDAY, DAY):
            match_cache.save_matches(library, day, "rule", kept)
    assert match_cache.load_matches(library, DAY, "rule") == kept
    put(library, sighting("2603.00001", at=NOW + HOUR))
    assert match_cache.load_matches(library, DAY, "rule") == kept
    put(library, sighting("2603.00001", source="import", day=None, abstract="More."))
    for day in (SUNDAY, DAY):
        assert match_cache.load_matches(library, day, "rule") == {"2603.00002": ((), related)}


def test_papers_that_a_restored_backup_lacks_are_stored_again(tmp_path):
    """The index still names them, but they are not where it says."""
    put(Library(str(tmp_path)), sighting("2603.00001"))
    put(Library(str(tmp_path)), sighting("2603.00002"))
    papers_file = tmp_path / f"papers.{DAY}.json"
    (tmp_path / f"papers.{DAY}.json.bak").replace(papers_file)
    library = Library(str(tmp_path))
    assert set(library.entries(["2603.00001", "2603.00002"])) == {"2603.00001"}
    assert put(library, sighting("2603.00001"), sighting("2603.00002")).new == ("2603.00002",)
    assert set(library.entries(["2603.00001", "2603.00002"])) == {"2603.00001", "2603.00002"}
    assert library.size() == 2


_ids = st.sampled_from(["2603.00001", "hep-th/9901001", "cran:1"])


def _known(library, paper_ids):
    """All that is known, but for when it was said: a word said again is not written again."""
    return {
        key: entry._replace(claims=_claims(entry))
        for key, entry in library.entries(sorted(paper_ids)).items()
    }


def _claims(entry):
    return frozenset(
        (one.source, one.paper.version, field, value)
        for one in entry.claims
        for field, value in one.paper._asdict().items()
        if value and field not in ("id", "version")
    )


@settings(deadline=None, max_examples=40)
@given(seen=st.lists(_ids.flatmap(lambda one: sightings(papers(one))), max_size=6), parts=st.data())
def test_it_does_not_matter_how_sightings_are_divided_into_commits(seen, parts):
    together, apart = Library(None), Library(None)
    put(together, *seen)
    cut = parts.draw(st.integers(0, len(seen)))
    put(apart, *seen[:cut])
    put(apart, *seen[cut:])
    ids = {one.paper.id for one in seen}
    assert _known(apart, ids) == _known(together, ids)
    span = Span(DAY.replace(day=20), DAY)
    assert {one.paper.id: one.listings for one in apart.listed(span)} == {
        one.paper.id: one.listings for one in together.listed(span)
    }
