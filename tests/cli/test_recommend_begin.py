"""`recommend --begin`: varied papers to judge, on a terminal only."""

import json
from collections import Counter

import pytest
from full_screen import FullScreen

from papertrack.cli.recommend_begin import judge
from papertrack.models import Paper
from papertrack.searching.variety import representatives

SUBJECTS = ("qubits in cold cavities", "older legal precedents", "microbes of wet soil")
ROWS = [
    {"id": f"2603.{number:05}", "title": f"{SUBJECTS[number % 3]}", "listed": "2026-03-30"}
    | {"abstract": f"{SUBJECTS[number % 3]} again, study{number}"}
    for number in range(12)
]


def _judged(*typed):
    shown, answers = [], iter(typed)
    result = judge(range(4), shown.append, lambda: next(answers))
    return result, shown


def test_each_paper_is_starred_hidden_or_skipped():
    assert _judged("y", " N ", "", "s") == (["y", "n", "s", "s"], [0, 1, 2, 3])


def test_undo_asks_about_the_last_paper_again():
    assert _judged("u", "y", "u", "no", "y", "q") == (["n", "y"], [0, 0, 1, 0, 1, 2])


def test_other_answers_are_asked_again():
    assert _judged("maybe", "y", "q") == (["y"], [0, 1])


def test_the_papers_stand_for_all_subjects():
    papers = [Paper(row["id"], row["title"], abstract=row["abstract"]) for row in ROWS]
    chosen = representatives([*papers, Paper("2603.99999", "zzz")], 3)
    assert Counter(position % 3 for position in chosen) == {0: 1, 1: 1, 2: 1}
    assert representatives(papers, 99) == representatives(papers, 12)
    assert representatives([], 3) == []


@pytest.fixture
def reader(papertrack):
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    assert papertrack("import", "-", input=lines.encode()).code == 0
    return papertrack


def test_answers_are_stored_at_the_end_as_one_change(reader):
    terminal = FullScreen([*reader.line, "recommend", "--begin"], reader.environ(), reader.home)
    for number, key in enumerate(("y", "n", "s", "q"), 1):
        terminal.wait_for(f"{number} of 10")
        terminal.wait_for("then Enter: ")
        terminal.press(key + "\n")
    terminal.wait_for("1 paper starred, 1 hidden")
    assert terminal.end().code == 0
    states = json.loads(reader("list", "--all", "-f", "json").out)["data"]
    assert Counter(row["state"]["starred"] for row in states)[True] == 1
    assert Counter(row["state"]["hidden"] for row in states)[True] == 1
    reader("undo")
    states = json.loads(reader("list", "--all", "-f", "json").out)["data"]
    assert not any(row["state"]["starred"] or row["state"]["hidden"] for row in states)


def test_without_a_terminal_it_is_a_usage_error_that_names_other_ways(reader):
    run = reader("recommend", "--begin")
    assert run.code == 2
    assert "papertrack star ID" in run.err
