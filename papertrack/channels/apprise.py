"""Delivery through apprise, to any of its services."""

import re
from collections.abc import Mapping

from papertrack.channels import Message
from papertrack.channels.guards import guard_libraries
from papertrack.channels.secrets import INSTALL, keep_out_of_logs, secret_of
from papertrack.config.channels import AppriseChannel
from papertrack.errors import DeliveryError
from papertrack.network.calls import Call
from papertrack.text import clean, shorten

_MAX_SUBJECT = 200
# Services without plain text escape markup characters, which lengthens the text.
_ESCAPING_FACTOR = 2
_MENTION = re.compile(r"(?<!/)@(?=\w)")


class AppriseSender:
    """Sends each message as plain text, so that text from papers is not interpreted as markup.

    A service gives no reason for a failure and accepts no message ids: a message that failed may
    have arrived, and is then received twice.
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
        self._refusals = guard_libraries()
        url = secret_of(channel, "url", environ)
        self._services = apprise.Apprise(asset=apprise.AppriseAsset(app_id="papertrack"))
        if url is None or not self._services.add(url.reveal()):
            what = "apprise does not recognize its URL"
            next_step = "see https://github.com/caronc/apprise for the URLs of each service"
            raise DeliveryError(self._name, "secret", what, next_step)
        for service in self._services:
            # If apprise counts differently, it sends two messages instead of a truncated one.
            service.overflow_mode = apprise.OverflowMode.SPLIT
        self.max_length: int | None = min(map(_max_text, self._services))

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """Send a message; see Sender.send."""
        title = _without_mentions(shorten(clean(message.subject), _MAX_SUBJECT))
        body = _without_mentions(message.text)

        self._refusals.clear()

        def notify(call: Call[bool]) -> bool:
            call.hand_over()
            return bool(self._services.notify(body=body, title=title, body_format="text"))

        try:
            accepted = Call(notify).finish_within(seconds)
        except TimeoutError:
            what = f"the service did not finish within {seconds:g} s"
            raise DeliveryError(self._name, "timeout", what, unknown=True) from None
        except Exception as error:  # noqa: BLE001  # services raise their own, with secrets in it
            what = f"the service failed: {type(error).__name__}"
            raise DeliveryError(self._name, "refused", what, unknown=True) from None
        # A service may use another request instead, and report success.
        if not accepted or self._refusals:
            what = "the service did not accept the message, or cannot be reached"
            what = next(iter(self._refusals), what)
            raise DeliveryError(self._name, "refused", what, unknown=True)
        return ()


def _max_text(service: object) -> int:
    """The number of characters of text that a service accepts besides the subject."""
    limit: int = service.body_maxlen  # type: ignore[attr-defined]  # apprise's base class is not typed
    title_limit: int = service.title_maxlen  # type: ignore[attr-defined]
    formats = service.notify_format  # type: ignore[attr-defined]
    plain = "text" in (formats if isinstance(formats, tuple) else (formats,))
    available = limit if plain else limit // _ESCAPING_FACTOR
    # A service without titles puts the title into the text.
    return max(available - (0 if title_limit > 0 else _MAX_SUBJECT), available // 2)


def _without_mentions(text: str) -> str:
    """The text with a zero-width space after each "@", as chats would notify @everyone."""
    return _MENTION.sub("@\u200b", text)
