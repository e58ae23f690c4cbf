"""Delivery as email through an SMTP server."""

import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing, suppress

from papertrack import log
from papertrack.channels import Message
from papertrack.channels.email_message import ascii_address, email_message
from papertrack.channels.secrets import Secret, secret_of
from papertrack.channels.smtp import BadChallengeError, EndlessReplyError, SecureSmtp, Smtp
from papertrack.config.channels import EmailChannel
from papertrack.errors import DeliveryError
from papertrack.network.calls import Call
from papertrack.network.certificates import context_with, ssl_context
from papertrack.text import clean, shorten

_OK, _RECIPIENT_OK, _START_INPUT = (250,), (250, 251, 252), (354,)
_MAX_SHOWN = 200  # characters of a server's reply
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")
_LINE_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)


class EmailSender:
    """Sends each message as an email over a new connection.

    An email that the server accepts for some recipients counts as sent: sending it again would give
    them a second copy. The refused recipients are returned as warnings.
    """

    wants_html = True
    max_length: int | None = None

    def __init__(self, channel: EmailChannel, environ: Mapping[str, str]) -> None:
        self._channel = channel
        self._password = secret_of(channel, "password", environ)
        user = channel.user if _ADDRESS.fullmatch(channel.user or "") else None
        try:
            self._sender = ascii_address(channel.sender or user or channel.to[0])
            self._to = tuple(map(ascii_address, channel.to))
        except UnicodeError as error:
            raise self._error("address", f"invalid host name in an address: {error}") from None

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """Send an email; see Sender.send. Each refused recipient is a warning.

        If the server refuses the email, it was certainly not sent. After a time-out or a lost
        connection it may have been sent, if its text had been transferred already.
        """
        mail = email_message(message, self._channel.name, self._sender, self._to)
        call = Call(lambda call: self._transfer(mail, seconds, call.hand_over))
        host = self._channel.host
        facts: log.Facts = {
            "channel": self._channel.name,
            "server": f"{host}:{self._channel.port}",
            "recipients": len(self._channel.to),
            "bytes": len(mail),
        }
        try:
            with log.timed("mail", facts):
                refused = call.finish_within(seconds)
        except TimeoutError:
            what = f"{host} did not finish within {seconds:g} s"
            raise self._error("timeout", what, unknown=call.handed_over) from None
        except EndlessReplyError:
            what = f"{host} sent a reply without end"
            raise self._error("refused", what, unknown=call.handed_over) from None
        except BadChallengeError:
            what = f"{host} sent a login challenge that is not base64"
            raise self._error("refused", what) from None
        except smtplib.SMTPAuthenticationError as error:
            what = f"{host} refused the login of {self._channel.user} ({error.smtp_code})"
            raise self._error("refused", what, "check user and password") from None
        except smtplib.SMTPResponseException as error:
            what = (
                f"{host} refused the email: {self._reply_text(error.smtp_code, error.smtp_error)}"
            )
            raise self._error("refused", what) from None
        except smtplib.SMTPNotSupportedError:
            what = f"{host} does not offer the configured encryption or login"
            raise self._error("refused", what, "check encryption, port and user") from None
        except ssl.SSLCertVerificationError as error:
            what = f"the certificate of {host} is not trusted: {error.verify_message}"
            raise self._error("connection", what, "set ca_file: to that of its issuer") from None
        except (OSError, UnicodeError) as error:  # UnicodeError: impossible host names
            what = f"cannot send email through {host}: {_reason(error)}"
            raise self._error("connection", what, unknown=call.handed_over) from None
        return tuple(f"{host} refused {address}: {reply}" for address, reply in refused.items())

    def _transfer(
        self, mail: bytes, seconds: float, hand_over: Callable[[], None]
    ) -> dict[str, str]:
        """Transfer an email; return the refused recipients with the replies of the server."""
        with closing(self._connection(seconds)) as server:
            self._log_in(server)
            server.ehlo_or_helo_if_needed()
            _expect(_OK, server.mail(self._sender, self._options(server)))
            replies = {address: server.rcpt(address) for address in self._to}
            refused = {
                address: reply
                for address, reply in replies.items()
                if reply[0] not in _RECIPIENT_OK
            }
            if len(refused) == len(replies):
                _expect(_RECIPIENT_OK, refused[self._to[0]])
            _expect(_START_INPUT, server.docmd("DATA"))
            hand_over()
            server.send(_LINE_WITH_DOT.sub(b"..", mail) + b".\r\n")
            _expect(_OK, server.getreply())
            with suppress(OSError):  # the email is accepted, whether QUIT is answered or not
                server.putcmd("QUIT")
        return {address: self._reply_text(*reply) for address, reply in refused.items()}

    def _options(self, server: smtplib.SMTP) -> tuple[str, ...]:
        """What MAIL needs if the part of an address before the @ is not ASCII (RFC 6531)."""
        if all(map(str.isascii, (self._sender, *self._to))):
            return ()
        if not server.has_extn("smtputf8"):
            what = f"{self._channel.host} takes only addresses in ASCII (no SMTPUTF8)"
            raise self._error("refused", what, "use another address or server")
        return ("SMTPUTF8",)

    def _connection(self, seconds: float) -> smtplib.SMTP:
        host, port = self._channel.host, self._channel.port
        # This time-out only ends an abandoned thread. It is later than that of the call, because
        # smtplib does not report a time-out as such.
        seconds += 1
        if self._channel.encryption == "tls":
            return SecureSmtp(host, port, timeout=seconds, context=self._ssl_context())
        server = Smtp(host, port, timeout=seconds)
        if self._channel.encryption == "starttls":
            try:
                server.starttls(context=self._ssl_context())
            except BaseException:
                server.close()
                raise
        return server

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self._password and self._channel.user:
            try:
                server.login(self._channel.user, self._password.reveal())
            except UnicodeError:
                what = "SMTP login requires a user and a password in ASCII"
                raise self._error("secret", what) from None

    def _ssl_context(self) -> ssl.SSLContext:
        try:
            file = self._channel.ca_file
            return context_with(file) if file else ssl_context()
        except OSError as error:
            raise self._error("secret", _reason(error)) from None

    def _reply_text(self, code: int, reply: bytes | str) -> str:
        """The reply of a server without secrets, which it may have repeated."""
        text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
        for secret in self._secrets():
            text = secret.redact(text)
        return shorten(clean(f"{code} {text}"), _MAX_SHOWN)

    def _secrets(self) -> tuple[Secret, ...]:
        """The password, and the credentials of AUTH PLAIN that contain it."""
        if self._password is None:
            return ()
        credentials = f"\0{self._channel.user}\0{self._password.reveal()}"
        return Secret(credentials), self._password

    def _error(
        self, kind: str, what: str, next_step: str = "", *, unknown: bool = False
    ) -> DeliveryError:
        return DeliveryError(self._channel.name, kind, what, next_step, unknown=unknown)


def _expect(codes: tuple[int, ...], reply: tuple[int, bytes]) -> None:
    if reply[0] not in codes:
        raise smtplib.SMTPResponseException(*reply)


def _reason(error: OSError | UnicodeError) -> str:
    return clean(getattr(error, "strerror", None) or str(error)) or type(error).__name__
