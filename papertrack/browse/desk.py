"""What the reader needs from the command line: the library, the network, other programs."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from papertrack.models import Entry, Report
from papertrack.storage.damage import Damage
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import RefreshResult

ProgressCallback = Callable[[int, int], None]  # listings done, papers found
Page = Literal["page", "pdf"]


class Desk(NamedTuple):
    """The services of the command line, each of which may raise a PapertrackError.

    `folder` is that of the library, and `now` the time (UTC). `tracker` opens the library with the
    present topics and time, without a lock. `refresh` fetches what is due and calls back with the
    progress. `open_address` opens an address in the browser and returns whether it could. `address`
    is that of a page of a paper, None if it has none. `copy` copies a text with a program and
    returns whether it could. `edit_note` lets the reader edit a note in an editor and returns the
    text; the terminal must be free. `add_phrase` adds a phrase to a topic, or makes the topic, and
    returns a message. `references` renders papers as BibTeX. `export` writes papers to a file, in
    the format of its extension, and returns a message. `keys` are the configured keys by action.
    `damage` collects the damaged tables that were read.
    """

    folder: str
    now: Callable[[], datetime]
    tracker: Callable[[], Tracker]
    refresh: Callable[[ProgressCallback], RefreshResult]
    address: Callable[[Entry, Page], str | None]
    open_address: Callable[[str], bool]
    copy: Callable[[str], bool]
    edit_note: Callable[[Entry], str]
    add_phrase: Callable[[str, str], str]
    references: Callable[[Report], str]
    export: Callable[[Report, str], str]
    keys: Mapping[str, Sequence[str]]
    damage: Sequence[Damage]
    reads_on_open: bool = False
