"""Kinds that several groups of the configuration share; sources may use them in their schemas."""

from papertrack.config.groups import TextListType
from papertrack.config.scalars import CREDENTIALS, SITE, FlagType, TextType
from papertrack.text import clean

# cs.CL, hep-th, math, cond-mat.mes-hall, physics.optics
_CATEGORY = r"[a-z]+(?:-[a-z]+)*(?:\.(?:[A-Z]{2}|[a-z]{2,}-[a-z]+|[a-z]{4,}))?"


def _without_slash(url: str) -> str:
    return url.rstrip("/")


def _category(text: str) -> str:
    """A category as arXiv writes it: "CS.cl" is "cs.CL", "Hep-Th" is "hep-th"."""
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
