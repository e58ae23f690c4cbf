"""Paper identifiers: arXiv ids in every form that people and services write, and their URLs."""

import re
from datetime import date
from functools import cache, lru_cache
from typing import NamedTuple

from papertrack.text import visible

# The archives of ids from before April 2007, of https://arxiv.org/archive/.
_ARCHIVES = (
    "acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas"
    "|cond-mat|cs|dg-ga|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin"
    "|nucl-ex|nucl-th|patt-sol|physics|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con"
)
# The formats of https://info.arxiv.org/help/arxiv_identifier.html: YYMM.number, and archive/YYMMNNN
# with an optional subject class. Similar formats match too, so that messages can explain the error.
_ID = (
    r"(?:(?P<month>\d{4})\.(?P<number>\d{3,6})"
    rf"|(?P<archive>{_ARCHIVES})(?:\.[a-z-]{{2,9}})?/(?P<old>\d{{6,8}}))"
    r"(?:v(?P<version>[1-9]\d{0,2}))?(?!\w|\.\d)"
)
# Sites whose addresses have the id anywhere in the path or query, arXiv's mirrors among them.
_SITES = (
    r"(?:[\w-]{1,40}\.){0,4}(?:(?:arxiv|ar5iv|alphaxiv)\.org|lanl\.gov|itp\.ac\.cn|scirate\.com"
    r"|arxiv-vanity\.com|semanticscholar\.org|inspirehep\.net|adsabs\.harvard\.edu|papers\.cool"
    r"|emergentmind\.com|(?:huggingface\.co|hf\.co|hf-mirror\.com)/+(?:api/+)?papers)(?::\d+)?/"
)
_ADDRESS = rf"(?:https?://)?{_SITES}(?:[^\s<>\"')\]]{{0,200}}?[/=:,])?"
_DOI_SITE = r"(?:https?://)?(?:www\.|dx\.)?doi\.org/+(?:doi:)?"
_DOI_PREFIX = rf"(?:doi:\s*|{_DOI_SITE})?10\.48550/arxiv[.:]"
_WORD = r"(?:oai:)?arxiv(?:\.org)?(?:\s*:\s*|\s+|/)"  # before an id in prose
_SUFFIX = r"\.?(?:pdf|ps|gz|html?|md|tar|abs)"
_STAMP = r"(?:\s*\[[a-z.-]{2,20}\])?(?:\s+\d{1,2}\s+\w{3,9}\s+\d{4})?"  # on the margin of a PDF
_CACHED_TEXTS = 64
# The namespace of entries of feeds that name neither an arXiv id nor a DOI.
FEED_ENTRY = "feed:"
ARXIV_PDF = "https://arxiv.org/pdf"
_FIRST_NEW, _FIRST_WITH_FIVE = 704, 1501  # April 2007, January 2015
_FIVE_DIGITS_SINCE = str(_FIRST_WITH_FIVE)
_FIRST_YEAR = 91

_STORED_ARXIV = r"(?:(\d{4})\.\d{4,5}|([a-z-]+)(?:\.[a-z]{2})?/\d{7})"

_MAX_LENGTH = 200  # of DOIs
_DOI = rf"(?:doi:\s*|{_DOI_SITE})?(?P<doi>10\.\d+(?:\.\d+)*/[^\s\"'`\\]+)"
_DOTS = r"(?:^|[/:])\.\.?(?:/|$)"
_SAFE_ARGUMENT = r"(?![\d,-]+$)\w[^\s\"'`\\]*"
_NAMESPACED = r"(?!arxiv:|doi:)[a-z][a-z0-9+-]{0,30}:\w[\w.~+@%=,:-]{0,99}"


class Identifier(NamedTuple):
    """The id of a paper without its version, and the version if the text had one."""

    id: str
    version: int | None = None


@lru_cache(_CACHED_TEXTS)
def parse_arxiv(text: str) -> Identifier | None:
    """Parse an arXiv id: bare, with a version, prefixed, in a URL or DOI, as stamped on a PDF.

    Returns None for other text, for text that has more than one id, and for ids that cannot exist.
    """
    match = _matched(text)
    return None if match is None or _problem(match) else _identifier(match)


