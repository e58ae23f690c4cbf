"""A static site of the library: pages, feeds, bibliographies and a search index in a folder.

`site.publish` is the entry point. Only `papertrack.cli` imports this package.
"""

from datetime import date
from typing import NamedTuple


class SiteOptions(NamedTuple):
    """What a site shows.

    `url` is the address at which the folder will be published, without a trailing slash; None if it
    is unknown, as for a folder on this machine. `starred` adds a page of the starred
    papers. With `since`, papers listed before that day are left out.
    """

    title: str = "papertrack"
    url: str | None = None
    starred: bool = False
    since: date | None = None
    cross_lists: bool = False


class Published(NamedTuple):
    """How many files a site has, and how many of them were written and removed."""

    files: int
    written: int
    removed: int
