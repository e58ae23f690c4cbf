"""Secrets of channels: read from their three places, and kept out of messages and logs."""

import os
import shlex
import stat
from base64 import b64encode
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import quote

from papertrack import log
from papertrack.config.channels import Channel
from papertrack.errors import DeliveryError
from papertrack.network.calls import Call

_HIDDEN = "***"
_MAX_SIZE = 65536  # bytes
_KEYRING_SECONDS = 10.0  # a locked keyring prompts for a password, which blocks under cron
INSTALL = "pip install 'papertrack-cli[alerts]'"


class Secret:
    """A text that is shown as *** except by `reveal`, and hidden in the log."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        log.hide(*self._forms())

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def redact(self, text: str) -> str:
        """Return a text, such as a server's reply, with *** in place of the secret."""
        for form in self._forms():
            text = text.replace(form, _HIDDEN) if form else text
        return text

    def _forms(self) -> tuple[str, ...]:
        """The text, its percent-encoded form in URLs, and its base64 form in logins."""
        return self._text, quote(self._text, safe=""), b64encode(self._text.encode()).decode()

    def __repr__(self) -> str:
        return _HIDDEN

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not stored")


def secret_of(channel: Channel, name: str, environ: Mapping[str, str]) -> Secret | None:
    """Return the secret that NAME_env, NAME_file or NAME_keyring of a channel refers to.

    Returns None if the channel has none of these keys. Raises DeliveryError of the kind "secret".
    """
    if variable := getattr(channel, f"{name}_env"):
        text, origin = environ.get(variable, ""), f"the environment variable {variable}"
        next_step = f"cron does not read shell profiles: set it in the crontab, or use {name}_file"
    elif path := getattr(channel, f"{name}_file"):
        text, origin = _from_file(channel.name, path), path
        next_step = "write the secret into it, on one line"
    elif entry := getattr(channel, f"{name}_keyring"):
        text, origin = _from_keyring(channel.name, entry), f"{entry} of the keyring"
        next_step = f"keyring set {' '.join(_parts(entry))}"
    else:
        return None
    if not text:
        raise _error(channel.name, f"{origin} is not set or empty", next_step)
    if not text.isprintable():
        raise _error(channel.name, f"{origin} contains a line end or control character")
    return Secret(text)


def keep_out_of_logs(*names: str) -> None:
    """Disable loggers of libraries that log whole URLs, for the rest of the process."""
    import logging

    for name in names:
        logging.getLogger(name).disabled = True


def _from_file(channel: str, path: str) -> str:
    try:
        with open(path, "rb", opener=_open_nonblocking) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise _error(channel, f"{path} is not a regular file")
            if os.name == "posix" and status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                what = f"other users can access {path}"
                raise _error(channel, what, f"chmod 600 {shlex.quote(path)}")
            return file.read(_MAX_SIZE).decode().strip("\r\n")
    except OSError as error:
        raise _error(channel, f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _error(channel, f"{path} is not UTF-8 text") from None


def _open_nonblocking(path: str, flags: int) -> int:
    """Open a file; opening a named pipe does not wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _from_keyring(channel: str, entry: str) -> str:
    try:
        import keyring
    except ImportError:
        raise _error(channel, "the package keyring is not installed", INSTALL) from None
    service, user = _parts(entry)
    try:
        call = Call(lambda _: keyring.get_password(service, user))
        return call.finish_within(_KEYRING_SECONDS) or ""
    except Exception as error:  # noqa: BLE001  # backends raise their own, with secrets in it
        what = f"cannot use the keyring: {type(error).__name__}"
        raise _error(channel, what, "check that it exists and is unlocked") from None


def _parts(entry: str) -> tuple[str, str]:
    service, _, user = entry.rpartition("/")
    return service, user


def _error(channel: str, what: str, next_step: str = "") -> DeliveryError:
    return DeliveryError(channel, "secret", what, next_step)
