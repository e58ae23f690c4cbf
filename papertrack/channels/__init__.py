"""Sending messages to where readers want them. What is sent, and when, is decided in alerts/."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol


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

    def send(self, message: Message, seconds: float) -> None:
        """Send it within that time; returns once the other side has taken it.

        Raises DeliveryError.
        """
