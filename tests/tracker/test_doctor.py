"""Checks of library, search index, sources and channels, with real files and a real server."""

import pytest
from invented import DAY, NOW, contents, put, sighting
from pages import entry

from papertrack.config.channels import CommandChannel, FileChannel, StdoutChannel
from papertrack.errors import DeliveryError
from papertrack.library.library import Library
from papertrack.library.search_index import FILE, open_search_index
from papertrack.sources import connect
from papertrack.sources.huggingface import HuggingFace, HuggingFaceSettings
from papertrack.tracker import no_progress
from papertrack.tracker.doctor import (
    check_channels,
    check_library,
    check_search_index,
    check_source,
)


@pytest.fixture
def folder(tmp_path):
    """The folder of a library of three papers with a search index."""
    folder = tmp_path / "library"
    library = Library(str(folder))
    put(library, *(sighting(f"2603.{number:05}", upvotes=number) for number in range(3)))
    open_search_index(library, no_progress)
    return folder


def states(folder, **options):
    results = list(check_library(str(folder), lambda *_: None, **options))
    assert {result.area for result in results} == {"library"}
    return [result.state for result in results]


def damage(folder):
    table = folder / f"listings.{DAY}.json"
    table.write_bytes(b"{")
    for copy in folder.glob("*.bak"):
        copy.unlink()
    for copy in (folder / ".journal").iterdir():
        copy.unlink()


def test_a_library_without_problems_is_ok(folder):
    assert states(folder) == ["ok"]
    assert states(folder.with_name("nowhere")) == ["ok"]


def test_damage_is_a_problem_and_only_fix_repairs_it(folder):
    damage(folder)
    before = contents(folder)
    assert "problem" in states(folder)
    assert contents(folder) == before
    assert "problem" not in states(folder, fix=True)
    assert set(states(folder)) == {"ok", "warning"}, "the damaged file is kept and named"
    assert Library(str(folder)).paper_count() == 3


def test_unfinished_files_are_deleted_only_by_fix(folder):
    left = folder / f"listings.{DAY}.json.new"
    left.write_bytes(b"half")
    assert states(folder) == ["ok", "warning"]
    assert left.exists()
    assert states(folder, fix=True) == ["ok", "ok"]
    assert not left.exists()


def test_a_library_of_a_newer_papertrack_is_a_problem_that_fix_leaves_alone(folder):
    table = folder / f"listings.{DAY}.json"
    table.write_text(table.read_text().replace('"papertrack":1', '"papertrack":999', 1))
    before = contents(folder)
    assert "problem" in states(folder, fix=True)
    assert contents(folder) == before


def index_states(folder, **options):
    return [result.state for result in check_search_index(str(folder), **options)]


def test_a_damaged_search_index_is_a_problem_and_fix_builds_it_again(folder):
    index = folder / FILE
    assert index_states(folder) == ["ok"]
    index.write_bytes(index.read_bytes()[:1000] + b"x" * 9000)
    before = index.read_bytes()
    assert index_states(folder) == ["problem"]
    assert index.read_bytes() == before
    assert index_states(folder, fix=True) == ["ok"]
    assert index_states(folder) == ["ok"]


def test_a_missing_search_index_is_no_problem_and_is_not_created(folder):
    (folder / FILE).unlink()
    assert index_states(folder, fix=True) == ["ok"]
    assert not (folder / FILE).exists()


def source_check(url, now=NOW):
    with connect(None, 20) as client:
        return check_source(HuggingFace(HuggingFaceSettings(url)), client, now)


def test_a_source_gets_a_single_request_and_is_ok_if_its_response_is_a_listing(daily, server):
    daily.days[str(DAY)] = [entry(f"2603.{number:05}") for number in range(100)]
    assert source_check(daily.url).state == "ok"
    assert len(server.log) == 1


@pytest.mark.parametrize("body", ["<html>", '{"error": "down"}'])
def test_a_source_whose_response_is_not_a_listing_is_a_problem(server, body):
    server.expect_request("/api/daily_papers").respond_with_data(body)
    result = source_check(server.url_for("").rstrip("/"))
    assert (result.state, result.area) == ("problem", "sources")
    assert result.next_step


def test_a_source_that_cannot_be_reached_is_a_problem(unused_url):
    assert source_check(unused_url.rstrip("/")).state == "problem"


def channel_states(*channels, connect=lambda _channel: None):
    return [result.state for result in check_channels(channels, connect)]


def test_a_channel_is_checked_without_sending(tmp_path):
    (tmp_path / "file").write_text("mine")
    channels = [
        StdoutChannel(name="terminal", type="stdout"),
        CommandChannel(name="own", type="command", run=("touch", str(tmp_path / "ran"))),
        CommandChannel(name="none", type="command", run=("no-such-program-here",)),
        FileChannel(name="notes", type="file", path=str(tmp_path / "a/b")),
        FileChannel(name="blocked", type="file", path=str(tmp_path / "file/b")),
    ]
    assert channel_states(*channels) == ["ok", "ok", "problem", "ok", "problem"]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_channel_whose_secret_is_not_available_is_a_problem():
    def refuse(channel):
        raise DeliveryError(channel.name, "secret", "the environment variable X is not set")

    terminal = StdoutChannel(name="terminal", type="stdout")
    assert channel_states(terminal, connect=refuse) == ["problem"]
