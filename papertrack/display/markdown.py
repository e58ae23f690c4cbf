"""A report as markdown, for notes and mails."""

import re
from collections.abc import Iterator

from papertrack import facts
from papertrack.display import SAMPLE
from papertrack.models import Entry, Report

# What CommonMark or GitHub would read as a construct: anywhere, as the start of an emoji code, a
# bare address, or as the first thing of a block. A backslash makes each of them text.
_SPECIAL = re.compile(
    r"([\\`*_{}\[\]<>|~$&@^]|:(?=[\w+-]+:|//)|(?<=www)\.|^[#+=-]|(?<=^\d)[.)]|(?<=^\d\d)[.)])",
    re.IGNORECASE,
)


def as_markdown(report: Report) -> Iterator[str]:
    """A heading a section, a list entry a paper."""
    yield f"# papertrack {report.command}\n\n{escape(report.headline)}\n"
    if report.sample:
        yield f"\n> **Sample edition**: {escape(SAMPLE.partition(': ')[2])}\n"
    for section in report.sections:
        if section.title:
            yield f"\n## {escape(section.title)}\n"
        yield "\n" if section.total else f"\n{escape(section.nothing)}\n"
        yield from (_paper(entry) for entry in section.entries)
    said = {section.nothing for section in report.sections if not section.total}
    yield from (f"\n{escape(note)}\n" for note in report.notes if note not in said)


def escape(text: str) -> str:
    """Text that stays text in any markdown, in one pass."""
    return _SPECIAL.sub(r"\\\1", text)


def _paper(entry: Entry) -> str:
    url = facts.page(entry)
    title = f"[{escape(entry.paper.title)}](<{url}>)" if url else escape(entry.paper.title)
    facts_shown = [
        _upvotes(entry),
        escape(facts.authors(entry)),
        f"[code](<{_target(entry.paper.code_url)}>)" if entry.paper.code_url else "",
        escape(f"matches {facts.topics(entry)}") if entry.matches else "",
    ]
    details = " · ".join(fact for fact in facts_shown if fact)
    return f"- {title}" + (f"\n  {details}\n" if details else "\n")


def _upvotes(entry: Entry) -> str:
    if entry.latest is None or entry.latest.upvotes is None:
        return ""
    gain = "" if entry.gained is None else f" ({facts.gained(entry)})"
    return f"{facts.upvotes(entry)} upvotes{gain}"


def _target(url: str) -> str:
    """A web address that cannot end its angle brackets early."""
    return url.replace("<", "%3C").replace(">", "%3E").replace("\\", "%5C").replace(" ", "%20")
