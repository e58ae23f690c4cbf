"""Random answers of sources, mail servers and services break no invariant; see fuzzing.py."""

import sys

import pytest
from fuzzing import Fuzz, fuzzed_sources, play_mail, play_service

# apprise imports all of its services, some of which use deprecated modules.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def play_sources(fuzz, folder, rounds, days=7):
    with fuzzed_sources(fuzz, folder, days) as sources:
        for _ in range(rounds):
            sources.play()
        sources.finish()


def test_random_answers_of_sources_break_nothing_and_lose_nothing(tmp_path):
    fuzz = Fuzz(7)
    play_sources(fuzz, tmp_path, 3, days=2)
    assert fuzz.broken == []
    assert fuzz.counts["answers of sources"] > 5


@pytest.mark.parametrize("play", [play_mail, play_service])
def test_random_answers_to_messages_are_failures_or_true_successes(play):
    fuzz = Fuzz(7)
    for number in range(8):
        play(fuzz, number)
    assert fuzz.broken == []
    assert sum(count for name, count in fuzz.counts.items() if ": " in name) == 8


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_thousands_of_random_answers_break_nothing(tmp_path, seed, record_property):
    fuzz = Fuzz(seed)
    play_sources(fuzz, tmp_path, 400)
    for number in range(1000):
        play_mail(fuzz, number)
        play_service(fuzz, number)
    record_property("figures", str(dict(fuzz.counts)))
    sys.stderr.write(f"{dict(fuzz.counts)}\n")  # shown by pytest -s
    assert fuzz.broken == []
