"""Every key of the configuration file. Defaults are those of the records."""

from papertrack.config.channel_keys import CHANNEL
from papertrack.config.groups import Objection, RecordListType, RecordType, TextListType
from papertrack.config.kinds import CATEGORIES
from papertrack.config.records import Alerts, Config, Network, Starred
from papertrack.config.scalars import ChoiceType, EventType, NumberType, Path, TextType, verbatim
from papertrack.config.source_groups import SOURCES
from papertrack.models import Topic


def _topic_objection(topic: Topic) -> Objection | None:
    if topic.any or topic.all or topic.authors or topic.categories:
        return None
    return "matches nothing", "give it phrases under any: or all:, or authors, or categories"


_VISIBLE = TextType()
_HEADER = TextType("printable ASCII", "[ -~]+", "papertrack (me@example.org)", verbatim)
_PHRASES = TextListType(_VISIBLE)

_FOLDER = Path()
_TOPIC = RecordType(
    Topic,
    {
        "name": _VISIBLE,
        "any": _PHRASES,
        "all": _PHRASES,
        "none": _PHRASES,
        "authors": _PHRASES,
        "categories": CATEGORIES,
        "threshold": NumberType(0, 100, whole=True),
        "when": TextListType(EventType(), least=1),
        "breadth": ChoiceType(("phrases", "related")),
    },
    _topic_objection,
)
_STARRED = RecordType(Starred, {"when": TextListType(EventType(("new",)))})
CONFIG = RecordType(
    Config,
    {
        "library": _FOLDER,
        "sources": SOURCES,
        "topics": RecordListType(_TOPIC),
        "alerts": RecordType(Alerts, {"starred": _STARRED, "channels": RecordListType(CHANNEL)}),
        "network": RecordType(
            Network, {"deadline_seconds": NumberType(0.1, 86400), "user_agent": _HEADER}
        ),
        "log": Path("a file", "~/papertrack.log"),
    },
)
