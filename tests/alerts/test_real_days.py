"""Alerts over real days of the mirror: a week in which mail is down, and one slept through."""

import json

import pytest

TOPICS = "[{name: agents, any: [agent, agentic]}, {name: video, any: [video generation]}]"


@pytest.fixture
def awake(papertrack, mirror, hook):
    """Moves the program and the services to a moment, and runs alerts; its exit code."""
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


def matched(program, first):
    """What `list` calls matches of either topic from a day on."""
    arguments = ("--all", "--since", first, "-f", "json")
    runs = [program("list", "-t", name, *arguments) for name in ("agents", "video")]
    return {paper["id"] for run in runs for paper in json.loads(run.out)["data"]}


def noted(program):
    """The ids in the folder of notes, as often as they stand there."""
    texts = [path.read_text() for path in (program.home / "notes").iterdir()]
    lines = [line for text in texts for line in text.splitlines() if line.startswith("- [")]
    return sorted(line.rpartition("/")[2].strip().rstrip(")") for line in lines)


def test_a_channel_down_for_a_week_catches_up_in_one_digest(papertrack, hook, awake):
    hook.status = 503
    days = ("2026-03-19", "2026-03-20", "2026-03-23", "2026-03-24", "2026-03-25", "2026-03-26")
    assert [awake(day) for day in days] == [6] * 6
    assert noted(papertrack) == sorted(matched(papertrack, "2026-03-19"))
    hook.status = 200
    assert awake("2026-03-27") == 0
    assert len(hook.keys) == 1
    assert set(hook.papers) == set(noted(papertrack)) == matched(papertrack, "2026-03-19")


def test_eight_days_slept_through_come_whole_and_once(papertrack, hook, awake):
    assert awake("2026-03-27") == 0
    assert noted(papertrack) == sorted(matched(papertrack, "2026-03-19"))
    assert all(len(keys) == 1 for keys in hook.papers.values())
    count = len(hook.keys)
    assert awake("2026-03-27") == 0
    assert len(hook.keys) == count
