import json
import re
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import DAY, observations, papers, sightings, states

from papertrack.library import records
from papertrack.library.places import day_of, listings_table, papers_table, shard
from papertrack.library.storage import FolderStorage
from papertrack.merge import from_sighting, merge, merge_observations
from papertrack.models import Observation, State

_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}", re.ASCII)
# What a listing day keeps: the record has neither ranks nor, where a paper was listed, counts.
_entries = st.lists(sightings(papers()), min_size=1, max_size=3).map(
    lambda seen: _unranked(reduce(merge, map(from_sighting, seen)))
)


def _unranked(entry):
    return entry._replace(listings=tuple(one._replace(rank=None) for one in entry.listings))


def _through_json(row):
    return json.loads(json.dumps(row, ensure_ascii=False).encode())


@settings(deadline=None)
@given(_entries)
def test_a_record_gives_its_entry_back_and_holds_nothing_unknown_or_empty(entry):
    row = _through_json(records.to_record(entry))
    assert records.from_record(entry.paper.id, row) == entry
    assert all(value for said in row["said"].values() for value in said.values())


@settings(deadline=None)
@given(st.lists(sightings(papers()), min_size=1, max_size=3))
def test_a_brief_gives_what_its_day_shows(seen):
    whole = reduce(merge, map(from_sighting, seen))
    for day in {one.day for one in whole.listings}:
        row = _through_json(records.to_brief(whole, day))
        brief = records.from_brief(whole.paper.id, day, row, whole.observations)
        assert brief.paper.title == whole.paper.title
        assert brief.paper.authors == whole.paper.authors[: records.BRIEF_AUTHORS]
        assert sorted(brief.listings) == sorted(one for one in whole.listings if one.day == day)
        assert brief.observations == whole.observations
        assert brief.first_seen == whole.first_seen


@given(st.lists(observations).map(tuple).map(merge_observations))
def test_counts_give_the_observations_back_to_the_microsecond(seen: tuple[Observation, ...]):
    assert records.from_counts(_through_json(records.to_counts(seen))) == seen


@given(states)
def test_a_state_comes_back_and_only_what_is_set_is_written(state):
    row = _through_json(records.to_state_row(state))
    assert records.from_state_row(row) == state
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
def test_arxiv_papers_share_a_table_by_month_or_archive(paper_id, name):
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
def test_any_id_is_kept_in_a_file_with_a_harmless_name(paper_id):
    assert _FILE_NAME.fullmatch(shard(paper_id))


@given(st.text(st.characters(codec=None), max_size=60))
def test_any_text_at_all_is_kept_in_a_file_with_a_harmless_name(paper_id):
    assert _FILE_NAME.fullmatch(shard(paper_id))
    assert FolderStorage("nowhere").load(f"index.{shard(paper_id)}") is None


def test_other_namespaces_are_spread_over_sixteen_tables():
    """They may hold any number of papers; and none of them is the table of an arXiv month."""
    tables = {shard(f"2603:{number}") for number in range(500)}
    assert len(tables) == 16
    assert "2603" not in tables


def test_the_name_of_a_table_tells_its_day():
    assert day_of(listings_table(DAY)) == DAY
    assert day_of(papers_table(DAY, 0)) == day_of(papers_table(DAY, 12)) == DAY
    assert papers_table(DAY, 0) != papers_table(DAY, 1)