def find_arxiv(text: str) -> tuple[Identifier, ...]:
    """The arXiv ids in a text, such as a mail or a reading list, each once, in order.

    Numbers in URLs of unknown sites and in other DOIs are not ids.
    """
    matches = (match for match in _anywhere().finditer(_unquoted(text)) if not _problem(match))
    by_id: dict[str, Identifier] = {}
    for identifier in map(_identifier, matches):
        by_id.setdefault(identifier.id, identifier)
    return tuple(by_id.values())


def arxiv_problem(text: str, today: date) -> str | None:
    """Why a text in the format of an arXiv id is not valid; None if it is, or for other texts.

    An id may be of the month after today's, as clocks differ.
    """
    match = _matched(text)
    return _problem_on(match, today) if match else None


def parse_id(text: str, today: date) -> Identifier:
    """Return the id that a paper is stored with, of any namespace.

    An arXiv id is canonical, whatever form it has, as is a DOI: "doi:10.1/x". Any other id has a
    namespace and a name without blanks, slashes and quotes: "cran:12". Raises ValueError with the
    reason.
    """
    if match := _matched(text):
        if problem := _problem_on(match, today):
            raise ValueError(problem)
        return _identifier(match)
    stripped = text.strip()
    is_short = len(stripped) <= _MAX_LENGTH and visible(stripped) == stripped
    if is_short and not re.search(_DOTS, stripped):
        if doi := parse_doi(stripped):
            return Identifier(f"doi:{doi}")
        if re.fullmatch(_NAMESPACED, stripped, re.IGNORECASE):
            return Identifier(stripped)
    raise ValueError("an id is like 2603.10165, doi:10.1/x or cran:12")


def is_valid_id(paper_id: str) -> bool:
    """Return whether a paper can be stored with this id, whatever the date."""
    try:
        return parse_id(paper_id, date.max).id == paper_id
    except ValueError:
        return False


def is_safe_argument(paper_id: str) -> bool:
    """Return whether commands can take an id only for an id, in a pipe to xargs as well.

    Earlier versions stored others: options, numbers of rows, words with blanks or quotes.
    """
    if paper_id[4:5] == "." and paper_id.replace(".", "", 1).isdecimal():
        return True  # arXiv ids, which are nearly all, without compiling an expression
    return re.fullmatch(_SAFE_ARGUMENT, paper_id) is not None


def ids_in(text: str, today: date) -> list[str]:
    """The ids in a text: its words if all of them are ids, else the arXiv ids among other words."""
    try:
        ids = [parse_id(word, today).id for word in text.split()]
    except ValueError:
        ids = [identifier.id for identifier in find_arxiv(text)]
    return list(dict.fromkeys(ids))


def parse_doi(text: str) -> str | None:
    """Return the DOI in a text (bare, prefixed or a URL) in lower case, as case has no meaning."""
    match = re.fullmatch(_DOI, _unquoted(text.strip()), re.IGNORECASE | re.ASCII)
    return match["doi"].lower() if match else None


# The output of a paper asks for it several times.
@lru_cache(_CACHED_TEXTS)
def is_arxiv(paper_id: str) -> bool:
    """Return whether a stored id is an arXiv id, as opposed to one of another namespace."""
    if (usual := _usual().fullmatch(paper_id)) and usual[1] >= _FIVE_DIGITS_SINCE:
        return True
    identifier = parse_arxiv(paper_id)
    return identifier is not None and identifier.id == paper_id


def abstract_url(paper_id: str) -> str | None:
    """Return the URL of the paper's page at arXiv or doi.org, None for any other namespace."""
    if paper_id.startswith("doi:"):
        from urllib.parse import quote  # not at the top: few papers need it, and it costs 2 ms

        return f"https://doi.org/{quote(paper_id[4:])}"
    return f"https://arxiv.org/abs/{paper_id}" if is_arxiv(paper_id) else None


