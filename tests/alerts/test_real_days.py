"""Alerts over recorded days: a week in which a channel fails, and a week without runs."""

import json

import pytest

TOPICS = "[{name: agents, any: [agent, agentic]}, {name: video, any: [video generation]}]"


@pytest.fixture
def run_on(papertrack, mirror, hook):
    """A function that runs alerts at 18:00 UTC on a day, and returns the exit code."""
    papertrack.ask(
        mirror.url,
        f"topics: {TOPICS}\n"
        "alerts:\n"
        "  channels:\n"
        f"    - {{name: hook, type: webhook, url: '{hook.url}'}}\n"
        f"    - {{name: notes, type: file, path: '{papertrack.home / 'notes'}'}}\n",
    )

    def run(day):
        papertrack.now = f"{day}T18:00:00Z"
        mirror.clock(papertrack.now)
        return papertrack("alert").code

    assert run("2026-03-18") == 0
    return run


def matching_ids(program, first):
    """The ids that `list` prints for both topics, from a day on."""
    arguments = ("--all", "--since", first, "-f", "json")
    runs = [program("list", "-t", name, *arguments) for name in ("agents", "video")]
    return {paper["id"] for run in runs for paper in json.loads(run.out)["data"]}


def ids_in_notes(program):
    """The sorted ids in the notes that the file channel wrote, including repeated ones."""
    texts = [path.read_text() for path in (program.home / "notes").iterdir()]
    lines = [line for text in texts for line in text.splitlines() if line.startswith("- [")]
    return sorted(line.rpartition("/")[2].strip().rstrip(")") for line in lines)


def test_a_channel_down_for_a_week_catches_up_in_one_digest(papertrack, hook, run_on):
    hook.status = 503
    days = ("2026-03-19", "2026-03-20", "2026-03-23", "2026-03-24", "2026-03-25", "2026-03-26")
    assert [run_on(day) for day in days] == [6] * 6
    assert ids_in_notes(papertrack) == sorted(matching_ids(papertrack, "2026-03-19"))
    hook.status = 200
    assert run_on("2026-03-27") == 0
    assert len(hook.keys) == 1
    assert (
        set(hook.papers) == set(ids_in_notes(papertrack)) == matching_ids(papertrack, "2026-03-19")
    )


def test_eight_missed_days_are_delivered_completely_and_once(papertrack, hook, run_on):
    assert run_on("2026-03-27") == 0
    assert ids_in_notes(papertrack) == sorted(matching_ids(papertrack, "2026-03-19"))
    assert all(len(keys) == 1 for keys in hook.papers.values())
    count = len(hook.keys)
    assert run_on("2026-03-27") == 0
    assert len(hook.keys) == count
