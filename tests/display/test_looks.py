"""All output is the same as in `looks/`, including spaces and colors.

`python tests/display/test_looks.py` regenerates those files; read the differences before a commit.
"""

import io
import json
import re
import time
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from reports import BARE, DAY, ENTRY, FULL, NOW, REPORT, shown

from papertrack.calendar import Span
from papertrack.display import DrawStyle, write
from papertrack.display.attempts import draw_attempts
from papertrack.display.coverage import draw_calendar, draw_sources
from papertrack.display.doctor import draw_results
from papertrack.display.pairs import draw_pairs
from papertrack.display.progress import _rate, bar
from papertrack.display.stats import draw_stats, stats_lines
from papertrack.display.structured import envelope
from papertrack.display.suggestions import draw_suggestions, suggestion_lines
from papertrack.display.tabular import row_lines
from papertrack.display.trial import draw_trial, trial_lines
from papertrack.display.verdicts import draw_topics, draw_verdicts, topic_lines, verdict_lines
from papertrack.errors import LibraryDamaged, LibraryError
from papertrack.events import VERSION, WITHDRAWN
from papertrack.models import (
    Entry,
    Match,
    Observation,
    Paper,
    PaperEvent,
    PaperListing,
    Reasons,
    Related,
    State,
    TextChange,
    Topic,
)
from papertrack.results import (
    CheckResult,
    DayCoverage,
    Explanation,
    LibraryStats,
    ReadingStats,
    RisingTerm,
    SourceStatus,
    Standing,
    SuggestedTerm,
    Suggestion,
    TermTrends,
    TrialPaper,
    TrialWeek,
    Verdict,
    WeekStats,
)

LOOKS = Path(__file__).with_name("looks")
PROGRAMS = ("plain", "json", "jsonl")
LISTED = tuple(PaperListing("mine", date(2026, 3, day)) for day in (30, 31))


def _entry(number, title, *, upvotes=None, stars=None, **more):
    counts = () if upvotes is None else (Observation(NOW, upvotes, None, stars),)
    paper = Paper(f"2603.{number:05}", title, code_url=more.pop("code", None))
    return Entry(paper, NOW, listings=LISTED, observations=counts, **more)


# Papers with different sets of fields.
VARIED = REPORT._replace(
    headline="",
    sections=(
        REPORT.sections[0]._replace(
            title="",
            kind=None,
            total=7,
            matched=6,
            entries=(
                ENTRY._replace(state=State(read=True)),
                _entry(2, "Related alone", related=ENTRY.related, upvotes=1234, gained=-3),
                _entry(3, "Starred alone " * 12, state=State(starred=True), upvotes=0, gained=0),
                _entry(
                    4,
                    "With code",
                    code="https://github.com/o/b",
                    context="word " * 60,
                    score=7.25,
                    reasons=Reasons(("plan", "by Ada One"), ("2603.00001",), ("doll", "toy")),
                ),
                _entry(5, "With starred code", upvotes=5, stars=12345, code="https://a.example/"),
                BARE._replace(paper=BARE.paper._replace(id="doi:10.1234/" + "long" * 12)),
                _entry(6, "Of another year")._replace(
                    listings=(PaperListing("mine", date(2025, 12, 31)),)
                ),
            ),
        ),
    ),
    words=frozenset({"alone", "word"}),
)
ONCE = ENTRY._replace(
    paper=FULL._replace(updated=FULL.submitted, version=1, announced=None),
    gained=None,
    observations=(
        Observation(NOW.replace(hour=8)),
        Observation(NOW.replace(hour=9), 3, None, None),
    ),
    listings=(PaperListing("arxiv", date(2026, 3, 29)),),
    claims=ENTRY.claims[:1],
    state=State(read=True),
    context=None,
    events=(
        PaperEvent(
            "", NOW, VERSION, "3", changes=(TextChange("title", "Agents plan", "Agents that plan"),)
        ),
        PaperEvent("", NOW, WITHDRAWN),
    ),
)
TWICE = ONCE._replace(
    observations=(Observation(NOW.replace(hour=9), 3), Observation(NOW.replace(hour=11), 5, 0, 0)),
    gained=2,
)
UNCOUNTED = TWICE._replace(observations=(Observation(NOW, None, 3, None),), gained=None)
NOTED = BARE._replace(state=State(note="Read *again* & think."))
CARDS = REPORT._replace(
    sections=(REPORT.sections[0]._replace(entries=(ENTRY, ONCE, TWICE, UNCOUNTED, NOTED)),),
    sample=True,
)


