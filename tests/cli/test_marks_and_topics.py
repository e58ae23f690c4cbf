"""The commands for marks, topics, import, configuration and completion."""

import json
import os
import resource
import signal
import subprocess

import pytest

PAIRS = (("star", "unstar", "starred"), ("read", "unread", "read"), ("hide", "unhide", "hidden"))
BOTH = ("2603.00001", "2603.00002")


def states(program, key):
    papers = json.loads(program("show", *BOTH, "-f", "json").out)["data"]
    return [paper["state"][key] for paper in papers]


@pytest.mark.parametrize(("mark", "undo", "key"), PAIRS)
def test_a_mark_is_stored_names_the_undo_command_and_can_be_undone(owner, mark, undo, key):
    result = owner(mark, "arXiv:2603.00001v3", "https://huggingface.co/papers/2603.00002")
    assert (result.code, result.out) == (0, "")
    assert "undo: papertrack undo" in result.err
    assert states(owner, key) == [True, True]
    assert owner(undo, *BOTH).code == 0
    assert states(owner, key) == [False, False]
    assert owner("undo").code == 0
    assert states(owner, key) == [True, True]
    assert owner("undo").code == 0
    assert states(owner, key) == [False, False]


def test_marking_twice_changes_nothing(owner):
    owner("star", *BOTH)
    files = {path: path.stat().st_mtime_ns for path in owner.library.glob("*.json")}
    assert owner("star", *BOTH).code == 0
    assert states(owner, "starred") == [True, True]
    others = {path for path in files if not path.name.startswith("state.")}
    assert all(path.stat().st_mtime_ns == files[path] for path in others)


def test_marks_filter_list_and_today(owner):
    owner("hide", "2603.00001")
    owner("read", "2603.00002")
    owner("star", "2603.00002")
    assert "2603.00001" not in owner("today", "--offline", "-f", "ids").out
    assert {*BOTH}.isdisjoint(owner("list", "-f", "ids").out.split())
    assert owner("list", "--all", "--unread", "--starred").out == ""
    assert owner("list", "--starred", "-f", "ids").out.split() == ["2603.00002"]
    assert {*BOTH} < {*owner("list", "--all", "-f", "ids").out.split()}


def test_filters_of_list_combine(reader):
    def ids(*words):
        return reader("list", "-f", "ids", *words).out.split()

    assert len(ids("--all")) == 50
    assert len(ids()) == 49
    assert ids("--since", "2025-12-01", "--until", "2025-12-01") == ["2512.00001"]
    assert len(ids("--since", "2026-03-30", "--until", "2026-03-30")) == 24
    assert len(ids("--topic", "agents")) == 6
    assert len(ids("--topic", "AGE", "--until", "2026-03-30", "--all")) == 3
    assert ids("--starred", "--topic", "agents") == []


def test_part_of_a_title_identifies_a_paper(reader):
    shown = json.loads(reader("show", "wing fl", "-f", "json").out)["data"]
    assert [paper["id"] for paper in shown] == ["cran:12"]


def test_topics_are_listed(reader):
    result = reader("topics", "list")
    assert (result.code, result.err) == (0, "")
    assert [line.split("\t")[0] for line in result.out.splitlines()] == [
        "agents",
        "quantum error correction",
    ]
    document = json.loads(reader("topics", "list", "-f", "json").out)
    assert document.keys() >= {"schema", "command", "generated_at", "data", "errors", "notes"}
    assert document["command"] == "topics list"
    assert document["data"][0]["any"] == ["agent"]


def test_without_topics_advice_is_printed(papertrack):
    result = papertrack("topics", "list")
    assert (result.code, result.out) == (0, "")
    assert "papertrack topics add" in result.err


def test_why_shows_matches_and_missing_phrases(reader):
    output = reader("why", "2603.00000").out
    assert "agents" in output
    assert "'agent' matched 'agents' in title" in output
    assert "not found: quantum error" in output
    document = json.loads(reader("why", "2603.00000", "-f", "json").out)
    assert (document["schema"], document["command"]) == (1, "why")
    verdicts = document["data"][0]["verdicts"]
    assert [bool(verdict["matches"]) for verdict in verdicts] == [True, False]


def test_why_can_be_limited_to_a_topic(reader):
    document = json.loads(reader("why", "2603.00000", "--topic", "quantum", "-f", "json").out)
    assert [verdict["topic"] for verdict in document["data"][0]["verdicts"]] == [
        "quantum error correction"
    ]


def test_import_stores_papers_once_and_reports_invalid_lines(papertrack, tmp_path):
    file = tmp_path / "some.jsonl"
    file.write_text('{"id": "2603.00001", "title": "One"}\nnonsense\n\n{"id": "2603.00002"}\n')
    first = papertrack("import", file)
    assert (first.code, first.out) == (0, "")
    assert "line 2: not JSON" in first.err
    assert "line 4: no title" in first.err
    assert "1 new" in first.err
    before = papertrack("list", "--all", "-f", "json").out
    assert "0 new, 0 changed" in papertrack("import", file).err
    assert papertrack("list", "--all", "-f", "json").out == before


