"""Ids as people type and pipe them: several in a text, and `-` for standard input."""

import json

import pytest


@pytest.fixture
def program(papertrack):
    """A program with three papers."""
    rows = [
        {"id": "2603.00001", "title": "Herons", "listed": "2026-03-30"},
        {"id": "2603.00002", "title": "Storks", "listed": "2026-03-30", "doi": "10.1/Stork"},
        {"id": "cran:3", "title": "Terns", "listed": "2026-03-30"},
    ]
    file = papertrack.home / "papers.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert papertrack("import", file).code == 0
    return papertrack


def _shown(run):
    assert run.code == 0, run.err
    return run.out.split()


def test_one_argument_may_have_several_ids(program):
    text = "https://arxiv.org/src/2603.00002 and arXiv: 2603.00001"
    assert _shown(program("show", text, "-f", "ids")) == ["2603.00002", "2603.00001"]
    assert _shown(program("show", "cran:3 2603.00001", "-f", "ids")) == ["cran:3", "2603.00001"]


def test_a_dash_reads_the_ids_of_a_mail_from_standard_input(program):
    mail = """Hello,
    have you seen arXiv:2603.00001v1 [cs.CL] and
    > https://doi.org/10.48550/arXiv.2603.00002 ?
    Thanks
    """
    run = program("show", "-", "-f", "ids", input=mail.encode())
    assert _shown(run) == ["2603.00001", "2603.00002"]
    assert run.err == "papertrack: ignored 2 lines without an id\n"


@pytest.mark.parametrize("form", ["ids", "plain"])
def test_printed_papers_are_piped_into_a_command_with_ids(program, form):
    listed = program("list", "--all", "-f", form).out
    run = program("star", "-", input=listed.encode())
    assert run.code == 0
    assert len(_shown(program("list", "--starred", "-f", "ids"))) == 3


@pytest.mark.parametrize("command", ["show", "why", "hide", "fetch"])
@pytest.mark.parametrize(
    ("piped", "message"),
    [(b"", "no ids"), (b"Thanks\n", "no ids"), (b"\xff\x00", "no ids"), (b"2613.00001", "month")],
)
def test_standard_input_without_a_possible_id_is_a_usage_error(program, command, piped, message):
    run = program(command, "-", input=piped)
    assert (run.code, run.out) == (2, "")
    assert message in run.err


@pytest.mark.parametrize("command", ["show", "star", "fetch"])
def test_an_id_that_cannot_exist_is_refused_with_the_reason(program, command):
    run = program(command, "2613.00001")
    assert (run.code, run.out) == (2, "")
    assert "there is no month 13" in run.err