def _in_terminal(width, draw):
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"COLUMNS": width, "FORCE_COLOR": 1, "TERM": "xterm-256color"}.items():
            patch.setenv(name, str(value))
        patch.delenv("NO_COLOR", raising=False)
        out = io.StringIO()
        draw(out)
        return out.getvalue()


def _table(report, width, **style):
    return _in_terminal(width, lambda out: write(report, "table", out, DrawStyle(**style)))


def _reports():
    sample = REPORT._replace(sample=True)
    for width in (24, 60, 80, 119, 120, 159, 160):
        yield f"table-{width}", lambda width=width: _table(REPORT, width)
        yield f"varied-{width}", lambda width=width: _table(VARIED, width)
    yield "table-sample", lambda: _table(sample, 100)
    yield "table-colourless", lambda: _table(VARIED, 100, color=False)
    yield "table-cards", lambda: _table(CARDS, 100, cards=True)
    yield "table-cards-own", lambda: _table(CARDS._replace(sample=False), 50, cards=True)
    for form in ("plain", "md"):
        yield f"{form}-cards", lambda form=form: shown(CARDS, form, cards=True)
    for form in (*PROGRAMS, "ids", "md", "csv"):
        yield f"report-{form}", lambda form=form: shown(REPORT, form)
        yield f"varied-{form}", lambda form=form: shown(VARIED, form)
        yield f"sample-{form}", lambda form=form: shown(sample, form)


def _trial_paper(number, *, match=None, **more):
    return TrialPaper(f"2603.{number:05}", f"Title {number}", DAY, match, **more)


MATCH = Match("agents", "agent", "abstract", "agents of " + "many " * 12, 95)
RELATED = Related("agents", 9.5, 8.25, ("node", "edge"))
COUNTS = (9, 8, 0, 1, 2, 3, 4, 5, 400, 1000, 7, 8, 9, 3)
WEEKS = [
    TrialWeek(date.fromordinal(DAY.toordinal() - 1 - 7 * back), n, r)
    for back, n, r in zip(range(13, -1, -1), COUNTS, range(14), strict=True)
]


def _trial(**more):
    """A stand-in for Trial with fixed averages, which Trial computes from its papers."""
    fields = {
        "topic": Topic("agents", any=("agent",), breadth="related", threshold=85),
        "present": Topic("agents", any=("agents",)),
        "sent": [_trial_paper(number, match=MATCH) for number in range(1001)],
        "weeks": WEEKS,
        "a_week": 3.456,
        "new": [_trial_paper(number, match=MATCH) for number in range(11)],
        "lost": [_trial_paper(number, why_not="not found: agent") for number in range(10)],
        "near": [_trial_paper(1, match=MATCH, why_not="under 90")],
        "at_thresholds": ((80, 1200), (90, 7)),
        "related": [
            _trial_paper(2, related=RELATED),
            _trial_paper(3, related=RELATED._replace(words=())),
        ],
        "related_new": [_trial_paper(2, related=RELATED)],
        "related_lost": [_trial_paper(4, related=RELATED)],
        "related_a_week": 0.126,
        "note": "A note.",
    }
    return SimpleNamespace(**fields | more)


NARROW = {
    "topic": Topic("graphs", any=("graph",)),
    "present": None,
    "weeks": WEEKS[2:3],
    "related_new": [],
    "related_lost": [],
    "note": "",
}
TRIALS = {
    "trial": _trial(),
    "trial-narrow": _trial(**NARROW, sent=[], new=[], lost=[], near=[], related=[]),
    "trial-nothing": _trial(**NARROW | {"weeks": []}, at_thresholds=()),
}


