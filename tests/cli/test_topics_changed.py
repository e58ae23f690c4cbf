"""topics add, remove and edit: the file of a user, changed by the program."""

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
from papertrack.cli.config_file import exclusive, write
from papertrack.cli.global_options import split
from papertrack.config import load
from papertrack.config.changes import non_default_fields
from papertrack.config.editing import put_topic
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


def taken_back(program, said):
    """Run the command that a change says takes it back."""
    line = said.partition("to take it back: ")[2].strip()
    assert line.startswith("papertrack ")
    done = program(*shlex.split(line)[1:])
    assert done.code == 0, done.err


def test_a_topic_is_added_and_taken_back_to_the_byte(papertrack, path):
    done = papertrack("topics", "add", "world models", "--any", "world: model", "--any=-v")
    assert (done.code, done.out) == (0, "")
    assert str(path) in done.err
    assert path.read_text() == TEXT + "\n  - name: world models\n    any: ['world: model', -v]\n"
    assert names(path) == ["agents", "- odd: #1", "world models"]
    taken_back(papertrack, done.err)
    assert path.read_text() == TEXT


def test_a_topic_is_removed_and_put_back_with_all_it_said(papertrack, path):
    before = load(str(path))
    done = papertrack("topics", "remove", "--", "- odd: #1")
    assert (done.code, names(path)) == (0, ["agents"])
    taken_back(papertrack, done.err)
    assert load(str(path)) == before


def test_a_topic_is_edited_and_edited_back(papertrack, path):
    before = load(str(path))
    words = ("--any", "multi-agent", "--drop", "agent", "--author", "Ada", "--category", "CS.cl")
    done = papertrack("topics", "edit", "AGE", *words, "--threshold", "80", "--rename", "A")
    assert done.code == 0, done.err
    lines = {"  - name: A        # the first", "    categories: [cs.CL]", "    threshold: 80"}
    assert lines < {*path.read_text().splitlines()}
    taken_back(papertrack, done.err)
    assert load(str(path)) == before


said = texts | st.sampled_from(["-v", "--", "--config", "it's $HOME", "a: #b", "\ue000", "p" * 300])
lists = st.lists(said, max_size=3, unique=True).map(tuple)
events = st.sampled_from(["new", "rising in top 5", "upvotes >= 50", "listed on arxiv"])
topics = st.builds(
    Topic,
    name=said,
    any=st.lists(said, min_size=1, max_size=3, unique=True).map(tuple),
    all=lists,
    none=lists,
    authors=lists,
    categories=st.lists(st.sampled_from(["cs.CL", "math"]), unique=True).map(tuple),
    threshold=st.integers(0, 100),
    when=st.lists(events, min_size=1, unique=True).map(tuple),
    breadth=st.sampled_from(["phrases", "related"]),
)


@settings(max_examples=12)
@given(topics)
def test_every_topic_that_is_removed_is_put_back_as_it_was_by_the_line_that_is_printed(
    tmp_path_factory, topic
):
    path = tmp_path_factory.getbasetemp() / "write back.yaml"
    path.write_text(put_topic("", non_default_fields(topic)), encoding="utf-8")
    assert load(str(path)).topics == (topic,)
    told = here("--config", str(path), "topics", "remove", "--", topic.name)
    assert load(str(path)).topics == ()
    line = told.partition("to take it back: ")[2].strip()
    here(*shlex.split(line)[1:])
    assert load(str(path)).topics == (topic,)


def here(*arguments):
    """What a run in this process says on stderr."""
    with redirect_stderr(StringIO()) as told:
        assert run_typer(*split(arguments)) == 0, told.getvalue()
    return told.getvalue()


def test_when_a_topic_is_told_of_is_changed_and_changed_back(papertrack, path):
    before = load(str(path))
    when = ("--when", "Upvotes>=50", "--when", "new")
    done = papertrack("topics", "edit", "agents", *when)
    assert done.code == 0, done.err
    assert load(str(path)).topics[0].when == ("upvotes >= 50", "new")
    assert "    when: [upvotes >= 50, new]\n" in path.read_text()
    taken_back(papertrack, done.err)
    assert load(str(path)) == before
    bad = papertrack("topics", "add", "b", "--any", "c", "--when", "upvotes > 3")
    assert (bad.code, "expected >=" in bad.err) == (2, True)


