"""The commands coverage and sources."""

import csv
import io
import json
import re

import pytest
from pages import numbered
from rich.text import Text

LAST = "2026-03-31"


@pytest.fixture
def week(papertrack, daily):
    """A week with a failed day, a partial day and a quiet day."""
    daily.days = {
        "2026-03-26": numbered(1, 3),
        "2026-03-27": [*numbered(11, 2), {"paper": {"id": "2603.00099"}}],
        "2026-03-30": numbered(21, 4),
    }
    daily.answer = lambda day: "<html>" if day == LAST else None
    papertrack.ask(daily.url)
    assert papertrack("fetch").code == 3
    return papertrack


def rows(result):
    assert result.code == 0
    return json.loads(result.out)["data"]


def test_each_day_has_a_state_and_a_number_of_papers(week):
    by_key = {row["day"]: row for row in rows(week("coverage", "-f", "json"))}
    states = {day: by_key[day]["state"] for day in ("2026-03-24", *sorted(by_key)[-6:])}
    assert states == {
        "2026-03-24": "missing",
        "2026-03-26": "complete",
        "2026-03-27": "partial",
        "2026-03-28": "quiet",
        "2026-03-29": "quiet",
        "2026-03-30": "complete",
        LAST: "failed",
    }
    assert [by_key[day]["papers"] for day in ("2026-03-26", "2026-03-27", LAST)] == [3, 2, 0]
    assert (by_key["2026-03-27"]["skipped"], by_key[LAST]["problem"]) == (1, "not-json")
    assert by_key["2026-03-26"]["asked"] == "2026-03-31T18:00:00Z"
    assert by_key["2026-03-24"]["asked"] is None


def test_a_range_ends_today_at_the_latest(week):
    days = [row["day"] for row in rows(week("coverage", "--since", "2d", "-f", "json"))]
    assert days == ["2026-03-29", "2026-03-30", LAST]
    until = rows(week("coverage", "--since", "2026-01-01", "--until", "2026-01-02", "-f", "json"))
    assert [row["state"] for row in until] == ["missing"] * 2
    tomorrow = rows(week("coverage", "--until", "2026-04-30", "-f", "json"))
    assert max(row["day"] for row in tomorrow) == LAST


def test_the_calendar_has_a_line_a_week_and_fits_80_columns(week):
    code, output = week.in_terminal("coverage")
    text = Text.from_ansi(output.decode()).plain
    assert code == 0
    assert re.search(r"^2026-03-23 .*● 3 +◐ 2 +· +·", text, re.MULTILINE)
    assert re.search(r"^2026-03-30  ● 4 +✗", text, re.MULTILINE)
    assert len(re.findall(r"^2026-\d\d-\d\d ", text, re.MULTILINE)) == 5
    assert max(map(len, text.splitlines())) <= 80


def test_gaps_are_reported_with_the_command_that_closes_them(week):
    result = week("coverage", "--since", "2026-03-27", "-f", "plain")
    assert result.err == "papertrack: 2 days with gaps: papertrack fetch --since 2026-03-27\n"
    assert "gaps" not in week("-q", "coverage").err


def test_a_gap_is_closed_by_the_next_fetch(week, daily):
    daily.answer = lambda _day: None
    daily.days[LAST] = numbered(31, 5)
    week.now = "2026-03-31T18:30:00Z"
    assert week("fetch").code == 0
    (row,) = rows(week("coverage", "--since", LAST, "-f", "json"))
    assert (row["state"], row["papers"]) == ("complete", 5)


def test_lines_and_csv_have_the_same_days(week):
    lines = week("coverage", "-f", "plain").out.splitlines()
    table = list(csv.DictReader(io.StringIO(week("coverage", "-f", "csv").out)))
    assert [line.split("\t")[2] for line in lines] == [row["day"] for row in table]
    assert lines[-1].split("\t")[:4] == ["huggingface", "-", LAST, "failed"]


def test_an_empty_library_has_only_missing_days(papertrack):
    by_key = rows(papertrack("coverage", "-f", "json"))
    assert {row["state"] for row in by_key} == {"missing"}
    assert not papertrack.library.exists()


@pytest.mark.parametrize("command", ["coverage", "today", "fetch"])
def test_a_source_that_is_not_enabled_is_a_usage_error_that_names_the_enabled_sources(
    reader, command
):
    result = reader(command, "--source", "arxiv")
    assert (result.code, result.out) == (2, "")
    assert "the source 'arxiv' is not enabled" in result.err
    assert "enabled: huggingface" in result.err


def test_sources_lists_which_sources_are_enabled_and_their_status(week):
    by_key = {row["name"]: row for row in rows(week("sources", "-f", "json"))}
    assert list(by_key) == ["huggingface", "arxiv", "biorxiv", "medrxiv", "paperswithcode"]
    ours = by_key.pop("huggingface")
    assert (ours["enabled"], ours["whole"], ours["gaps"], ours["papers"]) == (True, 5, 2, 9)
    assert ours["last_asked"] == ours["last_whole"] == "2026-03-31T18:00:00Z"
    assert all((row["enabled"], row["last_asked"]) == (False, None) for row in by_key.values())


def test_sources_prints_a_line_per_source_on_a_terminal(week):
    code, output = week.in_terminal("sources", width=120)
    lines = Text.from_ansi(output.decode()).plain.splitlines()
    assert code == 0
    assert len(lines) == 5
    assert re.match(r"● huggingface +Hugging Face Daily Papers +on · checked just now", lines[0])
    assert all(re.match(r"○ \w+ +\w[\w ,]+ off$", line) for line in lines[1:])


@pytest.mark.parametrize(
    "line",
    [["attention is all"], ["2603.00001", "--since", "2026-03-01"], ["2603.00001", "--dry-run"]],
)
def test_fetching_by_id_requires_ids_and_excludes_days(papertrack, line):
    result = papertrack("fetch", *line)
    assert (result.code, result.out) == (2, "")
    assert 1 <= len(result.err.splitlines()) <= 3
