"""Parsing single lines of import files."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import NOW

from papertrack.models import Observation, PaperListing, State
from papertrack.tracker.import_lines import BadLine, parse_line, storage_day
from papertrack.trending import score


def _parse(**fields):
    return parse_line(json.dumps({"id": "2603.00001", "title": "T"} | fields).encode(), NOW, NOW)


def _paper(**fields):
    return _parse(**fields).sightings[0].paper


def test_an_id_and_a_title_are_enough():
    parsed = _parse()
    (sighting,) = parsed.sightings
    assert (sighting.paper.id, sighting.paper.title) == ("2603.00001", "T")
    assert (sighting.source, sighting.seen) == ("import", NOW)
    assert (sighting.listed, sighting.observations) == (None, ())
    assert parsed.state == State()


@pytest.mark.parametrize(
    ("text", "paper_id", "version"),
    [
        ("2603.10165", "2603.10165", None),
        ("https://arxiv.org/abs/2603.10165v3", "2603.10165", 3),
        ("cran:12", "cran:12", None),
        ("doi:10.1/x", "doi:10.1/x", None),
        ("doi:10.48550/arXiv.2603.10165", "2603.10165", None),
        ("10.48550/arXiv.2603.10165v2", "2603.10165", 2),
        ("https://arxiv.org/src/2603.10165", "2603.10165", None),
        ("https://doi.org/10.1/X", "doi:10.1/x", None),
    ],
)
def test_ids_are_arxiv_ids_in_any_form_or_other_texts(text, paper_id, version):
    paper = _paper(id=text)
    assert (paper.id, paper.version) == (paper_id, version)


def test_a_plain_listing_day_is_of_arxiv_for_an_arxiv_id_and_of_the_import_otherwise():
    assert _parse(listed="2026-03-30").sightings[0].listed == PaperListing(
        "arxiv", date(2026, 3, 30)
    )
    imported = _parse(id="cran:1", listed="2026-03-30")
    assert imported.sightings[0].listed == PaperListing("import", date(2026, 3, 30))


def test_each_listing_day_by_source_or_with_rank_is_a_sighting():
    by_source = _parse(listed={"huggingface": "2026-03-31", "arxiv": "2026-03-30", "x": None})
    assert [sighting.listed for sighting in by_source.sightings] == [
        PaperListing("huggingface", date(2026, 3, 31)),
        PaperListing("arxiv", date(2026, 3, 30)),
    ]
    ranked = _parse(
        listed={"huggingface": "2026-01-01"},
        listings=[
            {"source": "huggingface", "day": "2026-03-31", "rank": 4},
            {"source": "huggingface", "day": "2026-03-30", "rank": 0},
        ],
    )
    assert [sighting.listed for sighting in ranked.sightings] == [
        PaperListing("huggingface", date(2026, 3, 31), 4),
        PaperListing("huggingface", date(2026, 3, 30), None),
    ]


def test_counts_have_the_time_of_the_file_and_observations_their_own():
    (sighting,) = _parse(upvotes=0, code_stars=7).sightings
    assert sighting.observations == (Observation(NOW, 0, None, 7),)
    (sighting,) = _parse(
        upvotes=9,
        observations=[
            {"at": "2026-03-30T12:00:00Z", "upvotes": 3, "comments": True, "stars": -1},
            {"at": "2026-03-31T12:00:00+02:00", "upvotes": 9},
        ],
    ).sightings
    assert sighting.observations == (
        Observation(datetime(2026, 3, 30, 12, tzinfo=UTC), 3),
        Observation(datetime(2026, 3, 31, 10, tzinfo=UTC), 9),
    )


def test_a_line_may_have_marks():
    marks = {
        "starred": True,
        "read": "yes",
        "hidden": False,
        "tags": ["a", "a", " b "],
        "note": "n",
    }
    assert _parse(state=marks).state == State(starred=True, tags=("a", "b"), note="n")


def test_a_line_may_have_what_authors_and_services_wrote_about_the_paper():
    paper = _paper(
        comment="12 pages",
        journal_ref="J. Inv. 1 (2026)",
        doi="10.1000/1",
        venue="ICML 2026",
        tldr={"text": "It invents.", "source": "huggingface"},
    )
    assert paper.comment == "12 pages"
    assert paper.journal_ref == "J. Inv. 1 (2026)"
    assert paper.doi == "10.1000/1"
    assert paper.venue == "ICML 2026"
    assert paper.tldr == _paper(tldr="It invents.").tldr == "It invents."


def test_a_row_of_arxivs_metadata_snapshot_is_parsed():
    row = {
        "id": "0704.0001",
        "submitter": "Pavel Nadolsky",
        "authors": "C. Bal\\'azs, E. L. Berger, P. M. Nadolsky and C.-P. Yuan",
        "title": "Calculation of prompt diphoton production cross sections\n  at Tevatron",
        "comments": "37 pages, 15 figures",
        "doi": "10.1103/PhysRevD.76.013009",
        "categories": "hep-ph hep-ex",
        "abstract": "  A fully differential calculation\nin perturbative QCD.\n",
        "versions": [
            {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
            {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
        ],
        "update_date": "2008-11-26",
        "authors_parsed": [
            ["Balázs", "C.", ""],
            ["Berger", "E. L.", "Jr.", "Argonne"],
            ["BIRD Collaboration", "", ""],
            [":", "", ""],
        ],
    }
    (sighting,) = parse_line(json.dumps(row).encode(), NOW, NOW).sightings
    paper = sighting.paper
    assert sighting.observations == (), "the authors' comment is not a count"
    assert paper.title.endswith("cross sections at Tevatron")
    assert paper.authors == ("C. Balázs", "E. L. Berger Jr.", "BIRD Collaboration")
    assert paper.categories == ("hep-ph", "hep-ex")
    assert paper.abstract == "A fully differential calculation in perturbative QCD."
    assert (paper.version, paper.submitted) == (2, datetime(2007, 4, 2, 19, 18, 42, tzinfo=UTC))


def test_a_text_that_lists_authors_is_divided_into_names():
    assert _paper(authors="A. Heron (CERN, Geneva), B. Stork, Jr., and C. Tern").authors == (
        "A. Heron",
        "B. Stork Jr.",
        "C. Tern",
    )
    assert _paper(authors=["BIRD Team", ":", "C. Tern"]).authors == ("BIRD Team", "C. Tern")


def test_an_and_divides_no_keywords():
    assert _paper(keywords="search and rescue, RAG").keywords == ("search and rescue", "RAG")


@pytest.mark.parametrize(
    "created",
    [
        None,
        7,
        "",
        " ",
        "soon",
        "Mon, 2 Apr 99999 19:18:42 GMT",
        "Mon, 2 Apr 2007 19:18:42 +99999999999999",
    ],
)
def test_an_invalid_date_in_a_snapshot_is_unknown(created):
    paper = _paper(versions=[{"created": created}])
    assert (paper.version, paper.submitted) == (1, None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": None}, "no id"),
        ({"id": ""}, "no id"),
        ({"id": 2503.0213}, "id is not a text"),
        ({"id": "two words"}, "id is not valid: 'two words': an id is like"),
        ({"id": "x" * 300}, "id is not valid: 'x+…'"),
        ({"id": "--library=elsewhere"}, "id is not valid"),
        ({"id": "cran:../x"}, "id is not valid"),
        ({"id": "2613.00001"}, "there is no month 13"),
        ({"id": "2503.0213"}, "5 digits"),
        ({"id": "2703.00001"}, "future"),
        ({"title": None}, "no title"),
        ({"title": " \u200b "}, "title is not a text"),
        ({"title": ["T"]}, "title is not a text"),
        ({"abstract": 7}, "abstract is not a text"),
        ({"authors": 7}, "authors is not a list"),
        ({"authors": [{"name": "A"}]}, "authors is not a list"),
        ({"listed": "31.03.2026"}, "listed is not a day"),
        ({"listed": 20260331}, "listed is not a day"),
        ({"listed": {"a b": "2026-03-31"}}, "listed is neither"),
        ({"listed": {"../x": "2026-03-31"}}, "listed is neither"),
        ({"listings": [{"source": "hf"}]}, "listed is neither"),
        ({"submitted": "yesterday"}, "submitted is not a time"),
        ({"announced": "soon"}, "announced is not a day"),
        ({"upvotes": -1}, "whole numbers"),
        ({"upvotes": True}, "whole numbers"),
        ({"upvotes": 1.5}, "whole numbers"),
        ({"upvotes": 10**400}, "whole numbers"),
        ({"observations": [{"upvotes": 1}]}, "has no time"),
        ({"observations": [{"at": "x"}]}, "at is not a time"),
        ({"code_url": "javascript:alert(1)"}, "code_url is not a web address"),
        ({"project_url": "https://a b"}, "project_url is not a web address"),
    ],
)
def test_a_line_that_is_not_a_paper_is_an_error_with_the_reason(fields, reason):
    with pytest.raises(BadLine, match=reason):
        _parse(**fields)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"7",
        b"null",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"id": "x", "title": 1e',
        b"NaN",
    ],
)
def test_a_line_that_is_not_a_json_object_is_an_error(line):
    with pytest.raises(BadLine, match=r"not (JSON|a JSON object)"):
        parse_line(line, NOW, NOW)


def test_control_characters_are_removed_from_all_texts():
    evil = "a\x1b[31m\u202eb\ud800"
    (sighting,) = _parse(
        id="cran:\x1ba\u202eb\ud800",
        title=evil,
        abstract=evil,
        authors=[evil],
        keywords=[evil],
        organization=evil,
        state={"tags": [evil], "note": evil},
    ).sightings
    assert not set("\x1b\u202e\ud800") & set(
        repr(sighting.paper.id) + "".join(map(str, sighting.paper))
    )
    assert sighting.paper.title == "a[31mb"


def test_a_version_of_zero_is_unknown():
    assert _paper(version=0).version is None


def test_the_highest_valid_counts_can_be_ranked():
    (sighting,) = _parse(upvotes=10**9).sightings
    (observation,) = sighting.observations
    assert score([Observation(NOW, observation.upvotes)], NOW.date(), NOW) > 0


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
_KEYS = (
    *("version", "abstract", "authors", "categories", "keywords", "submitted", "announced"),
    *("updated", "code_url", "project_url", "organization", "listed", "listings", "first_seen"),
    *("upvotes", "comments", "code_stars", "observations", "state", "versions"),
)


@given(st.dictionaries(st.sampled_from(_KEYS), _values))
def test_any_json_object_is_a_paper_or_a_bad_line(fields):
    with suppress(BadLine):
        assert {sighting.paper.id for sighting in _parse(**fields).sightings} == {"2603.00001"}


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ({}, NOW.date()),
        ({"listed": {"huggingface": "2026-03-31", "arxiv": "2026-03-30"}}, date(2026, 3, 30)),
        ({"listings": [{"source": "arxiv", "day": "2026-03-01"}]}, date(2026, 3, 1)),
        ({"first_seen": "2026-02-01T10:00:00Z"}, date(2026, 2, 1)),
        ({"listed": "soon"}, NOW.date()),
    ],
)
def test_lines_are_stored_by_the_day_of_their_paper(fields, day):
    assert storage_day(json.dumps(fields).encode(), NOW) == day
