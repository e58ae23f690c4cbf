"""The command `topics test`: the papers that a topic would have matched."""

import json

import pytest


def trial_of(program, *words):
    result = program("topics", "test", *words, "-f", "json")
    assert result.code == 0, result.err
    document = json.loads(result.out)
    assert (document["schema"], document["command"], len(document["data"])) == (1, "topics test", 1)
    return document["data"][0]


def test_the_matches_are_those_of_list(reader):
    row = trial_of(reader, "agents")
    listed = reader("list", "--all", "-t", "agents", "-f", "ids").out.split()
    assert sorted(row["ids"]) == sorted(listed)
    assert [paper["id"] for paper in row["sent"]] == row["ids"]
    assert row["papers"] == len(row["ids"]) == sum(week["papers"] for week in row["weeks"]) == 6
    assert row["weeks"][-1] == {
        "week": "2026-W14",
        "monday": "2026-03-30",
        "papers": 6,
        "related": 0,
    }
    assert (row["new"], row["lost"], row["near"]) == ([], [], [])
    assert (row["related"], row["note"]) == ([], None)
    assert row["topic"] == row["present"]


def test_options_with_a_name_define_a_draft_that_is_compared_with_the_topic(reader):
    row = trial_of(reader, "agents", "--any", "wing flow", "--none", "number 8 on")
    assert [paper["id"] for paper in row["new"]] == ["cran:12"]
    (lost,) = row["lost"]
    assert (lost["id"], lost["matched"]) == ("2603.00008", "agents")
    assert lost["why_not"] == "excluded: 'number 8 on' matches 'number 8 on'"
    assert row["present"]["any"] == ["agent"]


def test_options_without_a_name_define_a_new_topic(reader):
    row = trial_of(reader, "--any", "wing flwo", "--any", "old paper")
    assert (row["ids"], row["present"]) == (["2512.00001"], None)


def contents(home):
    """The bytes of the configuration and of the library's tables."""
    files = [*home.rglob("*.json"), *home.rglob("*.yaml")]
    return {file: file.read_bytes() for file in files if "cache" not in file.parts}


def test_topics_test_changes_no_file_and_prints_how_to_save_the_draft(owner):
    files = contents(owner.home)
    result = owner("topics", "test", "agents", "--any", "wing flow", "--threshold", "95")
    assert "topics edit agents --any 'wing flow' --threshold 95" in result.err
    assert contents(owner.home) == files


def test_plain_lines_begin_with_their_kind_and_show_ten_papers_per_kind(reader):
    lines = reader("topics", "test", "agents", "--any", "graphs").out.splitlines()
    rows = [line.split("\t") for line in lines]
    assert rows[0][:2] == ["papers", "48"]
    assert ["threshold", "90", "48"] in rows
    sent = [row for row in rows if row[0] == "sent"]
    assert (len(sent), sent[-1]) == (11, ["sent", "and 38 more"])
    new = [row for row in rows if row[0] == "new"]
    assert (len(new), new[-1]) == (11, ["new", "and 32 more"])
    assert new[0][3] == "'graphs' matched 'graphs' in title (100)"


@pytest.mark.parametrize("width", [80, 200])
def test_a_table_fits_the_terminal_and_has_a_bar_per_week(reader, width):
    code, output = reader.in_terminal(
        "--no-color",
        "topics",
        "test",
        "agents",
        "--any",
        "graphs",
        width=width,
        env={"NO_COLOR": 1},
    )
    table = output.decode().partition("papertrack: ")[0].splitlines()
    assert code == 0
    assert max(map(len, table)) <= width
    assert any("2026-W14" in line and "█" in line for line in table)
    assert any("Latest papers that it would have sent: 48" in line for line in table)
    assert any("New, compared with the present rule: 42" in line for line in table)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "no topic to test"),
        (["agents", "-f", "csv"], "no format csv"),
        (["--threshold", "80"], "matches nothing"),
    ],
)
def test_an_invalid_test_is_rejected_with_a_reason(reader, words, reason):
    result = reader("topics", "test", *words)
    assert (result.code, result.out) == (2, "")
    assert reason in result.err
