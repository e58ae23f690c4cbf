"""Exported feeds keep the rules of RFC 4287, as feed validators check them."""

import re
from collections import Counter
from xml.etree import ElementTree as ET

import pytest
from export_reports import entries, entry, recorded_entries, render_papers
from tricks import TRICKS

from papertrack.models import PaperListing
from papertrack.text import clean

ATOM = "{http://www.w3.org/2005/Atom}"
STEP = 60
_ONCE, _AT_MOST_ONCE = ("id", "title", "updated"), ("generator", "published", "summary", "content")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def violations(text):
    """What a validator would report about a feed, in our own words."""
    feed = ET.fromstring(text)
    names = [child.tag.removeprefix(ATOM) for child in feed]
    found = _of_element(feed)
    if names != sorted(names, key=lambda name: name == "entry"):
        found.append("an element of the feed after its entries")
    for item in feed.findall(f"{ATOM}entry"):
        found += _of_entry(item)
        if feed.find(f"{ATOM}author") is None and item.find(f"{ATOM}author") is None:
            found.append("an entry without an author")
    ids = Counter(item.findtext(f"{ATOM}id") for item in feed.findall(f"{ATOM}entry"))
    return found + [f"the id {name} twice" for name, count in ids.items() if count > 1]


def _of_element(element):
    counts = Counter(child.tag.removeprefix(ATOM) for child in element)
    found = [f"{counts[name]} times {name}" for name in _ONCE if counts[name] != 1]
    found += [f"{counts[name]} times {name}" for name in _AT_MOST_ONCE if counts[name] > 1]
    texts = {child.tag.removeprefix(ATOM): child.text or "" for child in element}
    if not texts["title"].strip():
        found.append("an empty title")
    found += [
        f"{name} is {texts[name]}"
        for name in ("updated", "published")
        if name in texts and not _TIME.fullmatch(texts[name])
    ]
    links = [link.attrib for link in element.findall(f"{ATOM}link")]
    addresses = [texts["id"], *(link["href"] for link in links)]
    found += [f"not an address: {text}" for text in addresses if not _IRI.fullmatch(text)]
    people = [name.text for name in element.findall(f"{ATOM}author/{ATOM}name")]
    found += ["an author without a name" for name in people if not (name or "").strip()]
    terms = [category.get("term") for category in element.findall(f"{ATOM}category")]
    return found + ["an empty category" for term in terms if not (term or "").strip()]


def _of_entry(item):
    links = [link.attrib for link in item.findall(f"{ATOM}link")]
    pages = [link for link in links if link.get("rel", "alternate") == "alternate"]
    kinds = Counter((link.get("type"), link.get("hreflang")) for link in pages)
    found = _of_element(item) + [f"two pages of {kind}" for kind, n in kinds.items() if n > 1]
    if not pages and not item.findtext(f"{ATOM}content"):
        found.append("neither content nor a page")
    return found


def test_a_feed_of_recorded_papers_is_valid(shared):
    papers = recorded_entries(shared("data/hf/daily_papers"), STEP)
    assert violations(render_papers("atom", papers, title="Papers")) == []


def test_a_feed_of_hostile_titles_is_valid():
    assert violations(render_papers("atom", entries(filter(None, map(clean, TRICKS))))) == []


@pytest.mark.parametrize(
    "paper_id",
    [
        'doi:10.1000/a b<c>{d}|\\^`"é',
        "bib:lamport 94",
        "cran:12",
        "hep-th/9901001",
        "x",
        "import:大",
    ],
)
@pytest.mark.parametrize("abstract", [None, "An abstract."])
def test_a_feed_of_papers_of_any_namespace_is_valid(paper_id, abstract):
    bare = entry("A title", paper_id, abstract=abstract, authors=(), categories=())
    listed = bare._replace(listings=(PaperListing("import", bare.first_seen.date(), None),))
    for paper in (bare, listed, bare._replace(listings=(), observations=())):
        assert violations(render_papers("atom", [paper, entry()])) == []


def test_a_feed_without_papers_is_valid():
    assert violations(render_papers("atom", [])) == []
