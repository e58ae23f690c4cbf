"""The ranking of Papers with Code in the commands, against a local server with invented pages."""

import json

import pytest
from pages import numbered

LAST = "2026-03-31"
RANKED = ["2603.00002", "2511.00001", "2603.00001"]


@pytest.fixture
def reader(papertrack, server, daily):
    """The program with both sources; `respond` sets the body of the ranking."""
    url = server.url_for("/api/v1")
    papertrack.configure(
        f"sources: {{huggingface: {{base_url: '{daily.url}'}},"
        f" paperswithcode: {{enabled: true, base_url: '{url}'}}}}\n"
        "topics: [{name: worlds, any: [world model]}]\n"
        f"alerts: {{channels: [{{name: notes, type: file, path: '{papertrack.home}/notes.md'}}]}}"
    )
    daily.days = {LAST: numbered(1, 2)}
    papertrack.respond = server.expect_request("/api/v1/papers/trending").respond_with_data
    return papertrack


def page(ids):
    papers = [{"arxiv_id": key, "title": f"World models {key}", "id": 7} for key in ids]
    return json.dumps({"results": papers, "count": 900})


def data(result, code=0):
    assert result.code == code, result.err
    return json.loads(result.out)["data"]


def test_the_ranks_are_fetched_with_the_listings_and_are_no_news(reader):
    reader("alert")
    reader.respond(page(RANKED))
    reader.now = "2026-03-31T19:00:00Z"
    shown = data(reader("today", "--refresh", "-f", "json"))
    assert {paper["id"] for paper in shown} == {"2603.00001", "2603.00002"}
    ranks = {paper["id"]: paper["ranks"][0]["rank"] for paper in trending(reader)}
    assert ranks == {key: rank for rank, key in enumerate(RANKED, 1)}
    assert reader("alert", "--exit-code").code == 1
    assert not (reader.home / "notes.md").exists()
    assert {row["source"] for row in data(reader("coverage", "-f", "json"))} == {"huggingface"}
    assert [paper["id"] for paper in data(reader("list", "--all", "-f", "json"))] == [
        "2603.00001",
        "2603.00002",
    ]


def trending(reader):
    return data(reader("trending", "-f", "json"))


def test_a_ranking_that_fails_leaves_the_others_and_its_last_ranks(reader):
    reader.respond("<html>")
    run = reader("today", "-f", "json")
    assert run.code == 3
    (error,) = json.loads(run.out)["errors"]
    assert (error["source"], error["kind"]) == ("paperswithcode", "not-json")
    assert not any("ranks" in paper for paper in trending(reader))
    for words in (("alert",), ("fetch", "--source", "paperswithcode")):
        assert reader(*words).code == 3, (
            "only the ranking was due, and other sources have not failed"
        )
    doctor = data(reader("doctor", "-f", "json"), 3)
    (problem,) = [row for row in doctor if row["state"] == "problem"]
    assert problem["message"].startswith("Papers with Code")


def test_the_ranking_can_be_fetched_alone_and_only_if_it_is_due(reader):
    reader.respond(page(RANKED))
    assert "1 ranking requested" in reader("fetch", "--source", "paperswithcode").err
    assert "nothing was due" in reader("fetch", "--source", "paperswithcode").err
    sources = {row["name"]: row for row in data(reader("sources", "-f", "json"))}
    assert sources["paperswithcode"]["ranked"] == 3
    assert sources["paperswithcode"]["papers"] == 0
    assert [paper["id"] for paper in trending(reader)] == RANKED
    assert reader("trending", "-f", "ids").out == "", "pipes get only stored papers"


@pytest.mark.parametrize(
    "words",
    [
        ("today", "--source", "paperswithcode"),
        ("fetch", "--again", "yesterday", "--source", "paperswithcode"),
        ("fetch", "--since", "yesterday", "--source", "paperswithcode"),
        ("coverage", "--source", "paperswithcode"),
        ("search", "source:paperswithcode"),
    ],
)
def test_a_ranking_has_no_days_and_lists_no_papers(reader, words):
    run = reader(*words)
    assert run.code == 2
    assert "`papertrack trending` shows its ranks" in run.err
