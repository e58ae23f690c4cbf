"""Fixtures for all tests: the program as a process, and real servers on this machine."""

import gc
import json
import lzma
import os
import shutil
import signal
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep
from types import SimpleNamespace
from urllib.request import Request, urlopen

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import text
from pages import dated
from program import FORKS, NOBODY, Program
from pytest_httpserver import HTTPServer
from temporary import TEMPORARY, lock_of_all
from werkzeug import Response

# The duration of an example depends on the machine only. CI always tries the same examples, so that
# a change is never blocked by a failure that it did not cause.
settings.register_profile(
    "here",
    max_examples=25,  # keeps the suite under four minutes on two cores
    deadline=None,
    database=None,  # the checkout must stay unchanged
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
# The first failing example kills a mutant; shrinking it would be wasted time.
settings.register_profile(
    "mutants",
    settings.get_profile("here"),
    max_examples=35,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "here"))

# Looking for garbage less often takes a twentieth less time, and not much more memory.
gc.set_threshold(50_000, 20, 100)
# Each process would compile all tests, unless one did so before.
sys.dont_write_bytecode = False

_SHARED = Path(__file__).parents[2] / "shared"
_ROOT = Path(__file__).parent


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_make_collect_report(collector):
    """Compile each file in one process, as it would take each of them four seconds.

    They import files in the same order, so that each waits for one file only.
    """
    if isinstance(collector, pytest.Module):
        with lock_of_all(collector.path.name), suppress(Exception, pytest.skip.Exception):
            collector.obj  # noqa: B018  # Imports the file; an error comes again, and is reported.
    return (yield)


def pytest_collection_finish():
    """Leave what all tests consist of out of every later search for garbage."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """Put tests that wait and those of the whole checkout first, as no other takes as long.

    Hypothesis collects constants of the program here, and intervals of Unicode at its first text.
    One process does both in two seconds; the others read its cache.
    """
    with lock_of_all("hypothesis"):
        yield
        if any(item.get_closest_marker("hypothesis") for item in items):
            _generate()
    items.sort(key=lambda item: not (item.path.parent == _ROOT or item.get_closest_marker("waits")))


@settings(max_examples=1)
@given(text())
def _generate(_):
    pass


@pytest.fixture
def papertrack(tmp_path):
    """The program with an empty home."""
    return Program(tmp_path / "home")


@pytest.fixture(scope="session")
def shared():
    """Return a function that finds a file next to the checkout, or skips the test."""

    def find(name):
        if not (_SHARED / name).exists():
            pytest.skip(f"does not exist: {_SHARED / name}")
        return _SHARED / name

    return find


@pytest.fixture(autouse=True, scope="session")
def _interruptible():
    """Make SIGINT and SIGHUP work in programs that the tests start.

    A background job ignores SIGINT, one of `nohup` SIGHUP, and its children inherit that. A signal
    that is handled here has the default action there.
    """
    names = ("SIGINT", "SIGHUP")  # Windows has no SIGHUP.
    signals = [getattr(signal, name) for name in names if hasattr(signal, name)]
    ignored = [each for each in signals if signal.getsignal(each) == signal.SIG_IGN]
    for each in ignored:
        signal.signal(each, lambda *_: None)
    yield
    for each in ignored:
        signal.signal(each, signal.SIG_IGN)


@pytest.fixture(autouse=True, scope="session")
def _forks():
    yield
    FORKS.end()


@pytest.fixture(autouse=True)
def _isolated(monkeypatch):
    """Ignore the proxies and certificates of this machine, and leave nothing in the home."""
    monkeypatch.setenv("XDG_CACHE_HOME", os.path.join(TEMPORARY.name, "cache"))
    monkeypatch.setenv("npm_config_cache", os.path.join(TEMPORARY.name, "npm"))
    monkeypatch.setenv("HUGO_CACHEDIR", os.path.join(TEMPORARY.name, "hugo"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("SSL_CERT_DIR", NOBODY)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)


@pytest.fixture(scope="session")
def _shared_server():
    with HTTPServer(host="127.0.0.1", threaded=True) as http_server:
        yield http_server


@pytest.fixture
def server(_shared_server):
    """A concurrent HTTP server; tests define its responses."""
    yield _shared_server
    _shared_server.clear()


@pytest.fixture
def daily(server):
    """A small Daily Papers service.

    `days` has the entries of each day, which get the date of that day; `answer(day)` may return
    another response instead; `asked` lists the days whose first page was requested.
    """
    service = SimpleNamespace(
        url=server.url_for("").rstrip("/"), days={}, asked=[], answer=lambda _day: None
    )

    def respond(request):
        day, is_first_page = request.args["date"], request.args.get("p", "0") == "0"
        if is_first_page:
            service.asked.append(day)
        entries = service.days.get(day, []) if is_first_page else []
        body = json.dumps([dated(entry, day) for entry in entries])
        page = Response(body, content_type="application/json")
        return service.answer(day) or page

    server.expect_request("/api/daily_papers").respond_with_handler(respond)
    return service


@pytest.fixture
def wire():
    """Return a function that starts a server on a bare socket.

    The server calls `answer` with the connection after each request. It has a `url`, and `asked`
    lists the numbers of the requests.
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

    tcp_server = stack.enter_context(Server(("127.0.0.1", 0), Handler))
    threading.Thread(target=tcp_server.serve_forever, args=(0.05,), daemon=True).start()
    stack.callback(tcp_server.shutdown)
    return SimpleNamespace(url=f"http://127.0.0.1:{tcp_server.server_address[1]}/", asked=asked)


