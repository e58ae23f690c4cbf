"""Matching papers against topics: tolerant of spelling and typos, strict about meaning.

The entry point is `matcher.Matcher(topics)`: its `match` returns the topics of a paper, its
`explain` the reasons. `words` tokenizes a text, `phrase` parses a watched phrase, `phrases` finds
phrases in tokenized texts, `typos` and `vocabulary` decide what is a typo. `candidates` translates
topics into a condition for the search index, `terms` extracts terms to suggest. The only file that
the package reads is its own word list.

`tracker/` and `library/search_index/` may import it. This module has only the fingerprint that
decides whether cached matches are valid, because every start needs it.
"""

from collections.abc import Iterable
from zlib import crc32

from papertrack.models import Topic

MATCHER_VERSION = 7  # Increased whenever the same topics may give other matches.


def fingerprint(topics: Iterable[Topic]) -> str:
    """Return eight hexadecimal digits that change with the topics or the way of matching."""
    # `when` only decides which matches are alerted, so changing it keeps cached matches valid.
    rules = [tuple(topic._replace(when=())) for topic in topics]
    return f"{crc32(repr((MATCHER_VERSION, *rules)).encode()):08x}"
