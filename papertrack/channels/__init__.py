"""Delivery of messages through the channels of the configuration: email, webhook, file and others.

`connect` returns the sender of a channel; `Sender.send` delivers a `Message`. Both are called
inside `boundary`, so that no exception in one channel stops another. Each type of channel is a
module of its own name, imported when a channel of that type is used. The content and the schedule
of messages are decided in papertrack.alerts; it and the packages above may import this package.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from typing import Any, Literal, NamedTuple, Protocol, TextIO

from papertrack import log
from papertrack.config.channels import Channel
from papertrack.errors import FOREIGN_ERRORS, DeliveryError, PapertrackError, unexpected


class Message(NamedTuple):
    """A message in every format that a channel may need.

    id: ASCII letters, digits and hyphens; unchanged when the message is sent again.
    at: time of the message, with its time zone.
    text: for plain emails and terminals.
    html: None unless the sender `wants_html`.
    data: the object of `--format json`, for programs.
    """

    id: str
    at: datetime
    subject: str
    text: str
    markdown: str
    html: str | None
    data: Mapping[str, Any]


class Sender(Protocol):
    """Sends messages through one channel.

    `max_length` is the maximum number of characters of `text` and of `markdown`, None for no limit.
    The caller divides longer messages, as a sender must not truncate them.
    """

    wants_html: bool
    max_length: int | None

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """Send a message and return once the other side has accepted it.

        Returns warnings: an email may have been refused for some of its recipients. Raises
        DeliveryError, also after `seconds`.
        """


class SenderSpec(NamedTuple):
    """The sender class of a type of channel, defined in the module of that name.

    It is called with the channel and the arguments of `connect` named in `needs`.
    """

    name: str
    needs: tuple[Literal["environ", "stdout", "user_agent"], ...] = ()


SENDERS: Mapping[str, SenderSpec] = {
    "stdout": SenderSpec("StdoutSender", ("stdout",)),
    "email": SenderSpec("EmailSender", ("environ",)),
    "apprise": SenderSpec("AppriseSender", ("environ",)),
    "webhook": SenderSpec("WebhookSender", ("environ", "user_agent")),
    "command": SenderSpec("CommandSender", ("environ",)),
    "file": SenderSpec("FileSender"),
}


def connect(
    channel: Channel, environ: Mapping[str, str], stdout: TextIO, user_agent: str
) -> Sender:
    """Return the sender of a channel, with its secrets read; the network is not used yet.

    Raises DeliveryError of the kind "secret" if a secret is not available, and of the kind
    "program" if a required package is not installed.
    """
    spec = SENDERS[channel.type]
    arguments = {"environ": environ, "stdout": stdout, "user_agent": user_agent}
    sender_class = getattr(import_module(f"papertrack.channels.{channel.type}"), spec.name)
    sender: Sender = sender_class(channel, *(arguments[name] for name in spec.needs))
    return sender


@contextmanager
def boundary(channel: str) -> Iterator[None]:
    """Raise an unexpected exception as DeliveryError, with its traceback in the log.

    The kind is "unexpected", and the message may have arrived.
    """
    try:
        yield
    except PapertrackError:
        raise
    except FOREIGN_ERRORS as error:
        log.error("unexpected", error, channel=channel)
        raise DeliveryError(
            channel, "unexpected", unexpected(error), "-vv prints the traceback", unknown=True
        ) from None
