"""What the configuration says, as immutable records whose defaults are the program's defaults.

Named tuples for the reason given in papertrack.models.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from papertrack.models import Topic
from papertrack.source_registry import BUILT_IN, settings_of

if TYPE_CHECKING:  # only alerts need them, and each class takes its time at the start
    from papertrack.config.channels import Channel


def names_secret(key: str) -> bool:
    """Whether a key of a plugin seems to hold a secret: api_key, token, smtp-password."""
    last = key.lower().replace("-", "_").rpartition("_")[2]
    return last in ("key", "apikey", "token", "secret", "password", "passwd", "pass", "auth")


class Sources(Mapping[str, Any]):
    """The settings record of each source by its name: built-in sources, then the plugins that the
    configuration names.

    `written` holds what the configuration says of the sources it names, `enabled` included. A
    record is made when it is looked up, as that imports the source, which a start need not.
    """

    def __init__(self, written: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self.written = written or {}

    @property
    def enabled(self) -> tuple[str, ...]:
        """The names of the sources that are enabled, in order."""
        return tuple(name for name in self if self._is_enabled(name))

    @property
    def cross_lists(self) -> bool:
        """Whether a source is configured to show papers listed from other categories."""
        return any(keys.get("cross_lists") is True for keys in self.written.values())

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        keys = self.written.get(name, {})
        return settings_of(name, {key: keys[key] for key in keys if key != "enabled"})

    def __contains__(self, name: object) -> bool:
        return name in BUILT_IN or name in self.written

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*BUILT_IN, *self.written)))

    def __len__(self) -> int:
        return len(BUILT_IN.keys() | self.written.keys())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sources):
            return NotImplemented
        return self.enabled == other.enabled and dict(self) == dict(other)

    __hash__ = None  # type: ignore[assignment]  # as of every mapping

    def __repr__(self) -> str:
        return f"Sources({self.written!r})"

    def _is_enabled(self, name: str) -> bool:
        by_default = name in BUILT_IN and BUILT_IN[name].enabled
        return bool(self.written.get(name, {}).get("enabled", by_default))


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
    `library` is an absolute path, or None where the file names none.
    """

    path: str | None = None
    library: str | None = None
    sources: Sources = Sources()
    topics: tuple[Topic, ...] = ()
    alerts: Alerts = Alerts()
    network: Network = Network()
