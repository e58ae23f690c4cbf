"""The log of an alert run contains every decision with its reason."""

import json
import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from log_lines import events
from tricks import TRICKS, unseemly

_CONFIG = """
sources: {{huggingface: {{enabled: false}}}}
topics:
  - {{name: agents, any: [agent]}}
  - {{name: graphs, any: [graph]}}
alerts:
  channels:
    - {{name: hook, type: webhook, url: '{url}', topics: [agents]}}
    - {{name: mail, type: email, to: me@example.org, host: 127.0.0.1, port: {port}}}
log: ../../papertrack.log
"""


class _Mails(Message):
    def __init__(self):
        super().__init__()
        self.received = []

    def handle_message(self, message):
        self.received.append(message)


@pytest.fixture
def mails():
    """A real SMTP server with its `port` and the mails it `received`."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    handler = _Mails()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    handler.port = port
    yield handler
    server.stop()


@pytest.fixture
def watcher(papertrack, hook, mails):
    """The program after its first run of alerts, with two topics, two channels and a log."""
    papertrack.configure(_CONFIG.format(url=hook.url, port=mails.port))
    assert papertrack("alert").code == 0
    return papertrack


def logged(program, *names):
    """The events logged since the last call."""
    path = program.home / "papertrack.log"
    text = path.read_text()
    path.unlink()
    return events(text, *names)


def facts(logged_events, *keys):
    return [tuple(event.facts.get(key) for key in keys) for event in logged_events]


def test_the_first_run_logs_which_topics_are_watched_since_when(watcher):
    watched = logged(watcher, "watch")
    assert facts(watched, "topic", "since") == [("agents", "2026-03-31"), ("graphs", "2026-03-31")]


def test_a_delivery_is_logged_from_the_queue_to_the_channel(watcher, import_papers, hook, mails):
    logged(watcher)
    import_papers(watcher, 1)
    logged(watcher)
    assert watcher("alert").code == 0
    run_events = logged(watcher)
    queued = [event for event in run_events if event.name == "queue"]
    assert facts(queued, "channel", "topic", "event", "paper") == [
        ("hook", "agents", "new", "2603.00001"),
        ("mail", "agents", "new", "2603.00001"),
    ]
    decisions = [event for event in run_events if event.name == "decide"]
    assert facts(decisions, "channel", "decision", "waiting") == [
        ("hook", "send", "1"),
        ("mail", "send", "1"),
    ]
    sent = [event for event in run_events if event.name == "deliver"]
    assert facts(sent, "channel", "outcome", "papers") == [
        ("hook", "delivered", "2603.00001"),
        ("mail", "delivered", "2603.00001"),
    ]
    assert sent[0]["message"] in hook.keys
    assert len(mails.received) == 1
    assert sent[1]["subject"] == mails.received[0]["Subject"]
    (request,) = [event for event in run_events if event.name == "request"]
    assert (request["method"], request["status"]) == ("POST", "200")
    assert request["url"] == hook.url.replace("/hook", "/***")
    (mail,) = [event for event in run_events if event.name == "mail"]
    assert (mail["server"], mail["recipients"]) == (f"127.0.0.1:{mails.port}", "1")


def test_each_paper_that_is_not_delivered_is_logged_with_the_reason(watcher, import_papers):
    import_papers(watcher, 1)
    import_papers(watcher, 2, title="On graphs")
    import_papers(watcher, 3)
    assert watcher("hide", "2603.00003").code == 0
    import_papers(watcher, 4, listed="2026-01-02")
    assert watcher("alert").code == 0
    import_papers(watcher, 5, title="On graphs")
    assert watcher("alert", "mute", "graphs", "--until", "2026-04-02").code == 0
    logged(watcher)
    assert watcher("alert").code == 0
    skipped = facts(logged(watcher, "skip"), "channel", "topic", "reason", "ids")
    assert set(skipped) == {
        ("hook", "agents", "already delivered", "2603.00001"),
        ("mail", "agents", "already delivered", "2603.00001"),
        (None, "graphs", "muted until 2026-04-02", "2603.00002,2603.00005"),
        (None, "agents", "hidden", "2603.00003"),
    }


def test_papers_of_other_topics_and_old_papers_are_logged_as_skipped(watcher, import_papers):
    import_papers(watcher, 2, title="On graphs")
    import_papers(watcher, 4, listed="2026-01-02")
    logged(watcher)
    assert watcher("alert").code == 0
    skipped = facts(logged(watcher, "skip"), "channel", "topic", "reason", "ids")
    assert set(skipped) == {
        ("hook", "graphs", "the channel does not deliver the topic", "2603.00002"),
        (None, "agents", "listed before the topic was watched", "2603.00004"),
    }


def test_a_failure_is_logged_with_its_kind_and_later_that_the_channel_is_paused(
    watcher, import_papers, hook
):
    hook.status = 503
    import_papers(watcher, 1)
    logged(watcher)
    assert watcher("alert").code == 6
    run_events = logged(watcher)
    (failed,) = [
        event for event in run_events if event.name == "deliver" and event["channel"] == "hook"
    ]
    assert (failed.level, failed["outcome"], failed["failed"]) == ("WARNING", "failed", "refused")
    assert "503" in failed["problem"]
    assert run_events[-1]["code"] == "6"
    for minute in range(1, 12):
        watcher.now = f"2026-03-31T18:{minute:02}:00Z"
        assert watcher("alert").code == 6
    watcher.now = "2026-03-31T18:12:00Z"
    logged(watcher)
    assert watcher("alert").code == 6
    decisions = dict(facts(logged(watcher, "decide"), "channel", "decision"))
    assert decisions == {"hook": "paused after 12 failures", "mail": "nothing to send"}


def test_a_channel_that_is_not_due_is_logged_as_not_due(watcher, import_papers, hook, mails):
    text = _CONFIG.format(url=hook.url, port=mails.port)
    watcher.configure(text.replace("topics: [agents]}", "send_days: [mon]}"))  # it is Tuesday
    import_papers(watcher, 1)
    logged(watcher)
    assert watcher("alert").code == 0
    decisions = dict(facts(logged(watcher, "decide"), "channel", "decision"))
    assert decisions["hook"] == "not due today"


def test_a_dry_run_logs_no_delivery_as_queued(watcher, import_papers):
    import_papers(watcher, 1)
    logged(watcher)
    assert watcher("alert", "--dry-run").code == 0
    assert {event.name for event in logged(watcher)} == {"start", "end"}


def test_no_title_forges_a_log_line(watcher, hook, mails):
    text = _CONFIG.format(url=hook.url, port=mails.port)
    watcher.configure(text.replace("topics: [agents]}", "topics: [agents], one_by_one: true}"))
    file = watcher.home / "papers.jsonl"
    papers = [
        {"id": f"2603.{number:05}", "title": f"On agents {title} by agents", "listed": "2026-03-31"}
        for number, title in enumerate(TRICKS, 1)
    ]
    file.write_text("".join(json.dumps(paper) + "\n" for paper in papers))
    assert watcher("import", file).code == 0
    assert watcher("alert").code == 0
    log = (watcher.home / "papertrack.log").read_text()
    assert not unseemly(log)
    deliveries = [event for event in events(log, "deliver") if event["channel"] == "hook"]
    subjects = [event["subject"] for event in deliveries]
    assert len(subjects) == len(TRICKS)
    assert len(set(subjects)) == len(TRICKS)
