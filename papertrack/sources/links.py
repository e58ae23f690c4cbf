"""Links from strangers: what may be shown and opened, in one spelling."""

import re
from typing import Any

from papertrack.text import clean

# A dotted host without credentials before it, then anything a browser does not read as something
# else: it takes a backslash for a slash.
_WEB = re.compile(r"https?://(?:[\w-]+\.)+[\w-]+(?::\d{1,5})?(?:[/?#][^\s\\<>\"]*)?", re.IGNORECASE)
_GITHUB = re.compile(
    r"https?://(?:www\.)?github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?(?:[/?#].*)?",
    re.IGNORECASE | re.ASCII,
)


def web_url(value: Any) -> str | None:
    """`value` where it is an http or https URL with a host, without credentials, white space or
    invisible characters; else None.
    """
    if not isinstance(value, str):
        return None
    url = value.strip()
    return url if _WEB.fullmatch(url) and clean(url) == url else None


def code_url(value: Any) -> str | None:
    """The repository that a URL points into: for GitHub its front page, whatever branch, folder or
    query follows; elsewhere the URL without a closing slash or ".git". None as in `web_url`.
    """
    url = web_url(value)
    if url is None:
        return None
    if github := _GITHUB.fullmatch(url):
        return f"https://github.com/{github[1]}/{github[2]}"
    return url.rstrip("/").removesuffix(".git")
