"""Writing papers for other programs: every format by its name, whose module loads when asked for.

A further format comes from a package with an entry point of the group `papertrack.exports`:

    [project.entry-points."papertrack.exports"]
    org = "papertrack_org:write"

Its name is that of the format. Its object is called with the papers, an iterator of mappings with
the keys of a PAPER (CONTRACT), and returns the text of the file as an iterable of strings.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from papertrack.errors import PapertrackError, UsageError
from papertrack.fields import paper
from papertrack.models import Report
from papertrack.plugins import entry_points
from papertrack.text import clean, shorten

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "papertrack.exports"
_Papers = Iterator[dict[str, Any]]


class Export(NamedTuple):
    """A format: the module and the function that write it, the ending of its files, and what it is
    for, in a few words.
    """

    module: str
    function: str
    ending: str
    purpose: str


TABLE: Mapping[str, Export] = {
    "md": Export("markdown_notes", "as_markdown", ".md", "notes: Obsidian, Logseq, Hugo, GitHub"),
    "html": Export("page", "render_page", ".html", "one page for a browser, needs no network"),
    "atom": Export("template_formats", "as_atom", ".atom", "a feed for feed readers"),
    "bibtex": Export(
        "template_formats", "as_bibtex", ".bib", "a bibliography: LaTeX, Zotero, JabRef"
    ),
    "ris": Export(
        "template_formats", "as_ris", ".ris", "a bibliography: Zotero, EndNote, Mendeley"
    ),
    "text": Export("template_formats", "as_text", ".txt", "plain text in 72 columns"),
    "mail": Export("page", "render_mail", ".html", "the HTML of a mail"),
}


def render(name: str, report: Report, **options: Any) -> Iterator[str]:
    """The text of a report in the format `name`, piece by piece, its papers walked once.

    Raises UsageError where there is no such format, and where the plugin of it does not work.
    """
    if name in TABLE:
        from importlib import import_module

        module = import_module(f"papertrack.exports.{TABLE[name].module}")
        written: Iterator[str] = getattr(module, TABLE[name].function)(report, **options)
        return written
    plugin = plugins().get(name)
    if plugin is None:
        raise UsageError(
            f"no such format: {name!r}", next_step="`papertrack export --list-formats` shows all"
        )
    papers = (paper(entry) for section in report.sections for entry in section.entries)
    return _plugged(plugin, papers)


def plugins() -> "dict[str, EntryPoint]":
    """What installed packages provide, by the name of the format, but no name of the table. It
    takes a while to look for them.
    """
    return {name: plugin for name, plugin in entry_points(GROUP).items() if name not in TABLE}


def _plugged(plugin: "EntryPoint", papers: _Papers) -> Iterator[str]:
    try:
        write: Callable[[_Papers], Iterable[str]] = plugin.load()
        yield from map(_text, write(papers))
    except PapertrackError:  # of reading the papers
        raise
    except Exception as error:
        package = plugin.dist.name if plugin.dist else "an unknown package"
        raise UsageError(
            f"the format {plugin.name!r} of {package} does not work",
            shorten(clean(f"{type(error).__name__}: {error}"), 200),
            f"update {package}; its entry point of {GROUP} is {plugin.value}",
        ) from error


def _text(piece: object) -> str:
    if not isinstance(piece, str):
        raise TypeError(f"it gives a {type(piece).__name__}, not text")
    return piece
