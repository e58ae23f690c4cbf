"""The schema of the configuration file. Defaults are those of the records."""

from collections.abc import Mapping, Sequence

from papertrack.config.browse_keys import KEY_PATTERN, all_browse_keys, clashing_keys
from papertrack.config.channel_keys import CHANNEL
from papertrack.config.groups import Objection, RecordListType, RecordType, TextListType
from papertrack.config.records import Alerts, Browse, Config, Network, Pdf, Site, Starred
from papertrack.config.scalars import (
    ChoiceType,
    EventType,
    FlagType,
    NumberType,
    PathType,
    TextType,
    verbatim,
)
from papertrack.config.shared_types import CATEGORIES, URL
from papertrack.config.source_groups import SOURCES
from papertrack.models import Topic


def _check_topic(topic: Topic) -> Objection | None:
    if topic.any or topic.all or topic.authors or topic.organizations or topic.categories:
        return None
    return "matches nothing", "add any:, all:, authors:, organizations: or categories:"


def _changed_keys(**keys: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The actions whose keys are not the default ones."""
    return {
        item.action: keys[item.action]
        for item in all_browse_keys()
        if keys.get(item.action, item.keys) != item.keys
    }


def _check_keys(keys: Mapping[str, Sequence[str]]) -> Objection | None:
    clash = clashing_keys(keys)
    if clash is None:
        return None
    key, first, second = clash
    return f"gives the key {key} to {first} and to {second}", f"give {second} another key, too"


def _excess_of_phrase(text: str) -> tuple[str, str] | None:
    """What exceeds the limits of a phrase, which keep matching fast whatever a paper contains."""
    for count, most, what in (
        (len(text), _MAX_LETTERS, "characters"),
        (len(text.split()), _MAX_WORDS, "words"),
        (text.count("*"), _MAX_STARS, "stars"),
    ):
        if count > most:
            return f"has {count:,} {what}; a phrase has at most {most}", "write several phrases"
    return None


def _excess_of_name(text: str) -> tuple[str, str] | None:
    if len(text) <= _MAX_LETTERS:
        return None
    return f"has {len(text):,} characters; a name has at most {_MAX_LETTERS}", "check its quotes"


_MAX_LETTERS, _MAX_WORDS, _MAX_STARS = 200, 20, 5
_MAX_PHRASES = 2_000  # of a list
_TEXT = TextType()
_HEADER = TextType("printable ASCII", "[ -~]+", "papertrack (me@example.org)", verbatim)
_WITH_WORD = r".*[^\W_].*"  # Signs alone, such as a star, would match nothing.
_PHRASES = TextListType(
    TextType(
        pattern=_WITH_WORD,
        example='"graph network" or C++',
        lacking="word",
        excess=_excess_of_phrase,
    ),
    max_length=_MAX_PHRASES,
)
_NAMES = TextListType(
    TextType(pattern=_WITH_WORD, example="Ada Lovelace", lacking="word", excess=_excess_of_name),
    max_length=_MAX_PHRASES,
)
# Text that is valid in a file name on every system, with {id}, which makes it unique.
_FILE_NAME = TextType(
    "a file name with {id}, and as you like {author}, {year} and {title}",
    r"(?=.*\{id\})(?![. -])(?:\{(?:id|author|year|title)\}|[^/\\:*?\"<>|{}]){1,100}",
    '"{id} {title}"',
)
_FOLDER = PathType()
_TOPIC = RecordType(
    Topic,
    {
        "name": TextType(excess=_excess_of_name),
        "any": _PHRASES,
        "all": _PHRASES,
        "none": _PHRASES,
        "authors": _NAMES,
        "organizations": _NAMES,
        "categories": CATEGORIES,
        "threshold": NumberType(0, 100, whole=True),
        "when": TextListType(EventType(), min_length=1),
        "breadth": ChoiceType(("phrases", "related")),
    },
    _check_topic,
)
_STARRED = RecordType(Starred, {"when": TextListType(EventType(("new",)))})
_KEY = TextType("a key", KEY_PATTERN, "S, f2, enter or ctrl+d", verbatim)
_KEYS = RecordType(
    _changed_keys,
    {item.action: TextListType(_KEY, min_length=1) for item in all_browse_keys()},
    _check_keys,
    defaults={item.action: item.keys for item in all_browse_keys()},
)
CONFIG = RecordType(
    Config,
    {
        "library": _FOLDER,
        "sources": SOURCES,
        "topics": RecordListType(_TOPIC),
        "alerts": RecordType(
            Alerts,
            {
                "starred": _STARRED,
                "for_you": NumberType(1, 100, whole=True),
                "channels": RecordListType(CHANNEL),
            },
        ),
        "network": RecordType(
            Network, {"deadline_seconds": NumberType(0.1, 86400), "user_agent": _HEADER}
        ),
        "pdf": RecordType(Pdf, {"folder": _FOLDER, "name": _FILE_NAME}),
        "site": RecordType(Site, {"title": TextType(excess=_excess_of_name), "url": URL}),
        "log": PathType("a file", "~/papertrack.log"),
        "pager": ChoiceType(("auto", "never")),
        "links": ChoiceType(("auto", "always", "never")),
        "read_on_open": FlagType(),
        "recommend": FlagType(),
        "browse": RecordType(Browse, {"keys": _KEYS}),
    },
)
