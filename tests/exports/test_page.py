"""The page as text: whole, small, and HTML by the letter of the standard."""

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
    Listed,
    Match,
    Observation,
    Paper,
    Report,
    Section,
)
from papertrack.sources.huggingface import parse_page
from papertrack.text import clean

LIMIT = 300_000  # bytes of a page of 200 papers


def _report(entries, **more):
    entries = tuple(entries)
    section = Section("New", iter(entries), len(entries))
    return Report("today", NOW, "Today", (section,), **more)


def _entry(paper, *matches, **more):
    return Entry(paper, NOW, listings=(Listed("huggingface", DAY),), matches=matches, **more)


def _parsed(text):
    """The page as a tree; a parse error of any kind is raised."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def _titles(tree):
    return ["".join(one.itertext()).removesuffix(" ★").strip() for one in tree.iter("h3")]


# Beyond the first plane two code points of each are no characters, and no parser takes them.
_sound = papers().filter(lambda one: not re.search(r"[\U0001fffe-\U0010ffff]", str(one)))


@settings(max_examples=15)
@given(st.lists(_sound, max_size=4), st.lists(st.sampled_from(TRICKS).map(clean), max_size=4))
def test_any_papers_make_a_page_without_an_error_and_keep_their_titles(known, tricks):
    hostile = [Paper("x:1", title=one, abstract=one, authors=(one,)) for one in tricks]
    entries = [_entry(one) for one in (*known, *hostile)]
    report = _report(entries, notes=("<b>",))._replace(headline="</title><i>")
    text = "".join(render_page(report))
    assert _titles(_parsed(text)) == [one.paper.title for one in entries]


def test_only_web_addresses_become_links():
    urls = (
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//a.b",
        "https://a.b/",
    )
    entries = [_entry(Paper("x:1", "T", code_url=one, project_url=one)) for one in urls]
    tree = _parsed("".join(render_page(_report(entries))))
    links = [one for one in tree.iter("a") if not one.get("href").startswith("#")]
    assert [one.get("href") for one in links] == ["https://a.b/"] * 2
    assert {one.get("rel") for one in links} == {"noopener noreferrer"}


def _usual(number):
    """A paper with all that can be told of one, and an abstract of the usual length."""
    sights = (Observation(NOW + timedelta(hours=hour**2), hour * number) for hour in range(5))
    known = Paper(
        f"2603.{number:05}",
        "A title as long as most, which says what the paper is about, and for whom",
        abstract="Retrieval " + " ".join(f"and word {one}" for one in range(110)),
        authors=tuple(f"Author Number{one}" for one in range(9)),
        code_url=f"https://github.com/someone/something-{number}",
        project_url=f"https://someone.example/{number}" if number % 2 else None,
    )
    found = Match("retrieval", "retrieval", "abstract", "Retrieval", 100)
    met = (found,) if number % 3 == 0 else ()
    return _entry(known, *met, observations=tuple(sights), gained=number)


def test_few_papers_are_told_whole_and_two_hundred_fit():
    page = "".join(render_page(_report(map(_usual, range(100)))))
    assert page.count("and word 109</p>") == 100
    page = "".join(render_page(_report(map(_usual, range(200)))))
    assert page.count("<article") == page.count(" …</p>") == 200
    assert "its title leads to the whole of it" in page
    assert len(page.encode()) <= LIMIT


def test_two_hundred_real_papers_fit_and_keep_their_titles(shared):
    captures = sorted(shared("data/hf/daily_papers").iterdir())[-12:]
    read = (parse_page(gzip.decompress(one.read_bytes()), None, NOW) for one in captures)
    seen = [one for listing in read for one in listing.sightings][:200]
    assert len(seen) == 200
    entries = [_entry(one.paper, observations=one.observations * 3) for one in seen]
    page = "".join(render_page(_report(entries)))
    assert len(page.encode()) <= LIMIT
    assert _titles(_parsed(page)) == [one.paper.title for one in seen]


def test_what_was_met_and_what_was_searched_for_are_marked_as_words():
    known = Paper("2603.00001", "RAG in storage", abstract="Drag a rag; Größe.")
    entry = _entry(known, Match("r", "RAG", "title", "RAG", 100))
    page = "".join(render_page(_report([entry], words=frozenset({"grosse"}))))
    assert re.findall("<mark>(.*?)</mark>", page) == ["RAG", "rag", "Größe"]


def test_what_is_missing_and_what_is_left_out_is_said():
    report = _report([_entry(Paper("2603.00001", "T"))], sample=True)
    left = report.sections[0]._replace(total=1201)
    empty = Section("Trending", (), 0, empty_text="Nothing rises.")
    failed = Failure("arxiv", "timeout", "no answer <in> time")
    page = "".join(
        render_page(
            report._replace(
                sections=(left, empty), failures=(failed,), notes=("Nothing rises.", "And this.")
            )
        )
    )
    told = "".join(_parsed(page).itertext())
    for words in ("arXiv could not be asked: no answer <in> time", "1,200 more", "And this."):
        assert words in told
    assert told.count("Nothing rises.") == 1
    assert "Sample edition" in told


@pytest.mark.parametrize(
    ("upvotes", "path"),
    [([1, 2], None), ([5, None, 5, 5], "M0 17 40 17 60 17"), ([0, 10**400, 0], "M0 17 30 1 60 17")],
    ids=["two sights", "level", "beyond all reason"],
)
def test_a_curve_takes_three_sights_and_stays_in_its_box(upvotes, path):
    sights = [Observation(NOW + timedelta(days=day), up) for day, up in enumerate(upvotes)]
    drawn = curve(sights)
    assert (drawn and drawn.path) == path
