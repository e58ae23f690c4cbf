"""Changes single lines of papertrack at random and reports which changes no test notices.

    python tests/mutation.py --seed 1 --count 100 [--only papertrack/display] [--jobs 2]

Each mutant is one changed expression or statement in a copy of the checkout, and is run against
the tests of its package (TESTS below), first against those that execute the changed line. It is
killed when a test fails or runs into a limit of time or memory.
The exit code is 1 if fewer than 95 % are killed. A seed always gives the same mutants of the same
code. A survivor either changes nothing that anyone can notice, which a person has to say, or shows
a claim that no test makes.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from queue import SimpleQueue
from random import Random
from sysconfig import get_path
from time import monotonic
from typing import Any, NamedTuple, Self

from mutants import Mutant, mutants_of

ROOT = Path(__file__).parents[1]
# Where the mutants are, and the tests that have to notice them: the quick ones first.
TESTS = {
    "papertrack/merge.py": ["tests/core/test_merging.py"],
    "papertrack/matching": [
        *("tests/matching/test_word_lists.py", "tests/matching/test_conditions.py"),
        *("tests/matching/test_short_names.py", "tests/matching"),
    ],
    "papertrack/storage": [
        *("tests/library/test_storage_files.py", "tests/library/test_storage_encoding.py"),
        *("tests/library/test_storage_damage.py", "tests/library/test_storage_reading.py"),
        *("tests/library/test_folder_storage.py", "tests/library/test_lazy_rows.py"),
        "tests/library/test_storage_contract.py",
        *("tests/library/test_damage.py", "tests/library/test_schema.py"),
        *("tests/library/test_storing.py", "tests/library/test_concurrency.py"),
        *("tests/library/test_verification.py", "tests/library/test_permissions.py"),
        *("tests/library/test_power_cuts.py", "tests/library/test_crashes.py"),
    ],
    "papertrack/alerts": [
        *("tests/alerts/test_composed_messages.py", "tests/alerts/test_outage_reports.py"),
        *("tests/alerts/test_pauses_and_batches.py", "tests/alerts/test_schedules.py"),
        *("tests/alerts/test_delivery_records.py", "tests/alerts/test_due_days_and_batches.py"),
        *("tests/alerts/test_runs.py", "tests/alerts"),
    ],
    "papertrack/display": [
        *("tests/display/test_looks.py", "tests/display", "tests/cli/test_paper_formats.py"),
    ],
    "papertrack/config": [
        *("tests/config/test_problem_texts.py", "tests/config/test_edited_texts.py"),
        *("tests/config/test_topic_changes.py", "tests/config/test_config_cache.py"),
        *("tests/config", "tests/cli/test_topics_changed.py", "tests/cli/test_feeds.py"),
        "tests/sources/test_source_registry.py",
    ],
    "papertrack/exports": [
        *("tests/exports/test_written_looks.py", "tests/exports/test_site_looks.py"),
        *("tests/exports/test_merged_lines.py", "tests/exports", "tests/publishing/test_site.py"),
        "tests/cli/test_export.py",
    ],
}
# Chromium sees what page.js does; the text of the page has tests without it.
_LEFT_OUT = {"tests/exports/test_page_in_browser.py"}
# Tests of many kills and losses of power, which take a minute: only for what others let pass.
_LAST = {f"tests/library/test_{name}.py" for name in ("power_cuts", "crashes", "concurrency")}
ENOUGH = 0.95


class Outcome(NamedTuple):
    """A mutant and the test that failed first, or the reason why none ended; "" if it survived."""

    mutant: Mutant
    by: str

    @property
    def killed(self) -> bool:
        """Whether a test noticed it."""
        return bool(self.by)


class Recorded(NamedTuple):
    """What the unchanged tests do: for each file and line the tests that execute it, and the CPU
    seconds of each test. Tests that start processes are not recorded. `broken` are tests that fail
    without any mutant, which say nothing about mutants.
    """

    covered: dict[str, dict[str, list[str]]]
    seconds: dict[str, float]
    broken: set[str]

    def covering(self, mutant: Mutant) -> list[str]:
        """The tests that execute the line of a mutant, quick ones first."""
        lines = self.covered.get(mutant.path, {})
        return sorted(lines.get(str(mutant.line), []), key=self.seconds.__getitem__)

    def importing(self, mutant: Mutant) -> list[str]:
        """The tests that execute any line of the file of a mutant, quick ones first."""
        lines = self.covered.get(mutant.path, {})
        found = {one for tests in lines.values() for one in tests}
        return sorted(found, key=lambda one: (self.seconds[one], one))


class Server:
    """A process that has collected tests (see mutant_server.py). Leaving the context ends it."""

    def __init__(self, python: Path, checkout: Path, files: list[str]) -> None:
        how = [
            "-q",
            "-n0",
            "-p",
            "no:cacheprovider",
            "--tb=no",
            f"--basetemp={checkout.parent}/tmp",
        ]
        # Property tests of a CI run try the same examples each time. What killed processes leave is
        # deleted at the end.
        environ = os.environ | {"CI": "1", "NO_COLOR": "1", "HYPOTHESIS_PROFILE": "mutants"}
        environ["TMPDIR"] = str(checkout.parent)
        self._process = subprocess.Popen(
            [python, "tests/mutant_server.py", *how, *files],
            cwd=checkout,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        ready = self._answer()
        self.failed: str = ready["failed"]
        self.tests: list[str] = ready.get("tests", [])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    def ask(self, **request: object) -> dict[str, Any]:
        """Send a request and return the answer."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        return json.loads(
            self._process.stdout.readline() or '{"failed": "no tests were collected"}'
        )


