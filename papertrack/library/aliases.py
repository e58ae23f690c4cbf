"""Other ids of stored papers, such as the DOI of the published version.

The tables `aliases.…` have, for each of these ids, the id with which the paper is stored. They are
divided by that id, so that an import writes only the tables of its own months.
"""

from collections.abc import Iterable, Mapping

from papertrack.identifiers import is_arxiv
from papertrack.library import table_names
from papertrack.library.library import Library, rejecting_foreign_rows


def stored_ids(library: Library, ids: Iterable[str]) -> dict[str, str]:
    """The id with which each of these papers is stored; without papers that are not stored."""
    requested = set(ids)
    stored = {key: key for keys in library.locate(requested).values() for key in keys}
    # An arXiv id is never an alias.
    aliases = load_aliases(library, {key for key in requested - stored.keys() if not is_arxiv(key)})
    located = set[str]().union(*library.locate(aliases.values()).values())
    return stored | {alias: key for alias, key in aliases.items() if key in located}


def load_aliases(library: Library, ids: Iterable[str], *, of_arxiv: bool = True) -> dict[str, str]:
    """Those of these ids that are aliases, each with the id of its paper.

    Without `of_arxiv`, not the aliases of papers with arXiv ids, which are most of them.
    """
    requested, aliases = set(ids), dict[str, str]()
    for table in library.tables_of_kind(table_names.ALIASES) if requested else ():
        if of_arxiv or not table_names.is_of_arxiv(table):
            with rejecting_foreign_rows(table):
                for alias, row in library.database.rows(table, requested):
                    aliases.setdefault(alias, parse_row(row))
    return aliases


def parse_row(row: Mapping[str, object]) -> str:
    """Return the id of a row's paper. Raises KeyError, TypeError."""
    paper_id = row["id"]
    if not isinstance(paper_id, str):
        raise TypeError("an id is not a text")
    return paper_id


def save_aliases(library: Library, aliases: Mapping[str, str]) -> None:
    """Store aliases, each with the id of its paper; within a transaction."""
    by_table: dict[str, dict[str, dict[str, str]]] = {}
    for alias, paper_id in aliases.items():
        by_table.setdefault(_table(paper_id), {})[alias] = {"id": paper_id}
    for table, rows in by_table.items():
        stored = dict(library.database.rows(table, rows))
        changed = {alias: row for alias, row in rows.items() if row != stored.get(alias)}
        library.database.put(table, changed)


def rename_in_aliases(library: Library, old: str, new: str) -> None:
    """Let the aliases of a paper, and its former id, be aliases of its new id."""
    table = _table(old)
    with rejecting_foreign_rows(table):
        rows = library.database.rows(table)
        aliases = [alias for alias, row in rows if parse_row(row) == old]
    library.database.remove(table, aliases)
    save_aliases(library, dict.fromkeys((*aliases, old), new))


def _table(paper_id: str) -> str:
    return f"{table_names.ALIASES}.{table_names.shard(paper_id)}"
