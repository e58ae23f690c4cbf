"""Many papers are read and matched by several processes, with the answers of one."""

import os
from datetime import timedelta

import pytest
from invented import DAY, NOW, put, sighting

from papertrack import processes, tracker
from papertrack.library.library import Library
from papertrack.models import Topic
from papertrack.tracker import Tracker
from papertrack.tracker.papers import Selection, list_papers
from papertrack.tracker.trial import run_trial

DAYS = 12
TOPIC = Topic("graphs", any=("graph",), none=("tree",))
AUTHORS = Topic("ada", authors=("Ada One",))


@pytest.fixture(params=[1, 2])
def processors(request, monkeypatch):
    if request.param > 1 and not hasattr(os, "fork"):
        pytest.skip("without forks all work is done by one process")
    monkeypatch.setattr(processes, "_processors", lambda: request.param)
    monkeypatch.setattr(tracker, "_TABLES", 1)
    return request.param


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
                    f"2603.{number:03}{at:02}", day=day, at=NOW, title=title, authors=("A. One",)
                )
                for at, title in enumerate(titles)
            ),
        )
    return tmp_path / "library"


def _tracker(folder, topic, damaged=None):
    return Tracker(Library(str(folder), damaged or pytest.fail), (topic,), NOW)


def _ids(found):
    return [one.id for one in found]


def _damage_unseen(file):
    before = file.stat()
    with file.open("r+b") as stream:
        stream.write(b"[")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


GRAPHS = [f"2603.{number:03}00" for number in range(DAYS)]


@pytest.mark.usefixtures("processors")
def test_a_trial_and_a_list_find_the_papers_of_a_topic_newest_first(folder):
    one = _tracker(folder, TOPIC)
    assert _ids(run_trial(one, TOPIC).sent) == GRAPHS
    (section,) = list_papers(one, Selection(everything=True, topic="graphs")).sections
    assert [entry.paper.id for entry in section.entries] == GRAPHS


@pytest.mark.usefixtures("processors")
def test_all_papers_are_read_for_what_words_cannot_tell(folder):
    one = _tracker(folder, AUTHORS)
    assert len(run_trial(one, AUTHORS).sent) == 3 * DAYS
    assert sum(1 for _ in one.matching()) == 3 * DAYS


@pytest.mark.usefixtures("processors")
@pytest.mark.parametrize("topic", [TOPIC, AUTHORS])
@pytest.mark.parametrize("backup", [True, False])
def test_damage_is_told_once_and_costs_no_other_table_a_paper(folder, topic, backup):
    """Of a table with a backup it costs none at all. The index of words does not see it before."""
    whole = set(_ids(run_trial(_tracker(folder, topic), topic).sent))
    damaged = sorted(folder.glob("papers.*.json"))[DAYS // 2]
    if backup:
        damaged.with_name(damaged.name + ".bak").write_bytes(damaged.read_bytes())
    _damage_unseen(damaged)
    told = []
    one = _tracker(folder, topic, told.append)
    found = set(_ids(run_trial(one, topic).sent))
    assert [damage.path for damage in told] == [str(damaged)]
    lost = whole - found
    assert len(lost) == 0 if backup else lost == {one for one in whole if f".{5:03}" in one}
