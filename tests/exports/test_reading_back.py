"""Each format, parsed by another program: titles come back as read and nothing else appears."""

import re
from xml.etree import ElementTree as ET

import bibtexparser
import feedparser
import pytest
import rispy
import yaml
from export_reports import entries, entry, recorded_entries, render_papers, report
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)
from tricks import TRICKS, unseemly

from papertrack.escaping import cell
from papertrack.exports.citations import ris_name
from papertrack.exports.digest import digest
from papertrack.exports.markdown_notes import as_note
from papertrack.text import clean, readable

HOSTILE = (
    *filter(None, map(clean, TRICKS)),
    "a { lone brace",
    "} and { wrong ways }",
    "-- --- `` '' !` ?` << >> ,, {LLM} a\\b",
    "%%hidden%% ==marked== ((block)) [[page]] {{query}} key:: value #tag",
    "2026. a year",
    "</details><script>alert(1)</script> ]]> <!-- x --> -->",
    "ER - TY - BOOK",
    "{{ 7 * 7 }} {% raw %} {# x #}",
)
ATOM = "{http://www.w3.org/2005/Atom}"
STEP = 60  # every 60th recorded page; all pages take a minute and were compared once


@pytest.fixture(scope="module", params=["hostile", "real"])
def papers(request, shared):
    if request.param == "hostile":
        return entries(HOSTILE)
    return recorded_entries(shared("data/hf/daily_papers"), STEP)


def titles(papers):
    return [readable(entry.paper.title) for entry in papers]


def _latex_to_text():
    """A converter that also has the macros of LaTeX's kernel that pylatexenc lacks."""
    context = get_default_latex_context_db()
    characters = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
    characters |= {"textless": "<", "textgreater": ">", "textbar": "|"}
    macros = [MacroTextSpec(name, text) for name, text in characters.items()]
    context.add_context_category("kernel", macros=macros, prepend=True)
    return LatexNodes2Text(latex_context=context).latex_to_text


def test_bibtex(papers):
    library = bibtexparser.parse_string(render_papers("bibtex", papers, utf8=True))
    assert library.failed_blocks == []
    to_text = _latex_to_text()
    without_tex = [
        (to_text(record["title"]), paper_entry.paper.title)
        for record, paper_entry in zip(library.entries, papers, strict=True)
        if readable(paper_entry.paper.title) == paper_entry.paper.title
    ]
    assert len(without_tex) > len(papers) / 2
    assert [written for written, _ in without_tex] == [title for _, title in without_tex]
    keys = [record.key for record in library.entries]
    assert len(set(keys)) == len(papers)
    assert {record["archivePrefix"] for record in library.entries} == {"arXiv"}
    assert [record["eprint"] for record in library.entries] == [entry.paper.id for entry in papers]
    last_alone = bibtexparser.parse_string(render_papers("bibtex", papers[-1:]))
    assert last_alone.entries[0].key == keys[-1], "other papers change no key"


@given(st.text(max_size=40).map(clean).filter(bool))
@settings(max_examples=60)
def test_no_title_breaks_the_braces_of_bibtex(title):
    text = render_papers("bibtex", [entry(title)])
    assert text.count("{") == text.count("}")
    assert bibtexparser.parse_string(text).failed_blocks == []


def test_ris(papers):
    records = rispy.loads(render_papers("ris", papers))
    assert [record["title"] for record in records] == titles(papers)
    assert [record["authors"] for record in records] == [
        [ris_name(readable(name)) for name in entry.paper.authors] for entry in papers
    ]


def test_no_date_is_invented_for_a_paper_without_one():
    undated = entry("Nests", "cran:1")._replace(listings=())
    (record,) = bibtexparser.parse_string(render_papers("bibtex", [undated])).entries
    assert "year" not in record.fields_dict
    (record,) = rispy.loads(render_papers("ris", [undated]))
    assert {"year", "date", "publication_year"}.isdisjoint(record)


def test_atom(papers):
    text = render_papers("atom", papers)
    feed = feedparser.parse(text)
    assert not feed.bozo
    assert [item.title for item in feed.entries] == titles(papers)
    assert all(item.id and item.updated_parsed and item.link for item in feed.entries)
    assert len({item.id for item in feed.entries}) == len(papers)
    assert text == render_papers("atom", papers), "the same papers give the same feed"


