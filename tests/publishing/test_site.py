"""A published site: complete, linked, small, private, and the same as long as the library is."""

import json
import re
from datetime import timedelta
from urllib.parse import parse_qsl, urljoin, urlsplit
from xml.etree import ElementTree as ET

import feedparser
import html5lib
import pytest
from invented import DAY, NOW, put, sighting
from published import SECRET, TOPICS, URL, files_of, library, tracker, write_site
from tricks import unseemly

from papertrack.exports.site_pages import PageBlock, paginate
from papertrack.library.library import Library
from papertrack.models import Topic
from papertrack.publishing import SiteOptions
from papertrack.publishing.collection import collect
from papertrack.publishing.names import topic_names
from papertrack.publishing.search_index import words
from papertrack.publishing.site import publish
from papertrack.tracker import Tracker

HTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def pages(site):
    """Each page, parsed strictly."""
    parser = html5lib.HTMLParser(strict=True)
    paths = sorted(site.rglob("*.html"))
    return {
        path.relative_to(site).as_posix(): parser.parse(path.read_text(encoding="utf-8"))
        for path in paths
    }


def _attributes(page, name):
    return [element.get(name) for element in page.iter() if element.get(name) is not None]


def test_there_is_a_page_for_the_newest_day_each_day_month_and_topic(pages):
    assert {"index.html", "trending.html", "topics.html", "archive.html"} <= pages.keys()
    assert {"search.html", "starred.html", "month/2026-03.html"} <= pages.keys()
    days = {f"day/{DAY - timedelta(days=day)}.html" for day in range(3)}
    assert days == {name for name in pages if name.startswith("day/")}
    topics = [name for name in pages if name.startswith("topic/") and "_" not in name]
    assert len(topics) == len(TOPICS)
    title = next(pages["index.html"].iter(f"{HTML}h1")).text
    assert title == f"Tuesday {DAY}"


def test_every_link_leads_to_a_file_of_the_site_and_every_anchor_exists(site, pages):
    broken = []
    for name, page in pages.items():
        for target in (*_attributes(page, "href"), *_attributes(page, "src")):
            address = urlsplit(urljoin(f"site:///{name}", target))
            if address.scheme != "site":
                continue
            path = address.path.lstrip("/")
            anchors = _attributes(pages[path], "id") if path in pages else [""]
            if not (site / path).is_file() or address.fragment not in ("", *anchors):
                broken.append((name, target))
    assert broken == []


def test_pages_load_nothing_but_files_of_the_site_and_have_no_inline_script_or_style(pages):
    for name, page in pages.items():
        loaded = [
            element.get("src") or element.get("href")
            for element in page.iter()
            if element.tag in (f"{HTML}script", f"{HTML}img") or element.get("rel") == "stylesheet"
        ]
        assert all(loaded), name
        assert not [url for url in loaded if ":" in url or url.startswith("/")], name
        assert not list(page.iter(f"{HTML}style")), name
        assert not _attributes(page, "style"), name
        policies = [
            element.get("content")
            for element in page.iter(f"{HTML}meta")
            if element.get("http-equiv") == "Content-Security-Policy"
        ]
        assert len(policies) == 1
        assert "unsafe" not in policies[0]
        assert policies[0].startswith("default-src 'none'")


def test_only_stars_of_the_reader_are_published_and_only_on_request(site, tmp_path):
    everything = b"".join(content for content, _ in files_of(site).values())
    assert SECRET.encode() not in everything
    assert b'"mine"' not in everything
    assert b"2603.00002" not in everything, "a hidden paper"
    assert b'"read": true' not in everything
    starred = json.loads((site / "starred.json").read_text())["data"]
    assert [paper["id"] for paper in starred] == ["2603.00001"]
    write_site(tmp_path, starred=False)
    assert not (tmp_path / "starred.html").exists()
    plain = b"".join(content for content, _ in files_of(tmp_path).values())
    assert b'"starred": true' not in plain
    assert b'aria-label="starred"' not in plain


def test_texts_of_sources_stay_texts_and_have_no_invisible_characters(site, pages):
    for name, page in pages.items():
        shown = "".join(page.itertext())
        assert unseemly(shown) == [], name
        assert not [link for link in _attributes(page, "href") if link.startswith("javascript:")]
    scripts = [
        content.decode() for path, (content, _) in files_of(site).items() if "search/" in path
    ]
    for script in scripts:
        json.loads(script.removeprefix("papertrack.month(").removesuffix(");\n"))


def test_publishing_again_changes_no_byte_and_no_time_whatever_the_clock_says(tmp_path):
    stored = library()
    first = write_site(tmp_path, stored=stored)
    before = files_of(tmp_path)
    again = write_site(tmp_path, stored=stored, now=NOW + timedelta(days=400))
    assert files_of(tmp_path) == before
    assert (again.files, again.written, again.removed) == (first.files, 0, 0)
    put(stored, sighting("2603.00999", day=DAY, at=NOW, title="One more"))
    more = write_site(tmp_path, stored=stored)
    changed = {name for name, state in files_of(tmp_path).items() if state != before.get(name)}
    assert more.written < first.written / 2
    assert {f"day/{DAY}.html", "index.html", "month/2026-03.html", "search/2026-03.js"} <= changed
    assert f"day/{DAY - timedelta(days=1)}.html" not in changed


