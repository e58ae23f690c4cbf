"""What a table shows of sections and papers, at the limits of its width."""

import io
import os
import struct
from datetime import date, timedelta

import pytest
from reports import BARE, DAY, ENTRY, NOW, REPORT, shown

from papertrack.calendar import Span
from papertrack.display import DrawStyle, cards, write
from papertrack.display.coverage import draw_calendar
from papertrack.display.doctor import draw_results
from papertrack.display.looks import new_console
from papertrack.display.pairs import draw_pairs
from papertrack.display.progress import bar, download_bar
from papertrack.display.stats import draw_stats
from papertrack.display.verdicts import verdict_lines
from papertrack.models import Match, Observation, Paper, PaperListing, Related, Section
from papertrack.results import (
    CheckResult,
    DayCoverage,
    Explanation,
    LibraryStats,
    ReadingStats,
    TermTrends,
    Verdict,
)

PLAIN = DrawStyle(color=False)


@pytest.fixture
def in_width(monkeypatch):
    """Draw without colors in a terminal of that width, and return the lines."""

    def draw(width, function):
        monkeypatch.setenv("COLUMNS", str(width))
        out = io.StringIO()
        function(out)
        return out.getvalue().splitlines()

    return draw


def lines_of(in_width, section, width=100, **more):
    report = REPORT._replace(headline="", sections=(section,), notes=(), failures=(), **more)
    return in_width(width, lambda out: write(report, "table", out, PLAIN))


@pytest.mark.parametrize(("more", "end"), [(-1, ""), (0, ""), (1, " +1")])
def test_a_card_names_twenty_authors_and_counts_the_others(in_width, more, end):
    names = [f"A{number:02}" for number in range(20 + more)]
    paper = ENTRY.paper._replace(authors=tuple(names))
    section = Section("Paper", (ENTRY._replace(paper=paper),), 1)
    report = REPORT._replace(sections=(section,), notes=(), failures=())
    lines = in_width(200, lambda out: cards.draw(report, out, PLAIN))
    assert " ".join(lines[1:3]).strip() == ", ".join(names[:20]) + end


@pytest.mark.parametrize(("width", "longest"), [(99, 24), (100, 32)])
def test_only_a_longer_id_goes_below_the_title(in_width, width, longest):
    for length in (longest, longest + 1):
        paper = Paper("x:" + "1" * (length - 2), "Wing flow")
        section = Section("New", (BARE._replace(paper=paper),), 1)
        (line,) = (line for line in lines_of(in_width, section, width) if paper.id in line)
        assert ("Wing flow" in line) is (length == longest), length


@pytest.mark.parametrize(("width", "beside"), [(26, False), (27, True)])
def test_an_id_is_beside_a_title_that_has_twelve_cells_with_it(in_width, width, beside):
    section = Section("New", (BARE._replace(paper=Paper("2603.00001", "n" * 99)),), 1)
    lines = lines_of(in_width, section, width)
    assert any("n" * 11 + "…" in line and "2603.00001" in line for line in lines) is beside


@pytest.mark.parametrize(("days", "shown"), [(0, []), (9, ["31 Mar", "22 Mar"])])
def test_days_are_a_column_only_if_they_differ(in_width, days, shown):
    listings = (PaperListing("mine", DAY - timedelta(days=ago)) for ago in (0, days))
    papers = [ENTRY._replace(listings=(listing,)) for listing in listings]
    lines = lines_of(in_width, Section("New", papers, 2, measure="day"))
    assert [day for day in ("31 Mar", "22 Mar") if any(day in line for line in lines)] == shown


def test_the_change_of_a_rank_has_its_direction(in_width):
    papers = [
        BARE._replace(paper=Paper(f"x:{rank}", "Flow"), rank_before=before)
        for rank, before in enumerate((2, 1, 3, 14, None), 1)
    ]
    section = Section("Rising", papers, 5, kind="trending", compared=True)
    lines = [line for line in lines_of(in_width, section) if "Flow" in line]
    assert [line.split()[1] for line in lines] == ["↑1", "↓1", "=", "↑10", "new"]


def test_rising_terms_need_papers_of_both_times(in_width):
    span = Span(DAY, DAY)
    for recent, before in ((120, 0), (0, 1900), (0, 0)):
        rising = TermTrends(span, span, recent, before)
        stats = LibraryStats(span, 1, (), rising, ReadingStats(), ())
        lines = in_width(90, lambda out, stats=stats: draw_stats(stats, out, PLAIN))
        assert f"  none: {recent} recent papers and {before:,} before" in lines


