"""Importing files into a library."""

import gzip
import json
import os
import random
from datetime import UTC, datetime

import pytest
from invented import DAY, HOUR, NOW, contents, put, sighting
from pages import entry as page_entry
from pages import page

from papertrack.calendar import Span
from papertrack.display.structured import as_jsonl
from papertrack.errors import UsageError
from papertrack.fields import paper
from papertrack.library.library import Library
from papertrack.models import State, Topic
from papertrack.tracker import Tracker
from papertrack.tracker.editions import EditionRequest, today
from papertrack.tracker.importing import BadEntry, ImportResult, import_file
from papertrack.tracker.papers import Selection, list_papers

WRITTEN = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def library(tmp_path):
    """An empty library in a folder."""
    return Library(str(tmp_path / "library"))


@pytest.fixture
def file(tmp_path):
    """Write a file of bytes and of objects, one per line, last changed at noon."""

    def write(*lines, name="papers.jsonl"):
        path = tmp_path / name
        parts = [
            line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines
        ]
        path.write_bytes(b"".join(parts))
        os.utime(path, (WRITTEN.timestamp(), WRITTEN.timestamp()))
        return str(path)

    return write


def _line(number, **more):
    return {"id": f"2603.{number:05}", "title": f"Paper {number}"} | more


def _ids(library):
    return sorted(entry.paper.id for entry in library.all_entries())


def test_good_lines_are_stored_and_bad_ones_reported_with_their_numbers(library, file):
    path = file(
        _line(1),
        b"{broken\n",
        b"\n",
        b"   \r\n",
        {"id": "2603.00009"},
        _line(2),
        b"\xff\xfe\xfd\n",
        b"[1]\n",
        json.dumps(_line(3)).encode(),
    )
    assert import_file(library, path, NOW) == ImportResult(
        papers=3,
        new=3,
        changed=0,
        bad=(
            BadEntry("line 2", "not JSON"),
            BadEntry("line 5", "no title"),
            BadEntry("line 7", "not JSON"),
            BadEntry("line 8", "not a JSON object"),
        ),
    )
    assert _ids(library) == ["2603.00001", "2603.00002", "2603.00003"]


def test_a_huge_line_is_one_bad_line_and_the_numbers_after_it_are_right(library, file):
    huge = json.dumps(_line(2, abstract="x" * 20_000_000)).encode() + b"\n"
    result = import_file(library, file(_line(1), huge, _line(3), b"{\n"), NOW)
    assert result.bad == (BadEntry("line 2", "not JSON"), BadEntry("line 4", "not JSON"))
    assert _ids(library) == ["2603.00001", "2603.00003"]


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"\r\n\n", b""])
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b""])
def test_byte_order_marks_and_line_ends_of_other_systems_do_not_matter(library, file, start, end):
    lines = [json.dumps(_line(number)).encode() for number in (1, 2)]
    result = import_file(library, file(start, b"\r\n".join(lines), end), NOW)
    assert (result.new, result.bad) == (2, ())


def test_an_empty_file_has_no_papers(library, file, tmp_path):
    for content in (b"", b"\n\n  \n"):
        assert import_file(library, file(content), NOW) == ImportResult()
    assert not (tmp_path / "library").exists()


def test_an_unreadable_file_is_a_usage_error_with_its_path(library, tmp_path):
    for path in (tmp_path / "missing.jsonl", tmp_path):
        with pytest.raises(UsageError, match="cannot read") as error:
            import_file(library, str(path), NOW)
        assert str(path) in error.value.what
    assert library.paper_count() == 0


@pytest.fixture
def many(file):
    """A file with papers of several days, not in order, with counts and marks."""
    return file(
        *(
            _line(
                number,
                listed=f"2026-03-{1 + number * 7 % 30:02}",
                upvotes=number,
                state={"starred": number % 3 == 0, "tags": ["a", "b"][: number % 3]},
            )
            for number in range(60)
        ),
        *({"id": f"cran:{number}", "title": "T", "state": {"read": True}} for number in range(20)),
        _line(5, listed="2026-03-02"),
    )


def _write_times(folder):
    """When each file was last written; not the lock, which some versions of filelock touch."""
    files = (path for path in folder.iterdir() if path.name != ".lock")
    return {path: path.stat().st_mtime_ns for path in files}


def test_importing_again_changes_nothing(library, many, tmp_path):
    assert import_file(library, many, NOW).new == 80
    before = contents(tmp_path / "library")
    write_times = _write_times(tmp_path / "library")
    again = import_file(Library(library.folder), many, NOW + 9 * HOUR)
    assert (again.papers, again.new, again.changed) == (81, 0, 0)
    assert contents(tmp_path / "library") == before
    assert _write_times(tmp_path / "library") == write_times


