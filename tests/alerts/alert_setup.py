"""Alerts in one process: a library on disk, a settable clock, and senders that record."""

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


class FakeSender:
    """A sender that records messages, or fails.

    `failure` is None, "refused" or "unknown"; in the last case the message arrives unconfirmed.
    """

    wants_html = False

    def __init__(self, name, max_length=None):
        self.name, self.max_length = name, max_length
        self.failure = None
        self.messages, self.attempted_ids = [], []

    def send(self, message, _seconds):
        self.attempted_ids.append(message.id)
        if self.failure == "refused":
            raise DeliveryError(self.name, "refused", "it is down")
        self.messages.append(message)
        if self.failure == "unknown":
            raise DeliveryError(self.name, "timeout", "no answer", unknown=True)
        return ()

    def paper_ids(self):
        """The ids of the delivered papers in order, without trending papers."""
        return [
            paper["id"]
            for message in self.messages
            for paper in message.data["data"]
            if paper["section"] != "trending"
        ]


class AlertSetup:
    """A library, topics and channels, with alerts that run in this process."""

    def __init__(self, folder, *topics, channels=(), starred=()):
        self.library = Library(str(folder))
        self.senders = {}
        self.now = datetime.combine(MONDAY, time(8), UTC)
        self.configure(*topics, channels=channels, starred=starred)

    def configure(self, *topics, channels=(), starred=()):
        channels = channels or (make_channel(),)
        self.config = Config(topics=topics, alerts=Alerts(Starred(starred), tuple(channels)))
        for channel in channels:
            self.senders.setdefault(channel.name, FakeSender(channel.name))

    @property
    def sender(self):
        return self.senders["main"]

    def pass_days(self, days=1):
        self.now += timedelta(days=days)

    def put(self, *sightings):
        put(self.library, *sightings)

    def paper(self, number, *, title="On agents", ago=0, **more):
        """A paper listed `ago` days ago and first seen now."""
        day = (self.now - timedelta(days=ago)).date()
        return sighting(f"2603.{number:05}", title=title, day=day, at=self.now, **more)

    def run(
        self,
        *fetched,
        since=None,
        ignore_pauses=False,
        failures=(),
        requested=(),
        meanwhile=lambda: None,
    ):
        """Run alerts with a refresh that fetches these papers, and return the result.

        `meanwhile` is what another program does during the refresh.
        """
        tracker = Tracker(self.library, self.config.topics, self.now)

        def refresh():
            if fetched:
                self.put(*fetched)
            meanwhile()
            return NOT_REFRESHED._replace(failures=failures), requested

        context = DeliveryContext(
            tracker,
            lambda channel: self.senders[channel.name],
            self.now.date(),
            lambda: 60.0,
            ignore_pauses=ignore_pauses,
            sources=("huggingface",),
        )
        return alert_run.run(context, self.config, refresh, since)


def make_channel(name="main", **more):
    """A channel; its type does not matter, as a FakeSender is used."""
    return FileChannel(name=name, type="file", path="unused", **more)
