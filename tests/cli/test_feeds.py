"""Feeds as sources, and the command `feeds`."""

import json

import pytest
from werkzeug import Response

ITEM = "<item><title>{title}</title><link>{link}</link><pubDate>{day}</pubDate>{more}</item>"
TITLE = "Graph networks for the rest of us"
HUGGING_FACE = [{"id": "2603.00001", "title": TITLE, "listed": "2026-03-30"}]


def item(title, link="https://lab.example.org/1", day="Tue, 31 Mar 2026 08:00:00 GMT", more=""):
    return ITEM.format(title=title, link=link, day=day, more=more)


@pytest.fixture
def lab(papertrack, server):
    """A reader of a feed named lab, whose entries are in `lab.items`; `lab.asked` are requests."""

    def respond(request):
        papertrack.asked.append((papertrack.now, request.headers.get("If-None-Match")))
        body = f"<rss version='2.0'><channel>{''.join(papertrack.items)}</channel></rss>"
        etag = f'"{len(papertrack.items)}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304)
        return Response(body, headers={"ETag": etag}, content_type="application/rss+xml")

    papertrack.items, papertrack.asked = [item("A short title")], []
    papertrack.url = server.url_for("/lab.xml")
    server.expect_request("/lab.xml").respond_with_handler(respond)
    feeds = f"[{{name: lab, url: {papertrack.url}}}]"
    papertrack.configure(f"sources: {{huggingface: {{enabled: false}}, feeds: {feeds}}}")
    return papertrack


def ids(run):
    assert run.code == 0, run.err
    return run.out.split()


def states(program):
    rows = json.loads(program("coverage", "-f", "json").out)["data"]
    return {row["day"][-5:]: row["state"] for row in rows if row["source"] == "lab"}


def test_a_feed_is_a_source_by_its_name_in_every_command(lab):
    lab.items.append(item("Of arXiv", "https://arxiv.org/abs/2603.00001"))
    lab("fetch")
    both = set(ids(lab("list", "--all", "-f", "ids")))
    assert len(both) == 2
    for words in (
        ("today", "--source", "lab", "--offline"),
        ("search", "source:lab"),
        ("list", "source:lab", "--all"),
    ):
        assert set(ids(lab(*words, "-f", "ids"))) == both, words
    assert lab("trending", "--source", "lab", "-f", "ids").code == 0
    exported = lab("export", "--source", "lab", "--all", "-f", "json")
    assert len(json.loads(exported.out)["data"]) == 2, exported
    row = next(
        row for row in json.loads(lab("sources", "-f", "json").out)["data"] if row["name"] == "lab"
    )
    assert (row["enabled"], row["papers"]) == (True, 2)
    assert states(lab)["03-31"] == "complete"
    assert "valid" in lab("config", "check").out
    assert lab("today", "--source", "laboratory").code == 2


def test_an_unchanged_feed_is_not_sent_again_and_its_new_days_are_quiet(lab):
    lab("fetch")
    lab.now = "2026-04-02T18:00:00Z"
    assert lab("fetch").code == 0
    assert [etag for _, etag in lab.asked] == [None, '"1"']
    assert states(lab) == {"03-31": "complete", "04-01": "quiet", "04-02": "quiet"}


def test_a_validator_is_not_sent_to_another_address(lab, server):
    lab("fetch")
    server.expect_request("/moved.xml").respond_with_data(
        f"<rss version='2.0'><channel>{item('Moved')}</channel></rss>"
    )
    lab.configure(
        "sources: {huggingface: {enabled: false},"
        f" feeds: [{{name: lab, url: {lab.url.replace('lab.xml', 'moved.xml')}}}]}}"
    )
    lab.now = "2026-03-31T20:00:00Z"
    lab("fetch")
    assert "Moved" in lab("list", "--all", "-f", "plain").out
    (request, _) = server.log[-1]
    assert "If-None-Match" not in request.headers


def test_the_day_on_which_a_feed_ends_is_not_covered(lab):
    """Some of its entries may have left the page."""
    day = "Sun, 29 Mar 2026 08:00:00 GMT"
    lab.items.append(item("Old", "https://lab.example.org/old", day))
    lab("fetch")
    assert len(ids(lab("list", "--all", "-f", "ids"))) == 2
    assert states(lab) == {"03-30": "quiet", "03-31": "complete"}