class Workshop:
    """A copy of the checkout with a Python of its own, in which papertrack is that copy. Every
    process that a test starts from that Python gets the copy, whatever its environment is.
    """

    _mtimes = count(1_000_000_000)

    def __init__(self, folder: Path) -> None:
        self._checkout = folder / "checkout"
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.check_output(listed, cwd=ROOT, text=True).split("\0")
        for name in filter(None, names):
            if (ROOT / name).is_file():
                (self._checkout / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, self._checkout / name)
        if (ROOT.parent / "shared").exists():
            (folder / "shared").symlink_to((ROOT.parent / "shared").resolve())
        venv.create(folder / "venv", symlinks=True)
        self._python = folder / "venv/bin/python"
        paths = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
        site = Path(get_path("purelib", vars=paths))
        lines = [str(self._checkout), f"import site; site.addsitedir({get_path('purelib')!r})"]
        (site / "checkout.pth").write_text("\n".join(lines) + "\n")

    def serve(self, files: list[str]) -> Server:
        """A server of tests of the copy, as it is now."""
        return Server(self._python, self._checkout, files)

    @contextmanager
    def changed(self, mutant: Mutant) -> Iterator[tuple[str, str]]:
        """Apply a mutant to the copy for a while, and yield the source before and after."""
        path = self._checkout / mutant.path
        original = path.read_bytes()
        after = mutant.applied(original)
        try:
            self._write(path, after)
            yield original.decode(), after.decode()
        finally:
            self._write(path, original)

    def _write(self, path: Path, source: bytes) -> None:
        path.write_bytes(source)
        # Python tells a stale __pycache__ by the time and the size of the source.
        mtime = next(self._mtimes)
        os.utime(path, (mtime, mtime))


class Judge:
    """Runs mutants one after the other: first, in a server that has imported everything, the tests
    that execute the changed line; if none fails, in a new process, also those that could notice the
    change without executing the line in that process.
    """

    def __init__(self, workshop: Workshop, server: Server, recorded: Recorded) -> None:
        self._workshop, self._server, self._recorded = workshop, server, recorded

    def judge(self, mutant: Mutant, *, quick: bool) -> Outcome:
        """Run a mutant; a `quick` judgement runs no tests that start processes."""
        with self._workshop.changed(mutant) as (before, after):
            covering = self._recorded.covering(mutant)
            source = {"path": mutant.path, "before": before, "after": after}
            answer = self._server.ask(tests=covering, **source, **self._limits(covering))
            if by := answer.get("failed"):
                return Outcome(mutant, by)
            tests = self._others(mutant, covering, everything="not_applied" in answer)
            if quick:
                tests = [one for one in tests if one in self._recorded.seconds]
            by = self._in_new_process(tests)
        while by in self._server.tests and self._is_broken(by):
            tests.remove(by)
            with self._workshop.changed(mutant):
                by = self._in_new_process(tests)
        return Outcome(mutant, by)

    def _is_broken(self, test: str) -> bool:
        """Whether a test that failed with a mutant fails without it, too."""
        if test not in self._recorded.seconds and self._in_new_process([test]):
            self._recorded.broken.add(test)
        return test in self._recorded.broken

    def _others(self, mutant: Mutant, covering: list[str], *, everything: bool) -> list[str]:
        """The tests for a new process, the likeliest first; `everything` if the change is not in a
        function. Those in the files of covering tests count, as a fixture or a cache may have
        executed the line for all of them.
        """
        files = {file: number for number, file in enumerate(tests_of(mutant.path))}
        tests = [one for one in self._server.tests if _file(one) in files]
        tests = [one for one in tests if one not in self._recorded.broken]
        tests.sort(key=lambda one: files[_file(one)])
        near_files = set(map(_file, covering))
        near = [one for one in tests if _file(one) in near_files]
        processes = [one for one in tests if one not in self._recorded.seconds]
        likely = [*covering, *near, *self._recorded.importing(mutant), *processes]
        return list(dict.fromkeys([*likely, *(tests if everything else ())]))

    def _in_new_process(self, tests: list[str]) -> str:
        if not tests:
            return ""
        files = list(dict.fromkeys(map(_file, tests)))
        with self._workshop.serve(files) as server:
            if server.failed:
                return server.failed
            return str(server.ask(tests=tests, **self._limits(tests, 300))["failed"])

    def _limits(self, tests: list[str], least: int = 30) -> dict[str, int]:
        """A run that takes ten times as long as without the mutant hangs."""
        needed = sum(self._recorded.seconds.get(one, 0.0) for one in tests)
        return {"cpu": least + int(10 * needed), "timeout": 20 * least + int(100 * needed)}


