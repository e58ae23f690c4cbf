"""Every key of the configuration file. Defaults are those of the records."""

from papertrack.config.channel_keys import CHANNEL
from papertrack.config.groups import Objection, Record, Records, Texts
from papertrack.config.kinds import CATEGORIES
from papertrack.config.records import Alerts, Config, Network, Starred
from papertrack.config.scalars import Choice, Folder, Number, Occasion, Text, verbatim
from papertrack.config.source_groups import SOURCES
from papertrack.models import Topic


def _topic_objection(topic: Topic) -> Objection | None:
    if topic.any or topic.all or topic.authors or topic.categories:
        return None
    return "matches nothing", "give it phrases under any: or all:, or authors, or categories"


_VISIBLE = Text()
_HEADER = Text("printable ASCII", "[ -~]+", "papertrack (me@example.org)", verbatim)
_PHRASES = Texts(_VISIBLE)

_FOLDER = Folder()
_TOPIC = Record(
    Topic,
    {
        "name": _VISIBLE,
        "any": _PHRASES,
        "all": _PHRASES,
        "none": _PHRASES,
        "authors": _PHRASES,
        "categories": CATEGORIES,
        "threshold": Number(0, 100, whole=True),
        "when": Texts(Occasion(), least=1),
        "breadth": Choice(("phrases", "related")),
    },
    _topic_objection,
)
_STARRED = Record(Starred, {"when": Texts(Occasion(("new",)))})
CONFIG = Record(
    Config,
    {
        "library": _FOLDER,
        "sources": SOURCES,
        "topics": Records(_TOPIC),
        "alerts": Record(Alerts, {"starred": _STARRED, "channels": Records(CHANNEL)}),
        "network": Record(Network, {"deadline_seconds": Number(0.1, 86400), "user_agent": _HEADER}),
    },
)
