"""Messages as mails through an SMTP server."""

import re
import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing, suppress

from papertrack import log
from papertrack.channels import Message
from papertrack.channels.attempts import Attempt
from papertrack.channels.email_message import email_message
from papertrack.channels.secrets import Secret, secret_of
from papertrack.config.channels import EmailChannel
from papertrack.errors import DeliveryError
from papertrack.text import clean, shorten

_DONE, _TAKEN, _GO_ON = (250,), (250, 251, 252), (354,)
_SHOWN = 200  # characters of what a server says
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
_LINE_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)


class EmailSender:
    """Sends each message as a mail over a connection of its own.

    A mail that the server takes for some of its recipients is sent: to repeat it would send it to
    these twice. Who was refused is told.
    """

    wants_html = True
    longest: int | None = None

    def __init__(self, channel: EmailChannel, environ: Mapping[str, str]) -> None:
        self._channel = channel
        self._password = secret_of(channel, "password", environ)
        user = channel.user if _ADDRESS.fullmatch(channel.user or "") else None
        self._sender = channel.sender or user or channel.to[0]

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """As Sender, with those recipients that were refused. An answer of the server is certain;
        silence and a lost connection are so only until it was given the text.
        """
        mail = email_message(message, self._channel.name, self._sender, self._channel.to)
        attempt, host = Attempt(), self._channel.host
        facts: log.Facts = {
            "channel": self._channel.name,
            "server": f"{host}:{self._channel.port}",
            "recipients": len(self._channel.to),
            "bytes": len(mail),
        }
        try:
            with log.timed("mail", facts):
                refused = attempt.run(seconds, lambda: self._posted(mail, seconds, attempt.give))
        except TimeoutError:
            what = f"{host} was not done within {seconds:g} s"
            raise self._error("timeout", what, unknown=attempt.given) from None
        except smtplib.SMTPAuthenticationError as error:
            what = f"{host} refused the login of {self._channel.user} ({error.smtp_code})"
            raise self._error("refused", what, "look at user and password") from None
        except smtplib.SMTPResponseException as error:
            what = f"{host} refused the mail: {self._told(error.smtp_code, error.smtp_error)}"
            raise self._error("refused", what) from None
        except smtplib.SMTPNotSupportedError:
            what = f"{host} does not offer the encryption or login that is configured"
            raise self._error("refused", what, "look at encryption, port and user") from None
        except ssl.SSLCertVerificationError as error:
            what = f"the certificate of {host} is not trusted: {error.verify_message}"
            raise self._error("connection", what, "name its issuer's with ca_file:") from None
        except (OSError, UnicodeError) as error:  # the latter of impossible host names
            what = f"no mail can be sent through {host}: {_reason(error)}"
            raise self._error("connection", what, unknown=attempt.given) from None
        return tuple(f"{host} refused {one}: {why}" for one, why in refused.items())

    def _posted(self, mail: bytes, seconds: float, give: Callable[[], None]) -> dict[str, str]:
        """The recipients that were refused, and why; the others' mail is taken."""
        with closing(self._connected(seconds)) as server:
            self._log_in(server)
            server.ehlo_or_helo_if_needed()
            _expect(_DONE, server.mail(self._sender))
            answers = {one: server.rcpt(one) for one in self._channel.to}
            refused = {one: said for one, said in answers.items() if said[0] not in _TAKEN}
            if len(refused) == len(answers):
                _expect(_TAKEN, refused[self._channel.to[0]])
            _expect(_GO_ON, server.docmd("DATA"))
            give()
            server.send(_LINE_WITH_DOT.sub(b"..", mail) + b".\r\n")
            _expect(_DONE, server.getreply())
            with suppress(OSError):  # it is taken, whether a goodbye is heard or not
                server.putcmd("QUIT")
        return {one: self._told(*said) for one, said in refused.items()}

    def _connected(self, seconds: float) -> smtplib.SMTP:
        host, port = self._channel.host, self._channel.port
        seconds += 1  # it ends a thread that nobody waits for; smtplib hides what a time-out is
        if self._channel.encryption == "tls":
            return smtplib.SMTP_SSL(host, port, timeout=seconds, context=self._trust())
        server = smtplib.SMTP(host, port, timeout=seconds)
        if self._channel.encryption == "starttls":
            try:
                server.starttls(context=self._trust())
            except BaseException:
                server.close()
                raise
        return server

    def _log_in(self, server: smtplib.SMTP) -> None:
        if self._password and self._channel.user:
            try:
                server.login(self._channel.user, self._password.reveal())
            except UnicodeError:
                what = "user and password must be ASCII for a login at mail servers"
                raise self._error("secret", what) from None

    def _trust(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._channel.ca_file)
        except OSError as error:  # as is what OpenSSL raises
            what = f"{self._channel.ca_file} cannot be read: {_reason(error)}"
            raise self._error("secret", what) from None

    def _told(self, code: int, said: bytes | str) -> str:
        """What a server says, which may repeat what it was told."""
        text = said.decode(errors="replace") if isinstance(said, bytes) else said
        for secret in self._secrets():
            text = secret.hidden_in(text)
        return shorten(clean(f"{code} {text}"), _SHOWN)

    def _secrets(self) -> tuple[Secret, ...]:
        """The password, and what `login` makes of it."""
        if self._password is None:
            return ()
        together = f"\0{self._channel.user}\0{self._password.reveal()}"
        return Secret(together), self._password

    def _error(
        self, kind: str, what: str, advice: str = "", *, unknown: bool = False
    ) -> DeliveryError:
        return DeliveryError(self._channel.name, kind, what, advice, unknown=unknown)


def _expect(codes: tuple[int, ...], said: tuple[int, bytes]) -> None:
    if said[0] not in codes:
        raise smtplib.SMTPResponseException(*said)


def _reason(error: OSError | UnicodeError) -> str:
    return clean(getattr(error, "strerror", None) or str(error)) or type(error).__name__