def test_exported_json_lines_import_unchanged(owner, papertrack, tmp_path):
    owner("star", "2603.00003")
    printed = owner("list", "--all", "-f", "jsonl").out
    (tmp_path / "export.jsonl").write_text(printed)
    papertrack.library = tmp_path / "other"
    assert papertrack("import", tmp_path / "export.jsonl").code == 0
    assert papertrack("list", "--all", "-f", "jsonl").out == printed


def test_a_saved_page_is_imported(papertrack, tmp_path):
    from pages import numbered, page

    (tmp_path / "page.json").write_bytes(page(*numbered(1, 3)))
    assert "3 new" in papertrack("import", tmp_path / "page.json").err
    assert len(papertrack("list", "-f", "ids").out.split()) == 3


def test_a_configuration_is_created_located_shown_and_checked(papertrack):
    path = papertrack.home / "config/papertrack/config.yaml"
    assert papertrack("config", "check").code == 0, "the defaults are valid"
    assert papertrack("config", "init").out == f"{path}\n"
    assert path.exists()
    assert papertrack("config", "path") == (0, f"{path}\n", "")
    assert papertrack("config", "check").code == 0
    shown = papertrack("config", "show")
    assert shown.code == 0
    path.write_text(shown.out)
    assert papertrack("config", "check").code == 0, "the output of show loads again"


def test_a_configuration_is_replaced_only_with_force(papertrack):
    path = papertrack.configure("topics: []\n")
    result = papertrack("config", "init")
    assert (result.code, result.out) == (2, "")
    assert path.read_text() == "topics: []\n"
    path.chmod(0o600)
    for kept in ("config.yaml.bak", "config.yaml.bak-2"):
        result = papertrack("config", "init", "--force")
        assert (result.code, result.err.count(f"{path.with_name(kept)}\n")) == (0, 1)
        assert path.stat().st_mode & 0o777 == 0o600
    assert path.with_name("config.yaml.bak").read_text() == "topics: []\n"
    assert path.with_name("config.yaml.bak-2").read_text() == path.read_text()


def test_a_configuration_behind_a_link_is_replaced_there(papertrack):
    path = papertrack.configure("topics: []\n")
    target = path.with_name("mine.yaml")
    path.rename(target)
    path.symlink_to(target)
    assert papertrack("config", "init", "--force").code == 0
    assert path.is_symlink()
    assert target.read_text() != "topics: []\n"
    assert target.with_name("mine.yaml.bak").read_text() == "topics: []\n"


def test_a_full_disk_leaves_the_configuration_as_it_was(papertrack):
    path = papertrack.configure("topics: []\n")
    result = papertrack("config", "init", "--force", preexec_fn=_allow_small_files_only)
    assert (result.code, result.err.count("cannot write")) == (2, 1)
    assert path.read_text() == "topics: []\n"
    assert {file.name for file in path.parent.iterdir()} <= {path.name, f".{path.name}.lock"}


def _allow_small_files_only():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))


def test_a_pipe_is_never_replaced_by_a_configuration(papertrack):
    pipe = papertrack.home / "pipe"
    os.mkfifo(pipe)
    result = papertrack("--config", pipe, "config", "init", "--force")
    assert (result.code, result.err.count("is not a file")) == (2, 1)
    assert pipe.is_fifo()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_each_shell_has_a_completion_script(papertrack, shell):
    result = papertrack("completion", shell)
    assert (result.code, result.err) == (0, "")
    assert "_PAPERTRACK_COMPLETE" in result.out


def test_the_bash_completion_is_valid_bash(papertrack):
    script = papertrack("completion", "bash").out
    assert subprocess.run(["bash", "-n"], input=script.encode(), check=False).returncode == 0


@pytest.mark.parametrize(
    ("options", "names"),
    [(("--topics", "world models, a: b"), ["world models", "a: b"]), (("--empty",), [])],
)
def test_config_init_starts_with_the_topics_that_are_named(papertrack, options, names):
    assert papertrack("config", "init", *options).code == 0
    topics = json.loads(papertrack("topics", "list", "-f", "json").out)["data"]
    assert [topic["name"] for topic in topics] == names
    assert [topic["any"] for topic in topics] == [[name] for name in names]
    assert papertrack("config", "check").code == 0


def test_config_init_writes_topics_of_other_people_as_comments_or_not_at_all(papertrack):
    path = papertrack.home / "config/papertrack/config.yaml"
    result = papertrack("config", "init")
    assert "papertrack topics add" in result.err
    assert "  # - name: " in path.read_text()
    assert papertrack("config", "check").out == f"{path}: valid, 0 topics\n"
    assert papertrack("topics", "add", "graphs", "--any", "graph").code == 0
    assert "topics:" in path.read_text().partition("name: graphs")[0]
    assert papertrack("config", "init", "--empty", "--force").code == 0
    assert "- name: retrieval" not in path.read_text()


@pytest.mark.parametrize("options", [("--topics", "a", "--empty"), ("--topics", "a, A")])
def test_config_init_writes_nothing_for_topics_that_cannot_be(papertrack, options):
    assert papertrack("config", "init", *options).code == 2
    assert not (papertrack.home / "config/papertrack/config.yaml").exists()
