"""The names of arXiv's categories, and what its OAI-PMH service calls them."""

import re
from collections.abc import Iterable

# The archives of the group physics, by ListSets of https://oaipmh.arxiv.org/oai; every other group
# has one archive, of its own name.
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
    """The OAI-PMH set of a category or archive: cs:cs:CL for cs.CL, physics:hep-th for hep-th, math
    for math; physics is the archive, not the group.
    """
    archive, dot, subject = category.partition(".")
    if archive in _PHYSICS:
        return f"physics:{archive}{':' if dot else ''}{subject}"
    return f"{archive}:{archive}:{subject}" if dot else archive


def is_category(text: str) -> bool:
    """Whether `text` looks like a category of arXiv, even of an archive that is closed or that is
    yet to come, and not like an ACM or MSC class, which authors add ("I.2.7", "68T50").
    """
    return _CATEGORY.fullmatch(text) is not None


def categories_of(names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that are categories of arXiv, in their order, each once."""
    return tuple(dict.fromkeys(filter(is_category, names)))
