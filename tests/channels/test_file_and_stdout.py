"""Files that keep what the reader wrote in them, and standard output."""

import os
import stat
import threading

import pytest
from messages import AT, MESSAGE

from papertrack.config.channels import FileChannel, StdoutChannel
from papertrack.errors import DeliveryError

MARK = f"<!-- papertrack message {MESSAGE.id} -->"


def notes(path):
    return FileChannel(name="notes", type="file", path=str(path))


def rights(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_each_day_has_a_file_of_the_reader_alone(sent, tmp_path):
    folder = tmp_path / "deep/alerts"
    for _ in range(2):
        assert sent(notes(folder)) == ()
    (path,) = folder.iterdir()
    assert path.name == f"{AT.astimezone().date()}.md"
    assert path.read_text() == f"{MARK}\n\n{MESSAGE.markdown}", "sent twice, it stands there once"
    assert (rights(folder), rights(path)) == (0o700, 0o600)


@pytest.mark.parametrize("before", ["", "mine", "mine\n", "mine\n\n", "\r\nmäne\r\n"])
def test_what_the_reader_wrote_stays_and_messages_come_behind_it(sent, tmp_path, before):
    path = tmp_path / "all.md"
    path.write_bytes(before.encode())
    path.chmod(0o644)
    link = tmp_path / "link.md"
    link.symlink_to(path)
    sent(notes(link))
    sent(notes(link), MESSAGE._replace(id="other-2", markdown="# Second\n"))
    first = path.read_bytes()
    assert first.startswith(before.encode())
    assert link.is_symlink()
    assert rights(path) == 0o644
    path.write_bytes(first.replace(b"A *title*", b"read!") + b"a remark")
    sent(notes(link))
    assert path.read_bytes() == first.replace(b"A *title*", b"read!") + b"a remark"
    assert sorted(os.listdir(tmp_path)) == ["all.md", "link.md"]


def test_a_place_that_cannot_be_written_is_told_and_nothing_is_left(sent, tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.md").mkdir()
    for path in (tmp_path / "file", tmp_path / "folder.md", "/dev/null/x.md"):
        with pytest.raises(DeliveryError, match="cannot be written") as caught:
            sent(notes(path))
        assert (caught.value.kind, caught.value.unknown) == ("file", False)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.md"]


def _read(descriptor):
    with open(descriptor, "rb") as file:
        return file.read()


def test_standard_output_gets_plain_text_or_markdown(sent):
    for form, body in (("plain", MESSAGE.text), ("markdown", MESSAGE.markdown)):
        inside, outside = os.pipe()
        with open(outside, "w", encoding="latin-1") as stdout:
            stdout.write("before\n")
            sent(StdoutChannel(name="out", type="stdout", form=form), stdout=stdout)
        shown = f"before\n{body}\n".encode("latin-1", errors="replace")
        assert _read(inside) == shown


def test_a_message_longer_than_a_pipe_is_written_whole(sent):
    inside, outside = os.pipe()
    got = []
    reader = threading.Thread(target=lambda: got.append(_read(inside)))
    reader.start()
    with open(outside, "w", encoding="utf-8") as stdout:
        long = MESSAGE._replace(text="x" * 300_000)
        sent(StdoutChannel(name="out", type="stdout"), long, stdout=stdout)
    reader.join()
    assert got == [b"x" * 300_000 + b"\n\n"]


def test_a_closed_pipe_fails_each_time_and_leaves_nothing_to_fail_at_the_end(sent):
    inside, outside = os.pipe()
    os.close(inside)
    with open(outside, "w", encoding="utf-8") as stdout:
        for _ in range(2):
            with pytest.raises(DeliveryError, match="takes nothing more") as caught:
                sent(StdoutChannel(name="out", type="stdout"), stdout=stdout)
            assert (caught.value.kind, caught.value.unknown) == ("file", True)
        stdout.flush()
