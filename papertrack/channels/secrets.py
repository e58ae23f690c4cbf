"""Secrets of channels: where they come from, and that they are told to nobody else."""

import os
import shlex
import stat
from base64 import b64encode
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import quote

from papertrack import log
from papertrack.channels.attempts import Attempt
from papertrack.config.channels import Channel
from papertrack.errors import DeliveryError

_HIDDEN = "***"
_LARGEST = 65536  # bytes
_PATIENCE = 10.0  # seconds: a locked keyring asks for a password, which nobody types under cron
INSTALL = "pip install 'papertrack-cli[alerts]'"


class Secret:
    """A text that shows itself only to whoever asks for it with `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        log.hide(*self._forms())

    def reveal(self) -> str:
        """The text itself."""
        return self._text

    def hidden_in(self, told: str) -> str:
        """What somebody told, who may have repeated the secret, without it."""
        for form in self._forms():
            told = told.replace(form, _HIDDEN) if form else told
        return told

    def _forms(self) -> tuple[str, ...]:
        """The text as it is, as URLs quote it, and in base64 as logins send it."""
        return self._text, quote(self._text, safe=""), b64encode(self._text.encode()).decode()

    def __repr__(self) -> str:
        return _HIDDEN

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not stored")


def secret_of(channel: Channel, name: str, environ: Mapping[str, str]) -> Secret | None:
    """The secret that the keys NAME_env, NAME_file or NAME_keyring of a channel lead to, None
    where it has none of them. Raises DeliveryError of the kind "secret".
    """
    if variable := getattr(channel, f"{name}_env"):
        text, where = environ.get(variable, ""), f"the environment variable {variable}"
        missing = f"cron knows no shell's files: set it in the crontab, or use {name}_file"
    elif path := getattr(channel, f"{name}_file"):
        text, where = _from_file(channel.name, path), path
        missing = "write the secret into it, on one line"
    elif place := getattr(channel, f"{name}_keyring"):
        text, where = _from_keyring(channel.name, place), f"{place} of the keyring"
        missing = f"keyring set {' '.join(_parts(place))}"
    else:
        return None
    if not text:
        raise _error(channel.name, f"{where} is not set or empty", missing)
    if not text.isprintable():
        raise _error(channel.name, f"{where} has a line end or control character in it")
    return Secret(text)


def keep_out_of_logs(*names: str) -> None:
    """Silence loggers of libraries that write down whole URLs, for the rest of the process."""
    import logging

    for name in names:
        logging.getLogger(name).disabled = True


def _from_file(channel: str, path: str) -> str:
    try:
        with open(path, "rb", opener=_at_once) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise _error(channel, f"{path} is no file")
            if os.name == "posix" and found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise _error(
                    channel, f"others may use {path}, too", f"chmod 600 {shlex.quote(path)}"
                )
            return file.read(_LARGEST).decode().strip("\r\n")
    except OSError as error:
        raise _error(channel, f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise _error(channel, f"{path} is not UTF-8 text") from None


def _at_once(path: str, flags: int) -> int:
    """Open without waiting for whoever writes into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _from_keyring(channel: str, place: str) -> str:
    try:
        import keyring
    except ImportError:
        raise _error(channel, "the package keyring is not installed", INSTALL) from None
    service, user = _parts(place)
    try:
        return Attempt().run(_PATIENCE, lambda: keyring.get_password(service, user)) or ""
    except Exception as error:  # noqa: BLE001  # each keyring has its own, with any text in it
        what = f"the keyring cannot be used: {type(error).__name__}"
        raise _error(channel, what, "is there one, and is it unlocked?") from None


def _parts(place: str) -> tuple[str, str]:
    service, _, user = place.rpartition("/")
    return service, user


def _error(channel: str, what: str, advice: str = "") -> DeliveryError:
    return DeliveryError(channel, "secret", what, advice)