def test_importing_again_changes_nothing_after_new_marks_and_fetches(library, many):
    """Later marks of the reader and later claims of a source are kept."""
    import_file(library, many, NOW)
    library.change_states(["2603.00001"], lambda *_: State(hidden=True, tags=("z",), note="n"))
    put(library, sighting("2603.00001", at=NOW + HOUR, upvotes=99, authors=("A",)))
    import_file(library, many, NOW)
    before = _all_contents(library)
    import_file(library, many, NOW)
    assert _all_contents(library) == before
    state = library.states()["2603.00001"]
    assert (state.hidden, state.note) == (True, "n")
    assert set(state.tags) == {"z", "a"}
    entry = library.entries(["2603.00001"])["2603.00001"]
    assert (entry.latest.upvotes, entry.paper.authors) == (99, ("A",))


def _all_contents(library):
    """All entries and states of a library."""
    return sorted(library.all_entries()), library.states(), library.paper_count()


def test_counts_have_the_time_of_the_files_last_change_but_never_a_future_one(library, file):
    path = file(_line(1, upvotes=3, listed="2026-03-31"))
    import_file(library, path, NOW)
    assert library.entries(["2603.00001"])["2603.00001"].latest.at == WRITTEN
    earlier = Library(None)
    import_file(earlier, path, WRITTEN - HOUR)
    assert earlier.entries(["2603.00001"])["2603.00001"].latest.at == WRITTEN - HOUR


def test_several_lines_of_a_paper_are_merged(library, file):
    path = file(
        _line(1, version=1, abstract="First."),
        _line(1, version=2, abstract="Second."),
        _line(1, listed="2026-03-31"),
    )
    assert import_file(library, path, NOW).new == 1
    (entry,) = library.all_entries()
    assert (entry.paper.version, entry.paper.abstract) == (2, "Second.")
    assert [listed.day for listed in entry.listings] == [DAY]


def test_marks_of_several_lines_of_a_paper_are_all_kept(library, file):
    path = file(_line(1, state={"starred": True}), _line(1, state={"tags": ["a"]}), _line(1))
    import_file(library, path, NOW)
    assert library.states() == {"2603.00001": State(starred=True, tags=("a",))}


def test_a_large_file_is_stored_in_several_commits_without_loss(library, file):
    path = file(*(_line(number, listed=f"2026-03-{1 + number % 30:02}") for number in range(4500)))
    calls = []
    result = import_file(library, path, NOW, lambda *progress: calls.append(progress))
    assert (result.papers, result.new, result.bad) == (4500, 4500, ())
    assert library.paper_count() == 4500
    amounts = [amount for amount, _ in calls]
    assert amounts == sorted(amounts)
    assert calls[-1][0] == calls[-1][1]


def test_a_saved_page_of_hugging_face_gets_its_days_from_its_entries(library, file):
    late = page_entry("2603.00002", paper={"submittedOnDailyAt": "2026-03-30T01:00:00.000Z"})
    undated = page_entry("2603.00003", paper={"submittedOnDailyAt": None})
    broken = page_entry("2603.00004", title=None, paper={"title": None})
    saved = file(page(page_entry("2603.00001"), late, undated, broken), name="saved.json")
    result = import_file(library, saved, NOW)
    assert (result.papers, result.new) == (3, 3)
    assert result.bad == (BadEntry("entry 4", "no title"),)
    span = Span(DAY.replace(day=30), DAY)
    assert {
        entry.paper.id: entry.first_listed_by("huggingface")
        for entry in library.listed_entries(span)
    } == {
        "2603.00001": DAY,
        "2603.00002": DAY.replace(day=30),
    }
    assert library.entries(["2603.00001"])["2603.00001"].sources == ("huggingface",)
    before = _all_contents(library)
    assert import_file(library, saved, NOW)[1:3] == (0, 0)
    assert _all_contents(library) == before


_BINARY = random.Random(1).randbytes(100_000)


@pytest.mark.parametrize(
    "content", [b"[", b"[{}]", b'["a"]', b"[1, 2", b"[" * 100_000, b"<a>", _BINARY]
)
def test_a_file_without_papers_is_a_usage_error_and_stores_nothing(library, file, content):
    with pytest.raises(UsageError, match="contains no papers"):
        import_file(library, file(content), NOW)
    assert library.paper_count() == 0


def test_blocks_of_zeros_in_a_file_hide_no_other_papers(library, file):
    result = import_file(library, file(_line(1), bytes(8192) + b"\n", _line(2)), NOW)
    assert (result.papers, result.bad) == (2, (BadEntry("line 2", "not JSON"),))


