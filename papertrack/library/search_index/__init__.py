"""The search index: which papers contain which words, in a SQLite file beside the tables.

The file is a cache that may be deleted at any time. `open_search_index` brings it up to date with
the library before it is queried, and rebuilds it if it is missing, damaged or of another version.
If no file can be written, as in a read-only library, the index is built in memory.

`queries` reads the index (`SearchIndex`) and never changes it; `update` is the only writer;
`documents` defines what is indexed of a paper, and `word_keys` which words are the same term;
`conditions` and `fts` write in the query language of SQLite's FTS5. `tracker/` uses the package;
`searching/` ranks with it through a protocol.
"""

from papertrack.library.search_index.queries import SearchIndex
from papertrack.library.search_index.update import FILE, open_search_index

__all__ = ["FILE", "SearchIndex", "open_search_index"]
