"""The commands `topics add`, `remove` and `edit` change the configuration file of the user."""

import json
import os
import shlex
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import texts

from papertrack.cli.app import run_typer
from papertrack.cli.config_file import lock_for_editing, write
from papertrack.cli.global_options import split_options
from papertrack.config import load
from papertrack.config.changes import non_default_fields
from papertrack.config.editing import TOPICS, insert_entry
from papertrack.errors import LibraryBusy, UsageError
from papertrack.models import Topic

TEXT = """\
# mine
topics:
  - name: agents        # the first
    any: [agent]

  - name: "- odd: #1"
    none: ["x' \\" y"]
    any: [a]
"""


@pytest.fixture(name="path")
def _path(papertrack):
    return papertrack.configure(TEXT)


def names(path):
    return [topic.name for topic in load(str(path)).topics]


def run_undo(program, message):
    """Run the undo command that a change printed."""
    line = message.partition("undo: ")[2].strip()
    assert line.startswith("papertrack ")
    result = program(*shlex.split(line)[1:])
    assert result.code == 0, result.err


def test_undoing_an_added_topic_restores_every_byte(papertrack, path):
    result = papertrack("topics", "add", "world models", "--any", "world: model", "--any=-v")
    assert (result.code, result.out) == (0, "")
    assert str(path) in result.err
    assert path.read_text() == TEXT + "\n  - name: world models\n    any: ['world: model', -v]\n"
    assert names(path) == ["agents", "- odd: #1", "world models"]
    run_undo(papertrack, result.err)
    assert path.read_text() == TEXT


def test_undoing_a_removed_topic_restores_all_its_values(papertrack, path):
    before = load(str(path))
    result = papertrack("topics", "remove", "--", "- odd: #1")
    assert (result.code, names(path)) == (0, ["agents"])
    run_undo(papertrack, result.err)
    assert load(str(path)) == before


def test_undoing_an_edited_topic_restores_it(papertrack, path):
    before = load(str(path))
    words = (
        "--any",
        "multi-agent",
        "--drop",
        "agent",
        "--author",
        "Ada",
        "--organization",
        "Lab",
        "--category",
        "CS.cl",
    )
    result = papertrack("topics", "edit", "AGE", *words, "--threshold", "80", "--rename", "A")
    assert result.code == 0, result.err
    lines = {"  - name: A        # the first", "    categories: [cs.CL]", "    threshold: 80"}
    assert lines < {*path.read_text().splitlines()}
    run_undo(papertrack, result.err)
    assert load(str(path)) == before


phrases = texts.filter(lambda text: any(map(str.isalnum, text))) | st.sampled_from(
    ["-v", "--config", "it's $HOME", "a: #b", "p" * 150]
)
lists = st.lists(phrases, max_size=3, unique=True).map(tuple)
events = st.sampled_from(["new", "rising in top 5", "upvotes >= 50", "listed on arxiv"])
topics = st.builds(
    Topic,
    name=phrases,
    any=st.lists(phrases, min_size=1, max_size=3, unique=True).map(tuple),
    all=lists,
    none=lists,
    authors=lists,
    organizations=lists,
    categories=st.lists(st.sampled_from(["cs.CL", "math"]), unique=True).map(tuple),
    threshold=st.integers(0, 100),
    when=st.lists(events, min_size=1, unique=True).map(tuple),
    breadth=st.sampled_from(["phrases", "related"]),
)


@settings(max_examples=12)
@given(topics)
def test_the_printed_undo_command_restores_any_removed_topic(tmp_path_factory, topic):
    path = tmp_path_factory.getbasetemp() / "write back.yaml"
    path.write_text(insert_entry("", TOPICS, non_default_fields(topic)), encoding="utf-8")
    assert load(str(path)).topics == (topic,)
    stderr = run_in_process("--config", str(path), "topics", "remove", "--", topic.name)
    assert load(str(path)).topics == ()
    line = stderr.partition("undo: ")[2].strip()
    run_in_process(*shlex.split(line)[1:])
    assert load(str(path)).topics == (topic,)


def run_in_process(*arguments):
    """Run the command line in this process and return its stderr."""
    with redirect_stderr(StringIO()) as stderr:
        assert run_typer(*split_options(arguments)) == 0, stderr.getvalue()
    return stderr.getvalue()


