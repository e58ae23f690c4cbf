"""Messages as JSON in POST requests."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx

from papertrack import log
from papertrack.channels import Message
from papertrack.channels.attempts import Attempt
from papertrack.channels.secrets import Secret, keep_out_of_logs, secret_of
from papertrack.config.channels import WebhookChannel
from papertrack.errors import DeliveryError
from papertrack.text import clean

if TYPE_CHECKING:
    from ssl import SSLContext

_TOKEN = re.compile("[!-~]+")


class WebhookSender:
    """Posts each message once, with its id as Idempotency-Key. Only the status of the answer
    counts: 2xx is a yes, all others are a no; redirections are not followed.
    """

    wants_html = False
    longest: int | None = None

    def __init__(
        self, channel: WebhookChannel, environ: Mapping[str, str], user_agent: str
    ) -> None:
        self._name, self._user_agent = channel.name, user_agent
        written = Secret(channel.url) if channel.url else secret_of(channel, "url", environ)
        self._token = secret_of(channel, "token", environ)
        if self._token and not _TOKEN.fullmatch(self._token.reveal()):
            raise self._error("secret", "its token has characters that no token may have")
        self._url = self._checked(written or Secret(""))
        self._host = httpx.URL(self._url.reveal()).host
        keep_out_of_logs("httpx")

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """As Sender."""
        attempt, host = Attempt(), self._host
        facts: log.Facts = {"channel": self._name, "method": "POST", "url": self._shown()}
        later: log.Facts = {"status": None, "bytes": None}

        def post() -> int:
            return self._posted(message, seconds, attempt.give, later)

        try:
            with log.timed("request", facts, later):
                status = attempt.run(seconds, post)
        except (TimeoutError, httpx.TimeoutException):
            what = f"{host} did not answer within {seconds:g} s"
            raise self._error("timeout", what, unknown=attempt.given) from None
        except httpx.ConnectError as error:
            what = f"{host} cannot be reached: {clean(str(error))}"
            raise self._error("connection", what) from None
        # Others say what they were to send, or the proxy that the environment names.
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, ImportError) as error:
            what = f"the connection to {host} failed: {type(error).__name__}"
            raise self._error("connection", what, unknown=attempt.given) from None
        if not httpx.codes.is_success(status):
            raise self._error("refused", f"{host} answered {status}")
        return ()

    def _shown(self) -> str:
        """The URL without user, password, path and query, which may be secret."""
        url = httpx.URL(self._url.reveal())
        port = "" if url.port is None else f":{url.port}"
        return f"{url.scheme}://{url.host}{port}/***"

    def _posted(
        self, message: Message, seconds: float, give: Callable[[], None], later: log.Facts
    ) -> int:
        def watch(event: str, _info: Mapping[str, Any]) -> None:
            if event.endswith("send_request_body.started"):
                give()

        body = json.dumps(dict(message.data)).encode()
        later["bytes"] = len(body)
        with (
            httpx.Client(timeout=seconds, follow_redirects=False, verify=self._trust) as client,
            client.stream(
                "POST",
                self._url.reveal(),
                content=body,
                headers=self._headers(message),
                extensions={"trace": watch},
            ) as answer,
        ):
            later["status"] = answer.status_code
            return answer.status_code

    @cached_property
    def _trust(self) -> "SSLContext | bool":
        """Whom to trust: read once, as that takes longer than a message, and only for https."""
        secure = httpx.URL(self._url.reveal()).scheme == "https"
        return httpx.create_ssl_context() if secure else False

    def _headers(self, message: Message) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.id,
            "User-Agent": self._user_agent,
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return headers

    def _checked(self, url: Secret) -> Secret:
        try:
            address = httpx.URL(url.reveal())
        except httpx.InvalidURL:
            address = httpx.URL()
        if address.scheme not in ("http", "https") or not address.host:
            what = "its URL is no web address with http:// or https://"
            raise self._error("secret", what)
        return url

    def _error(self, kind: str, what: str, *, unknown: bool = False) -> DeliveryError:
        return DeliveryError(self._name, kind, what, unknown=unknown)
