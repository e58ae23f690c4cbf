"""The HTML page as text: complete, small and valid."""

import gzip
import re
from datetime import timedelta

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import DAY, NOW, papers
from tricks import TRICKS

from papertrack.exports.page import curve, render_page
from papertrack.models import (
    Entry,
    Failure,
    Match,
    Observation,
    Paper,
    PaperListing,
    Report,
    Section,
)
from papertrack.sources.huggingface import parse_page
from papertrack.text import clean, readable

SIZE_LIMIT = 300_000  # bytes, for a page of 200 papers


def _report(entries, **more):
    entries = tuple(entries)
    section = Section("New", iter(entries), len(entries))
    return Report("today", NOW, "Today", (section,), **more)


def _entry(paper, *matches, **more):
    return Entry(paper, NOW, listings=(PaperListing("huggingface", DAY),), matches=matches, **more)


def _parse(text):
    """The page as a tree. Raises an error for any invalid HTML."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def _titles(tree):
    headings = ("".join(heading.itertext()) for heading in tree.iter("h3"))
    return [heading.removesuffix(" ★").strip() for heading in headings]


# The last two code points of each Unicode plane are not characters, and parsers reject them.
_valid_papers = papers().filter(lambda paper: not re.search(r"[\U0001fffe-\U0010ffff]", str(paper)))


@settings(max_examples=15)
@given(
    st.lists(_valid_papers, max_size=4), st.lists(st.sampled_from(TRICKS).map(clean), max_size=4)
)
def test_any_papers_give_a_valid_page_and_keep_their_titles(usual, tricks):
    hostile = [Paper("x:1", title=trick, abstract=trick, authors=(trick,)) for trick in tricks]
    entries = [_entry(paper) for paper in (*usual, *hostile)]
    report = _report(entries, notes=("<b>",))._replace(headline="</title><i>")
    text = "".join(render_page(report))
    assert _titles(_parse(text)) == [readable(entry.paper.title) for entry in entries]


def test_only_web_addresses_become_links():
    urls = (
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//a.b",
        "https://a.b/",
    )
    entries = [_entry(Paper("x:1", "T", code_url=url, project_url=url)) for url in urls]
    tree = _parse("".join(render_page(_report(entries))))
    links = [link for link in tree.iter("a") if not link.get("href").startswith("#")]
    assert [link.get("href") for link in links] == ["https://a.b/"] * 2
    assert {link.get("rel") for link in links} == {"noopener noreferrer"}


def _full_entry(number):
    """A paper with every field, and an abstract of the usual length."""
    observations = (Observation(NOW + timedelta(hours=hour**2), hour * number) for hour in range(5))
    paper = Paper(
        f"2603.{number:05}",
        "A title as long as most, which says what the paper is about, and for whom",
        abstract="Retrieval " + " ".join(f"and word {n}" for n in range(110)),
        authors=tuple(f"Author Number{n}" for n in range(9)),
        code_url=f"https://github.com/someone/something-{number}",
        project_url=f"https://someone.example/{number}" if number % 2 else None,
    )
    match = Match("retrieval", "retrieval", "abstract", "Retrieval", 100)
    matches = (match,) if number % 3 == 0 else ()
    return _entry(paper, *matches, observations=tuple(observations), gained=number)


def test_a_hundred_abstracts_are_complete_and_two_hundred_are_cut_to_fit():
    page = "".join(render_page(_report(map(_full_entry, range(100)))))
    assert page.count("and word 109</p>") == 100
    page = "".join(render_page(_report(map(_full_entry, range(200)))))
    assert page.count("<article") == page.count(" …</p>") == 200
    assert "the title links to the full text" in page
    assert len(page.encode()) <= SIZE_LIMIT


def test_on_any_page_an_abstract_has_at_least_two_hundred_characters():
    abstracts = [length * "a" for length in (200, 201)]
    entries = [
        _entry(Paper(f"2603.{number:05}", "T", abstract=abstracts[number % 2]))
        for number in range(300)
    ]
    page = "".join(render_page(_report(entries)))
    assert page.count("a" * 200 + "</p>") == page.count("a" * 200 + " …</p>") == 150


def test_two_hundred_real_papers_fit_and_keep_their_titles(shared):
    recordings = sorted(shared("data/hf/daily_papers").iterdir())[-12:]
    pages = (parse_page(gzip.decompress(path.read_bytes()), None, NOW) for path in recordings)
    sightings = [sighting for page in pages for sighting in page.sightings][:200]
    assert len(sightings) == 200
    entries = [_entry(item.paper, observations=item.observations * 3) for item in sightings]
    page = "".join(render_page(_report(entries)))
    assert len(page.encode()) <= SIZE_LIMIT
    assert _titles(_parse(page)) == [readable(sighting.paper.title) for sighting in sightings]


def test_matched_phrases_and_search_words_are_highlighted_as_whole_words():
    paper = Paper("2603.00001", "RAG in storage", abstract="Drag a rag; Größe.")
    entry = _entry(paper, Match("r", "RAG", "title", "RAG", 100))
    page = "".join(render_page(_report([entry], words=frozenset({"grosse"}))))
    assert re.findall("<mark>(.*?)</mark>", page) == ["RAG", "rag", "Größe"]


def test_failures_and_omitted_papers_are_shown():
    report = _report([_entry(Paper("2603.00001", "T"))], sample=True)
    limited = report.sections[0]._replace(total=1201)
    empty = Section("Trending", (), 0, empty_text="Nothing rises.")
    failure = Failure("arxiv", "timeout", "no answer <in> time")
    notes = ("Nothing rises.", "And this.")
    report = report._replace(sections=(limited, empty), failures=(failure,), notes=notes)
    page = "".join(render_page(report))
    text = "".join(_parse(page).itertext())
    for words in ("arXiv failed: no answer <in> time", "1,200 more", "And this."):
        assert words in text
    assert text.count("Nothing rises.") == 1
    assert "Sample edition" in text


@pytest.mark.parametrize(
    ("upvotes", "path"),
    [([1, 2], None), ([5, None, 5, 5], "M0 17 40 17 60 17"), ([0, 10**400, 0], "M0 17 30 1 60 17")],
    ids=["two observations", "constant", "huge"],
)
def test_a_curve_needs_three_observations_and_stays_in_its_box(upvotes, path):
    observations = [
        Observation(NOW + timedelta(days=day), count) for day, count in enumerate(upvotes)
    ]
    drawn = curve(observations)
    assert (drawn and drawn.path) == path