def test_a_note_that_is_the_text_of_an_empty_section_is_shown_once(in_width):
    empty = Section("New", (), 0, empty_text="Nothing new.")
    filled = Section("New", (BARE,), 1, empty_text="Nothing new.")
    for form in ("table", "html"):
        counts = [_text(in_width, form, one).count("Nothing new.") for one in (empty, filled)]
        assert counts == [1, 1], form


def _text(in_width, form, section):
    report = REPORT._replace(sections=(section,), notes=("Nothing new.",))
    if form == "table":
        return "\n".join(in_width(80, lambda out: write(report, "table", out, PLAIN)))
    from papertrack.exports import render

    return "".join(render(form, report))


@pytest.mark.parametrize(
    ("measure", "legend"),
    [
        ("rising", "by score of upvotes ▲, gain a day and age"),
        ("upvotes", "by upvotes ▲"),
        ("stars", "by stars ★ of the code"),
        ("comments", "by comments"),
        ("late", "by upvotes ▲ gained a day"),
        ("code", "by stars ★ gained a day"),
        ("match", ""),
    ],
)
def test_the_heading_of_trending_papers_says_what_the_first_numbers_are(in_width, measure, legend):
    section = Section("Trending", (ENTRY,), 1, kind="trending", measure=measure)
    assert lines_of(in_width, section)[1] == f"Trending  {legend}".rstrip()
    if legend:
        width = len(f"Trending  {legend}")
        assert lines_of(in_width, section, width)[1] == f"Trending  {legend}"
        assert lines_of(in_width, section, width - 1)[1:3] == ["Trending", legend]
    assert lines_of(in_width, section._replace(kind="new"))[1] == "Trending"
    empty = section._replace(entries=(), total=0)
    assert lines_of(in_width, empty)[1:] == ["Trending", "  No papers."]


@pytest.mark.parametrize(
    ("measure", "numbers"),
    [
        ("rising", "8  ▲45  +42"),
        ("upvotes", "▲45"),
        ("stars", "7★  ▲45"),
        ("comments", "6  ▲45"),
        ("late", "+7.5/day  ▲45"),
        ("code", "+7.5/day   7★"),
        ("match", "100  ▲45"),
        ("day", "31 Mar  ▲45"),
    ],
)
def test_the_numbers_of_a_paper(in_width, measure, numbers):
    entry = ENTRY._replace(score=7.51, state=BARE.state)
    other = ENTRY._replace(score=7.51, listings=(PaperListing("arxiv", date(2026, 1, 2)),))
    section = Section("A", (entry, other), 2, kind="trending", measure=measure, detailed=True)
    row = next(line for line in lines_of(in_width, section, 160) if ENTRY.paper.title in line)
    assert row.partition(ENTRY.paper.title)[0].split()[1:] == numbers.split()
    # A number that the papers are ordered by is not repeated behind the title.
    facts = row.partition(ENTRY.paper.title)[2]
    assert ("6 comments" in facts) == (measure != "comments")
    assert ("7★" in facts) == (measure not in {"stars", "code"})


@pytest.mark.parametrize("measure", ["rising", "late", "match", "upvotes"])
def test_an_unknown_number_of_a_paper_is_left_out(in_width, measure):
    section = Section("A", (BARE,), 1, kind="trending", measure=measure, detailed=True)
    row = next(line for line in lines_of(in_width, section, 160) if BARE.paper.title in line)
    assert row.partition(BARE.paper.title)[0].split() == ["1"]


@pytest.mark.parametrize(
    ("kind", "matches", "words", "is_whole"),
    [
        (None, ENTRY.matches, frozenset(), True),
        (None, (), frozenset({"word"}), True),
        (None, (), frozenset(), False),
        ("new", ENTRY.matches, frozenset({"word"}), False),
    ],
)
def test_only_titles_of_hits_are_shown_whole(in_width, kind, matches, words, is_whole):
    title = " ".join(f"word{number}" for number in range(20))
    entry = BARE._replace(paper=Paper("2603.1", title), matches=matches)
    text = " ".join(lines_of(in_width, Section("", (entry,), 1, kind=kind), 60, words=words))
    assert ("word19" in text) == is_whole
    assert ("…" in text) != is_whole


@pytest.mark.parametrize(("number", "is_drawn"), [(4, False), (5, True)])
def test_a_curve_is_drawn_from_five_observations_in_wide_terminals(in_width, number, is_drawn):
    counts = tuple(Observation(NOW - timedelta(hours=9 - n), n) for n in range(number))
    section = Section(
        "", (BARE._replace(observations=counts),), 1, kind="trending", measure="rising"
    )
    drawn = "".join(lines_of(in_width, section, 120))
    assert ("█" in drawn) == is_drawn
    assert "█" not in "".join(lines_of(in_width, section, 119))


