"""topics add, remove and edit: the file of a user, changed by the program."""

import os
import shlex

import pytest

from papertrack.cli.settings import put
from papertrack.config import load
from papertrack.errors import UsageError

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


def test_a_change_that_changes_nothing_leaves_the_file_alone(papertrack, path):
    before = path.stat().st_ino  # another one where it is put in place anew
    done = papertrack("topics", "edit", "agents", "--any", "agent")
    assert (done.code, "nothing was changed" in done.err) == (0, True)
    assert path.stat().st_ino == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["add", "Agents", "--any", "x"], "already"),
        (["add", "new", "--any", "a\nb"], "control or invisible"),
        (["remove", "agent"], "no topic is named 'agent'"),
        (["edit", "agents", "--drop", "zebra"], "does not say 'zebra'"),
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
        put(str(tmp_path / "pipe"), "topics: []\n")
    assert raised.value.why == "it is no ordinary file"
    assert [one.is_fifo() for one in tmp_path.iterdir()] == [True]


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
