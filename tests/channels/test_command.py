"""Delivery to programs: arguments without a shell, JSON on standard input, and a time limit."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from messages import MESSAGE

from papertrack.config.channels import CommandChannel
from papertrack.errors import DeliveryError


def program(*run):
    return CommandChannel(name="own", type="command", run=run)


def python(code, *arguments):
    return program(sys.executable, "-c", code, *arguments)


def test_a_program_receives_the_json_the_id_and_its_arguments_verbatim(deliver, tmp_path):
    out = tmp_path / "out"
    code = (
        "import json, os, sys; "
        "received = [json.load(sys.stdin), os.environ['PAPERTRACK_MESSAGE_ID'], sys.argv[2:]]; "
        "json.dump(received, open(sys.argv[1], 'w'))"
    )
    arguments = ["$HOME; touch x", "`id`", "*", "a b"]
    assert deliver(python(code, str(out), *arguments)) == ()
    assert json.loads(out.read_text()) == [MESSAGE.data, MESSAGE.id, arguments]


def test_a_program_may_ignore_its_input(deliver):
    long = MESSAGE._replace(data={"data": ["x" * 100_000] * 3})
    assert deliver(program("true"), long, PATH="/usr/bin:/bin") == ()


def test_the_output_of_a_program_that_fails_is_reported(deliver):
    code = r"import sys; print('\x1b[31mno\n' + 'way ' * 999); sys.stderr.write('end'); sys.exit(3)"
    with pytest.raises(DeliveryError) as caught:
        deliver(python(code))
    message = str(caught.value)
    assert "exited with code 3: " in message
    assert message.isprintable()
    assert len(message) < 300
    assert (caught.value.kind, caught.value.unknown) == ("refused", False)


def test_only_the_first_line_of_the_output_is_kept_and_without_secrets(deliver):
    lines = [
        "",
        "login as me with arg-secret, env-secret, password=hunter2 and 0123456789abcdef0123",
        "second line",
    ]
    text = repr("\n".join(lines))
    with pytest.raises(DeliveryError) as caught:
        deliver(
            python(f"import sys; print({text}); sys.exit(1)", "arg-secret"), API_KEY="env-secret"
        )
    assert caught.value.what.endswith(
        "exited with code 1: login as me with ***, ***, password=*** and ***"
    )


def test_a_program_that_prints_without_end_is_killed_in_time_and_fills_no_disk(
    deliver, tmp_path, monkeypatch
):
    full = tmp_path / "no such folder"
    monkeypatch.setattr("tempfile.tempdir", str(full))
    with pytest.raises(DeliveryError, match="did not finish within"):
        deliver(program("yes", "papertrack"), seconds=1.0, PATH="/usr/bin:/bin")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_program_and_its_child_processes_end_when_papertrack_is_killed(tmp_path, number):
    pids = tmp_path / "pids"
    script = "sleep 1000 & echo $! $$ > pids.new; mv pids.new pids; wait"
    code = f"""
from papertrack.channels.programs import Program
Program(["sh", "-c", {script!r}], {{"PATH": "/usr/bin:/bin"}}).finish(b"", 1000)
"""
    papertrack = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path)
    while not pids.exists():
        assert papertrack.poll() is None
        time.sleep(0.01)
    papertrack.send_signal(number)
    papertrack.wait()
    processes = [Path(f"/proc/{pid}") for pid in pids.read_text().split()]
    while any(process.exists() and not is_zombie(process) for process in processes):
        time.sleep(0.01)


def is_zombie(process):
    try:
        return process.joinpath("stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_after_a_killed_program_the_delivery_is_unknown(deliver):
    with pytest.raises(DeliveryError, match="was killed by signal 9") as caught:
        deliver(python("import os; os.kill(os.getpid(), 9)"))
    assert (caught.value.kind, caught.value.unknown) == ("program", True)


def test_a_program_that_hangs_is_killed_with_its_child_processes(deliver, tmp_path):
    beat = tmp_path / "beat"
    script = f"(while :; do echo x >> '{beat}'; sleep 0.02; done) & cat; wait"
    with pytest.raises(DeliveryError, match="did not finish within") as caught:
        deliver(program("sh", "-c", script), seconds=3.0, PATH="/usr/bin:/bin")
    assert (caught.value.kind, caught.value.unknown) == ("timeout", True)
    size = beat.stat().st_size
    assert size > 0
    time.sleep(0.1)
    assert beat.stat().st_size == size, "a child process is still running"


def test_a_program_may_leave_a_process_running(deliver, tmp_path):
    running, started = tmp_path / "running", tmp_path / "started"
    running.touch()
    script = 'while [ -e "$0" ]; do sleep 0.05; done & echo $! > "$1"'
    deliver(program("sh", "-c", script, str(running), str(started)), PATH="/usr/bin:/bin")
    process = Path(f"/proc/{started.read_text().strip()}")
    assert process.exists()
    running.unlink()
    while process.exists():
        time.sleep(0.01)


@pytest.mark.parametrize("name", ["no-such-program-here", "/etc/hostname", "/no/such/folder/x"])
def test_a_program_that_cannot_be_started_is_reported_with_a_next_step(deliver, name):
    with pytest.raises(DeliveryError, match="cannot start ") as caught:
        deliver(program(name), PATH="/usr/bin:/bin")
    assert (caught.value.kind, caught.value.unknown) == ("program", False)
    assert "full path" in caught.value.next_step
