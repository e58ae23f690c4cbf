"""Rows of entries, states and counts, and the names of their tables."""

import json
import re
from datetime import UTC, datetime
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import DAY, HOUR, NOW, observations, papers, sighting, sightings, states

from papertrack.library import entry_rows
from papertrack.library.table_names import day_of, listings_table, papers_table, shard
from papertrack.library.typed_records import (
    from_encoded_ranks,
    from_encoded_record,
    outline,
)
from papertrack.merge import from_sighting, merge, merge_observations
from papertrack.models import Claim, Entry, Observation, Paper, PaperListing, State
from papertrack.storage.encoded_rows import EncodedRow
from papertrack.storage.folder import FolderStorage

_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}", re.ASCII)


def _with_kind(look, kind):
    return look._replace(listed=look.listed._replace(kind=kind)) if look.listed else look


_looks = st.lists(
    st.builds(_with_kind, sightings(papers()), st.sampled_from(["new", "cross", "revised"])),
    min_size=1,
    max_size=4,
)


# Values that another program may have put into a row.
_ALIEN_PATHS = [
    *((field,) for field in ("first_seen", "said", "listed", "seen")),
    *(("said", field) for field in (*Paper._fields, "at", "other")),
]
_ALIEN_VALUES = st.sampled_from(
    [
        None,
        True,
        3,
        2.5,
        "text",
        "a\nb",
        "\x1b[2J",
        "é",
        "\x7f",
        "https://a b",
        "http://a",
        [],
        ["x"],
        {},
    ]
) | st.text(max_size=4)


def _unranked(entry):
    """An entry without ranks, which only briefs have."""
    return entry._replace(listings=tuple(listed._replace(rank=None) for listed in entry.listings))


def _through_json(row):
    return json.loads(json.dumps(row, ensure_ascii=False).encode())


@settings(deadline=None)
@given(_looks)
def test_a_record_restores_its_entry_and_has_no_empty_values(looks):
    entry = _unranked(reduce(merge, map(from_sighting, looks)))
    row = _through_json(entry_rows.to_record(entry))
    assert entry_rows.from_record(entry.paper.id, row) == entry
    claims = [rows if isinstance(rows, list) else [rows] for rows in row["said"].values()]
    assert all(value for rows in claims for claim in rows for value in claim.values())


@settings(deadline=None)
@given(_looks, st.none() | st.tuples(st.sampled_from(_ALIEN_PATHS), _ALIEN_VALUES))
def test_an_encoded_record_reads_as_a_decoded_one(looks, alien):
    row = entry_rows.to_record(reduce(merge, map(from_sighting, looks)))
    if alien:
        path, value = alien
        target = row if len(path) == 1 else next(iter(_claims(row)))
        target[path[-1]] = value
    encoded = EncodedRow(json.dumps(row).encode())
    key = looks[0].paper.id
    assert _read(from_encoded_record, key, encoded) == _read(entry_rows.from_record, key, row)


_ALIEN_BRIEF_PATHS = [("ranks",), ("kinds",), ("ranks", "arxiv"), ("kinds", "arxiv")]


@settings(deadline=None)
@given(_looks, st.none() | st.tuples(st.sampled_from(_ALIEN_BRIEF_PATHS), _ALIEN_VALUES))
def test_the_ranks_of_an_encoded_brief_read_as_those_of_a_decoded_one(looks, alien):
    brief = entry_rows.to_brief(reduce(merge, map(from_sighting, looks)), DAY)
    if alien:
        path, value = alien
        target = brief if len(path) == 1 else brief.setdefault(path[0], {})
        target[path[-1]] = value
    encoded = EncodedRow(json.dumps(brief).encode())
    expected = _read(entry_rows.from_ranks, DAY, brief)
    assert _read(from_encoded_ranks, DAY, encoded) == expected


@settings(deadline=None)
@given(_looks)
def test_an_outline_has_all_of_an_entry_but_its_texts(looks):
    entry = _unranked(reduce(merge, map(from_sighting, looks)))
    encoded = EncodedRow(json.dumps(entry_rows.to_record(entry)).encode())
    outlined = outline(entry.paper.id, encoded)
    assert outlined.paper == Paper(entry.paper.id, "")
    assert outlined.sources == entry.sources
    assert outlined._replace(paper=entry.paper, claims=entry.claims) == entry


