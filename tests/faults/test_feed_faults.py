"""What the server of a feed can do wrong: reported, and nothing of other sources is lost."""

import pytest
import server_faults as server
from faulty import TODAY, ids, page
from readers import MAX_MEGABYTES, Reader, side_by_side
from table import COMPLETE, LONG, QUIET, SKIPPED, fails

FAULTS = {
    "HTML with 200": (server.says(b"<html><p>Hello</p></html>"), fails("not-a-listing")),
    "empty 200": (server.says(b""), fails("not-xml")),
    "truncated gzip": (server.compresses(server.is_cut), fails("connection")),
    "500": (server.refuses("500 Internal Server Error"), fails("status")),
    "redirect": (server.redirects("http://localhost:{}".format), fails("redirect")),
    "invalid UTF-8": (server.sends(server.is_invalid_utf8), fails("not-xml")),
    "cut off": (server.sends(server.is_cut), fails("not-xml")),
    "entity bomb": (server.says(server.ENTITY_BOMB), fails("not-xml")),
    "entity from outside": (server.says(server.EXTERNAL_ENTITY), fails("not-xml")),
    "no entries": (server.lists(lambda _: []), QUIET),
    "duplicate ids": (server.lists(server.with_duplicate), COMPLETE),
    "1 of 30 bad": (server.damages(1, server.without_title), SKIPPED),
    "15 of 30 bad": (server.damages(15, server.without_title), fails("not-a-listing")),
}
HEAVY = {
    "100,000 deep": (server.says(server.DEEP_XML), fails("not-a-listing")),
    "100,000 deep in an entry": (server.sends(server.is_deep_inside), fails("not-a-listing")),
    "a million elements": (server.sends_much, fails("not-a-listing")),
    "gzip bomb of 1 GB": (server.sends_gzip_bomb, fails("too-large")),
    "endless body": (server.never_ends, fails("too-large")),
}
SOURCES = ("huggingface", "lab")


def check(result, end, reader):
    assert (result.process.code, result.errors) == (
        end.both,
        [("lab", end.kind)] if end.kind else [],
    )
    assert set(ids("hf", TODAY)) <= result.new()
    assert reader.coverage()["lab"]["state"] == end.state


@pytest.mark.parametrize(("fault", "end"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_a_feed_is_reported_and_the_next_run_retries(fault, end, services, tmp_path):
    reader = Reader(tmp_path / "reader", services, SOURCES)
    services.faults["lab"] = fault
    check(reader.run_here(*reader.today), end, reader)
    services.faults.clear()
    reader.now = "2026-03-31T21:30:00Z"
    result = reader.run_here(*reader.today)
    assert (result.process.code, result.errors) == (0, [])
    assert set(ids("lab", TODAY)) <= result.new()


def test_faults_of_feeds_take_little_memory(services, tmp_path):
    for name, (fault, end) in HEAVY.items():
        reader = Reader(tmp_path / name, services, SOURCES)
        services.faults["lab"] = fault
        words = (*reader.today, "--deadline", LONG)
        (result,) = side_by_side(lambda each, words=words: each.run_process(*words), [reader])
        assert result.megabytes < MAX_MEGABYTES, name
        check(result, end, reader)


def test_a_feed_is_requested_at_most_once_an_hour(services, tmp_path):
    reader = Reader(tmp_path / "reader", services, SOURCES)
    requests = []
    services.faults["lab"] = lambda exchange: (requests.append(reader.now), exchange.send())
    for time in ("18:00", "18:30", "18:58", "19:00", "19:59"):
        reader.now = f"2026-03-31T{time}:00Z"
        assert reader.run_here(*reader.today).process.code == 0
    assert requests == ["2026-03-31T18:00:00Z", "2026-03-31T19:00:00Z", "2026-03-31T19:59:00Z"]


def test_the_page_of_a_feed_has_the_papers_of_all_days(services, tmp_path):
    """The fixture is right: without a fault the entries of both days are stored."""
    assert page("lab", [], TODAY).startswith(b"<?xml")
    reader = Reader(tmp_path / "reader", services, ("lab",))
    assert reader.run_here(*reader.today).new() == set(ids("lab", TODAY))
