"""Limits for the libraries with which services of apprise connect to their servers.

apprise has more than a hundred services, each with requests of its own. What they have in common
are `requests.Session.send` and smtplib, which are replaced here for the rest of the process.
"""

import smtplib
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from papertrack.channels.smtp import read_reply
from papertrack.text import clean, shorten

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

_MAX_BODY, _CHUNK = 2**20, 2**16  # bytes; responses of services have a few kilobytes
_MAX_SHOWN = 100  # characters of a host


@cache
def guard_libraries() -> list[str]:
    """Refuse redirects and endless responses from now on; return the list of what was refused.

    A redirect would turn a message into a GET without its text, or repeat it with its secrets to
    another host.
    """
    import requests

    send, refusals = requests.Session.send, list[str]()

    def refuse(host: str, what: str) -> None:
        refusals.append(f"{shorten(clean(host), _MAX_SHOWN)} {what}")
        raise requests.RequestException(refusals[-1])

    def guarded(session: "Session", request: "PreparedRequest", **options: Any) -> "Response":
        streams = options.get("stream")
        response = send(session, request, **{**options, "stream": True, "allow_redirects": False})
        host = urlsplit(request.url or "").hostname or ""
        if location := response.headers.get("Location") if response.is_redirect else None:
            response.close()
            refuse(host, f"redirects to {_host(request.url, location)}, which is not followed")
        if not streams and not _read_body(response):
            response.close()
            refuse(host, f"sent a response of more than {_MAX_BODY:,} bytes")
        return response

    requests.Session.send = guarded  # type: ignore[method-assign, assignment]
    smtplib.SMTP.getreply = read_reply  # type: ignore[method-assign, assignment]
    return refusals


def _read_body(response: "Response") -> bool:
    """Read the body of a response; return whether it is within the limit."""
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > _MAX_BODY:
            return False
    response._content = bytes(body)  # noqa: SLF001  # as requests itself does at once
    return True


def _host(url: str | None, location: str) -> str:
    """The scheme and host that a response redirects to; its path may contain secrets."""
    try:
        target = urlsplit(urljoin(url or "", location))
        return shorten(clean(f"{target.scheme}://{target.hostname or ''}"), _MAX_SHOWN)
    except ValueError:
        return "an address that is not valid"
