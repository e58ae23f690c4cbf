"""Every key of the configuration file. Defaults are those of the records."""

from papertrack.config.channels import (
    AppriseChannel,
    CommandChannel,
    EmailChannel,
    FileChannel,
    StdoutChannel,
    WebhookChannel,
)
from papertrack.config.groups import Objection, Others, Record, Records, Texts, Variants
from papertrack.config.places import Kind
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
)
from papertrack.config.scalars import Choice, Flag, Folder, Number, Text, verbatim
from papertrack.models import Topic
from papertrack.text import clean

_PORT = "6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[0-9]{1,4}"
_SITE = rf"https?://(?:[^\s/?#@]*@)?(?:\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(?:{_PORT}))?"
_CREDENTIALS = r"(?<=://)[^/?#@]*(?=@)"
# Services put the secret of a webhook into its path or query.
_AFTER_THE_HOST = r"(?<=[^:/][/?#]).+"
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
_VERBATIM = Text(tidy=verbatim)
_URL = Text(
    "a web address with http:// or https:// and without ? or #",
    _SITE + r"(?:/[^\s?#]*)?",
    "https://example.org/path",
    _without_slash,
    _CREDENTIALS,
)
_HOOK = Text(
    "a web address with http:// or https://",
    _SITE + r"(?:[/?#]\S*)?",
    "https://example.org/hook",
    verbatim,
    f"{_CREDENTIALS}|{_AFTER_THE_HOST}",
)
_VARIABLE_NAME = Text(
    "the name of an environment variable", "[A-Za-z_][A-Za-z0-9_]*", "TEAM_URL", verbatim
)
_ADDRESS = Text("one mail address", r"[^@\s,;<>]+@[^@\s,;<>]+", "me@example.org", verbatim)
_HOST = Text("a host name", r"[\w.-]+|[0-9a-fA-F:.]+", "smtp.example.org", verbatim)
_HEADER = Text("printable ASCII", "[ -~]+", "papertrack (me@example.org)", verbatim)
_CATEGORIES = Texts(Text("an arXiv category", _CATEGORY, "cs.CL, math or hep-th", _category))
_SUBJECT = r"[a-z][a-z0-9 ,/&()'-]*"
_SUBJECTS = Texts(Text("a category in words", _SUBJECT, "neuroscience or cell biology", _subject))
_PHRASES = Texts(_VISIBLE)

_FLAG = Flag()
_FOLDER = Folder()
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
    Others("settings", Free(_CREDENTIALS), any_name, "unknown key"),
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
    },
    _topic_objection,
)
_BOTH: dict[str, Kind] = {"name": _VISIBLE, "type": _VERBATIM}
_EMAIL: dict[str, Kind] = {
    "to": Texts(_ADDRESS, least=1),
    "host": _HOST,
    "port": Number(1, 65535, whole=True),
    "encryption": Choice(("none", "starttls", "tls")),
    "sender": _ADDRESS,
    "user": _VERBATIM,
    "password_env": _VARIABLE_NAME,
}
_CHANNEL = Variants(
    {
        "stdout": Record(StdoutChannel, _BOTH),
        "email": Record(EmailChannel, _BOTH | _EMAIL),
        "apprise": Record(AppriseChannel, _BOTH | {"url_env": _VARIABLE_NAME}),
        "webhook": Record(WebhookChannel, _BOTH | {"url": _HOOK}),
        "command": Record(CommandChannel, _BOTH | {"run": Texts(_VERBATIM, least=1)}),
        "file": Record(FileChannel, _BOTH | {"path": _FOLDER}),
    }
)
CONFIG = Record(
    Config,
    {
        "library": _FOLDER,
        "sources": _SOURCES,
        "topics": Records(_TOPIC),
        "alerts": Record(Alerts, {"channels": Records(_CHANNEL)}),
        "network": Record(Network, {"deadline_seconds": Number(0.1, 86400), "user_agent": _HEADER}),
    },
)