def test_undoing_changed_alert_events_restores_them(papertrack, path):
    before = load(str(path))
    when = ("--when", "Upvotes>=50", "--when", "new")
    result = papertrack("topics", "edit", "agents", *when)
    assert result.code == 0, result.err
    assert load(str(path)).topics[0].when == ("upvotes >= 50", "new")
    assert "    when: [upvotes >= 50, new]\n" in path.read_text()
    run_undo(papertrack, result.err)
    assert load(str(path)) == before
    bad = papertrack("topics", "add", "b", "--any", "c", "--when", "upvotes > 3")
    assert (bad.code, "expected >=" in bad.err) == (2, True)


def test_a_change_that_changes_nothing_leaves_the_file_alone(papertrack, path):
    before = path.stat().st_ino  # a replaced file has another inode
    result = papertrack("topics", "edit", "agents", "--any", "agent")
    assert (result.code, "nothing was changed" in result.err) == (0, True)
    assert path.stat().st_ino == before


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["add", "Agents", "--any", "x"], "already"),
        (["add", "new", "--any", "a\nb"], "control character"),
        (["remove", "agent"], "no topic is named 'agent'"),
        (["edit", "agents", "--drop", "zebra"], "does not contain 'zebra'"),
        (["edit", "agents", "--rename", "- ODD: #1"], "already"),
    ],
)
def test_an_invalid_change_is_rejected_with_a_reason_and_the_file_is_unchanged(
    papertrack, path, words, reason
):
    result = papertrack("topics", *words)
    assert (result.code, result.out) == (2, "")
    assert reason in result.err
    assert path.read_text() == TEXT


def test_a_broken_file_is_rejected_with_its_problems_and_unchanged(papertrack):
    path = papertrack.configure("topics: [{nme: x}]\n")
    for words in (["add", "a", "--any", "b"], ["remove", "x"]):
        result = papertrack("topics", *words)
        assert (result.code, "topics[0].nme" in result.err) == (2, True)
    assert path.read_text() == "topics: [{nme: x}]\n"


def test_a_missing_file_is_created_from_the_example_with_only_the_new_topic(papertrack):
    result = papertrack("topics", "add", "mine", "--any", "x")
    assert (result.code, "to the new file" in result.err) == (0, True)
    path = papertrack.home / "config/papertrack/config.yaml"
    assert names(path) == ["mine"]
    assert "# Hugging Face Daily Papers" in path.read_text()


def test_the_permissions_of_the_file_and_a_link_to_it_stay(papertrack, path):
    real = papertrack.home / "dotfiles.yaml"
    path.rename(real)
    path.symlink_to(real)
    real.chmod(0o640)
    assert papertrack("topics", "add", "b", "--any", "c").code == 0
    assert path.is_symlink()
    assert (real.stat().st_mode & 0o777, "name: b" in real.read_text()) == (0o640, True)
    assert [file.name for file in papertrack.home.glob("dotfiles*")] == ["dotfiles.yaml"]


def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError) as raised:
        write(str(tmp_path / "pipe"), "topics: []\n")
    assert raised.value.why == "it is not a regular file"
    assert [file.is_fifo() for file in tmp_path.iterdir()] == [True]


def run_concurrently(program, *runs):
    with ThreadPoolExecutor(len(runs)) as pool:
        result = [*pool.map(lambda words: program("-q", "topics", *words), runs)]
    assert [result.code for result in result] == [0] * len(runs), result


def test_no_concurrent_change_is_lost(papertrack, path):
    real = papertrack.home / "dotfiles.yaml"
    real.write_text("# mine\n")
    path.unlink()
    path.symlink_to(real)
    run_concurrently(papertrack, *(("add", f"t{n}", "--any", "a") for n in range(20)))
    assert sorted(names(path)) == sorted(f"t{n}" for n in range(20))
    changes = [("remove",), ("edit", "--any", "b")]
    run_concurrently(papertrack, *((*changes[n % 2], f"t{n}") for n in range(20)))
    remaining = {topic.name: topic.any for topic in load(str(path)).topics}
    assert remaining == {f"t{n}": ("a", "b") for n in range(1, 20, 2)}
    assert path.is_symlink()


def test_a_change_that_waits_too_long_for_the_lock_fails_and_changes_nothing(path):
    with lock_for_editing(str(path)):
        lock = path.with_name(".config.yaml.lock")
        assert (lock.is_symlink(), lock.stat().st_mode & 0o777) == (False, 0o600)
        with pytest.raises(LibraryBusy) as raised, lock_for_editing(str(path), timeout=0):
            raise AssertionError
    assert raised.value.exit_code == 75
    assert raised.value.lines()[0] == "another papertrack process is changing the configuration"
    assert raised.value.next_step == "try again in a moment"


