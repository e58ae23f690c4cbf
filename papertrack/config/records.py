"""What the configuration says, as immutable records whose defaults are the program's defaults.

Named tuples for the reason given in papertrack.models.
"""

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from papertrack.models import Topic

if TYPE_CHECKING:  # only alerts need them, and each class takes its time at the start
    from papertrack.config.channels import Channel

Setting: TypeAlias = "str | float | bool"
AnySource: TypeAlias = "HuggingFaceSource | ArxivSource | PreprintsSource | PluginSource"


class HuggingFaceSource(NamedTuple):
    """Hugging Face Daily Papers; `base_url` has no slash at its end."""

    enabled: bool = True
    base_url: str = "https://huggingface.co"


class ArxivSource(NamedTuple):
    """The announcements of some arXiv categories, asked once in `delay_seconds`; with `cross_lists`
    also of papers of other categories that are listed in these, too.
    """

    enabled: bool = False
    categories: tuple[str, ...] = ()
    cross_lists: bool = False
    api_url: str = "https://export.arxiv.org/api/query"
    rss_url: str = "https://rss.arxiv.org"
    oai_url: str = "https://oaipmh.arxiv.org/oai"
    delay_seconds: float = 3


class PreprintsSource(NamedTuple):
    """What bioRxiv or medRxiv posts in some `categories`, in lower case, or in all where there are
    none; `base_url` has no slash at its end.
    """

    enabled: bool = False
    categories: tuple[str, ...] = ()
    base_url: str = "https://api.biorxiv.org"


class PluginSource(NamedTuple):
    """A source that another package provides, with settings that only that package knows."""

    enabled: bool = False
    settings: "tuple[tuple[str, Setting | tuple[Setting, ...]], ...]" = ()


def names_secret(key: str) -> bool:
    """Whether a key of a plugin seems to hold a secret: api_key, token, smtp-password."""
    last = key.lower().replace("-", "_").rpartition("_")[2]
    return last in ("key", "apikey", "token", "secret", "password", "passwd", "pass", "auth")


class Sources(NamedTuple):
    """Where papers come from; `others` are those of plugins with their names."""

    huggingface: HuggingFaceSource = HuggingFaceSource()
    arxiv: ArxivSource = ArxivSource()
    biorxiv: PreprintsSource = PreprintsSource()
    medrxiv: PreprintsSource = PreprintsSource()
    others: tuple[tuple[str, PluginSource], ...] = ()

    def enabled(self) -> "dict[str, AnySource]":
        """The settings of each source that is on by its name, papertrack's own first."""
        own = {name: one for name, one in self._asdict().items() if name != "others"}
        return {name: one for name, one in (own | dict(self.others)).items() if one.enabled}


class Starred(NamedTuple):
    """At which events alerts tell of starred papers; see papertrack.events."""

    when: tuple[str, ...] = ()


class Alerts(NamedTuple):
    """Where the matches of topics are delivered, and what of starred papers."""

    starred: Starred = Starred()
    channels: "tuple[Channel, ...]" = ()


class Network(NamedTuple):
    """How the network is used: `deadline_seconds` for a whole refresh; `user_agent` None is
    papertrack's own.
    """

    deadline_seconds: float = 30
    user_agent: str | None = None


class Config(NamedTuple):
    """The whole configuration. `path` is the file it came from, None for the defaults;
    `library` and `log` are absolute paths, or None where the file names none.
    """

    path: str | None = None
    library: str | None = None
    sources: Sources = Sources()
    topics: tuple[Topic, ...] = ()
    alerts: Alerts = Alerts()
    network: Network = Network()
    log: str | None = None
