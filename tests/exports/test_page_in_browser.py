"""The page and the mail in a real Chromium: display, keyboard, and accessibility."""

import base64
from datetime import timedelta

import pytest
from accessibility import PROBLEMS
from browser import Browser, find_chromium
from invented import DAY, NOW
from tricks import TRICKS

from papertrack.calendar import Span
from papertrack.exports.page import HUES, hue, render_mail, render_page
from papertrack.exports.stats_page import render_stats
from papertrack.models import Entry, Match, Observation, Paper, PaperListing, Report, Section, State
from papertrack.results import LibraryStats, ReadingStats, RisingTerm, TermTrends, WeekStats
from papertrack.text import clean, readable

SHOWN_PAPERS = 'document.querySelectorAll(".paper:not([hidden])").length'
COUNT = 'document.querySelector("#count").textContent'
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def _paper(number, *, topics=(), source="huggingface", read=False, **fields):
    defaults = {
        "title": f"Paper {number}",
        "abstract": f"Abstract {number}.",
        "authors": ("Zoë Ng",),
    }
    return Entry(
        Paper(f"2603.{number:05}", **(defaults | fields)),
        NOW,
        listings=(PaperListing(source, DAY),),
        observations=tuple(
            Observation(NOW + timedelta(hours=hour), hour * number) for hour in range(4)
        ),
        state=State(read=read, starred=read),
        matches=tuple(Match(topic, topic, "title", "Paper", 100) for topic in topics),
        gained=number,
    )


def _report(*entries, brief=()):
    sections = (
        Section("New", entries, len(entries)),
        Section("Also", brief, len(brief), brief=True),
    )
    return Report("today", NOW, "Tuesday · all", sections)


