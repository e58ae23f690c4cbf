"""Whatever stands in a title, every format shows it as text, within its lines and fields."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len
from tricks import TRICKS, unseemly

from papertrack.display import FORMATS, DrawStyle, write
from papertrack.models import (
    Entry,
    Listed,
    Match,
    Observation,
    Paper,
    Related,
    Report,
    Section,
    State,
)
from papertrack.text import clean

NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)
DAY = date(2026, 3, 31)
# Explaining a failure traces every line, which takes minutes here.
QUICK = settings(max_examples=20, deadline=None, phases=set(Phase) - {Phase.explain})

raw = st.sampled_from(TRICKS) | st.text(st.characters(exclude_categories=()), max_size=60)
# As at the parser's door: cleaned, and never empty.
texts = st.lists(raw, min_size=1, max_size=3).map(lambda parts: clean(" ".join(parts)) or "T")
several = st.lists(texts, max_size=4).map(tuple)
maybe = st.none() | texts
counts = st.none() | st.integers(0, 10**9)
unknown = st.just(None)
# As the import's door leaves ids: cleaned, and without white space.
strange_ids = texts.map(lambda one: f"x:{one[:150].replace(' ', '_')}")


state = st.builds(
    State, starred=st.booleans(), read=st.booleans(), hidden=st.booleans(), tags=several, note=maybe
)


def entries_with(ids):
    paper = st.builds(
        Paper,
        id=ids,
        title=texts,
        version=st.none() | st.integers(1, 99),
        abstract=maybe,
        authors=several,
        categories=several,
        keywords=several,
        submitted=unknown,
        announced=unknown,
        updated=unknown,
        code_url=st.none() | texts.map(lambda one: f"https://github.com/o/{one.replace(' ', '')}"),
        project_url=unknown,
        organization=maybe,
    )
    return st.builds(
        Entry,
        paper=paper,
        first_seen=st.just(NOW),
        claims=st.just(()),
        listings=st.just((Listed("huggingface", DAY, 1),)),
        observations=st.just(())
        | st.tuples(st.builds(Observation, st.just(NOW), counts, counts, counts)),
        state=state,
        related=st.just(())
        | st.tuples(st.builds(Related, texts, st.just(9.0), st.just(8.0), st.tuples(texts))),
        matches=st.just(())
        | st.tuples(st.builds(Match, texts, texts, st.just("title"), texts, st.just(95))),
        section=st.just("new"),
        gained=st.none() | st.integers(-999, 10**6),
        score=unknown,
        sample=st.sampled_from([False]),
        context=maybe,
    )


def _report(found):
    section = Section("New on 2026-03-31", tuple(found), len(found) + 1, "new")
    return Report("today", NOW, "Tuesday 2026-03-31", (section,), notes=(found[0].paper.title,))


def reports_with(ids):
    return st.lists(entries_with(ids), min_size=1, max_size=3).map(_report)


reports = reports_with(st.sampled_from(("2603.00001", "2603.10165", "hep-th/9901001")))


@pytest.fixture(scope="module", params=[80, 200])
def width(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(request.param))
        yield request.param


def shown(report, form, *, cards=False):
    out = io.StringIO()
    write(report, form, out, DrawStyle(cards=cards))
    return out.getvalue()


def of(report):
    return [entry.paper for section in report.sections for entry in section.entries]


@given(reports)
@QUICK
def test_no_format_lets_an_invisible_character_through(report):
    for form in FORMATS[1:]:
        for cards in (False, True):
            allowed = "\n\t" if form == "plain" else "\n"
            assert unseemly(shown(report, form, cards=cards), allowed) == [], form


@given(reports)
@QUICK
def test_no_line_of_a_table_or_a_card_is_wider_than_the_terminal(width, report):
    for cards in (False, True):
        lines = shown(report, "table", cards=cards).splitlines()
        assert max(map(cell_len, lines)) <= width


@given(reports)
@QUICK
def test_markup_of_rich_stays_visible_text(width, report):
    (section,) = report.sections
    marked = tuple(
        entry._replace(paper=entry.paper._replace(title=f"[/b][red]:x: {entry.paper.title}"))
        for entry in section.entries
    )
    report = report._replace(sections=(section._replace(entries=marked),))
    for cards in (False, True):
        assert shown(report, "table", cards=cards).count("[/b][red]:x:") >= len(marked), width


@given(reports)
@QUICK
def test_plain_is_one_line_a_paper_with_the_whole_title_last(report):
    rows = [line.split("\t") for line in shown(report, "plain").split("\n")[:-1]]
    assert [(row[1], row[-1]) for row in rows] == [(one.id, one.title) for one in of(report)]
    assert {len(row) for row in rows} == {8}


@given(reports)
@QUICK
def test_json_and_json_lines_read_back_as_they_were(report):
    whole = json.loads(shown(report, "json"))["data"]
    assert whole == [json.loads(line) for line in shown(report, "jsonl").split("\n")[:-1]]
    for said, paper in zip(whole, of(report), strict=True):
        for key in ("id", "title", "abstract", "organization", "code_url"):
            assert said[key] == getattr(paper, key)
        for key in ("authors", "keywords", "categories"):
            assert tuple(said[key]) == getattr(paper, key)


@given(reports)
@QUICK
def test_csv_reads_back_with_no_cell_that_a_spreadsheet_would_run(report):
    rows = list(csv.DictReader(io.StringIO(shown(report, "csv"))))
    for row, paper in zip(rows, of(report), strict=True):
        for key in ("id", "title", "abstract", "organization"):
            meant = getattr(paper, key) or ""
            assert row[key].replace("'", "") == meant.replace("'", "")
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in row.values())
        assert not any(cell[:1] == "-" and not cell[1:].isdigit() for cell in row.values())


@given(reports)
@QUICK
def test_ids_are_one_a_line(report):
    assert shown(report, "ids").split("\n")[:-1] == list(
        dict.fromkeys(one.id for one in of(report))
    )


@given(reports)
@QUICK
def test_markdown_has_no_construct_but_ours_and_titles_read_as_they_are(report):
    assert _links(report) == [one.title for one in of(report)]


@given(reports_with(strange_ids))
@QUICK
def test_an_id_from_a_file_is_text_as_well(width, report):
    assert unseemly(shown(report, "table")) == []
    assert max(map(cell_len, shown(report, "table").splitlines())) <= width
    links = _links(report)
    assert not links or links == [one.title for one in of(report)]


PLAIN_MARKDOWN = {"text", "text_special", "hardbreak", "link_open", "link_close"}


def _links(report):
    """The texts of the links to papers in the report's markdown, which has nothing else live."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(shown(report, "md"))
    blocks = [one.type.removesuffix("_open") for one in tokens if one.type.endswith("_open")]
    assert {*blocks} <= {"heading", "paragraph", "bullet_list", "list_item"}
    assert blocks.count("list_item") == len(of(report))
    inline = [child for one in tokens for child in one.children or ()]
    assert {child.type for child in inline} <= PLAIN_MARKDOWN
    return _linked(inline)


def _linked(inline):
    """The texts of the links to papers."""
    texts, inside = [], False
    for child in inline:
        if child.type == "link_open":
            inside = child.attrs["href"].startswith(("https://huggingface.co", "https://arxiv.org"))
            texts += [""] * inside
        elif child.type == "link_close":
            inside = False
        elif inside:
            texts[-1] += child.content
    return texts
