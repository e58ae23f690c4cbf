"""The command recommend: what it ranks, in all formats, and what it says without stars."""

import csv
import io
import json
import os
import signal
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from papertrack.library.library import Library
from papertrack.tracker import Tracker
from papertrack.tracker.recommending import RecommendRequest, recommend

SUBJECTS = ("qubits decohere in cold cavities", "judges cite older precedents", "wet soil microbes")
RANKINGS = (".recommend.best.json", ".recommend.others.json")
CACHES = (".recommend.vectors", ".recommend.papers", *RANKINGS)
STARRED = ("2603.00000", "2603.00001", "2603.00002")


def _row(number, **more):
    subject = SUBJECTS[number // 10]
    row = {
        "id": f"2603.{number:05}",
        "title": f"Study {number} of {subject}",
        "abstract": f"We show that {subject} again.",
        "listed": "2026-03-30",
    }
    return row | more


@pytest.fixture
def reader(papertrack):
    rows = [_row(number) for number in range(30)]
    rows += [_row(3, id="2601.00001", listed="2026-01-10")]
    file = papertrack.home / "papers.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert papertrack("import", file).code == 0
    return papertrack


@pytest.fixture
def starred(reader):
    assert reader("star", *STARRED).code == 0
    return reader


def _ids(program, *arguments):
    result = program("recommend", *arguments, "--format", "ids")
    assert result.code == 0, result.err
    return result.out.split()


def test_papers_like_the_starred_ones_come_first(starred):
    assert {paper_id[:9] for paper_id in _ids(starred)[:7]} == {"2603.0000"}


def test_only_unread_papers_are_ranked(starred):
    starred("hide", "2603.00003")
    starred("read", "2603.00004")
    assert set(_ids(starred)).isdisjoint({*STARRED, "2603.00003", "2603.00004"})
    assert len(_ids(starred)) == 25


def test_older_papers_are_ranked_with_all_and_with_since(starred):
    assert "2601.00001" not in _ids(starred)
    assert "2601.00001" in _ids(starred, "--all")[:8]
    assert "2601.00001" in _ids(starred, "--since", "2026-01-01")[:8]
    assert "2601.00001" not in _ids(starred, "--all", "--since", "2026-02-01")


def test_a_topic_narrows_the_papers_but_not_what_they_are_ranked_by(starred):
    starred.configure("topics: [{name: law, any: [precedents]}]")
    ids = _ids(starred, "-t", "law")
    assert len(ids) == 10
    assert ids == [paper_id for paper_id in _ids(starred) if paper_id in ids]


def test_each_paper_has_its_reasons_in_every_format(starred):
    run = starred("recommend", "--limit", "1", "--format", "json")
    (paper,) = json.loads(run.out)["data"]
    assert json.loads(run.out)["command"] == "recommend"
    assert set(paper["reasons"]) == {"words", "papers", "against"}
    assert "qubits" in " ".join(paper["reasons"]["words"])
    assert set(paper["reasons"]["papers"]) <= set(STARRED)
    assert paper["score"] > 0
    line = starred("recommend", "--limit", "1", "--format", "plain").out
    assert f"like {', '.join(paper['reasons']['papers'])}" in line.split("\t")[-1]
    (row,) = csv.DictReader(io.StringIO(starred("recommend", "--limit", "1", "-f", "csv").out))
    assert row["reasons"].startswith("words: ")
    for form in ("md", "table"):
        assert f"like {paper['reasons']['papers'][0]}" in " ".join(
            starred("recommend", "--limit", "1", "--format", form).out.split()
        )


def test_without_reasons_their_key_is_null(starred):
    (paper,) = json.loads(starred("show", "2603.00001", "--format", "json").out)["data"]
    assert paper["reasons"] is None


def test_two_runs_print_the_same(starred):
    assert starred("recommend", "-f", "json") == starred("recommend", "-f", "json")


def test_without_stars_it_says_how_to_begin(reader):
    run = reader("recommend")
    assert (run.code, run.out) == (0, "")
    assert "papertrack star ID" in run.err
    assert "papertrack star ID" in reader("recommend", "--explain").err
    assert "papertrack star ID" in " ".join(
        json.loads(reader("recommend", "-f", "json").out)["notes"]
    )


def test_few_stars_are_called_thin_evidence(starred):
    assert "3 starred papers are thin evidence" in starred("recommend").err
    starred("star", *(f"2603.{number:05}" for number in range(3, 10)))
    assert "thin" not in starred("recommend").err


def test_like_ranks_by_papers_of_the_library_whatever_is_starred(starred):
    ids = _ids(starred, "--like", "2603.00020", "--like", "2603.00021")
    assert {paper_id[:9] for paper_id in ids[:8]} == {"2603.0002"}
    assert "2603.00020" not in ids
    assert "2603.00003" in ids


def test_like_ranks_by_the_papers_of_a_file_without_storing_them(reader):
    file = reader.home / "mine.bib"
    file.write_text(
        "@article{a, title={Microbes of wet soil}, doi={10.1/x}, author={A, B}, year={2020}}"
    )
    before = reader("list", "--all", "-f", "ids").out
    assert _ids(reader, "--like", file)[0].startswith("2603.0002")
    assert reader("list", "--all", "-f", "ids").out == before


def test_an_unknown_paper_to_rank_by_is_a_usage_error(reader):
    assert reader("recommend", "--like", "2609.99999").code == 2
    (reader.home / "empty.json").write_text("[]")
    assert reader("recommend", "--like", "empty.json").code == 2


@pytest.mark.parametrize("path", ["/nowhere/mine", "./mine", "mine.bib"])
def test_a_missing_file_to_rank_by_is_reported_as_one(reader, path):
    run = reader("recommend", "--like", path)
    assert (run.code, run.err) == (
        2,
        f"papertrack: cannot read {path}\n  the file does not exist\n",
    )


def test_explain_tells_how_many_stars_count(starred):
    assert "from 3 starred papers\n" in starred("recommend", "--explain").err
    copy = {"id": "doi:10.1/copy", "title": _row(0)["title"]}
    (starred.home / "copy.jsonl").write_text(json.dumps(copy))
    starred("import", "copy.jsonl")
    starred("star", "doi:10.1/copy")
    run = starred("recommend", "--explain")
    assert "from 4 starred papers\n  1 of them duplicate others" in run.err


def test_explain_shows_every_weight(starred):
    run = starred("recommend", "--explain", "--format", "json")
    rows = json.loads(run.out)["data"]
    weights = {row["word"]: row["weight"] for row in rows}
    assert weights["qubits"] > weights["study"]
    assert list(weights.values()) == sorted(weights.values(), reverse=True)
    assert starred("recommend", "--explain", "--format", "plain").out.startswith(rows[0]["word"])
    assert rows[0]["word"] in starred("recommend", "--explain", "--format", "table").out
    assert starred("recommend", "--explain", "--format", "md").code == 2


def test_a_library_without_papers_recommends_nothing(papertrack):
    run = papertrack("recommend", "-f", "json")
    assert run.code == 0
    assert json.loads(run.out)["data"] == []


def test_a_second_ranking_comes_from_the_cache_until_a_star_changes_it(starred):
    cache = starred.library / ".recommend.best.json"
    first = _ids(starred)
    written = cache.read_bytes()
    assert _ids(starred) == first
    assert cache.read_bytes() == written
    starred("star", "2603.00020")
    assert "2603.00020" not in _ids(starred)
    assert cache.read_bytes() != written


@pytest.mark.parametrize(
    "options",
    [("--since", "2026-01-01"), ("--all",), ("--like", "2603.00020"), ("--topic", "qubits")],
)
def test_rankings_with_options_come_from_a_cache_of_their_own(starred, options):
    starred.configure("topics: [{name: qubits, any: [qubits]}]")
    _ids(starred)
    usual, cache = (starred.library / name for name in RANKINGS)
    before = usual.stat().st_mtime_ns
    first = _ids(starred, *options)
    written = cache.stat().st_mtime_ns
    assert _ids(starred, *options) == first
    assert (usual.stat().st_mtime_ns, cache.stat().st_mtime_ns) == (before, written)
    starred("star", "2603.00020", "2603.00021", "2603.00004")
    _ids(starred, *options)
    assert cache.stat().st_mtime_ns != written


def test_a_ranking_with_options_leaves_the_word_vectors_of_the_usual_one(starred):
    _ids(starred)
    vectors = (starred.library / CACHES[0]).read_bytes()
    _ids(starred, "--all")
    assert (starred.library / CACHES[0]).read_bytes() == vectors


@pytest.mark.parametrize("name", CACHES)
def test_a_damaged_cache_changes_nothing(starred, name):
    options = ("--all",) if name == RANKINGS[1] else ()
    _ids(starred)
    first, cache = _ids(starred, *options), starred.library / name
    cache.write_bytes(cache.read_bytes()[:-40] + b"0" * 40)
    for ranking in {*RANKINGS} - {name}:  # They would be taken without a look at the others.
        (starred.library / ranking).unlink(missing_ok=True)
    assert _ids(starred, *options) == first
    assert cache.read_bytes()[-40:] != b"0" * 40


def test_a_new_star_ranks_alike_with_and_without_what_was_kept(starred):
    _ids(starred)
    kept = starred.library / ".recommend.papers"
    before = kept.read_bytes()
    starred("star", "2603.00020", "2603.00021", "2603.00004")
    first = starred("recommend", "-f", "json").out
    assert kept.read_bytes() == before
    starred("recommend", "--forget")
    assert starred("recommend", "-f", "json").out == first


def test_papers_that_are_new_are_kept_too(starred):
    starred.configure("topics: [{name: qubits, any: [qubits]}]")
    _ids(starred)
    kept = starred.library / ".recommend.papers"
    before = kept.read_bytes()
    new = starred.home / "new.jsonl"
    rows = (_row(n, id=f"2603.01{n:03}", title=f"Addendum {n}") for n in range(8))
    new.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert starred("import", new).code == 0
    _ids(starred, "-t", "qubits")
    assert kept.read_bytes() == before, "only the usual ranking replaces them"
    _ids(starred)
    assert len(kept.read_bytes()) > len(before)


@pytest.mark.parametrize("name", CACHES)
@pytest.mark.parametrize("kept", [0, 1, 20, 0.5])
def test_a_cut_cache_changes_nothing(starred, name, kept):
    options = ("--all",) if name == RANKINGS[1] else ()
    _ids(starred)
    first, cache = _ids(starred, *options), starred.library / name
    content = cache.read_bytes()
    cache.write_bytes(content[: kept if kept != 0.5 else len(content) // 2])
    for ranking in {*RANKINGS} - {name}:
        (starred.library / ranking).unlink(missing_ok=True)
    assert _ids(starred, *options) == first
    assert len(cache.read_bytes()) > len(content) // 2


def test_a_full_disk_leaves_no_cache_and_the_same_ranking(starred):
    def fill_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))

    resource = pytest.importorskip("resource")
    run = starred("recommend", "-f", "ids", preexec_fn=fill_disk)
    assert not [*starred.library.glob(".recommend*"), *starred.library.glob(".papertrack-*")]
    assert (run.code, run.out.split()) == (0, _ids(starred))
    assert "Traceback" not in run.err


def test_two_runs_at_once_rank_alike_and_leave_whole_caches(starred):
    runs = [starred.start("recommend", "-f", "ids") for _ in range(2)]
    outputs = [run.communicate(timeout=300) for run in runs]
    assert outputs[0] == outputs[1]
    assert [run.returncode for run in runs] == [0, 0]
    kept = {name: (starred.library / name).read_bytes() for name in CACHES[:3]}
    assert outputs[0][0].decode().split() == _ids(starred)
    starred("recommend", "--forget")
    _ids(starred)
    assert {name: (starred.library / name).read_bytes() for name in CACHES[:3]} == kept


def test_each_long_step_of_a_ranking_tells_its_progress(starred):
    rows = (_row(n % 30, id=f"2603.{n:05}", title=f"Addendum {n}") for n in range(100, 400))
    (starred.home / "new.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    starred("import", "new.jsonl")
    told = []

    def progress(items, size, verb="Reading", unit="papers"):
        listed = list(items)
        if verb != "Reading" or isinstance(items, Sequence):
            told.append((verb, unit, size() == len(listed)))
        return listed

    now = datetime(2026, 3, 31, 18, tzinfo=UTC)
    tracker = Tracker(Library(str(starred.library)), (), now, progress=progress)
    recommend(tracker, RecommendRequest())
    assert told == [
        ("Reading", "papers", True),
        ("Learning", "steps", True),
        ("Reading", "papers", True),
        ("Training", "steps", True),
        ("Ranking", "papers", True),
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_in_the_place_of_a_cache_changes_nothing(starred):
    first = _ids(starred), _ids(starred, "--all")
    for name in CACHES:
        (starred.library / name).unlink()
        os.mkfifo(starred.library / name)
    assert (_ids(starred), _ids(starred, "--all")) == first


def test_forget_deletes_what_is_derived_and_no_star(starred):
    first = _ids(starred)
    _ids(starred, "--all")
    assert {file.name for file in starred.library.glob(".recommend*")} == set(CACHES)
    assert starred("recommend", "--forget").code == 0
    assert not list(starred.library.glob(".recommend*"))
    assert "nothing is derived" in starred("recommend", "--forget").err
    assert _ids(starred) == first


def test_a_cache_that_cannot_be_deleted_is_an_error_of_the_library(starred):
    (starred.library / ".recommend.vectors").unlink(missing_ok=True)
    (starred.library / ".recommend.vectors").mkdir()
    run = starred("recommend", "--forget")
    (starred.library / ".recommend.vectors").rmdir()
    assert (run.code, run.out) == (5, "")
    assert run.err.startswith("papertrack: cannot write the library")


def test_why_says_how_a_paper_would_rank_once_papers_are_starred(reader):
    assert "recommend" not in reader("why", "2603.00004").out
    reader("star", *STARRED)
    first = _ids(reader)[0]
    run = reader("why", first)
    assert "★ recommend: 1 of 27 unread papers" in run.out
    assert "qubits" in run.out
    papers = ("2601.00001", "2603.00000", "2603.00025")
    rows = json.loads(reader("why", *papers, "-f", "json").out)["data"]
    old, starred, other = (row.get("recommendation") for row in rows)
    assert (old["rank"] < 8, old["papers"]) == (True, 28)
    assert starred is None
    assert (other["rank"] > 7, other["papers"]) == (True, 27)
