"""New feeds: checked as those in the file, and named after their titles."""

import re
from collections.abc import Collection

from papertrack.config.editing import inline_yaml
from papertrack.config.feed_keys import is_reserved
from papertrack.config.parsing import parse_config
from papertrack.config.records import FeedSettings
from papertrack.errors import ConfigError, UsageError
from papertrack.text import fold

_MAX_LENGTH = 30  # shorter than a name may be, so that a number can follow
_NOT_IN_NAME = re.compile(r"[^a-z0-9]+")


def checked_feed(feed: FeedSettings) -> FeedSettings:
    """Return the feed as it would be read from the file. Raises UsageError if it is invalid."""
    try:
        config = parse_config(f"sources: {{feeds: {inline_yaml([feed._asdict()])}}}", "")
    except ConfigError as error:
        problem = error.problems[0]
        where = problem.path.partition("].")[2] or f"feed {feed.name!r}"
        raise UsageError(f"{where}: {problem.message}", next_step=problem.suggestion) from error
    return config.sources.feeds[0]


def name_of_title(title: str, taken: Collection[str]) -> str:
    """Return a name for a feed of this title that is none of the names `taken`."""
    words = _NOT_IN_NAME.sub("-", fold(title)).strip("-")
    base = words if words[:1].isalpha() else f"feed-{words}".strip("-")
    base = base[:_MAX_LENGTH].strip("-")
    name, number = base, 1
    while name in taken or is_reserved(name):
        number += 1
        name = f"{base}-{number}"
    return name