def _claims(row):
    return (
        claim
        for rows in row["said"].values()
        for claim in ([rows] if isinstance(rows, dict) else rows)
    )


def _read(reader, key, row):
    try:
        return reader(key, row)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return type(error), str(error)


# As papertrack 0.1.0 wrote them: one claim a source, and listings without a kind.
_OLD_RECORD = {
    "first_seen": "2026-03-31T18:00:00Z",
    "said": {
        "arxiv": {
            "title": "Paper 2603.00001",
            "version": 2,
            "abstract": "Text.",
            "authors": ["Ada One", "Bob Two"],
            "categories": ["cs.CL"],
            "submitted": "2026-03-30T09:15:00Z",
            "announced": "2026-03-31",
            "at": "2026-03-31T18:00:00Z",
        },
        "huggingface": {"title": "Theirs", "organization": "Lab", "at": "2026-03-31T19:00:00Z"},
    },
    "listed": [["arxiv", "2026-03-30"], ["huggingface", "2026-03-31"]],
    "seen": [["2026-03-31T18:00:00Z", 3, None, None]],
}
_OLD_BRIEF = {
    "title": "Paper 2603.00001",
    "ranks": {"huggingface": 4, "import": None},
    "first_seen": "2026-03-31T18:00:00Z",
    "authors": ["Ada One", "Bob Two"],
    "organization": "Lab",
}


def test_a_record_of_0_1_0_is_read_and_written_unchanged():
    theirs = Paper("2603.00001", "Theirs", organization="Lab")
    arxiv = Paper(
        "2603.00001",
        "Paper 2603.00001",
        version=2,
        abstract="Text.",
        authors=("Ada One", "Bob Two"),
        categories=("cs.CL",),
        submitted=datetime(2026, 3, 30, 9, 15, tzinfo=UTC),
        announced=DAY,
    )
    entry = Entry(
        paper=arxiv._replace(organization="Lab"),
        first_seen=NOW,
        claims=(Claim("arxiv", NOW, arxiv), Claim("huggingface", NOW + HOUR, theirs)),
        listings=(PaperListing("arxiv", DAY.replace(day=30)), PaperListing("huggingface", DAY)),
        observations=(Observation(NOW, 3),),
    )
    assert entry_rows.from_record("2603.00001", _OLD_RECORD) == entry
    assert entry_rows.to_record(entry) == _OLD_RECORD


def test_a_brief_of_0_1_0_is_read_and_written_unchanged():
    brief = entry_rows.from_brief("2603.00001", DAY, _OLD_BRIEF, ())
    assert brief.listings == (PaperListing("huggingface", DAY, 4), PaperListing("import", DAY))
    assert entry_rows.to_brief(brief, DAY) == _OLD_BRIEF


def test_fields_that_a_later_claim_does_not_repeat_stay_in_a_row_of_their_own():
    feed = sighting(source="arxiv", title="Old", version=1, announced=DAY, day=None)
    query = sighting(source="arxiv", title="New", version=1, at=NOW + HOUR, day=None)
    row = entry_rows.to_record(merge(from_sighting(feed), from_sighting(query)))
    assert row["said"] == {
        "arxiv": [
            {"title": "New", "version": 1, "at": "2026-03-31T19:00:00Z"},
            {"announced": "2026-03-31", "version": 1, "at": "2026-03-31T18:00:00Z"},
        ]
    }


def test_only_kinds_other_than_new_are_written():
    looks = [
        sighting(source=name, rank=1)._replace(listed=PaperListing(name, DAY, 1, kind))
        for name, kind in (("arxiv", "cross"), ("huggingface", "new"), ("import", "revised"))
    ]
    entry = reduce(merge, map(from_sighting, looks))
    assert entry_rows.to_record(entry)["listed"] == [
        ["arxiv", "2026-03-31", "cross"],
        ["huggingface", "2026-03-31"],
        ["import", "2026-03-31", "revised"],
    ]
    brief = entry_rows.to_brief(entry, DAY)
    assert brief["kinds"] == {"arxiv": "cross", "import": "revised"}
    assert brief["ranks"] == {"arxiv": 1, "huggingface": 1, "import": 1}


