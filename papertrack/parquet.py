"""Papers as Parquet: typed tables for DuckDB, Polars, Spark and the like, and back.

A folder has two tables, each in a file a month:

    papers/2026-03.parquet        a row for each paper
    observations/2026-03.parquet  a row for each observation of these papers, by their id

The month is that of a paper's first listing. `PAPER_COLUMNS` and `OBSERVATION_COLUMNS` describe
the columns, and so does the metadata of the files. `TableWriter` writes a folder, `papers_files`
and `read_rows` read it. pyarrow is imported when it is used.
"""

import os
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Self

from papertrack.calendar import format_moment, parse_moment
from papertrack.errors import UsageError
from papertrack.fields import paper as json_fields
from papertrack.models import Entry
from papertrack.parquet_pages import PageHeader, read_page_headers

if TYPE_CHECKING:  # It takes a tenth of a second to import.
    from pyarrow.parquet import ParquetWriter

MAGIC = b"PAR1"
PAPERS, OBSERVATIONS = "papers", "observations"
_EXTENSION = ".parquet"
_ROWS_IN_MEMORY = 8000  # papers, of all months together
_BATCH = 1000  # rows that are read together
# Limits of what is read: real papers take about four times the bytes of their file, and arXiv has
# three million papers.
_FREE_BYTES, _MAX_RATIO = 50 << 20, 50
_FREE_VALUES, _MAX_VALUES = 1_000_000, 100  # of a column, and more for each row
_MAX_PAGE = 256 << 20  # bytes, which are in memory at once; some writers make a page of many rows
_FREE_PAGES, _BYTES_OF_PAGE = 10_000, 500  # written pages have a megabyte, but a few papers less
_MOST_PARTS = 100_000  # row groups, and items of other lists in the footer
_MOST_ROWS = {PAPERS: 10_000_000, OBSERVATIONS: 1_000_000}  # observations are held in memory
_BYTES_IN_MEMORY, _BYTES_OF_VALUE = 50 << 20, 60
_MOMENTS = ("submitted", "updated", "first_seen")
_DAYS = ("announced",)
_MARKS = ("starred", "read", "hidden", "tags", "note")


class _TooLargeError(Exception):
    """A file, of few bytes, that would fill the memory."""


class Column(NamedTuple):
    """A column: its name, its type as Arrow names it, and what it has."""

    name: str
    type: str
    description: str


# The types are those of `_arrow_type`. All times are UTC.
PAPER_COLUMNS = (
    Column("id", "string", "arXiv id without version, or another id with a namespace; unique"),
    Column("version", "int32", "version of the paper, from 1"),
    Column("title", "string", "title, with its TeX"),
    Column("authors", "list<string>", "names in order"),
    Column("abstract", "string", "abstract, with its TeX"),
    Column("categories", "list<string>", "arXiv categories, the primary first"),
    Column("keywords", "list<string>", "keywords of the source"),
    Column("submitted", "timestamp", "time of version 1"),
    Column("announced", "date", "arXiv's announcement day"),
    Column("updated", "timestamp", "time of the newest version"),
    Column("first_listed", "date", "first day on which a source listed the paper"),
    Column("first_seen", "timestamp", "when papertrack first saw the paper"),
    Column("upvotes", "int32", "last observed upvotes"),
    Column("comments", "int32", "last observed comments"),
    Column("code_stars", "int32", "last observed stars of the code"),
    Column("code_url", "string", "address of the code"),
    Column("code_source", "string", "who named the code: a source, comment or abstract"),
    Column("project_url", "string", "address of the project"),
    Column("url", "string", "web page of the paper"),
    Column("organization", "string", "organization that submitted the paper"),
    Column("comment", "string", "comment of the authors"),
    Column("journal_ref", "string", "journal reference of the authors"),
    Column("doi", "string", "DOI of the published version"),
    Column("venue", "string", "venue of the published version"),
    Column("tldr", "string", "summary written by a machine"),
    Column("withdrawn", "bool", "whether the authors have withdrawn the paper"),
    Column("sources", "list<string>", "sources that listed the paper"),
    Column("topics", "list<string>", "your topics that the paper matches"),
    Column("starred", "bool", "your star"),
    Column("read", "bool", "whether you marked the paper as read"),
    Column("hidden", "bool", "whether you hid the paper"),
    Column("tags", "list<string>", "your tags"),
    Column("note", "string", "your note"),
    Column("listings", "listings", "each listing: source, day, rank from 1, kind"),
    Column("provenance", "map", "the source of each field"),
)
OBSERVATION_COLUMNS = (
    Column("id", "string", "id of the paper"),
    Column("at", "timestamp", "time of the observation"),
    Column("upvotes", "int32", "upvotes"),
    Column("comments", "int32", "comments"),
    Column("stars", "int32", "stars of the code"),
)


