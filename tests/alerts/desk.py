"""Alerts as tests run them: a library on disk, days that pass, channels that note what comes."""

from datetime import UTC, date, datetime, time, timedelta

from invented import put, sighting

from papertrack.alerts import alert_run
from papertrack.alerts.delivery import DeliveryContext
from papertrack.config.channels import FileChannel
from papertrack.config.records import Alerts, Config, Starred
from papertrack.errors import DeliveryError
from papertrack.library.library import Library
from papertrack.models import Topic
from papertrack.tracker import Tracker
from papertrack.tracker.refresh import NOT_REFRESHED

MONDAY = date(2026, 3, 2)
AGENTS = Topic("agents", any=("agent",))
CONFIG = """
sources: {{huggingface: {{enabled: false}}}}
topics: [{{name: agents, any: [agent]}}]
alerts:
  channels:
    - {{name: hook, type: webhook, url: '{url}'{more}}}
"""


class Box:
    """A channel's other end: what it took, and how it fails meanwhile."""

    wants_html = False

    def __init__(self, name, longest=None):
        self.name, self.longest = name, longest
        self.down = None  # None, "refused" or "unknown": the latter takes messages and says nothing
        self.messages, self.tried = [], []

    def send(self, message, _seconds):
        self.tried.append(message.id)
        if self.down == "refused":
            raise DeliveryError(self.name, "refused", "it is down")
        self.messages.append(message)
        if self.down == "unknown":
            raise DeliveryError(self.name, "timeout", "no answer", unknown=True)
        return ()

    def papers(self):
        """The ids that came, in their order, those of trending papers not counted."""
        return [
            one["id"]
            for message in self.messages
            for one in message.data["data"]
            if one["section"] != "trending"
        ]


class Desk:
    """One reader's alerts, run in this process."""

    def __init__(self, folder, *topics, channels=(), starred=()):
        self.library = Library(str(folder))
        self.boxes = {}
        self.now = datetime.combine(MONDAY, time(8), UTC)
        self.configure(*topics, channels=channels, starred=starred)

    def configure(self, *topics, channels=(), starred=()):
        channels = channels or (channel(),)
        self.config = Config(topics=topics, alerts=Alerts(Starred(starred), tuple(channels)))
        for one in channels:
            self.boxes.setdefault(one.name, Box(one.name))

    @property
    def box(self):
        return self.boxes["box"]

    def pass_days(self, days=1):
        self.now += timedelta(days=days)

    def put(self, *sightings):
        put(self.library, *sightings)

    def paper(self, number, *, title="On agents", ago=0, **more):
        """A paper listed so many days ago, and seen now."""
        day = (self.now - timedelta(days=ago)).date()
        return sighting(f"2603.{number:05}", title=title, day=day, at=self.now, **more)

    def run(self, *arriving, since=None, anyway=False, failures=(), asked=()):
        """Run alerts while these papers arrive; what it did."""
        tracker = Tracker(self.library, self.config.topics, self.now)

        def refresh():
            if arriving:
                self.put(*arriving)
            return NOT_REFRESHED._replace(failures=failures), asked

        context = DeliveryContext(
            tracker,
            lambda channel: self.boxes[channel.name],
            self.now.date(),
            lambda: 60.0,
            ignore_pauses=anyway,
        )
        return alert_run.run(context, self.config, refresh, since)


def channel(name="box", **more):
    """A channel; what it is makes no difference, as a Box stands in for its other end."""
    return FileChannel(name=name, type="file", path="unused", **more)
