"""The channels that alerts are delivered through, as the configuration describes them."""

from typing import Literal, NamedTuple


class StdoutChannel(NamedTuple):
    """Alerts on standard output."""

    name: str
    type: Literal["stdout"]


class EmailChannel(NamedTuple):
    """Alerts by mail through an SMTP server. The password is in the environment variable
    `password_env`; `encryption` is none, starttls or tls.
    """

    name: str
    type: Literal["email"]
    to: tuple[str, ...]
    host: str = "localhost"
    port: int = 25
    sender: str | None = None
    user: str | None = None
    password_env: str | None = None
    encryption: Literal["none", "starttls", "tls"] = "none"


class AppriseChannel(NamedTuple):
    """Alerts through apprise, whose secret URL is in the environment variable `url_env`."""

    name: str
    type: Literal["apprise"]
    url_env: str


class WebhookChannel(NamedTuple):
    """Alerts as JSON in a POST request to `url`, which is kept as it was written."""

    name: str
    type: Literal["webhook"]
    url: str


class CommandChannel(NamedTuple):
    """Alerts as JSON on the standard input of a program: `run` is its name and arguments."""

    name: str
    type: Literal["command"]
    run: tuple[str, ...]


class FileChannel(NamedTuple):
    """Alerts as markdown, one file a day in the folder `path`."""

    name: str
    type: Literal["file"]
    path: str


Channel = (
    StdoutChannel | EmailChannel | AppriseChannel | WebhookChannel | CommandChannel | FileChannel
)
