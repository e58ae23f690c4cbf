"""The channels that alerts are delivered through, as the configuration describes them.

Dataclasses, as they have keys in common; they are only imported together with yaml.
"""

from dataclasses import dataclass, field
from typing import Literal

# Words under `topics:` that are no topics, unless a topic is called so.
NO_TOPICS, STARRED = "none", "starred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a channel gets and when, for every type of channel.

    `topics`: the names of those it gets, all of them and starred papers where there are none;
    NO_TOPICS stands for no topic, STARRED for what happens to starred papers. `every`: with each
    run, or what came in a day or a week at once; `send_days` (mon, tue, ...): on these days only,
    any where there are none. `at_most`: so many papers of a message in full, best first, the rest
    by title; None for all. `one_by_one`: a message a paper. `trending`: so many of the top
    trending papers come along.
    """

    name: str
    topics: tuple[str, ...] = ()
    every: Literal["run", "day", "week"] = "run"
    send_days: tuple[str, ...] = ()
    at_most: int | None = None
    one_by_one: bool = False
    trending: int = 0

    def takes(self, topic: str) -> bool:
        """Whether it gets what matches a topic of that name, in any case; or STARRED."""
        return not self.topics or topic.casefold() in map(str.casefold, self.topics)


@dataclass(frozen=True, slots=True, kw_only=True)
class StdoutChannel(Subscription):
    """Alerts on standard output, in plain lines or as markdown."""

    type: Literal["stdout"]
    form: Literal["plain", "markdown"] = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChannel(Subscription):
    """Alerts by mail through an SMTP server. The password is in one of three places;
    `sender` None is `user` where that is an address, else the first of `to`; `ca_file` holds the
    certificates to trust instead of the system's.
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
    """Alerts through apprise, whose secret URL is in one of three places."""

    type: Literal["apprise"]
    url_env: str | None = None
    url_file: str | None = None
    url_keyring: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel(Subscription):
    """Alerts as JSON in a POST request to `url`, which is kept as it was written, or is in one of
    three secret places; with a bearer token where there is one.
    """

    type: Literal["webhook"]
    url: str | None = field(default=None, repr=False)  # it may hold a secret
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
    """Alerts as markdown, one file a day in the folder `path`; or all in that very file, where its
    name ends in ".md".
    """

    type: Literal["file"]
    path: str


Channel = (
    StdoutChannel | EmailChannel | AppriseChannel | WebhookChannel | CommandChannel | FileChannel
)
