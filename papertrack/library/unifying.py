"""Papers that come under several ids, such as an arXiv id and the DOI of the published version.

Each is stored once. An arXiv id takes precedence over any other, and the id of a preprint over the
DOI of its published version. A paper that was stored with another id is renamed, with everything
that belongs to it, and its former id becomes an alias.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from papertrack.identifiers import FEED_ENTRY, is_arxiv, parse_arxiv, parse_doi
from papertrack.library.aliases import load_aliases, save_aliases
from papertrack.library.library import Library
from papertrack.models import Paper

OtherIds = Mapping[str, Iterable[str]]
_MAKESHIFT = ("bib:", FEED_ENTRY)  # ids of papers that came without any
_TITLE = "title:"  # no paper is stored with such an id


class Unified(NamedTuple):
    """The id of each paper that is stored with another one than it came with.

    `renamed` are the stored papers that get another id, with that id.
    """

    ids: Mapping[str, str]
    renamed: Mapping[str, str] = {}


def unify(library: Library, papers: Iterable[Paper], other_ids: OtherIds) -> Unified:
    """Find the id with which each paper is to be stored, and store its others as aliases.

    `other_ids` are further ids of papers, by id. Must be called within a transaction, in which
    papertrack.library.renaming renames the stored papers.
    """
    names: dict[str, set[str]] = {}
    for paper in papers:
        if paper.doi or paper.id in other_ids or not is_arxiv(paper.id):
            others = (*_published_ids(paper), *other_ids.get(paper.id, ()))
            names.setdefault(paper.id, set()).update(others)
    if not names:
        return Unified({})
    known = _KnownIds(library, names)
    for paper_id, same in names.items():
        for other in sorted(same):
            known.join(paper_id, other)
    save_aliases(library, known.new_aliases())
    ids = {key: last for key in names if (last := known.last(key)) != key}
    return Unified(ids, known.renamed_papers())


def _published_ids(paper: Paper) -> Iterable[str]:
    """The ids that the `doi` of a paper stands for; some authors name several DOIs."""
    for word in (paper.doi or "").split():
        if arxiv_id := parse_arxiv(word):
            yield arxiv_id.id
        elif doi := parse_doi(word.strip(",;")):
            yield f"doi:{doi}"


class _KnownIds:
    """The stored papers and aliases that some ids name, and which of them are the same paper."""

    def __init__(self, library: Library, names: Mapping[str, set[str]]) -> None:
        others = {key for key in names if not is_arxiv(key)}
        of_others = others.union(*(names[key] for key in others))
        every = {name for name in of_others.union(*names.values()) if not is_arxiv(name)}
        stored = _located(library, every)
        # Aliases of arXiv papers are needed for other papers only: two arXiv papers stay two.
        self._saved = load_aliases(library, (of_others & every) - stored)
        self._saved |= load_aliases(library, every, of_arxiv=False)
        self._stored = stored | _located(library, set(self._saved.values()) - every)
        self._aliases = dict(self._saved)

    def last(self, name: str) -> str:
        """The id of the paper that has a name."""
        while name in self._aliases:
            name = self._aliases[name]
        return name

    def join(self, paper_id: str, other: str) -> None:
        """Take two names for those of one paper, unless they are two arXiv papers."""
        first, second = self.last(paper_id), self.last(other)
        if first != second and not (is_arxiv(first) and is_arxiv(second)):
            kept, dropped = sorted(
                (first, second), key=lambda name: (_precedence(name), name == other, name)
            )
            self._aliases[dropped] = kept

    def new_aliases(self) -> dict[str, str]:
        """The aliases that are not stored yet, or with another id."""
        last = {alias: self.last(alias) for alias in self._aliases}
        return {alias: name for alias, name in last.items() if self._saved.get(alias) != name}

    def renamed_papers(self) -> dict[str, str]:
        """The stored papers that get another id, with that id."""
        return {key: self.last(key) for key in sorted(self._stored) if self.last(key) != key}


def _located(library: Library, names: set[str]) -> set[str]:
    return set().union(*library.locate(names).values())


def _precedence(name: str) -> int:
    if is_arxiv(name):
        return 0
    return 3 if name.startswith(_TITLE) else 2 if name.startswith(_MAKESHIFT) else 1
