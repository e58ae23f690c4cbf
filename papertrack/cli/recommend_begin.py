"""`recommend --begin`: a few papers to judge, one after another, on a terminal."""

import sys
from collections.abc import Callable, Sequence

from papertrack.cli.session import Session
from papertrack.display import DrawStyle, write
from papertrack.errors import UsageError
from papertrack.models import Entry, Report, Section
from papertrack.tracker.beginning import papers_to_judge, split_answers, store_answers
from papertrack.tracker.wording import count

_PROMPT = "y star · n hide · s skip · u undo the last answer · q stop, then Enter: "
_WORDS = {"": "s", "yes": "y", "no": "n", "skip": "s", "undo": "u", "quit": "q"}
_IN_COMMANDS = "papertrack star ID, or papertrack import refs.bib --as-starred"


def begin(session: Session) -> int:
    """Let the reader judge papers, and store the answers at the end, as a single change.

    Raises UsageError if there is no terminal, LibraryBusy and LibraryError.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("recommend --begin needs a terminal", "", f"elsewhere: {_IN_COMMANDS}")
    tracker = session.tracker()
    entries = papers_to_judge(tracker)
    if not entries:
        session.inform("no unread papers of the last 30 days are stored", "first: papertrack fetch")
        return 0

    def show(number: int) -> None:
        section = Section("", (entries[number],), 1)
        report = Report("recommend", session.now, "", (section,))
        sys.stdout.write(f"{number + 1} of {len(entries)}\n")
        write(report, "table", sys.stdout, DrawStyle(session.options.color, cards=True))

    stars, hides = split_answers(entries, judge(entries, show, _ask))
    changed = store_answers(tracker.library, stars, hides, session.now)
    undo = ("undo: papertrack undo",) if changed else ()
    session.inform(f"{count(len(stars), 'paper')} starred, {len(hides):,} hidden", *undo)
    if stars:
        session.inform("papertrack recommend ranks by them: the more stars, the better")
    return 0


def judge(
    entries: Sequence[Entry], show: Callable[[int], None], ask: Callable[[], str]
) -> list[str]:
    """The answers for the first papers: "y", "n" or "s" each, as far as the reader went.

    `show` shows the paper of a position, and `ask` returns what the reader typed.
    """
    answers: list[str] = []
    while len(answers) < len(entries):
        show(len(answers))
        answer = ""
        while answer not in ("y", "n", "s", "u", "q"):
            typed = ask().strip().lower()
            answer = _WORDS.get(typed, typed)
        if answer == "q":
            break
        if answer == "u":
            answers[-1:] = []
        else:
            answers.append(answer)
    return answers


def _ask() -> str:
    sys.stdout.write(_PROMPT)
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        sys.stdout.write("\n")
    return line or "q"
