"""Value types shared by several groups of keys and by the schemas of sources."""

from papertrack.config.groups import TextListType
from papertrack.config.scalars import CREDENTIALS, SITE, FlagType, TextType
from papertrack.text import clean

# cs.CL, hep-th, math, cond-mat.mes-hall, physics.optics
_CATEGORY = r"[a-z]+(?:-[a-z]+)*(?:\.(?:[A-Z]{2}|[a-z]{2,}-[a-z]+|[a-z]{4,}))?"


def _without_slash(url: str) -> str:
    return url.rstrip("/")


def _category(text: str) -> str:
    """The arXiv spelling of a category: "cs.CL" for "CS.cl", "hep-th" for "Hep-Th"."""
    archive, dot, subject = clean(text).partition(".")
    return archive.lower() + dot + (subject.lower() if subject[2:] else subject.upper())


FLAG = FlagType()
URL = TextType(
    "a web address with http:// or https:// and without ? or #",
    SITE + r"(?:/[^\s?#]*)?",
    "https://example.org/path",
    _without_slash,
    CREDENTIALS,
)
CATEGORIES = TextListType(
    TextType("an arXiv category", _CATEGORY, "cs.CL, math or hep-th", _category)
)
