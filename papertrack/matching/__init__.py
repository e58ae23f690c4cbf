"""Watched topics against papers: word by word, tolerant of typos, exact about meaning.

The matcher is in `matcher`; here is only what tells whether matches found earlier still hold, as
that is asked at every start.
"""

from collections.abc import Iterable
from zlib import crc32

from papertrack.models import Topic

MATCHER_VERSION = 3  # grows whenever the same topics may give other matches


def fingerprint(topics: Iterable[Topic]) -> str:
    """Eight hexadecimal digits that change when the topics or the way of matching change."""
    rules = [tuple(one._replace(when=())) for one in topics]  # when alerts tell does not matter
    return f"{crc32(repr((MATCHER_VERSION, *rules)).encode()):08x}"
