"""Random answers, made by mutating real ones: of sources, mail servers and services for messages.

    PYTHONPATH=tests:tests/faults python tests/faults/fuzzing.py --minutes 60 --seed 1

tries all of them for so long, and prints what broke an invariant, with the seed that repeats it.
"""

import argparse
import json
import re
import socketserver
import subprocess
import sys
import threading
import time
import traceback
import zlib
from collections import Counter
from contextlib import contextmanager, suppress
from copy import deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl, urlsplit

from pages import page
from program import Program
from soak import CATEGORIES, World

from papertrack.channels import Message, boundary, connect
from papertrack.config.channels import AppriseChannel, EmailChannel, WebhookChannel
from papertrack.errors import DeliveryError
from papertrack.text import clean

LAST, DAYS, NOW = date(2026, 3, 31), 7, "2026-03-31T18:00:00Z"
_SECONDS = 60  # for a run whose deadline is 2 seconds; the machine may be busy
_MEGABYTES = 400
_DELIVERY_SECONDS = 1.5
_WELL = 0.3  # the share of answers that stay as they are
_CONTRACT = {0, 3, 4}
MESSAGE = Message(
    "20260331-fuzz-1a2b",
    datetime.fromisoformat(NOW),
    "papertrack: 1 new paper",
    "A title\n",
    "# A title\n",
    "<p>A title</p>",
    {"schema": 1, "data": [{"id": "2603.10165", "title": "A title"}]},
)