class TableWriter:
    """Writes entries in any order into the files of a folder; leaving the `with` block ends them.

    `open_file` opens a file for writing by its relative path, such as papers/2026-03.parquet.
    Raises UsageError if pyarrow is not installed.
    """

    def __init__(
        self, open_file: Callable[[str], BinaryIO], rows_in_memory: int = _ROWS_IN_MEMORY
    ) -> None:
        self._arrow = _pyarrow()
        self._open_file = open_file
        self._writers: dict[tuple[str, str], ParquetWriter] = {}
        self._rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._papers, self._rows_in_memory = 0, rows_in_memory
        columns = {PAPERS: PAPER_COLUMNS, OBSERVATIONS: OBSERVATION_COLUMNS}
        self._schemas = {name: _schema(self._arrow, each) for name, each in columns.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._flush()
        for writer in self._writers.values():
            writer.close()

    def write(self, entry: Entry) -> None:
        """Add a paper and its observations."""
        month = f"{entry.first_listed:%Y-%m}"
        self._rows.setdefault((PAPERS, month), []).append(_paper_row(entry))
        if entry.observations:
            rows = self._rows.setdefault((OBSERVATIONS, month), [])
            rows += ({"id": entry.paper.id, **each._asdict()} for each in entry.observations)
        self._papers += 1
        if self._papers % self._rows_in_memory == 0:
            self._flush()

    def written(self) -> set[str]:
        """The relative paths of the files written so far."""
        return {_file_name(table, month) for table, month in self._writers}

    def _flush(self) -> None:
        for (table, month), rows in self._rows.items():
            schema = self._schemas[table]
            writer = self._writers.get((table, month))
            if writer is None:
                file = self._open_file(_file_name(table, month))
                writer = _new_writer(file, schema)
                self._writers[table, month] = writer
            writer.write_table(self._arrow.Table.from_pylist(rows, schema=schema))
        self._rows.clear()


def files_within(folder: str, first: date, last: date) -> list[str]:
    """The relative paths of the files in a folder that are of a month within these days.

    Only files that `TableWriter` has written, by their names and columns: others are not
    papertrack's.
    """
    paths = []
    for table, columns in ((PAPERS, PAPER_COLUMNS), (OBSERVATIONS, OBSERVATION_COLUMNS)):
        path = os.path.join(folder, table)
        for name in sorted(os.listdir(path)) if os.path.isdir(path) else ():
            days = _days_of(name)
            is_within = days and first <= days[0] and days[1] <= last
            if is_within and _has_columns(os.path.join(path, name), columns):
                paths.append(f"{table}/{name}")
    return paths


def papers_files(folder: str) -> list[str]:
    """The files of the table `papers` in a folder that was exported, oldest month first."""
    table = os.path.join(folder, PAPERS)
    names = os.listdir(table) if os.path.isdir(table) else []
    paths = [os.path.join(table, name) for name in sorted(names) if name.endswith(_EXTENSION)]
    return list(filter(os.path.isfile, paths))  # A pipe or device would never end.


def read_rows(file: BinaryIO, path: str) -> Iterator[dict[str, Any]]:
    """The papers of a file with the keys of JSON output, for an import.

    Their observations come from the file of the same name in the folder `observations` beside that
    of `path`, if it exists. Raises UsageError for a damaged file, or without pyarrow.
    """
    arrow = _pyarrow()
    beside = os.path.join(os.path.dirname(path), os.pardir, OBSERVATIONS, os.path.basename(path))
    try:
        observations: dict[str, list[dict[str, Any]]] = {}
        if path and os.path.isfile(beside):
            with open(beside, "rb") as table:
                for row in _rows(table, OBSERVATIONS):
                    observations.setdefault(row.pop("id"), []).append(_json_row(row))
        for row in _rows(file, PAPERS):
            yield _json_paper(row, observations.get(row.get("id", "")))
    except _TooLargeError:
        what = f"{os.path.basename(path) or 'the file'} is too large when unpacked"
        raise UsageError(what, next_step="import smaller files, if you trust it") from None
    except (arrow.ArrowException, KeyError, TypeError, ValueError, OverflowError) as error:
        name = os.path.basename(path) or "the file"
        reason = str(error).partition("\n")[0]
        raise UsageError(f"{name} is damaged or not from papertrack", reason) from error


def _file_name(table: str, month: str) -> str:
    return f"{table}/{month}{_EXTENSION}"


def _days_of(name: str) -> tuple[date, date] | None:
    """The first and the last day of the month in the name of a file, None for another name."""
    month = name.removesuffix(_EXTENSION)
    if name == month or not re.fullmatch(r"\d{4}-\d\d", month, re.ASCII):
        return None
    with suppress(ValueError):
        first = date.fromisoformat(f"{month}-01")
        return first, first.replace(day=monthrange(first.year, first.month)[1])
    return None


def _has_columns(path: str, columns: Iterable[Column]) -> bool:
    """Whether a file has such columns with their descriptions; older versions had fewer."""
    from pyarrow.parquet import read_schema

    names = {column.name for column in columns}
    with suppress(_pyarrow().ArrowException, OSError):
        if not os.path.isfile(path):
            return False
        schema = read_schema(path)
        described = {field.name for field in schema if b"description" in (field.metadata or {})}
        return bool(described) and described == {*schema.names} <= names
    return False


def _pyarrow() -> Any:
    try:
        import pyarrow as arrow
    except ImportError as error:
        install = "pip install 'papertrack-cli[data]'"
        raise UsageError("parquet needs pyarrow", next_step=install) from error
    return arrow


def _new_writer(file: BinaryIO, schema: Any) -> "ParquetWriter":
    from pyarrow.parquet import ParquetWriter

    return ParquetWriter(file, schema, compression="zstd")


def _schema(arrow: Any, columns: Iterable[Column]) -> Any:
    return arrow.schema(
        [
            arrow.field(
                column.name,
                _arrow_type(arrow, column.type),
                nullable=column.name not in ("id", "title", "at"),
                metadata={"description": column.description},
            )
            for column in columns
        ]
    )


def _arrow_type(arrow: Any, name: str) -> Any:
    text = arrow.string()
    listing = {"source": text, "day": arrow.date32(), "rank": arrow.int32(), "kind": text}
    types = {
        "string": text,
        "int32": arrow.int32(),
        "bool": arrow.bool_(),
        "timestamp": arrow.timestamp("us", tz="UTC"),
        "date": arrow.date32(),
        "list<string>": arrow.list_(text),
        "listings": arrow.list_(arrow.struct(list(listing.items()))),
        "map": arrow.map_(text, text),
    }
    return types[name]


def _paper_row(entry: Entry) -> dict[str, Any]:
    fields = json_fields(entry)
    row = {column.name: fields.get(column.name) for column in PAPER_COLUMNS}
    state = {name: fields["state"][name] for name in _MARKS}
    return (
        row
        | state
        | {
            **{name: fields[name] and parse_moment(fields[name]) for name in _MOMENTS},
            **{name: fields[name] and date.fromisoformat(fields[name]) for name in _DAYS},
            "first_listed": entry.first_listed if entry.listings else None,
            "tldr": entry.paper.tldr,
            "topics": list(dict.fromkeys(topic["name"] for topic in fields["topics"])),
            "listings": [listed._asdict() for listed in entry.listings],
            "provenance": list(fields["provenance"].items()),
        }
    )


def _rows(file: BinaryIO, table: str) -> Iterator[dict[str, Any]]:
    """The rows of a file, of which a few are in memory. Raises UsageError for a bomb."""
    from pyarrow.parquet import ParquetFile

    metadata = ParquetFile(file, thrift_container_size_limit=_MOST_PARTS).metadata
    if metadata.num_rows > _MOST_ROWS[table]:
        raise _TooLargeError
    names = {column.name for column in (*PAPER_COLUMNS, *OBSERVATION_COLUMNS)}
    columns = [metadata.schema.column(number) for number in range(metadata.num_columns)]
    columns = [column for column in columns if column.path.split(".")[0] in names]
    paths = [column.path for column in columns]
    longest = _check_pages(file, metadata, set(paths))
    rows = min(_BATCH, _BYTES_IN_MEMORY // max(longest.values(), default=1))
    # As dictionaries, a long text that a file repeats in all rows is once in memory. pyarrow does
    # not make them of texts that share their beginnings.
    texts = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
    texts = [path for path in texts if path not in longest]
    file.seek(0)
    reader = ParquetFile(
        file, read_dictionary=texts, thrift_container_size_limit=_MOST_PARTS, pre_buffer=False
    )
    for batch in reader.iter_batches(rows, columns=paths):
        yield from _small_rows(batch)


def _check_pages(file: BinaryIO, metadata: Any, paths: set[str]) -> dict[str, int]:
    """Check the sizes of all columns and of the pages of these. Raises _TooLargeError.

    Returns the columns of texts that share their beginnings, with the bytes of a row at most.
    """
    packed = os.fstat(file.fileno()).st_size
    bytes_left = max(_FREE_BYTES, _MAX_RATIO * packed)
    pages_left = _FREE_PAGES + packed // _BYTES_OF_PAGE
    longest: dict[str, int] = {}
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        most_values = _FREE_VALUES + _MAX_VALUES * group.num_rows
        for column in (group.column(index) for index in range(group.num_columns)):
            if column.num_values > most_values:
                raise _TooLargeError
            size = values = 0
            for page in _pages(file, column) if column.path_in_schema in paths else ():
                size, values = size + page.size, values + page.values
                pages_left -= 1
                if page.shares_text:
                    name = column.path_in_schema
                    in_row = page.size * (page.values if "." in name else 1)  # in a list
                    longest[name] = max(longest.get(name, 1), in_row)
                if page.size > _MAX_PAGE or values > 2 * most_values or pages_left < 0:
                    raise _TooLargeError
            bytes_left -= max(size, column.total_uncompressed_size)
            if bytes_left < 0 or max(longest.values(), default=0) > _BYTES_IN_MEMORY:
                raise _TooLargeError
    return longest


def _pages(file: BinaryIO, column: Any) -> Iterator[PageHeader]:
    start = column.data_page_offset
    if column.has_dictionary_page:
        start = min(start, column.dictionary_page_offset)
    return read_page_headers(file, start, column.total_compressed_size, column.num_values)


def _small_rows(batch: Any) -> Iterator[dict[str, Any]]:
    """The rows of a batch, as many at a time as have few bytes together."""
    if sum(map(_bytes_in, batch.columns)) <= _BYTES_IN_MEMORY:
        yield from batch.to_pylist()
    elif len(batch) == 1:
        raise _TooLargeError
    else:
        half = len(batch) // 2
        for part in (batch.slice(0, half), batch.slice(half)):
            yield from _small_rows(part)


def _bytes_in(array: Any) -> int:
    """About how many bytes the values of a column take as Python objects."""
    from pyarrow import compute, types

    size = _BYTES_OF_VALUE * len(array)
    if types.is_dictionary(array.type):
        lengths = compute.binary_length(array.dictionary).take(array.indices)
        return size + (compute.sum(lengths).as_py() or 0)
    if types.is_struct(array.type):
        return size + sum(map(_bytes_in, array.flatten()))
    if types.is_list(array.type):
        return size + _bytes_in(array.flatten())
    if types.is_map(array.type) and len(array):
        first, last = array.offsets[0].as_py(), array.offsets[-1].as_py()
        pairs = (array.keys, array.items)
        return size + sum(_bytes_in(each.slice(first, last - first)) for each in pairs)
    return size


def _json_paper(row: dict[str, Any], observations: list[dict[str, Any]] | None) -> dict[str, Any]:
    result = _json_row(row) | {"state": {name: row.get(name) for name in _MARKS}}
    result["provenance"] = dict(row.get("provenance") or ())
    result["listings"] = [_json_row(listed) for listed in row.get("listings") or ()]
    if observations is not None:
        result["observations"] = observations
    return result


def _json_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _json_value(value) for name, value in row.items()}


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_moment(value)
    return value.isoformat() if isinstance(value, date) else value
