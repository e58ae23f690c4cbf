"""Reports as markdown, for notes and mails."""

from collections.abc import Iterator

from papertrack import facts
from papertrack.display import SAMPLE
from papertrack.escaping import markdown as escape
from papertrack.escaping import target
from papertrack.models import Entry, Report


def as_markdown(report: Report) -> Iterator[str]:
    """A heading for each section, and a list item for each paper."""
    yield f"# papertrack {report.command}\n\n{escape(report.headline)}\n"
    if report.sample:
        yield f"\n> **Sample edition**: {escape(SAMPLE.partition(': ')[2])}\n"
    for section in report.sections:
        if section.title:
            yield f"\n## {escape(section.title)}\n"
        yield "\n" if section.total else f"\n{escape(section.empty_text)}\n"
        yield from (_paper(entry) for entry in section.entries)
    empty_texts = {section.empty_text for section in report.sections if not section.total}
    yield from (f"\n{escape(note)}\n" for note in report.notes if note not in empty_texts)


def _paper(entry: Entry) -> str:
    url = facts.page_url(entry)
    title = f"[{escape(entry.paper.title)}]({target(url)})" if url else escape(entry.paper.title)
    code_url = facts.code(entry.paper).url
    details = [
        _upvotes(entry),
        escape(facts.authors(entry)),
        escape(entry.paper.venue or ""),
        f"[code]({target(code_url)})" if code_url else "",
        escape(_topics(entry)),
        escape(facts.recommendation(entry)),
    ]
    line = " · ".join(detail for detail in details if detail)
    return f"- {title}" + (f"  \n  {line}\n" if line else "\n")  # two spaces break the line


def _topics(entry: Entry) -> str:
    names = facts.topics(entry)
    return f"matches {names}" if entry.matches else names


def _upvotes(entry: Entry) -> str:
    if entry.latest is None or entry.latest.upvotes is None:
        return ""
    gain = "" if entry.gained is None else f" ({facts.signed_gain(entry)})"
    return f"{facts.upvotes(entry)} upvotes{gain}"
