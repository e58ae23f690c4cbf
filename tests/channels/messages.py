"""A message like those of alerts, and what a server may send without end."""

from contextlib import suppress
from datetime import UTC, datetime

from papertrack.channels import Message

AT = datetime(2026, 3, 31, 18, 0, tzinfo=UTC)
MESSAGE = Message(
    id="20260331-mail-1a2b",
    at=AT,
    subject="papertrack: 2 new papers",
    text="New\n\n.hidden dots of ünïcode 检索\nhttps://arxiv.org/abs/2603.10165\n",
    markdown="# papertrack\n\n- [A *title*](<https://arxiv.org/abs/2603.10165>)\n",
    html="<html><body><p>2 <b>new</b> papers</p></body></html>",
    data={"schema": 1, "data": [{"id": "2603.10165", "title": "Ünï\ud800code"}]},
)


def pour(connection, line=b"250-" + b"x" * 8000 + b"\r\n"):
    """Send lines without end, as long as the other side reads them."""
    with suppress(OSError):
        while True:
            connection.sendall(line * 10)
