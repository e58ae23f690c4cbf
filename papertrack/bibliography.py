"""Parse BibTeX and RIS files into papers with the keys of papertrack's JSON.

An entry without an arXiv id gets the DOI as its id, else the key of the entry: "bib:lamport94". The
key and year of the others are in `bibliography`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from papertrack import log
from papertrack.errors import UsageError
from papertrack.identifiers import Identifier, find_arxiv, parse_arxiv, parse_doi
from papertrack.models import Skipped

if TYPE_CHECKING:
    from bibtexparser.model import Block
    from bibtexparser.model import Entry as BibtexEntry

BibliographyFormat = Literal["BibTeX", "RIS"]
_START = 1 << 16  # bytes in which the first entry must begin
_BIBTEX = re.compile(rb"^[ \t]*@[A-Za-z]+[ \t]*[{(]", re.MULTILINE)
_RIS = re.compile(rb"^TY  ?- ", re.MULTILINE)
# The fields that may have an arXiv id, the most reliable first.
_ID_FIELDS = (
    *("eprint", "doi", "accession_number", "url", "urls", "file_attachments1", "journal"),
    *("journal_name", "secondary_title", "howpublished", "publisher", "number", "volume", "note"),
    *("notes", "id"),
)
_PREPRINTS = re.compile(r"arxiv|corr\b|preprint", re.IGNORECASE)
_MAX_KEY = 90
_NOT_IN_KEY = re.compile(r"[^\w.~+@%=,:-]+")
_DATE = re.compile(r"(\d{4})(?:[-/](\d{1,2}))?(?:[-/](\d{1,2}))?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LINE_END = re.compile(r"\r\n?")
_OUTSIDE_BRACES = r"(?![^{]*\})"
_RIS_ENTRY = re.compile(r"^TY  ?- ", re.MULTILINE)
_RIS_END = re.compile(r"\nER  ?-")
_INSTALL = "pip install 'papertrack-cli[import]'"


def format_of(content: bytes) -> BibliographyFormat | None:
    """The format of a file, None if it is neither, such as JSON."""
    start = content[:_START].removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"\n")
    if start.lstrip()[:1] in (b"{", b"["):
        return None
    if _RIS.search(start):
        return "RIS"
    return "BibTeX" if _BIBTEX.search(start) else None


def read_papers(text: str, form: BibliographyFormat) -> Iterator[dict[str, Any] | Skipped]:
    """Yield the papers of a file, and the skipped entries with their positions.

    Raises UsageError if the package for the format is missing.
    """
    text = _LINE_END.sub("\n", text)
    try:
        entries = _bibtex_entries(text) if form == "BibTeX" else _ris_entries(text)
    except ImportError as error:
        package = str(error.name).partition(".")[0]
        raise UsageError(
            f"cannot read {form}", f"the package {package} is not installed", _INSTALL
        ) from error
    for entry in entries:
        yield entry if isinstance(entry, Skipped) else _read(entry)


class _Record(NamedTuple):
    """An entry of a file: its position, and the function that parses its fields."""

    where: str
    fields: Callable[[], dict[str, Any]]


def _read(entry: _Record) -> dict[str, Any] | Skipped:
    """The paper of an entry; an error in an entry does not stop the import of the others."""
    try:
        paper = _paper(entry.fields())
    except Exception as error:  # noqa: BLE001 - the libraries raise exceptions of any type
        log.exception("skipped", error, where=entry.where)
        return Skipped(entry.where, f"cannot be read: {error}".partition("\n")[0])
    return paper if paper["title"] else Skipped(entry.where, "no title")


def _bibtex_entries(text: str) -> list[_Record | Skipped]:
    """The entries in the order of the file, then those that are not valid BibTeX."""
    import logging

    from bibtexparser.entrypoint import parse_string

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it would print to stderr
    library = parse_string(text)
    entries: list[_Record | Skipped] = [
        _Record(_line(entry), partial(_bibtex_fields, entry)) for entry in library.entries
    ]
    for block in library.failed_blocks:
        if entry := _entry_of_duplicate(block, library.strings):
            entries.append(_Record(_line(block), partial(_bibtex_fields, entry)))
        else:
            reason = str(block.error).partition("\n")[0] or "not BibTeX"
            entries.append(Skipped(_line(block), reason))
    return entries


def _entry_of_duplicate(block: "Block", strings: Iterable["Block"]) -> "BibtexEntry | None":
    """The entry of a block that repeats the key of another entry or a field; None for others.

    Of two fields with one name, the first counts, as it does for BibTeX. Entries with one key may
    be different papers.
    """
    from bibtexparser.library import Library
    from bibtexparser.middlewares.parsestack import default_parse_stack
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry

    if not isinstance(block, DuplicateBlockKeyBlock | DuplicateFieldKeyBlock):
        return None
    entry = block.ignore_error_block
    if not isinstance(entry, Entry):  # as two macros with one name
        return None
    entry.fields = list({field.key.lower(): field for field in reversed(entry.fields)}.values())
    library = Library([*strings, entry])
    for step in default_parse_stack():
        library = step.transform(library)
    return next(iter(library.entries), None)


def _line(block: "Block") -> str:
    return f"line {(block.start_line or 0) + 1}"


def _bibtex_fields(block: "BibtexEntry") -> dict[str, Any]:
    """The fields of a BibTeX entry, with TeX converted to text; formulas stay as they are."""
    from papertrack.tex import bibtex_as_text

    entry: dict[str, Any] = {field.key.lower(): str(field.value) for field in block.fields}
    entry["key"] = block.key
    names = re.split(rf"\s+and\s+{_OUTSIDE_BRACES}", entry.pop("author", "").strip())
    entry["authors"] = [
        _name([bibtex_as_text(part) for part in re.split(f",{_OUTSIDE_BRACES}", name)])
        for name in names
        if name not in ("", "others")
    ]
    for field in ("title", "abstract", "journal", "booktitle", "keywords"):
        if field in entry:
            entry[field] = bibtex_as_text(entry[field])
    for field in ("url", "doi", "eprint"):
        if field in entry:
            entry[field] = re.sub(r"\\([_%&#~])", r"\1", entry[field])
    return entry


def _ris_entries(text: str) -> list[_Record]:
    import rispy  # type: ignore[import-untyped]

    starts = [match.start() for match in _RIS_ENTRY.finditer(text)]
    return [
        _Record(f"entry {number}", partial(_ris_fields, text[start:end], rispy.loads))
        for number, (start, end) in enumerate(pairwise((*starts, len(text))), 1)
    ]


def _ris_fields(record: str, loads: Callable[..., list[dict[str, Any]]]) -> dict[str, Any]:
    # rispy ignores an entry without its end.
    (entry,) = loads(f"{_RIS_END.split(record)[0]}\nER  - ", skip_unknown_tags=True)
    names = entry.get("authors") or entry.get("first_authors") or []
    # The suffix is the third part in RIS, and the second in BibTeX.
    parts = (name.split(",") for name in names)
    entry["authors"] = [_name([*name[:1], *name[2:], *name[1:2]]) for name in parts]
    entry["title"] = entry.get("title") or entry.get("primary_title")
    entry["abstract"] = entry.get("abstract") or entry.get("notes_abstract")
    entry["key"] = entry.get("id") or entry.get("label")
    return entry


def _name(parts: Sequence[str]) -> str:
    """A name with the family name last; the parts are family name, suffix if any, given names."""
    family, *rest = [part.strip() for part in parts]
    return " ".join((*rest[-1:], family, *rest[:-1]))


def _paper(entry: Mapping[str, Any]) -> dict[str, Any]:
    title = " ".join(str(entry.get("title") or "").split())
    arxiv_id, doi = _arxiv_id(entry), _doi(entry)
    key = entry.get("key") or "-".join(title.split()[:8])
    plain_key = _NOT_IN_KEY.sub("-", str(key))[:_MAX_KEY].strip("-.:")
    paper: dict[str, Any] = {
        "id": arxiv_id.id if arxiv_id else f"doi:{doi}" if doi else f"bib:{plain_key}",
        "title": title,
        "authors": list(dict.fromkeys(entry.get("authors") or ())),
        "abstract": entry.get("abstract"),
        "keywords": _keywords(entry.get("keywords")),
        "doi": doi,
        "venue": _venue(entry),
    }
    submitted = _submitted(entry)
    if plain_key and (arxiv_id or doi):
        paper["bibliography"] = {"key": plain_key, "year": (submitted or "")[:4]}
    if arxiv_id:
        version = str(entry.get("version") or entry.get("edition") or "")
        paper["version"] = arxiv_id.version or (int(version) if version.isdecimal() else None)
        fields = ("primaryclass", "eprintclass", "custom1")
        category = next(filter(None, map(entry.get, fields)), None)
        paper["categories"] = [category] if category else []
        return paper
    # Only for papers outside arXiv, whose own dates are exact.
    links = [text for text in _texts(entry.get("url") or entry.get("urls")) if not parse_doi(text)]
    project_url = next((link for link in links if re.fullmatch(r"https?://\S+", link)), None)
    return paper | {"submitted": submitted, "project_url": project_url}


def _arxiv_id(entry: Mapping[str, Any]) -> Identifier | None:
    archive = str(entry.get("archiveprefix") or entry.get("eprinttype") or "arxiv").lower()
    for field in _ID_FIELDS:
        for text in _texts(entry.get(field)):
            if field == "eprint" and archive != "arxiv":
                continue
            ids = find_arxiv(text)
            if len(ids) == 1 and (field == "eprint" or not _is_number(text)):
                return parse_arxiv(text) or ids[0]
    return None


def _is_number(text: str) -> bool:
    """Whether a text has only digits and points; such a text is an id only in `eprint`."""
    return text.replace(".", "").isdigit()


def _doi(entry: Mapping[str, Any]) -> str | None:
    """The DOI of the published version; arXiv's own DOIs are arXiv ids."""
    texts = (*_texts(entry.get("doi")), *_texts(entry.get("url") or entry.get("urls")))
    dois = (parse_doi(text) for text in texts if not parse_arxiv(text))
    return next(filter(None, dois), None)


