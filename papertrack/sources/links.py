"""Checking links from untrusted sources: whether they are safe to open, and in which form."""

import re
from typing import Any

# A host with a dot and without credentials, then a path without characters that browsers interpret
# differently, such as a backslash.
_WEB = re.compile(r"https?://(?:[\w-]+\.)+[\w-]+(?::\d{1,5})?(?:[/?#][^\s\\<>\"]*)?", re.IGNORECASE)
_GITHUB = re.compile(
    r"https?://(?:www\.)?github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?(?:[/?#].*)?",
    re.IGNORECASE | re.ASCII,
)

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]*[^\s\"<>.,;]", re.ASCII)


def web_url(value: Any) -> str | None:
    """Return `value` if it is a safe http or https URL, else None.

    Safe means a host with a dot, no credentials, no white space and no invisible characters.
    """
    if not isinstance(value, str):
        return None
    url = value.strip()
    return url if _WEB.fullmatch(url) and url.isprintable() else None


def code_url(value: Any) -> str | None:
    """Return the URL of the repository that a URL points into, None as for `web_url`.

    For GitHub that is the front page, without branch, folder or query; elsewhere the URL without a
    trailing slash or ".git".
    """
    url = web_url(value)
    if url is None:
        return None
    if github := _GITHUB.fullmatch(url):
        return f"https://github.com/{github[1]}/{github[2]}"
    return url.rstrip("/").removesuffix(".git")


def find_doi(text: str) -> str | None:
    """Return the first DOI in a text or URL as it is written there, None without one."""
    match = _DOI.search(text)
    return match[0] if match else None
