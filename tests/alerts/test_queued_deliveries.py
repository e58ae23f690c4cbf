"""Which deliveries news become."""

import os
import stat

import pytest
from alert_setup import AGENTS, AlertSetup, make_channel

from papertrack.alerts.detection import News
from papertrack.alerts.queueing import new_deliveries
from papertrack.library.outbox import Outbox

NEWS = News("2603.00001", "new", ("agents", "graphs"))


@pytest.fixture
def alerts(tmp_path):
    return AlertSetup(tmp_path / "library", AGENTS)


def queue(alerts, *news, **channel):
    """Queue the deliveries of news, and return them."""
    outbox = Outbox(alerts.library)
    deliveries = new_deliveries(outbox, news, [make_channel(**channel)], alerts.now)
    with alerts.library.transaction():
        outbox.queue(deliveries)
    return [(item.channel, item.event, item.paper_id, item.topics) for item in deliveries]


def test_news_become_a_delivery_to_each_channel_with_the_topics_it_delivers(alerts):
    row = ("main", "new", "2603.00001")
    assert queue(alerts, NEWS) == [(*row, ("agents", "graphs"))]
    assert queue(alerts, NEWS, name="other", topics=("graphs",)) == [
        ("other", *row[1:], ("graphs",))
    ]
    assert queue(alerts, NEWS, name="third", topics=("dolls",)) == []


def test_a_queued_delivery_gets_only_topics_that_it_lacks(alerts):
    row = ("main", "new", "2603.00001")
    assert queue(alerts, NEWS._replace(topics=("graphs",))) == [(*row, ("graphs",))]
    assert queue(alerts, NEWS._replace(topics=("graphs",))) == []
    assert queue(alerts, NEWS) == [(*row, ("graphs", "agents"))]
    (stored,) = Outbox(alerts.library).pending()
    assert stored.topics == ("graphs", "agents")


def test_the_folder_of_a_run_and_its_lock_is_private(alerts):
    alerts.run()
    assert stat.S_IMODE(os.stat(alerts.library.folder).st_mode) == 0o700
