"""Removing what may be secret from the output of programs, before it is shown or kept."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_HIDDEN = "***"
_MIN_SECRET = 4  # characters: a shorter text also occurs inside ordinary words
_URL = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+""")
# A value after a name such as api_key, as in KEY=VALUE, "key": "value" and Authorization: VALUE.
_NAMED = re.compile(
    r"""(?i)([\w.-]*(?:key|token|secret|passw(?:or)?d|pass|auth|authorization|signature|credentials?)
    ["']?\s*[:=]\s*["']?)(?:(?:bearer|basic|token)\s+)?[^\s"'&;,]+""",
    re.VERBOSE,
)
_LOGIN = re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"'&;,]+")
# Long runs with digits and letters are more often tokens than words.
_TOKEN = re.compile(r"(?=[\w+/=-]*[0-9])(?=[\w+/=-]*[A-Za-z])[\w+/=-]{20,}", re.ASCII)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text with *** in place of `secrets`, of what follows the host of a URL, and so on.

    The values of names such as `password` and long tokens are replaced, too.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _MIN_SECRET:
            text = text.replace(secret, _HIDDEN)
    text = _URL.sub(_public_url, text)
    text = _NAMED.sub(rf"\1{_HIDDEN}", text)
    text = _LOGIN.sub(rf"\1 {_HIDDEN}", text)
    return _TOKEN.sub(_HIDDEN, text)


def _public_url(match: re.Match[str]) -> str:
    """A URL without user, password, path and query."""
    try:
        url = urlsplit(match[0])
        host = url.hostname or ""
    except ValueError:
        return _HIDDEN
    return f"{url.scheme}://{host}/{_HIDDEN}"
