"""Changes single lines of papertrack at random and reports which changes no test notices.

    python tests/mutation.py --seed 1 --count 100 [--only papertrack/display] [--jobs 2]

Each mutant is one changed expression or statement in a copy of the checkout, and is run against
the tests of its package (TESTS below). It is killed when a test fails or runs into the time limit.
The exit code is 1 if fewer than 95 % are killed. A seed always gives the same mutants of the same
code. A survivor either changes nothing that anyone can notice, which a person has to say, or shows
a claim that no test makes.
"""

import argparse
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
from contextlib import suppress
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from random import Random
from sysconfig import get_path
from time import monotonic
from typing import NamedTuple

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
        *("tests/config", "tests/cli/test_topics_changed.py"),
        "tests/sources/test_source_registry.py",
    ],
    "papertrack/exports": [
        *("tests/exports/test_written_looks.py", "tests/exports/test_merged_lines.py"),
        *("tests/exports", "tests/cli/test_export.py"),
    ],
}
ENOUGH = 0.95
_SECONDS = 900  # a run of tests that takes longer hangs


class Outcome(NamedTuple):
    """How a mutant fared, and the first failed test."""

    mutant: Mutant
    killed: bool
    by: str


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

    def failed(self, tests: list[str]) -> str:
        """Run tests and return the first that failed, "" if none did."""
        how = ["-x", "-q", "-n0", "-p", "no:cacheprovider", "--tb=no"]
        # Property tests of a CI run try the same examples each time.
        environ = os.environ | {"CI": "1", "NO_COLOR": "1", "HYPOTHESIS_PROFILE": "mutants"}
        process = subprocess.Popen(
            [self._python, "-m", "pytest", *how, *tests],
            cwd=self._checkout,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            return "time limit"
        finally:
            _end_group(process)
        if process.returncode == 0:
            return ""
        found = [line for line in output.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return found[0].partition(" - ")[0] if found else f"pytest exits {process.returncode}"

    def judge(self, mutant: Mutant) -> Outcome:
        """Run a mutant against the tests of its package."""
        path = self._checkout / mutant.path
        original = path.read_bytes()
        try:
            self._write(path, mutant.applied(original))
            by = self.failed(tests_of(mutant.path))
        finally:
            self._write(path, original)
        return Outcome(mutant, bool(by), by)

    def _write(self, path: Path, source: bytes) -> None:
        path.write_bytes(source)
        # Python tells a stale __pycache__ by the time and the size of the source.
        mtime = next(self._mtimes)
        os.utime(path, (mtime, mtime))


def _end_group(process: subprocess.Popen[str]) -> None:
    """End what a test left running, and the tests themselves."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def tests_of(path: str) -> list[str]:
    """The files of the tests that have to notice a mutant in a file, in the order of TESTS."""
    places = next(tests for place, tests in TESTS.items() if path.startswith(place))
    found = (sorted((ROOT / one).glob("test_*.py")) or [ROOT / one] for one in places)
    return list(dict.fromkeys(str(file.relative_to(ROOT)) for files in found for file in files))


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


def judged(mutants: list[Mutant], jobs: int, *, checked: bool) -> Iterator[Outcome]:
    """Run mutants, some at a time; the outcomes in the order of the mutants. Tests that must be
    `checked` are run without any mutant before.
    """
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        free: SimpleQueue[Workshop] = SimpleQueue()
        for number in range(jobs):
            free.put(Workshop(Path(folder) / str(number)))
        if checked:
            check_unchanged(free, {place for one in mutants for place in tests_of(one.path)})

        def judge(mutant: Mutant) -> Outcome:
            workshop = free.get()
            try:
                return workshop.judge(mutant)
            finally:
                free.put(workshop)

        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(judge, mutants)


def check_unchanged(free: "SimpleQueue[Workshop]", tests: set[str]) -> None:
    """End the program if a test fails without any mutant: it would kill them all."""
    workshop = free.get()
    if by := workshop.failed(sorted(tests)):
        sys.exit(f"no mutants were tried: the tests fail without them: {by}")
    free.put(workshop)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--only", default="papertrack", help="a path that files begin with")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--unchecked", action="store_true", help="do not run the tests without a mutant first"
    )
    asked = parser.parse_args()
    began = monotonic()
    outcomes = []
    mutants = chosen(asked.seed, asked.count, asked.only)
    for one in judged(mutants, asked.jobs, checked=not asked.unchecked):
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