@pytest.fixture(scope="session")
def secure(tmp_path_factory):
    """A server with TLS that responds "hi": its `port`, and `ca_file` with its issuer."""
    import trustme  # needs cryptography, which takes long to import

    issuer = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    issuer.cert_pem.write_to_path(str(path))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    issuer.issue_cert("127.0.0.1", "papers.invalid").configure_cert(context)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"hi")

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        def finish_request(self, request, address):
            with suppress(OSError):  # clients that do not trust the certificate
                secured = context.wrap_socket(request, server_side=True)
                super().finish_request(secured, address)
                secured.close()

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield SimpleNamespace(port=server.server_address[1], ca_file=str(path))
        server.shutdown()


@pytest.fixture
def unused_url():
    """A URL without a server; its port stays reserved during the test."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.fixture(scope="session")
def filled(tmp_path_factory):
    """Return a function that returns a folder of a name, which the first worker fills for all."""
    ours = tmp_path_factory.getbasetemp()
    place = ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours

    def folder_filled(name, fill):
        folder = place / name
        with FileLock(f"{folder}.lock"):
            if not folder.exists():
                partial = place / f"{name}.partial"
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir()
                fill(partial)
                partial.rename(folder)
        return folder

    return folder_filled


@pytest.fixture(scope="session")
def mirror_data(filled, shared):
    """The folder of the mirror's data, with those papers of arXiv that tests need.

    All workers share it, and the index that the mirror builds from it: that of all papers would
    have 240 MB and take half a minute.
    """
    data = shared("data")

    def fill(folder):
        corpus = folder / "corpus/papers.jsonl.xz"
        corpus.parent.mkdir()
        for name in ("arxiv", "hf"):
            (folder / name).symlink_to(data / name)
        with lzma.open(max((data / "corpus").glob("*.jsonl.xz")), "rt") as papers:
            needed = list(filter(_is_needed, papers))
        with lzma.open(corpus, "wt", preset=0) as papers:
            papers.writelines(needed)

    return filled("mirror-data", fill)


@pytest.fixture(scope="session")
def _mirror_url(tmp_path_factory, mirror_data, shared):
    port_file = tmp_path_factory.mktemp("mirror") / "port"
    command = [sys.executable, str(shared("mirror/mirror.py")), "--data", str(mirror_data)]
    command += ["--port", "0", "--now", _MIRROR_NOW, "--port-file", str(port_file)]
    command += ["--warm", "--cache", str(mirror_data / "index")]
    with FileLock(f"{mirror_data}.lock"):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not (port_file.exists() and port_file.read_text()):
                assert process.poll() is None, "the mirror did not start"
                sleep(0.05)
        except BaseException:
            process.kill()
            raise
    yield f"http://127.0.0.1:{int(port_file.read_text())}"
    process.terminate()
    process.wait()


def _is_needed(line):
    paper = json.loads(line)
    return paper["listed"] >= "2026-02-16" and not _CATEGORIES.isdisjoint(paper["categories"])


_CATEGORIES = {"cs.CL", "cs.LG"}
_MIRROR_NOW = "2026-03-31T18:00:00Z"


@pytest.fixture
def mirror(_mirror_url):
    """The mirror of the services, with its clock at 2026-03-31 18:00 UTC.

    `base` is its address and `url` that of its Hugging Face. `fail` makes a service fail, `clock`
    sets the time and `forget` clears the log. `log` returns all requests, `asked` the days that
    whose first page was requested from Hugging Face, in order.
    """

    def call(path, **settings):
        body = json.dumps(settings).encode() if settings else None
        method = "POST" if settings or path == "/reset" else "GET"
        request = Request(f"{_mirror_url}/_control{path}", body, method=method)
        with urlopen(request) as response:
            return json.load(response)

    def fail(*, upstream="hf", **fault):
        return call("", faults=[{"upstream": upstream, **fault}])

    def log():
        return call("/log")

    def asked():
        paths = [
            request["path"]
            for request in log()["requests"]
            if "daily_papers?" in request["path"] and "p=0" in request["path"]
        ]
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