def test_recorded_pages_are_imported(library, tmp_path, shared):
    recorded = sorted(shared("data/hf/daily_papers").glob("2026-03-*.json.gz"))[-3:]
    assert recorded
    papers = 0
    for number, capture in enumerate(recorded):
        saved = tmp_path / f"{number}.json"
        saved.write_bytes(gzip.decompress(capture.read_bytes()))
        result = import_file(library, str(saved), NOW)
        assert result.bad == ()
        papers += result.new
    assert library.paper_count() == papers >= 40


def _exported(library):
    report = list_papers(Tracker(library, (), NOW), Selection(everything=True))
    return [json.loads(line) for line in as_jsonl(report)]


def _filled(library):
    put(
        library,
        sighting(
            "2603.00001",
            rank=1,
            upvotes=5,
            comments=2,
            stars=70,
            at=NOW - 9 * HOUR,
            version=2,
            abstract="Text.",
            authors=("Ada One", "Bo Two"),
            categories=("cs.CL",),
            keywords=("k", "l"),
            submitted=NOW - 90 * HOUR,
            announced=DAY,
            updated=NOW - 10 * HOUR,
            code_url="https://github.com/o/r",
            project_url="https://example.org/",
            organization="Lab",
        ),
        sighting("2603.00001", rank=3, upvotes=9),
        sighting("2603.00001", day=DAY.replace(day=25), upvotes=1, at=NOW - 150 * HOUR),
        sighting("2603.00002", source="arxiv", title="É “quoted” 論文"),
        sighting("cran:12", day=None, upvotes=3, source="import"),
        sighting("hep-th/9901001", day=None),
    )
    library.change_states(
        ["2603.00001"], lambda *_: State(starred=True, read=True, tags=("a", "b"), note="n")
    )
    library.change_states(["cran:12"], lambda *_: State(hidden=True))


def test_an_export_imported_into_an_empty_library_gives_the_same_export(library, file):
    _filled(library)
    exported = _exported(library)
    assert len(exported) == 4
    copy = Library(None)
    import_file(copy, file(*exported), NOW)
    again = _exported(copy)
    assert again == exported
    assert copy.states() == library.states()


def test_an_export_imported_into_its_own_library_changes_no_paper(library, file):
    _filled(library)
    path = file(*_exported(library))
    before = _exported(library)
    assert import_file(library, path, NOW).new == 0
    after = _exported(library)
    assert after == before
    assert import_file(library, path, NOW)[1:3] == (0, 0)


def test_an_export_brings_what_authors_and_services_wrote_with_its_origin(library, file):
    text = "Accepted at ICML 2025. Code: https://github.com/o/r"
    put(
        library,
        sighting("2603.00001", source="arxiv", comment=text, doi="10.1000/1"),
        sighting("2603.00001", tldr="Short.", organization="Lab"),
    )
    (line,) = _exported(library)
    copy = Library(None)
    import_file(copy, file(line), NOW)
    assert _exported(copy) == [line]
    row = paper(copy.entries(["2603.00001"])["2603.00001"])
    assert (row["code_url"], row["code_source"]) == ("https://github.com/o/r", "comment")
    assert (row["venue"], row["doi"]) == ("ICML 2025", "10.1000/1")
    assert row["tldr"] == {"text": "Short.", "source": "huggingface"}


def test_an_import_removes_nothing_from_the_listing_day_it_adds_to(library, file):
    """A line without fields, older than the source's claim, keeps that claim."""
    put(
        library, sighting("2603.00001", upvotes=4, rank=1, authors=("Ada One",), organization="Lab")
    )
    import_file(library, file(_line(1, listed={"huggingface": str(DAY)})), NOW)
    (brief,) = library.listed_entries(Span(DAY, DAY))
    assert (brief.paper.authors, brief.paper.organization) == (("Ada One",), "Lab")
    assert brief.listings[0].rank == 1


def test_today_shows_a_match_that_an_import_brought(library, file):
    """The cached matches of the day hold, except for a paper whose text changed."""
    tracker = Tracker(library, (Topic("graphs", any=("graph",)),), NOW)
    put(library, sighting("2603.00001", upvotes=1), sighting("2603.00002", title="Graphs"))
    with library.transaction():
        tracker.cache_matches([DAY])

    def matching_ids():
        (new, _) = today(tracker, EditionRequest(Span(DAY, DAY))).sections
        return sorted(entry.paper.id for entry in new.entries if entry.matches)

    assert matching_ids() == ["2603.00002"]
    import_file(library, file(_line(1, abstract="All about graphs.")), NOW)
    assert matching_ids() == ["2603.00001", "2603.00002"]
    assert paper(library.entries(["2603.00001"])["2603.00001"])["abstract"] == "All about graphs."


def test_of_a_file_with_more_papers_than_asked_for_the_rest_is_not_read(library, file):
    result = import_file(library, file(*map(_line, range(1, 6))), NOW, most=3)
    assert result.papers == 3
    assert [bad.where for bad in result.bad] == ["line 4"]