def _venue(entry: Mapping[str, Any]) -> str | None:
    fields = ("journal", "journaltitle", "booktitle", "journal_name", "secondary_title")
    names = (" ".join(text.split()) for field in fields for text in _texts(entry.get(field)))
    return next((name for name in names if name and not _PREPRINTS.search(name)), None)


def _keywords(value: Any) -> list[str]:
    texts = [word for text in _texts(value) for word in re.split(r"[;\n]", text)]
    if len(texts) == 1:
        texts = texts[0].split(",")
    return [text.strip() for text in texts if text.strip()]


def _submitted(entry: Mapping[str, Any]) -> str | None:
    """The beginning of the day, month or year of publication, as a time in UTC."""
    fields = ("date", "year", "publication_year")
    match = next(filter(None, (_DATE.match(str(entry.get(field) or "")) for field in fields)), None)
    if match is None:
        return None
    year, month, day = match.groups()
    month = month or _month(str(entry.get("month") or ""))
    date = (int(year), int(month or 1), int(day or 1))
    if not (1 <= date[1] <= 12 and 1 <= date[2] <= 28):  # noqa: PLR2004  # in every month
        date = (date[0], min(max(date[1], 1), 12), 1)
    return "{:04}-{:02}-{:02}T00:00:00Z".format(*date)


def _month(text: str) -> str | None:
    if text.isdecimal():
        return text
    short = text[:3].lower()
    return str(_MONTHS.index(short) + 1) if short in _MONTHS else None


def _texts(value: Any) -> Iterable[str]:
    return map(str, value) if isinstance(value, list) else [str(value)] if value else []
