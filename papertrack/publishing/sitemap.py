"""The sitemap of a site: https://www.sitemaps.org/protocol.html."""

from collections.abc import Iterable
from datetime import datetime

from papertrack.calendar import utc_day
from papertrack.escaping import html

_MAX_PAGES = 50_000  # of a sitemap
_BEGIN = """\
<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
"""


def sitemap(url: str, changes: Iterable[tuple[str, datetime]]) -> str:
    """A sitemap with the time of the last change of each page, newest first."""
    newest = sorted(changes, key=lambda change: (change[1], change[0]), reverse=True)
    lines = (
        f"<url><loc>{html(_address(url, path))}</loc><lastmod>{utc_day(at)}</lastmod></url>\n"
        for path, at in newest[:_MAX_PAGES]
    )
    return f"{_BEGIN}{''.join(lines)}</urlset>\n"


def _address(url: str, path: str) -> str:
    return f"{url}/" if path == "index.html" else f"{url}/{path}"
