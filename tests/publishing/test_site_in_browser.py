"""A published site in a real Chromium: from a folder and from a server, its search and filters."""

import json
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep

import pytest
from accessibility import PROBLEMS
from browser import Browser, find_chromium
from published import TOPICS

COUNT = "document.querySelector('#count')?.textContent"
STATUS = "document.querySelector('#status')?.textContent"
RESULTS = "[...document.querySelectorAll('#results .result')].map(item => item.textContent)"
PAGES = ("index.html", "topics.html", "archive.html", "month/2026-03.html", "search.html?q=graphs")


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    if find_chromium() is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with Browser(find_chromium(), tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture(scope="module")
def address(site):
    """The address of a server of the site; its path shows that links are relative."""
    requested = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            requested.append(self.path)

    handler = partial(Handler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def visit(chromium):
    """Open an address in a tab; at the end, no tab has printed or requested anything else."""
    tabs = []

    def open_page(url, **options):
        tabs.append((chromium.open(url, **options), url))
        return tabs[-1][0]

    yield open_page
    for tab, _ in tabs:
        tab.close()


@contextmanager
def _clean(tab, origin):
    """Check that a tab prints nothing, and requests nothing from elsewhere."""
    yield
    assert tab.console() == []
    assert [url for url in tab.requested_urls() if not url.startswith(origin)] == []


def _wait(tab, expression, value=True):  # noqa: FBT002  # what most expressions become
    for _ in range(600):
        with suppress(AssertionError):  # while another page replaces this one
            if tab.value(expression) == value:
                return
        sleep(0.05)
    assert tab.value(expression) == value


def _type(tab, selector, text):
    tab.value(
        f"(() => {{ const box = document.querySelector('{selector}');"
        f"box.value = {json.dumps(text)}; box.dispatchEvent(new Event('input')); }})()"
    )


@pytest.mark.parametrize("served", [True, False], ids=["server", "folder"])
def test_the_search_finds_papers_by_title_author_topic_and_abstract(visit, site, address, served):
    origin = address if served else "file://"
    tab = visit(f"{address if served else site.as_uri()}/search.html?q=RESUME+zoe")
    with _clean(tab, origin):
        _wait(tab, STATUS, "0 papers.")
        _type(tab, "#query", "abstract 15 zoe")
        assert tab.value(STATUS) == "3 papers."
        assert tab.value(RESULTS) == ["大规模语言模型的检索增强生成综述"] * 3
        _type(tab, "#query", "检索")
        assert tab.value(STATUS) == "3 papers."
        _type(tab, "#query", "long wor")
        titles = tab.value(RESULTS)
        assert len(titles) == 3
        assert all(title.startswith("long word") for title in titles)
        _type(tab, "#query", "graphs")
        everything = int(tab.value(STATUS).split()[0])
        _type(tab, "#topic", TOPICS[1])
        assert 0 < int(tab.value(STATUS).split()[0]) < everything
        days = "[...document.querySelectorAll('#results .byline a')].map(link => link.href)"
        place = tab.value(days)[0]
        assert place.startswith(origin)
    shown = visit(place)
    assert shown.value("document.querySelector(':target').className") == "paper"


def test_enter_in_the_search_of_a_page_searches_all_pages(visit, address):
    tab = visit(f"{address}/index.html")
    with _clean(tab, address):
        total = int(tab.value(COUNT).split()[0])
        tab.press("/", *"colour ")
        tab.press(*"nothing")
        assert tab.value(COUNT) == f"0 of {total} papers"
        tab.press("Enter")
        _wait(tab, "location.search", "?q=colour+nothing")
        _wait(tab, STATUS, "0 papers.")


def test_filters_narrow_the_papers_of_a_page(visit, site):
    tab = visit(f"{site.as_uri()}/index.html")
    with _clean(tab, "file://"):
        total = int(tab.value(COUNT).split()[0])
        tab.click('#filters [data-name="CON"]')
        narrowed = int(tab.value(COUNT).split()[0])
        assert 0 < narrowed < total
        tab.click('.topics a[href^="topic/con-"]')
        _wait(tab, "document.querySelector('h1')?.textContent === 'CON'")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(visit, site, scheme):
    for page in ("index.html", "topics.html", "search.html?q=abstract+1"):
        tab = visit(f"{site.as_uri()}/{page}", scheme=scheme)
        tab.value("document.querySelectorAll('details').forEach(item => { item.open = true; })")
        if page.startswith("search"):
            _wait(tab, "document.querySelectorAll('.result').length > 0")
        with _clean(tab, "file://"):
            assert tab.value(PROBLEMS) == [], page


def test_the_check_of_accessibility_finds_problems(visit, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<!DOCTYPE html><title></title><h1>A</h1><h3>B</h3><img src="data:,">'
        '<input><a href="#x"></a>'
        '<p style="color: #999">pale</p><p id="y">1</p><p id="y">2</p><svg role="img"></svg>'
    )
    found = visit(page.as_uri()).value(PROBLEMS)
    assert {problem.split(":")[0] for problem in found} == {
        *("no language", "no title", "heading level", "no alternative", "no label", "no name"),
        *("contrast", "duplicate id", "no main"),
    }


def test_pages_are_readable_without_scripts_and_no_wider_than_a_phone(visit, site):
    for page in PAGES:
        tab = visit(f"{site.as_uri()}/{page}", scripts=False, width=320)
        assert tab.value("document.documentElement.scrollWidth") <= 320, page
        assert tab.count_visible(".bar") == tab.count_visible("dialog") == 0
        assert tab.count_visible("h1") == 1
        assert (tab.count_visible(".paper") > 0) == (page in {"index.html", "month/2026-03.html"})


def test_the_chosen_theme_stays_from_page_to_page(visit, address):
    background = "getComputedStyle(document.body).backgroundColor"
    tab = visit(f"{address}/topics.html")
    light = tab.value(background)
    tab.click("#dark")
    assert tab.value(background) != light
    tab.click("nav a")
    is_index = "location.pathname.endsWith('/index.html')"
    _wait(tab, f"{is_index} && document.querySelector('#dark')?.ariaPressed", "true")
    assert tab.value(background) != light


def test_a_printed_page_has_no_controls(visit, site):
    tab = visit(f"{site.as_uri()}/index.html", scheme="dark", media="print")
    hidden = [tab.count_visible(selector) for selector in (".bar", ".site nav", ".pager", "#dark")]
    assert hidden == [0, 0, 0, 0]
    assert tab.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
