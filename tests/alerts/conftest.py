"""The program with alerts that go to a real web server on this machine."""

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from alert_setup import CONFIG


class WebhookServer:
    """A server that records the messages it receives and responds with `status`.

    `keys` are the idempotency keys of accepted messages, `papers` the keys by paper id. `before`
    and `after` are called around each response.
    """

    def __init__(self):
        self.status = 200
        self.keys, self.papers = [], defaultdict(list)
        self.before = self.after = lambda: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _handler(hook):  # noqa: N805  # `self` is the handler below
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if hook.status < 300:
                    hook.record(self.headers["Idempotency-Key"], body)
                hook.before()
                self.send_response(hook.status)
                self.end_headers()
                self.wfile.flush()
                hook.after()

            def log_message(self, *_):
                """Write no log to stderr."""

        return Handler

    def record(self, key, body):
        self.keys.append(key)
        for paper in body["data"]:
            self.papers[paper["id"]].append(key)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hook():
    hook = WebhookServer()
    yield hook
    hook.close()


@pytest.fixture
def queued(monkeypatch):
    """The ids of the papers whose deliveries are logged as queued."""
    ids = []

    def event(name, **facts):
        if name == "queue":
            ids.append(facts["paper"])

    monkeypatch.setattr("papertrack.log.event", event)
    return ids


@pytest.fixture
def watcher(papertrack, hook):
    """The program after its first run of alerts, with one message a paper to the hook."""
    papertrack.configure(CONFIG.format(url=hook.url, more=", one_by_one: true"))
    done = papertrack("alert")
    assert (done.code, done.out) == (0, ""), done.err
    return papertrack


def import_papers(program, *numbers, title="On agents", **more):
    """Import papers that are listed on the program's day."""
    file = program.home / "papers.jsonl"
    papers = [
        {"id": f"2603.{number:05}", "title": f"{title} {number}", "listed": program.now[:10]} | more
        for number in numbers
    ]
    file.write_text("".join(json.dumps(paper) + "\n" for paper in papers))
    done = program("import", file)
    assert done.code == 0, done.err


@pytest.fixture(name="import_papers")
def _import_papers():
    return import_papers
