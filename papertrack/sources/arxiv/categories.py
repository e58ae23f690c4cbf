"""arXiv's category names, and the names of their OAI-PMH sets."""

import re
from collections.abc import Iterable

# The archives of the group physics, from ListSets of https://oaipmh.arxiv.org/oai. Every other
# group has a single archive with the name of the group.
_PHYSICS = {
    "astro-ph",
    "cond-mat",
    "gr-qc",
    "hep-ex",
    "hep-lat",
    "hep-ph",
    "hep-th",
    "math-ph",
    "nlin",
    "nucl-ex",
    "nucl-th",
    "physics",
    "quant-ph",
}
# cs.CL, cond-mat.mes-hall, hep-th: every archive that is a category itself has a hyphen.
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)?\.(?:[A-Z]{2}|[a-z]{2,}(?:-[a-z]+)*)|[a-z]+-[a-z]+")


def oai_set(category: str) -> str:
    """Return the OAI-PMH set of a category or archive.

    That is cs:cs:CL for cs.CL, physics:hep-th for hep-th, and math for math. "physics" is taken
    for the archive, not for the group.
    """
    archive, dot, subject = category.partition(".")
    if archive in _PHYSICS:
        return f"physics:{archive}{':' if dot else ''}{subject}"
    return f"{archive}:{archive}:{subject}" if dot else archive


def is_category(text: str) -> bool:
    """Return whether `text` has the form of an arXiv category, even of a closed or future archive.

    ACM and MSC classes, which authors add ("I.2.7", "68T50"), do not have it.
    """
    return _CATEGORY.fullmatch(text) is not None


def categories_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that are arXiv categories, in their order and without duplicates."""
    return tuple(dict.fromkeys(filter(is_category, names)))
