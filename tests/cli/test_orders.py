"""`list --sort`, `search --sort` and `trending --by`: the order, and the value it is by."""

import json
import re

import pytest
from program import Program

PAPERS = [
    # id, title, day, upvotes, stars
    ("2603.00001", "Agents that plan", "2026-03-31", 5, 70),
    ("2603.00002", "A tool for agents", "2026-03-30", 9, 7),
    ("2603.00003", "On graphs", "2026-03-29", 7, None),
    ("2603.00004", "An agent", "2026-03-31", None, None),
]


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("orders"))
    lines = []
    for paper_id, title, day, upvotes, stars in PAPERS:
        counts = {"at": "2026-03-31T10:00:00Z", "upvotes": upvotes, "comments": 1, "stars": stars}
        row = {"id": paper_id, "title": title, "observations": [counts]}
        lines.append(json.dumps(row | {"listings": [{"source": "huggingface", "day": day}]}))
    (program.home / "papers.jsonl").write_text("\n".join(lines))
    assert program("import", "papers.jsonl").code == 0
    program.configure("topics: [{name: planning, any: [plan]}, {name: tools, any: [tool]}]")
    return program


def _numbers(program, *words):
    return [paper_id[-1] for paper_id in program(*words, "-f", "ids").out.split()]


@pytest.mark.parametrize(
    ("order", "numbers"),
    [("newest", "1423"), ("oldest", "3214"), ("upvotes", "2314"), ("match", "2134")],
)
def test_a_list_is_sorted_before_it_is_cut(reader, order, numbers):
    assert _numbers(reader, "list", "--sort", order) == list(numbers)
    assert _numbers(reader, "list", "--sort", order, "--limit", "2") == list(numbers[:2])
    listed = reader("list", "--sort", order, "-f", "jsonl").out.splitlines()
    assert [json.loads(line)["id"][-1] for line in listed] == list(numbers)


@pytest.mark.parametrize(
    ("order", "numbers"), [("newest", "142"), ("oldest", "214"), ("upvotes", "214")]
)
def test_search_results_are_sorted(reader, order, numbers):
    assert _numbers(reader, "search", "agent", "--sort", order) == list(numbers)


@pytest.mark.parametrize(
    ("words", "first", "order"),
    [
        ("list --sort upvotes", "▲9", "most upvotes first"),
        ("list --sort match", "100  ▲9", "best match first"),
        ("list", "31 Mar  ▲5", ""),
        ("list --sort oldest", "29 Mar  ▲7", "oldest first"),
        ("search agent --sort oldest", "30 Mar  ▲9", "oldest first"),
        ("trending --by stars", "70★  ▲5", "by stars ★ of the code"),
        ("trending --by comments", "1  ▲5", "by comments"),
        ("trending --by upvotes", "▲9", "by upvotes ▲"),
        ("trending --by rising", "", "by score of upvotes ▲, gain a day and age"),
    ],
)
def test_a_table_shows_what_it_is_sorted_by(reader, words, first, order):
    output = reader(*words.split(), "-f", "table").out
    row = re.search(r"^1  (?:●  |   )?(.*?)  [A-Z]", output, re.MULTILINE)
    assert first in row[1].strip()
    assert order in output


@pytest.mark.parametrize(("by", "value"), [("stars", "70 stars"), ("comments", "1 comment")])
def test_markdown_has_what_it_is_ranked_by(reader, by, value):
    assert value in reader("trending", "--by", by, "-f", "md").out
