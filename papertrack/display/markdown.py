"""Reports as markdown, for notes and mails."""

from collections.abc import Iterator

from papertrack import facts
from papertrack.display import SAMPLE
from papertrack.display.plain import card
from papertrack.escaping import markdown as escape
from papertrack.escaping import target
from papertrack.models import Entry, Measure, Report


def as_markdown(report: Report) -> Iterator[str]:
    """A heading for each section, and a list item for each paper."""
    yield from _heading(report)
    for section in report.sections:
        if section.title:
            yield f"\n## {escape(section.title)}\n"
        yield "\n" if section.total else f"\n{escape(section.empty_text)}\n"
        yield from (_paper(entry, section.measure) for entry in section.entries)
    empty_texts = {section.empty_text for section in report.sections if not section.total}
    yield from (f"\n{escape(note)}\n" for note in report.notes if note not in empty_texts)


def _heading(report: Report) -> Iterator[str]:
    yield f"# papertrack {report.command}\n\n{escape(report.headline)}\n"
    if report.sample:
        yield f"\n> **Sample edition**: {escape(SAMPLE.partition(': ')[2])}\n"


def cards(report: Report) -> Iterator[str]:
    """As `as_markdown`; each list item also has all authors, the summary, abstract and note."""
    yield from _heading(report)
    for section in report.sections:
        for entry in section.entries:
            values = {name: value for name, value in card(entry, report.generated_at) if value}
            yield f"\n{_paper(entry, section.measure)}"
            names = (name for name in _TEXTS if name in values)
            yield from (f"\n  {_TEXTS[name]}{escape(values[name])}\n" for name in names)


# The texts of a card that markdown has in full, with what precedes each.
_TEXTS = {"authors": "", "tldr": "**tldr**: ", "abstract": "", "note": "**note**: "}


def _linked_title(entry: Entry) -> str:
    url = facts.page_url(entry)
    return f"[{escape(entry.paper.title)}]({target(url)})" if url else escape(entry.paper.title)


def _paper(entry: Entry, measure: Measure) -> str:
    code_url = facts.code(entry.paper).url
    details = [
        _ranked_by(entry, measure),
        _upvotes(entry),
        escape(facts.service_ranks(entry)),
        escape(facts.authors(entry)),
        escape(entry.paper.venue or ""),
        f"[code]({target(code_url)})" if code_url else "",
        escape(_topics(entry)),
        escape(facts.recommendation(entry)),
    ]
    line = " · ".join(detail for detail in details if detail)
    return f"- {_linked_title(entry)}" + (
        f"  \n  {line}\n" if line else "\n"
    )  # two spaces break the line


def _ranked_by(entry: Entry, measure: Measure) -> str:
    """What the papers of a section are ordered by, other than upvotes."""
    if measure == "stars":
        return facts.in_words(facts.stars(entry), "star")
    if measure == "comments":
        return facts.in_words(facts.comments(entry), "comment")
    if measure == "day":
        return str(facts.newest_listing_day(entry) or "")
    return f"score {entry.score:.0f}" if measure == "rising" and entry.score is not None else ""


def _topics(entry: Entry) -> str:
    names = facts.topics(entry)
    return f"matches {names}" if entry.matches else names


def _upvotes(entry: Entry) -> str:
    if entry.latest is None or entry.latest.upvotes is None:
        return ""
    gain = "" if entry.gained is None else f" ({facts.signed_gain(entry)})"
    return facts.in_words(facts.upvotes(entry), "upvote") + gain
