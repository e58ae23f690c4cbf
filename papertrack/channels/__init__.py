"""Sending messages to where readers want them. What is sent, and when, is decided in alerts/."""

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import Any, Literal, NamedTuple, Protocol, TextIO

from papertrack.config.channels import Channel


class Message(NamedTuple):
    """One message in every form that a channel may want.

    `id` (ASCII letters, digits and hyphens) is the same whenever the message is sent again. `text`
    is for plain mails and terminals, `html` is given where the sender `wants_html`, `data` is the
    object of `--format json`, for programs.
    """

    id: str
    at: datetime
    subject: str
    text: str
    markdown: str
    html: str | None
    data: Mapping[str, Any]


class Sender(Protocol):
    """What sends messages through one channel.

    `longest` is how many characters of `text` and of `markdown` it takes, None for any number:
    whoever makes messages divides them, as no sender may cut one.
    """

    wants_html: bool
    longest: int | None

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """Send it within that time; returns once the other side has taken it, with what there is
        to tell nevertheless: a mail may have been taken for some of its recipients only.

        Raises DeliveryError.
        """


class SenderSpec(NamedTuple):
    """The class that sends, in the module named as its type of channel; it is called with the
    channel and with those arguments of `connect` that it `needs`.
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
    """The sender of a channel, with its secrets at hand; nothing is asked over the network yet.

    Raises DeliveryError of the kind "secret" where one cannot be had, and of the kind "program"
    where what sends is not installed.
    """
    spec = SENDERS[channel.type]
    given = {"environ": environ, "stdout": stdout, "user_agent": user_agent}
    make = getattr(import_module(f"papertrack.channels.{channel.type}"), spec.name)
    sender: Sender = make(channel, *(given[name] for name in spec.needs))
    return sender
