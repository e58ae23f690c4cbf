"""A site with hostile titles and topic names, published from a library in memory."""

from datetime import timedelta

from invented import DAY, NOW, put, sighting
from tricks import TRICKS

from papertrack.library.library import Library
from papertrack.models import State, Topic
from papertrack.publishing import SiteOptions
from papertrack.publishing.site import publish
from papertrack.text import clean
from papertrack.tracker import Tracker

URL = "https://example.org/papers"
SECRET = "a note of mine"
# Names that are equal in lower case, reserved on Windows, empty as a file name, or paths.
TOPICS = ("Graphs", "graphs!", "CON", "../../etc", "\u56fe", "<b>x</b>", "a", "a 2", "n" * 200)


def library(days=3):
    """Papers of some days with hostile titles, upvotes that grow, and states of their reader."""
    stored = Library(None)
    for day in range(days):
        at = NOW - timedelta(days=day)
        sightings = [
            sighting(
                f"2603.{day:02}{number:03}",
                day=DAY - timedelta(days=day),
                at=at,
                upvotes=number,
                title=clean(trick) or "Untitled",
                abstract=f"Abstract {number} on graphs. {clean(trick)}",
                authors=("Zo\u00eb Ng", clean(trick) or "B", "C"),
            )
            for number, trick in enumerate(TRICKS)
        ]
        put(stored, *sightings)
        put(stored, *(each._replace(observations=()) for each in sightings[:3]))
    states = {
        "2603.00001": State(starred=True, note=SECRET, tags=("mine",)),
        "2603.00002": State(hidden=True),
        "2603.00003": State(read=True),
    }
    stored.change_states(states, lambda paper_id, _: states[paper_id])
    return stored


def tracker(stored=None, now=NOW):
    """A tracker for the library, whose topics match some papers each."""
    phrases = [("graphs",), ("abstract 1",), *[("word",)] * (len(TOPICS) - 2)]
    topics = tuple(Topic(name, any=any_of) for name, any_of in zip(TOPICS, phrases, strict=True))
    return Tracker(stored or library(), topics, now)


def write_site(folder, *, stored=None, now=NOW, **options):
    """Publish into a folder and return the result."""
    return publish(tracker(stored, now), SiteOptions(**({"starred": True} | options)), str(folder))


def files_of(folder):
    """The content and the time of each file below a folder, by path."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
