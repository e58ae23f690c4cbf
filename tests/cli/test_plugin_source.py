"""A source of another package works everywhere that a built-in source does."""

import json
import re
from shutil import copytree
from types import SimpleNamespace

import pytest
from program import Program
from pytest_httpserver import HTTPServer
from test_tab_completion import complete
from werkzeug import Response

from papertrack.source_registry import BUILT_IN

SOURCE = '''
import json
import re
from typing import NamedTuple

from papertrack.models import PaperListing, Listing, Observation, Paper, Sighting
from papertrack.sources import Source


class Settings(NamedTuple):
    url: str
    section: str = "all"


class Journal(Source):
    """A journal that lists its papers by day, with upvotes."""

    name = "mine"
    title = "The Journal of Mine"
    short_title = "J. Mine"
    settings_type = Settings
    counted = True

    def __init__(self, settings):
        self.settings = settings

    @staticmethod
    def schema():
        from papertrack.config.shared_types import URL
        from papertrack.config.scalars import TextType

        return {"url": URL, "section": TextType()}

    def listings(self, client, request, now):
        (day,) = request.days
        papers = self._papers(client, now, f"{self.settings.section}/{day}")
        sightings = tuple(paper._replace(listed=PaperListing(self.name, day)) for paper in papers)
        return [Listing(self.name, day, "complete" if sightings else "quiet", sightings)]

    def papers(self, client, ids, now):
        return [paper for id in ids for paper in self._papers(client, now, f"papers/{id}")]

    def _papers(self, client, now, path):
        response = client.get(self.name, f"{self.settings.url}/{path}", {})
        return [
            Sighting(Paper(id, title), self.name, now, None, (Observation(now, upvotes),))
            for id, title, upvotes in json.loads(response.body)
        ]
'''
DAY = "2026-03-31"
TOPICS = "topics: [{name: bees, any: [bee]}]"


def _serve(server):
    """Serve a journal, with papers by path, and Daily Papers with a paper on one day."""
    service = SimpleNamespace(
        url=server.url_for("").rstrip("/"),
        papers={f"/new/{DAY}": [("mine:1", "A bee", 7), ("mine:2", "A wasp", 2)]},
        status=200,
        asked=[],
    )
    daily = {"paper": {"id": "2603.00001", "title": "A daily bee", "upvotes": 3}}

    def answer(request):
        service.asked.append(request.path)
        body = json.dumps(service.papers.get(request.path, []))
        return Response(body, service.status, content_type="application/json")

    def answer_daily(request):
        service.asked.append(request.path)
        has_paper = request.args["date"] == DAY and request.args.get("p", "0") == "0"
        return Response(json.dumps([daily] if has_paper else []), content_type="application/json")

    server.expect_request(re.compile("/(new|papers)/.*")).respond_with_handler(answer)
    server.expect_request("/api/daily_papers").respond_with_handler(answer_daily)
    return service


def _configuration(service, enabled):
    return (
        f"sources:\n  huggingface: {{base_url: '{service.url}'}}\n"
        f"  mine: {{url: '{service.url}', section: new, {enabled}}}\n{TOPICS}\n"
    )


def _with_plugin(program, site):
    """Return a function that runs the program with the package installed."""

    def start(*arguments, env=()):
        return program(*arguments, env={"PYTHONPATH": site, **dict(env)})

    return start