def test_an_entry_stays_on_the_day_on_which_it_was_first_listed(lab):
    lab.items = [item("Undated", day="")]
    lab("fetch")
    lab.items = [item("Undated", day="Thu, 02 Apr 2026 08:00:00 GMT"), item("B", "https://x.org/b")]
    lab.now = "2026-04-02T18:00:00Z"
    lab("fetch")
    papers = json.loads(lab("list", "--all", "-f", "json").out)["data"]
    assert {paper["title"]: paper["listed"]["lab"] for paper in papers} == {
        "Undated": "2026-03-31",
        "B": "2026-03-31",
    }


def import_papers(program, rows):
    file = program.home / "papers.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert program("import", file).code == 0


@pytest.mark.parametrize("feed_first", [True, False])
def test_an_entry_with_the_title_of_a_paper_is_that_paper(lab, feed_first):
    lab.items = [item(f"<![CDATA[<i>{TITLE.upper()}</i>]]>")]
    steps = [lambda: lab("fetch"), lambda: import_papers(lab, HUGGING_FACE)]
    for step in steps if feed_first else reversed(steps):
        step()
    (paper,) = json.loads(lab("list", "--all", "-f", "json").out)["data"]
    assert paper["id"] == "2603.00001"
    assert paper["listed"]["lab"] == "2026-03-31"
    lab.now = "2026-03-31T20:00:00Z"
    lab.items.append(item("Another", "https://lab.example.org/2"))
    lab("fetch")
    assert len(ids(lab("list", "--all", "-f", "ids"))) == 1 + 1
    assert "no problems" in lab("library", "verify").err


def test_a_title_that_a_feed_gives_to_several_entries_names_no_paper(lab):
    lab.items = [item(TITLE, f"https://lab.example.org/{n}") for n in range(2)]
    lab("fetch")
    import_papers(lab, HUGGING_FACE)
    assert len(ids(lab("list", "--all", "-f", "ids"))) == 3


def test_an_exported_feed_is_read_with_the_same_ids_and_days(lab, papertrack, server, tmp_path):
    rows = [
        {"id": "2603.00001", "title": "One", "listed": "2026-03-31", "categories": ["cs.CL"]},
        {"id": "doi:10.1/x", "title": "Two", "listed": {"import": "2026-03-30"}},
        {"id": "cran:12", "title": "Three & <b>", "listed": {"import": "2026-03-29"}},
        {"id": "hep-th/9901001", "title": "Four", "listed": {"import": "2026-03-28"}},
    ]
    import_papers(lab, rows)
    lab("fetch")
    written = ids(lab("list", "--all", "-f", "ids"))
    body = lab.bytes("export", "--all", "-f", "atom").stdout
    server.expect_request("/group.atom").respond_with_data(body)
    group = type(papertrack)(tmp_path / "group")
    group.configure(
        "sources: {huggingface: {enabled: false},"
        f" feeds: [{{name: group, url: {server.url_for('/group.atom')}}}]}}"
    )
    assert group("fetch").code == 0
    papers = json.loads(group("list", "--all", "-f", "json").out)["data"]
    assert {paper["id"] for paper in papers} == set(written)
    listed = {paper["id"]: paper["listed"]["group"] for paper in papers}
    assert {key: listed[key] for key in ("2603.00001", "cran:12")} == {
        "2603.00001": "2026-03-31",
        "cran:12": "2026-03-29",
    }
    assert next(p["title"] for p in papers if p["id"] == "cran:12") == "Three & <b>"


def test_a_topic_may_wait_for_the_listing_in_a_feed(lab):
    lab.configure(
        f"sources: {{feeds: [{{name: lab, url: {lab.url}}}]}}\n"
        "topics: [{name: g, any: [graph], when: [listed on lab]}]"
    )
    assert lab("config", "check").code == 0


