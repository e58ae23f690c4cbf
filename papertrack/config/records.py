"""What the configuration says, as immutable records whose defaults are the program's defaults.

Named tuples for the reason given in papertrack.models.
"""

from typing import TYPE_CHECKING, NamedTuple

from papertrack.models import Topic

if TYPE_CHECKING:  # only alerts need them, and each class takes its time at the start
    from papertrack.config.channels import Channel


class HuggingFaceSource(NamedTuple):
    """Hugging Face Daily Papers; `base_url` has no slash at its end."""

    enabled: bool = True
    base_url: str = "https://huggingface.co"


class ArxivSource(NamedTuple):
    """The announcements of some arXiv categories, asked once in `delay_seconds`."""

    enabled: bool = False
    categories: tuple[str, ...] = ()
    api_url: str = "https://export.arxiv.org/api/query"
    rss_url: str = "https://rss.arxiv.org"
    oai_url: str = "https://oaipmh.arxiv.org/oai"
    delay_seconds: float = 3


class Sources(NamedTuple):
    """Where papers come from."""

    huggingface: HuggingFaceSource = HuggingFaceSource()
    arxiv: ArxivSource = ArxivSource()


class Alerts(NamedTuple):
    """Where the matches of topics are delivered."""

    channels: "tuple[Channel, ...]" = ()


class Network(NamedTuple):
    """How the network is used: `deadline_seconds` for a whole refresh; `user_agent` None is
    papertrack's own.
    """

    deadline_seconds: float = 30
    user_agent: str | None = None


class Config(NamedTuple):
    """The whole configuration. `path` is the file it came from, None for the defaults;
    `library` is an absolute path, or None where the file names none.
    """

    path: str | None = None
    library: str | None = None
    sources: Sources = Sources()
    topics: tuple[Topic, ...] = ()
    alerts: Alerts = Alerts()
    network: Network = Network()
