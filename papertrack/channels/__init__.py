"""Sending messages to where readers want them. What is sent, and when, is decided in alerts/."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TextIO

from papertrack.config.channels import (
    AppriseChannel,
    Channel,
    CommandChannel,
    EmailChannel,
    FileChannel,
    StdoutChannel,
)


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


def connect(
    channel: Channel, environ: Mapping[str, str], stdout: TextIO, user_agent: str
) -> Sender:
    """The sender of a channel, with its secrets at hand; nothing is asked over the network yet.

    Raises DeliveryError of the kind "secret" where one cannot be had, and of the kind "program"
    where what sends is not installed.
    """
    if isinstance(channel, StdoutChannel):
        from papertrack.channels.stdout import StdoutSender

        return StdoutSender(channel, stdout)
    if isinstance(channel, FileChannel):
        from papertrack.channels.file import FileSender

        return FileSender(channel)
    if isinstance(channel, EmailChannel):
        from papertrack.channels.email import EmailSender

        return EmailSender(channel, environ)
    if isinstance(channel, CommandChannel):
        from papertrack.channels.command import CommandSender

        return CommandSender(channel, environ)
    if isinstance(channel, AppriseChannel):
        from papertrack.channels.apprise import AppriseSender

        return AppriseSender(channel, environ)
    from papertrack.channels.webhook import WebhookSender

    return WebhookSender(channel, environ, user_agent)
