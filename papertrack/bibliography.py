"""Read BibTeX and RIS as papers, with the keys of papertrack's JSON.

An entry without an arXiv id gets the DOI as its id, else the key of the entry: "bib:lamport94".
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from papertrack.errors import UsageError
from papertrack.identifiers import Identifier, find_arxiv, parse_arxiv, parse_doi
from papertrack.models import Skipped

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
_TEX = re.compile(r"[\\{}~]|--|``|''")
_BARE_PERCENT = re.compile(r"(?<!\\)%")  # a comment to TeX, but meant as a character
_INSTALL = "pip install 'papertrack-cli[import]'"


def format_of(content: bytes) -> BibliographyFormat | None:
    """The format of a file, None for another one, such as JSON."""
    start = content[:_START].removeprefix(b"\xef\xbb\xbf")
    if start.lstrip()[:1] in (b"{", b"["):
        return None
    if _RIS.search(start):
        return "RIS"
    return "BibTeX" if _BIBTEX.search(start) else None


def read_papers(text: str, form: BibliographyFormat) -> Iterator[dict[str, Any] | Skipped]:
    """Yield the papers of a file. Raises UsageError if the package for the format is missing."""
    try:
        entries = _bibtex_entries(text) if form == "BibTeX" else _ris_entries(text)
    except ImportError as error:
        package = str(error.name).partition(".")[0]
        raise UsageError(
            f"cannot read {form}", f"the package {package} is not installed", _INSTALL
        ) from error
    for entry in entries:
        yield entry if isinstance(entry, Skipped) else _paper(entry)


def _bibtex_entries(text: str) -> list[dict[str, Any] | Skipped]:
    """The entries as dictionaries of fields, in the order of the file, then what is broken."""
    import logging

    from bibtexparser.entrypoint import parse_string

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # it would print to stderr
    library = parse_string(text)
    entries: list[dict[str, Any] | Skipped] = [
        {field.key.lower(): field.value for field in entry.fields} | {"key": entry.key}
        for entry in library.entries
    ]
    decode = _tex_decoder()
    for entry in entries:
        if isinstance(entry, dict):
            _decode(entry, decode)
    for block in library.failed_blocks:
        reason = str(block.error).partition("\n")[0] or "not BibTeX"
        entries.append(Skipped(f"line {(block.start_line or 0) + 1}", reason))
    return entries


def _decode(entry: dict[str, Any], decode: Callable[[str], str]) -> None:
    """Replace TeX in the fields of a BibTeX entry by Unicode characters, in place."""
    names = re.split(r"\s+and\s+(?![^{]*\})", str(entry.pop("author", "")).strip())
    entry["authors"] = [_name(decode(name)) for name in names if name not in ("", "others")]
    for field in ("title", "abstract", "journal", "booktitle", "keywords"):
        if field in entry:
            entry[field] = decode(entry[field])
    for field in ("url", "doi", "eprint"):
        if field in entry:
            entry[field] = re.sub(r"\\([_%&#~])", r"\1", entry[field])


def _tex_decoder() -> Callable[[str], str]:
    """A function from TeX to text; formulas stay as they are."""
    from pylatexenc.latex2text import LatexNodes2Text

    reader = LatexNodes2Text(math_mode="verbatim")

    def decode(text: str) -> str:
        if not _TEX.search(text):  # Reading takes milliseconds for an abstract.
            return text
        return str(reader.latex_to_text(_BARE_PERCENT.sub(r"\\%", text)))

    return decode


def _ris_entries(text: str) -> list[dict[str, Any] | Skipped]:
    import rispy  # type: ignore[import-untyped]

    try:
        # Without its end, the last entry would be left out.
        is_open = f"\n{text}".rfind("\nTY  -") > f"\n{text}".rfind("\nER  -")
        entries = rispy.loads(text + "\nER  - " * is_open, skip_unknown_tags=True)
    except (OSError, ValueError, LookupError) as error:
        return [Skipped("the file", f"not RIS: {error}")]
    for entry in entries:
        names = entry.get("authors") or entry.get("first_authors") or []
        # The suffix is the third part in RIS, and the second in BibTeX.
        parts = (name.split(",") for name in names)
        entry["authors"] = [_name(",".join((*name[:1], *name[2:], *name[1:2]))) for name in parts]
        entry["title"] = entry.get("title") or entry.get("primary_title")
        entry["abstract"] = entry.get("abstract") or entry.get("notes_abstract")
        entry["key"] = entry.get("id") or entry.get("label")
    return list(entries)


def _name(name: str) -> str:
    """A name with the family name last: Ada Wren for "Wren, Ada", Bo Stork Jr. for three parts."""
    family, *rest = [part.strip() for part in name.split(",")]
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
    if arxiv_id:
        version = str(entry.get("version") or entry.get("edition") or "")
        paper["version"] = arxiv_id.version or (int(version) if version.isdecimal() else None)
        fields = ("primaryclass", "eprintclass", "custom1")
        category = next(filter(None, map(entry.get, fields)), None)
        paper["categories"] = [category] if category else []
        return paper
    # arXiv's own dates are exact; the publication date of other papers is the best there is.
    links = [text for text in _texts(entry.get("url") or entry.get("urls")) if not parse_doi(text)]
    project_url = next((link for link in links if re.fullmatch(r"https?://\S+", link)), None)
    return paper | {"submitted": _submitted(entry), "project_url": project_url}


def _arxiv_id(entry: Mapping[str, Any]) -> Identifier | None:
    archive = str(entry.get("archiveprefix") or entry.get("eprinttype") or "arxiv").lower()
    for field in _ID_FIELDS:
        for text in _texts(entry.get(field)):
            if field == "eprint" and archive != "arxiv":
                continue
            found = find_arxiv(text)
            if len(found) == 1 and (field == "eprint" or not _is_number(text)):
                return parse_arxiv(text) or found[0]
    return None


def _is_number(text: str) -> bool:
    """Whether a text is digits and a point only, which outside of `eprint` may be anything."""
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