def pdf_url(paper_id: str, base: str = ARXIV_PDF) -> str | None:
    """Return the URL of the paper's PDF at arXiv, None for an id of another namespace."""
    return f"{base}/{paper_id}" if is_arxiv(paper_id) else None


def namespace(paper_id: str) -> str:
    """Return the group that an id is stored with.

    That is "2603" for 2603.10165, "hep-th" for hep-th/9901001, and "cran" for cran:12. It must
    never change for an id, as stored papers are located by it.
    """
    if match := re.fullmatch(_STORED_ARXIV, paper_id, re.IGNORECASE | re.ASCII):
        return match[1] or match[2].lower()
    return paper_id.partition(":")[0] if ":" in paper_id else "other"


def _matched(text: str) -> re.Match[str] | None:
    """The match of a text that is a single arXiv id, even if no paper can have it."""
    stripped = text.strip()
    if match := _bare().fullmatch(stripped):  # Nearly all ids; `_whole` takes longer.
        return match
    plain = _unquoted(stripped)
    match = _whole().fullmatch(plain)
    return match if match and len(find_arxiv(plain)) <= 1 else None


# Compiled when needed, as compiling all expressions would slow down every start.
@cache
def _usual() -> re.Pattern[str]:
    """Nearly all ids, which need no look at their parts."""
    return re.compile(r"(\d\d(?:0[1-9]|1[0-2]))\.\d{5}", re.ASCII)


@cache
def _bare() -> re.Pattern[str]:
    return re.compile(_ID, re.IGNORECASE | re.ASCII)


@cache
def _whole() -> re.Pattern[str]:
    start = rf"(?:{_ADDRESS}|{_DOI_PREFIX}|{_WORD})?"
    end = rf"(?:{_STAMP}|(?:{_SUFFIX})*/?(?:[/?#&,].*)?)"
    return re.compile(start + _ID + end, re.IGNORECASE | re.ASCII)


@cache
def _anywhere() -> re.Pattern[str]:
    # An address may follow that of an archive: web.archive.org/web/2026/https://arxiv.org/...
    before = r"(?:(?<![\w./-])|(?<=/)(?=https?://))"
    start = rf"{before}(?:{_ADDRESS}|{_DOI_PREFIX}|{_WORD})?"
    return re.compile(start + _ID, re.IGNORECASE | re.ASCII)


def _unquoted(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote  # as in abstract_url

    return unquote(text)


def _identifier(match: re.Match[str]) -> Identifier:
    bare = (
        f"{match['month']}.{match['number']}"
        if match["month"]
        else f"{match['archive'].lower()}/{match['old']}"
    )
    return Identifier(bare, int(match["version"]) if match["version"] else None)


def _problem_on(match: re.Match[str], today: date) -> str | None:
    """Why an id cannot exist, or not yet: see `arxiv_problem`."""
    latest = today.year * 12 + today.month + 1
    if match["month"] and 1 <= int(match["month"][2:]) <= 12:  # noqa: PLR2004  # months
        month = (2000 + int(match["month"][:2])) * 12 + int(match["month"][2:])
        if month > latest:
            return f"{match['month']} is a month in the future"
    return _problem(match)


def _problem(match: re.Match[str]) -> str | None:
    """Why an id cannot exist, whatever the date."""
    yymm = match["month"] or match["old"][:4]
    year, month = int(yymm[:2]), int(yymm[2:])
    if not 1 <= month <= 12:  # noqa: PLR2004  # months
        return f"there is no month {yymm[2:]}"
    if match["old"]:
        if len(match["old"]) != 7:  # noqa: PLR2004  # YYMMNNN
            return "ids with an archive have seven digits"
        is_early = year >= _FIRST_YEAR or int(yymm) < _FIRST_NEW
        return None if is_early else "ids have no archive since April 2007"
    if int(yymm) < _FIRST_NEW:
        return "ids have an archive, as in hep-th/9901001, before April 2007"
    digits = 4 if int(yymm) < _FIRST_WITH_FIVE else 5
    if len(match["number"]) != digits:
        since = "since" if digits == 5 else "before"  # noqa: PLR2004  # as above
        return f"ids {since} January 2015 have {digits} digits after the point"
    return None