def test_the_lock_never_follows_a_link(papertrack, path):
    other = papertrack.home / "other"
    path.with_name(".config.yaml.lock").symlink_to(other)
    result = papertrack("topics", "add", "b", "--any", "c")
    assert (result.code, f"cannot write {path}" in result.err, other.exists()) == (2, True, False)
    assert path.read_text() == TEXT


def test_an_unwritable_folder_is_reported_and_a_missing_folder_is_not_created(papertrack):
    for file in ("/proc/none/config.yaml", "/dev/null/config.yaml"):
        result = papertrack("--config", file, "topics", "add", "b", "--any", "c")
        assert (result.code, f"cannot write {file}" in result.err) == (2, True)
    result = papertrack("topics", "remove", "b")
    assert (result.code, "no topic is named" in result.err) == (2, True)
    assert not (papertrack.home / "config").exists()


def test_a_change_and_its_undo_apply_to_the_file_of_the_option_config(papertrack, path):
    other = papertrack.home / "other.yaml"
    other.write_text("topics: []\n")
    result = papertrack("--config", other, "topics", "add", "b", "--any", "c")
    assert other.read_text() == "topics: [{name: b, any: [c]}]\n"
    run_undo(papertrack, result.err)
    assert (other.read_text(), path.read_text()) == ("topics: []\n", TEXT)


def test_without_options_the_file_is_opened_in_the_editor_and_checked(papertrack, path):
    result = papertrack("topics", "edit", "agents", env={"VISUAL": "sed -i s/agents/actors/"})
    assert (result.code, names(path)[0]) == (0, "actors")
    result = papertrack("topics", "edit", "actors", env={"EDITOR": "sed -i s/any/anny/"})
    assert (result.code, 'did you mean "any"?' in result.err) == (2, True)
    for env, reason in [({}, "no editor"), ({"EDITOR": "nowhere/x"}, "cannot start the editor")]:
        result = papertrack("topics", "edit", "agents", env=env)
        assert (result.code, reason in result.err) == (2, True)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("command", ["remove", "edit", "test"])
def test_names_of_topics_complete(papertrack, command):
    line = f"papertrack topics {command} ag"
    words = {"COMP_WORDS": line, "COMP_CWORD": 3}
    result = papertrack(env={"_PAPERTRACK_COMPLETE": "complete_bash", **words})
    assert result.out.split() == ["agents"]


def test_adding_a_topic_prints_before_what_it_matches_and_its_broad_phrases(papertrack):
    papers = [
        {"id": f"2603.{number:05}", "title": "Graphs" if number < 6 else "Trees", "listed": day}
        for day in ("2026-03-24", "2026-03-31")
        for number in (range(10) if day == "2026-03-24" else range(10, 40))
    ]
    (papertrack.home / "p.jsonl").write_text("\n".join(map(json.dumps, papers)))
    assert papertrack("import", papertrack.home / "p.jsonl").code == 0
    lines = papertrack("topics", "add", "graphs", "--any", "graph", "--any", "x").err.splitlines()
    assert lines[0] == (
        "papertrack: matches 6 of the last 90 days' 40 papers, about 3 a week (only 2 days stored)"
    )
    assert "the phrase 'graph' alone matches 6 of these papers (15%)" in lines[1]
    assert lines[2].startswith("papertrack: topic 'graphs' added to ")
    assert lines[3] == "  undo: papertrack topics remove graphs"
    rejected = papertrack("topics", "add", "graphs", "--any", "graph")
    assert rejected.code == 2
    assert "matches" not in rejected.err
    assert "matches none of" in papertrack("topics", "add", "no", "--any", "zebra").err
    meant = "did you mean 'speculative decoding'?"
    draft = ("--any", "speculative decodng")
    assert meant in papertrack("topics", "add", "typo", *draft).err
    assert meant in papertrack("topics", "test", *draft).err
    assert papertrack("-q", "topics", "add", "quiet", "--any", "zebra").err == ""


def test_a_library_that_cannot_be_read_does_not_prevent_adding_a_topic(papertrack, path):
    papers = papertrack.home / "p.jsonl"
    papers.write_text('{"id": "2603.00001", "title": "Graphs", "listed": "2026-03-31"}')
    assert papertrack("import", papers).code == 0
    (table,) = papertrack.home.rglob("papers.2026-03-31.json")
    table.write_text(table.read_text().replace('"papertrack":1', '"papertrack":99'))
    result = papertrack("topics", "add", "graphs", "--any", "graph")
    assert result.code == 0
    assert "the stored papers are not counted: " in result.err
    assert names(path)[-1] == "graphs"
