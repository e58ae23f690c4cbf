"""What starting papertrack costs, as multiples of what starting Python costs.

    python tests/benchmarks/startup.py [ROUNDS]

runs each command in turn, ROUNDS times (default 21), on a library of 1,000 and one of 80,000
papers, and prints the median CPU time (user and system, of the process and all it starts) with the
smallest and the largest, the ratio of the medians to `python -c pass`, and the budget of that
ratio. Nothing fails: the figures are for reading. The libraries are made once, from the corpus
beside the checkout where it is present, else of made-up papers of the same shape, and kept in the
system's temporary folder; before each measurement a `today` refreshes them, as every morning does,
against a server on this machine that lists nothing more.
"""

import json
import lzma
import os
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, islice
from pathlib import Path
from statistics import median
from threading import Thread

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared/data/corpus"
KEPT = Path(tempfile.gettempdir()) / "papertrack-benchmarks"
SMALL, LARGE = 1_000, 80_000
NOW = "2026-03-31T18:00:00Z"
LAST = "2026-03-31"
INSTALLED = Path(sys.executable).with_name("papertrack")
PAPERTRACK = [str(INSTALLED)] if INSTALLED.exists() else [sys.executable, "-m", "papertrack"]
BUDGETS = {"papertrack": 6.5, "today, plain": 5.0, "today, table": 8.0}
MADE_UP = "A study of learning to retrieve evidence from long documents with agents. " * 16
CONFIG = """
sources: {{huggingface: {{base_url: "{url}"}}}}
topics:
  - {{name: retrieval-augmented generation, any: [retrieval-augmented generation, RAG]}}
  - {{name: agents, any: [language model agent, AI agent]}}
"""


def papers(count):
    """The lines of an import: the newest papers of the corpus, the last sixty of them on Daily
    Papers today with their counts, as they would be in the library of a reader.
    """
    rows = islice(_corpus() if CORPUS.is_dir() else _made_up(), count)
    for number, row in enumerate(rows):
        paper = json.loads(row)
        if number < 60:
            seen = [
                {"at": f"2026-03-{day}T09:00:00Z", "upvotes": number + day, "comments": 1}
                for day in (29, 30, 31)
            ]
            listing = {"source": "huggingface", "day": LAST, "rank": number + 1}
            paper |= {"listings": [listing], "observations": seen}
        yield json.dumps(paper) + "\n"


def _corpus():
    files = sorted(CORPUS.glob("*.jsonl.xz"), reverse=True)
    return chain.from_iterable(reversed(lzma.open(file, "rt").readlines()) for file in files)


def _made_up():
    for number in range(LARGE):
        day = number // 80
        listed = f"{2025 - day // 336}-{12 - day // 28 % 12:02}-{28 - day % 28:02}"
        yield json.dumps(
            {
                "id": f"{listed[2:4]}{listed[5:7]}.{number % 100_000:05}",
                "title": f"Paper {number} on learning to retrieve",
                "abstract": MADE_UP,
                "authors": [f"Author {number % 977}", "Bo Two", "Cy Three", "Di Four"],
                "categories": ["cs.CL", "cs.LG"],
                "listed": listed,
            }
        )


def environment(library):
    """What each run sees: a library, a fixed clock, topics, no colours of this terminal."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(KEPT),
        "LANG": "C.UTF-8",
        "COLUMNS": "80",
        "PYTHONPATH": str(ROOT),
        "PAPERTRACK_NOW": NOW,
        "PAPERTRACK_CONFIG": str(KEPT / "config.yaml"),
        "PAPERTRACK_LIBRARY": str(library),
    }


def library_of(count):
    """The folder of a library with so many papers, made where it is missing."""
    kind = "real" if CORPUS.is_dir() else "made-up"
    folder = KEPT / f"{kind}-{count}"
    done = KEPT / f"{kind}-{count}.done"
    if not done.exists():
        sys.stderr.write(f"making a library of {count:,} papers, once …\n")
        KEPT.mkdir(exist_ok=True)
        lines = KEPT / "papers.jsonl"
        lines.write_text("".join(papers(count)))
        command = [*PAPERTRACK, "-q", "import", str(lines)]
        subprocess.run(command, env=environment(folder), cwd=KEPT, check=True)
        lines.unlink()
        done.touch()
    return folder


class NothingMore(BaseHTTPRequestHandler):
    """Daily Papers on a day without any."""

    def do_GET(self):
        """An empty page."""
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_):
        """Nobody reads it."""


def refresh(folders):
    """Bring libraries up to date, so that they hold what a morning leaves."""
    with ThreadingHTTPServer(("127.0.0.1", 0), NothingMore) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        config = CONFIG.format(url=f"http://127.0.0.1:{server.server_port}")
        (KEPT / "config.yaml").write_text(config)
        for folder in folders:
            command = [*PAPERTRACK, "-q", "today", "--refresh", "--format", "ids"]
            subprocess.run(
                command, env=environment(folder), cwd=KEPT, check=True, stdout=subprocess.DEVNULL
            )
        server.shutdown()


def cpu_ms(command, environ):
    """The CPU time of a run to its end, in milliseconds."""
    with open(os.devnull, "wb") as nowhere:
        streams = {"stdout": nowhere, "stderr": nowhere}
        process = subprocess.Popen(command, env=environ, cwd=KEPT, **streams)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return 1000 * (used.ru_utime + used.ru_stime)


def measured(runs, rounds):
    """The times of each named run; all take turns, so that a busy moment meets them alike."""
    times = {name: [] for name in runs}
    for command, environ in runs.values():
        cpu_ms(command, environ)  # compiles, and fills the caches
    for _ in range(rounds):
        for name, (command, environ) in runs.items():
            times[name].append(cpu_ms(command, environ))
    return times


def main():
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    KEPT.mkdir(exist_ok=True)
    (KEPT / "config.yaml").write_text("")
    folders = library_of(SMALL), library_of(LARGE)
    refresh(folders)
    small, large = map(environment, folders)
    today = [*PAPERTRACK, "today", "--offline", "--format"]
    runs = {
        "python -c pass": ([sys.executable, "-c", "pass"], small),
        "papertrack --help": ([*PAPERTRACK, "--help"], small),
        f"today, plain, {SMALL:,}": ([*today, "plain"], small),
        f"today, plain, {LARGE:,}": ([*today, "plain"], large),
        f"today, table, {SMALL:,}": ([*today, "table"], small),
        f"today, table, {LARGE:,}": ([*today, "table"], large),
    }
    sys.stdout.writelines(line + "\n" for line in report(measured(runs, rounds), rounds))


def report(times, rounds):
    """The lines of the table of figures."""
    medians = {name: median(values) for name, values in times.items()}
    yield f"CPU time, {rounds} runs each in turn, Python {sys.version.split()[0]}"
    yield f"{'run':24}{'median ms':>10}{'min-max':>16}{'ratio':>8}{'budget':>8}"
    for name, values in times.items():
        span = f"{min(values):.0f}-{max(values):.0f}"
        budget = next((f"{most:g}" for word, most in BUDGETS.items() if name.startswith(word)), "")
        ratio = medians[name] / medians["python -c pass"]
        yield f"{name:24}{medians[name]:>10.1f}{span:>16}{ratio:>8.2f}{budget:>8}"
    for form in ("plain", "table"):
        ratio = medians[f"today, {form}, {LARGE:,}"] / medians[f"today, {form}, {SMALL:,}"]
        yield f"{form}: {LARGE:,} papers cost {ratio:.2f} times what {SMALL:,} cost (budget 1.3)"


if __name__ == "__main__":
    main()
