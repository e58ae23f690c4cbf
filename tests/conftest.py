"""What several rooms of tests share: the program as a process, and real servers on this machine."""

import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from time import sleep
from types import SimpleNamespace
from urllib.request import Request, urlopen

import pytest
from hypothesis import HealthCheck, Phase, settings
from pages import dated
from program import FORKS, NOBODY, Program
from pytest_httpserver import HTTPServer
from werkzeug import Response

# How quick an example is says something of the machine only. A failure that chance finds belongs
# to whoever was looking, not to a run of CI.
settings.register_profile(
    "here",
    max_examples=35,  # the suite is to stay well under five minutes on two cores
    deadline=None,
    database=None,  # nothing is kept beside the checkout
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
# Mutants are killed by the first example that fails, however long it is.
settings.register_profile("mutants", settings.get_profile("here"), phases=[Phase.generate])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "here"))

_SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture
def papertrack(tmp_path):
    """The program with an empty home of its own."""
    return Program(tmp_path / "home")


@pytest.fixture(scope="session")
def shared():
    """Finds what lies beside the checkout, or skips the test with the reason."""

    def find(name):
        if not (_SHARED / name).exists():
            pytest.skip(f"not here: {_SHARED / name}")
        return _SHARED / name

    return find


@pytest.fixture(autouse=True, scope="session")
def _interruptible():
    """A background job ignores SIGINT, and so would every program it starts. What is caught here
    is the default there.
    """
    before = signal.getsignal(signal.SIGINT)
    if before == signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: None)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True, scope="session")
def _forks():
    yield
    FORKS.end()


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    """Neither the proxies of this machine are asked nor its certificates read."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("SSL_CERT_DIR", NOBODY)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)


@pytest.fixture(scope="session")
def _one_server():
    with HTTPServer(host="127.0.0.1", threaded=True) as running:
        yield running


@pytest.fixture
def server(_one_server):
    """A server that answers several requests at a time, as the test tells it."""
    yield _one_server
    _one_server.clear()


@pytest.fixture
def daily(server):
    """A small Daily Papers service: put entries into `days`, which say that they are of that day,
    or let `answer(day)` return something else than a page; `asked` has each day it was asked for.
    """
    service = SimpleNamespace(
        url=server.url_for("").rstrip("/"), days={}, asked=[], answer=lambda _day: None
    )

    def respond(request):
        day = request.args["date"]
        service.asked.append(day)
        entries = service.days.get(day, []) if request.args.get("p", "0") == "0" else []
        body = json.dumps([dated(one, day) for one in entries])
        page = Response(body, content_type="application/json")
        return service.answer(day) or page

    server.expect_request("/api/daily_papers").respond_with_handler(respond)
    return service


@pytest.fixture
def wire():
    """Starts servers that let a function write to the bare connection after each request; each
    has its `url` and, in `asked`, one number a request.
    """
    with ExitStack() as stack:
        yield lambda answer: _start(stack, answer)


def _start(stack, answer):
    asked = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            with suppress(OSError):
                self.request.recv(65536)
            asked.append(len(asked) + 1)
            with suppress(OSError):
                answer(self.request)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True

    running = stack.enter_context(Server(("127.0.0.1", 0), Handler))
    threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True).start()
    stack.callback(running.shutdown)
    return SimpleNamespace(url=f"http://127.0.0.1:{running.server_address[1]}/", asked=asked)


@pytest.fixture
def unused_url():
    """A URL at which nobody listens, nor can as long as the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


@pytest.fixture(scope="session")
def _mirror_url(tmp_path_factory, shared):
    port_file = tmp_path_factory.mktemp("mirror") / "port"
    command = [sys.executable, str(shared("mirror/mirror.py")), "--data", str(shared("data"))]
    command += ["--port", "0", "--now", _MIRROR_NOW, "--port-file", str(port_file)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not (port_file.exists() and port_file.read_text()):
            assert process.poll() is None, "the mirror did not start"
            sleep(0.05)
        yield f"http://127.0.0.1:{int(port_file.read_text())}"
    finally:
        process.terminate()
        process.wait()


_MIRROR_NOW = "2026-03-31T18:00:00Z"


@pytest.fixture
def mirror(_mirror_url):
    """The mirror of the services, at first on 2026-03-31. `base` is where it listens and `url` that
    of Hugging Face there; `fail` makes one of them fail, `clock` moves their time, `forget` empties
    the log; `log` has all requests and `asked` the days that Hugging Face was asked for, in order
    of day.
    """

    def call(path, **settings):
        body = json.dumps(settings).encode() if settings else None
        method = "POST" if settings or path == "/reset" else "GET"
        request = Request(f"{_mirror_url}/_control{path}", body, method=method)
        with urlopen(request) as answer:
            return json.load(answer)

    def fail(*, upstream="hf", **fault):
        return call("", faults=[{"upstream": upstream, **fault}])

    def log():
        return call("/log")

    def asked():
        paths = [one["path"] for one in log()["requests"] if "daily_papers?" in one["path"]]
        return sorted(path.partition("date=")[2].partition("&")[0] for path in paths)

    call("/reset")
    yield SimpleNamespace(
        base=_mirror_url,
        url=f"{_mirror_url}/hf",
        fail=fail,
        clock=lambda now: call("", now=now),
        forget=lambda: call("/reset"),
        log=log,
        asked=asked,
    )
    call("", faults=[], now=_MIRROR_NOW)
