"""Delivery to files, which preserves edits of the user, and to standard output."""

import os
import stat
import subprocess
import sys
import threading
from fcntl import LOCK_EX, flock

import pytest
from messages import AT, MESSAGE

from papertrack.channels.file import FileSender
from papertrack.config.channels import FileChannel, StdoutChannel
from papertrack.errors import DeliveryError

MARK = f"<!-- papertrack message {MESSAGE.id} -->"


def file_channel(path):
    return FileChannel(name="notes", type="file", path=str(path))


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_each_day_has_a_private_file(deliver, tmp_path):
    folder = tmp_path / "deep/alerts"
    for _ in range(2):
        assert deliver(file_channel(folder)) == ()
    (path,) = folder.iterdir()
    assert path.name == f"{AT.astimezone().date()}.md"
    assert path.read_text() == f"{MARK}\n\n{MESSAGE.markdown}", (
        "a message sent twice must occur once"
    )
    assert (mode(folder), mode(path)) == (0o700, 0o600)


@pytest.mark.parametrize("before", ["", "mine", "mine\n", "mine\n\n", "\r\nmäne\r\n"])
def test_messages_are_appended_after_the_text_of_the_user(deliver, tmp_path, before):
    path = tmp_path / "all.md"
    path.write_bytes(before.encode())
    path.chmod(0o644)
    link = tmp_path / "link.md"
    link.symlink_to(path)
    deliver(file_channel(link))
    deliver(file_channel(link), MESSAGE._replace(id="other-2", markdown="# Second\n"))
    first = path.read_bytes()
    assert first.startswith(before.encode())
    assert link.is_symlink()
    assert mode(path) == 0o644
    path.write_bytes(first.replace(b"A *title*", b"read!") + b"a remark")
    deliver(file_channel(link))
    assert path.read_bytes() == first.replace(b"A *title*", b"read!") + b"a remark"
    assert sorted(os.listdir(tmp_path)) == ["all.md", "link.md"]


def test_what_others_write_meanwhile_remains(deliver, tmp_path):
    path, stopped = tmp_path / "all.md", threading.Event()
    lines = []

    def write_lines():
        while not stopped.is_set():
            with path.open("a") as file:
                file.write(f"line {len(lines)}\n")
            lines.append(f"line {len(lines)}")

    def send(sender):
        for number in range(40):
            deliver(file_channel(path), MESSAGE._replace(id=f"{sender}-{number}"))

    user = threading.Thread(target=write_lines)
    senders = [threading.Thread(target=send, args=(name,)) for name in ("one", "two")]
    for thread in (user, *senders):
        thread.start()
    for thread in senders:
        thread.join()
    stopped.set()
    user.join()
    text = path.read_text()
    assert [line for line in text.splitlines() if line.startswith("line ")] == lines
    for name in ("one", "two"):
        for number in range(40):
            marker = f"<!-- papertrack message {name}-{number} -->"
            assert text.count(f"{marker}\n\n{MESSAGE.markdown.strip()}\n") == 1


@pytest.mark.parametrize("length", [len(MARK), len(MARK) + 1, len(MARK) + 9])
def test_a_message_that_a_crash_cut_off_is_completed(deliver, tmp_path, length):
    path = tmp_path / "all.md"
    path.write_text("mine\n\n")
    deliver(file_channel(path))
    whole = path.read_bytes()
    path.write_bytes(whole[: len("mine\n\n") + length])
    deliver(file_channel(path))
    assert path.read_bytes() == whole


def test_a_message_is_in_the_file_that_an_editor_saved_meanwhile(tmp_path):
    path = tmp_path / "all.md"
    path.write_text("old")

    class Editor:
        """A message whose text is read at the moment at which an editor replaces the file."""

        id, at = MESSAGE.id, MESSAGE.at

        @property
        def markdown(self):
            if path.read_text() == "old":
                saved = tmp_path / "saved"
                saved.write_text("edited")
                saved.replace(path)
            return "text"

    FileSender(file_channel(path)).send(Editor(), 60.0)
    assert path.read_text() == f"edited\n\n{MARK}\n\ntext\n"


def test_a_disk_that_is_full_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "all.md"
    path.write_text("mine\n")
    script = (
        "import resource, signal, sys; from messages import MESSAGE;"
        "from papertrack.channels.file import FileSender;"
        "from papertrack.config.channels import FileChannel;"
        "from papertrack.errors import DeliveryError;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40));"
        "sender = FileSender(FileChannel(name='n', type='file', path=sys.argv[1]))\n"
        "try: sender.send(MESSAGE, 9.0)\n"
        "except DeliveryError as error: print(error.kind)"
    )
    python = [sys.executable, "-c", script, str(path)]
    # Python before 3.12.8 would leave parts of compiled modules.
    environ = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    environ |= {"PYTHONPATH": os.path.dirname(__file__)}
    done = subprocess.run(python, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "file\n"
    assert path.read_text() == "mine\n"


def test_a_file_that_another_program_has_locked_is_a_failed_delivery(deliver, tmp_path):
    path = tmp_path / "all.md"
    with path.open("a") as file:
        flock(file, LOCK_EX)
        with pytest.raises(DeliveryError, match="another program has locked it"):
            deliver(file_channel(path), seconds=0.05)
    deliver(file_channel(path))
    assert MARK in path.read_text()


def test_a_path_that_cannot_be_written_is_reported_and_no_temporary_file_remains(deliver, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.md").mkdir()
    for path in (tmp_path / "file", tmp_path / "folder.md", "/dev/null/x.md"):
        with pytest.raises(DeliveryError, match="cannot write ") as caught:
            deliver(file_channel(path))
        assert (caught.value.kind, caught.value.unknown) == ("file", False)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.md"]


def _read(descriptor):
    with open(descriptor, "rb") as file:
        return file.read()


def test_standard_output_receives_plain_text_or_markdown(deliver):
    for form, body in (("plain", MESSAGE.text), ("markdown", MESSAGE.markdown)):
        read_end, write_end = os.pipe()
        with open(write_end, "w", encoding="latin-1") as stdout:
            stdout.write("before\n")
            deliver(StdoutChannel(name="out", type="stdout", form=form), stdout=stdout)
        expected = f"before\n{body}\n".encode("latin-1", errors="replace")
        assert _read(read_end) == expected


def test_a_message_longer_than_the_buffer_of_a_pipe_is_written_completely(deliver):
    read_end, write_end = os.pipe()
    received = []
    reader = threading.Thread(target=lambda: received.append(_read(read_end)))
    reader.start()
    with open(write_end, "w", encoding="utf-8") as stdout:
        long = MESSAGE._replace(text="x" * 300_000)
        deliver(StdoutChannel(name="out", type="stdout"), long, stdout=stdout)
    reader.join()
    assert received == [b"x" * 300_000 + b"\n\n"]


def test_a_closed_pipe_fails_each_time_and_leaves_nothing_buffered(deliver):
    read_end, write_end = os.pipe()
    os.close(read_end)
    with open(write_end, "w", encoding="utf-8") as stdout:
        for _ in range(2):
            with pytest.raises(DeliveryError, match="cannot write to standard output") as caught:
                deliver(StdoutChannel(name="out", type="stdout"), stdout=stdout)
            assert (caught.value.kind, caught.value.unknown) == ("file", True)
        stdout.flush()
