"""The filters of templates: their names are an interface, as templates of readers use them."""

import pytest
from export_reports import entries, entry

from papertrack.exports.citations import citation_key
from papertrack.exports.templating import environment
from papertrack.fields import paper

TITLE = "On the Graphs of $\\alpha$"


@pytest.fixture(scope="module")
def evaluate(tmp_path_factory):
    """Evaluate an expression of a template with the variables `p`, a paper, and `text`."""
    jinja = environment(str(tmp_path_factory.mktemp("templates")))

    def evaluated(expression, text=""):
        source = f"{{{{ {expression} }}}}"
        return jinja.from_string(source).render(
            p=paper(entry(TITLE, "2603.00000", authors=("Ada One", "Bo Two"))), text=text
        )

    return evaluated


@pytest.mark.parametrize("name", ["bibtex_text", "bibtex_plain", "bibtex_title", "bibtex_people"])
def test_only_with_utf8_letters_stay_in_bibtex(evaluate, name):
    text = "[text]" if name == "bibtex_people" else "text"
    ascii_text = evaluate(f"{text}|{name}", "Jos\u00e9")
    assert ascii_text == evaluate(f"{text}|{name}(false)", "Jos\u00e9") == r"Jos{\'e}"
    assert evaluate(f"{text}|{name}(true)", "Jos\u00e9") == "Jos\u00e9"


@pytest.mark.parametrize(
    ("filter_name", "text", "result"),
    [
        ("markdown", "*a*", r"\*a\*"),
        ("html", "<b>&", "&lt;b&gt;&amp;"),
        ("yaml", 'say "x"', r'"say \"x\""'),
        ("target", "https://h/a b", "<https://h/a%20b>"),
        ("latex", "50 %", r"50 \%"),
        ("visible", "a\x07b", "ab"),
        ("readable", r"$\alpha$", "\N{GREEK SMALL LETTER ALPHA}"),
        ("paper_marker", "a-b", "<!-- papertrack paper a%2Db -->"),
        ("paper_mark", "a-b", "<!-- papertrack paper a%2Db -->"),
        ("tag", "Tool Use!", "tool-use"),
        ("tag", "2026", "topic-2026"),
        ("tag", "!", "topic"),
        ("uuid", "https://h/", "urn:uuid:dc49f3d7-cd80-5e72-870e-99b4c6845db6"),
        ("summary_author", "huggingface", "machine-written by Hugging Face"),
        ("wrap", "word " * 15, "word " * 13 + "word\nword"),
        ("wrap('> ')", "word " * 15, "word " * 13 + "word\n> word"),
        ("wrap", "x" * 80, "x" * 80),
        ("wrap", "a-b " * 19, "a-b " * 17 + "a-b\na-b"),
        ("bibtex_title", "A GPU", "A {GPU}"),
        ("bibtex_text", "50 %", r"50 \%"),
        ("bibtex_text", "caf\N{LATIN SMALL LETTER E WITH ACUTE}", r"caf{\'e}"),
        ("ris_name", "Jan van der Berg", "van der Berg, Jan"),
    ],
)
def test_a_filter_converts_text(evaluate, filter_name, text, result):
    assert evaluate(f"text | {filter_name}", text) == result


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("p.authors | people", "Ada One and Bo Two"),
        ("p.authors | bibtex_people", "Ada One and Bo Two"),
        ("p | key", "one2026graphs-2603.00000"),
        ("p | year", "2026"),
        ("p | first_day", "2026-03-31"),
        ("p | published", "2026-03-31T00:00:00Z"),
        ("p | came", "2026-03-31T00:00:00Z"),
        ("p | last_changed", "2026-03-31T00:00:00Z"),
        ("p | moment", "2026-03-31T00:00:00Z"),
        ("p | source_url", "https://arxiv.org/abs/2603.00000"),
        ("p | doi", "None"),
    ],
)
def test_a_filter_computes_a_fact_of_a_paper(evaluate, expression, result):
    assert evaluate(expression) == result


@pytest.mark.parametrize(
    "name", ["x.html", "x.xml", "x.atom", "x.htm", "x.xhtml", "x.svg", "X.SVG.j2"]
)
def test_templates_of_markup_escape_values(name):
    assert environment().autoescape(name)


@pytest.mark.parametrize("name", ["x.txt", "html", "x.html.md", None])
def test_other_templates_do_not_escape_values(name):
    assert not environment().autoescape(name)


@pytest.mark.parametrize(
    "word", ["a", "an", "the", "on", "of", "in", "for", "to", "and", "is", "are"]
)
def test_a_citation_key_skips_small_words(word):
    record = paper(*entries([f"{word.title()} {word} Graph"]))
    assert citation_key(record) == "one2026graph-2603.00000"
