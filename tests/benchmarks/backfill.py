"""What a back-fill of sixty days takes, as a multiple of what the server's latency allows.

    python tests/benchmarks/backfill.py [ROUNDS]

runs `papertrack fetch --since` for 60 days into an empty library, ROUNDS times (default 7), against
a server on this machine that answers each request after exactly 50 ms, and in turn with it eight
threads of httpx that ask for the same pages and throw them away. Of both it prints the time from
the first request to the last answer, as the server saw it: the median, the smallest and the
largest, and its ratio to the ideal, eight rounds of 50 ms. Nothing fails: the figures are for
reading. The pages are those captured beside the checkout, else made up.
"""

import asyncio
import gzip
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import httpx

CAPTURES = Path(__file__).parents[3] / "shared/data/hf/daily_papers"
FIRST, DAYS, AT_ONCE, LATENCY = date(2026, 1, 31), 60, 8, 0.05
IDEAL = -(-DAYS // AT_ONCE) * LATENCY
CONFIG = 'sources: {{huggingface: {{base_url: "{url}"}}}}'


class Server:
    """Answers with the page of a day; `/seen` with when each request came and was answered."""

    def __init__(self):
        self._seen = []

    async def serve(self):
        """Listen, tell the port, and serve for ever."""
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
        await server.serve_forever()

    async def _answer(self, reader, writer):
        clock = asyncio.get_running_loop().time
        while request := (await reader.readline()).decode():
            await reader.readuntil(b"\r\n\r\n")
            asked = clock()
            if "/seen" in request:
                body, self._seen = json.dumps(self._seen).encode(), []
            else:
                body = page(request.partition("date=")[2][:10])
                await asyncio.sleep(LATENCY - (clock() - asked))
                self._seen.append((asked, clock()))
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n"
            packed = "" if body[:1] == b"[" else "Content-Encoding: gzip\r\n"
            writer.write(f"{head}{packed}\r\n".encode() + body)


def page(day):
    """The body of a day's listing, packed."""
    captured = CAPTURES / f"{day}.json.gz"
    return captured.read_bytes() if captured.exists() else gzip.compress(made_up(day))


def made_up(day):
    """A page as long as a usual one."""
    papers = [
        {
            "id": f"{day[2:4]}{day[5:7]}.{int(day[8:]) * 100 + number:05}",
            "title": f"Paper {number} on learning to retrieve",
            "summary": "A study of learning to retrieve evidence from long documents. " * 20,
            "authors": [{"name": f"Author {one}"} for one in range(8)],
            "upvotes": number,
        }
        for number in range(30)
    ]
    return json.dumps([{"paper": paper} for paper in papers]).encode()


def fetch(url):
    """The product."""
    with tempfile.TemporaryDirectory() as home:
        config = Path(home) / "config.yaml"
        config.write_text(CONFIG.format(url=url), encoding="utf-8")
        command = [sys.executable, "-m", "papertrack", "fetch", "--since", str(FIRST)]
        places = {f"XDG_{name}_HOME": home for name in ("CONFIG", "DATA", "CACHE")}
        moment = f"{FIRST + timedelta(DAYS - 1)}T18:00:00Z"
        environ = os.environ | places | {"PAPERTRACK_NOW": moment, "NO_PROXY": "127.0.0.1"}
        subprocess.run(
            [*command, "--config", str(config)], env=environ, check=True, capture_output=True
        )


def throw_away(url):
    """Nothing but the requests."""
    with httpx.Client(headers={"Accept-Encoding": "gzip"}, trust_env=False) as client:

        def get(number):
            day = FIRST + timedelta(number)
            client.get(f"{url}/api/daily_papers", params={"date": str(day), "limit": 100})

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(get, range(DAYS)))


def main(rounds):
    """Run and print."""
    serving = [sys.executable, __file__, "serve"]
    with subprocess.Popen(serving, stdout=subprocess.PIPE, text=True) as server:
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        took = {fetch: [], throw_away: []}
        for _ in range(rounds):
            for run, times in took.items():
                run(url)
                seen = httpx.get(f"{url}/seen", trust_env=False).json()
                assert len(seen) == DAYS, f"{len(seen)} requests for {DAYS} days"
                times.append(max(end for _, end in seen) - min(start for start, _ in seen))
        server.kill()
    for run, times in took.items():
        middle = median(times)
        print(  # noqa: T201
            f"{run.__name__:<12}{middle:.3f} s ({min(times):.3f}-{max(times):.3f}),"
            f" {middle / IDEAL:.2f} times the ideal of {IDEAL:g} s"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(Server().serve())
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
