"""The command `search`, and searching on Hugging Face.

This command must start fast, so this module does not import typer (see `fast_path`). The typer
command in `papers` only fills in `SearchOptions`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from papertrack.cli.fast_path import Grammar
from papertrack.cli.session import Session, choose_format, limit_for
from papertrack.errors import UsageError
from papertrack.models import Failure, Report

if TYPE_CHECKING:
    from papertrack.searching.query import Filter

ResultOrder = Literal["relevance", "newest", "oldest", "upvotes"]
_LIMIT = 20  # papers shown by default in the formats for people


class SearchOptions(NamedTuple):
    """The words and options of `search`, as typed."""

    query: tuple[str, ...] = ()
    since: str | None = None
    online: bool = False
    deadline: float | None = None
    sort: ResultOrder = "relevance"
    limit: int | None = None
    format: str = "auto"


GRAMMAR = Grammar(
    texts={"--since": "since", "--sort": "sort", "--format": "format", "-f": "format"},
    numbers={"--limit": "limit"},
    seconds={"--deadline": "deadline"},
    flags={"--online": "online"},
    choices={"--sort": get_args(ResultOrder)},
    words="query",
)


def run(options: SearchOptions, session: Session) -> int:
    """Run the command and return its exit code. Raises UsageError, ConfigError, LibraryError."""
    from papertrack.cli.date_ranges import parse_range
    from papertrack.tracker.search import search

    form = choose_format(options.format)
    first, _ = parse_range(session, options.since, None)
    limit, text = limit_for(form, options.limit, _LIMIT), " ".join(options.query)
    online = search_online(session, text, options.deadline) if options.online else None
    order = None if options.sort == "relevance" else options.sort
    report = search(session.tracker(), text, first, limit, order)
    return session.show(online.in_report(report) if online else report, form)


def parse_filters(texts: Sequence[str]) -> "tuple[Filter, ...]":
    """Parse the filters of a command that takes no words. Raises UsageError for a word."""
    from papertrack.searching.query import parse_query

    query = parse_query(" ".join(texts))
    if query.words or query.excluded:
        words = " ".join(query.words or query.excluded[0])
        raise UsageError(
            f"{words!r} is not a filter such as venue:ICML; `papertrack search` takes words",
            next_step="see `papertrack list --help`",
        )
    return query.filters


class OnlineResult(NamedTuple):
    """The result of a search on Hugging Face: a note for the report, or failures."""

    note: str
    failures: tuple[Failure, ...]

    def in_report(self, report: Report) -> Report:
        """Return a report with this result added to its notes and failures."""
        notes = (*report.notes, self.note) if self.note else report.notes
        all_failed = bool(self.failures)
        return report._replace(notes=notes, failures=self.failures, all_failed=all_failed)


def search_online(session: Session, text: str, deadline: float | None) -> OnlineResult:
    """Search on Hugging Face for the words of a query, and store the papers.

    Raises UsageError if the query has only filters.
    """
    from papertrack.cli.refresh import find_papers
    from papertrack.searching.query import parse_query
    from papertrack.tracker.wording import count

    words = " ".join(parse_query(text).words)
    if not words:
        raise UsageError(
            "--online needs words", "Hugging Face does not support filters", "add a word"
        )
    result = find_papers(session, words, deadline)
    if result.failures:
        return OnlineResult("", result.failures)
    note = f"Hugging Face found {count(len(result.ids), 'paper')}, {result.new:,} new"
    return OnlineResult(note, ())
