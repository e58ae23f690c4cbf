"""Runs that are killed, that overlap, and that meet a machine with little in it."""

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


def assert_nothing_lost_and_only_flights_repeated(hook, numbers, kills):
    """Every paper came; a paper that came twice did so in one message, for one kill each."""
    assert set(hook.papers) == {f"2603.{number:05}" for number in numbers}
    assert all(len(set(keys)) == 1 for keys in hook.papers.values())
    repeats = len(hook.keys) - len(set(hook.keys))
    assert repeats <= kills


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_killed_around_the_answer_repeats_that_message_at_most(watcher, hook, arrive, moment):
    arrive(watcher, *range(1, 4))
    process = watcher.start("alert", start_new_session=True)
    setattr(hook, moment, lambda: kill(process))
    process.wait(300)
    hook.before = hook.after = lambda: None
    process.stdout.close()
    process.stderr.close()
    assert watcher("alert").code == 0
    assert_nothing_lost_and_only_flights_repeated(hook, range(1, 4), 1)
    if moment == "before":
        assert hook.keys[0] == hook.keys[1]
    count = len(hook.keys)
    assert watcher("alert").code == 0
    assert len(hook.keys) == count


def hammer(watcher, hook, arrive, kills, papers):
    chance, numbers = random.Random(1), range(papers)
    arrive(watcher, *numbers)
    done = 0
    while done < kills:
        process = watcher.start("alert", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                start_new_session=True)  # fmt: skip
        with suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0.15, 0.5))
        if process.poll() is None:
            done += 1
        elif not chance.getrandbits(2):
            arrive(watcher, *numbers, title=f"On agents, once more {done}")
        kill(process)
    assert watcher("alert", timeout=120).code == 0
    assert_nothing_lost_and_only_flights_repeated(hook, numbers, kills)
    assert watcher("library", "verify").code == 0


def test_runs_killed_at_any_moment_lose_nothing(watcher, hook, arrive):
    hammer(watcher, hook, arrive, kills=4, papers=50)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing(watcher, hook, arrive):
    hammer(watcher, hook, arrive, kills=200, papers=1000)


def overlap(watcher, hook, arrive, rounds):
    hook.before = lambda: sleep(0.05)
    for number in range(rounds):
        arrive(watcher, *range(10 * number, 10 * number + 3))
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


def test_runs_that_overlap_repeat_nothing(watcher, hook, arrive):
    overlap(watcher, hook, arrive, 2)


@pytest.mark.slow
def test_twenty_times_four_runs_at_once_repeat_nothing(watcher, hook, arrive):
    overlap(watcher, hook, arrive, 20)


def test_nothing_new_is_not_one_byte_even_where_cron_sets_nothing(watcher, hook, arrive):
    bare = {"LANG": None, "TERM": None, "HOME": None, "XDG_CONFIG_HOME": None}
    bare |= {"XDG_CACHE_HOME": watcher.home / "cache"}
    config = watcher.home / "config/papertrack/config.yaml"
    done = watcher("--config", config, "alert", env=bare)
    assert done == (0, "", "")
    arrive(watcher, 1, title="Ünïcode ägents: agent")
    assert watcher("--config", config, "alert", env=bare) == (0, "", "")
    assert list(hook.papers) == ["2603.00001"]