def test_a_change_that_changes_nothing_leaves_the_file_alone(papertrack, path):
    before = path.stat().st_ino  # another one where it is put in place anew
    done = papertrack("topics", "edit", "agents", "--any", "agent")
    assert (done.code, "nothing was changed" in done.err) == (0, True)
    assert path.stat().st_ino == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["add", "Agents", "--any", "x"], "already"),
        (["add", "new", "--any", "a\nb"], "control character"),
        (["remove", "agent"], "no topic is named 'agent'"),
        (["edit", "agents", "--drop", "zebra"], "does not contain 'zebra'"),
        (["edit", "agents", "--rename", "- ODD: #1"], "already"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_the_file_is_left_alone(
    papertrack, path, words, why
):
    done = papertrack("topics", *words)
    assert (done.code, done.out) == (2, "")
    assert why in done.err
    assert path.read_text() == TEXT


def test_a_broken_file_is_refused_with_its_problems_and_left_alone(papertrack):
    path = papertrack.configure("topics: [{nme: x}]\n")
    for words in (["add", "a", "--any", "b"], ["remove", "x"]):
        done = papertrack("topics", *words)
        assert (done.code, "topics[0].nme" in done.err) == (2, True)
    assert path.read_text() == "topics: [{nme: x}]\n"


def test_where_there_is_no_file_the_example_is_written_with_that_topic_alone(papertrack):
    done = papertrack("topics", "add", "mine", "--any", "x")
    assert (done.code, "which is new" in done.err) == (0, True)
    path = papertrack.home / "config/papertrack/config.yaml"
    assert names(path) == ["mine"]
    assert "# Hugging Face Daily Papers" in path.read_text()


def test_the_rights_of_the_file_and_a_link_to_it_stay(papertrack, path):
    real = papertrack.home / "dotfiles.yaml"
    path.rename(real)
    path.symlink_to(real)
    real.chmod(0o640)
    assert papertrack("topics", "add", "b", "--any", "c").code == 0
    assert path.is_symlink()
    assert (real.stat().st_mode & 0o777, "name: b" in real.read_text()) == (0o640, True)
    assert [one.name for one in papertrack.home.glob("dotfiles*")] == ["dotfiles.yaml"]


def test_what_is_no_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError) as raised:
        write(str(tmp_path / "pipe"), "topics: []\n")
    assert raised.value.why == "it is no ordinary file"
    assert [one.is_fifo() for one in tmp_path.iterdir()] == [True]


def at_once(program, *runs):
    with ThreadPoolExecutor(len(runs)) as pool:
        done = [*pool.map(lambda words: program("-q", "topics", *words), runs)]
    assert [one.code for one in done] == [0] * len(runs), done


def test_of_many_changes_at_the_same_moment_none_is_lost(papertrack, path):
    real = papertrack.home / "dotfiles.yaml"
    real.write_text("# mine\n")
    path.unlink()
    path.symlink_to(real)
    at_once(papertrack, *(("add", f"t{n}", "--any", "a") for n in range(20)))
    assert sorted(names(path)) == sorted(f"t{n}" for n in range(20))
    changes = [("remove",), ("edit", "--any", "b")]
    at_once(papertrack, *((*changes[n % 2], f"t{n}") for n in range(20)))
    left = {one.name: one.any for one in load(str(path)).topics}
    assert left == {f"t{n}": ("a", "b") for n in range(1, 20, 2)}
    assert path.is_symlink()


def test_who_waits_too_long_for_another_change_is_told_and_nothing_is_changed(path):
    with exclusive(str(path)):
        lock = path.with_name(".config.yaml.lock")
        assert (lock.is_symlink(), lock.stat().st_mode & 0o777) == (False, 0o600)
        with pytest.raises(LibraryBusy) as raised, exclusive(str(path), timeout=0):
            raise AssertionError
    assert raised.value.exit_code == 75
    assert raised.value.lines()[0] == "another papertrack is changing the configuration"
    assert raised.value.next_step == "try again in a moment"


def test_no_link_is_followed_to_a_lock(papertrack, path):
    other = papertrack.home / "other"
    path.with_name(".config.yaml.lock").symlink_to(other)
    done = papertrack("topics", "add", "b", "--any", "c")
    assert (done.code, f"cannot write {path}" in done.err, other.exists()) == (2, True, False)
    assert path.read_text() == TEXT


def test_a_folder_that_cannot_be_written_is_told_and_one_that_is_not_there_is_not_made(papertrack):
    for file in ("/proc/none/config.yaml", "/dev/null/config.yaml"):
        done = papertrack("--config", file, "topics", "add", "b", "--any", "c")
        assert (done.code, f"cannot write {file}" in done.err) == (2, True)
    done = papertrack("topics", "remove", "b")
    assert (done.code, "no topic is named" in done.err) == (2, True)
    assert not (papertrack.home / "config").exists()


def test_the_file_asked_for_is_the_one_changed_and_the_one_changed_back(papertrack, path):
    other = papertrack.home / "other.yaml"
    other.write_text("topics: []\n")
    done = papertrack("--config", other, "topics", "add", "b", "--any", "c")
    assert other.read_text() == "topics: [{name: b, any: [c]}]\n"
    taken_back(papertrack, done.err)
    assert (other.read_text(), path.read_text()) == ("topics: []\n", TEXT)


def test_without_options_the_file_is_opened_in_the_editor_and_checked(papertrack, path):
    done = papertrack("topics", "edit", "agents", env={"VISUAL": "sed -i s/agents/actors/"})
    assert (done.code, names(path)[0]) == (0, "actors")
    done = papertrack("topics", "edit", "actors", env={"EDITOR": "sed -i s/any/anny/"})
    assert (done.code, 'did you mean "any"?' in done.err) == (2, True)
    for env, why in [({}, "no editor"), ({"EDITOR": "nowhere/x"}, "cannot be started")]:
        done = papertrack("topics", "edit", "agents", env=env)
        assert (done.code, why in done.err) == (2, True)


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("command", ["remove", "edit", "test"])
def test_names_of_topics_complete(papertrack, command):
    line = f"papertrack topics {command} ag"
    words = {"COMP_WORDS": line, "COMP_CWORD": 3}
    done = papertrack(env={"_PAPERTRACK_COMPLETE": "complete_bash", **words})
    assert done.out.split() == ["agents"]
