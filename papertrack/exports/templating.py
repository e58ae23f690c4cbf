"""Jinja environments, the context of templates, and the filters that templates may use.

Built-in templates are in the folder `templates`. Templates of readers run in a sandbox that cannot
change values or access Python internals. HTML escaping depends on the name of a template: it is on
for page.html.j2, feed.xml.j2 and the like.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any
from unicodedata import category

from papertrack import escaping, facts
from papertrack.calendar import format_moment
from papertrack.exports import bibtex, citations
from papertrack.exports.markers import paper_marker
from papertrack.fields import paper
from papertrack.models import Reasons, Report, Section
from papertrack.text import TexReader, clean, readable

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from jinja2.runtime import Context

_ESCAPED = (".html", ".xml", ".atom", ".htm", ".xhtml", ".svg")
COLUMNS = 72  # leaves room for the marks of a quoting mail program
_CITATION_FILTERS = {
    "key": citations.citation_key,
    "year": citations.year,
    "first_day": citations.first_day,
    "published": citations.published,
    "last_changed": citations.last_changed,
    "source_url": citations.source_url,
    "doi": citations.doi,
    "bibtex_title": bibtex.bibtex_title,
    "bibtex_people": bibtex.bibtex_people,
    "bibtex_text": bibtex.bibtex_text,
    "bibtex_plain": bibtex.bibtex_plain,
    "bibtex_verbatim": bibtex.bibtex_verbatim,
    "ris_name": citations.ris_name,
}
# The names of filters in papertrack 0.1, which templates of readers may use.
_FORMER_NAMES = {
    "came": citations.published,
    "moment": citations.last_changed,
    "paper_mark": paper_marker,
}


def built_in(name: str) -> "Template":
    """The built-in template of that name in the folder `templates`."""
    return environment().get_template(name)


def render(template: "Template", report: Report, **more: Any) -> Iterator[str]:
    """Render a report in pieces; the context is `template_context` and `more`."""
    context = template_context(report)
    begin = getattr(template.environment, "begin", None)  # of a sandbox
    if begin:
        begin(context["sections"])
    return template.generate(context | more)


def template_context(report: Report) -> dict[str, Any]:
    """The variables of every template: `report`, `sections` with their `papers`, and `papers`.

    The filter `readable` uses `reader`.

    A paper has the keys of `list -f json`. Papers can be iterated once, either by section or all
    together, so that a large library is never completely in memory.
    """
    sections = [_section_context(section) for section in report.sections]
    return {
        "report": {
            "command": report.command,
            "generated_at": format_moment(report.generated_at),
            "headline": report.headline,
            "notes": list(report.notes),
            "failures": [failure._asdict() for failure in report.failures],
            "sample": report.sample,
        },
        "reader": TexReader(),
        "sections": sections,
        "papers": (paper for section in sections for paper in section["papers"]),
    }


def _section_context(section: Section) -> dict[str, Any]:
    fields = section._asdict()
    return fields | {"papers": (paper(entry) for entry in fields.pop("entries"))}


@cache
def environment(path: str | None = None) -> "Environment":
    """The Jinja environment of the built-in templates, or of the template at a path.

    Templates below its folder take precedence over built-in ones and run in a sandbox, which takes
    two to three times as long.
    """
    from jinja2 import (
        ChoiceLoader,
        Environment,
        PackageLoader,
        StrictUndefined,
        pass_context,
    )

    from papertrack.exports.template_loader import FolderLoader, Sandbox

    package = PackageLoader("papertrack.exports")
    jinja = (Sandbox if path else Environment)(
        loader=ChoiceLoader([FolderLoader(path), package]) if path else package,
        autoescape=_is_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    del jinja.globals["lipsum"]  # It makes filler texts of any length.
    jinja.filters |= {
        "markdown": escaping.markdown,
        "linked_markdown": escaping.linked_markdown,
        "html": escaping.html,
        "yaml": escaping.yaml,
        "target": escaping.target,
        "latex": escaping.latex,
        "visible": clean,
        "readable": pass_context(_read),
        "paper_marker": paper_marker,
        "tag": tag,
        "uuid": uuid,
        "people": facts.shorten_names,
        "summary_author": facts.summary_author,
        "recommended_for": lambda fields: facts.recommended_for(Reasons(**fields)),
        "wrap": wrap,
        **_CITATION_FILTERS,
        **_FORMER_NAMES,
    }
    if isinstance(jinja, Sandbox):
        jinja.limit_filters()
    return jinja


def _read(context: "Context", text: str) -> str:
    """Convert the TeX in a text, within the budget of the page's reader."""
    reader = context.get("reader")
    return reader.read(text) if isinstance(reader, TexReader) else readable(text)


def _is_escaped(name: str | None) -> bool:
    return (name or "").lower().removesuffix(".j2").endswith(_ESCAPED)


def wrap(text: str, indent: str = "") -> str:
    """Wrap text at 72 columns and indent all lines but the first; long words stay whole."""
    from textwrap import fill

    return fill(
        text, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def tag(text: str) -> str:
    """A tag for notes: letters and digits of any script, joined by hyphens, with a letter.

    Marks, such as vowel signs, are parts of words in many scripts.
    """
    letters = ""
    for char in text.lower():
        is_mark = category(char)[0] == "M" and letters[-1:].strip() != ""
        letters += char if char.isalnum() or is_mark else " "
    name = "-".join(letters.split())
    return name if any(map(str.isalpha, name)) else f"topic-{name}".rstrip("-")


def uuid(text: str) -> str:
    """A stable URN for a text, for papers without an address; equal texts have equal URNs."""
    from uuid import NAMESPACE_URL, uuid5

    return f"urn:uuid:{uuid5(NAMESPACE_URL, text)}"