_TEXTS = (
    *("", " ", "\0", "\x1b]0;x\x07", "\u202e", "\ufeff", "\ud800", "\U000e0041", "a\u0301" * 300),
    *("0000-00-00T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "NaN"),
    *(
        "-0",
        "1e999",
        "9" * 400,
        "--library=x",
        "../../x",
        "a/b\\c",
        '"',
        "'",
        "`id`",
        "$(id)",
        "%s",
    ),
    *("<!-- papertrack end -->", "]]>", "&lt;", "&#0;", "&#xD800;", "<![CDATA[", "{{ 7*7 }}"),
    *("http://[", "http://a:99999999/", "data:,x", "javascript:x", "//", "arxiv.org/abs/2603.1"),
    *("x" * 100_000, "a " * 50_000, "(" * 5000, "$" * 5000, "\\" * 5000, "{" * 5000, "é" * 30_000),
)
_VALUES = (None, True, False, 0, -1, 2**63, 10**30, 1.5, [], {}, [[]], [None], {"": ""}, [{}] * 50)
_STATUSES = (100, 101, 103, 199, 200, 204, 206, 207, 226, 300, 301, 302, 303, 304, 305, 307, 308)
_STATUSES += (399, 400, 401, 403, 404, 407, 408, 410, 418, 425, 429, 451, 500, 502, 503, 504, 599)
_STATUSES += (0, 99, 600, 999)
_LOCATIONS = (
    *("data:,x", "mailto:me@example.org", "file:///etc/passwd", "", "/", "//", "?", "#", "http:"),
    *(
        "http://",
        "http://[",
        "http://[::1",
        "http://a:b/",
        "http://127.0.0.1:9/",
        "https://127.0.0.1:9/",
    ),
    *(
        "http://other.example/x",
        "ftp://127.0.0.1/",
        "http://\x00/",
        "http://é.example/",
        "javascript:1",
    ),
    *("http://127.0.0.1:99999/", "http://user:pass@127.0.0.1:9/", "x" * 9000, "\u202e"),
)
_HEADERS = (
    *(
        "Retry-After: -1",
        "Retry-After: 99999999999999999999",
        "Retry-After: Fri, 31 Dec 9999 23:59:59",
    ),
    *("Retry-After: x", "RateLimit: r=0;t=999999999", "ETag: \x01", 'ETag: "' + "e" * 5000 + '"'),
    *("Last-Modified: never", "Date: x", "Content-Type: \xff", "Content-Encoding: gzip"),
    *("Content-Encoding: br", "Content-Encoding: gzip, gzip", "Transfer-Encoding: chunked"),
    *(
        "Transfer-Encoding: x",
        "Content-Length: -5",
        "Content-Length: 99999999999",
        "X: " + "y" * 60_000,
    ),
    *("Content-Length: 1\r\nContent-Length: 2", "\r\n", "no colon", " folded", ": empty"),
    *("Connection: upgrade", "Set-Cookie: a=b", "Link: <x>; rel=next", "WWW-Authenticate: Basic"),
)


def mutated_text(random, text):
    """A text with bytes changed, removed, repeated, or replaced by what breaks parsers."""
    body = bytearray(text)
    for _ in range(random.choice((1, 1, 2, 5, 30))):
        at = random.randrange(len(body) + 1)
        end = min(len(body), at + random.choice((1, 2, 10, 200)))
        match random.randrange(7):
            case 0:
                body[at:end] = random.randbytes(end - at)
            case 1:
                del body[at:end]
            case 2:
                body[at:at] = body[at:end] * random.choice((1, 2, 50))
            case 3:
                body[at:at] = random.choice(_TEXTS).encode(errors="surrogatepass")
            case 4:
                del body[at:]
            case 5:
                body[at:end] = random.choice(
                    (b"<", b">", b"&", b'"', b"{", b"[", b"]", b"\0", b"\xff")
                )
            case 6:
                body[at:at] = random.choice((b"[", b"{", b"<a>", b'{"a":')) * random.choice(
                    (9, 9999)
                )
    return bytes(body)


def mutated_json(random, body):
    """JSON with some values replaced by others."""
    value = json.loads(body)
    for _ in range(random.choice((1, 1, 3, 10))):
        node = value
        while True:
            keys = list(node) if isinstance(node, dict) else range(len(node))
            if not keys:
                break
            key = random.choice(keys)
            if isinstance(node[key], dict | list) and random.random() < 0.8:
                node = node[key]
                continue
            other = deepcopy(random.choice(random.choice((_VALUES, _TEXTS))))
            match random.randrange(4):
                case 0 if isinstance(node, dict):
                    del node[key]
                case 1 if isinstance(node, list):
                    node.extend(node[:30])
                case _:
                    node[key] = other
            break
    return json.dumps(value).encode()


_CONTENT = re.compile(rb">([^<>]+)<|=\"([^\"]*)\"")


def mutated_xml(random, body):
    """XML with the contents of some elements or attributes replaced."""
    places = list(_CONTENT.finditer(body))
    if not places:
        return mutated_text(random, body)
    chosen = random.sample(places, min(len(places), random.choice((1, 2, 10))))
    for place in sorted(chosen, key=lambda match: -match.start()):
        group = 1 if place[1] is not None else 2
        text = str(random.choice(random.choice((_VALUES, _TEXTS)))).encode(errors="replace")
        if random.random() < 0.7:
            text = text.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b"\0", b"")
        body = body[: place.start(group)] + text + body[place.end(group) :]
    return body


def mutated_body(random, body):
    """A body of JSON or XML, mutated as text or by its structure."""
    if random.random() < 0.5:
        return mutated_text(random, body)
    is_json = body[:1] in (b"[", b"{")
    return (mutated_json if is_json else mutated_xml)(random, body)


def http_answer(random, body, well=_WELL):
    """The bytes of a response, and whether they are those of a good server."""
    if random.random() < well:
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        return head.encode() + body, True
    status, headers, length = 200, [], True
    kinds = random.sample(("body", "status", "redirect", "header", "gzip", "raw"), 2)
    if "body" in kinds or random.random() < 0.5:
        body = mutated_body(random, body)
    if "status" in kinds:
        status = random.choice(_STATUSES)
    if "redirect" in kinds and random.random() < 0.6:
        status = random.choice((301, 302, 303, 307, 308))
        headers.append(f"Location: {random.choice(_LOCATIONS)}")
    if "header" in kinds:
        headers += random.choices(_HEADERS, k=random.choice((1, 2, 5)))
        length = random.random() < 0.7
    if "gzip" in kinds:
        headers.append("Content-Encoding: gzip")
        packer = zlib.compressobj(wbits=31)
        bomb = b"[" + b" " * random.choice((1, 10**8))
        body = packer.compress(random.choice((body, bomb))) + packer.flush()
        if random.random() < 0.5:
            body = mutated_text(random, body)
    if length:
        headers.append(f"Content-Length: {len(body) + random.choice((0, 0, 0, -5, 5, 10**6))}")
    lines = [f"HTTP/1.1 {status} {random.choice(('OK', '', 'x' * 3000))}", *headers]
    answer = (
        "\r\n".join([*lines, "Connection: close", "", ""]).encode(errors="surrogatepass") + body
    )
    if "raw" in kinds:
        informational = b"HTTP/1.1 103 Early Hints\r\n\r\n" * random.choice((0, 1, 2000))
        answer = informational + mutated_text(random, answer)
    return answer, False


