"""The email for a message: plain text and HTML, with headers safe from any title."""

import re
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from papertrack.channels import Message
from papertrack.text import clean, shorten

_MAX_SUBJECT = 200
_MAX_LABEL = 40
# Every server accepts seven bits: other lines are encoded, and decoded by the mail program.
_POLICY = SMTP.clone(cte_type="7bit")


def email_message(message: Message, channel: str, sender: str, to: Sequence[str]) -> bytes:
    """Return the email as bytes for SMTP, with CR LF line ends.

    The Message-ID is derived from the id of the message, so that it is the same when the message is
    sent again; the List-Id (RFC 2919) is derived from the name of the channel.
    """
    host = sender.rpartition("@")[2]
    mail = EmailMessage(_POLICY)
    mail["From"] = _address(sender, "papertrack")
    mail["To"] = [_address(recipient) for recipient in to]
    mail["Subject"] = _subject(message.subject)
    mail["Date"] = message.at
    mail["Message-ID"] = f"<{message.id}@{host}>"
    mail["List-Id"] = f"<{_label(channel)}.papertrack.{host}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: suppresses vacation replies
    mail.set_content(_encodable(message.text))
    if message.html is not None:
        mail.add_alternative(_encodable(message.html), subtype="html")
    return mail.as_bytes()


def _subject(text: str) -> str:
    """The subject on one line, without encoded words.

    Python decodes text that looks like an encoded word ("=?utf-8?q?=0D=0ABcc: ...?=") and would
    write the line end in it into the headers.
    """
    return shorten(clean(text), _MAX_SUBJECT).replace("=?", "= ?")


def _address(text: str, name: str = "") -> Address:
    user, _, host = text.rpartition("@")
    return Address(name, user, host)


def _label(channel: str) -> str:
    """The name of a channel as a label of a host name."""
    plain = re.sub("[^a-z0-9]+", "-", channel.lower()).strip("-")
    return plain[:_MAX_LABEL] or "alerts"


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()