def _trials():
    draw = partial(draw_trial, TRIALS["trial"], draw_style=DrawStyle())
    yield "trial-30", lambda: _in_terminal(30, draw)
    for name, trial in TRIALS.items():
        yield (
            name,
            lambda trial=trial: _in_terminal(70, lambda out: draw_trial(trial, out, DrawStyle())),
        )
        for form in PROGRAMS:
            yield (
                f"{name}-{form}",
                lambda form=form, trial=trial: "".join(trial_lines(trial, form, NOW)),
            )


def _term(phrase, papers, other_papers, *ids):
    return SuggestedTerm(phrase, papers, other_papers, 2.345, ids)


SUGGESTIONS = (
    Suggestion(
        *("topic", "agents", "papertrack topics add agents"),
        [_term("agent", 1234, 2345, "a", "b", "c", "d"), _term("plan", 2, 0, "e")],
        "{name: agents, any: [agent, plan]}",
    ),
    Suggestion("none", "doll", "papertrack topics edit", [_term("doll", 1, 1, "f")]),
    Suggestion(
        *("any", "tool use", "papertrack topics edit agents"),
        [
            _term("tool use", 8, 4, "g")._replace(
                adds=4, titles=("A title", "Long " * 20, "Third", "Not shown")
            )
        ],
    ),
)


def _suggestions():
    yield (
        "suggestions",
        lambda: _in_terminal(
            40, lambda out: draw_suggestions(SUGGESTIONS, "Suggestions for you", out, DrawStyle())
        ),
    )
    for form in PROGRAMS:
        yield (
            f"suggestions-{form}",
            lambda form=form: "".join(suggestion_lines(SUGGESTIONS, form, NOW)),
        )


def _verdict(topic, *, matched, **more):
    fields = {"matches": (), "missing": (), "excluded_by": None, "outside": ()} | more
    return Verdict(topic=topic, matched=matched, **fields)


EXPLANATIONS = (
    Explanation(
        ENTRY,
        (
            _verdict("agents", matched=True, matches=(MATCH, MATCH._replace(score=100))),
            _verdict("graphs", matched=False, missing=("graph", "node"), outside=("math", "cs.LG")),
            _verdict("dolls", matched=False, matches=(MATCH,), excluded_by=MATCH),
        ),
        (RELATED, RELATED._replace(topic="graphs"), RELATED._replace(topic="dolls")),
        Standing(1234, 5678, Reasons(("plan", "by Ada One"), ("2603.00009",), ("doll",))),
    ),
    Explanation(BARE, (_verdict("graphs", matched=False, outside=("math",)),)),
)
TOPICS = (
    Topic("agents", any=("agent", "plan"), none=("doll",), threshold=80, breadth="related"),
    Topic("graphs", all=("graph",), when=("new", "code")),
)


def _topics():
    for form in PROGRAMS:
        yield f"topics-{form}", lambda form=form: "".join(topic_lines(TOPICS, form, NOW))
    for form in (*PROGRAMS, "md"):
        yield f"verdicts-{form}", lambda form=form: "".join(verdict_lines(EXPLANATIONS, form, NOW))


STATES = ("complete", "partial", "failed", "missing", "quiet")
COVERAGE = [
    DayCoverage(source, category, date(2026, 3, day), state, n)
    for source, category, first in (("arxiv", "cs.CL", 12), ("mine", "", 25))
    for day, state, n in zip(range(first, first + 5), STATES, (120, 3, 0, 0, 0), strict=True)
]
SOURCES = [
    SourceStatus(name, title, on, categories, gaps=gaps, papers=papers)
    for name, title, on, categories, gaps, papers in (
        ("huggingface", "Hugging Face Daily Papers", True, (), 2, 12345),
        ("arxiv", "arXiv", True, ("cs.CL", "cs.AI"), 0, 0),
        ("biorxiv", "bioRxiv", False, ("cell biology " * 8,), 0, 1),
    )
]
ATTEMPTS = [
    {"at": NOW, "channel": "mail", "outcome": outcome, "papers": papers, "problem": problem}
    for outcome, papers, problem in (
        ("delivered", ("a", "b", "c"), None),
        ("failed", ("a", "b", "c", "d", "e"), "the server says no"),
        ("unknown", (), ""),
        ("other", ("a",), None),
    )
]

