"""Storing sightings: merging, counts, listing days and the places of papers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, contents, papers, put, sighting, sightings

from papertrack.calendar import Span
from papertrack.library import table_names
from papertrack.library.library import Library
from papertrack.library.storing import StoreResult
from papertrack.merge import provenance
from papertrack.models import Match, Observation, PaperListing, Related

SUNDAY = DAY.replace(day=29)


@pytest.fixture(params=["folder", "memory"])
def library(request, tmp_path):
    """A library in a folder and one in memory."""
    return Library(str(tmp_path / "library") if request.param == "folder" else None)


def _listed(library, first=DAY, last=DAY):
    return {entry.paper.id: entry for entry in library.listed_entries(Span(first, last))}


def test_storing_returns_the_new_and_the_changed_papers(library):
    looks = [sighting(f"2603.0000{n}", upvotes=n) for n in range(3)]
    assert put(library, *looks) == StoreResult(("2603.00000", "2603.00001", "2603.00002"), ())
    again = put(
        library,
        sighting("2603.00000", upvotes=5, at=NOW + HOUR, rank=9),
        sighting("2603.00001", title="Other", at=NOW + HOUR),
        sighting("2603.00009"),
    )
    assert again == StoreResult(("2603.00009",), ("2603.00001",))


def test_storing_the_same_again_writes_no_file(tmp_path):
    looks = [sighting(f"2603.0000{n}", upvotes=n, rank=n + 1, abstract="A") for n in range(3)]
    looks += [sighting("cran:1", day=None, stars=3), sighting("2603.00001", day=SUNDAY)]
    put(Library(str(tmp_path)), *looks)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert put(Library(str(tmp_path)), *looks) == StoreResult()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_fetching_a_listing_again_writes_only_its_counts(tmp_path):
    put(Library(str(tmp_path)), sighting(upvotes=1, rank=2))
    before = contents(tmp_path)
    put(Library(str(tmp_path)), sighting(upvotes=2, rank=2, at=NOW + HOUR))
    after = contents(tmp_path)
    assert {name for name in after if after[name] != before.get(name)} == {f"counts.{DAY}.json"}


def test_all_counts_observed_over_time_are_stored(library):
    for hours, upvotes in ((0, 3), (5, 9), (2, 7)):
        put(library, sighting(upvotes=upvotes, comments=1, at=NOW + hours * HOUR))
    expected = tuple(
        Observation(NOW + hours * HOUR, upvotes, 1) for hours, upvotes in ((0, 3), (2, 7), (5, 9))
    )
    assert _listed(library)["2603.00001"].observations == expected
    assert library.entries(["2603.00001"])["2603.00001"].observations == expected


def test_a_paper_listed_on_two_days_is_one_entry_with_both(library):
    put(library, sighting(day=SUNDAY, upvotes=3, at=NOW - 48 * HOUR))
    put(library, sighting(day=DAY, upvotes=8))
    (entry,) = library.all_entries()
    assert entry.listings == (PaperListing("huggingface", SUNDAY), PaperListing("huggingface", DAY))
    (brief,) = library.listed_entries(Span(SUNDAY, DAY))
    assert [observation.upvotes for observation in brief.observations] == [3, 8]
    assert [listed.day for listed in brief.listings] == [SUNDAY, DAY]
    assert brief.observations == library.entries(["2603.00001"])["2603.00001"].observations
    assert library.paper_count() == 1


def test_a_paper_from_two_sources_is_one_entry_with_both(library):
    put(library, sighting(organization="Lab", keywords=("k",)))
    put(library, sighting(source="arxiv", title="The arXiv title", categories=("cs.CL",)))
    (entry,) = library.entries(["2603.00001"]).values()
    assert entry.sources == ("arxiv", "huggingface")
    assert entry.paper.title == "The arXiv title"
    assert (entry.paper.organization, entry.paper.categories) == ("Lab", ("cs.CL",))


def test_a_brief_combines_the_fields_of_all_sources(library):
    """An imported file with little more than an id removes nothing from a listing's brief."""
    put(library, sighting(authors=("Ada One",), code_url="https://github.com/o/r", rank=4))
    put(library, sighting(source="import", at=NOW + HOUR))
    brief = _listed(library)["2603.00001"]
    assert brief.paper.authors == ("Ada One",)
    assert brief.paper.code_url == "https://github.com/o/r"
    assert brief.sources == ("huggingface", "import")
    assert PaperListing("huggingface", DAY, 4) in brief.listings


def test_the_best_rank_of_several_fetches_is_shown(library):
    for rank in (5, 2, 7):
        put(library, sighting(rank=rank))
    assert _listed(library)["2603.00001"].listings == (PaperListing("huggingface", DAY, 2),)


def test_papers_beyond_the_size_of_a_table_are_stored_in_the_next(library):
    total = 2 * table_names.TABLE_SIZE + 10
    put(library, *(sighting(f"2603.{n:05}") for n in range(total - 20)))
    put(library, *(sighting(f"2603.{n:05}") for n in range(total)))
    names = library.database.names(table_names.PAPERS)
    assert names == [table_names.papers_table(DAY, number) for number in range(3)]
    sizes = [len(list(library.records(name))) for name in names]
    assert sizes == [table_names.TABLE_SIZE, table_names.TABLE_SIZE, 10]
    assert (
        library.paper_count() == len({entry.paper.id for entry in library.all_entries()}) == total
    )
    assert len(library.entries(f"2603.{n:05}" for n in range(total))) == total


