"""Templates: papertrack's own in the folder `templates`, and those that readers write.

Readers' own are run in a sandbox that changes nothing and calls nothing of Python's insides.
Whether what they write is escaped as HTML follows from the name: page.html.j2, feed.xml.j2 and
the like.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from papertrack import escaping, facts
from papertrack.calendar import format_moment
from papertrack.exports import citing
from papertrack.exports.markers import paper_mark
from papertrack.fields import paper
from papertrack.models import Report, Section
from papertrack.text import clean

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_ESCAPED = (".html", ".xml", ".atom", ".htm", ".xhtml", ".svg")
_CITING = (
    citing.key,
    citing.year,
    citing.first_day,
    citing.came,
    citing.moment,
    citing.source_url,
    citing.doi,
    citing.bibtex_title,
    citing.bibtex_people,
)
_BETWEEN = re.compile(r"[\W_]+")
COLUMNS = 72  # of a plain mail that is quoted


def built_in(name: str) -> "Template":
    """One of papertrack's own templates, by its name in the folder `templates`."""
    return environment().get_template(name)


def render(template: "Template", report: Report, **more: Any) -> Iterator[str]:
    """What a template makes of a report, piece by piece: of what `told` says, and `more`."""
    return template.generate(template_context(report) | more)


def template_context(report: Report) -> dict[str, Any]:
    """What every template is given: `report`, its `sections` with the `papers` of each, and all
    `papers`, where sections do not matter. A paper is a PAPER of the contract. As there may be very
    many, papers can be walked once, in one of the two ways.
    """
    sections = [_section(one) for one in report.sections]
    return {
        "report": {
            "command": report.command,
            "generated_at": format_moment(report.generated_at),
            "headline": report.headline,
            "notes": list(report.notes),
            "failures": [one._asdict() for one in report.failures],
            "sample": report.sample,
        },
        "sections": sections,
        "papers": (one for section in sections for one in section["papers"]),
    }


def _section(section: Section) -> dict[str, Any]:
    known = section._asdict()
    return known | {"papers": (paper(entry) for entry in known.pop("entries"))}


@cache
def environment(folder: str | None = None) -> "Environment":
    """Papertrack's templates, and before them those of a folder, with their filters: then all of it
    in a sandbox, which takes half as long again.
    """
    from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    ours = PackageLoader("papertrack.exports")
    made = (ImmutableSandboxedEnvironment if folder else Environment)(
        loader=ChoiceLoader([FileSystemLoader(folder), ours]) if folder else ours,
        autoescape=_is_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.filters |= {
        "markdown": escaping.markdown,
        "html": escaping.html,
        "yaml": escaping.yaml,
        "target": escaping.target,
        "latex": escaping.latex,
        "visible": clean,
        "paper_mark": paper_mark,
        "tag": tag,
        "uuid": uuid,
        **{one.__name__: one for one in _CITING},
        "people": facts.people,
        "wrap": wrap,
    }
    return made


def _is_escaped(name: str | None) -> bool:
    return (name or "").lower().removesuffix(".j2").endswith(_ESCAPED)


def wrap(text: str, indent: str = "") -> str:
    """Text in lines of 72 columns, the later ones indented; what is longer, as a link, is whole."""
    from textwrap import fill

    return fill(
        text, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def tag(text: str) -> str:
    """Some text as a tag of notes: letters and digits of any script with hyphens between them, and
    not digits alone.
    """
    name = _BETWEEN.sub("-", text.lower()).strip("-")
    return name if any(map(str.isalpha, name)) else f"topic-{name}".rstrip("-")


def uuid(text: str) -> str:
    """A name for what has no address: always the same one for the same text."""
    from uuid import NAMESPACE_URL, uuid5

    return f"urn:uuid:{uuid5(NAMESPACE_URL, text)}"
