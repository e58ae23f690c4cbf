"""The section *For you* of `today` and `catchup`, and the setting that turns it off."""

import json

import pytest
from pages import entry

SUBJECTS = ("qubits decohere in cold cavities", "judges cite older precedents", "wet soil microbes")
OFFLINE = ("--offline", "--format")


def _row(number, day):
    subject = SUBJECTS[number % 3]
    return {
        "id": f"2603.{number:05}",
        "title": f"{subject} in year{number}, place{number} and case{number}",
        "abstract": f"We show that {subject} again.",
        "listed": day,
        "upvotes": 100 - number,
    }


@pytest.fixture
def reader(papertrack):
    """Ten starred papers of soil, and thirty papers of today."""
    papertrack.configure("sources: {huggingface: {enabled: false}}")
    rows = [_row(number, "2026-03-20") for number in range(2, 32, 3)]
    rows += [_row(number, "2026-03-31") for number in range(40, 70)]
    file = papertrack.home / "papers.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert papertrack("import", file).code == 0
    papertrack("star", *(row["id"] for row in rows[:10]))
    return papertrack


def _section(table, title):
    """The lines of a section of a table, without its heading."""
    blocks = (block.splitlines() for block in table.split("\n\n"))
    return next((lines[1:] for lines in blocks if lines[0].startswith(title)), [])


def test_today_and_catchup_show_the_recommended_papers_with_their_reasons(reader):
    best = reader("recommend", "--limit", "5", "-f", "ids").out.split()
    for command in ("today", "catchup"):
        table = reader(command, *OFFLINE, "table").out
        lines = _section(table, "For you")
        assert [line.split()[-1] for line in lines[::2]] == best, table
        assert all("like 2603.000" in line for line in lines[1::2])
        assert not any(paper_id in line for paper_id in best for line in _section(table, "Also"))
        assert "out of date" not in table


def test_before_the_first_ranking_today_says_how_to_get_one(reader):
    table = reader("today", *OFFLINE, "table").out
    assert "10 starred papers can rank others" in table
    assert _section(table, "For you") == []


def test_plain_lines_are_unchanged_and_json_has_a_key_of_its_own(reader):
    before = reader("today", *OFFLINE, "plain").out, reader("today", *OFFLINE, "json").out
    best = reader("recommend", "-f", "ids").out.split()
    assert reader("today", *OFFLINE, "plain").out == before[0]
    old, new = json.loads(before[1]), json.loads(reader("today", *OFFLINE, "json").out)
    recommended = new.pop("for_you")
    assert new.keys() == old.keys() and new["data"] == old["data"]  # noqa: PT018
    assert [paper["id"] for paper in recommended] == best[:10]
    assert set(recommended[0]) == {"id", "score", "reasons"}


def test_read_and_marked_papers_leave_the_section(reader):
    best = reader("recommend", "--limit", "3", "-f", "ids").out.split()
    reader("read", best[0])
    table = reader("today", *OFFLINE, "table").out
    assert _section(table, "For you")[0].split()[-1] == best[1]
    assert "out of date" not in table
    reader("star", best[1])
    table = reader("today", *OFFLINE, "table").out
    assert _section(table, "For you")[0].split()[-1] == best[2]
    assert "For you is out of date: papertrack recommend" in table


def test_papers_that_were_listed_later_are_out_of_date(reader):
    reader("recommend")
    row = json.dumps(_row(71, "2026-03-31")).encode()
    reader("import", "-", input=row)
    assert "For you is out of date" in reader("today", *OFFLINE, "table").out


def test_today_ranks_the_papers_that_it_fetches(reader, daily):
    reader("recommend")
    row = _row(71, "2026-03-31")
    texts = {"title": row["title"], "summary": row["abstract"]}
    daily.days["2026-03-31"] = [entry(row["id"], paper=texts)]
    reader.ask(daily.url)
    recommended = json.loads(reader("today", "-f", "json").out)["for_you"]
    assert row["id"] in [paper["id"] for paper in recommended]
    assert "out of date" not in reader("today", *OFFLINE, "table").out


def test_nine_stars_the_setting_and_a_topic_leave_the_section_out(reader):
    reader("recommend")
    reader.configure("recommend: false\nsources: {huggingface: {enabled: false}}")
    assert "For you" not in reader("today", *OFFLINE, "table").out
    topics = "topics: [{name: soil, any: [soil]}]"
    reader.configure(f"{topics}\nsources: {{huggingface: {{enabled: false}}}}")
    assert "For you" not in reader("today", "-t", "soil", *OFFLINE, "table").out
    reader.configure("sources: {huggingface: {enabled: false}}")
    assert "For you" in reader("today", *OFFLINE, "table").out
    reader("unstar", "2603.00002")
    assert "For you" not in reader("today", *OFFLINE, "table").out
