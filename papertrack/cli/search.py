"""Arguments of `search` that begin with a dash, and searching on Hugging Face."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from typer.core import TyperCommand

from papertrack.cli.session import Session
from papertrack.display import FORMATS
from papertrack.errors import UsageError
from papertrack.models import Failure, Report

if TYPE_CHECKING:
    from papertrack.searching.query import Filter

# A dash and at least two characters. -fjson and the like remain the option --format.
_EXCLUDED = re.compile(rf"-(?!f=?(?:{'|'.join(FORMATS)})$)[^-].+", re.DOTALL)


class SearchCommand(TyperCommand):
    """A command that treats -word as a word to exclude, not as options."""

    excluded = _EXCLUDED

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse arguments as typer does, with the excluded words moved after `--`."""
        end = args.index("--") if "--" in args else len(args)
        options, words = args[:end], args[end + 1 :]
        excluded = [argument for argument in options if self.excluded.fullmatch(argument)]
        options = [argument for argument in options if argument not in excluded]
        return super().parse_args(ctx, [*options, "--", *words, *excluded])


class FilterCommand(SearchCommand):
    """A command that treats -venue:ICML as a filter to exclude, not as options."""

    excluded = re.compile(r"-[a-zA-Z_]{2,}:.+", re.DOTALL)


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
