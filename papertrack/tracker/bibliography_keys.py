"""Papers of bibliographies, which are identified by keys such as lamport94.

Different files use one key for different papers, so that a key stands for the paper of a title and
a year: the first paper gets the id "bib:lamport94", and another one "bib:lamport94-" with a
fingerprint of its title. For a paper with a better id, both are aliases, so that it stays one paper
if another file has it without that id.
"""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import NamedTuple

from papertrack.identifiers import is_arxiv
from papertrack.library.aliases import stored_ids
from papertrack.library.library import Library
from papertrack.models import Paper
from papertrack.text import readable
from papertrack.tracker.import_lines import BIBLIOGRAPHY, ImportedPaper


class _KeyedWork(NamedTuple):
    """What tells papers with the same key apart; `year` is "" if it is unknown or may differ."""

    title: str
    year: str


def identify(library: Library, papers: Iterable[ImportedPaper]) -> Iterator[ImportedPaper]:
    """Yield papers, those of bibliographies with the ids to store them with."""
    papers = list(papers)
    keyed = [paper for paper in papers if paper.key]
    works = _Keys(library, keyed) if keyed else None
    for paper in papers:
        yield works.identified(paper) if works and paper.key else paper


class _Keys:
    """The ids of bibliographies that are in use, and the works that they stand for."""

    def __init__(self, library: Library, papers: Iterable[ImportedPaper]) -> None:
        names = {name for paper in papers for name in _names(paper)}
        self._stored = stored_ids(library, names)
        self._works = {
            entry.paper.id: [_claimed_work(claim.paper) for claim in entry.claims]
            for table, ids in library.locate(self._stored.values()).items()
            for entry in library.records(table, ids)
        }

    def identified(self, paper: ImportedPaper) -> ImportedPaper:
        """The paper with its id, or with those of its key as further ids."""
        plain, full = _names(paper)
        work = _work(paper)
        is_full = full in self._stored and self._is_same(full, work._replace(title=""))
        is_plain = plain not in self._stored or self._is_same(plain, work)
        if paper.id.startswith(BIBLIOGRAPHY):
            name = plain if is_plain and not is_full else full
            paper_id = self._stored.get(name, name)
            self._add((name,), paper_id, work)
            return paper.with_id(paper_id)
        names = (full, plain) if is_plain else (full,)
        self._add(names, paper.id, work)
        return paper._replace(other_ids=names)

    def _is_same(self, name: str, work: _KeyedWork) -> bool:
        """Whether a name stands for a work; one without a title has the title of the name."""
        return any(
            work.title in (other.title, "")
            and (work.year == other.year or not (work.year and other.year))
            for other in self._works[self._stored[name]]
        )

    def _add(self, names: Iterable[str], paper_id: str, work: _KeyedWork) -> None:
        self._stored.update(dict.fromkeys(names, paper_id))
        self._works.setdefault(paper_id, []).append(work)


def _names(paper: ImportedPaper) -> tuple[str, str]:
    """The id of a paper's key, and the one with the fingerprint of the title."""
    plain, title = f"{BIBLIOGRAPHY}{paper.key}", _work(paper).title
    fingerprint = blake2b(title.encode(errors="surrogatepass"), digest_size=4).hexdigest()
    return plain, f"{plain}-{fingerprint}"


def _work(paper: ImportedPaper) -> _KeyedWork:
    title = next(filter(None, (claimed.title for claimed in paper.papers)), "")
    # That of a preprint may differ from that of its publication.
    return _KeyedWork(_normal(title), "" if is_arxiv(paper.id) else paper.year)


def _claimed_work(paper: Paper) -> _KeyedWork:
    has_year = paper.submitted and paper.id.startswith(BIBLIOGRAPHY)
    return _KeyedWork(_normal(paper.title), f"{paper.submitted:%Y}" if has_year else "")


def _normal(title: str) -> str:
    return "".join(filter(str.isalnum, readable(title).casefold()))
