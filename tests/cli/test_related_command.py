"""Related papers, suggestions and the search on Hugging Face, on the command line."""

import csv
import json
import shlex
from random import Random

import pytest
from program import Program
from werkzeug import Response

_NEAR = ["nodes", "edges", "vertices", "adjacency", "spectral", "laplacian", "subgraph", "hops"]
_KIND = "Isomorphism, permutation, equivariance, pooling, diameter, cliques, bipartite matchings."
_OTHERS = [f"other{number}" for number in range(60)]
_TOPICS = """
topics:
  - {name: graphs, any: [graph network], breadth: related}
  - {name: logic, any: [graph network], categories: [cs.LO]}
"""


def _papers():
    """30 papers on graph networks, 5 similar papers without the phrase, and 150 others."""
    random = Random(7)
    for number in range(185):
        passing = "by message passing, " if number < 8 else ""
        phrase = f"graph network, {passing}" if number < 30 else ""
        words = random.sample(_NEAR, 5) if number < 35 else random.sample(_OTHERS, 5)
        kind = f" {_KIND}" if number < 35 else ""
        yield {
            "id": f"2603.{number:05}",
            "title": f"Number {number}",
            "abstract": f"{phrase}{', '.join(words)}.{kind}",
            "categories": ["cs.LG", "stat.ML"],
            "listed": "2026-03-31",
        }


@pytest.fixture(scope="module")
def owner(tmp_path_factory):
    """The program with a library that has related papers and five starred papers."""
    program = Program(tmp_path_factory.mktemp("related"))
    file = program.home / "papers.jsonl"
    file.write_text("".join(json.dumps(paper) + "\n" for paper in _papers()))
    program.configure(_TOPICS)
    assert program("import", file).code == 0
    assert program("star", *(f"2603.{number:05}" for number in range(5))).code == 0
    return program


def test_json_lists_related_topics_next_to_matches(owner):
    data = json.loads(owner("list", "-t", "graphs", "-f", "json").out)["data"]
    names = [
        ([topic["name"] for topic in p["topics"]], [r["name"] for r in p["related"]]) for p in data
    ]
    assert names == [(["graphs"], [])] * 30 + [([], ["graphs"])] * 5
    assert {"score", "least", "words"} <= data[-1]["related"][0].keys()


@pytest.mark.parametrize("command", ["list", "export"])
def test_a_csv_column_has_the_related_topics(owner, command):
    rows = [*csv.reader(owner(command, "-t", "graphs", "-f", "csv").out.splitlines())]
    column = rows[0].index("related")
    assert [row[column] for row in rows[1:]] == [""] * 30 + ["graphs"] * 5


@pytest.mark.parametrize("form", ["plain", "table", "md"])
def test_people_see_related_papers_marked_as_such(owner, form):
    out = owner(
        "today", "--offline", "-f", form, "--limit", "40", env={"COLUMNS": "130"}.items()
    ).out
    if form == "table":
        assert out.count(" ○ ") == 5
    else:
        assert out.partition("Trending")[0].count("related: graphs") == 5


def test_a_list_has_a_heading_above_related_papers(owner):
    out = owner("list", "-t", "graphs", "-f", "table", "--limit", "40").out
    assert out.index("Related to graphs") > out.index("Number 29")
    assert "30 papers, 5 related" in out


def test_why_shows_the_related_score_and_the_missing_categories(owner):
    out = owner("why", "2603.00032").out
    graphs, _, logic = out.partition("○ logic")
    assert "not found: graph network" in graphs
    assert "related: score" in graphs
    assert "not related" not in graphs
    assert "outside its categories: cs.LO; the paper's: cs.LG, stat.ML" in logic
    assert "not related: score" in owner("why", "2603.00099", "-t", "graphs").out


@pytest.mark.parametrize("form", ["plain", "table", "json"])
def test_topics_test_shows_the_related_papers_of_list_separately_from_matches(owner, form):
    listed = json.loads(owner("list", "-t", "graphs", "--all", "-f", "json").out)["data"]
    related = sorted(paper["id"] for paper in listed if paper["related"])
    result = owner("topics", "test", "graphs", "-f", form)
    if form == "json":
        (row,) = json.loads(result.out)["data"]
        assert [paper["id"] for paper in row["related"]] == related
        assert not set(row["ids"]) & set(related)
        assert (row["weeks"][0]["papers"], row["weeks"][0]["related"]) == (30, 5)
    else:
        assert "30.0 a week" in result.out.splitlines()[0]
        assert "and 5.0 related" in result.out.splitlines()[0]
        assert result.out.count("; top words: ") == 5
        assert [result.out.count(paper_id) for paper_id in related] == [1] * 5


def test_the_breadth_of_a_draft_can_be_tested_and_too_few_papers_are_reported(owner):
    draft = owner("topics", "test", "logic", "--drop", "cs.LO", "--breadth", "related")
    assert "and 5.0 related" in draft.out
    assert "--drop cs.LO --breadth related" in draft.err
    document = json.loads(
        owner("topics", "test", "--any", "number 8", "--breadth", "related", "-f", "json").out
    )
    assert document["data"][0]["related"] == []
    assert "too few papers match" in document["notes"][0]


@pytest.mark.parametrize(
    ("change", "new", "lost"),
    [
        (["--any", "nothing of it"], 0, 0),
        (["--breadth", "phrases"], 0, 5),
        (["--all", "message passing"], 0, 5),
        (["--any", "number 30", "--any", "number 31"], 0, 0),
    ],
)
def test_topics_test_compares_related_papers_with_the_present_rule(owner, change, new, lost):
    result = owner("topics", "test", "graphs", *change, "-f", "json")
    (row,) = json.loads(result.out)["data"]
    assert (len(row["related_new"]), len(row["related_lost"])) == (new, lost)
    assert all(paper["words"] for paper in (*row["related_new"], *row["related_lost"]))


