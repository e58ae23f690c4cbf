"""Templates of readers, and formats of other packages."""

import os
from itertools import repeat
from queue import Empty, Queue
from threading import Event

import pytest
from export_reports import entries, report

from papertrack.errors import UsageError
from papertrack.exports import render
from papertrack.exports.plugin_format import PluginFormat
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


LONG = "{% set x = 'word ' * 200000 %}"
DOUBLED = "{% set n = namespace(x='x', l=[1], y=9) %}{% for i in range(60) %}"
RECURSION = "recursion"  # in the words of Python
ENDLESS = {
    "its loops and filters would take too long": {
        "loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "lists": "{% for a in range(99999) %}{{ range(99999)|list|length }}{% endfor %}",
        "recursive loop": (
            "{% for a in range(9999) recursive %}"
            "{{ loop(range(9999)) if loop.depth < 9 }}{% endfor %}"
        ),
        "calls": "{% macro m(n) %}{{ (m(n-1), m(n-1)) if n }}{% endmacro %}{{ m(90) }}",
        "methods": LONG + "{% for a in range(9999) %}{% set y = x.upper() %}{% endfor %}",
        "text in a loop": "{% for a in range(99999) %}" + "x" * 50000 + "{% endfor %}",
        "wordwraps": LONG + "{% for a in range(999) %}{{ x|wordwrap(9) }}{% endfor %}",
        "map": LONG + "{{ range(999)|map('replace', 0, x)|map('tag')|list }}",
        "doubled": DOUBLED + "{% set n.x = n.x ~ n.x %}{% endfor %}",
        "doubled sum": DOUBLED + "{% set n.x = n.x + n.x %}{% endfor %}",
        "doubled block": (
            DOUBLED + "{% set y %}{{ n.x }}{{ n.x }}{% endset %}{% set n.x = y %}{% endfor %}"
        ),
    },
    "a text or a list is too long": {
        "indent": "{{ ('a\n' * 99999)|indent(99999) }}",
        "indent by text": LONG + "{{ ('a\n' * 99999)|indent(x) }}",
        "repeated list": LONG + "{{ ([x] * 9999)|sort|length }}",
        "join": LONG + "{{ range(99999)|join(x) }}",
        "join of a text": LONG + "{{ x.join(range(9)|map('string')|list * 999) }}",
        "replace": LONG + "{{ x|replace('w', x)|length }}",
        "product": "{{ ('x' * 10000000000)|length }}",
        "many in a format": LONG + "{{ ('%s' * 9999) % ((x,) * 9999) }}",
        "doubled list": DOUBLED + "{% set n.l = [n.l, n.l] %}{% endfor %}{{ n.l }}",
        "doubled mapping": DOUBLED
        + "{% set n.l = dict(a=n.l, b=n.l) %}{% endfor %}{{ n.l|tojson }}",
    },
    "a text is too long for wordwrap()": {
        "wordwrap": "{{ ('a' * 999999)|wordwrap(1) }}",
    },
    "a text is too long for striptags()": {
        "striptags": "{{ ('<a>' * 999999)|striptags }}",
    },
    "sum() adds only numbers": {
        "sum": "{{ ([[1] * 999] * 9999)|sum(start=[])|length }}",
    },
    "a number is over 100,000": {
        "fill": "{{ [1]|batch(1000000000, 0)|list|length }}",
        "slice": "{{ [1]|slice(1000000000, 0)|list|length }}",
        "round": "{{ 1.5|round(1000000000, 'ceil') }}",
        "tojson": "{{ [1]|tojson(indent=1000000000) }}",
        "center": "{{ 'x'|center(1000000000)|length }}",
        "method": "{{ 'x'.center(1000000000)|length }}",
        "bytes": "{{ (1).to_bytes(1000000000)|length }}",
    },
    "a number is too large": {
        "power": "{{ 9 ** (9 ** 9) }}",
        "number": DOUBLED + "{% set n.y = n.y * n.y %}{% endfor %}",
    },
    "a format is too wide, or its width is not a number": {
        "width": "{{ '%5000000000d' % 1 }}",
        "width as argument": "{{ '%*d' % (5000000000, 1) }}",
        "width in a format": "{{ '{:{}}'.format(1, 5000000000) }}",
    },
    RECURSION: {
        "includes": "{% for i in range(99999) %}{% include 'own.txt.j2' %}{% endfor %}",
    },
    "a text is too long": {
        "copies in a format": LONG + "{{ '%s%s%s%s%s%s%s%s' % ((x,) * 8) }}",
    },
}


