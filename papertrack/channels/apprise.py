"""Messages through apprise, to any of the services it knows."""

import re
from collections.abc import Mapping

from papertrack.channels import Message
from papertrack.channels.attempts import Attempt
from papertrack.channels.secrets import INSTALL, keep_out_of_logs, secret_of
from papertrack.config.channels import AppriseChannel
from papertrack.errors import DeliveryError
from papertrack.text import clean, shorten

_LONGEST_SUBJECT = 200
# Services that take no plain text get it with escapes, which make it longer.
_ESCAPED = 2
_MENTION = re.compile(r"(?<!/)@(?=\w)")


class AppriseSender:
    """Sends each message as plain text, which every service shows as it is: what strangers wrote
    is no markup anywhere.

    A service does not say why it took no message, and knows no ids: one that failed may have
    arrived, and comes again as a second message.
    """

    wants_html = False

    def __init__(self, channel: AppriseChannel, environ: Mapping[str, str]) -> None:
        self._name = channel.name
        try:
            import apprise
        except ImportError:
            what = "the package apprise is not installed"
            raise DeliveryError(self._name, "program", what, INSTALL) from None
        keep_out_of_logs("apprise", "urllib3.connectionpool")
        url = secret_of(channel, "url", environ)
        self._services = apprise.Apprise(asset=apprise.AppriseAsset(app_id="papertrack"))
        if url is None or not self._services.add(url.reveal()):
            what = "apprise does not understand its URL"
            advice = "what it may look like: https://github.com/caronc/apprise"
            raise DeliveryError(self._name, "secret", what, advice)
        for service in self._services:
            # Should our count differ from theirs, two messages come, not one with its end cut off.
            service.overflow_mode = apprise.OverflowMode.SPLIT
        self.longest: int | None = min(_room(one) for one in self._services)

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """As Sender."""
        title = _harmless(shorten(clean(message.subject), _LONGEST_SUBJECT))
        body = _harmless(message.text)
        attempt = Attempt()

        def notify() -> bool:
            attempt.give()
            return bool(self._services.notify(body=body, title=title, body_format="text"))

        try:
            taken = attempt.run(seconds, notify)
        except TimeoutError:
            what = f"the service was not done within {seconds:g} s"
            raise DeliveryError(self._name, "timeout", what, unknown=True) from None
        except Exception as error:  # noqa: BLE001  # each service has its own, with any text in it
            what = f"the service failed: {type(error).__name__}"
            raise DeliveryError(self._name, "refused", what, unknown=True) from None
        if not taken:
            what = "the service did not take the message, or cannot be reached"
            raise DeliveryError(self._name, "refused", what, unknown=True)
        return ()


def _room(service: object) -> int:
    """How many characters of text a service takes beside a subject."""
    limit: int = service.body_maxlen  # type: ignore[attr-defined]  # apprise's base class is not typed
    apart: int = service.title_maxlen  # type: ignore[attr-defined]
    formats = service.notify_format  # type: ignore[attr-defined]
    plain = "text" in (formats if isinstance(formats, tuple) else (formats,))
    room = limit if plain else limit // _ESCAPED
    return max(room - (0 if apart > 0 else _LONGEST_SUBJECT), room // 2)


def _harmless(text: str) -> str:
    """Text that calls nobody: chats ring for everyone where a title says @everyone."""
    return _MENTION.sub("@\u200b", text)
