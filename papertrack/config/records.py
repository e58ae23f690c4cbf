"""The configuration as immutable records, whose defaults are the defaults of the program.

Named tuples, for the reason given in papertrack.models.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from papertrack.models import Topic
from papertrack.source_registry import BUILT_IN, is_ranking, settings_of

if TYPE_CHECKING:  # only alerts use channels, and each class slows down the start
    from papertrack.config.channels import Channel


def names_secret(key: str) -> bool:
    """Whether the name of a plugin's key suggests a secret: api_key, token, smtp-password."""
    last = key.lower().replace("-", "_").rpartition("_")[2]
    return last in ("key", "apikey", "token", "secret", "password", "passwd", "pass", "auth")


class FeedSettings(NamedTuple):
    """An RSS or Atom feed: the name of its source, and how often it is requested at most."""

    name: str
    url: str
    every: Literal["hour", "day", "week"] = "hour"


class Sources(Mapping[str, Any]):
    """The settings record of each source by name: built-in sources, configured plugins, feeds.

    `keys_by_source` has the configured keys of each source, including `enabled`. A record is
    created on lookup, because that imports the source, which would slow down every start.
    """

    def __init__(
        self,
        keys_by_source: Mapping[str, Mapping[str, Any]] | None = None,
        feeds: tuple[FeedSettings, ...] = (),
    ) -> None:
        self.keys_by_source, self.feeds = keys_by_source or {}, feeds
        self._feeds = {feed.name: feed for feed in feeds}

    @property
    def enabled(self) -> tuple[str, ...]:
        """The names of the enabled sources that list papers, in order."""
        return tuple(name for name in self if self._is_enabled(name) and not is_ranking(name))

    @property
    def rankings(self) -> tuple[str, ...]:
        """The names of the enabled sources that rank papers instead of listing them, in order."""
        return tuple(name for name in self if is_ranking(name) and self._is_enabled(name))

    @property
    def cross_lists(self) -> bool:
        """Whether a source is configured to show cross-listed papers."""
        return any(keys.get("cross_lists") is True for keys in self.keys_by_source.values())

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        if name in self._feeds:
            return self._feeds[name]
        keys = self.keys_by_source.get(name, {})
        return settings_of(name, {key: keys[key] for key in keys if key != "enabled"})

    def __contains__(self, name: object) -> bool:
        return name in BUILT_IN or name in self.keys_by_source or name in self._feeds

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*BUILT_IN, *self.keys_by_source, *self._feeds)))

    def __len__(self) -> int:
        return len(BUILT_IN.keys() | self.keys_by_source.keys() | self._feeds.keys())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sources):
            return NotImplemented
        enabled = (self.enabled, self.rankings) == (other.enabled, other.rankings)
        return enabled and dict(self) == dict(other)

    __hash__ = None  # type: ignore[assignment]  # mappings are not hashable

    def _is_enabled(self, name: str) -> bool:
        if name in self._feeds:
            return True
        by_default = name in BUILT_IN and BUILT_IN[name].enabled
        return bool(self.keys_by_source.get(name, {}).get("enabled", by_default))


class Starred(NamedTuple):
    """The events of starred papers that alerts report; see papertrack.events."""

    when: tuple[str, ...] = ()


class Alerts(NamedTuple):
    """The channels for matches of topics, and the alerts for starred papers.

    `for_you` is the number of recommended papers a day.
    """

    starred: Starred = Starred()
    channels: "tuple[Channel, ...]" = ()
    for_you: int = 5


class Network(NamedTuple):
    """Settings of the network: the deadline of a whole refresh, and the User-Agent header.

    `user_agent` None stands for papertrack's own.
    """

    deadline_seconds: float = 30
    user_agent: str | None = None


class Pdf(NamedTuple):
    """The folder of downloaded PDFs, None for ~/papers/pdf, and the template of their names.

    The template has the fields {id}, {author}, {year} and {title}.
    """

    folder: str | None = None
    name: str = "{id} {author} {year} {title}"


class Browse(NamedTuple):
    """The keys of `browse` by action, where they differ from the defaults; see browse_keys."""

    keys: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class Site(NamedTuple):
    """The title of the site that `publish` writes, and its address, None if it is unknown."""

    title: str = "papertrack"
    url: str | None = None


class Config(NamedTuple):
    """The whole configuration.

    `path` is the file it was read from, None for the defaults. `library` and `log` are absolute
    paths, None if not configured. `pager`: whether tables longer than the terminal are paged.
    `links`: whether ids and titles are hyperlinks; "auto" on terminals that can show them.
    `read_on_open`: whether `open` marks papers as read. `recommend`: whether `today`, `catchup` and
    `browse` have a section of recommended papers.
    """

    path: str | None = None
    library: str | None = None
    sources: Sources = Sources()
    topics: tuple[Topic, ...] = ()
    alerts: Alerts = Alerts()
    network: Network = Network()
    pdf: Pdf = Pdf()
    site: Site = Site()
    log: str | None = None
    pager: Literal["auto", "never"] = "auto"
    links: Literal["auto", "always", "never"] = "auto"
    read_on_open: bool = False
    recommend: bool = True
    browse: Browse = Browse()
