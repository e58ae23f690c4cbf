"""How the words of a search are told from options, and what a search elsewhere brought."""

import re
from typing import Any, NamedTuple

from typer.core import TyperCommand

from papertrack.cli.session import Session
from papertrack.display import FORMATS
from papertrack.errors import UsageError
from papertrack.models import Failure, Report

# One dash and more than a letter; -fjson is the option it always was.
_LEFT_OUT = re.compile(rf"-(?!f=?(?:{'|'.join(FORMATS)})$)[^-].+", re.DOTALL)


class SearchCommand(TyperCommand):
    """Takes -word for a word to leave out, where other commands would look for options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer does, with what is to be left out behind the other arguments."""
        end = args.index("--") if "--" in args else len(args)
        options, words = args[:end], args[end + 1 :]
        left_out = [one for one in options if _LEFT_OUT.fullmatch(one)]
        rest = [one for one in options if one not in left_out]
        return super().parse_args(ctx, [*rest, "--", *words, *left_out])


class OnlineResult(NamedTuple):
    """What a search elsewhere brought into the library: in words, or why it did not."""

    note: str
    failures: tuple[Failure, ...]

    def in_report(self, report: Report) -> Report:
        """A report on the library that says so."""
        notes = (*report.notes, *([self.note] if self.note else []))
        failed = bool(self.failures)
        return report._replace(notes=notes, failures=self.failures, all_failed=failed)


def search_online(session: Session, text: str, deadline: float | None) -> OnlineResult:
    """Let Hugging Face search for the words of a query, and store what comes. Raises UsageError
    for a query of filters alone.
    """
    from papertrack.cli.refresh import find_papers
    from papertrack.searching.query import parse
    from papertrack.tracker.wording import count

    words = " ".join(parse(text).words)
    if not words:
        raise UsageError(
            "--online needs words to look for", next_step="Hugging Face knows no filters"
        )
    found = find_papers(session, words, deadline)
    if found.failures:
        return OnlineResult("", found.failures)
    return OnlineResult(
        f"Hugging Face found {count(len(found.ids), 'paper')}, {found.new:,} new", ()
    )