SPAN = Span(date(2026, 3, 9), DAY)
TERMS = (
    RisingTerm("test-time training", 12, 3, 4.567),
    RisingTerm("long " * 20, 3, 0, 2.0),
    RisingTerm("n" * 30, 3, 0, 2.0),
    RisingTerm("n" * 31, 3, 0, 2.0),
)
RISING = TermTrends(SPAN, Span(date(2025, 12, 9), date(2026, 3, 8)), 120, 900)
EMPTY_STATS = LibraryStats(
    SPAN, 1, (WeekStats(SPAN.first, 0, 0, (("agents", 0),)),), RISING, ReadingStats(), ()
)
STATS = LibraryStats(
    SPAN,
    12345,
    tuple(
        WeekStats(date(2026, 3, day), papers, matching, (("agents", matching), ("graphs", 0)))
        for day, papers, matching in ((9, 80, 20), (16, 0, 0), (23, 1234, 1), (30, 3, 3))
    ),
    RISING._replace(terms=TERMS),
    ReadingStats(12, 30, 4, 5, 6, 1234),
    tuple(SOURCES),
)

NO_STATS = LibraryStats(SPAN, 0, (), RISING, ReadingStats(), (), "No paper is stored.")
ONLY_HIDDEN = ReadingStats(hidden=1, tagged=0)
LIBRARIES = {
    "stats": STATS,
    "stats-empty": EMPTY_STATS,
    "stats-none": NO_STATS,
    "stats-note": STATS._replace(
        weeks=(), note="No paper was listed " + "in that time " * 9, reading=ONLY_HIDDEN
    ),
}


def _stats():
    for name, stats in LIBRARIES.items():
        for width in (40, 90):
            yield (
                f"{name}-{width}",
                lambda stats=stats, width=width: _in_terminal(
                    width, lambda out: draw_stats(stats, out, DrawStyle())
                ),
            )
        for form in PROGRAMS:
            yield (
                f"{name}-{form}",
                lambda stats=stats, form=form: "".join(stats_lines(stats, form, NOW)),
            )


def _other_results():
    titles = {"arxiv": "arXiv"}
    for width in (40, 90):
        yield (
            f"calendar-{width}",
            lambda width=width: _in_terminal(
                width, lambda out: draw_calendar(COVERAGE, titles, out, DrawStyle())
            ),
        )
        yield (
            f"sources-{width}",
            lambda width=width: _in_terminal(
                width, lambda out: draw_sources(SOURCES, ("2 h ago", "", ""), out, DrawStyle())
            ),
        )
        yield (
            f"attempts-{width}",
            lambda width=width: _in_terminal(
                width, lambda out: draw_attempts(ATTEMPTS, NOW, out, DrawStyle())
            ),
        )
        yield (
            f"topics-{width}",
            lambda width=width: _in_terminal(
                width, lambda out: draw_topics(TOPICS, out, DrawStyle())
            ),
        )
        yield (
            f"verdicts-{width}",
            lambda width=width: _in_terminal(
                width, lambda out: draw_verdicts(EXPLANATIONS, out, DrawStyle())
            ),
        )
    yield (
        "attempts-none",
        lambda: _in_terminal(40, lambda out: draw_attempts([], NOW, out, DrawStyle())),
    )
    yield (
        "doctor",
        lambda: _in_terminal(40, lambda out: draw_results(CHECKS, out, DrawStyle())),
    )
    yield (
        "pairs",
        lambda: _in_terminal(
            40, lambda out: draw_pairs([("a", "1"), ("long name", "2")], out, DrawStyle())
        ),
    )
    for form in (*PROGRAMS, "csv"):
        yield f"rows-{form}", lambda form=form: "".join(row_lines("coverage", ROWS, form, NOW))
        yield f"rows-none-{form}", lambda form=form: "".join(row_lines("coverage", [], form, NOW))


