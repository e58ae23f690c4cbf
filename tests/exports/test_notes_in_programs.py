"""Exported notes in the programs that format and publish them: mdformat, remark, prettier, Hugo."""

import re

import html5lib
import pytest
import yaml
from export_reports import entry, recorded_entries, report
from outside_programs import npm_package, run

from papertrack.exports.edit_merge import merge_edits
from papertrack.exports.markdown_notes import as_markdown, as_note
from papertrack.exports.markers import paper_of
from papertrack.exports.templating import tag
from papertrack.facts import readable_report
from papertrack.models import Match
from papertrack.text import readable

STEP, NOTES = 120, 50
TEMPLATES = (
    "{{< figure >}} and {{% raw %}} in notes",
    "<% x %> {% include x %} {{ .Site }}",
    "<script>alert(1)</script> <details>",
    "see https://x.org/a_{{b}}/c and www.example.org/x_y, a@b.org",
    "--- # H - a * b + c 1. d > e | f | g",
)
# Front matter that gives a page another meaning than that of the paper's field of that name.
RESERVED = {
    "hugo": "aliases audio build cascade description draft expiryDate headless images isCJKLanguage"
    " keywords lastmod layout linkTitle locale markup menu menus outputs params path publishDate"
    " resources series sitemap slug summary translationKey type url videos weight id",
    "jekyll": "layout permalink published category excerpt collection id url path content output"
    " next previous",
    "quarto": "format engine execute jupyter css theme toc lang dir template filters params"
    " comments listing website book image description order draft aliases metadata citation",
    "logseq": "id type alias template template-including-parent public exclude-from-graph-view icon"
    " filters heading collapsed query-table page-type file",
    "obsidian": "aliases alias cssclasses cssclass publish permalink description image cover",
}
FORMATTERS = {
    "mdformat": ["mdformat", "."],
    "remark": [
        *("remark", "--quiet", "--use", "remark-frontmatter", "--use", "remark-gfm", ".", "-o")
    ],
    "prettier": ["prettier", "--log-level", "error", "--write", "."],
}


@pytest.fixture(scope="module")
def papers(shared):
    invented = [
        entry("A #1 of & [T](x) *y* _z_", f"2603.{number:05}", abstract=text)
        for number, text in enumerate(TEMPLATES)
    ]
    recorded = recorded_entries(shared("data/hf/daily_papers"), STEP)
    match = Match("my_topic & *x*", "p", "title", "t_x", 90)
    return [paper._replace(matches=(match,)) for paper in (*invented, *recorded)]