def _fetch(run):
    result = run("fetch", "--since", DAY)
    assert (result.code, result.err) == (
        0,
        "papertrack: 2 listings requested, 3 papers, 3 of them new\n",
    )
    return run


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A site-packages folder with an installed package that provides the source."""
    site = tmp_path_factory.mktemp("site-packages")
    info = site / "papertrack_mine-1.0.dist-info"
    info.mkdir()
    files = {
        "METADATA": "Metadata-Version: 2.1\nName: papertrack-mine\nVersion: 1.0\n",
        "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "entry_points.txt": "[papertrack.sources]\nmine = papertrack_mine:Journal\n",
        "RECORD": "papertrack_mine.py,,\n",
    }
    for name, text in files.items():
        (info / name).write_text(text, encoding="utf-8")
    (site / "papertrack_mine.py").write_text(SOURCE, encoding="utf-8")
    return site


@pytest.fixture
def service(server):
    """The journal and Daily Papers on a local server."""
    return _serve(server)


@pytest.fixture
def run(papertrack, installed, service):
    """The program with the journal and Daily Papers enabled."""
    papertrack.configure(_configuration(service, "enabled: true"))
    return _with_plugin(papertrack, installed)


@pytest.fixture(scope="module")
def stored(tmp_path_factory, installed):
    """The same with a library that has the papers of both sources, for tests that only read."""
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        program = Program(tmp_path_factory.mktemp("stored"))
        program.configure(_configuration(_serve(server), "enabled: true"))
        yield _fetch(_with_plugin(program, installed))


def _ids(result):
    assert result.code == 0, result.err
    return sorted(paper["id"] for paper in json.loads(result.out)["data"])


# Fetching


def test_today_fetches_from_a_plugin_and_shows_only_its_papers(run):
    result = run("today", "--source", "mine", "-f", "json")
    assert set(_ids(result)) == {"mine:1", "mine:2"}
    sources = {source for paper in json.loads(result.out)["data"] for source in paper["sources"]}
    assert sources == {"mine"}


def test_today_names_a_plugin_by_its_title(stored):
    result = stored("today", "--offline", "-f", "md")
    assert "Hugging Face + J. Mine" in result.out


@pytest.mark.parametrize("options", [[], ["--offline"], ["--limit", "1"], ["-t", "bees"]])
def test_today_of_a_source_is_the_same_through_the_fast_path_and_typer(stored, options):
    fast = stored("today", "--source", "mine", "-f", "ids", *options)
    through_typer = stored("today", "--source=mine", "-f", "ids", *options)
    assert fast == through_typer
    assert "mine:1" in fast.out.split()
    assert "2603.00001" not in fast.out.split()


def test_fetch_requests_only_the_plugin(run):
    result = run("fetch", "--source", "mine", "--since", DAY)
    assert (result.code, result.err) == (
        0,
        "papertrack: 1 listing requested, 2 papers, 2 of them new\n",
    )
    assert _ids(run("list", "-f", "json")) == ["mine:1", "mine:2"]


def test_papers_of_a_plugin_whose_ids_are_not_valid_are_skipped_and_named(run, service):
    """An id that is an option would be obeyed by `list -f ids | xargs papertrack star`."""
    bad = [("--library=x", "A bee", 1), ("mine:../x", "A bee", 1)]
    service.papers[f"/new/{DAY}"] = [*bad, ("mine:1", "A bee", 7)]
    result = run("fetch", "--source", "mine", "--since", DAY)
    assert result.code == 0
    assert "skipped paper '--library=x': the id is not valid" in result.err
    assert _ids(run("list", "-f", "json")) == ["mine:1"]
    assert '"partial"' in run("coverage", "--source", "mine", "-f", "json").out


FAULTS = {
    "lists_on": "def lists_on(self, day): return 1 / 0",
    "available_from": "def available_from(self, day): return day",
    "final_after": "def final_after(self, day): raise KeyError(day)",
    "requests": "def requests(self, due, now): return [due, 5]",
    "categories": "categories = (None,)",
    "max_concurrent": "max_concurrent = 'many'",
    "listings": "def listings(self, client, request, now): return ['nothing']",
    "exits": "def listings(self, client, request, now): raise SystemExit(0)",
    "exits at once": "def lists_on(self, day): raise SystemExit(0)",
    "is endless": (
        "def listings(self, client, request, now):\n"
        "        while True: yield Listing('mine', request.days[0], 'complete', ())"
    ),
    "lists endlessly": (
        "def listings(self, client, request, now):\n"
        "        endless = iter(lambda: Sighting(Paper('mine:1', 'T'), 'mine', now), None)\n"
        "        return [Listing('mine', request.days[0], 'complete', endless)]"
    ),
    "texts": (
        "def listings(self, client, request, now):\n"
        "        paper = Paper('mine:1', 5, abstract=b'x')\n"
        "        return [Listing('mine', request.days[0], 'complete', (Sighting(paper, 1, 2),))]"
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_a_plugin_does_the_papers_of_other_sources_are_stored(
    run, papertrack, installed, tmp_path, fault
):
    site = tmp_path / "site"
    copytree(installed, site)
    (site / "papertrack_mine.py").write_text(SOURCE + f"\n    {FAULTS[fault]}\n")
    run = _with_plugin(papertrack, site)
    result = run("fetch", "--since", DAY)
    assert result.code in (0, 3)
    assert result.code == 3 or "skipped paper" in result.err or fault == "final_after"
    assert "Traceback" not in result.err
    if result.code == 3:
        assert re.search("J. Mine: unexpected: [A-Za-z]+(Error|Exit), please report", result.err)
    assert "2603.00001" in run("list", "--all", "-f", "ids").out.split()
    assert run("today", "--offline").code == 0
    assert run("coverage").code == 0


def test_a_text_of_megabytes_is_cut_where_it_enters(run, papertrack):
    long = {"id": "mine:5", "title": "t" * 50_000, "abstract": "word " * 500_000}
    (papertrack.home / "in.jsonl").write_text(json.dumps(long | {"listed": DAY}))
    assert run("import", papertrack.home / "in.jsonl").code == 0
    (paper,) = json.loads(run("list", "--all", "-f", "json").out)["data"]
    assert (len(paper["title"]), len(paper["abstract"])) == (2000, 30_000)


def test_a_dry_run_prints_the_due_days_of_a_plugin(run):
    assert run("fetch", "--source", "mine", "--since", DAY, "--dry-run").out == f"mine\t{DAY}\n"


def test_a_paper_is_fetched_by_id_from_a_plugin(run, service):
    service.papers["/papers/mine:9"] = [("mine:9", "A hornet", 1)]
    result = run("fetch", "mine:9", "--source", "mine")
    assert (result.code, result.err) == (0, "papertrack: 1 paper of 1, 1 new\n")
    assert _ids(run("list", "--source", "mine", "-f", "json")) == ["mine:9"]


def test_a_failing_plugin_is_reported_by_its_title_and_other_sources_continue(run, service):
    service.status = 404
    result = run("today", "-f", "ids")
    assert result.code == 3
    assert result.out.split()[:1] == ["2603.00001"]
    assert result.err.startswith("papertrack: J. Mine: ")


# Reading stored papers


@pytest.mark.parametrize(
    "command",
    [
        ("list", "--source", "mine"),
        ("list", "--source", "mine", "--all"),
        ("trending", "--source", "mine"),
        ("trending", "--source", "mine", "--by", "upvotes"),
        ("search", "source:mine"),
        ("search", "source:MINE"),
        ("search", "-source:huggingface"),
        ("search", 'a source:"mine"'),
        ("export", "--source", "mine"),
        ("export", "--source", "mine", "--search", "-nothing"),
    ],
)
def test_each_command_filters_by_a_plugin(stored, command):
    assert _ids(stored(*command, "-f", "json")) == ["mine:1", "mine:2"]


@pytest.mark.parametrize(
    "command",
    [
        ("list", "--source", "huggingface"),
        ("search", "source:huggingface"),
        ("search", "bee -source:mine"),
        ("export", "--source", "huggingface"),
    ],
)
def test_each_command_filters_by_a_built_in_source(stored, command):
    assert _ids(stored(*command, "-f", "json")) == ["2603.00001"]


def test_a_paper_of_two_sources_is_found_by_either(run, service):
    _fetch(run)
    assert _ids(run("search", "source:mine", "-f", "json")) == ["mine:1", "mine:2"]
    service.papers[f"/new/{DAY}"].append(("2603.00001", "A daily bee", 1))
    assert run("today", "--refresh").code == 0
    assert _ids(run("search", "source:mine source:huggingface", "-f", "json")) == ["2603.00001"]


def test_sources_and_coverage_show_a_plugin_with_its_title_and_days(stored):
    rows = {row["name"]: row for row in json.loads(stored("sources", "-f", "json").out)["data"]}
    row = rows["mine"]
    assert (row["title"], row["enabled"], row["papers"]) == ("The Journal of Mine", True, 2)
    days = json.loads(stored("coverage", "--source", "mine", "-f", "json").out)["data"]
    assert {day["source"] for day in days} == {"mine"}
    assert days[-1] == days[-1] | {"day": DAY, "state": "complete", "papers": 2}
    assert "J. Mine" in stored("coverage", "--source", "mine", "-f", "table").out


def test_show_names_a_plugin_by_its_title(stored):
    assert f"listed by J. Mine {DAY}" in stored("show", "mine:1").out


def test_a_page_names_a_plugin_by_its_title(stored):
    result = stored("export", "-f", "html", "--source", "mine")
    assert result.code == 0
    assert "J. Mine" in result.out


def test_a_listing_of_a_plugin_triggers_an_alert(run, papertrack, service):
    channel = "alerts: {channels: [{name: here, type: stdout}]}\n"
    text = _configuration(service, "enabled: true").replace(
        "[bee]", "[bee], when: [listed on mine]"
    )
    papertrack.configure(text + channel)
    _fetch(run)
    assert run("alert", "--offline").out == "", "papers listed before are not sent"
    service.papers[f"/new/{DAY}"].append(("mine:3", "A new bee", 1))
    assert run("today", "--refresh").code == 0
    result = run("alert", "--offline")
    assert (result.code, result.err) == (0, "")
    assert "A new bee" in result.out


def test_the_configuration_of_a_plugin_is_checked_and_shown_with_its_defaults(
    run, papertrack, service
):
    assert run("config", "check").code == 0
    papertrack.configure(f"sources: {{mine: {{url: '{service.url}'}}}}")
    shown = run("config", "show").out
    assert "  mine:\n    enabled: false  # default\n" in shown
    assert '    section: "all"  # default\n' in shown
    papertrack.configure(f"sources: {{mine: {{url: '{service.url}', sektion: new}}}}")
    result = run("config", "check")
    assert result.code == 2
    assert "sources.mine.sektion" in result.err
    assert 'did you mean "section"?' in result.err


def test_the_names_of_plugins_complete(stored):
    assert complete(stored, "papertrack today --source m") == ["medrxiv", "mine"]


# Not enabled, not installed


def test_a_plugin_that_is_not_enabled_is_not_fetched_from_and_its_papers_are_shown(
    run, papertrack, service
):
    _fetch(run)
    papertrack.configure(_configuration(service, "enabled: false"))
    result = run("today", "--source", "mine")
    assert (result.code, result.out) == (2, "")
    assert "the source 'mine' is not enabled" in result.err
    for command in (["list"], ["trending"], ["today", "--offline"]):
        assert set(_ids(run(*command, "--source", "mine", "-f", "json"))) == {"mine:1", "mine:2"}
    days = json.loads(run("coverage", "--source", "mine", "-f", "json").out)["data"]
    assert [day["state"] for day in days] == ["complete"]


@pytest.mark.parametrize(
    "command",
    [
        ("today", "--source", "minf"),
        ("today", "--source", "minf", "--offline"),
        ("trending", "--source", "minf"),
        ("list", "--source", "minf"),
        ("export", "--source", "minf"),
        ("search", "source:minf"),
        ("coverage", "--source", "minf"),
        ("fetch", "--source", "minf"),
    ],
)
def test_an_unknown_source_is_rejected_with_a_list_of_sources_before_any_request(
    run, service, command
):
    result = run(*command)
    assert (result.code, result.out) == (2, "")
    assert "no such source: 'minf'" in result.err
    assert ", ".join([*BUILT_IN, "mine"]) in result.err
    assert service.asked == []


def test_papers_of_an_uninstalled_plugin_are_kept_and_shown(run, papertrack, service):
    _fetch(run)
    papertrack.ask(service.url)
    result = papertrack("today", "--offline", "-f", "md")
    assert result.code == 0
    assert "Hugging Face + mine" in result.out
    assert "A wasp" in result.out