CHECKS = [
    CheckResult("library", "ok", "12 papers in a folder that is written with many words"),
    CheckResult("sources", "problem", "arXiv did not respond", "papertrack fetch"),
    CheckResult("library", "warning", "no backup", "papertrack library backup"),
]
ROWS = [
    {"name": "é", "day": DAY, "at": NOW, "on": True, "many": ("a", "b"), "none": None, "n": 0},
    {"name": "=1", "day": None, "at": NOW, "on": False, "many": (), "none": "", "n": 12},
]

OUTPUTS = {
    name: draw
    for part in (_reports, _trials, _suggestions, _topics, _stats, _other_results)
    for name, draw in part()
}


def _output(name):
    """An output with visible escape characters."""
    return OUTPUTS[name]().replace("\x1b", "␛")


@pytest.fixture(autouse=True)
def _utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.mark.parametrize("name", OUTPUTS)
def test_output_is_unchanged(name):
    assert _output(name) == (LOOKS / f"{name}.txt").read_text(encoding="utf-8")


def test_each_golden_text_belongs_to_an_output():
    assert {path.stem for path in LOOKS.iterdir()} == {*OUTPUTS}


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (LibraryDamaged("x is damaged", "why"), "damaged"),
        (LibraryError("cannot read x", "why"), "unreadable"),
    ],
)
def test_json_is_completed_with_the_error_if_the_library_cannot_be_read(error, kind):
    def rows():
        yield {"a": 1}
        raise error

    with pytest.raises(type(error)):
        list(envelope("list", NOW, rows()))
    pieces = list(_until_raised(envelope("list", NOW, rows(), notes=["A note."])))
    assert json.loads("".join(pieces)) == {
        "schema": 1,
        "command": "list",
        "generated_at": "2026-03-31T18:00:00Z",
        "headline": "",
        "data": [{"a": 1}],
        "errors": [{"source": "library", "kind": kind, "message": error.what}],
        "notes": ["A note."],
    }


def _until_raised(pieces):
    with suppress(LibraryError):
        yield from pieces


@pytest.mark.parametrize(
    ("done", "seconds", "rate"),
    [
        (0, 9, ""),
        (5, 0.9, ""),
        (5, 1, "5.0/s"),
        (3, 3, "1.0/s"),
        (1, 1.25, "48/min"),
        (1, 60, "1/min"),
    ],
)
def test_a_rate_is_per_second_or_below_one_per_minute(done, seconds, rate):
    assert _rate(done, seconds) == rate


@pytest.mark.parametrize("color", [True, False])
def test_a_bar_shows_the_progress_and_disappears(monkeypatch, color):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.delenv("NO_COLOR", raising=False)
    err = io.StringIO()
    with bar(err, "fetching", 5, "days", color=color) as update:
        update(2, 1234)
    lines = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", err.getvalue())
    assert re.search(r"fetching .*2/5 days 1,234 papers", lines)
    assert err.getvalue().endswith("\x1b[2K")  # clears the line
    assert ("\x1b[3" in err.getvalue()) is color


def test_a_bar_shows_neither_papers_nor_a_rate_before_there_are_any(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    err = io.StringIO()
    with bar(err, "fetching", 5, "days", color=False) as update:
        update(1, 0)
    lines = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", err.getvalue())
    assert re.search(r"0/5 days\s+-:--:--", lines)
    assert re.search(r"1/5 days\s+[-\d]:", lines)


def test_a_bar_has_no_colours_if_the_environment_disables_them(monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    err = io.StringIO()
    with bar(err, "fetching", 5, "days", color=True) as update:
        update(2, 1234)
    assert "\x1b[3" not in err.getvalue()


if __name__ == "__main__":
    LOOKS.mkdir(exist_ok=True)
    for name in OUTPUTS:
        (LOOKS / f"{name}.txt").write_text(_output(name), encoding="utf-8")
