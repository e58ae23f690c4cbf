"""Parquet: tables that DuckDB and pyarrow read, and that an import takes back."""

import io
import os
import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree

import duckdb
import pyarrow as arrow
import pytest
from invented import DAY, NOW, put, sighting
from pyarrow.parquet import ParquetFile, read_table, write_table
from tricks import TRICKS

from papertrack.calendar import Span
from papertrack.cli.export_files import write_tables
from papertrack.errors import UsageError
from papertrack.library.library import Library
from papertrack.models import Entry, Paper, State
from papertrack.parquet import (
    OBSERVATION_COLUMNS,
    PAPER_COLUMNS,
    PAPERS,
    TableWriter,
    files_within,
)
from papertrack.parquet_pages import read_page_headers
from papertrack.text import clean
from papertrack.tracker import Tracker
from papertrack.tracker.importing import import_file
from papertrack.tracker.papers import Selection, list_papers

README = Path(__file__).parents[2] / "README.md"
APRIL = date(2026, 4, 1)
LATER = NOW + timedelta(days=2)
MARKS = State(starred=True, read=True, tags=("later", "a b"), note="two\nlines")


def _library(folder=None):
    """Papers of two months with counts, marks, hostile titles, and fields of two sources."""
    library = Library(folder)
    titles = filter(None, map(clean, TRICKS))
    put(
        library,
        sighting("2603.00001", upvotes=3, comments=0, keywords=("agents", "memory"), rank=2),
        sighting("2603.00001", source="arxiv", at=LATER, day=APRIL, categories=("cs.CL",)),
        sighting("2603.00002", day=APRIL, upvotes=9, stars=70, code_url="https://github.com/o/r"),
        sighting("cran:3", day=None, source="import", submitted=NOW, tldr="Short.", withdrawn=True),
        *(
            sighting(f"2603.{number:05}", title=title, abstract=title)
            for number, title in enumerate(titles, 100)
        ),
    )
    put(library, sighting("2603.00001", at=LATER, upvotes=5, keywords=("agents", "memory"), rank=1))
    library.change_states(["2603.00001"], lambda *_: MARKS)
    return library


def _report(library):
    return list_papers(Tracker(library, (), LATER), Selection(everything=True))


def _entries(library):
    entries = (entry for section in _report(library).sections for entry in section.entries)
    return {entry.paper.id: entry for entry in entries}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """A folder with the tables of the library."""
    folder = tmp_path_factory.mktemp("parquet") / "tables"
    assert write_tables(_report(_library()), str(folder)) == 4
    return folder


def _query(tables, query):
    return duckdb.sql(query.replace("tables/", f"{tables}/")).fetchall()


def test_a_paper_is_in_the_file_of_the_month_of_its_first_listing(tables):
    names = {path.relative_to(tables).as_posix() for path in tables.rglob("*.parquet")}
    months = ("2026-03", "2026-04")
    assert names == {
        f"{table}/{month}.parquet" for table in ("papers", "observations") for month in months
    }
    april = read_table(tables / "papers/2026-04.parquet").to_pylist()
    assert [row["id"] for row in april] == ["2603.00002"]


def test_duckdb_joins_papers_with_their_observations(tables):
    rows = _query(
        tables,
        "SELECT p.id, p.first_listed, p.upvotes, max(o.upvotes) - min(o.upvotes), count(*)"
        " FROM 'tables/papers/*.parquet' p JOIN 'tables/observations/*.parquet' o USING (id)"
        " GROUP BY ALL ORDER BY p.id",
    )
    assert rows == [("2603.00001", DAY, 5, 2, 2), ("2603.00002", APRIL, 9, 0, 1)]


def test_duckdb_reads_lists_listings_and_times(tables):
    (row,) = _query(
        tables,
        "SELECT keywords, listings[1].source, listings[1].rank, provenance['keywords'], tags,"
        " epoch(first_seen) FROM 'tables/papers/*.parquet' WHERE starred",
    )
    assert row[:4] == (["agents", "memory"], "huggingface", 1, "huggingface")
    assert sorted(row[4]) == ["a b", "later"]
    assert row[5] == NOW.timestamp()


