"""What happens to a starred paper: events, found by comparing it before and after a fetch.

`events_between` is the entry point; `describe` and `word_changes` put an event into words.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from papertrack import facts
from papertrack.calendar import utc_day
from papertrack.events import CODE, DOUBLED, LEAST_DOUBLED, PUBLISHED, VERSION, WITHDRAWN
from papertrack.merge import provenance
from papertrack.models import Entry, PaperEvent, TextChange
from papertrack.text import readable

_CONTEXT = 4  # words around a change
_CODE_FIELDS = ("code_url", "comment", "abstract")  # that may name the code


class Followed(NamedTuple):
    """What is known of a starred paper: since when, from which sources, and with which upvotes.

    A source that says more than before only because it was never asked is no news. `upvotes` are
    those of the star or of the last doubling, `revised` is the time of the last new version, and
    `checked` when each source was last asked for this paper.
    """

    since: datetime
    sources: tuple[str, ...] = ()
    upvotes: int | None = None
    revised: datetime | None = None
    checked: tuple[tuple[str, datetime], ...] = ()


def follow(entry: Entry, at: datetime) -> Followed:
    """What is known of a paper when it is starred."""
    return updated(entry, Followed(at, upvotes=_upvotes(entry)), ())


def events_between(
    before: Entry, after: Entry, followed: Followed, at: datetime
) -> list[PaperEvent]:
    """The events of a paper between two states of its entry, the gravest first."""
    occurrences = (
        _withdrawal(before, after, followed),
        _publication(before, after, followed),
        _version(before, after, followed),
        _code(before, after, followed),
        _doubling(after, followed),
    )
    empty = PaperEvent(after.paper.id, at, "")
    return [empty._replace(**fields._asdict()) for fields in occurrences if fields]


def updated(entry: Entry, followed: Followed, events: tuple[PaperEvent, ...]) -> Followed:
    """What is known after these events of an entry."""
    sources = {claim.source for claim in entry.claims}.union(followed.sources)
    followed = followed._replace(sources=tuple(sorted(sources)))
    if followed.upvotes is None:
        followed = followed._replace(upvotes=_upvotes(entry))
    for event in events:
        if event.event == DOUBLED:
            followed = followed._replace(upvotes=int(event.value))
        elif event.event == VERSION:
            followed = followed._replace(revised=event.at)
    return followed


class _Occurrence(NamedTuple):
    event: str
    value: str = ""
    previous: str = ""
    changes: tuple[TextChange, ...] = ()


def _withdrawal(before: Entry, after: Entry, followed: Followed) -> _Occurrence | None:
    if not after.paper.withdrawn or before.paper.withdrawn:
        return None
    return _Occurrence(WITHDRAWN) if _is_known("withdrawn", after, followed) else None


def _publication(before: Entry, after: Entry, followed: Followed) -> _Occurrence | None:
    reference = facts.publication(after.paper)
    if not reference or facts.publication(before.paper):
        return None
    field = "journal_ref" if after.paper.journal_ref else "doi"
    return _Occurrence(PUBLISHED, reference) if _is_known(field, after, followed) else None


def _code(before: Entry, after: Entry, followed: Followed) -> _Occurrence | None:
    code = facts.code(after.paper)
    if not code.url or facts.code(before.paper).url:
        return None
    field = code.named_in or "code_url"
    return _Occurrence(CODE, code.url) if _is_known(field, after, followed) else None


def _doubling(after: Entry, followed: Followed) -> _Occurrence | None:
    upvotes, base = _upvotes(after), followed.upvotes
    if upvotes is None or base is None or upvotes < max(2 * base, LEAST_DOUBLED):
        return None
    return _Occurrence(DOUBLED, str(upvotes), str(base))


def _version(before: Entry, after: Entry, followed: Followed) -> _Occurrence | None:
    changes = tuple(_text_changes(before, after))
    if not _has_new_version(before, after, followed, changed=bool(changes)):
        return None
    old, new = before.paper.version, after.paper.version
    return _Occurrence(VERSION, str(new or ""), str(old or ""), changes)


def _has_new_version(before: Entry, after: Entry, followed: Followed, *, changed: bool) -> bool:
    """Whether there is a later version than before.

    Some services name no version but list a revision, or send a later date with another text.
    """
    old, new = before.paper, after.paper
    if new.version and old.version:
        return new.version > old.version
    first_day = utc_day(followed.revised or followed.since)
    known = {(listed.source, listed.day) for listed in before.listings if listed.kind == "revised"}
    revised = any(
        listed.kind == "revised"
        and listed.day > first_day
        and (listed.source, listed.day) not in known
        for listed in after.listings
    )
    later = new.updated is not None and new.updated > (followed.revised or followed.since)
    if new.version:
        return new.version > 1 and (later or revised)
    return revised or (changed and later and _is_known("updated", after, followed))


def _text_changes(before: Entry, after: Entry) -> Iterator[TextChange]:
    """The changes of title and abstract; other line breaks and spaces are none."""
    for field, old, new in (
        ("title", before.paper.title, after.paper.title),
        ("abstract", before.paper.abstract, after.paper.abstract),
    ):
        if old and new and old.split() != new.split():
            yield TextChange(field, old, new)  # type: ignore[arg-type]  # the two names above


def _is_known(field: str, after: Entry, followed: Followed) -> bool:
    """Whether the source of a field was asked before."""
    return provenance(after.claims).get(field) in followed.sources


def _upvotes(entry: Entry) -> int | None:
    return entry.latest.upvotes if entry.latest else None


def describe(event: PaperEvent) -> str:
    """An event in a few words: "version 3: title changed, 12 words of the abstract changed"."""
    if event.event == VERSION:
        name = f"version {event.value}" if event.value else "new version"
        return ": ".join(filter(None, (name, ", ".join(map(_described, event.changes)))))
    if event.event == DOUBLED:
        return f"upvotes doubled from {event.previous} to {event.value}"
    if event.event == WITHDRAWN:
        return "withdrawn by its authors"
    return f"{'code' if event.event == CODE else event.event}: {event.value}"


def _described(change: TextChange) -> str:
    removed = added = 0
    for kind, words in _pieces(change):
        removed += len(words) if kind == "-" else 0
        added += len(words) if kind == "+" else 0
    return f"{change.field} changed (+{added} -{removed} words)"


def word_changes(change: TextChange) -> str:
    """A change word by word, as git does: "a [-small-]{+large+} model", with words around it."""
    parts = []
    pieces = list(_pieces(change))
    for index, (kind, words) in enumerate(pieces):
        if kind == "-":
            parts.append(f"[-{' '.join(words)}-]")
        elif kind == "+":
            text = f"{{+{' '.join(words)}+}}"
            replaces = index and pieces[index - 1][0] == "-"
            parts.append(parts.pop() + text if replaces else text)
        else:
            last = index == len(pieces) - 1
            parts += _around(words, first=index == 0, last=last)
    return " ".join(parts)


def _around(words: list[str], *, first: bool, last: bool) -> list[str]:
    """The unchanged words beside changes; many of them are cut."""
    head = [] if first else words[:_CONTEXT]
    tail = [] if last else words[-_CONTEXT:]
    if len(words) <= len(head) + len(tail) + _CONTEXT:
        return words
    return [*head, "…", *tail]


def _pieces(change: TextChange) -> Iterator[tuple[str, list[str]]]:
    """The words that both texts have (" "), that were removed ("-"), and that were added ("+")."""
    from difflib import SequenceMatcher  # Few papers have changes.

    before, after = readable(change.before).split(), readable(change.after).split()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            yield " ", before[start:end]
            continue
        if end > start:
            yield "-", before[start:end]
        if new_end > new_start:
            yield "+", after[new_start:new_end]
