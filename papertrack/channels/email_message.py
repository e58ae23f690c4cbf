"""The email for a message: plain text and HTML, with headers safe from any title."""

import re
from collections.abc import Sequence
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy

from papertrack.channels import Message
from papertrack.text import clean, shorten

_MAX_SUBJECT = 200
_MAX_LABEL = 40
_MAX_PLAIN_SUBJECT = 66  # characters on one line of 78 with the name of the header
# Every server accepts seven bits: other lines are encoded, and decoded by the mail program.
_POLICY = SMTP.clone(cte_type="7bit")


def email_message(message: Message, channel: str, sender: str, to: Sequence[str]) -> bytes:
    """Return the email as bytes for SMTP, with CR LF line ends.

    The Message-ID is derived from the id of the message, so that it is the same when the message is
    sent again; the List-Id (RFC 2919) is derived from the name of the channel.
    """
    host = sender.rpartition("@")[2]
    is_ascii = all(map(str.isascii, (sender, *to)))
    mail = EmailMessage(_POLICY if is_ascii else _POLICY.clone(utf8=True))  # RFC 6532
    mail["From"] = _address(sender, "papertrack")
    mail["To"] = [_address(recipient) for recipient in to]
    mail["Subject"] = _Subject(shorten(clean(message.subject), _MAX_SUBJECT))
    mail["Date"] = message.at
    mail["Message-ID"] = f"<{message.id}@{host}>"
    mail["List-Id"] = f"<{_label(channel)}.papertrack.{host}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: suppresses vacation replies
    mail.set_content(_encodable(message.text))
    if message.html is not None:
        mail.add_alternative(_encodable(message.html), subtype="html")
    return mail.as_bytes()


class _Subject(str):
    """A subject that every mail program decodes to the same text, as the value of a header.

    Python's own folding of headers loses or doubles spaces in some versions, such as 3.11.7, and
    decodes a text that looks like an encoded word ("=?utf-8?q?=0D=0ABcc: ...?=").
    """

    __slots__ = ()
    name = "Subject"  # the policy leaves a value with the name of its header as it is

    def fold(self, *, policy: EmailPolicy) -> str:
        """Return the lines of the header: as encoded words (RFC 2047), unless short and ASCII."""
        is_plain = self.isascii() and len(self) <= _MAX_PLAIN_SUBJECT and "=?" not in self
        value = str(self)
        if not is_plain:
            value = Header(value, "utf-8", header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {value}{policy.linesep}"


def ascii_address(address: str) -> str:
    """An address with its host name as DNS has it: me@xn--mller-kva.example.

    Raises UnicodeError for a name that cannot be one of a host.
    """
    user, _, host = address.rpartition("@")
    if host.isascii():
        return address
    import idna

    return f"{user}@{idna.encode(host, uts46=True).decode()}"


def _address(text: str, name: str = "") -> Address:
    user, _, host = text.rpartition("@")
    return Address(name, user, host)


def _label(channel: str) -> str:
    """The name of a channel as a label of a host name."""
    plain = re.sub("[^a-z0-9]+", "-", channel.lower()).strip("-")
    return plain[:_MAX_LABEL] or "alerts"


def _encodable(text: str) -> str:
    return text.encode(errors="replace").decode()