def test_feeds_are_valid_and_name_their_address(site):
    feeds = sorted(site.rglob("*.atom"))
    assert len(feeds) == len(TOPICS) + 3
    ids = set()
    for path in feeds:
        feed = feedparser.parse(path.read_bytes())
        assert not feed.bozo, path
        address = f"{URL}/{path.relative_to(site).as_posix()}"
        assert [link["href"] for link in feed.feed.links if link["rel"] == "self"] == [address]
        ids.add(feed.feed.id)
    assert len(ids) == len(feeds)


def test_the_sitemap_lists_every_page_once(site, pages):
    locations = [
        element.text for element in ET.parse(site / "sitemap.xml").iter() if "loc" in element.tag
    ]
    assert sorted(locations) == sorted(
        f"{URL}/{'' if name == 'index.html' else name}" for name in pages
    )


def test_each_paper_has_a_context_object_for_zotero(pages):
    page = pages[f"day/{DAY}.html"]
    spans = [e.get("title") for e in page.iter(f"{HTML}span") if e.get("class") == "Z3988"]
    assert len(spans) == len(list(page.iter(f"{HTML}article")))
    (paper,) = [dict(parse_qsl(span)) for span in spans if "2603.00015" in span]
    assert paper["ctx_ver"] == "Z39.88-2004"
    assert paper["rft_val_fmt"] == "info:ofi/fmt:kev:mtx:dc"
    assert paper["rft.type"] == "preprint"
    assert paper["rft.title"] == "大规模语言模型的检索增强生成综述"
    assert paper["rft.identifier"] == "https://arxiv.org/abs/2603.00015"


def test_the_papers_of_a_page_are_beside_it_as_json_and_bibtex(site):
    for path in site.rglob("*.json"):
        data = json.loads(path.read_text(encoding="utf-8"))
        keys = path.with_suffix(".bib").read_text().count("\n@misc{")
        assert (data["schema"], data["command"], len(data["data"])) == (1, "publish", keys)
    ids = {paper["id"] for paper in json.loads((site / f"day/{DAY}.json").read_text())["data"]}
    assert {"2603.00000", "2603.00001"} <= ids


def test_an_empty_library_has_a_site_too(tmp_path):
    publish(Tracker(Library(None), (), NOW), SiteOptions(), str(tmp_path))
    assert "No papers yet" in (tmp_path / "index.html").read_text()
    assert not (tmp_path / "topics.html").exists()
    assert not (tmp_path / "sitemap.xml").exists()


def test_days_before_the_first_are_left_out(tmp_path):
    write_site(tmp_path, since=DAY - timedelta(days=1))
    assert sorted(path.name for path in tmp_path.glob("day/*.html")) == [
        f"{DAY - timedelta(days=1)}.html",
        f"{DAY}.html",
    ]


def test_blocks_are_divided_by_size_and_continue_on_the_next_page():
    blocks = [PageBlock("A", ["x" * 100_000] * 4), PageBlock("B", ["y"] * 150), PageBlock("C", [])]
    pages = paginate(blocks)
    assert [[(b.title, len(b.pieces)) for b in page] for page in pages] == [
        [("A", 2)],
        [("A", 2), ("B", 98)],
        [("B", 52), ("C", 0)],
    ]
    assert paginate([]) == [[]]
    assert [len(b.pieces) for (b,) in paginate([PageBlock("L", ["z"] * 1500, lines=True)])] == [
        1000,
        500,
    ]


def test_no_page_exceeds_its_size_whatever_papers_say(tmp_path):
    stored = Library(None)
    huge = "\u56fe" * 9_000
    fields = {"title": huge, "abstract": "<" * 9_000, "authors": (huge, "B"), "venue": huge}
    fields |= {"categories": ("cs.CL",)}
    put(stored, *(sighting(f"2603.{number:05}", **fields) for number in range(12)))
    topics = (Topic(huge[:200], categories=("cs.CL",)),)
    publish(Tracker(stored, topics, NOW), SiteOptions(), str(tmp_path))
    sizes = {path.name: path.stat().st_size for path in tmp_path.rglob("*.html")}
    assert max(sizes.values()) <= 300_000, sizes


def test_names_of_topics_are_valid_and_distinct_on_every_system():
    names = topic_names((*TOPICS, "nul.txt", "-", "A.", "Com1", "\ud83d"))
    assert len(set(names.values())) == len(names)
    for name in names.values():
        assert re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,80}", name)
        assert not re.match(r"(con|nul|com1)(\.|$)", name)
    assert topic_names(["AI agents"]) == {"AI agents": "ai-agents"}


def test_words_of_the_index_are_folded_as_the_script_folds_a_query():
    assert words("Gröbner-Bases: the \uff26\uff35ll x_1 图神经 İ") == [
        *("grobner", "bases", "the", "full", "x", "1", "图神经", "i"),
    ]


def test_what_is_trending_is_ranked_as_of_the_newest_count():
    early, late = (collect(tracker(now=now), SiteOptions()) for now in (NOW, NOW + timedelta(99)))
    assert early == late
    assert early.as_of == NOW
    assert len(early.trending) == 30