def test_without_feedparser_the_message_says_how_to_install_it(lab):
    hidden = lab.home / "hidden"
    hidden.mkdir()
    (hidden / "feedparser.py").write_text("raise ImportError('hidden')")
    run = lab("today", "-f", "json", env={"PYTHONPATH": str(hidden)})
    assert run.code == 4
    assert json.loads(run.out)["errors"][0]["kind"] == "missing-package"
    assert "pip install 'papertrack-cli[feeds]'" in run.err
    added = lab("feeds", "add", "other", "https://x.org/a", env={"PYTHONPATH": str(hidden)})
    assert (added.code, "papertrack-cli[feeds]" in added.err) == (0, True)
    assert "other" in lab("feeds", "list").out
    assert "papertrack-cli[feeds]" not in lab("feeds", "remove", "other").err


@pytest.mark.parametrize(
    ("feeds", "problem"),
    [
        ("[{name: arxiv, url: 'https://x.org/'}]", "the name of another source"),
        ("[{name: Lab, url: 'https://x.org/'}]", "name: is not a name"),
        ("[{name: -rf, url: 'https://x.org/'}]", "name: is not a name"),
        ("[{name: a, url: 'file:///etc/passwd'}]", "url: is not a web address"),
        ("[{name: a, url: 'javascript:x'}]", "url: is not a web address"),
        ("[{name: a, url: 'https://x.org/', every: minute}]", 'every: "minute" is not a valid'),
        ("[{name: a, url: 'https://x.org/'}, {name: a, url: 'https://y.org/'}]", "already used"),
        ("[{url: 'https://x.org/'}]", "name: is missing"),
        ("{name: a}", "not a list"),
    ],
)
def test_a_mistake_in_a_feed_is_reported_with_its_line(papertrack, feeds, problem):
    papertrack.configure(f"sources:\n  feeds: {feeds}")
    run = papertrack("config", "check")
    assert run.code == 2
    assert "line 2" in run.err
    assert problem in run.err


def test_a_secret_in_the_address_of_a_feed_is_not_shown(papertrack):
    papertrack.configure("sources: {feeds: [{name: a, url: 'https://u:pw@x.org/f?a=b&token=s3'}]}")
    shown = papertrack("config", "show").out
    assert "https://***@x.org/f?a=b&token=***" in shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sources:\n  huggingface: {enabled: true}  # all of it\n  # the end\n\ntopics: []\n",
        "sources: {huggingface: {enabled: false}}\n",
        "sources:\n  feeds:  # none yet\n  arxiv: {enabled: false}\n",
        "sources:\r\n  feeds:\r\n    - name: b  # first\r\n      url: https://b.org/\r\n",
        "sources: {feeds: [{name: b, url: 'https://b.org/'}]}  # one\n",
        None,
    ],
)
def test_adding_a_feed_and_removing_it_leaves_the_rest_of_the_file(papertrack, text):
    path = papertrack.home / "edited.yaml"
    if text is not None:
        path.write_bytes(text.encode())
    url = "https://a.org/f?x=1&y=%20#"[:-1]
    added = papertrack("--config", path, "feeds", "add", "lab", url, "--every", "day")
    assert added.code == 0, added.err
    after = path.read_bytes().decode()
    comments = [line.partition("#")[2] for line in (text or "").splitlines() if "#" in line]
    assert all(f"#{comment}" in after for comment in comments)
    listed = papertrack("--config", path, "feeds", "list", "-f", "plain").out
    assert f"lab\t{url}\tday\n" in listed
    undo = papertrack("--config", path, "feeds", "remove", "lab")
    assert "feeds add lab" in undo.err
    assert "lab\t" not in papertrack("--config", path, "feeds", "list", "-f", "plain").out
    assert papertrack("--config", path, "config", "check").code == 0


def test_feeds_go_to_other_readers_and_come_back_as_opml(papertrack):
    one, other = papertrack.home / "one.yaml", papertrack.home / "other.yaml"
    papertrack("--config", one, "feeds", "add", "lab", "https://a.org/f?x=1&y=<2>")
    papertrack("--config", one, "feeds", "add", "b", "https://b.org/")
    file = papertrack.home / "feeds.opml"
    file.write_bytes(papertrack.bytes("--config", one, "feeds", "export").stdout)
    for count in ("2 feeds added", "0 feeds added, 2 known already"):
        run = papertrack("--config", other, "feeds", "import", file)
        assert (run.code, count in run.err) == (0, True), run.err
    lists = [papertrack("--config", each, "feeds", "list").out for each in (one, other)]
    assert lists[0] == lists[1] != ""


