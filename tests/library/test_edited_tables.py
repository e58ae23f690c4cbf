"""Tables that somebody has edited, or restored from an archive of others: any valid JSON."""

import copy
import json

import pytest
from invented import DAY, NOW, put, sighting

from papertrack.calendar import Span
from papertrack.errors import LibraryDamaged
from papertrack.library import deliveries, match_cache, paper_events, seen, table_names, undo, waits
from papertrack.library.coverage_rows import Coverage
from papertrack.library.library import Library
from papertrack.library.outbox import Outbox
from papertrack.library.verification import verify
from papertrack.models import Match, Related, State, Topic
from papertrack.storage.naming import file_name

_YEAR = Span(DAY.replace(month=1, day=1), DAY)
# An escape sequence, a C1 control, a bidi override, an invisible character, a tag character.
_HIDDEN = "\x1b]0;x\x07\x9b31m\u202e\u200b\U000e0041"
_ODD_VALUES = (None, True, 7, 1e400, "text", [], [7], [[]], [None], {}, {"x": [1]})


def _library(folder=None):
    """A library with rows of every kind that commands read."""
    library = Library(folder)
    put(
        library,
        sighting(
            rank=1,
            upvotes=2,
            title="Paper",
            abstract="Abstract",
            authors=("Ada",),
            categories=("cs.CL",),
            keywords=("word",),
            organization="Lab",
            code_url="https://github.com/o/r",
            project_url="https://o.example/r",
            comment="Comment",
            journal_ref="Journal",
            doi="10.1/x",
            venue="Venue",
            tldr="Summary",
            submitted=NOW,
            announced=DAY,
        ),
    )
    outbox = Outbox(library)
    with library.transaction():
        library.change_states(
            ["2603.00001"], lambda *_: State(starred=True, tags=("tag",), note="Note")
        )
        undo.record(library, undo.Change("starred", {"2603.00001": State()}))
        seen.save_seen(library, [DAY], NOW)
        waits.save_waits(library, {"arxiv": NOW}, ())
        library.save_coverage([Coverage("arxiv", DAY, "failed", NOW, problem="Problem")])
        library.save_import_time("digest", NOW)
        cached = (Match("topic", "phrase", "title", "matched", 9),), (Related("t", 4, 3, ("w",)),)
        match_cache.save_matches(library, DAY, "rule", {"2603.00001": cached})
        delivery = deliveries.Delivery("mail", "new", "2603.00001", ("topic",), NOW)
        batch = deliveries.Batch("b", "mail", NOW, 1, 1, (delivery.key,), heartbeat="Text")
        outbox.save_watches([deliveries.WatchedRule(Topic("topic", ("phrase",)), DAY)])
        outbox.save_cursor({"papers.2026-03-31": "fingerprint"})
        outbox.queue([delivery])
        outbox.add_batches([batch])
        outbox.save_channel_status("mail", deliveries.ChannelStatus(DAY, 1, NOW, NOW, "Problem"))
        outbox.save_outages({"arxiv": deliveries.Outage(NOW, 1, reported=True)})
        outbox.add_attempt(
            deliveries.Attempt(NOW, "mail", "b", ("2603.00001",), "failed", "Problem")
        )
        paper_events.follow_starred(library, ["2603.00001"], (), NOW)
        paper_events.save_checked(library, ["2603.00001"], "arxiv", NOW)
        event = {"value": "2", "changes": [["title", "Paper", "Other"]]}
        key = "2026-03-31T18:00:00Z\t2603.00001\tversion"
        library.database.put("events.2026-03", {key: event})
        outbox.mark_delivered(batch._replace(keys=("mail\tcode\t2603.00001",)), NOW)
    paper_events.save_look(library, NOW)
    return library


def _everything(library):
    """What all queries answer."""
    outbox = Outbox(library)
    entries = list(library.all_entries())
    return [
        entries,
        library.entries(["2603.00001"]),
        library.briefs(DAY),
        library.listed_entries(_YEAR),
        list(library.entries_within(_YEAR)),
        library.states(),
        library.upvotes(),
        library.paper_count(),
        library.coverage(_YEAR),
        library.import_time("digest"),
        match_cache.load_matches(library, DAY, "rule"),
        seen.load_seen(library),
        waits.load_waits(library),
        outbox.watches(),
        outbox.cursor(),
        outbox.pending(),
        outbox.batches(),
        outbox.channel_statuses(),
        outbox.outages(),
        outbox.attempts(),
        outbox.delivered_keys(["2603.00001"]),
        undo.undo_last(library),
        paper_events.load_unseen_events(library, NOW),
        _starred_again(library),
    ]