def files(papers):
    """Files of every kind, each by a name; a third of the papers where only the markers differ."""
    for ticks, listed in (("boxes", papers), ("logseq", papers[::3])):
        for name, abstracts in (
            ("none", {}),
            ("plain", {"abstracts": True}),
            ("folded", {"folded": True}),
        ):
            options = {"title": "T & #1 x_y", "editable": True, "ticks": ticks, **abstracts}
            yield f"{ticks}-{name}", "".join(as_markdown(report(listed), **options))
        for number, paper in enumerate(papers[:: len(papers) // 10]):
            yield f"{ticks}-note-{number}", "".join(as_note(report([paper]), None, ticks))


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_after_a_formatter_the_next_export_knows_its_lines(papers, formatter, tmp_path):
    if formatter == "remark":
        modules = npm_package("remark-frontmatter").parent
        npm_package("remark-gfm")
        (tmp_path / "node_modules").symlink_to(modules)
    written = dict(files(papers[:NOTES]))
    for name, text in written.items():
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    code, log = run(FORMATTERS[formatter], tmp_path)
    assert code == 0, log
    formatted = 0
    for name, text in written.items():
        old = (tmp_path / f"{name}.md").read_text(encoding="utf-8")
        formatted += old != text
        merged = merge_edits(old, text)
        assert _lines(merged) == _lines(text), name
        # What left the selection was not edited, so that it goes.
        assert not any(map(paper_of, merge_edits(old, _without_papers(text)).splitlines())), name
    assert formatted


def _lines(text):
    """The lines between the markers, without blank ones and spaces at the ends."""
    body = text[text.index("<!-- papertrack begin") :]
    return [line.rstrip() for line in body.splitlines() if line.strip()]


def _without_papers(text):
    return re.sub(r"(?m)^- .*papertrack paper.*\n(?:  .*\n)*", "", text)


def test_github_shows_every_title_as_a_link_and_no_html(papers):
    """cmark-gfm is what GitHub renders with."""
    names = ("table", "strikethrough", "autolink", "tasklist")
    extensions = [word for name in names for word in ("-e", name)]
    text = "".join(as_markdown(readable_report(report(papers)), editable=True, abstracts=True))
    code, page = run(["cmark-gfm", "--unsafe", *extensions], ".", input=text.encode())
    assert code == 0
    items = html5lib.parse(page, namespaceHTMLElements=False).findall(".//li")
    links = ["".join(item.find(".//a").itertext()) for item in items]
    assert links == [readable(paper.paper.title) for paper in papers]
    assert all(item.find(".//input") is not None for item in items)
    quoted = ["".join(item.find("blockquote").itertext()).strip() for item in items]
    assert quoted == [" ".join(readable(paper.paper.abstract).split()) for paper in papers]
    assert not re.findall(r"<(?:script|details|img|iframe)", page)


def test_a_site_with_50_notes_builds_in_hugo(papers, tmp_path):
    content, layouts = tmp_path / "content" / "papers", tmp_path / "layouts" / "_default"
    for folder in (content, layouts):
        folder.mkdir(parents=True)
    (tmp_path / "config.toml").write_text('baseURL = "https://example.org/"\n')
    for name in ("single", "list"):
        (layouts / f"{name}.html").write_text("{{ .Title }}|{{ .Content }}", encoding="utf-8")
    for number, paper in enumerate(papers[:NOTES]):
        note = "".join(as_note(report([paper]), paper.first_seen.date()))
        (content / f"{number}.md").write_text(note, encoding="utf-8")
    for name, text in files(papers[:NOTES]):
        (content / f"{name}.md").write_text(text, encoding="utf-8")
    code, log = run(["hugo"], tmp_path)
    assert (code, re.findall("(?:ERROR|WARN).*", log)) == (0, [])
    page = (tmp_path / "public/papers/boxes-plain/index.html").read_text(encoding="utf-8")
    assert "<blockquote>" in page
    assert "and &lt;% x %&gt;" not in page
    assert "<script>" not in page
    assert page.count("raw HTML omitted") == 2 + NOTES, "the markers alone"


@pytest.mark.parametrize("text", TEMPLATES)
def test_no_text_starts_a_template_or_html(text):
    paper = entry(
        text, keywords=(text,), comment=text, venue=text, project_url=f"https://x.org/{text}"
    )
    for name, written in files([paper] * 10):
        body = written[written.index("<!-- papertrack begin") :]
        assert re.findall(r"\{\{|\{%|<%|(?<!\\)<\w(?!ttps?:|@)", body) == (
            ["<d", "<s"] * (10 if "boxes" in name else 4) if "folded" in name else []
        ), name


def test_no_key_of_front_matter_is_reserved_for_something_else(papers):
    full = papers[0].paper._replace(
        venue="V", journal_ref="J", doi="10.1/x", comment="c", version=2
    )
    note = "".join(as_note(report([papers[0]._replace(paper=full)]), papers[0].first_seen.date()))
    keys = {*yaml.safe_load(note.split("---\n")[1])}
    assert {"paper_id", "paper_url", "title", "tags", "doi", "venue", "comment"} <= keys
    for program, reserved in RESERVED.items():
        assert keys.isdisjoint(reserved.split()), program


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("हिन्दी भाषा", "हिन्दी-भाषा"),
        ("ภาษาไทย", "ภาษาไทย"),
        ("Việt\u0302", "việt\u0302"),
        ("אָב", "אָב"),
    ],
)
def test_tags_keep_the_marks_of_all_scripts(topic, name):
    assert tag(topic) == name
