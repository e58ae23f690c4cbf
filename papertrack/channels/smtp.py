"""SMTP connections that any server may answer: replies have a limit, failed logins are errors."""

import binascii
import smtplib
from socket import socket
from typing import IO, Any

from papertrack.network.addresses import connect

_MAX_REPLY = 2**16  # bytes: a hundred times what servers send
_LIBRARY_GETREPLY = smtplib.SMTP.getreply


class EndlessReplyError(Exception):
    """A reply of a server is longer than any that is legitimate."""


class BadChallengeError(Exception):
    """The challenge of a login is not base64."""


def read_reply(server: smtplib.SMTP) -> tuple[int, bytes]:
    """Read a reply of a server as `SMTP.getreply`, which would read lines without end.

    Raises EndlessReplyError, after closing the connection.
    """
    if server.file is None and server.sock is not None:
        server.file = _LimitedLines(server.sock.makefile("rb"))
    if isinstance(server.file, _LimitedLines):
        server.file.left = _MAX_REPLY
    try:
        return _LIBRARY_GETREPLY(server)
    except EndlessReplyError:
        server.close()
        raise


class _LimitedLines:
    """The lines of a server, of which at most `left` bytes are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.left = file, _MAX_REPLY

    def readline(self, limit: int) -> bytes:
        line = self._file.readline(limit)
        self.left -= len(line)
        if self.left < 0:
            raise EndlessReplyError
        return line

    def close(self) -> None:
        self._file.close()


class Smtp(smtplib.SMTP):
    """Connects to the first address of the server that answers."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        return connect(host, port, timeout)

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply. Raises EndlessReplyError."""
        return read_reply(self)

    def auth(
        self, mechanism: str, authobject: Any, *, initial_response_ok: bool = True
    ) -> tuple[int, bytes]:
        """Log in with one mechanism.

        Raises SMTPAuthenticationError, after which `login` tries the next mechanism, also for
        CRAM-MD5 on systems where MD5 is forbidden. Raises BadChallengeError: a server that sends
        such a challenge gets no password in another way.
        """
        try:
            return super().auth(mechanism, authobject, initial_response_ok=initial_response_ok)
        except UnicodeError:
            raise
        except binascii.Error:
            raise BadChallengeError from None
        except ValueError:
            code, reply = self.docmd("*")  # cancels the exchange
            raise smtplib.SMTPAuthenticationError(code, reply) from None


class SecureSmtp(smtplib.SMTP_SSL, Smtp):
    """The same with TLS from the start; SMTP_SSL wraps the socket of its base class."""
