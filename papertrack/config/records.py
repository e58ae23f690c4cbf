"""The configuration as immutable records, whose defaults are the defaults of the program.

Named tuples, for the reason given in papertrack.models.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from papertrack.models import Topic
from papertrack.source_registry import BUILT_IN, settings_of

if TYPE_CHECKING:  # only alerts use channels, and each class slows down the start
    from papertrack.config.channels import Channel


def names_secret(key: str) -> bool:
    """Whether the name of a plugin's key suggests a secret: api_key, token, smtp-password."""
    last = key.lower().replace("-", "_").rpartition("_")[2]
    return last in ("key", "apikey", "token", "secret", "password", "passwd", "pass", "auth")


class Sources(Mapping[str, Any]):
    """The settings record of each source by name: built-in sources, then configured plugins.

    `keys_by_source` has the configured keys of each source, including `enabled`. A record is
    created on lookup, because that imports the source, which would slow down every start.
    """

    def __init__(self, keys_by_source: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self.keys_by_source = keys_by_source or {}

    @property
    def enabled(self) -> tuple[str, ...]:
        """The names of the enabled sources, in order."""
        return tuple(name for name in self if self._is_enabled(name))

    @property
    def cross_lists(self) -> bool:
        """Whether a source is configured to show cross-listed papers."""
        return any(keys.get("cross_lists") is True for keys in self.keys_by_source.values())

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        keys = self.keys_by_source.get(name, {})
        return settings_of(name, {key: keys[key] for key in keys if key != "enabled"})

    def __contains__(self, name: object) -> bool:
        return name in BUILT_IN or name in self.keys_by_source

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*BUILT_IN, *self.keys_by_source)))

    def __len__(self) -> int:
        return len(BUILT_IN.keys() | self.keys_by_source.keys())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sources):
            return NotImplemented
        return self.enabled == other.enabled and dict(self) == dict(other)

    __hash__ = None  # type: ignore[assignment]  # mappings are not hashable

    def _is_enabled(self, name: str) -> bool:
        by_default = name in BUILT_IN and BUILT_IN[name].enabled
        return bool(self.keys_by_source.get(name, {}).get("enabled", by_default))


class Starred(NamedTuple):
    """The events of starred papers that alerts report; see papertrack.events."""

    when: tuple[str, ...] = ()


class Alerts(NamedTuple):
    """The channels for matches of topics, and the alerts for starred papers."""

    starred: Starred = Starred()
    channels: "tuple[Channel, ...]" = ()


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


class Config(NamedTuple):
    """The whole configuration.

    `path` is the file it was read from, None for the defaults. `library` and `log` are absolute
    paths, None if not configured. `pager`: whether tables longer than the terminal are paged.
    `links`: whether ids and titles are hyperlinks; "auto" on terminals that can show them.
    `read_on_open`: whether `open` marks papers as read.
    """

    path: str | None = None
    library: str | None = None
    sources: Sources = Sources()
    topics: tuple[Topic, ...] = ()
    alerts: Alerts = Alerts()
    network: Network = Network()
    pdf: Pdf = Pdf()
    log: str | None = None
    pager: Literal["auto", "never"] = "auto"
    links: Literal["auto", "always", "never"] = "auto"
    read_on_open: bool = False
    browse: Browse = Browse()
