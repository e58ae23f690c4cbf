"""The command `trending`: rank stored papers.

This command must start fast, so this module does not import typer (see `fast_path`). The typer
command in `papers` only fills in `TrendingOptions`.
"""

import sys
from typing import Literal, NamedTuple, get_args

from papertrack.calendar import Span, parse_day, utc_day
from papertrack.cli.fast_path import Grammar
from papertrack.cli.session import Session, choose_format, limit_for
from papertrack.display import HUMAN_FORMATS, Format
from papertrack.models import Report
from papertrack.tracker.editions import EditionRequest

Window = Literal["1d", "7d", "30d", "90d"]
RankedBy = Literal["rising", "upvotes", "stars", "comments", "late", "code"]
_LIMIT = 20  # papers shown by default in the formats for people, and in feeds


class TrendingOptions(NamedTuple):
    """The options of `trending`, as typed."""

    window: Window | None = None
    by: RankedBy = "rising"
    weekly: bool = False
    topic: str | None = None
    source: str | None = None
    limit: int | None = None
    format: str = "auto"


GRAMMAR = Grammar(
    texts={
        "--window": "window",
        "--by": "by",
        "--topic": "topic",
        "-t": "topic",
        "--source": "source",
        "--format": "format",
        "-f": "format",
    },
    numbers={"--limit": "limit"},
    flags={"--weekly": "weekly"},
    choices={"--window": get_args(Window), "--by": get_args(RankedBy)},
)


def run(options: TrendingOptions, session: Session) -> int:
    """Run the command and return its exit code. Raises UsageError, ConfigError, LibraryError."""
    is_feed = options.format == "atom"
    form: Format = "plain" if is_feed else choose_format(options.format)
    last = utc_day(session.now)
    days = options.window or ("30d" if options.by == "late" or options.weekly else "7d")
    request = EditionRequest(
        span=Span(parse_day(f"{int(days[:-1]) - 1}d", last), last),
        topic=options.topic,
        source=options.source,
        trending_limit=limit_for(form, options.limit, _LIMIT),
        full=is_feed or form not in HUMAN_FORMATS,
        rankings=() if is_feed else session.config.sources.rankings,
    )
    from papertrack.tracker.rankings import trending

    # Pipes and imports get only stored papers.
    others = form in ("table", "md", "json")
    tracker = session.tracker()
    report = trending(tracker, request, options.by, weekly=options.weekly, others=others)
    return _write_feed(report, options) if is_feed else session.show(report, form)


def _write_feed(report: Report, options: TrendingOptions) -> int:
    from papertrack import exports
    from papertrack.cli.export_files import TRENDING

    # The id of a feed follows from its title, so that it is another feed for each measure.
    by, topic = options.by, options.topic
    words = (TRENDING, f"by {by}" if by != "rising" else "", topic and f"on {topic}")
    title = " ".join(filter(None, words))
    sys.stdout.writelines(exports.render("atom", report, title=title))
    return 0
