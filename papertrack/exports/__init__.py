"""Export formats: each renders a Report as the text of a file.

`render(name, report)` is the entry point; `BUILT_IN` lists papertrack's own formats,
whose modules are imported on first use. Only `cli` and `alerts` import this package. It imports
neither sources, library, display nor channels.

Other packages add formats with an entry point of the group `papertrack.exports`, named as the
format:

    [project.entry-points."papertrack.exports"]
    org = "papertrack_org:write"

The function receives an iterator of papers, each a mapping with the keys of `list -f json`, and
returns the text of the file as an iterable of strings.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from papertrack.errors import FOREIGN_ERRORS, PapertrackError, UsageError
from papertrack.fields import paper
from papertrack.models import Report
from papertrack.plugins import entry_points
from papertrack.text import clean, shorten

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "papertrack.exports"
_Papers = Iterator[dict[str, Any]]


class ExportFormat(NamedTuple):
    """A built-in format: what renders it, its file name extension with the dot, and its purpose.

    `renderer` is a file in the folder `templates`, or a function of this package as
    "module:function".
    """

    renderer: str
    extension: str
    purpose: str

    def load(self) -> Callable[..., Iterator[str]]:
        """Return the function that renders a report. Imports the module of the format."""
        if self.renderer.endswith(".j2"):
            from papertrack.exports import templating

            return partial(templating.render, templating.built_in(self.renderer))
        module, _, function = self.renderer.partition(":")
        render_report: Callable[..., Iterator[str]] = getattr(
            import_module(f"papertrack.exports.{module}"), function
        )
        return render_report


BUILT_IN: Mapping[str, ExportFormat] = {
    "md": ExportFormat(
        "markdown_notes:as_markdown", ".md", "notes: Obsidian, Logseq, Hugo, GitHub"
    ),
    "html": ExportFormat("page:render_page", ".html", "a self-contained page for a browser"),
    "atom": ExportFormat("feed.atom.j2", ".atom", "a feed for feed readers"),
    "bibtex": ExportFormat("references.bib.j2", ".bib", "a bibliography: LaTeX, Zotero, JabRef"),
    "ris": ExportFormat("references.ris.j2", ".ris", "a bibliography: Zotero, EndNote, Mendeley"),
    "text": ExportFormat("text.txt.j2", ".txt", "plain text in 72 columns"),
    "mail": ExportFormat("page:render_mail", ".html", "the HTML of a mail"),
}


def render(name: str, report: Report, **options: Any) -> Iterator[str]:
    """Return the text of a report in the format `name`, in pieces; papers are iterated once.

    Raises UsageError if there is no such format, or if its plugin fails.
    """
    if name in BUILT_IN:
        return BUILT_IN[name].load()(report, **options)
    plugin = plugins().get(name)
    if plugin is None:
        raise UsageError(
            f"no such format: {name!r}", next_step="`papertrack export --list-formats` shows all"
        )
    papers = (paper(entry) for section in report.sections for entry in section.entries)
    return _render_plugin(plugin, papers)


def plugins() -> "dict[str, EntryPoint]":
    """Return the formats of installed packages by name, without names of built-in formats. Slow."""
    return {name: plugin for name, plugin in entry_points(GROUP).items() if name not in BUILT_IN}


def _render_plugin(plugin: "EntryPoint", papers: _Papers) -> Iterator[str]:
    from papertrack.exports.plugin_format import PluginFormat

    try:
        yield from PluginFormat(plugin).render(papers)
    except PapertrackError:  # raised while reading the papers, not by the plugin
        raise
    except FOREIGN_ERRORS as error:
        package = plugin.dist.name if plugin.dist else "an unknown package"
        raise UsageError(
            f"the format {plugin.name!r} of {package} does not work",
            shorten(clean(f"{type(error).__name__}: {error}"), 200),
            f"update {package}; its entry point of {GROUP} is {plugin.value}",
        ) from error