def test_a_list_of_another_reader_is_imported_without_what_is_no_feed(papertrack):
    path, file = papertrack.home / "c.yaml", papertrack.home / "list.opml"
    file.write_text(
        "<opml version='1.0'><body><outline text='Folder'>"
        "<outline text='Über Süß: The Lab!' xmlUrl='https://a.org/'/>"
        "<outline title='arxiv' xmlUrl='https://b.org/'/>"
        "<outline text='1&#x202E;' xmlUrl='https://c.org/'/>"
        "<outline text='Same' xmlUrl='https://a.org/'/>"
        "<outline text='Bad' xmlUrl='javascript:alert(1)'/>"
        "<outline text='--config' xmlUrl='https://d.org/'/>"
        "</outline></body></opml>"
    )
    run = papertrack("--config", path, "feeds", "import", file)
    assert run.code == 0
    assert "skipped 'Bad'" in run.err
    lines = papertrack("--config", path, "feeds", "list").out.splitlines()
    names = [line.split("\t")[0] for line in lines]
    assert names == ["uber-suss-the-lab", "arxiv-2", "feed-1", "config"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html/>",
        b'<!DOCTYPE opml [<!ENTITY a "b">]><opml/>',
        b"<opml>" + b"<outline/>" * 60_000 + b"</opml>",
        b"<opml" + b" " * (5 * 2**20),
    ],
)
def test_a_file_that_is_no_opml_is_refused_and_nothing_changes(papertrack, body):
    path, file = papertrack.home / "c.yaml", papertrack.home / "list.opml"
    file.write_bytes(body)
    run = papertrack("--config", path, "feeds", "import", file)
    assert (run.code, path.exists()) == (2, False)
    assert len(run.err.splitlines()) <= 3


def test_the_names_of_feeds_are_completed_after_source(lab):
    line = {"COMP_WORDS": "papertrack today --source la", "COMP_CWORD": "3"}
    run = lab(env=line | {"_PAPERTRACK_COMPLETE": "complete_bash"})
    assert run.out.split() == ["lab"]


def test_a_failed_feed_is_one_failed_day(lab, server):
    lab.configure(
        "sources: {huggingface: {enabled: false},"
        f" feeds: [{{name: lab, url: {server.url_for('/missing.xml')}}}]}}"
    )
    assert lab("fetch").code == 4
    assert states(lab) == {"03-31": "failed"}


def test_only_the_feeds_of_the_present_configuration_are_sources(lab):
    assert lab("search", "source:lab").code == 0
    for text in ("", "topics: []", "sources: {feeds: [{name: other, url: 'https://x.org/'}]}"):
        lab.configure(text)
        for _ in range(2):  # the second run reads the cached configuration
            assert lab("search", "source:lab").code == 2, text
    assert lab("search", "source:other").code == 0


def test_an_import_of_very_many_feeds_is_refused_and_many_are_added_in_order(papertrack):
    def write(number):
        outlines = "".join(
            f"<outline text='F {n}' xmlUrl='http://a.example/{n}'/>" for n in range(number)
        )
        (papertrack.home / "many.opml").write_text(f"<opml><body>{outlines}</body></opml>")

    papertrack.configure(
        "sources:\n  feeds:\n    - name: old\n      url: http://b.example/x # mine\n"
    )
    write(1001)
    run = papertrack("feeds", "import", "many.opml")
    assert (run.code, "more than 1,000 feeds" in run.err) == (2, True)
    write(50)
    assert papertrack("feeds", "import", "many.opml").code == 0
    rows = papertrack("feeds", "list", "-f", "plain").out.splitlines()
    assert [row.split("\t")[0] for row in rows] == ["old", *(f"f-{n}" for n in range(50))]
    write(1000)
    run = papertrack("feeds", "import", "many.opml")
    assert (run.code, run.out) == (2, "")
    assert len(papertrack("feeds", "list", "-f", "plain").out.splitlines()) == 51
