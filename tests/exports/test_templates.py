"""Templates that readers write, and formats that other packages bring."""

import pytest
from written import entries, report

from papertrack.errors import UsageError
from papertrack.exports import render
from papertrack.exports.user_templates import from_template

TITLES = ("<b>One</b>", "Two")


@pytest.fixture
def template(tmp_path):
    """Writes a template and renders two papers with it."""

    def made(text, name="own.txt.j2"):
        (tmp_path / name).write_text(text)
        return "".join(from_template(str(tmp_path / name), report(entries(TITLES))))

    return made


def test_a_template_has_the_fields_of_papers_and_papertracks_filters(template):
    told = "{{ p.id }} {{ p.title }} {{ p.upvotes }} {{ p.authors | people }}"
    assert (
        template(f"{{% for p in papers %}}{told}\n{{% endfor %}}").splitlines()[1]
        == "2603.00001 Two 7 Ada One and Two"
    )


@pytest.mark.parametrize(
    ("name", "shown"),
    [("x.html.j2", "&lt;b&gt;"), ("x.XML", "&lt;b&gt;"), ("x.md.j2", "<b>"), ("x.j2", "<b>")],
)
def test_what_its_name_calls_html_or_xml_is_escaped(template, name, shown):
    assert shown in template("{% for p in papers %}{{ p.title }}{% endfor %}", name)


def test_a_template_uses_others_beside_it_and_papertracks(template, tmp_path):
    (tmp_path / "other.j2").write_text("beside")
    text = (
        "{% from 'paper.md.j2' import link %}{% include 'other.j2' %} {{ link('a*', 'http://x') }}"
    )
    assert template(text) == r"beside [a\*](http://x)"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n{% for p in papers %}", 2),
        ("\n\n{{ nothing }}", 3),
        ("{% for p in papers %}\n{{ p.titel }}{% endfor %}", 2),
        ("\n{{ ''.__class__.__mro__ }}", 2),
        ("\n{{ papers.gi_frame }}", 2),
        ("\n{{ sections.append(1) }}", 2),
        ("\n{{ 1 / 0 }}", 2),
        ("{% for a in range(10**9) %}{% endfor %}", 1),
        ("\n{% include 'no.j2' %}", 2),
        ("\n{% include '../../etc/passwd' %}", 2),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(template, text, line):
    with pytest.raises(UsageError) as caught:
        template(text)
    assert caught.value.what.endswith(f"own.txt.j2, line {line}")
    assert caught.value.why


def test_a_template_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot read the template"):
        list(from_template(str(tmp_path / "no.j2"), report([])))


def test_a_format_that_nobody_knows_is_refused():
    with pytest.raises(UsageError, match="no such format"):
        render("nope", report([]))


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Installs a package that brings the format "org" with this source."""

    def install(source):
        (tmp_path / "org_format.py").write_text(source)
        known = tmp_path / "org_format-1.0.dist-info"
        known.mkdir()
        (known / "METADATA").write_text("Metadata-Version: 2.1\nName: org-format\nVersion: 1.0\n")
        (known / "entry_points.txt").write_text("[papertrack.exports]\norg = org_format:write\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(__import__("sys").modules, "org_format", raising=False)

    return install


def test_a_further_format_comes_from_an_installed_package(plugin):
    plugin("def write(papers):\n    for one in papers:\n        yield f\"* {one['title']}\\n\"\n")
    assert "".join(render("org", report(entries(TITLES)))) == "* <b>One</b>\n* Two\n"


@pytest.mark.parametrize(
    "source", ["def write(papers): return [1]", "def write(papers): 1 / 0", "import nothing_such"]
)
def test_a_plugin_that_does_not_work_is_told_in_words(plugin, source):
    plugin(source)
    with pytest.raises(UsageError, match="'org' of org-format does not work"):
        list(render("org", report(entries(TITLES))))
