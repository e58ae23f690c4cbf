"""`tag`, `note`, `undo`, `open` and `cite`, as a reader uses them."""

import json
import shlex
import sys

import pytest


def _state(owner, paper_id):
    (paper,) = json.loads(owner("show", paper_id, "-f", "json").out)["data"]
    return paper["state"]


@pytest.fixture
def ids(owner):
    return owner("list", "-f", "ids").out.split()[:3]


def test_tags_select_papers_until_they_are_undone(owner, ids):
    result = owner("tag", "-t", "later", "-t", "video", *ids[:2])
    assert (result.code, result.out) == (0, "")
    assert "undo: papertrack undo" in result.err
    assert set(owner("list", "--tag", "later", "-f", "ids").out.split()) == set(ids[:2])
    assert owner("untag", "-t", "video", ids[0]).code == 0
    assert _state(owner, ids[0])["tags"] == ["later"]
    assert "undone: " in owner("undo").err
    owner("undo")
    assert owner("list", "--tag", "later", "-f", "ids").out == ""
    assert "nothing to undo" in owner("undo").err


def test_a_note_can_be_set_extended_and_removed(owner, ids):
    owner("note", ids[0], "first")
    owner("note", ids[0], "second", "--append")
    assert _state(owner, ids[0])["note"] == "first\nsecond"
    owner("unnote", ids[0])
    assert _state(owner, ids[0])["note"] is None


@pytest.mark.parametrize("arguments", [["{id}"], ["{id}", "--append"], ["{id}", "--append", " "]])
def test_a_note_without_text_and_without_a_terminal_is_a_usage_error(owner, ids, arguments):
    assert owner("note", *(word.format(id=ids[0]) for word in arguments)).code == 2


def test_a_note_is_written_in_the_editor(owner, ids, tmp_path):
    editor = tmp_path / "editor.py"
    editor.write_text(
        "import sys\nfrom pathlib import Path\nfile = Path(sys.argv[1])\n"
        "file.write_text(file.read_text() + 'written\\n# not this\\n')\n"
    )
    variables = {"VISUAL": shlex.join([sys.executable, str(editor)])}
    owner("note", ids[0], "before")
    code, output = owner.in_terminal("note", ids[0], env=variables)
    assert code == 0, output
    assert _state(owner, ids[0])["note"].split() == ["before", "written"]


def test_an_editor_that_fails_leaves_the_note(owner, ids):
    owner("note", ids[0], "before")
    deleting = shlex.join([sys.executable, "-c", "import os, sys; os.remove(sys.argv[1])"])
    for editor in ("false", "/nowhere/editor", "'unclosed", deleting):
        code, _ = owner.in_terminal("note", ids[0], env={"VISUAL": editor})
        assert code == 2
    assert _state(owner, ids[0])["note"] == "before"


def test_over_ssh_open_prints_the_address(owner, ids):
    variables = {"SSH_CONNECTION": "1", "BROWSER": None}
    result = owner("open", ids[0], "--pdf", env=variables)
    assert result == (0, f"https://arxiv.org/pdf/{ids[0]}\n", "")
    assert owner("open", ids[0], "--pdf", "--html", env=variables).code == 2


def test_open_starts_the_browser_and_marks_as_read_if_configured(owner, ids, tmp_path):
    log, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >> {shlex.quote(str(log))}\n')
    browser.chmod(0o755)
    variables = {"BROWSER": f"{shlex.quote(str(browser))} %s"}
    assert owner("open", *ids[:2], "--pdf", env=variables).code == 0
    assert log.read_text().splitlines() == [f"https://arxiv.org/pdf/{key}" for key in ids[:2]]
    assert not _state(owner, ids[0])["read"]
    config = owner.home / "config/papertrack/config.yaml"
    config.write_text(config.read_text() + "\nread_on_open: true\n")
    owner("open", ids[0], "--pdf", env=variables)
    assert _state(owner, ids[0])["read"]


@pytest.mark.parametrize(
    ("style", "begins"), [("bibtex", "@misc{"), ("ris", "TY  - "), ("text", "")]
)
def test_cite_prints_references_alone(owner, ids, style, begins):
    result = owner("cite", *ids, "--style", style)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(begins)
    assert all(paper_id in result.out for paper_id in ids)
    assert "abstract" not in result.out


def test_cite_copies_through_the_terminal_over_ssh(owner, ids):
    from base64 import b64decode

    printed = owner("cite", ids[0]).out
    code, output = owner.in_terminal("cite", ids[0], "--copy", env={"SSH_CONNECTION": "1"})
    assert code == 0
    copied = output.partition(b"\x1b]52;c;")[2].partition(b"\x07")[0]
    assert b64decode(copied).decode() == printed


def test_a_copying_program_that_fails_leaves_copying_to_the_terminal(owner, ids, tmp_path):
    for name in ("wl-copy", "xclip"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    code, output = owner.in_terminal("cite", ids[0], "--copy", env={"PATH": path})
    assert code == 0
    assert b"\x1b]52;c;" in output


def test_a_search_finds_papers_by_tag(owner, ids):
    owner("tag", "-t", "Reading", ids[0])
    assert owner("search", "tag:reading", "-f", "ids").out.split() == [ids[0]]
    assert ids[0] not in owner("search", "-tag:reading", "is:unread", "-f", "ids").out.split()


@pytest.mark.parametrize(
    ("filters", "listed"),
    [
        (["is:hidden"], {"2603.00001"}),
        (["is:read"], {"2603.00002", "2512.00001"}),
        (["tag:later"], {"2603.00002", "2512.00001"}),
        (["tag:later", "is:hidden"], {"2603.00001"}),
        (["has:note"], {"2512.00001"}),
        (["-is:read", "tag:later"], set()),
    ],
)
def test_a_filter_for_a_state_lists_papers_in_it_whatever_their_age(owner, filters, listed):
    owner("hide", "2603.00001")
    owner("read", "2603.00002", "2512.00001")
    owner("tag", "-t", "later", "2603.00001", "2603.00002", "2512.00001")
    owner("note", "2512.00001", "old, but good")
    assert set(owner("list", *filters, "-f", "ids").out.split()) == listed
