"""Every format shows hostile titles as text, within their lines and fields."""

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
from papertrack.events import CODE, DOUBLED, PUBLISHED, VERSION, WITHDRAWN
from papertrack.models import (
    Entry,
    Match,
    Observation,
    Paper,
    PaperEvent,
    PaperListing,
    Reasons,
    Related,
    Report,
    Section,
    ServiceRank,
    State,
    TextChange,
)
from papertrack.text import clean, readable

NOW = datetime(2026, 3, 31, 18, tzinfo=UTC)
DAY = date(2026, 3, 31)
# The explain phase traces every line, which takes minutes here.
QUICK = settings(max_examples=20, deadline=None, phases=set(Phase) - {Phase.explain})

raw = st.sampled_from(TRICKS) | st.text(st.characters(exclude_categories=()), max_size=60)
# Texts as parsers return them: cleaned, and never empty.
texts = st.lists(raw, min_size=1, max_size=3).map(lambda parts: clean(" ".join(parts)) or "T")
text_lists = st.lists(texts, max_size=4).map(tuple)
optional_texts = st.none() | texts
counts = st.none() | st.integers(0, 10**9)
nothing = st.just(None)
# Ids as the import leaves them: cleaned, and without white space.
strange_ids = texts.map(lambda text: f"x:{text[:150].replace(' ', '_')}")


state = st.builds(
    State,
    starred=st.booleans(),
    read=st.booleans(),
    hidden=st.booleans(),
    tags=text_lists,
    note=optional_texts,
)


events = st.builds(
    PaperEvent,
    paper_id=st.just("2603.00001"),
    at=st.just(NOW),
    event=st.sampled_from((VERSION, CODE, PUBLISHED, DOUBLED, WITHDRAWN)),
    value=texts,
    previous=texts,
    changes=st.just(()) | st.tuples(st.builds(TextChange, st.just("title"), texts, texts)),
)


def entries_with(ids):
    paper = st.builds(
        Paper,
        id=ids,
        title=texts,
        version=st.none() | st.integers(1, 99),
        abstract=optional_texts,
        authors=text_lists,
        categories=text_lists,
        keywords=text_lists,
        submitted=nothing,
        announced=nothing,
        updated=nothing,
        code_url=st.none()
        | texts.map(lambda text: f"https://github.com/o/{text.replace(' ', '')}"),
        project_url=nothing,
        organization=optional_texts,
        comment=optional_texts,
        journal_ref=optional_texts,
        doi=optional_texts,
        venue=optional_texts,
        tldr=optional_texts,
    )
    return st.builds(
        Entry,
        paper=paper,
        first_seen=st.just(NOW),
        claims=st.just(()),
        listings=st.just((PaperListing("huggingface", DAY, 1),)),
        observations=st.just(())
        | st.tuples(st.builds(Observation, st.just(NOW), counts, counts, counts)),
        ranks=st.just(())
        | st.tuples(
            st.builds(
                ServiceRank,
                st.just("paperswithcode"),
                st.just(NOW),
                st.none() | st.integers(1, 100),
            )
        ),
        state=state,
        related=st.just(())
        | st.tuples(st.builds(Related, texts, st.just(9.0), st.just(8.0), st.tuples(texts))),
        matches=st.just(())
        | st.tuples(st.builds(Match, texts, texts, st.just("title"), texts, st.just(95))),
        section=st.just("new"),
        gained=st.none() | st.integers(-999, 10**6),
        score=nothing,
        sample=st.sampled_from([False]),
        context=optional_texts,
        events=st.just(()) | st.tuples(events),
        reasons=nothing | st.builds(Reasons, text_lists, text_lists, text_lists),
    )


def _report(entries):
    section = Section("New on 2026-03-31", tuple(entries), len(entries) + 1, "new")
    return Report("today", NOW, "Tuesday 2026-03-31", (section,), notes=(entries[0].paper.title,))


def reports_with(ids):
    return st.lists(entries_with(ids), min_size=1, max_size=3).map(_report)


reports = reports_with(st.sampled_from(("2603.00001", "2603.10165", "hep-th/9901001")))


@pytest.fixture(scope="module", params=[80, 200])
def width(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(request.param))
        yield request.param


