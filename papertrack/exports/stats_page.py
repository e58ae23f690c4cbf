"""The HTML page of `stats`: bars and curves as inline SVG, with the same numbers as tables.

It needs no script and no other file. Its style is that of the page of papers with a few rules of
its own, allowed by hash.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from papertrack.exports.page import inline_asset, inline_hash
from papertrack.exports.templating import built_in
from papertrack.results import LibraryStats, WeekStats

_CHART_WIDTH, _CHART_HEIGHT = 640, 160  # of the bars, in SVG units
_CURVE_WIDTH, _CURVE_HEIGHT = 200, 36
_GAP = 0.25  # between bars, in parts of the width of a week


class WeekBar(NamedTuple):
    """The bar of a week: its place and width, the heights of all papers and of matching papers."""

    week: WeekStats
    x: float
    width: float
    height: float
    matching: float


class TopicCurve(NamedTuple):
    """A topic: its share of the papers of all weeks and of the last, and the path of its curve."""

    name: str
    papers: int
    share: float
    last_share: float
    path: str


def render_stats(stats: LibraryStats, now: datetime) -> Iterator[str]:
    """The page as text, in pieces."""
    style = inline_asset("page.css") + inline_asset("stats.css")
    rising = stats.rising
    context: dict[str, Any] = {
        "stats": stats,
        "bars": _bars(stats.weeks),
        "chart": (_CHART_WIDTH, _CHART_HEIGHT),
        "curves": _curves(stats.weeks),
        "curve_size": (_CURVE_WIDTH, _CURVE_HEIGHT),
        "total": sum(week.papers for week in stats.weeks),
        "matching": sum(week.matching for week in stats.weeks),
        "baseline_days": (rising.baseline.last - rising.baseline.first).days + 1,
        "highest_z": max((term.z for term in rising.terms), default=1.0),
        "written": now.astimezone(UTC),
        "style": style,
        "policy": f"default-src 'none'; style-src '{inline_hash(style)}'; base-uri 'none'; "
        "form-action 'none'",
    }
    return built_in("stats.html.j2").generate(context)


def _bars(weeks: Sequence[WeekStats]) -> list[WeekBar]:
    most = max((week.papers for week in weeks), default=0) or 1
    step = _CHART_WIDTH / (len(weeks) or 1)
    return [
        WeekBar(
            week,
            round(number * step + step * _GAP / 2, 1),
            round(step * (1 - _GAP), 1),
            round(_CHART_HEIGHT * week.papers / most, 1),
            round(_CHART_HEIGHT * week.matching / most, 1),
        )
        for number, week in enumerate(weeks)
    ]


def _curves(weeks: Sequence[WeekStats]) -> list[TopicCurve]:
    total = sum(week.papers for week in weeks) or 1
    curves = []
    for position, (name, _) in enumerate(weeks[0].by_topic if weeks else ()):
        counts = [(week.by_topic[position][1], week.papers) for week in weeks if week.papers]
        shares = [matching / papers for matching, papers in counts]
        papers = sum(matching for matching, _ in counts)
        last = shares[-1] if shares else 0.0
        curves.append(TopicCurve(name, papers, papers / total, last, _path(shares)))
    return curves


def _path(shares: Sequence[float]) -> str:
    """The path of an SVG curve from 0 at the bottom to the highest share at the top."""
    highest = max(shares, default=0.0) or 1.0
    step = _CURVE_WIDTH / (len(shares) - 1 or 1)
    points = (
        f"{number * step:.1f} {_CURVE_HEIGHT - _CURVE_HEIGHT * share / highest:.1f}"
        for number, share in enumerate(shares)
    )
    return f"M{' '.join(points)}" if shares else ""