def _starred_again(library):
    """Star the paper and store it again, by which what is known of it is compared."""
    with library.transaction():
        library.change_states(["2603.00001"], lambda _, state: state._replace(starred=True))
        before = library.entries(["2603.00001"])
        paper_events.record_events(library, before, NOW)


def _values(row, path=()):
    """The path of each value within a row."""
    parts = row.items() if isinstance(row, dict) else enumerate(row)
    for key, value in parts:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from _values(value, (*path, key))


def _with(row, path, value):
    row = copy.deepcopy(row)
    inner = row
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return row


def _rows():
    library = _library()
    return [
        (table, key, json.loads(json.dumps(dict(row))))
        for table in sorted(library.database.tables())
        for key, row in library.database.rows(table)
    ]


@pytest.mark.parametrize("table", sorted({table for table, _, _ in _rows()}))
def test_a_value_of_any_type_is_damage_that_verify_names_or_is_of_no_consequence(table):
    """Never another exception, which would be reported as a bug."""
    for name, key, row in _rows():
        for path in _values(row) if name == table else ():
            for value in _ODD_VALUES:
                library = _library()
                library.database.put(table, {key: _with(row, path, value)})
                lines = list(verify(library, lambda *_: None).lines())
                if damage := _damage(library):
                    assert table in damage, (path, value)
                    assert any(line.startswith(f"{table}: ") for line in lines), (path, value)


def _damage(library):
    """What the first query says that finds damage, None if all queries answer."""
    try:
        _everything(library)
    except LibraryDamaged as error:
        return error.what
    return None


def _hide(value):
    """A JSON value with invisible characters in all its texts that are not read as data."""
    if isinstance(value, dict):
        return {key: _hide(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_hide(part) for part in value]
    return value + _HIDDEN if value in _TEXTS else value


_TEXTS = (
    *("Paper", "Abstract", "Ada", "cs.CL", "word", "Lab", "Comment", "Journal", "Venue"),
    *("Summary", "tag", "Note", "Problem", "topic", "phrase", "matched", "Text", "starred"),
)


def test_invisible_characters_in_tables_go_when_they_are_read():
    plain, library = _library(), _library()
    for table in sorted(library.database.tables()):
        rows = {key: _hide(json.loads(json.dumps(dict(row)))) for key, row in _all(library, table)}
        library.database.put(table, rows)
    stored = str([dict(row) for _, row in _all(library, "papers.2026-03-31")])
    assert stored.count("u202e") > 9
    shown, expected = str(_everything(library)), str(_everything(plain))
    # What is left of an escape sequence without its escape is text.
    assert shown.replace("]0;x31m", "") == expected
    assert list(verify(library, lambda *_: None).lines()) == []


def _all(library, table):
    return list(library.database.rows(table))


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "http://a b"])
def test_an_address_in_a_table_that_is_no_web_page_is_ignored(url):
    library = _library()
    (table,) = library.locate(["2603.00001"])
    row = json.loads(json.dumps(dict(library.database.row(table, "2603.00001"))))
    (source,) = row["said"]
    row["said"][source] |= {"code_url": url, "project_url": url}
    library.database.put(table, {"2603.00001": row})
    (entry,) = library.entries(["2603.00001"]).values()
    assert (entry.paper.code_url, entry.paper.project_url) == (None, None)


@pytest.mark.parametrize("key", ["", "x:\x1b[2J", "x:\u202e1"])
def test_an_id_that_is_empty_or_could_act_on_a_terminal_is_damage(key):
    library = _library()
    (table,) = library.locate(["2603.00001"])
    row = library.database.row(table, "2603.00001")
    library.database.put(table, {key: dict(row)})
    with pytest.raises(LibraryDamaged, match=table_names.PAPERS):
        list(library.records(table))


@pytest.mark.parametrize("table", ["papers.2026-03-21", "papers.xx", "../../etc"])
def test_a_paper_that_the_index_says_is_in_a_table_that_does_not_exist_is_unknown(table, tmp_path):
    _library(str(tmp_path))
    index = tmp_path / file_name("index.2603")
    index.write_text(index.read_text("utf-8").replace("papers.2026-03-31", table), "utf-8")
    again = Library(str(tmp_path))
    assert again.locate(["2603.00001"]) == {}
    assert again.entries(["2603.00001"]) == {}