def rendered(report, form, *, cards=False):
    out = io.StringIO()
    write(report, form, out, DrawStyle(cards=cards))
    return out.getvalue()


def papers_of(report):
    return [entry.paper for section in report.sections for entry in section.entries]


@given(reports)
@QUICK
def test_no_format_contains_invisible_characters(report):
    for form in FORMATS[1:]:
        for cards in (False, True):
            allowed = "\n\t" if form == "plain" else "\n"
            assert unseemly(rendered(report, form, cards=cards), allowed) == [], form


@given(reports)
@QUICK
def test_no_line_of_a_table_or_card_is_wider_than_the_terminal(width, report):
    for cards in (False, True):
        lines = rendered(report, "table", cards=cards).splitlines()
        assert max(map(cell_len, lines)) <= width


@given(reports)
@QUICK
def test_markup_of_rich_stays_visible_text(width, report):
    (section,) = report.sections
    entries = tuple(
        entry._replace(paper=entry.paper._replace(title=f"[/b][red]:x: {entry.paper.title}"))
        for entry in section.entries
    )
    report = report._replace(sections=(section._replace(entries=entries),))
    for cards in (False, True):
        assert rendered(report, "table", cards=cards).count("[/b][red]:x:") >= len(entries), width


@given(reports)
@QUICK
def test_plain_has_a_line_for_each_paper_with_the_full_title_before_any_reasons(report):
    rows = [line.split("\t") for line in rendered(report, "plain").split("\n")[:-1]]
    assert [(row[1], row[7]) for row in rows] == [
        (paper.id, readable(paper.title)) for paper in papers_of(report)
    ]
    reasons = [entry.reasons is not None for entry in report.sections[0].entries]
    assert [len(row) for row in rows] == [8 + given for given in reasons]


@given(reports)
@QUICK
def test_json_and_json_lines_round_trip(report):
    rows = json.loads(rendered(report, "json"))["data"]
    assert rows == [json.loads(line) for line in rendered(report, "jsonl").split("\n")[:-1]]
    for row, paper in zip(rows, papers_of(report), strict=True):
        for key in ("id", "title", "abstract", "organization", "code_url"):
            assert row[key] == getattr(paper, key)
        for key in ("authors", "keywords", "categories"):
            assert tuple(row[key]) == getattr(paper, key)


@given(reports)
@QUICK
def test_csv_round_trips_without_cells_that_a_spreadsheet_would_run(report):
    rows = list(csv.DictReader(io.StringIO(rendered(report, "csv"))))
    for row, paper in zip(rows, papers_of(report), strict=True):
        for key in ("id", "title", "abstract", "organization"):
            expected = getattr(paper, key) or ""
            assert row[key].replace("'", "") == expected.replace("'", "")
        assert not any(cell.startswith(("=", "+", "@", "\t", "\r")) for cell in row.values())
        assert not any(cell[:1] == "-" and not cell[1:].isdigit() for cell in row.values())


@given(reports)
@QUICK
def test_ids_has_one_id_on_each_line(report):
    assert rendered(report, "ids").split("\n")[:-1] == list(
        dict.fromkeys(paper.id for paper in papers_of(report))
    )


@given(reports)
@QUICK
def test_markdown_contains_only_our_constructs_and_literal_titles(report):
    assert _link_texts(report) == [readable(paper.title) for paper in papers_of(report)]


@given(reports_with(strange_ids))
@QUICK
def test_an_imported_id_is_shown_as_text(width, report):
    assert unseemly(rendered(report, "table")) == []
    assert max(map(cell_len, rendered(report, "table").splitlines())) <= width
    links = _link_texts(report)
    assert not links or links == [readable(paper.title) for paper in papers_of(report)]


PLAIN_MARKDOWN = {"text", "text_special", "hardbreak", "link_open", "link_close"}


def _link_texts(report):
    """The texts of the links to papers in a report's markdown, checked for other constructs."""
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = parser.parse(rendered(report, "md"))
    blocks = [token.type.removesuffix("_open") for token in tokens if token.type.endswith("_open")]
    assert {*blocks} <= {"heading", "paragraph", "bullet_list", "list_item"}
    assert blocks.count("list_item") == len(papers_of(report))
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= PLAIN_MARKDOWN
    return _paper_link_texts(inline)


def _paper_link_texts(inline):
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
