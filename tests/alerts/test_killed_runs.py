"""Runs that are killed, that overlap, and that run without an environment."""

import os
import random
import signal
import subprocess
from contextlib import suppress
from time import sleep

import pytest


def kill(process):
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def assert_nothing_lost_and_only_interrupted_messages_repeated(hook, numbers, kills):
    """Check that every paper arrived, and that at most one message was repeated for each kill."""
    assert set(hook.papers) == {f"2603.{number:05}" for number in numbers}
    assert all(len(set(keys)) == 1 for keys in hook.papers.values())
    repeats = len(hook.keys) - len(set(hook.keys))
    assert repeats <= kills


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_killed_around_the_response_repeats_at_most_that_message(
    watcher, hook, import_papers, moment
):
    import_papers(watcher, *range(1, 4))
    process = watcher.start("alert", start_new_session=True)
    setattr(hook, moment, lambda: kill(process))
    process.wait(300)
    hook.before = hook.after = lambda: None
    process.stdout.close()
    process.stderr.close()
    assert watcher("alert").code == 0
    assert_nothing_lost_and_only_interrupted_messages_repeated(hook, range(1, 4), 1)
    if moment == "before":
        assert hook.keys[0] == hook.keys[1]
    count = len(hook.keys)
    assert watcher("alert").code == 0
    assert len(hook.keys) == count


def kill_runs(watcher, hook, import_papers, kills, papers):
    rng, numbers = random.Random(1), range(papers)
    import_papers(watcher, *numbers)
    killed = 0
    while killed < kills:
        process = watcher.start("alert", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                start_new_session=True)  # fmt: skip
        with suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0.15, 0.5))
        if process.poll() is None:
            killed += 1
        elif not rng.getrandbits(2):
            import_papers(watcher, *numbers, title=f"On agents, once more {killed}")
        kill(process)
    assert watcher("alert", timeout=120).code == 0
    assert_nothing_lost_and_only_interrupted_messages_repeated(hook, numbers, kills)
    assert watcher("library", "verify").code == 0


def test_runs_killed_at_any_moment_lose_nothing(watcher, hook, import_papers):
    kill_runs(watcher, hook, import_papers, kills=4, papers=50)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing(watcher, hook, import_papers):
    kill_runs(watcher, hook, import_papers, kills=200, papers=1000)


def run_in_parallel(watcher, hook, import_papers, rounds):
    hook.before = lambda: sleep(0.05)
    for number in range(rounds):
        import_papers(watcher, *range(10 * number, 10 * number + 3))
        runs = [watcher.start("alert") for _ in range(4)]
        codes = []
        for run in runs:
            _, err = run.communicate(timeout=300)
            codes.append(run.returncode)
            assert run.returncode == 0 or b"another `papertrack alert`" in err
        assert set(codes) <= {0, 75}
        assert 0 in codes
    assert watcher("alert").code == 0
    assert len(hook.papers) == 3 * rounds
    assert len(hook.keys) == len(set(hook.keys)) == 3 * rounds


def test_overlapping_runs_repeat_nothing(watcher, hook, import_papers):
    run_in_parallel(watcher, hook, import_papers, 2)


@pytest.mark.slow
def test_twenty_times_four_parallel_runs_repeat_nothing(watcher, hook, import_papers):
    run_in_parallel(watcher, hook, import_papers, 20)


def test_without_news_nothing_is_printed_even_without_an_environment(watcher, hook, import_papers):
    bare = {"LANG": None, "TERM": None, "HOME": None, "XDG_CONFIG_HOME": None}
    bare |= {"XDG_CACHE_HOME": watcher.home / "cache"}
    config = watcher.home / "config/papertrack/config.yaml"
    done = watcher("--config", config, "alert", env=bare)
    assert done == (0, "", "")
    import_papers(watcher, 1, title="Ünïcode ägents: agent")
    assert watcher("--config", config, "alert", env=bare) == (0, "", "")
    assert list(hook.papers) == ["2603.00001"]
