"""The keys of a feed under `sources: {feeds: [...]}`."""

from papertrack import source_registry
from papertrack.config.groups import Objection, RecordListType, RecordType
from papertrack.config.location import quoted
from papertrack.config.records import FeedSettings
from papertrack.config.scalars import CREDENTIALS, SITE, ChoiceType, TextType, verbatim

FEEDS = "feeds"  # the key
MOST_FEEDS = 1000  # each is requested by itself
FEED_NAME = r"[a-z][a-z0-9_-]{0,39}"
# The address of a private feed often ends with ?token=...
_SECRET_PARAMETER = "|".join(
    rf"(?<={name}=)[^&]+" for name in ("key", "token", "secret", "password", "auth", "sig")
)


def is_reserved(name: str) -> bool:
    """Whether a feed cannot have this name, because another source or a key has it."""
    taken = {*source_registry.BUILT_IN, source_registry.IMPORT, source_registry.PROFILE, FEEDS}
    return name in taken or name in source_registry.installed()


def _check_feed(feed: FeedSettings) -> Objection | None:
    if not is_reserved(feed.name):
        return None
    return f"has the name of another source, {quoted(feed.name)}", "choose another name"


FEED = RecordType(
    FeedSettings,
    {
        "name": TextType(
            "a name of small letters, digits, - and _ that begins with a letter", FEED_NAME, "lab"
        ),
        "url": TextType(
            "a web address with http:// or https:// and without #",
            SITE + r"(?:[/?][^\s#]*)?",
            "https://example.org/feed.xml",
            verbatim,
            f"{CREDENTIALS}|{_SECRET_PARAMETER}",
        ),
        "every": ChoiceType(("hour", "day", "week")),
    },
    _check_feed,
)
FEED_LIST = RecordListType(FEED, MOST_FEEDS)