def test_a_feed_has_its_facts_first_and_an_address_or_content_in_every_entry():
    """RFC 4287: its schema has the entries last (appendix B), and 4.1.2 wants a link or content."""
    other = entry("Of another namespace")
    other = other._replace(paper=other.paper._replace(id="cran:12", abstract=None))
    feed = ET.fromstring(render_papers("atom", [entry(), other]))
    names = [child.tag.removeprefix(ATOM) for child in feed]
    assert {"title", "id", "updated", "author"} <= {*names[:-2]}
    assert names[-2:] == ["entry", "entry"]
    with_address, without = feed.findall(f"{ATOM}entry")
    assert with_address.find(f"{ATOM}link[@rel='alternate']") is not None
    assert without.find(f"{ATOM}link") is None
    assert without.findtext(f"{ATOM}content") == "Of another namespace"


def test_a_feed_without_papers_is_a_valid_feed():
    assert feedparser.parse(render_papers("atom", [])).feed.updated == "2026-03-31T18:00:00Z"


_MARKUP = {
    "html_inline",
    "html_block",
    "image",
    "code_inline",
    "fence",
    "code_block",
    "hr",
    "table_open",
}


@pytest.mark.parametrize("kept", [False, True])
def test_markdown(papers, kept):
    tokens = _tokens(render_papers("md", papers, editable=kept, abstracts=False))
    markup = [token.content for token in tokens if token.type in _MARKUP]
    markers = r"<!-- papertrack [^<>]*-->\s*"
    assert [content for content in markup if not re.fullmatch(markers, content)] == []
    assert _first_links(tokens) == titles(papers)


def test_each_abstract_is_folded_in_one_piece_of_html(papers):
    tokens = _tokens(render_papers("md", papers, folded=True))
    blocks = [token.content for token in tokens if token.type == "html_block"]
    folded = r"\s*<details><summary>Abstract</summary>[^<>]*</details>\s*"
    assert [content for content in blocks if not re.fullmatch(folded, content)] == []
    assert len(blocks) == sum(entry.paper.abstract is not None for entry in papers)
    assert _first_links(tokens) == titles(papers)


def _tokens(text):
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return [child for token in parser.parse(text) for child in (token, *(token.children or ()))]


def _first_links(tokens):
    """The text of the first link of each list item."""
    texts, expects_link, is_inside = [], False, False
    for token in tokens:
        expects_link = expects_link or token.type == "list_item_open"
        if token.type == "link_open" and expects_link:
            texts.append("")
            expects_link, is_inside = False, True
        elif token.type == "link_close":
            is_inside = False
        elif is_inside:
            texts[-1] += token.content
    return texts


def test_the_front_matter_of_a_note_is_yaml(papers):
    for paper_entry in papers:
        text = "".join(as_note(report([paper_entry]), paper_entry.first_seen.date()))
        front = yaml.safe_load(text.split("---\n")[1])
        assert front["title"] == readable(paper_entry.paper.title)
        assert front["authors"] == list(map(readable, paper_entry.paper.authors))
        assert not [tag for tag in front["tags"] if not re.search(r"[^\W\d]", tag) or " " in tag]


def test_plain_text_has_72_columns_except_for_longer_words(papers):
    text = render_papers("text", papers)
    assert unseemly(text) == []
    assert [line for line in text.splitlines() if len(line) > 72 and " " in line.strip()] == []


@pytest.mark.parametrize(
    "text",
    ["=1", "+1", "-1", "@x", " =1", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1",
     "\uff201", "\u3000=1", "a;=1", "a; =1", "a;b\n-1"],
    ids=repr,
)  # fmt: skip
def test_no_cell_is_a_formula_however_a_spreadsheet_splits_it(text):
    safe = cell(text)
    formula = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
    assert not [part for part in re.split(r"[;\t\r\n]", safe) if formula.match(part)]
    assert safe.replace("'", "") == text


@pytest.mark.parametrize("text", ["a = b", "2-3", "a;b", "x@y", ""])
def test_other_cells_stay_unchanged(text):
    assert cell(text) == text


def test_a_digest_shows_each_paper_once_by_topic_then_rising_papers_then_the_rest():
    matching = entries(("graphs", "agents", "graphs"))
    others = [entry(f"Other {n}", f"2603.1{n:04}", abstract=None) for n in range(12)]
    sections = digest(report([*others, *matching, *others])).sections
    assert [(section.title, section.total) for section in sections] == [
        ("graphs", 2), ("agents", 1), ("Trending", 10), ("The rest", 2),
    ]  # fmt: skip
