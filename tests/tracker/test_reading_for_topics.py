"""Papers are read and matched in batches of tables, without loss and newest first."""

import os
from datetime import timedelta

import pytest
from invented import DAY, NOW, put, sighting

from papertrack.library.library import Library
from papertrack.models import Topic
from papertrack.tracker import Tracker
from papertrack.tracker.papers import Selection, list_papers
from papertrack.tracker.trial import run_trial

DAYS = 20  # more than one batch of tables
TOPIC = Topic("graphs", any=("graph",), none=("tree",))
AUTHORS = Topic("ada", authors=("Ada One",))


@pytest.fixture
def folder(tmp_path):
    library = Library(str(tmp_path / "library"))
    for number in range(DAYS):
        day = DAY - timedelta(days=number)
        titles = (f"A graph of {number}", f"A tree is a graph {number}", f"Nothing of {number}")
        put(
            library,
            *(
                sighting(
                    f"2603.{number:03}{index:02}",
                    day=day,
                    at=NOW,
                    title=title,
                    authors=("A. One",),
                )
                for index, title in enumerate(titles)
            ),
        )
    return tmp_path / "library"


def _tracker(folder, topic, on_damage=None):
    return Tracker(Library(str(folder), on_damage or pytest.fail), (topic,), NOW)


def _ids(papers):
    return [paper.id for paper in papers]


def _damage_keeping_time(file):
    before = file.stat()
    with file.open("r+b") as stream:
        stream.write(b"[")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


GRAPHS = [f"2603.{number:03}00" for number in range(DAYS)]


def test_a_trial_and_a_list_find_the_papers_of_a_topic_newest_first(folder):
    tracker = _tracker(folder, TOPIC)
    assert _ids(run_trial(tracker, TOPIC).sent) == GRAPHS
    (section,) = list_papers(tracker, Selection(everything=True, topic="graphs")).sections
    assert [entry.paper.id for entry in section.entries] == GRAPHS


def test_all_papers_are_read_if_the_search_index_cannot_narrow_them(folder):
    tracker = _tracker(folder, AUTHORS)
    assert len(run_trial(tracker, AUTHORS).sent) == 3 * DAYS
    assert sum(1 for _ in tracker.matching()) == 3 * DAYS


@pytest.mark.parametrize("topic", [TOPIC, AUTHORS])
@pytest.mark.parametrize("backup", [True, False])
def test_a_damaged_table_is_reported_once_and_the_other_tables_lose_no_paper(folder, topic, backup):
    """A table with a backup loses none either. The search index was built before the damage."""
    before = set(_ids(run_trial(_tracker(folder, topic), topic).sent))
    damaged = sorted(folder.glob("papers.*.json"))[DAYS // 2]
    if backup:
        damaged.with_name(damaged.name + ".bak").write_bytes(damaged.read_bytes())
    _damage_keeping_time(damaged)
    reported = []
    tracker = _tracker(folder, topic, reported.append)
    after = set(_ids(run_trial(tracker, topic).sent))
    assert [damage.path for damage in reported] == [str(damaged)]
    lost = before - after
    in_table = {paper_id for paper_id in before if f".{DAYS - 1 - DAYS // 2:03}" in paper_id}
    assert lost == (set() if backup else in_table)
