"""Templates of readers, and formats of other packages."""

import pytest
from export_reports import entries, report

from papertrack.errors import UsageError
from papertrack.exports import render
from papertrack.exports.templating import built_in, environment
from papertrack.exports.user_templates import render_template_file

TITLES = ("<b>One</b>", "Two")
HELP = "papers have the keys of `papertrack list -f json`; see `papertrack export --help`"


@pytest.fixture
def render_template(tmp_path):
    """Write a template and render two papers with it."""
    # A process caches the templates of a folder, and older versions of pytest use the name of the
    # folder of a test that passed again.
    environment.cache_clear()

    def render_text(text, name="own.txt.j2"):
        (tmp_path / name).write_text(text)
        return "".join(render_template_file(str(tmp_path / name), report(entries(TITLES))))

    return render_text


def test_a_template_has_the_fields_of_papers_and_the_filters_of_papertrack(render_template):
    line = "{{ p.id }} {{ p.title }} {{ p.upvotes }} {{ p.authors | people }}"
    assert (
        render_template(f"{{% for p in papers %}}{line}\n{{% endfor %}}").splitlines()[1]
        == "2603.00001 Two 7 Ada One and Two"
    )


def test_the_lines_and_indents_of_blocks_leave_no_trace(render_template):
    text = "  {% for p in papers %}\n  {{ p.id }}\n  {% endfor %}\nend\n"
    assert render_template(text) == "  2603.00000\n  2603.00001\nend\n"


def test_a_template_has_what_is_known_of_the_report(render_template):
    names = ("command", "generated_at", "headline", "notes", "failures", "sample")
    shown = render_template("".join(f"{name}: {{{{ report.{name} }}}}\n" for name in names))
    expected = report(entries(TITLES))
    assert shown.splitlines()[0] == f"command: {expected.command}"
    assert shown.splitlines()[2:3] + shown.splitlines()[-1:] == [
        f"headline: {expected.headline}",
        f"sample: {expected.sample}",
    ]


@pytest.mark.parametrize("name", ["came", "moment", "paper_mark"])
def test_the_filters_of_earlier_releases_still_work(name):
    assert name in built_in("text.txt.j2").environment.filters


@pytest.mark.parametrize(
    ("name", "title"),
    [("x.html.j2", "&lt;b&gt;"), ("x.XML", "&lt;b&gt;"), ("x.md.j2", "<b>"), ("x.j2", "<b>")],
)
def test_a_template_named_html_or_xml_escapes_its_values(render_template, name, title):
    assert title in render_template("{% for p in papers %}{{ p.title }}{% endfor %}", name)


def test_a_template_includes_templates_of_its_folder_and_of_papertrack(render_template, tmp_path):
    (tmp_path / "other.j2").write_text("beside")
    text = (
        "{% from 'paper.md.j2' import link %}{% include 'other.j2' %} {{ link('a*', 'http://x') }}"
    )
    assert render_template(text) == r"beside [a\*](http://x)"


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
        ("\n{% include '/etc/hostname' %}", 2),
        ("\n{% include 'own.txt.j2' %}", 2),
        ("\n{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", 2),
    ],
)
def test_an_error_in_a_template_is_reported_with_file_and_line(render_template, text, line):
    with pytest.raises(UsageError) as caught:
        render_template(text)
    assert caught.value.what.startswith("error in the template /")
    assert caught.value.what.endswith(f"/own.txt.j2, line {line}")
    assert caught.value.why
    assert caught.value.next_step == HELP


def test_a_template_includes_files_below_its_folder_and_nothing_else(render_template, tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "head.j2").write_text("head")
    (tmp_path / "alias.j2").symlink_to("parts/head.j2")
    assert render_template("{% include 'parts/head.j2' %} {% include 'alias.j2' %}") == "head head"
    environment.cache_clear()
    (tmp_path / "passwords.j2").symlink_to("/etc/passwd")
    (tmp_path / "etc").symlink_to("/etc")
    for name in ("passwords.j2", "etc/passwd"):
        with pytest.raises(UsageError, match="error in the template") as caught:
            render_template(f"{{% include '{name}' %}}")
        assert caught.value.why == f"{name} is not below the folder of the template"
        environment.cache_clear()


def test_loops_that_would_never_end_are_an_error(render_template, tmp_path):
    environment(str(tmp_path)).most_rounds = 1000
    assert render_template("{% for a in range(900) %}{% endfor %}") == ""
    text = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    with pytest.raises(UsageError, match="error in the template") as caught:
        render_template(text, "nested.txt.j2")
    assert caught.value.why == "its loops have more than 1,000 rounds"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "nested too deeply"),
        ("{% if 1 %}" * 2000, "its blocks or brackets are nested too deeply"),
        ("x" * (2**20 + 1), "own.txt.j2 is larger than 1,048,576 bytes"),
    ],
)
def test_a_template_that_is_too_deep_or_too_long_is_reported(render_template, text, why):
    with pytest.raises(UsageError, match="cannot read the template") as caught:
        render_template(text)
    assert caught.value.exit_code == 2
    assert caught.value.why.endswith(why)
    assert len(caught.value.lines()) <= 3


def test_a_template_of_the_largest_size_is_rendered(render_template):
    assert len(render_template("x" * 2**20)) == 2**20


def test_a_missing_template_is_reported(tmp_path):
    with pytest.raises(UsageError) as caught:
        list(render_template_file(str(tmp_path / "no.j2"), report([])))
    assert caught.value.what == f"cannot read the template {tmp_path}/no.j2"
    assert caught.value.why == "no such file"


def test_an_unknown_format_is_refused():
    with pytest.raises(UsageError) as caught:
        render("nope", report([]))
    assert caught.value.what == "no such format: 'nope'"
    assert caught.value.next_step == "`papertrack export --list-formats` shows all"


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Install a package that provides the format "org" with this source."""

    def install(source):
        (tmp_path / "org_format.py").write_text(source)
        metadata = tmp_path / "org_format-1.0.dist-info"
        metadata.mkdir()
        fields = "Metadata-Version: 2.1\nName: org-format\nVersion: 1.0\n"
        (metadata / "METADATA").write_text(fields)
        (metadata / "entry_points.txt").write_text("[papertrack.exports]\norg = org_format:write\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(__import__("sys").modules, "org_format", raising=False)

    return install


def test_an_installed_package_adds_a_format(plugin):
    plugin("def write(papers):\n    for p in papers:\n        yield f\"* {p['title']}\\n\"\n")
    assert "".join(render("org", report(entries(TITLES)))) == "* <b>One</b>\n* Two\n"


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("def write(papers): return [1]", "TypeError: it returned int instead of text"),
        ("def write(papers): 1 / 0", "ZeroDivisionError: "),
        ("import nothing_such", "ModuleNotFoundError: "),
        ("def write(papers): raise ValueError('x\\n' * 500)", "ValueError: x x x"),
    ],
)
def test_a_plugin_that_fails_is_reported_with_its_package(plugin, source, why):
    plugin(source)
    with pytest.raises(UsageError) as caught:
        list(render("org", report(entries(TITLES))))
    assert caught.value.what == "the format 'org' of org-format does not work"
    assert caught.value.why.startswith(why)
    assert len(caught.value.why) <= 200
    assert caught.value.next_step == (
        "update org-format; its entry point of papertrack.exports is org_format:write"
    )
