"""Pages of a site and of statistics are equal to the golden texts in `site_looks/`, byte for byte.

To write the golden texts again and review the differences:

    cd tests/exports && PYTHONPATH=..:. python test_site_looks.py
"""

import re
from datetime import date
from pathlib import Path

import pytest
from reports import BARE, DAY, ENTRY, FULL, NOW

from papertrack.calendar import Span
from papertrack.exports import site_pages
from papertrack.exports.site_pages import Link, PageBlock, Place, SiteFrame, SitePage
from papertrack.exports.stats_page import render_stats
from papertrack.models import Match
from papertrack.results import (
    LibraryStats,
    ReadingStats,
    RisingTerm,
    SourceStatus,
    TermTrends,
    WeekStats,
)

LOOKS = Path(__file__).with_name("site_looks")
_INLINE = re.compile(r"(<style>).*?(</style>)", re.DOTALL)
SPAN = Span(date(2026, 3, 9), DAY)
RISING = TermTrends(
    *(SPAN, Span(date(2025, 12, 9), date(2026, 3, 8)), 120, 900),
    (RisingTerm("test-time <training>", 12, 3, 4.567), RisingTerm("graphs", 3, 0, 2.0)),
)
STATS = LibraryStats(
    SPAN,
    12345,
    tuple(
        WeekStats(date(2026, 3, day), papers, matching, (("agents", matching), ("<b>", 0)))
        for day, papers, matching in ((9, 80, 20), (16, 0, 0), (23, 1234, 1), (30, 3, 3))
    ),
    RISING,
    ReadingStats(12, 30, 4, 5, 6, 1234),
    (
        SourceStatus(
            "huggingface", "Hugging Face", enabled=True, categories=(), gaps=2, papers=12345
        ),
        SourceStatus("arxiv", "arXiv", enabled=True, categories=("cs.CL",), gaps=0, papers=1),
    ),
)
NO_STATS = LibraryStats(SPAN, 0, (), TermTrends(SPAN, SPAN, 0, 0), ReadingStats(), (), "Empty.")
FRAME = SiteFrame(
    "Papers & <more>", "https://x.org/p", (Link("index.html", "New"), Link("a/b.html", "<b>"))
)
PAGE = SitePage(
    "day/2026-03-31.html",
    "Tuesday <2026>",
    "3 papers & more",
    data=(Link("day/2026-03-31.json", "JSON"), Link("day/2026-03-31.bib", "BibTeX")),
    feed="topic/agents.atom",
    previous=Link("day/2026-03-30.html", "Monday"),
    following=Link("day/2026-04-01.html", "Wednesday"),
    as_of="2026-03-31 18:00",
)
PLACE = Place("../day/2026-03-31.html", {name: f"../topic/{name}.html" for name in "ab"})
PAPER = ENTRY._replace(
    matches=(Match("a", "agent", "title", "Agents", 100),),
    related=(ENTRY.related[0]._replace(topic="b"),),
)
LONG = PAPER._replace(paper=FULL._replace(title="T " * 251, abstract="a" * 3999 + " b" * 9))
HUGE = PAPER._replace(paper=FULL._replace(authors=("A" * 40_000,)))


def _blocks():
    papers = [site_pages.as_article(item, PLACE) for item in (PAPER, LONG, HUGE, BARE)]
    yield PageBlock("Papers", papers)
    lines = [site_pages.as_line(PAPER, PLACE), site_pages.as_link(Link("a.html", "A <b>"), "& c")]
    yield PageBlock("Lines & <b>", lines, lines=True, url="month/2026-03.html", note="A <note>.")


def _search_page():
    return site_pages.render_search_page(FRAME, PAGE, ["a", "<b>"], ["2026-03", "2026-02"])


TEXTS = {
    "page": lambda: site_pages.render_site_page(FRAME, PAGE, [*_blocks()], ["a", "<b>"]),
    "page-empty": lambda: site_pages.render_site_page(
        SiteFrame("Papers", None, ()), SitePage("index.html", "None", papers=False), []
    ),
    "search": _search_page,
    "stats": lambda: render_stats(STATS, NOW),
    "stats-empty": lambda: render_stats(NO_STATS, NOW),
}


def _text(name):
    """The text of a page without its style and long words."""
    text = _INLINE.sub(r"\1…\2", "".join(TEXTS[name]()))
    return re.sub(r"(\w)\1{99,}", r"\1…", re.sub(r"sha256-[\w+/=]+", "sha256-…", text))


@pytest.mark.parametrize("name", TEXTS)
def test_a_page_equals_its_golden_text(name):
    assert _text(name) == (LOOKS / f"{name}.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    LOOKS.mkdir(exist_ok=True)
    for name in TEXTS:
        (LOOKS / f"{name}.txt").write_text(_text(name), encoding="utf-8")