def _file(test: str) -> str:
    return test.partition("::")[0]


def tests_of(path: str) -> list[str]:
    """The files of the tests that have to notice a mutant in a file, in the order of TESTS."""
    places = next(tests for place, tests in TESTS.items() if path.startswith(place))
    found = (sorted((ROOT / one).glob("test_*.py")) or [ROOT / one] for one in places)
    names = (str(file.relative_to(ROOT)) for files in found for file in files)
    return [name for name in dict.fromkeys(names) if name not in _LEFT_OUT]


def chosen(seed: int, number: int, only: str = "papertrack") -> list[Mutant]:
    """Mutants of random lines, one a line: the same for the same seed and code."""
    lines: dict[tuple[str, int], list[Mutant]] = defaultdict(list)
    for path in sources(only):
        for mutant in mutants_of(path, (ROOT / path).read_bytes()):
            lines[path, mutant.line].append(mutant)
    random = Random(seed)
    places = random.sample(sorted(lines), min(number, len(lines)))
    return [random.choice(lines[place]) for place in places]


def sources(only: str) -> Iterator[str]:
    """The files with mutants, relative to the checkout."""
    for place in TESTS:
        here = ROOT / place
        for file in sorted(here.rglob("*.py")) if here.is_dir() else [here]:
            path = file.relative_to(ROOT).as_posix()
            if path.startswith(only):
                yield path


def judged(mutants: list[Mutant], jobs: int, *, quick: bool = False) -> Iterator[Outcome]:
    """Run mutants, some at a time; the outcomes in the order of the mutants."""
    files = list(dict.fromkeys(file for one in mutants for file in tests_of(one.path)))
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder, ExitStack() as stack:
        workshops = [Workshop(Path(folder) / str(number)) for number in range(jobs)]
        servers = [stack.enter_context(one.serve(files)) for one in workshops]
        recorded = record(servers, [file for file in files if file not in _LAST])
        free: SimpleQueue[Judge] = SimpleQueue()
        for workshop, server in zip(workshops, servers, strict=True):
            free.put(Judge(workshop, server, recorded))

        def judge(mutant: Mutant) -> Outcome:
            judge = free.get()
            try:
                return judge.judge(mutant, quick=quick)
            finally:
                free.put(judge)

        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(judge, mutants)


def record(servers: list[Server], files: list[str]) -> Recorded:
    """Run the tests of these files without any mutant; a server that is free takes the next one."""
    if any(server.failed for server in servers):
        sys.exit("no mutants were tried: the tests cannot be collected")
    waiting = iter(files)

    def record_next(server: Server) -> list[dict[str, Any]]:
        return [server.ask(record=[file]) for file in waiting]

    with ThreadPoolExecutor(len(servers)) as pool:
        answers = list(chain.from_iterable(pool.map(record_next, servers)))
    recorded = Recorded(defaultdict(lambda: defaultdict(list)), {}, set())
    for answer in answers:
        recorded.broken.update(answer["broken"])
        recorded.seconds.update(answer["seconds"])
        for path, lines in answer["covered"].items():
            for line, tests in lines.items():
                recorded.covered[path][line] += tests
    for test in sorted(recorded.broken):
        _say(f"fails without a mutant, and is left out: {test}")
    return recorded


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--only", default="papertrack", help="a path that files begin with")
    parser.add_argument("--jobs", type=int, default=2)
    help_quick = "run no tests that start processes, so that more mutants survive"
    parser.add_argument("--quick", action="store_true", help=help_quick)
    asked = parser.parse_args()
    began = monotonic()
    outcomes = []
    mutants = chosen(asked.seed, asked.count, asked.only)
    for one in judged(mutants, asked.jobs, quick=asked.quick):
        _say(f"{one.by or 'SURVIVED'}\n    {one.mutant}")
        outcomes.append(one)
    survivors = [one.mutant for one in outcomes if not one.killed]
    killed = len(outcomes) - len(survivors)
    _say(f"\nseed {asked.seed}: {killed} of {len(outcomes)} killed in {monotonic() - began:.0f} s")
    for mutant in survivors:
        _say(f"survived: {mutant}")
    return 0 if killed >= ENOUGH * len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