def test_facts_after_the_title_in_their_order(in_width):
    entry = ENTRY._replace(
        matches=(*ENTRY.matches, Match("plans", "plan", "title", "plan", 90)),
        related=(Related("graphs", 9.0, 8.0, ()), Related("dolls", 9.0, 8.0, ())),
        context=None,
    )
    (line,) = lines_of(in_width, Section("", (entry,), 1, kind="new"), 220)
    assert line.endswith("2603.00001")
    facts = line.removesuffix("2603.00001").partition("Agents that plan")[2].strip()
    assert facts.split(" · ") == [
        *("agents, plans", "related to graphs, dolls", "code 7★", "6 comments"),
        *("Ada One et al.", "The Lab"),
    ]
    detailed = Section("agents", (entry,), 1, kind="new", detailed=True)
    assert "also plans · related to graphs" in "\n".join(lines_of(in_width, detailed, 220))


@pytest.mark.parametrize(("width", "end"), [(60, "Ada One and Bo Two"), (40, "Ada One et al.")])
def test_two_authors_are_shortened_where_both_names_do_not_fit(in_width, width, end):
    entry = BARE._replace(paper=BARE.paper._replace(authors=("Ada One", "Bo Two")))
    (line,) = lines_of(in_width, Section("", (entry,), 1, kind="new"), width)
    assert line.removesuffix("cran:12").rstrip().endswith(f"  {end}"), line


@pytest.mark.parametrize(
    ("before", "kind", "change"),
    [(None, "trending", "new"), (3, "trending", "↑2"), (1, "trending", "="), (3, None, "was 3")],
)
def test_how_a_rank_has_changed(in_width, before, kind, change):
    section = Section("", (BARE._replace(rank_before=before),), 1, kind=kind, compared=True)
    (line,) = lines_of(in_width, section, 60)
    assert line.startswith(f"1  {change}  Wing flow")
    lost = section._replace(entries=(BARE._replace(rank_before=9), BARE._replace(rank_before=1)))
    if kind:
        assert lines_of(in_width, lost, 60)[1].startswith("2  ↓1  Wing flow")


def test_the_text_of_a_card_is_eighty_wide_in_a_wide_terminal(in_width):
    note = f"{'a' * 36} {'b' * 37} {'c' * 40} {'d' * 40}"
    entry = BARE._replace(state=BARE.state._replace(note=note))
    report = REPORT._replace(sections=(Section("", (entry,), 1),))
    cards = DrawStyle(color=False, cards=True)
    lines = in_width(200, lambda out: write(report, "table", out, cards))
    assert f"  note: {'a' * 36} {'b' * 37}" in lines
    assert f"  {'c' * 40}" in lines


def test_columns_that_do_not_fit_leave_no_empty_lines(in_width):
    pairs = [("name", "x" * 30), ("", "y" * 30)]
    lines = in_width(20, lambda out: draw_pairs(pairs, out, PLAIN))
    assert "" not in lines
    assert lines[0] == "name"
    assert len(lines) == 5


@pytest.mark.parametrize(("width", "is_narrow"), [(68, False), (67, True)])
def test_a_calendar_is_narrow_if_days_of_eight_cells_do_not_fit(in_width, width, is_narrow):
    rows = [DayCoverage("arxiv", "cs.CL", DAY, "complete", 120)]
    lines = in_width(width, lambda out: draw_calendar(rows, {}, out, PLAIN))
    assert ("Mon     Tue" not in "\n".join(lines)) == is_narrow


@pytest.mark.parametrize(
    ("columns", "term", "width"),
    [("70", "dumb", 70), ("70", "unknown", 70), ("70", "xterm", 70), ("x", "dumb", 80)],
)
def test_the_width_of_a_terminal(monkeypatch, columns, term, width):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    with open("/dev/null") as nowhere, pytest.MonkeyPatch.context() as patch:
        for name in ("stdin", "stdout", "stderr"):
            patch.setattr(f"sys.{name}", nowhere)
        assert new_console(io.StringIO(), PLAIN).width == width


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
@pytest.mark.parametrize("name", ["stdin", "stdout", "stderr"])
def test_the_width_of_a_dumb_terminal_is_that_of_any_stream_on_it(monkeypatch, name):
    from fcntl import ioctl
    from termios import TIOCSWINSZ

    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("TERM", "dumb")
    terminal, inner = os.openpty()
    ioctl(inner, TIOCSWINSZ, struct.pack("HHHH", 40, 70, 0, 0))
    with open("/dev/null") as nowhere, open(inner) as stream, open(terminal):
        for each in ("stdin", "stdout", "stderr"):
            monkeypatch.setattr(f"sys.{each}", stream if each == name else nowhere)
        width = new_console(io.StringIO(), PLAIN).width
        monkeypatch.undo()
    assert width == 70


