"""Programs: a list of arguments, JSON on the standard input, and an end in time."""

import json
import sys
import time
from pathlib import Path

import pytest
from messages import MESSAGE

from papertrack.config.channels import CommandChannel
from papertrack.errors import DeliveryError


def program(*run):
    return CommandChannel(name="own", type="command", run=run)


def python(code, *more):
    return program(sys.executable, "-c", code, *more)


def test_a_program_gets_the_json_its_id_and_its_arguments_as_they_are(sent, tmp_path):
    out = tmp_path / "out"
    code = (
        "import json, os, sys; "
        "told = [json.load(sys.stdin), os.environ['PAPERTRACK_MESSAGE_ID'], sys.argv[2:]]; "
        "json.dump(told, open(sys.argv[1], 'w'))"
    )
    strange = ["$HOME; touch x", "`id`", "*", "a b"]
    assert sent(python(code, str(out), *strange)) == ()
    assert json.loads(out.read_text()) == [MESSAGE.data, MESSAGE.id, strange]


def test_a_program_that_reads_nothing_is_no_failure(sent):
    long = MESSAGE._replace(data={"data": ["x" * 100_000] * 3})
    assert sent(program("true"), long, PATH="/usr/bin:/bin") == ()


def test_what_a_program_says_is_told_where_it_fails(sent):
    code = r"import sys; print('\x1b[31mno\n' + 'way ' * 999); sys.stderr.write('end'); sys.exit(3)"
    with pytest.raises(DeliveryError) as caught:
        sent(python(code))
    told = str(caught.value)
    assert "ended with exit code 3: " in told
    assert told.isprintable()
    assert len(told) < 300
    assert (caught.value.kind, caught.value.unknown) == ("refused", False)


def test_a_program_that_was_killed_may_have_done_its_work(sent):
    with pytest.raises(DeliveryError, match="ended by signal 9") as caught:
        sent(python("import os; os.kill(os.getpid(), 9)"))
    assert (caught.value.kind, caught.value.unknown) == ("program", True)


def test_a_program_that_hangs_is_killed_with_what_it_started(sent, tmp_path):
    beat = tmp_path / "beat"
    script = f"(while :; do echo x >> {beat}; sleep 0.02; done) & cat; wait"
    with pytest.raises(DeliveryError, match="was not done within") as caught:
        sent(program("sh", "-c", script), seconds=3.0, PATH="/usr/bin:/bin")
    assert (caught.value.kind, caught.value.unknown) == ("timeout", True)
    size = beat.stat().st_size
    assert size > 0
    time.sleep(0.1)
    assert beat.stat().st_size == size, "nothing of it is left"


def test_a_program_may_leave_something_running(sent, tmp_path):
    stays, started = tmp_path / "stays", tmp_path / "started"
    stays.touch()
    script = 'while [ -e "$0" ]; do sleep 0.05; done & echo $! > "$1"'
    sent(program("sh", "-c", script, str(stays), str(started)), PATH="/usr/bin:/bin")
    left = Path(f"/proc/{started.read_text().strip()}")
    assert left.exists()
    stays.unlink()
    while left.exists():
        time.sleep(0.01)


@pytest.mark.parametrize("name", ["no-such-program-here", "/etc/hostname", "/no/such/folder/x"])
def test_a_program_that_cannot_be_started_is_told_with_advice(sent, name):
    with pytest.raises(DeliveryError, match="cannot be started") as caught:
        sent(program(name), PATH="/usr/bin:/bin")
    assert (caught.value.kind, caught.value.unknown) == ("program", False)
    assert "whole path" in caught.value.next_step
