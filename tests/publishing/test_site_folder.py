"""A site's folder: files of others stay, former pages are removed only if unchanged."""

import os

import pytest

from papertrack.errors import LibraryBusy, UsageError
from papertrack.publishing import Published, folder
from papertrack.publishing.folder import MANIFEST, open_site


def write(path, **texts):
    """Write files, whose names have an underscore for each slash."""
    with open_site(str(path)) as site:
        for name, text in texts.items():
            site.write(name.replace("_", "/") + ".html", text.encode())
        return site.finish()


def test_a_file_of_another_program_is_neither_replaced_nor_removed(tmp_path):
    (tmp_path / "index.html").write_text("mine")
    (tmp_path / "CNAME").write_text("example.org")
    with pytest.raises(UsageError, match="is not a file of papertrack"):
        write(tmp_path, index="new")
    assert (tmp_path / "index.html").read_text() == "mine"
    assert not (tmp_path / MANIFEST).exists()
    (tmp_path / "index.html").write_text("new")
    assert write(tmp_path, index="new") == Published(1, 0, 0), "the same content is adopted"
    assert (tmp_path / "CNAME").read_text() == "example.org"


def test_a_former_page_is_removed_with_its_folder_if_it_is_unchanged(tmp_path):
    write(tmp_path, index="1", topic_a="2", topic_b="3", day_x="4")
    (tmp_path / "topic/b.html").write_text("edited")
    (tmp_path / "day/mine").write_text("mine")
    assert write(tmp_path, index="1") == Published(1, 0, 2)
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*"))
    assert left == [MANIFEST, "day", "day/mine", "index.html", "topic", "topic/b.html"]
    assert write(tmp_path, index="1").removed == 0


def test_a_manifest_that_names_files_outside_removes_nothing(tmp_path):
    outside = tmp_path / "outside.html"
    outside.write_text("1")
    write(tmp_path / "site", index="1")
    line = (tmp_path / "site" / MANIFEST).read_text().split()[0]
    (tmp_path / "site" / MANIFEST).write_text(f"{line} ../outside.html\n{line} /{outside}\nx\n")
    assert write(tmp_path / "site", other="1").removed == 0
    assert outside.read_text() == "1"


def test_a_killed_run_leaves_files_that_the_next_run_replaces_or_removes(tmp_path):
    write(tmp_path, index="1", old="1")
    with open_site(str(tmp_path)) as site:  # never finished
        site.write("index.html", b"2")
        site.write("new.html", b"2")
        site.write("old.html", b"2")
    assert write(tmp_path, index="3") == Published(1, 1, 2)
    assert sorted(os.listdir(tmp_path)) == [MANIFEST, "index.html"]


def test_an_unchanged_file_is_not_touched_and_a_changed_one_keeps_its_permissions(tmp_path):
    write(tmp_path, index="1", other="1")
    os.chmod(tmp_path / "index.html", 0o604)
    before = os.stat(tmp_path / "other.html")
    assert write(tmp_path, index="2", other="1") == Published(2, 1, 0)
    after = os.stat(tmp_path / "other.html")
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert os.stat(tmp_path / "index.html").st_mode & 0o777 == 0o604


def test_nothing_is_written_through_a_link_out_of_the_folder(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site/topic").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="link out of"):
        write(tmp_path / "site", topic_a="1")
    assert os.listdir(tmp_path / "elsewhere") == []


def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        write(tmp_path / "file", index="1")
    (tmp_path / "site/index.html").mkdir(parents=True)
    with pytest.raises(UsageError, match="cannot write"):
        write(tmp_path / "site", index="1")


@pytest.mark.skipif(os.name != "posix", reason="the lock needs flock")
def test_a_second_run_waits_and_then_reports_that_the_folder_is_locked(tmp_path, monkeypatch):
    monkeypatch.setattr(folder, "_PATIENCE", 0)
    with open_site(str(tmp_path)), pytest.raises(LibraryBusy, match="publishing"):
        write(tmp_path, index="1")
