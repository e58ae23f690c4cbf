"""The page and the mail in a real Chromium: what a reader sees, presses and hears."""

import base64
from datetime import timedelta

import pytest
from browser import Browser, installed
from invented import DAY, NOW
from tricks import TRICKS

from papertrack.exports.page import HUES, hue, render_mail, render_page
from papertrack.models import Entry, Listed, Match, Observation, Paper, Report, Section, State
from papertrack.text import clean

SHOWN = 'document.querySelectorAll(".paper:not([hidden])").length'
COUNT = 'document.querySelector("#count").textContent'
BACK = "getComputedStyle(document.body).backgroundColor"


def _paper(number, *, topics=(), source="huggingface", read=False, **more):
    known = {"title": f"Paper {number}", "abstract": f"Says {number}.", "authors": ("Zoë Ng",)}
    return Entry(
        Paper(f"2603.{number:05}", **(known | more)),
        NOW,
        listings=(Listed(source, DAY),),
        observations=tuple(
            Observation(NOW + timedelta(hours=hour), hour * number) for hour in range(4)
        ),
        state=State(read=read, starred=read),
        matches=tuple(Match(one, one, "title", "Paper", 100) for one in topics),
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
    if installed() is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with Browser(installed(), tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def visit(chromium, tmp_path):
    """Opens a text as a page in a tab of its own."""
    tabs = []

    def opened(parts, **how):
        file = tmp_path / f"{len(tabs)}.html"
        file.write_text("".join(parts), encoding="utf-8")
        tabs.append(chromium.open(file.as_uri(), **how))
        return tabs[-1]

    yield opened
    for tab in tabs:
        tab.close()


def _press(tab, name):
    tab.value(
        f"[...filters.querySelectorAll('button')].find(b => b.dataset.name == '{name}').click()"
    )


def test_search_and_filters_narrow_the_papers_and_say_how_many(visit):
    tab = visit(render_page(_report(*PAPERS, brief=PAPERS[3:])))
    assert (tab.value(SHOWN), tab.value(COUNT)) == (5, "4 papers")
    tab.press("/", *"RESUME grob")
    assert (tab.value(SHOWN), tab.value(COUNT)) == (1, "1 of 4 papers")
    tab.press("Escape", "Escape")
    assert (tab.value(SHOWN), tab.value("document.activeElement.id")) == (5, "")
    shown = []
    for name in ("agents", "graphs", "arXiv", "Unread"):
        _press(tab, name)
        shown.append(tab.value(SHOWN))
    assert shown == [2, 3, 1, 1]
    _press(tab, "arXiv")
    assert tab.value(COUNT) == "2 of 4 papers"
    tab.press("/", *"nothing like it")
    assert tab.value("!document.querySelector('#none').hidden") is True
    assert tab.value("document.querySelector('section').hidden") is True


def test_keys_walk_open_unfold_and_explain_themselves(visit):
    tab = visit(render_page(_report(*PAPERS)))
    here = "document.activeElement.querySelector('h3')?.textContent.trim()"
    walked = []
    for key in "jjkkj":
        tab.press(key)
        walked.append(tab.value(here).removesuffix(" ★"))
    assert walked == ["Drawing graphs", "Paper 1", "Drawing graphs", "Drawing graphs", "Paper 1"]
    tab.press("a")
    assert tab.value("document.querySelectorAll('details[open]').length") == 1
    tab.press("o")
    assert tab.opened() == "https://huggingface.co/papers/2603.00001"
    tab.press("?")
    assert tab.value("help.open") is True
    tab.press("Escape")
    assert tab.value("help.open") is False
    tab.click("#single")
    tab.press("j")
    assert tab.value(here).startswith("Paper 1")


def test_nothing_is_asked_for_and_nothing_of_a_stranger_s_lives(visit):
    tab = visit(render_page(_report(*HOSTILE, brief=HOSTILE)))
    assert tab.value(SHOWN) == 2 * len(HOSTILE)
    assert (tab.said(), len(tab.asked())) == ([], 1)
    assert (
        tab.value("document.querySelectorAll('main :is(script, img, b, style, [style])').length")
        == 0
    )
    assert (
        tab.value("[...document.links].every(one => /^(https?|file):$/.test(one.protocol))") is True
    )
    titles = tab.value("[...document.querySelectorAll('article h3')].map(one => one.textContent)")
    assert titles == [one.paper.title for one in HOSTILE]


def test_the_policy_refuses_whatever_is_not_ours(visit):
    alive = (
        '<script>alive = 1</script><img src="x" onerror="alive = 1"><p id="p" style="color: red">'
    )
    tab = visit("".join(render_page(_report(*PAPERS))).replace("<main", f"{alive}<main"))
    assert tab.value("typeof alive") == "undefined"
    assert tab.value("getComputedStyle(p).color") != "rgb(255, 0, 0)"
    assert len(tab.asked()) == 1
    assert tab.said() != []
    assert tab.value(COUNT) == "4 papers"


FAINT = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    const linear = [r, g, b].map((one) => one / 255).map(
      (one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return a ? 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] : null;
  };
  const behind = (one) => light(getComputedStyle(one).backgroundColor) ?? behind(one.parentElement);
  const says = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const shown = [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility());
  const contrast = (one) => {
    const [low, high] = [light(getComputedStyle(one).color), behind(one)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  return shown.filter((one) => says(one) && contrast(one) < 4.5).map((one) => one.outerHTML);
})()
"""


def _of_all_colours():
    """Topics whose names have each of the colours."""
    names = {hue(f"topic {number}"): f"topic {number}" for number in range(200)}
    assert len(names) == HUES
    return tuple(names.values())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_in_light_and_in_dark(visit, scheme):
    """At least 4.5 to 1: https://www.w3.org/TR/WCAG22/#contrast-minimum."""
    report = _report(*PAPERS, _paper(5, topics=_of_all_colours()), brief=PAPERS)
    for parts in (render_page(report), render_mail(report._replace(notes=("A note",)))):
        tab = visit(parts, scheme=scheme)
        tab.value("document.querySelectorAll('button, details').forEach(one => one.open = true)")
        assert tab.value(FAINT) == []


def test_the_reader_chooses_light_or_dark_even_where_nothing_may_be_remembered(chromium, visit):
    parts = "".join(render_page(_report(*PAPERS)))
    light = visit(parts).value(BACK)
    tab = visit(parts, scheme="dark")
    dark = tab.value(BACK)
    assert dark != light
    tab.click("#dark")
    assert tab.value(BACK) == light
    bare = chromium.open("data:text/html;base64," + base64.b64encode(parts.encode()).decode())
    assert bare.value("(() => { try { localStorage } catch (e) { return e.name } })()")
    bare.click("#dark")
    assert (bare.value(BACK), bare.said()) == (dark, [])
    bare.close()


def test_without_scripts_every_paper_is_there_and_no_dead_control(visit):
    tab = visit(render_page(_report(*PAPERS, brief=PAPERS)), scripts=False)
    assert tab.boxes(".paper") == 8
    assert tab.boxes(".bar") == tab.boxes("dialog") == 0
    tab.click_at("summary")
    assert tab.boxes("details[open] .abstract") == 1


def test_in_print_there_are_papers_on_white_and_no_controls(visit):
    tab = visit(render_page(_report(*PAPERS)), scheme="dark", media="print")
    assert tab.value(BACK) == "rgb(255, 255, 255)"
    assert (tab.boxes(".paper"), tab.boxes(".bar"), tab.boxes("details")) == (4, 0, 0)


def test_nothing_is_wider_than_a_small_telephone(visit):
    report = _report(*HOSTILE, brief=HOSTILE)
    for parts in (render_page(report), render_mail(report)):
        tab = visit(parts, width=320)
        assert tab.value("document.documentElement.scrollWidth") <= 320


def test_a_screen_reader_hears_landmarks_headings_and_names(visit):
    heard = visit(render_page(_report(*PAPERS))).heard()
    roles = [role for role, _ in heard]
    for landmark in ("banner", "search", "main", "contentinfo", "status"):
        assert roles.count(landmark) == 1, landmark
    for role in ("button", "link", "searchbox", "heading"):
        assert all(name for known, name in heard if known == role), role
    assert roles.count("article") == len(PAPERS)
    assert ("image", "Upvotes: 0 on 2026-03-31, 9 on 2026-03-31") in heard
