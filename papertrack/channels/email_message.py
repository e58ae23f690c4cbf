"""A message as a mail: plain text and HTML, and headers that no title can break out of."""

import re
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from papertrack.channels import Message
from papertrack.text import clean, shorten

_LONGEST_SUBJECT = 200
_LONGEST_LIST = 40
# Seven bits pass everywhere: longer or other lines are encoded, as mailers decode them.
_POLICY = SMTP.clone(cte_type="7bit")


def email_message(message: Message, channel: str, sender: str, to: Sequence[str]) -> bytes:
    """The mail as SMTP sends it, lines ended by CR LF. Its Message-ID follows from the id of the
    message, its List-Id (RFC 2919) from the name of the channel. Mailers show the text as it is
    divided into lines; the HTML is an alternative for those that want it.
    """
    host = sender.rpartition("@")[2]
    mail = EmailMessage(_POLICY)
    mail["From"] = _address(sender, "papertrack")
    mail["To"] = [_address(one) for one in to]
    mail["Subject"] = _subject(message.subject)
    mail["Date"] = message.at
    mail["Message-ID"] = f"<{message.id}@{host}>"
    mail["List-Id"] = f"<{_label(channel)}.papertrack.{host}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notes in answer to it
    mail.set_content(_encodable(message.text))
    if message.html is not None:
        mail.add_alternative(_encodable(message.html), subtype="html")
    return mail.as_bytes()


def _subject(text: str) -> str:
    """One line. Python decodes what looks like an encoded word ("=?utf-8?q?=0D=0ABcc: ...?=") and
    would write the line end in it into the head of the mail, so none may be left.
    """
    return shorten(clean(text), _LONGEST_SUBJECT).replace("=?", "= ?")


def _address(text: str, name: str = "") -> Address:
    user, _, host = text.rpartition("@")
    return Address(name, user, host)


def _label(channel: str) -> str:
    """The name of a channel as a part of a host name."""
    plain = re.sub("[^a-z0-9]+", "-", channel.lower()).strip("-")
    return plain[:_LONGEST_LIST] or "alerts"


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()