@pytest.mark.parametrize(
    "damage",
    [
        {"listed": [["arxiv", "2026-03-31", "crossed"]]},
        {"listed": [["arxiv", "2026-03-31", "cross", 1]]},
        {"said": {}},
        {"said": {"arxiv": []}},
        {"said": {"arxiv": [{"title": "Without a time"}]}},
    ],
)
def test_an_invalid_record_is_an_error(damage):
    with pytest.raises((KeyError, TypeError, ValueError)):
        entry_rows.from_record("2603.00001", _OLD_RECORD | damage)


def test_a_brief_with_an_unknown_kind_is_an_error():
    with pytest.raises(KeyError):
        entry_rows.from_brief("2603.00001", DAY, _OLD_BRIEF | {"kinds": {"huggingface": "odd"}}, ())


@settings(deadline=None)
@given(_looks)
def test_a_brief_restores_what_its_listing_shows(looks):
    full = reduce(merge, map(from_sighting, looks))
    for day in {listed.day for listed in full.listings}:
        row = _through_json(entry_rows.to_brief(full, day))
        brief = entry_rows.from_brief(full.paper.id, day, row, full.observations)
        assert brief.paper.title == full.paper.title
        assert brief.paper.authors == full.paper.authors[: entry_rows.BRIEF_AUTHORS]
        listings = [listed for listed in full.listings if listed.day == day]
        assert sorted(brief.listings) == sorted(listings)
        assert brief.observations == full.observations
        assert brief.first_seen == full.first_seen


@given(st.lists(observations).map(tuple).map(merge_observations))
def test_counts_restore_observations_to_the_microsecond(original: tuple[Observation, ...]):
    assert entry_rows.from_counts(_through_json(entry_rows.to_counts(original))) == original


@given(states)
def test_a_state_is_restored_and_only_set_values_are_written(state):
    row = _through_json(entry_rows.to_state_row(state))
    assert entry_rows.from_state_row(row) == state
    assert bool(row) == (state != State())


@pytest.mark.parametrize(
    ("paper_id", "name"),
    [
        ("2603.10165", "2603"),
        ("0704.0001", "0704"),
        ("hep-th/9901001", "hep-th"),
        ("con/9901001", "con"),
    ],
)
def test_arxiv_ids_are_divided_by_month_or_archive(paper_id, name):
    assert shard(paper_id) == name


@pytest.mark.parametrize(
    "paper_id",
    [
        "",
        ":",
        ":x",
        "no namespace",
        "../../x:1",
        "a/b",
        "..",
        "CON:1",
        "nul",
        "ünïcode:1",
        "論文:1",
        "a\x00b:1",
        "a\nb:1",
        "\udcff:1",
        "\ud800",
        "x" * 10_000,
        "x" * 10_000 + ":1",
        "-/9901001",
        "2603.10165\n",
        "https://arxiv.org/abs/2603.10165",
    ],
)
def test_any_id_is_stored_in_a_file_with_a_safe_name(paper_id):
    assert _FILE_NAME.fullmatch(shard(paper_id))


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_as_an_id_is_stored_in_a_file_with_a_safe_name(paper_id):
    assert _FILE_NAME.fullmatch(shard(paper_id))
    assert FolderStorage("nowhere").load(f"index.{shard(paper_id)}") is None


def test_other_namespaces_are_divided_into_sixteen_tables():
    """None of these is the table of an arXiv month, whatever the namespace is called."""
    tables = {shard(f"2603:{number}") for number in range(500)}
    assert len(tables) == 16
    assert "2603" not in tables


def test_the_day_of_a_table_is_parsed_from_its_name():
    assert day_of(listings_table(DAY)) == DAY
    assert day_of(papers_table(DAY, 0)) == day_of(papers_table(DAY, 12)) == DAY
    assert papers_table(DAY, 0) != papers_table(DAY, 1)
