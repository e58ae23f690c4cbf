"""A source of another package works wherever a built-in source does."""

import json
import re
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

from papertrack.models import Listed, Listing, Observation, Paper, Sighting
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
        from papertrack.config.kinds import URL
        from papertrack.config.scalars import TextType

        return {"url": URL, "section": TextType()}

    def listings(self, client, ask, now):
        (day,) = ask.days
        found = self._papers(client, now, f"{self.settings.section}/{day}")
        sightings = tuple(one._replace(listed=Listed(self.name, day)) for one in found)
        return [Listing(self.name, day, "complete" if sightings else "quiet", sightings)]

    def papers(self, client, ids, now):
        return [one for id in ids for one in self._papers(client, now, f"papers/{id}")]

    def _papers(self, client, now, path):
        answer = client.get(self.name, f"{self.settings.url}/{path}", {})
        return [
            Sighting(Paper(id, title), self.name, now, None, (Observation(now, upvotes),))
            for id, title, upvotes in json.loads(answer.body)
        ]
'''
DAY = "2026-03-31"
TOPICS = "topics: [{name: bees, any: [bee]}]"


def _serve(server):
    """Let a server be a journal, with papers by path, and Daily Papers with one paper of a day."""
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
        here = request.args["date"] == DAY and request.args.get("p", "0") == "0"
        return Response(json.dumps([daily] if here else []), content_type="application/json")

    server.expect_request(re.compile("/(new|papers)/.*")).respond_with_handler(answer)
    server.expect_request("/api/daily_papers").respond_with_handler(answer_daily)
    return service


def _configuration(service, enabled):
    return (
        f"sources:\n  huggingface: {{base_url: '{service.url}'}}\n"
        f"  mine: {{url: '{service.url}', section: new, {enabled}}}\n{TOPICS}\n"
    )


def _with_plugin(program, site):
    """The program where that package is installed."""

    def start(*arguments, env=()):
        return program(*arguments, env={"PYTHONPATH": site, **dict(env)})

    return start


def _fetch(run):
    done = run("fetch", "--since", DAY)
    assert (done.code, done.err) == (0, "papertrack: 2 listings asked, 3 papers, 3 of them new\n")
    return run


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder into which an installer has put a package with that source."""
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
    """Both services."""
    return _serve(server)


@pytest.fixture
def run(papertrack, installed, service):
    """The program where that source is enabled beside Daily Papers."""
    papertrack.configure(_configuration(service, "enabled: true"))
    return _with_plugin(papertrack, installed)


@pytest.fixture(scope="module")
def stored(tmp_path_factory, installed):
    """The same over a library with what both list on a day, which tests only read."""
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        program = Program(tmp_path_factory.mktemp("stored"))
        program.configure(_configuration(_serve(server), "enabled: true"))
        yield _fetch(_with_plugin(program, installed))


def _ids(done):
    assert done.code == 0, done.err
    return sorted(paper["id"] for paper in json.loads(done.out)["data"])


# Getting papers


def test_today_asks_a_plugin_and_shows_only_its_papers(run):
    done = run("today", "--source", "mine", "-f", "json")
    assert set(_ids(done)) == {"mine:1", "mine:2"}
    sources = {source for paper in json.loads(done.out)["data"] for source in paper["sources"]}
    assert sources == {"mine"}


def test_today_names_a_plugin_by_its_title(stored):
    done = stored("today", "--offline", "-f", "md")
    assert "Hugging Face + J. Mine" in done.out


@pytest.mark.parametrize("more", [[], ["--offline"], ["--limit", "1"], ["-t", "bees"]])
def test_today_of_one_source_is_the_same_through_either_lane(stored, more):
    quick = stored("today", "--source", "mine", "-f", "ids", *more)
    typed = stored("today", "--source=mine", "-f", "ids", *more)
    assert quick == typed
    assert "mine:1" in quick.out.split()
    assert "2603.00001" not in quick.out.split()


def test_fetch_asks_only_the_plugin(run):
    done = run("fetch", "--source", "mine", "--since", DAY)
    assert (done.code, done.err) == (0, "papertrack: 1 listing asked, 2 papers, 2 of them new\n")
    assert _ids(run("list", "-f", "json")) == ["mine:1", "mine:2"]


def test_fetch_says_which_days_of_a_plugin_are_due(run):
    assert run("fetch", "--source", "mine", "--since", DAY, "--dry-run").out == f"mine\t{DAY}\n"


def test_fetch_gets_a_single_paper_from_a_plugin(run, service):
    service.papers["/papers/mine:9"] = [("mine:9", "A hornet", 1)]
    done = run("fetch", "mine:9", "--source", "mine")
    assert (done.code, done.err) == (0, "papertrack: 1 paper of 1, 1 new\n")
    assert _ids(run("list", "--source", "mine", "-f", "json")) == ["mine:9"]


def test_a_plugin_that_fails_is_named_by_its_title_and_stops_no_other(run, service):
    service.status = 404
    done = run("today", "-f", "ids")
    assert done.code == 3
    assert done.out.split()[:1] == ["2603.00001"]
    assert done.err.startswith("papertrack: J. Mine: ")


# Reading what is stored


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
def test_each_command_narrows_to_the_papers_of_a_plugin(stored, command):
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
def test_each_command_narrows_to_the_papers_of_a_built_in_source(stored, command):
    assert _ids(stored(*command, "-f", "json")) == ["2603.00001"]


def test_a_paper_that_a_second_source_lists_is_found_by_both(run, service):
    _fetch(run)
    assert _ids(run("search", "source:mine", "-f", "json")) == ["mine:1", "mine:2"]
    service.papers[f"/new/{DAY}"].append(("2603.00001", "A daily bee", 1))
    assert run("today", "--refresh").code == 0
    assert _ids(run("search", "source:mine source:huggingface", "-f", "json")) == ["2603.00001"]


def test_sources_and_coverage_show_a_plugin_with_its_title_and_days(stored):
    found = {one["name"]: one for one in json.loads(stored("sources", "-f", "json").out)["data"]}
    mine = found["mine"]
    assert (mine["title"], mine["enabled"], mine["papers"]) == ("The Journal of Mine", True, 2)
    days = json.loads(stored("coverage", "--source", "mine", "-f", "json").out)["data"]
    assert {one["source"] for one in days} == {"mine"}
    assert days[-1] == days[-1] | {"day": DAY, "state": "complete", "papers": 2}
    assert "J. Mine" in stored("coverage", "--source", "mine", "-f", "table").out


def test_show_names_a_plugin_by_its_title(stored):
    assert f"listed by J. Mine {DAY}" in stored("show", "mine:1").out


def test_a_page_names_a_plugin_by_its_title(stored):
    done = stored("export", "-f", "html", "--source", "mine")
    assert done.code == 0
    assert "J. Mine" in done.out


def test_alerts_happen_where_a_plugin_lists_a_paper(run, papertrack, service):
    channel = "alerts: {channels: [{name: here, type: stdout}]}\n"
    text = _configuration(service, "enabled: true").replace(
        "[bee]", "[bee], when: [listed on mine]"
    )
    papertrack.configure(text + channel)
    _fetch(run)
    assert run("alert", "--offline").out == "", "what is listed already is not sent"
    service.papers[f"/new/{DAY}"].append(("mine:3", "A new bee", 1))
    assert run("today", "--refresh").code == 0
    done = run("alert", "--offline")
    assert (done.code, done.err) == (0, "")
    assert "A new bee" in done.out


def test_the_configuration_of_a_plugin_is_checked_and_shown_with_its_defaults(
    run, papertrack, service
):
    assert run("config", "check").code == 0
    papertrack.configure(f"sources: {{mine: {{url: '{service.url}'}}}}")
    shown = run("config", "show").out
    assert "  mine:\n    enabled: false  # default\n" in shown
    assert '    section: "all"  # default\n' in shown
    papertrack.configure(f"sources: {{mine: {{url: '{service.url}', sektion: new}}}}")
    done = run("config", "check")
    assert done.code == 2
    assert "sources.mine.sektion" in done.err
    assert 'did you mean "section"?' in done.err


def test_the_names_of_plugins_complete(stored):
    assert complete(stored, "papertrack today --source m") == ["medrxiv", "mine"]


# Not enabled, not installed


def test_a_plugin_that_is_not_enabled_is_not_asked_and_its_papers_are_still_shown(
    run, papertrack, service
):
    _fetch(run)
    papertrack.configure(_configuration(service, "enabled: false"))
    done = run("today", "--source", "mine")
    assert (done.code, done.out) == (2, "")
    assert "the source 'mine' is not enabled" in done.err
    for command in (["list"], ["trending"], ["today", "--offline"]):
        assert set(_ids(run(*command, "--source", "mine", "-f", "json"))) == {"mine:1", "mine:2"}
    days = json.loads(run("coverage", "--source", "mine", "-f", "json").out)["data"]
    assert [one["state"] for one in days] == ["complete"]


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
def test_a_source_that_nothing_provides_is_refused_with_all_there_are_before_any_is_asked(
    run, service, command
):
    done = run(*command)
    assert (done.code, done.out) == (2, "")
    assert "no such source: 'minf'" in done.err
    assert ", ".join([*BUILT_IN, "mine"]) in done.err
    assert service.asked == []


def test_papers_of_a_package_that_was_removed_are_kept_and_named(run, papertrack, service):
    _fetch(run)
    papertrack.ask(service.url)
    done = papertrack("today", "--offline", "-f", "md")
    assert done.code == 0
    assert "Hugging Face + mine" in done.out
    assert "A wasp" in done.out
