"""Every key of the configuration file. Defaults are those of the records."""

from papertrack.config.channel_keys import CHANNEL
from papertrack.config.groups import Objection, Others, Record, Records, Texts
from papertrack.config.plugins import Free, any_name, plugin_objection, provided_names
from papertrack.config.records import (
    Alerts,
    ArxivSource,
    Config,
    HuggingFaceSource,
    Network,
    PluginSource,
    PreprintsSource,
    Sources,
    Starred,
)
from papertrack.config.scalars import (
    CREDENTIALS,
    SITE,
    Choice,
    Flag,
    Number,
    Occasion,
    Path,
    Text,
    verbatim,
)
from papertrack.models import Topic
from papertrack.text import clean

# cs.CL, hep-th, math, cond-mat.mes-hall, physics.optics
_CATEGORY = r"[a-z]+(?:-[a-z]+)*(?:\.(?:[A-Z]{2}|[a-z]{2,}-[a-z]+|[a-z]{4,}))?"


def _without_slash(url: str) -> str:
    return url.rstrip("/")


def _category(text: str) -> str:
    """A category as arXiv writes it: "CS.cl" is "cs.CL", "Hep-Th" is "hep-th"."""
    archive, dot, subject = clean(text).partition(".")
    return archive.lower() + dot + (subject.lower() if subject[2:] else subject.upper())


def _subject(text: str) -> str:
    """A category of bioRxiv in words: "Cell_Biology" is "cell biology"."""
    return clean(text.replace("_", " ")).lower()


def _topic_objection(topic: Topic) -> Objection | None:
    if topic.any or topic.all or topic.authors or topic.categories:
        return None
    return "matches nothing", "give it phrases under any: or all:, or authors, or categories"


def _arxiv_objection(arxiv: ArxivSource) -> Objection | None:
    if arxiv.categories or not arxiv.enabled:
        return None
    return "is enabled without categories", "add for example categories: [cs.CL, cs.LG]"


_VISIBLE = Text()
_URL = Text(
    "a web address with http:// or https:// and without ? or #",
    SITE + r"(?:/[^\s?#]*)?",
    "https://example.org/path",
    _without_slash,
    CREDENTIALS,
)
_HEADER = Text("printable ASCII", "[ -~]+", "papertrack (me@example.org)", verbatim)
_CATEGORIES = Texts(Text("an arXiv category", _CATEGORY, "cs.CL, math or hep-th", _category))
_SUBJECT = r"[a-z][a-z0-9 ,/&()'-]*"
_SUBJECTS = Texts(Text("a category in words", _SUBJECT, "neuroscience or cell biology", _subject))
_PHRASES = Texts(_VISIBLE)

_FLAG = Flag()
_FOLDER = Path()
_HUGGINGFACE = Record(HuggingFaceSource, {"enabled": _FLAG, "base_url": _URL})
_ARXIV = Record(
    ArxivSource,
    {
        "enabled": _FLAG,
        "categories": _CATEGORIES,
        "cross_lists": _FLAG,
        "api_url": _URL,
        "rss_url": _URL,
        "oai_url": _URL,
        "delay_seconds": Number(0, 3600),
    },
    _arxiv_objection,
)
_PREPRINTS = Record(PreprintsSource, {"enabled": _FLAG, "categories": _SUBJECTS, "base_url": _URL})
_PLUGIN = Record(
    PluginSource,
    {"enabled": _FLAG},
    plugin_objection,
    Others("settings", Free(CREDENTIALS), any_name, "unknown key"),
)
_SOURCES = Record(
    Sources,
    {
        "huggingface": _HUGGINGFACE,
        "arxiv": _ARXIV,
        "biorxiv": _PREPRINTS,
        "medrxiv": _PREPRINTS,
    },
    others=Others(
        "others", _PLUGIN, provided_names, "unknown key: no plugin provides such a source"
    ),
)
_OWN = tuple(_SOURCES.fields)
_TOPIC = Record(
    Topic,
    {
        "name": _VISIBLE,
        "any": _PHRASES,
        "all": _PHRASES,
        "none": _PHRASES,
        "authors": _PHRASES,
        "categories": _CATEGORIES,
        "threshold": Number(0, 100, whole=True),
        "when": Texts(Occasion(_OWN), least=1),
        "breadth": Choice(("phrases", "related")),
    },
    _topic_objection,
)
_STARRED = Record(Starred, {"when": Texts(Occasion(_OWN, ("new",)))})
CONFIG = Record(
    Config,
    {
        "library": _FOLDER,
        "sources": _SOURCES,
        "topics": Records(_TOPIC),
        "alerts": Record(Alerts, {"starred": _STARRED, "channels": Records(CHANNEL)}),
        "network": Record(Network, {"deadline_seconds": Number(0.1, 86400), "user_agent": _HEADER}),
        "log": Path("a file", "~/papertrack.log"),
    },
)