def test_all_related_papers_are_new_for_a_topic_without_them_so_far(owner):
    result = owner("topics", "test", "logic", "--drop", "cs.LO", "--breadth", "related")
    assert "and 5.0 related" in result.out
    assert result.out.count("related_new\t") == 5


def test_the_breadth_of_a_topic_can_be_changed_and_the_change_undone(papertrack):
    papertrack.configure("topics:\n  - {name: graphs, any: [graph]}  # mine\n")
    result = papertrack("topics", "edit", "graphs", "--breadth", "related")
    assert result.code == 0, result.err
    assert "--breadth phrases" in result.err
    assert json.loads(papertrack("topics", "list", "-f", "jsonl").out)["breadth"] == "related"
    assert papertrack("topics", "add", "two", "--any", "b", "--breadth", "nonsense").code == 2


def test_suggestions_come_from_starred_papers_and_change_nothing(owner):
    before = (owner.home / "config/papertrack/config.yaml").read_bytes()
    result = owner("topics", "suggest", "-f", "json")
    (draft,) = json.loads(result.out)["data"]
    assert draft["kind"] == "topic"
    assert draft["name"] == "message passing"
    assert draft["phrases"][0]["papers"] == 5
    assert draft["phrases"][0]["others"] == 3
    assert draft["command"] == "papertrack topics add 'message passing' --any 'message passing'"
    assert draft["yaml"] == "{name: message passing, any: [message passing]}"
    assert (owner.home / "config/papertrack/config.yaml").read_bytes() == before
    assert "nothing was changed" in result.err


def test_a_suggested_command_adds_the_suggested_topic(owner, papertrack):
    line = owner("topics", "suggest", "-f", "plain").out.splitlines()[0].split("\t")[6]
    assert papertrack(*shlex.split(line)[1:]).code == 0
    assert json.loads(papertrack("topics", "list", "-f", "jsonl").out)["any"] == ["message passing"]


def test_terms_for_a_topic_come_with_counts_and_examples(owner):
    lines = owner("topics", "suggest", "graphs", "-f", "plain").out.splitlines()
    fields = {row[1]: row for row in (line.split("\t") for line in lines)}
    assert fields["nodes"][0] == "any"
    adds, titles = fields["nodes"][7:]
    assert int(adds) >= 3
    assert all(title.startswith("Number 3") for title in titles.split("; "))
    assert all(row[5].startswith("2603.") for row in fields.values())
    table = owner("topics", "suggest", "graphs", "-f", "table").out
    assert f"nodes  (adds {adds} papers; in " in table


def test_too_few_starred_papers_are_reported(papertrack):
    result = papertrack("topics", "suggest")
    assert (result.code, result.out) == (0, "")
    assert "too few" in result.err
    assert "papertrack star" in result.err
    assert papertrack("topics", "suggest", "-f", "md").code == 2


def _search_response(request):
    paper = {"id": "2602.00007", "title": "Found elsewhere: quark soup", "upvotes": 9}
    bodies = {"quark soup": [{"paper": paper, "title": paper["title"]}], "nothing": []}
    body = json.dumps(bodies.get(request.args["q"], []))
    return Response(body, content_type="application/json")


def test_an_online_search_stores_the_results_of_hugging_face(papertrack, server):
    server.expect_request("/api/papers/search").respond_with_handler(_search_response)
    papertrack.ask(server.url_for("").rstrip("/"))
    result = papertrack("search", "quark", "soup", "-lattice", "--online", "-f", "json")
    assert result.code == 0, result.err
    document = json.loads(result.out)
    assert [paper["id"] for paper in document["data"]] == ["2602.00007"]
    assert document["notes"] == ["Hugging Face found 1 paper, 1 new"]
    assert papertrack("search", "quark", "-f", "ids").out == "2602.00007\n"
    again = papertrack("search", "quark", "soup", "--online", "-f", "ids")
    assert "found 1 paper, 0 new" in again.err
    assert papertrack("search", "nothing", "--online").code == 0


def test_hugging_face_gets_as_many_whole_words_of_a_long_query_as_it_accepts(papertrack, server):
    queries = []
    server.expect_request("/api/papers/search").respond_with_handler(
        lambda request: queries.append(request.args["q"]) or Response("[]")
    )
    papertrack.ask(server.url_for("").rstrip("/"))
    assert papertrack("search", *["retrieval"] * 30, "--online").code == 0
    assert queries == [" ".join(["retrieval"] * 25)]


def test_an_online_search_that_fails_shows_stored_papers(owner, unused_url):
    config = owner.home / "offline.yaml"
    config.write_text(f"sources: {{huggingface: {{base_url: '{unused_url.rstrip('/')}'}}}}\n")
    result = owner(
        "--config", config, "search", "number 17", "--online", "-f", "ids", "--limit", "1"
    )
    assert result.code == 4
    assert result.out == "2603.00017\n"
    assert "showing stored papers" in result.err


def test_an_online_search_needs_words(papertrack, unused_url):
    papertrack.ask(unused_url.rstrip("/"))
    result = papertrack("search", "cat:cs.CL", "--online")
    assert result.code == 2
    assert "needs words" in result.err


def test_search_results_of_the_hugging_face_mirror_are_stored_and_shown(papertrack, mirror):
    papertrack.ask(mirror.url)
    result = papertrack("search", "speculative decoding", "--online", "-f", "jsonl", "--limit", "5")
    assert result.code == 0, result.err
    papers = [json.loads(line) for line in result.out.splitlines()]
    assert len(papers) == 5
    assert all(paper["abstract"] and paper["upvotes"] is not None for paper in papers)