def test_the_query_in_the_readme_counts_the_keywords_of_years(tables):
    (query,) = re.findall(r"```sql\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    fixed = query.replace("current_date", "DATE '2026-04-30'")
    assert fixed != query
    assert sorted(_query(tables, fixed)) == [(2026, "agents", 1), (2026, "memory", 1)]


@pytest.mark.parametrize(
    ("table", "columns"), [("papers", PAPER_COLUMNS), ("observations", OBSERVATION_COLUMNS)]
)
def test_each_column_has_its_type_and_its_description_in_the_file(tables, table, columns):
    schema = ParquetFile(tables / table / "2026-03.parquet").schema_arrow
    assert schema.names == [column.name for column in columns]
    for column in columns:
        metadata = schema.field(column.name).metadata
        assert metadata[b"description"].decode() == column.description
    assert schema.field("id").type == arrow.string()
    assert not schema.field("id").nullable


def test_times_are_utc(tables):
    rows = read_table(tables / "observations/2026-03.parquet").to_pylist()
    assert [row["at"] for row in rows] == [NOW, LATER]
    assert rows[0]["at"].utcoffset() == timedelta(0)


def test_an_import_of_the_folder_takes_everything_back(tables):
    original, library = _entries(_library()), Library(None)
    result = import_file(library, str(tables), LATER)
    assert (result.papers, result.bad) == (len(original), ())
    imported = _entries(library)
    assert imported.keys() == original.keys()
    for paper_id, entry in original.items():
        copy = imported[paper_id]
        assert copy.paper == entry.paper
        assert copy.observations == entry.observations
        assert copy.listings == entry.listings
        assert (copy.state, copy.sources) == (entry.state, entry.sources)


def test_importing_a_folder_again_changes_nothing(tables):
    library = Library(None)
    import_file(library, str(tables), LATER)
    again = import_file(library, str(tables), LATER + timedelta(days=1))
    assert (again.new, again.changed) == (0, 0)


def test_a_single_month_can_be_imported(tables):
    library = Library(None)
    assert import_file(library, str(tables / "papers/2026-04.parquet"), LATER).papers == 1
    assert _entries(library)["2603.00002"].observations[0].upvotes == 9


def test_a_table_without_titles_has_no_papers(tmp_path):
    file = tmp_path / "other.parquet"
    duckdb.sql(f"COPY (SELECT 1 AS number) TO '{file}'")
    with pytest.raises(UsageError, match="contains no papers"):
        import_file(Library(None), str(file), NOW)


def test_a_damaged_file_is_an_error_that_names_it(tables, tmp_path):
    file = tmp_path / "2026-03.parquet"
    file.write_bytes((tables / "papers/2026-03.parquet").read_bytes()[:500])
    with pytest.raises(UsageError, match=r"2026-03\.parquet is damaged"):
        import_file(Library(None), str(file), NOW)


def test_a_folder_without_tables_is_an_error(tmp_path):
    with pytest.raises(UsageError, match="without parquet files"):
        import_file(Library(None), str(tmp_path), NOW)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_among_the_tables_of_a_folder_is_left_out(tables, tmp_path):
    copytree(tables, tmp_path / "tables")
    os.mkfifo(tmp_path / "tables" / PAPERS / "2020-01.parquet")
    assert import_file(Library(None), str(tmp_path / "tables"), NOW).new > 0
    assert files_within(str(tmp_path / "tables"), date(2020, 1, 1), date(2020, 1, 31)) == []


def test_an_export_that_fails_leaves_the_files_as_they_were(tmp_path):
    write_tables(_report(_library()), str(tmp_path))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def entries():
        yield Entry(Paper("2603.00009", "New"), datetime(2026, 3, 1, tzinfo=UTC))
        raise UsageError("cannot read on")

    report = _report(_library())
    broken = report._replace(sections=(report.sections[0]._replace(entries=entries()),))
    with pytest.raises(UsageError, match="cannot read on"):
        write_tables(broken, str(tmp_path))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def _names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_file_of_a_month_that_has_become_empty_is_deleted_and_no_other(tmp_path):
    write_tables(_report(_library()), str(tmp_path))
    foreign = tmp_path / "papers/2026-02.parquet"
    duckdb.sql(f"COPY (SELECT 'x' AS id, 'y' AS title) TO '{foreign}'")
    (tmp_path / "papers/2026-01.parquet").write_text("mine")
    for name in ("notes-2026-04.parquet", "2026-13.parquet", "2026-04.parquet.old"):
        copy = (tmp_path / "papers/2026-04.parquet").read_bytes()
        (tmp_path / "papers" / name).write_bytes(copy)
    before = _names(tmp_path)

    def export(span):
        moved = Library(None)
        put(moved, sighting("2603.00002"))
        write_tables(_report(moved), str(tmp_path), span)
        return before - _names(tmp_path)

    assert export(None) == set()
    assert export(Span(date(2026, 4, 2), date(2026, 4, 30))) == set(), "a part of the month"
    assert export(Span(date(2026, 4, 1), date(2026, 4, 29))) == set(), "a part of the month"
    empty = {"papers/2026-04.parquet", "observations/2026-04.parquet"}
    assert export(Span(date(2026, 4, 1), date(2026, 4, 30))) == empty
    assert export(Span(date.min, APRIL)) == empty | {"observations/2026-03.parquet"}


def test_an_export_of_all_papers_deletes_what_has_become_empty_but_not_with_a_limit(papertrack):
    papers, tables = papertrack.home / "papers.jsonl", papertrack.home / "tables"
    rows = (
        '{"id": "2603.00001", "title": "One", "listed": "2026-03-30"}\n',
        '{"id": "2601.00002", "title": "Two", "listed": "2026-01-05"}\n',
    )
    papers.write_text("".join(rows))
    papertrack("import", papers)
    all_papers = ("export", "--all", "-f", "parquet", "-o", f"{tables}/")
    assert papertrack(*all_papers).code == 0
    papers.write_text(rows[1].replace("2026-01-05", "2025-12-24"))
    papertrack("import", papers)
    assert papertrack(*all_papers, "--limit", "1").code == 0
    assert _names(tables) == {"papers/2026-01.parquet", "papers/2026-03.parquet"}
    assert papertrack(*all_papers).code == 0
    assert _names(tables) == {"papers/2025-12.parquet", "papers/2026-03.parquet"}


def test_many_papers_are_written_in_parts():
    files = {}

    def open_file(name):
        files[name] = io.BytesIO()
        return files[name]

    entries = _entries(_library()).values()
    with TableWriter(open_file, rows_in_memory=2) as writer:
        for entry in entries:
            writer.write(entry)
    file = ParquetFile(files["papers/2026-03.parquet"])
    assert file.num_row_groups > 1
    assert file.metadata.num_rows == len(entries) - 1


def test_the_command_needs_a_folder(papertrack):
    run = papertrack("export", "--all", "-f", "parquet")
    assert run.code == 2
    assert "--output tables/" in run.err


def _repeated(value, times, kind):
    """A column that has one value many times, in a file once."""
    return arrow.DictionaryArray.from_arrays([0] * times, arrow.array([value], kind))


def _ids(number):
    return [f"cran:{index}" for index in range(number)]


_BOMBS = {
    "a long text": {"id": ["cran:1"], "title": ["x" * (60 << 20)]},
    "a text in many rows": {"id": _ids(300), "title": _repeated("x " * 200_000, 300, "string")},
    "many names": {
        "id": ["cran:1"],
        "title": ["T"],
        "authors": arrow.array([["A"] * 1_200_000], arrow.list_(arrow.string())),
    },
}
_WRONG_TYPES = {
    "numbers": {"id": [1, 2], "title": [3, 4], "listings": [5, 6]},
    "lists": {"id": ["cran:1"], "title": ["T"], "provenance": [[1]], "tags": ["x"]},
    "days out of range": {
        "id": ["cran:1"],
        "title": ["T"],
        "submitted": arrow.array([2**62], arrow.timestamp("us")),
    },
    "structures": {"id": [{"a": 1}], "title": [{"b": [2]}], "state": [["starred"]]},
}


@pytest.mark.parametrize("name", _BOMBS)
def test_a_small_file_that_would_fill_memory_or_disk_is_refused(tmp_path, name):
    write_table(arrow.table(_BOMBS[name]), tmp_path / "b.parquet", compression="zstd")
    assert (tmp_path / "b.parquet").stat().st_size < 50_000
    with pytest.raises(UsageError, match="too large when unpacked"):
        import_file(Library(None), str(tmp_path / "b.parquet"), NOW)


def _varint(number):
    """A number as Thrift's compact protocol writes it, always in four bytes."""
    zigzag = number * 2
    return bytes([*((zigzag >> shift) & 127 | 128 for shift in (0, 7, 14)), zigzag >> 21])


def test_a_footer_with_smaller_sizes_than_the_pages_is_refused(tmp_path):
    path = tmp_path / "lies.parquet"
    columns = {"id": ["a:1"], "title": ["x" * 60_000_000]}
    write_table(arrow.table(columns), path, compression="zstd", use_dictionary=False)
    size = ParquetFile(path).metadata.row_group(0).column(1).total_uncompressed_size
    data = path.read_bytes()
    assert data.count(_varint(size)) == 1
    path.write_bytes(data.replace(_varint(size), _varint(1000)))
    assert ParquetFile(path).metadata.row_group(0).column(1).total_uncompressed_size == 1000
    with pytest.raises(UsageError, match="too large when unpacked"):
        import_file(Library(None), str(path), NOW)


def test_a_page_with_a_larger_size_than_it_has_is_refused(tmp_path):
    path = tmp_path / "lies.parquet"
    columns = {"id": ["a:1"], "title": ["x" * 2_000_000]}
    write_table(arrow.table(columns), path, compression="none", use_dictionary=False)
    column = ParquetFile(path).metadata.row_group(0).column(1)
    data, start = path.read_bytes(), column.data_page_offset
    (page,) = read_page_headers(io.BytesIO(data), start, column.total_compressed_size, 1)
    assert (page.values, page.size // 2_000_000) == (1, 1)
    size = _varint(page.size)
    assert data.index(size, start) < start + 20
    path.write_bytes(data[:start] + data[start:].replace(size, _varint(130_000_000), 1))
    with pytest.raises(UsageError, match="too large when unpacked"):
        import_file(Library(None), str(path), NOW)


def test_values_that_begin_as_the_one_before_are_read_a_few_at_a_time(tmp_path):
    """A value of 20 MB takes two bytes if it repeats the one before."""
    path = tmp_path / "delta.parquet"
    encoding = {"title": "DELTA_BYTE_ARRAY", "authors.list.element": "DELTA_BYTE_ARRAY"}

    def write(columns):
        write_table(arrow.table(columns), path, column_encoding=encoding, use_dictionary=False)

    number = 3000
    authors = [["Ada One"]] * number
    write({"id": _ids(number), "title": ["A long title"] * number, "authors": authors})
    assert import_file(Library(None), str(path), NOW).new == number
    write({"id": ["a:1"], "title": ["T"], "authors": [["x" * 2**20] * 100]})
    with pytest.raises(UsageError, match="too large when unpacked"):
        import_file(Library(None), str(path), NOW)


@pytest.mark.parametrize("at", range(0, 40, 3))
def test_a_damaged_page_header_is_an_error_or_harmless(tmp_path, at):
    path = tmp_path / "damaged.parquet"
    write_table(arrow.table({"id": _ids(9), "title": ["T"] * 9}), path)
    data = bytearray(path.read_bytes())
    data[4 + at] ^= 0xFF
    path.write_bytes(data)
    with suppress(UsageError):  # any other exception would be a bug
        import_file(Library(None), str(path), NOW)


@pytest.mark.parametrize("name", _WRONG_TYPES)
def test_wrong_types_are_an_error_or_bad_entries(tmp_path, name):
    write_table(arrow.table(_WRONG_TYPES[name]), tmp_path / "w.parquet")
    with pytest.raises(UsageError):
        import_file(Library(None), str(tmp_path / "w.parquet"), NOW)
