"""Titles as further ids, for papers that a feed lists without an arXiv id or a DOI.

The title of such an entry is an alias of it, so that it becomes the paper of that title as soon as
another source lists that. A title of a few words, or one that a feed gives to several entries, as
to the news of each week, names no paper.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from papertrack.identifiers import FEED_ENTRY
from papertrack.library import table_names
from papertrack.library.aliases import load_aliases
from papertrack.library.library import Library
from papertrack.models import Paper
from papertrack.text import fold, readable
from papertrack.word_breaks import spaced

_LEAST_WORDS = 5


def title_words(title: str) -> tuple[str, ...]:
    """Return the words by which two titles are the same; none if they do not name a paper."""
    words = tuple(spaced(fold(readable(title))).split())
    return words if len(words) >= _LEAST_WORDS else ()


def title_ids(library: Library, papers: Iterable[Paper]) -> Mapping[str, tuple[str, ...]]:
    """Return the title of each paper as an id, if it is one, by paper id.

    For entries of feeds that is a new id, for other papers one that an entry of a feed has.
    """
    titles = {paper.id: paper.title for paper in papers}
    of_feeds = {paper_id for paper_id in titles if paper_id.startswith(FEED_ENTRY)}
    if not of_feeds and not _has_feed_entries(library):
        return {}
    keys = {
        paper_id: _key(words) for paper_id in titles if (words := title_words(titles[paper_id]))
    }
    known = load_aliases(library, keys.values())
    uses = Counter(key for paper_id, key in keys.items() if paper_id in of_feeds)
    return {
        paper_id: (key,)
        for paper_id, key in keys.items()
        if (
            uses[key] == 1 and known.get(key, paper_id) == paper_id
            if paper_id in of_feeds
            else key in known or uses[key] == 1
        )
    }


def _has_feed_entries(library: Library) -> bool:
    shards = table_names.shards(FEED_ENTRY.removesuffix(":"))
    return any(library.database.exists(f"{table_names.INDEX}.{shard}") for shard in shards)


def _key(words: Iterable[str]) -> str:
    return f"title:{blake2b(' '.join(words).encode(errors='replace'), digest_size=8).hexdigest()}"
