"""Delivery as JSON in POST requests."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import httpx

from papertrack import log
from papertrack.channels import Message
from papertrack.channels.redaction import redact
from papertrack.channels.secrets import Secret, keep_out_of_logs, secret_of
from papertrack.config.channels import WebhookChannel
from papertrack.errors import DeliveryError
from papertrack.network.calls import Call
from papertrack.network.proxies import ProxyError
from papertrack.network.transport import Transport, error_text
from papertrack.text import clean, shorten

_TOKEN = re.compile("[!-~]+")
_MAX_SHOWN = 200  # characters of the address of a redirect, and of a line
_MAX_BYTES = 2000  # of a response, in which its first line is


class WebhookSender:
    """Posts each message once, with its id as Idempotency-Key.

    Only the status of the response counts: 2xx means success. Redirects are not followed. Of
    another response the first line is reported, as services say there what is wrong.
    """

    wants_html = False
    max_length: int | None = None

    def __init__(
        self, channel: WebhookChannel, environ: Mapping[str, str], user_agent: str
    ) -> None:
        self._name, self._user_agent = channel.name, user_agent
        url = Secret(channel.url) if channel.url else secret_of(channel, "url", environ)
        self._token = secret_of(channel, "token", environ)
        if self._token and not _TOKEN.fullmatch(self._token.reveal()):
            raise self._error(
                "secret", "its token contains characters that are not allowed in a token"
            )
        self._url = self._check_url(url or Secret(""))
        self._host = httpx.URL(self._url.reveal()).host
        self._transport = Transport()
        keep_out_of_logs("httpx")

    def send(self, message: Message, seconds: float) -> tuple[str, ...]:
        """Post a message; see Sender.send."""
        call, host = Call(lambda call: self._post(message, seconds, call)), self._host
        facts: log.Facts = {"channel": self._name, "method": "POST", "url": self._public_url()}
        try:
            with log.timed("request", facts, call.facts):
                status, reason = call.finish_within(seconds)
        except (TimeoutError, httpx.TimeoutException):
            if refused := call.facts.get("status"):  # Only the rest of a refusal is late.
                raise self._refusal(refused) from None
            what = f"{host} did not respond within {seconds:g} s"
            raise self._error("timeout", what, unknown=call.handed_over) from None
        except ProxyError as error:
            raise self._error("connection", str(error)) from None
        except httpx.ConnectError as error:
            what = f"{host} cannot be reached: {error_text(error)}"
            raise self._error("connection", what) from None
        except httpx.InvalidURL:  # the URL of the channel is valid
            what = f"{host} redirects to an address that is not valid"
            raise self._error("refused", what) from None
        # The messages of these may contain the URL of the request or a proxy, which may be secret.
        except (httpx.HTTPError, OSError, ValueError, ImportError) as error:
            what = f"the connection to {host} failed: {type(error).__name__}"
            raise self._error("connection", what, unknown=call.handed_over) from None
        if not httpx.codes.is_success(status):
            raise self._refusal(status, reason)
        return ()

    def _refusal(self, status: object, reason: str = "") -> DeliveryError:
        return self._error("refused", f"{self._host} responded with status {status}{reason}")

    def _public_url(self) -> str:
        """The URL without user, password, path and query, which may be secret."""
        url = httpx.URL(self._url.reveal())
        port = "" if url.port is None else f":{url.port}"
        return f"{url.scheme}://{url.host}{port}/***"

    def _post(
        self, message: Message, seconds: float, call: Call[tuple[int, str]]
    ) -> tuple[int, str]:
        def trace(event: str, info: Mapping[str, Any]) -> None:
            call.trace(event, info)
            if event.endswith("send_request_body.started"):
                call.hand_over()

        body = json.dumps(dict(message.data)).encode()
        call.facts["bytes"] = len(body)
        with (
            httpx.Client(
                timeout=seconds, follow_redirects=False, transport=self._transport
            ) as client,
            client.stream(
                "POST",
                self._url.reveal(),
                content=body,
                headers=self._headers(message),
                extensions={"trace": trace},
            ) as response,
        ):
            call.facts["status"] = response.status_code
            if response.is_success:
                return response.status_code, ""
            return response.status_code, _redirection(response) or self._first_line(response)

    def _first_line(self, response: httpx.Response) -> str:
        """What a response begins with, as the end of a sentence, without secrets; or ""."""
        if response.headers.get("Content-Encoding"):
            return ""
        beginning = b""
        with suppress(httpx.HTTPError):
            beginning = next(response.iter_raw(), b"")[:_MAX_BYTES]
        lines = (line.strip() for line in beginning.decode(errors="replace").splitlines())
        line = next((line for line in lines if line and not line.startswith("<")), "")
        for secret in filter(None, (self._url, self._token)):
            line = secret.redact(line)
        # A service may repeat a part of the address, which may be the secret one.
        parts = re.split(r"[/?&=:@]", self._url.reveal().partition("://")[2])
        shown = shorten(clean(redact(line, parts)), _MAX_SHOWN)
        return f": {shown}" if shown else ""

    def _headers(self, message: Message) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": message.id,
            "User-Agent": self._user_agent,
        }
        if self._token:
            headers["Authorization"] = f"Bearer {self._token.reveal()}"
        return headers

    def _check_url(self, url: Secret) -> Secret:
        try:
            address = httpx.URL(url.reveal())
        except httpx.InvalidURL:
            address = httpx.URL()
        if address.scheme not in ("http", "https") or not address.host:
            what = "its URL is not a web address with http:// or https://"
            raise self._error("secret", what)
        return url

    def _error(self, kind: str, what: str, *, unknown: bool = False) -> DeliveryError:
        return DeliveryError(self._name, kind, what, unknown=unknown)


def _redirection(response: httpx.Response) -> str:
    """Where a response redirects to, as the end of a sentence, without path and query; or ""."""
    if response.next_request is None:
        return ""
    url = response.next_request.url
    host = shorten(clean(f"{url.scheme}://{url.host}"), _MAX_SHOWN)
    return f", a redirect to {host}, which is not followed"
