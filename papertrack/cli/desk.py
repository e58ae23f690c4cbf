"""The services of the command line for the interactive reader: see papertrack.browse.desk."""

import os
import threading

from papertrack.browse.desk import Desk, ProgressCallback
from papertrack.calendar import Span, utc_day
from papertrack.cli.export_files import OutputOptions, render_pieces, write_file
from papertrack.cli.global_options import GlobalOptions
from papertrack.cli.note_editor import edit_note
from papertrack.cli.other_programs import copy_with_program, find_browser, page_address
from papertrack.cli.pages import references
from papertrack.cli.session import Session, clock, load_config
from papertrack.cli.today import TodayOptions, fetch_due
from papertrack.config import Config
from papertrack.config.changes import TopicChange
from papertrack.library.library import Library
from papertrack.models import Report
from papertrack.storage.damage import Damage
from papertrack.tracker import QUICKLY_RANKED, Tracker
from papertrack.tracker.refresh import RefreshResult
from papertrack.tracker.wording import count


class _Services:
    """What the reader needs, with the configuration as it is at each call."""

    def __init__(self, options: GlobalOptions) -> None:
        # Nothing may be printed below the reader's screen.
        self._options = options._replace(quiet=True, verbose=0)
        self.damage: list[Damage] = []
        self._libraries = threading.local()

    def session(self) -> Session:
        return Session(self._options, clock(), load_config(self._options), self.damage)

    def tracker(self) -> Tracker:
        """The library, opened once a thread: it holds no lock, and sees what others write."""
        session = self.session()
        library: Library | None = getattr(self._libraries, "library", None)
        if library is None or library.folder != session.folder:
            library = self._libraries.library = session.library(self.damage.append)
        return _tracker(library, session)

    def refresh(self, on_progress: ProgressCallback) -> RefreshResult:
        session = self.session()
        # A library of its own, because one that cannot be written continues in memory.
        library = session.library(self.damage.append)
        tracker = _tracker(library, session)
        today = utc_day(session.now)
        result = fetch_due(TodayOptions(), session, tracker, Span(today, today), on_progress)
        if result.new:
            tracker.update_recommendations(QUICKLY_RANKED)
        return result

    def add_phrase(self, name: str, phrase: str) -> str:
        from papertrack.cli.topic_changes import add, edit

        topics = load_config(self._options).topics
        topic = next((item for item in topics if item.name.casefold() == name.casefold()), None)
        change = TopicChange(any=(phrase,))
        if topic is None:
            add(self._options, name, change)
            return f"new topic {name!r} with {phrase!r}"
        edit(self._options, topic.name, change)
        return f"topic {topic.name!r} has {phrase!r}"


def _tracker(library: Library, session: Session) -> Tracker:
    config = session.config
    return Tracker(library, config.topics, session.now, recommends=config.recommend)


def open_desk(options: GlobalOptions, config: Config) -> Desk:
    """Return the services for the reader."""
    services = _Services(options)
    return Desk(
        folder=services.session().folder,
        now=clock,
        tracker=services.tracker,
        refresh=services.refresh,
        address=page_address,
        open_address=_open_address,
        copy=copy_with_program,
        edit_note=edit_note,
        add_phrase=services.add_phrase,
        references=lambda report: references(report, "bibtex"),
        export=_export,
        keys=config.browse.keys,
        damage=services.damage,
        reads_on_open=config.read_on_open,
    )


def _open_address(url: str) -> bool:
    browser = find_browser()
    return bool(browser and browser.open(url))


def _export(report: Report, path: str) -> str:
    """Write papers to a file in the format of its name. Raises UsageError."""
    from papertrack.cli.export import format_of

    path = os.path.expanduser(path)
    output = OutputOptions(format_of(path))
    entries = tuple(entry for section in report.sections for entry in section.entries)
    papers = report._replace(
        headline=count(len(entries), "paper"),
        sections=(report.sections[0]._replace(entries=entries),),
    )
    pieces = render_pieces(papers, output, "Papers")
    write_file(path, pieces, keep_edits=output.keeps_edits)
    return f"exported {count(len(entries), 'paper')} to {path}"