class _Handler(socketserver.StreamRequestHandler):
    timeout = 20

    def handle(self):
        with suppress(OSError, ValueError):
            line = self.rfile.readline(65536).decode("latin-1")
            length = 0
            while (header := self.rfile.readline(65536).strip()) != b"":
                if header.lower().startswith(b"content-length:"):
                    length = int(header.partition(b":")[2])
            self.rfile.read(length)
            self.wfile.write(self.server.answer(line.split(" ")[1]))


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        """A client that has given up is no error."""


@contextmanager
def listening(handler, **attributes):
    """A server whose handler finds `attributes` on it; its address."""
    with _Server(("127.0.0.1", 0), handler) as server:
        for name, value in attributes.items():
            setattr(server, name, value)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Fuzz:
    """What was tried and what broke an invariant; `seed` and the number of a round repeat it."""

    def __init__(self, seed):
        self.seed, self.counts, self.broken = seed, Counter(), []

    def random(self, *what):
        return Random(repr((self.seed, *what)))

    def report(self, where, what):
        self.broken.append(f"seed {self.seed}, {where}: {what}")


class SourceFuzz:
    """A reader whose sources answer at random, round after round, with one library."""

    def __init__(self, fuzz, folder, days=DAYS):
        first = LAST - timedelta(days=days - 1)
        self.fuzz, self.world, self.round = fuzz, World(first, days, 4), 0
        self.program, self.well, self.known = Program(Path(folder) / "home"), _WELL, set()
        self.starred = ["--help"]  # until a paper is stored
        self.world.now = datetime.fromisoformat(NOW)

    def answer(self, target):
        split = urlsplit(target)
        params = dict(parse_qsl(split.query))
        with suppress(KeyError, ValueError):
            body = self.world.response(split.path, params, None)
            random = self.fuzz.random(self.round, target)
            self.fuzz.counts["answers of sources"] += 1
            return http_answer(random, body, self.well)[0]
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"

    def configure(self, port):
        url = f"http://127.0.0.1:{port}"
        arxiv = f"enabled: true, categories: [{', '.join(CATEGORIES)}], delay_seconds: 0"
        services = f"api_url: '{url}/api/query', rss_url: '{url}', oai_url: '{url}/oai'"
        self.program.configure(
            f"sources:\n  huggingface: {{base_url: '{url}'}}\n  arxiv: {{{arxiv}, {services}}}\n"
            "topics: [{name: agents, any: [agents, 'pap* * agents']}]\n"
            "network: {deadline_seconds: 3}\n"
        )

    def run(self, *arguments, allowed=_CONTRACT):
        """Run the program and check the invariants that every run has."""
        began, where = time.monotonic(), f"round {self.round}, {' '.join(arguments)}"
        try:
            environ = self.program.environ()
            result = self.program.forked(*arguments, environ=environ, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            self.fuzz.report(where, f"did not end within {_SECONDS} s")
            return ""
        self.fuzz.counts["runs of the program"] += 1
        err = result.stderr.decode(errors="replace")
        if result.returncode not in allowed:
            self.fuzz.report(where, f"exit code {result.returncode}: {err[:600]}")
        for sign in ("Traceback", "unexpected:", "bug in papertrack"):
            if sign in err:
                self.fuzz.report(where, f"{sign}: {err[:600]}")
        if result.megabytes > _MEGABYTES:
            self.fuzz.report(where, f"{result.megabytes:.0f} MB")
        if any(ord(character) < 32 and character != "\n" for character in err):
            self.fuzz.report(where, f"a control character on stderr: {err[:600]!r}")
        self.fuzz.counts["seconds at most"] = max(
            self.fuzz.counts["seconds at most"], round(time.monotonic() - began)
        )
        return result.stdout.decode(errors="replace")

    def play(self):
        """A round: fetch, then read what is stored."""
        self.round += 1
        again = str(self.fuzz.random(self.round, "day").choice(self.world.days))
        self.run(
            "fetch",
            *(("--again", again) if self.round % 3 else ("--since", str(self.world.days[0]))),
        )
        self.check_ids()
        if self.known and self.round % 7 == 1:
            self.starred = [self.fuzz.random(self.round, "star").choice(sorted(self.known))]
            self.run("star", *self.starred, allowed={0})
        if self.round % 5 == 0:
            command = self.fuzz.random(self.round).choice(
                (
                    ("today", "--offline", "--format", "json"),
                    ("list", "--all", "--format", "csv"),
                    ("export", "--all", "--format", "md"),
                    ("export", "--all", "--format", "html"),
                    ("export", "--all", "--format", "bibtex"),
                    ("trending",),
                    ("search", "agents"),
                    ("coverage",),
                    ("stats",),
                    ("recommend", "--all"),
                    ("topics", "suggest"),
                    ("show", *self.starred),
                    ("cite", *self.starred),
                )
            )
            self.run(*command, allowed={0})
        if self.round % 20 == 0:
            self.run("library", "verify", allowed={0})

    def check_ids(self):
        """No stored paper is lost, and none is listed twice."""
        listed = self.run("list", "--all", "--format", "ids", allowed={0}).split()
        if lost := self.known - set(listed):
            self.fuzz.report(f"round {self.round}", f"lost {sorted(lost)[:5]}")
        if len(listed) != len(set(listed)):
            self.fuzz.report(f"round {self.round}", "a paper is listed twice")
        self.known |= set(listed)

    def finish(self):
        """Once the sources answer well again, every paper of theirs is stored."""
        self.round, self.well = self.round + 1, 1.0
        for day in self.world.days:
            self.run("fetch", "--again", str(day))
        self.check_ids()
        if missing := self.world.papers().keys() - self.known:
            self.fuzz.report("end", f"never stored: {sorted(missing)[:5]}")
        self.run("library", "verify", allowed={0})


@contextmanager
def fuzzed_sources(fuzz, folder, days=DAYS):
    """A SourceFuzz with its server."""
    sources = SourceFuzz(fuzz, folder, days)
    with listening(_Handler, answer=sources.answer) as port:
        sources.configure(port)
        yield sources


_REPLIES = {
    "hello": "220 here",
    "EHLO": "250-here\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250 AUTH CRAM-MD5 PLAIN LOGIN",
    "AUTH": "235 welcome",
    "AUTH CRAM-MD5": "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uPg==",
    "DATA": "354 go on",
    "QUIT": "221 bye",
}
_ODD_REPLIES = (
    *(
        "",
        "250",
        "250 ",
        "25",
        "abc",
        "2500 x",
        "-1 x",
        "250-",
        "250-x\r\n251 y",
        "334 ",
        "334 !!!",
    ),
    *(
        "334 " + "A" * 9000,
        "421 closing",
        "\x00\x01",
        "250 \xff\xfe",
        "250 " + "x" * 8190,
        "535 no",
    ),
    *("250-x\r\n" * 30_000 + "250 x", "99999 x", "250 \u202e\x1b[31m", "235 welcome", "503 later"),
)


class _MailHandler(socketserver.StreamRequestHandler):
    timeout = 20

    def handle(self):
        server = self.server
        server.accepted = False
        with suppress(OSError):
            self.reply("hello")
            in_text = False
            for received in self.rfile:
                line = received.decode(errors="replace").strip().upper()
                if in_text and line != ".":
                    continue
                server.accepted |= self.reply(line) and in_text
                in_text = line == "DATA"

    def reply(self, line):
        """Reply to a line; return whether the server accepts what it was sent."""
        random = self.server.fuzz.random("mail", self.server.round, line[:9])
        verb = line.split(" ")[0]
        text = _REPLIES.get(line, _REPLIES.get(verb, "250 fine"))
        if verb == "HELLO":
            text = _REPLIES["hello"]
        if random.random() < 0.75:
            self.wfile.write(f"{text}\r\n".encode())
            return True
        if random.random() < 0.1:
            raise ConnectionResetError
        odd = random.choice(_ODD_REPLIES).encode(errors="replace")
        if random.random() < 0.4:
            odd = mutated_text(random, text.encode())
        self.wfile.write(odd + b"\r\n")
        return odd.startswith(b"250")


def play_mail(fuzz, number):
    """Send a message to a mail server that answers at random."""
    with listening(_MailHandler, fuzz=fuzz, round=number) as port:
        login = {"user": "me", "password_env": "P"} if number % 2 else {}
        channel = EmailChannel(
            name="m", type="email", to=("a@x.org", "b@x.org"), host="127.0.0.1", port=port, **login
        )
        _deliver(fuzz, f"mail {number}", channel, {"P": "pass word"}, None)


def play_service(fuzz, number):
    """Send a message to a webhook, or through apprise, whose server answers at random."""
    random = fuzz.random("service", number)
    body = page({"ok": True, "text": "accepted"})
    answer, _ = http_answer(random, body)
    with listening(_Handler, answer=lambda _target: answer) as port:
        if number % 2:
            channel = WebhookChannel(
                name="h", type="webhook", url=f"http://127.0.0.1:{port}/SECRET?key=SECRET"
            )
        else:
            channel = AppriseChannel(name="h", type="apprise", url_env="U")
        environ = {"U": f"json://127.0.0.1:{port}/SECRET?+X-Token=SECRET"}
        final = re.sub(rb"^(?:HTTP/1.1 1\d\d[^\n]*\n\r?\n)+", b"", answer)
        good = re.match(rb"HTTP/1\.[01] 2\d\d\b", final) is not None
        _deliver(fuzz, f"service {number}", channel, environ, good)


def _deliver(fuzz, where, channel, environ, good):
    """Deliver and check the invariants: a DeliveryError without secrets, or a true success."""
    began = time.monotonic()
    fuzz.counts[f"messages by {channel.type}"] += 1
    try:
        with boundary(channel.name):
            connect(channel, environ, sys.stdout, "fuzz/1").send(MESSAGE, _DELIVERY_SECONDS)
    except DeliveryError as error:
        fuzz.counts[f"{channel.type}: {error.kind}"] += 1
        if error.kind == "unexpected":
            fuzz.report(where, f"{error.what}\n{_cause(error)}")
        if "SECRET" in str(error) or "pass word" in str(error) or clean(str(error)) != str(error):
            fuzz.report(where, f"not fit to be shown: {str(error)!r}")
    except Exception:  # noqa: BLE001  # what the harness is for
        fuzz.report(where, traceback.format_exc())
    else:
        fuzz.counts[f"{channel.type}: delivered"] += 1
        if good is False:
            fuzz.report(where, "counts as delivered without a status of success")
    if time.monotonic() - began > _SECONDS:
        fuzz.report(where, f"took {time.monotonic() - began:.0f} s")


def _cause(error):
    context = error.__context__
    return "".join(traceback.format_exception(context)) if context else ""


def main():
    """Fuzz for some minutes; the exit code is 1 if an invariant was broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1.0)
    options = parser.parse_args()
    fuzz, end, number = Fuzz(options.seed), time.monotonic() + 60 * options.minutes, 0
    shown = 0
    with TemporaryDirectory() as folder, fuzzed_sources(fuzz, folder) as sources:
        while time.monotonic() < end:
            number += 1
            sources.play()
            play_mail(fuzz, number)
            for service in range(4):
                play_service(fuzz, 4 * number + service)
            if number % 50 == 0:
                sys.stdout.write(f"{number} rounds: {dict(fuzz.counts)}\n")
            for line in fuzz.broken[shown:]:
                sys.stdout.write(f"{line}\n")
            shown = len(fuzz.broken)
            sys.stdout.flush()
        sources.finish()
    sys.stdout.write(f"{dict(fuzz.counts)}\n{len(fuzz.broken)} broken invariants\n")
    sys.stdout.writelines(f"{line}\n" for line in fuzz.broken[shown:])
    return 1 if fuzz.broken else 0


if __name__ == "__main__":
    sys.exit(main())
