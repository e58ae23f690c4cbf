"""Every format, read back by the programs of others: titles are titles and nothing else."""

import re

import bibtexparser
import feedparser
import pytest
import rispy
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pylatexenc.latex2text import (
    LatexNodes2Text,
    MacroTextSpec,
    get_default_latex_context_db,
)
from tricks import TRICKS, unseemly
from written import captured, entries, entry, report, written

from papertrack.escaping import cell
from papertrack.exports.digest import digest
from papertrack.exports.markdown_notes import as_note
from papertrack.text import clean

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
REAL = 60  # one recorded page in so many; all of them were compared once, in a minute


@pytest.fixture(scope="module", params=["hostile", "real"])
def papers(request, shared):
    if request.param == "hostile":
        return entries(HOSTILE)
    return captured(shared("data/hf/daily_papers"), REAL)


def titles(papers):
    return [one.paper.title for one in papers]


def _plain_latex():
    """As LaTeX's own kernel reads it; pylatexenc does not know these."""
    known = get_default_latex_context_db()
    more = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
    more |= {"textless": "<", "textgreater": ">", "textbar": "|"}
    macros = [MacroTextSpec(name, text) for name, text in more.items()]
    known.add_context_category("kernel", macros=macros, prepend=True)
    return LatexNodes2Text(latex_context=known).latex_to_text


def test_bibtex(papers):
    found = bibtexparser.parse_string(written("bibtex", papers))
    assert found.failed_blocks == []
    plain = _plain_latex()
    assert [plain(one["title"]) for one in found.entries] == titles(papers)
    keys = [one.key for one in found.entries]
    assert len(set(keys)) == len(papers)
    assert {one["archivePrefix"] for one in found.entries} == {"arXiv"}
    assert [one["eprint"] for one in found.entries] == [one.paper.id for one in papers]
    alone = bibtexparser.parse_string(written("bibtex", papers[-1:]))
    assert alone.entries[0].key == keys[-1], "other papers change no key"


@given(st.text(max_size=40).map(clean).filter(bool))
@settings(max_examples=60)
def test_no_title_breaks_the_braces_of_bibtex(title):
    text = written("bibtex", [entry(title)])
    assert text.count("{") == text.count("}")
    assert bibtexparser.parse_string(text).failed_blocks == []


def test_ris(papers):
    found = rispy.loads(written("ris", papers))
    assert [one["title"] for one in found] == titles(papers)
    assert [one["authors"] for one in found] == [list(one.paper.authors) for one in papers]


def test_atom(papers):
    text = written("atom", papers)
    found = feedparser.parse(text)
    assert not found.bozo
    assert [one.title for one in found.entries] == titles(papers)
    assert all(one.id and one.updated_parsed and one.link for one in found.entries)
    assert len({one.id for one in found.entries}) == len(papers)
    assert text == written("atom", papers), "the same papers are the same feed"


def test_a_feed_without_papers_is_one():
    assert feedparser.parse(written("atom", [])).feed.updated == "2026-03-31T18:00:00Z"


_LIVE = {
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
    tokens = _tokens(written("md", papers, kept=kept, abstracts=False))
    live = [one.content for one in tokens if one.type in _LIVE]
    assert [one for one in live if not re.fullmatch(r"<!-- papertrack [^<>]*-->\s*", one)] == []
    assert _first_links(tokens) == titles(papers)


def test_abstracts_are_folded_in_one_piece_of_html_each(papers):
    tokens = _tokens(written("md", papers, abstracts=True))
    folded = [one.content for one in tokens if one.type == "html_block"]
    whole = r"\s*<details><summary>Abstract</summary>[^<>]*</details>\s*"
    assert [one for one in folded if not re.fullmatch(whole, one)] == []
    assert len(folded) == sum(one.paper.abstract is not None for one in papers)
    assert _first_links(tokens) == titles(papers)


def _tokens(text):
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return [child for one in parser.parse(text) for child in (one, *(one.children or ()))]


def _first_links(tokens):
    """The text of the first link of each item of a list."""
    found, waiting, inside = [], False, False
    for one in tokens:
        waiting = waiting or one.type == "list_item_open"
        if one.type == "link_open" and waiting:
            found.append("")
            waiting, inside = False, True
        elif one.type == "link_close":
            inside = False
        elif inside:
            found[-1] += one.content
    return found


def test_the_front_matter_of_a_note_is_yaml(papers):
    for one in papers:
        text = "".join(as_note(report([one]), one.first_seen.date()))
        front = yaml.safe_load(text.split("---\n")[1])
        assert front["title"] == one.paper.title
        assert front["authors"] == list(one.paper.authors)
        assert not [tag for tag in front["tags"] if not re.fullmatch(r"[\w-]*[^\W\d][\w-]*", tag)]


def test_plain_text_has_72_columns_but_for_words_that_are_longer(papers):
    text = written("text", papers)
    assert unseemly(text) == []
    assert [one for one in text.splitlines() if len(one) > 72 and " " in one.strip()] == []


@pytest.mark.parametrize(
    "text",
    ["=1", "+1", "-1", "@x", " =1", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1",
     "\uff201", "\u3000=1", "a;=1", "a; =1", "a;b\n-1"],
    ids=repr,
)  # fmt: skip
def test_no_cell_is_a_formula_wherever_a_spreadsheet_divides_it(text):
    safe = cell(text)
    live = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
    assert not [part for part in re.split(r"[;\t\r\n]", safe) if live.match(part)]
    assert safe.replace("'", "") == text


@pytest.mark.parametrize("text", ["a = b", "2-3", "a;b", "x@y", ""])
def test_other_cells_stay_as_they_are(text):
    assert cell(text) == text


def test_a_digest_tells_each_paper_once_by_topic_then_what_is_rising_then_the_rest():
    among = entries(("graphs", "agents", "graphs"))
    others = [entry(f"Other {n}", f"2603.1{n:04}", abstract=None) for n in range(12)]
    told = digest(report([*others, *among, *others]))
    assert [(one.title, one.total) for one in told.sections] == [
        ("graphs", 2), ("agents", 1), ("Trending", 10), ("The rest", 2),
    ]  # fmt: skip