@pytest.mark.parametrize(
    ("why", "text"),
    [
        pytest.param(why, text, id=name)
        for why, texts in ENDLESS.items()
        for name, text in texts.items()
    ],
)
def test_a_template_that_would_never_end_or_fill_the_memory_is_an_error(
    render_template, tmp_path, why, text
):
    environment(os.path.realpath(tmp_path / "own.txt.j2")).most_steps = 2_000_000
    with pytest.raises(UsageError, match="error in the template") as caught:
        render_template(text)
    assert caught.value.why == why or (why == RECURSION and "recursion" in caught.value.why)


def test_the_filters_of_jinja_work_on_what_papers_have(render_template):
    lines = {
        "{{ p.title|indent(2)|center(9)|trim|upper }}": "TWO",
        "{{ p.authors|join(', ')|replace('Ada', 'A.')|truncate(40) }}": "A. One, Two",
        "{{ p.authors|map('lower')|select('ne', 'x')|list|batch(9)|first }}": (
            "['ada one', 'two']"
        ),
        "{{ '%-5s|%3d' % (p.id[:4], 7) }}{{ '{:,}'.format(1234567) }}": "2603 |  71,234,567",
        "{{ p.title ~ ' ' * 2 ~ 2 ** 3 * 2 + 1 ~ (5 % 3) }}": "Two  1612",
        "{{ [3, 1]|sort|sum }} {{ (7 / 2)|round(1) }} {{ p.missing|default(1000000000) }}": (
            "4 3.5 1000000000"
        ),
        "{% for a in p.authors recursive %}{{ a }}{{ loop(['!']) if a != '!' }}{% endfor %}.": (
            "Ada One!Two!."
        ),
    }
    for text, expected in lines.items():
        shown = render_template(f"{{% for p in papers %}}{text}\n{{% endfor %}}")
        environment.cache_clear()
        assert shown.splitlines()[1] == expected


def test_the_limit_of_a_template_grows_with_the_papers(tmp_path):
    (tmp_path / "own.txt.j2").write_text(
        "{% for p in papers %}{% for i in range(999) %}{{ loop.index }}{% endfor %}{% endfor %}"
    )
    path = str(tmp_path / "own.txt.j2")
    environment(os.path.realpath(path)).most_steps = 1000
    assert len("".join(render_template_file(path, report(entries(TITLES))))) == 2 * 2889
    environment.cache_clear()


def test_hidden_files_below_the_folder_of_a_template_are_not_included(render_template, tmp_path):
    """The folder may be the home folder, in which programs keep their secrets."""
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "config").write_text("secret")
    (tmp_path / ".netrc").write_text("secret")
    (tmp_path / "alias").symlink_to(".ssh")
    for name in (".ssh/config", ".netrc", "./.netrc", "alias/config"):
        with pytest.raises(UsageError, match="error in the template") as caught:
            render_template(f"{{% include '{name}' %}}")
        assert caught.value.why == f"{name} is hidden, so it is not included"
        environment.cache_clear()
    assert render_template("{{ papers|first|length > 9 }}", ".hidden.j2") == "True"


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


class Hanging:
    """An entry point whose function never ends, does so only after a paper, or writes for ever."""

    def __init__(self, write):
        self.load = lambda: write


def test_a_format_of_a_plugin_that_never_ends_is_given_up():
    released = Event()
    try:
        for write in (
            lambda _: released.wait(),
            lambda papers: released.wait(next(papers)["id"]),
        ):
            with pytest.raises((TimeoutError, TypeError)):
                list(PluginFormat(Hanging(write), 0.05).render(iter([{"id": None}])))
    finally:
        released.set()


def test_a_plugin_has_a_minute_for_each_step(monkeypatch):
    waits = []

    class WithoutSteps(Queue):
        def get(self, timeout):
            waits.append(timeout)
            raise Empty

    monkeypatch.setattr("papertrack.exports.plugin_format.Queue", WithoutSteps)
    with pytest.raises(TimeoutError, match=r"^it did nothing for 60 seconds$"):
        list(PluginFormat(Hanging(list)).render(iter(())))
    assert waits == [60]


def test_a_format_of_a_plugin_that_writes_without_end_is_given_up():
    endless = PluginFormat(Hanging(lambda _: repeat("x" * 2**20)))
    with pytest.raises(ValueError, match="without end"):
        for _ in endless.render(iter(())):
            pass
