"""Lists of feeds as OPML 2.0 (http://opml.org/spec2.opml), which feed readers import and export."""

from collections.abc import Iterable
from typing import NamedTuple
from xml.etree import ElementTree as ET  # only to write

from papertrack.errors import UsageError
from papertrack.text import clean

_MAX_TAGS = 50_000


class Outline(NamedTuple):
    """A feed in a list: its title, "" without one, and its address."""

    title: str
    url: str


def read_opml(body: bytes) -> list[Outline]:
    """Return the feeds of a list in its order, also those in folders. Raises UsageError."""
    from defusedxml import ElementTree as SafeET

    if body.count(b"<") > _MAX_TAGS:
        raise UsageError(f"the OPML has more than {_MAX_TAGS:,} tags")
    try:
        root = SafeET.fromstring(body.strip(), forbid_dtd=True)
    except (SafeET.ParseError, ValueError, LookupError) as error:
        # ValueError is a refusal by defusedxml, LookupError an encoding unknown to Python.
        raise UsageError("the file is not valid OPML", clean(str(error))) from error
    if root.tag.lower() != "opml":
        raise UsageError("the file is not OPML", f"its first element is <{clean(root.tag)[:40]}>")
    return [
        Outline(clean(outline.get("text") or outline.get("title") or ""), url)
        for outline in root.iter("outline")
        if (url := (outline.get("xmlUrl") or "").strip())
    ]


def write_opml(outlines: Iterable[Outline]) -> str:
    """Return a list of feeds as OPML, with a line for each."""
    root = ET.Element("opml", version="2.0")
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "title").text = "papertrack"
    body = ET.SubElement(root, "body")
    for outline in outlines:
        title = outline.title
        ET.SubElement(body, "outline", type="rss", text=title, title=title, xmlUrl=outline.url)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, "unicode")}\n'