PAPERS = (
    _paper(0, topics=("graphs",), title="Drawing graphs"),
    _paper(1, topics=("graphs", "agents"), read=True),
    _paper(2, topics=("agents",), source="arxiv"),
    _paper(3, source="arxiv", abstract="A résumé of gröbner bases."),
)
HOSTILE = tuple(
    _paper(number, title=trick, abstract=trick, authors=(trick, "B", "C"), organization=trick,
           topics=(trick,), code_url="javascript:alert(1)", project_url='https://a.b/"><b>')
    for number, trick in enumerate((*map(clean, TRICKS), "</style></script><script>x=1</script>"))
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    if find_chromium() is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with Browser(find_chromium(), tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def visit(chromium, tmp_path):
    """Open a text as a page in a new tab."""
    tabs = []

    def open_page(parts, **options):
        file = tmp_path / f"{len(tabs)}.html"
        file.write_text("".join(parts), encoding="utf-8")
        tabs.append(chromium.open(file.as_uri(), **options))
        return tabs[-1]

    yield open_page
    for tab in tabs:
        tab.close()


def test_the_page_of_stats_draws_bars_and_curves_and_requests_nothing(visit):
    span = Span(DAY - timedelta(days=13), DAY)
    names = [clean(trick) for trick in TRICKS]
    weeks = [
        WeekStats(
            span.first + timedelta(weeks=week), 40, 10 * week, tuple((n, week) for n in names)
        )
        for week in range(2)
    ]
    terms = tuple(RisingTerm(name or "-", 3, 1, 2.5) for name in names)
    rising = TermTrends(span, span, 40, 40, terms)
    stats = LibraryStats(span, 80, tuple(weeks), rising, ReadingStats(), ())
    tab = visit(render_stats(stats, NOW))
    assert (tab.console(), len(tab.requested_urls())) == ([], 1)
    heights = "[...document.querySelectorAll('.matching[y]')].map(bar => bar.height.baseVal.value)"
    assert tab.value(heights) == [0, 40]
    assert tab.value("document.querySelectorAll('svg.curve path').length") == len(names)
    assert tab.value("document.querySelectorAll('main :is(script, img, b, style)').length") == 0


def _press_filter(tab, name):
    tab.value(
        f"[...filters.querySelectorAll('button')].find(b => b.dataset.name == '{name}').click()"
    )


def test_search_and_filters_hide_papers_and_update_the_count(visit):
    tab = visit(render_page(_report(*PAPERS, brief=PAPERS[3:])))
    assert (tab.value(SHOWN_PAPERS), tab.value(COUNT)) == (5, "4 papers")
    tab.press("/", *"RESUME grob")
    assert (tab.value(SHOWN_PAPERS), tab.value(COUNT)) == (1, "1 of 4 papers")
    tab.press("Escape", "Escape")
    assert (tab.value(SHOWN_PAPERS), tab.value("document.activeElement.id")) == (5, "")
    counts = []
    for name in ("agents", "graphs", "arXiv", "Unread"):
        _press_filter(tab, name)
        counts.append(tab.value(SHOWN_PAPERS))
    assert counts == [2, 3, 1, 1]
    _press_filter(tab, "arXiv")
    assert tab.value(COUNT) == "2 of 4 papers"
    tab.press("/", *"nothing like it")
    assert tab.value("!document.querySelector('#no-match').hidden") is True
    assert tab.value("document.querySelector('section').hidden") is True


TITLES = "[...document.querySelectorAll('.paper:not([hidden]) h3')].map(h3 => h3.textContent)"
CHOOSE = (
    "const e = document.querySelector('%s'); e.value = '%s'; e.dispatchEvent(new Event('change'))"
)


def _titles_of(tab):
    return [title.removesuffix(" ★").strip() for title in tab.value(TITLES)]


def _choose(tab, control, value):
    tab.value(f"(() => {{ {CHOOSE % (control, value)} }})()")


def test_papers_are_sorted_within_their_section_and_back(visit):
    unknown = PAPERS[0]._replace(gained=None, observations=(), paper=Paper("x:9", "Unknown"))
    papers = (unknown, *PAPERS)
    tab = visit(render_page(_report(*papers, brief=PAPERS[3:])))
    written = ["Unknown", "Drawing graphs", "Paper 1", "Paper 2", "Paper 3", "Paper 3"]
    assert _titles_of(tab) == written
    for value in ("gain", "upvotes"):
        _choose(tab, "#order", value)
        assert _titles_of(tab) == [*written[4:0:-1], "Unknown", "Paper 3"]
    _choose(tab, "#order", "")
    assert _titles_of(tab) == written


def test_papers_of_a_day_and_those_that_gain_are_selected(visit):
    earlier = PAPERS[1]._replace(listings=(PaperListing("huggingface", DAY - timedelta(1)),))
    tab = visit(render_page(_report(PAPERS[0], earlier, *PAPERS[2:])))
    options = tab.value("[...day.options].map(option => option.value)")
    assert options == ["", str(DAY), str(DAY - timedelta(1))]
    _choose(tab, "#day", options[2])
    assert _titles_of(tab) == ["Paper 1"]
    assert tab.value(COUNT) == "1 of 4 papers"
    _choose(tab, "#day", options[1])
    _press_filter(tab, "Gaining")
    assert _titles_of(tab) == ["Paper 2", "Paper 3"]
    _choose(tab, "#order", "day")
    tab.press("Escape")
    assert _titles_of(tab) == ["Drawing graphs", "Paper 2", "Paper 3", "Paper 1"]


def test_keys_move_open_unfold_and_show_help(visit):
    tab = visit(render_page(_report(*PAPERS)))
    focused_title = "document.activeElement.querySelector('h3')?.textContent.trim()"
    titles = []
    for key in "jjkkj":
        tab.press(key)
        titles.append(tab.value(focused_title).removesuffix(" ★"))
    assert titles == ["Drawing graphs", "Paper 1", "Drawing graphs", "Drawing graphs", "Paper 1"]
    tab.press("a")
    assert tab.value("document.querySelectorAll('details[open]').length") == 1
    tab.press("o")
    assert tab.opened_url() == "https://huggingface.co/papers/2603.00001"
    tab.press("?")
    assert tab.value("help.open") is True
    tab.press("Escape")
    assert tab.value("help.open") is False
    tab.click("#single")
    tab.press("j")
    assert tab.value(focused_title).startswith("Paper 1")


def test_nothing_is_requested_and_hostile_text_stays_text(visit):
    tab = visit(render_page(_report(*HOSTILE, brief=HOSTILE)))
    assert tab.value(SHOWN_PAPERS) == 2 * len(HOSTILE)
    assert (tab.console(), len(tab.requested_urls())) == ([], 1)
    assert (
        tab.value("document.querySelectorAll('main :is(script, img, b, style, [style])').length")
        == 0
    )
    protocols = set(tab.value("[...document.links].map(link => link.protocol)"))
    assert protocols <= {"http:", "https:", "file:"}
    titles = tab.value("[...document.querySelectorAll('article h3')].map(h3 => h3.textContent)")
    assert titles == [readable(entry.paper.title) for entry in HOSTILE]


def test_the_policy_blocks_foreign_scripts_images_and_styles(visit):
    injected = (
        '<script>hit = 1</script><img src="x" onerror="hit = 1"><p id="p" style="color: red">'
    )
    tab = visit("".join(render_page(_report(*PAPERS))).replace("<main", f"{injected}<main"))
    assert tab.value("typeof hit") == "undefined"
    assert tab.value("getComputedStyle(p).color") != "rgb(255, 0, 0)"
    assert len(tab.requested_urls()) == 1
    assert tab.console() != []
    assert tab.value(COUNT) == "4 papers"


def _topics_of_all_colours():
    """A topic per colour."""
    names = {hue(f"topic {number}"): f"topic {number}" for number in range(200)}
    assert len(names) == HUES
    return tuple(names.values())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast_in_light_and_dark(visit, scheme):
    """At least 4.5 to 1: https://www.w3.org/TR/WCAG22/#contrast-minimum."""
    report = _report(*PAPERS, _paper(5, topics=_topics_of_all_colours()), brief=PAPERS)
    tab = visit(render_page(report), scheme=scheme)
    tab.value("document.querySelectorAll('button, details').forEach(item => item.open = true)")
    assert tab.value(PROBLEMS) == []
    mail = visit(render_mail(report._replace(notes=("A note",))), scheme=scheme)
    assert [text for text in mail.value(PROBLEMS) if text.startswith("contrast")] == []


def test_the_theme_can_be_switched_even_without_storage(chromium, visit):
    parts = "".join(render_page(_report(*PAPERS)))
    light = visit(parts).value(BACKGROUND)
    tab = visit(parts, scheme="dark")
    dark = tab.value(BACKGROUND)
    assert dark != light
    tab.click("#dark")
    assert tab.value(BACKGROUND) == light
    without_storage = chromium.open(
        "data:text/html;base64," + base64.b64encode(parts.encode()).decode()
    )
    assert without_storage.value("(() => { try { localStorage } catch (e) { return e.name } })()")
    without_storage.click("#dark")
    assert (without_storage.value(BACKGROUND), without_storage.console()) == (dark, [])
    without_storage.close()


def test_without_scripts_all_papers_are_shown_and_no_controls(visit):
    tab = visit(render_page(_report(*PAPERS, brief=PAPERS)), scripts=False)
    assert tab.count_visible(".paper") == 8
    assert tab.count_visible(".bar") == tab.count_visible("dialog") == 0
    tab.click_at("summary")
    assert tab.count_visible("details[open] .abstract") == 1


def test_a_printed_page_has_papers_on_white_and_no_controls(visit):
    tab = visit(render_page(_report(*PAPERS)), scheme="dark", media="print")
    assert tab.value(BACKGROUND) == "rgb(255, 255, 255)"
    assert (
        tab.count_visible(".paper"),
        tab.count_visible(".bar"),
        tab.count_visible("details"),
    ) == (4, 0, 0)


def test_nothing_is_wider_than_a_small_phone(visit):
    report = _report(*HOSTILE, brief=HOSTILE)
    for parts in (render_page(report), render_mail(report)):
        tab = visit(parts, width=320)
        assert tab.value("document.documentElement.scrollWidth") <= 320


def test_the_accessibility_tree_has_landmarks_headings_and_names(visit):
    nodes = visit(render_page(_report(*PAPERS))).accessible_nodes()
    roles = [role for role, _ in nodes]
    for landmark in ("banner", "search", "main", "contentinfo", "status"):
        assert roles.count(landmark) == 1, landmark
    for role in ("button", "link", "searchbox", "heading"):
        assert all(name for node_role, name in nodes if node_role == role), role
    assert roles.count("article") == len(PAPERS)
    assert ("image", "Upvotes: 0 on 2026-03-31, 9 on 2026-03-31") in nodes
