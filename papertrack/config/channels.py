"""The delivery channels of alerts, as records of the configuration.

Dataclasses, because the channels share keys. They are imported only together with yaml.
"""

from dataclasses import dataclass, field
from typing import Literal

# Reserved words under `topics:` of a channel; a topic of that name takes precedence.
NO_TOPICS, STARRED, FOR_YOU = "none", "starred", "for you"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """The content and the schedule of a channel, the same keys for every type of channel.

    topics: names of topics; empty for all topics and starred papers. NO_TOPICS stands for no topic,
        STARRED for events of starred papers, and FOR_YOU for recommended papers.
    every: deliver with each run, or the matches of a day or a week together.
    send_days: days of the week (mon, tue, ...); empty for any day.
    at_most: papers of a message in full, best first, the rest by title; None for all.
    one_by_one: send one message per paper.
    trending: number of top trending papers to include.
    when_empty: whether to send a line that says what was checked if there is nothing to deliver.
    """

    name: str
    topics: tuple[str, ...] = ()
    every: Literal["run", "day", "week"] = "run"
    send_days: tuple[str, ...] = ()
    at_most: int | None = None
    one_by_one: bool = False
    trending: int = 0
    when_empty: Literal["silent", "say"] = "silent"

    def delivers(self, topic: str) -> bool:
        """Whether the channel delivers matches of a topic, ignoring case, or STARRED."""
        return not self.topics or topic.casefold() in map(str.casefold, self.topics)

    @property
    def recommends(self) -> bool:
        """Whether the channel names FOR_YOU, which stands for recommended papers or a topic."""
        return FOR_YOU in map(str.casefold, self.topics)


@dataclass(frozen=True, slots=True, kw_only=True)
class StdoutChannel(Subscription):
    """Alerts on standard output, as plain text or markdown."""

    type: Literal["stdout"]
    form: Literal["plain", "markdown"] = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChannel(Subscription):
    """Alerts by email through an SMTP server.

    At most one of the three password fields is set. `sender` defaults to `user` if that is an
    address, else to the first of `to`. `ca_file` replaces the certificates of the system.
    """

    type: Literal["email"]
    to: tuple[str, ...]
    host: str = "localhost"
    port: int = 25
    encryption: Literal["none", "starttls", "tls"] = "none"
    ca_file: str | None = None
    sender: str | None = None
    user: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    password_keyring: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseChannel(Subscription):
    """Alerts through apprise. One of the three fields locates its secret URL."""

    type: Literal["apprise"]
    url_env: str | None = None
    url_file: str | None = None
    url_keyring: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel(Subscription):
    """Alerts as JSON in a POST request, with a bearer token if one is configured.

    `url` is stored verbatim; instead of it, one of the other three fields locates a secret URL.
    """

    type: Literal["webhook"]
    url: str | None = field(default=None, repr=False)  # it may contain a secret
    url_env: str | None = None
    url_file: str | None = None
    url_keyring: str | None = None
    token_env: str | None = None
    token_file: str | None = None
    token_keyring: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandChannel(Subscription):
    """Alerts as JSON on the standard input of a program: `run` is its name and arguments."""

    type: Literal["command"]
    run: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChannel(Subscription):
    """Alerts as markdown: one file per day in the folder `path`, or one file ending in ".md"."""

    type: Literal["file"]
    path: str


Channel = (
    StdoutChannel | EmailChannel | AppriseChannel | WebhookChannel | CommandChannel | FileChannel
)