VERDICTS = [
    Explanation(
        ENTRY._replace(paper=ENTRY.paper._replace(title="A *title*")),
        (
            Verdict("agents", ENTRY.matches, (), None, (), matched=True),
            Verdict("a_b", (), ("graph", "node"), None, (), matched=False),
            Verdict("own", (), (), None, (), matched=False, others=("Ada One", "Lab")),
        ),
        (),
    )
]


def test_verdicts_in_other_formats():
    def lines(form):
        return "".join(verdict_lines(VERDICTS, form, NOW)).splitlines()

    assert lines("ids") == ["2603.00001"]
    assert lines("md") == [
        r"## A \*title\*",
        "",
        "- ● agents",
        "  - 'agent' matched 'Agents' in title, score 100",
        r"- ○ a\_b",
        "  - not found: graph, node",
        "- ○ own",
        "  - not by or from: Ada One, Lab",
        "",
    ]
    assert lines("csv") == [
        "id,title,topic,matched,reasons",
        "2603.00001,A *title*,agents,True,\"'agent' matched 'Agents' in title, score 100\"",
        '2603.00001,A *title*,a_b,False,"not found: graph, node"',
        '2603.00001,A *title*,own,False,"not by or from: Ada One, Lab"',
    ]


@pytest.mark.parametrize(
    ("measure", "start"),
    [
        ("stars", "7 stars · 45 upvotes (+42)"),
        ("comments", "6 comments · 45"),
        ("day", "2026-03-31 · 45"),
        ("rising", "score 8 · 45"),
        ("upvotes", "45 upvotes"),
    ],
)
def test_markdown_says_what_papers_are_ordered_by(measure, start):
    section = Section("A", (ENTRY._replace(score=7.51),), 1, measure=measure)
    text = shown(REPORT._replace(sections=(section,)), "md")
    assert f")  \n  {start}" in text


def test_results_of_checks_are_drawn_by_area_with_the_next_step(in_width):
    results = [
        CheckResult("Library", "ok", "1,000 papers"),
        CheckResult("Network", "problem", "arXiv failed", "try again"),
        CheckResult("Library", "warning", "no backup", "papertrack backup"),
    ]
    assert in_width(80, lambda out: draw_results(results, out, PLAIN)) == [
        "Library",
        "  ✓  1,000 papers",
        "  !  no backup",
        "     → papertrack backup",
        "Network",
        "  ✗  arXiv failed",
        "     → try again",
    ]


def test_a_progress_bar_shows_units_and_papers(monkeypatch):
    for name, value in {"COLUMNS": "100", "FORCE_COLOR": "1", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    out = io.StringIO()
    with bar(out, "Fetching", 3, "days", color=False) as update:
        update(2, 1234)
    assert " 2/3 days 1,234 papers  -:--:--" in out.getvalue()
    assert out.getvalue().count("Fetching ") >= 1
    out = io.StringIO()
    with download_bar(out, "Loading", color=False) as update:
        update(1000, 2000)
    assert "Loading " in out.getvalue()
    assert "1.0/2.0 kB" in out.getvalue()


def test_titles_and_ids_are_links_only_if_links_are_on(in_width, monkeypatch):
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm-256color"}.items():
        monkeypatch.setenv(name, value)
    report = REPORT._replace(sections=(Section("", (ENTRY,), 1),))
    for links in (True, False):
        style = DrawStyle(color=True, links=links)
        text = "\n".join(in_width(100, lambda out, style=style: write(report, "table", out, style)))
        assert (";https://huggingface.co/papers/2603.00001\x1b\\" in text) == links


@pytest.mark.parametrize("url", ["https://example.org/\u00e9", "https://example.org/\x07"])
def test_an_address_that_a_terminal_would_misread_is_no_link(in_width, monkeypatch, url):
    monkeypatch.setenv("FORCE_COLOR", "1")
    entry = BARE._replace(paper=BARE.paper._replace(id="feed:1", project_url=url))
    report = REPORT._replace(sections=(Section("New", (entry,), 1),))
    style = DrawStyle(color=True, links=True)
    text = "\n".join(in_width(100, lambda out: write(report, "table", out, style)))
    assert url not in text
    assert "Wing flow" in text