def test_a_paper_that_was_never_listed_is_stored_without_a_listing_day(library):
    put(library, sighting("cran:1", day=None, upvotes=4, source="import"))
    assert library.listing_days() == []
    assert library.entries(["cran:1"])["cran:1"].latest.upvotes == 4
    assert [entry.paper.id for entry in library.all_entries()] == ["cran:1"]
    assert [entry.paper.id for entry in library.entries_within(Span(DAY, DAY))] == ["cran:1"]
    assert list(library.entries_within(Span(SUNDAY, SUNDAY))) == []


def test_a_paper_that_is_listed_later_keeps_its_table_and_its_counts(library):
    put(library, sighting(day=None, upvotes=1, at=NOW - 100 * HOUR))
    put(library, sighting(upvotes=5))
    (entry,) = library.entries(["2603.00001"]).values()
    assert [observation.upvotes for observation in entry.observations] == [1, 5]
    assert entry.first_seen == NOW - 100 * HOUR
    assert _listed(library)["2603.00001"].first_seen == NOW - 100 * HOUR
    assert library.database.names(table_names.PAPERS) == ["papers.2026-03-27"]


def test_the_cached_matches_of_a_changed_paper_are_removed_on_each_of_its_days(library):
    """They are of its earlier text; those of other papers stay."""
    from papertrack.library import match_cache

    matches, related = (Match("t", "p", "title", "p", 100),), (Related("t", 40, 30, ("word",)),)
    cached = {"2603.00001": (matches, related), "2603.00002": ((), related)}
    put(library, *(sighting(paper_id, day=day) for paper_id in cached for day in (SUNDAY, DAY)))
    with library.transaction():
        for day in (SUNDAY, DAY):
            match_cache.save_matches(library, day, "rule", cached)
    assert match_cache.load_matches(library, DAY, "rule") == cached
    put(library, sighting("2603.00001", at=NOW + HOUR))
    assert match_cache.load_matches(library, DAY, "rule") == cached
    put(library, sighting("2603.00001", source="import", day=None, abstract="More."))
    for day in (SUNDAY, DAY):
        assert match_cache.load_matches(library, day, "rule") == {"2603.00002": ((), related)}


def test_papers_that_a_restored_backup_lacks_are_stored_again(tmp_path):
    """The index still names them, but their table does not have them."""
    put(Library(str(tmp_path)), sighting("2603.00001"))
    put(Library(str(tmp_path)), sighting("2603.00002"))
    papers_file = tmp_path / f"papers.{DAY}.json"
    (tmp_path / f"papers.{DAY}.json.bak").replace(papers_file)
    library = Library(str(tmp_path))
    assert set(library.entries(["2603.00001", "2603.00002"])) == {"2603.00001"}
    assert put(library, sighting("2603.00001"), sighting("2603.00002")).new == ("2603.00002",)
    assert set(library.entries(["2603.00001", "2603.00002"])) == {"2603.00001", "2603.00002"}
    assert library.paper_count() == 2


_ids = st.sampled_from(["2603.00001", "hep-th/9901001", "cran:1"])


def _content(library, paper_ids):
    """The entries without the times of claims, since a repeated claim is not written again."""
    return {
        key: entry._replace(claims=_claims(entry))
        for key, entry in library.entries(sorted(paper_ids)).items()
    }


def _claims(entry):
    return frozenset(
        (claim.source, claim.paper.version, field, value)
        for claim in entry.claims
        for field, value in claim.paper._asdict().items()
        if value and field not in ("id", "version")
    )


_looks = _ids.flatmap(lambda paper_id: sightings(papers(paper_id)))


@settings(deadline=None, max_examples=40)
@given(looks=st.lists(_looks, max_size=6), data=st.data())
def test_the_division_of_sightings_into_transactions_makes_no_difference(looks, data):
    at_once, divided = Library(None), Library(None)
    put(at_once, *looks)
    cut = data.draw(st.integers(0, len(looks)))
    put(divided, *looks[:cut])
    put(divided, *looks[cut:])
    ids = {look.paper.id for look in looks}
    assert _content(divided, ids) == _content(at_once, ids)
    span = Span(DAY.replace(day=20), DAY)
    assert {entry.paper.id: entry.listings for entry in divided.listed_entries(span)} == {
        entry.paper.id: entry.listings for entry in at_once.listed_entries(span)
    }


def test_the_venue_that_the_authors_state_is_stored_with_their_comment(library):
    put(
        library,
        sighting("2603.00001", source="arxiv", comment="Accepted at ICML 2025"),
        sighting("2603.00002", journal_ref="J. Inv. 1 (2026)", comment="Accepted at ICML 2025"),
        sighting("2603.00003", venue="The Venue", comment="Accepted at ICML 2025"),
        sighting("2603.00004", comment="Submitted to ICML 2025"),
    )
    entries = library.entries(f"2603.0000{number}" for number in range(1, 5))
    venues = [entry.paper.venue for entry in entries.values()]
    assert venues == ["ICML 2025", "J. Inv.", "The Venue", None]
    assert provenance(entries["2603.00001"].claims)["venue"] == "arxiv"


def test_a_stored_paper_gets_the_fields_of_a_later_fetch(library):
    put(library, sighting("2603.00001"))
    put(library, sighting("2603.00001", at=NOW + HOUR, comment="ICML 2025", tldr="Short.", doi="1"))
    paper = library.entries(["2603.00001"])["2603.00001"].paper
    assert (paper.comment, paper.venue, paper.tldr, paper.doi) == (
        "ICML 2025",
        "ICML 2025",
        "Short.",
        "1",
    )


def test_the_brief_of_a_paper_has_the_code_that_its_authors_name(library):
    put(library, sighting("2603.00001", abstract="Code: https://github.com/o/r"))
    assert _listed(library)["2603.00001"].paper.code_url == "https://github.com/o/r"
