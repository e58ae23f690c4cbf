"""The cached configuration is used exactly while the file is unchanged."""

import json
import os
import re
import sys
import zlib
from pathlib import Path
from threading import Thread

import platformdirs
import pytest

from papertrack import __version__
from papertrack.config import example_text, load, load_for_papers
from papertrack.config.config_cache import fingerprint_of, load_cached, save_cached
from papertrack.config.folders import user_folder
from papertrack.config.records import Alerts
from papertrack.errors import ConfigError

TEXT = """
library: ./papers
sources:
  huggingface: {base_url: "https://example.org/hf"}
  arxiv: {categories: [cs.CL], delay_seconds: 5}
topics:
  - {name: agents, any: [agent], none: [travel], authors: [Ada One], threshold: 95}
alerts:
  channels: [{name: hook, type: webhook, url: "https://me:hunter2@example.org/x"}]
network: {deadline_seconds: 7, user_agent: me}
"""


@pytest.fixture
def environ(tmp_path):
    return {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def cache_files(environ):
    return list(Path(user_folder("cache", environ)).glob("*.json"))


def test_everything_but_the_alerts_is_cached(path, environ):
    expected = load(str(path))._replace(alerts=Alerts())
    assert load_for_papers(str(path), environ) == expected
    assert load_for_papers(str(path), environ) == expected


def test_no_secret_is_cached_and_the_cache_is_private(path, environ):
    load_for_papers(str(path), environ)
    (cache,) = cache_files(environ)
    assert "hunter2" not in cache.read_text(encoding="utf-8")
    assert cache.stat().st_mode & 0o077 == 0


def test_a_changed_file_is_parsed_again(path, environ):
    load_for_papers(str(path), environ)
    path.write_text(TEXT.replace("agent]", "turtle]"), encoding="utf-8")
    assert load_for_papers(str(path), environ).topics[0].any == ("turtle",)


def test_an_error_added_to_a_cached_file_is_reported(path, environ):
    load_for_papers(str(path), environ)
    path.write_text(TEXT + "nonsense: 1\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        load_for_papers(str(path), environ)


def test_another_home_directory_invalidates_the_cache(path, environ, tmp_path):
    load_for_papers(str(path), environ)
    (cache,) = cache_files(environ)
    before = cache.read_bytes()
    load_for_papers(str(path), environ | {"HOME": str(tmp_path / "elsewhere")})
    assert cache.read_bytes() != before


def test_a_file_with_environment_variables_is_not_cached(path, environ):
    path.write_text("library: $HOME/papers\n", encoding="utf-8")
    load_for_papers(str(path), environ)
    assert cache_files(environ) == []


@pytest.mark.parametrize(
    "text",
    [
        "library: papers # not $HOME\n",
        "# $HOME\nlibrary: papers\n",
        example_text(),
    ],
)
def test_a_file_with_a_variable_only_in_a_comment_is_cached(path, environ, text):
    path.write_text(text, encoding="utf-8")
    load_for_papers(str(path), environ)
    assert len(cache_files(environ)) == 1


@pytest.mark.parametrize(
    "text", ['library: "a\n#$HOME"\n', "library: |-\n  # $HOME\n", "library: '$HOME' # here\n"]
)
def test_a_variable_in_a_value_that_looks_like_a_comment_is_not_cached(path, environ, text):
    path.write_text(text, encoding="utf-8")
    load_for_papers(str(path), environ)
    assert cache_files(environ) == []


def test_a_password_in_a_url_is_not_cached(path, environ):
    path.write_text(TEXT.replace("https://example.org/hf", "https://me:pw@example.org"), "utf-8")
    load_for_papers(str(path), environ)
    assert cache_files(environ) == []


def test_the_address_of_a_feed_with_a_secret_is_not_cached(path, environ):
    feeds = "sources: {{feeds: [{{name: lab, url: 'https://lab.org/f?{}=1&{}=2'}}]}}\n"
    for names in (("x", "token"), ("token", "x")):
        path.write_text(feeds.format(*names), "utf-8")
        load_for_papers(str(path), environ)
        assert cache_files(environ) == []
    path.write_text(feeds.format("x", "y"), "utf-8")
    load_for_papers(str(path), environ)
    assert len(cache_files(environ)) == 1


@pytest.mark.parametrize(("more", "is_known"), [(0, True), (1, False)])
def test_a_file_above_a_megabyte_has_no_fingerprint(path, environ, more, is_known):
    path.write_text("#" * (2**20 + more))
    assert bool(fingerprint_of(str(path), environ)) is is_known


def test_a_cached_configuration_is_used_without_parsing_the_file(path, environ):
    load_for_papers(str(path), environ)
    (cache,) = cache_files(environ)
    cache.write_text(cache.read_text().replace('"agents"', '"from the cache"'))
    assert load_for_papers(str(path), environ).topics[0].name == "from the cache"


def test_the_fingerprint_has_the_version_the_path_the_home_and_the_status_of_the_file(
    path, environ
):
    status = path.stat()
    stamp = [status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino]
    stamp.append(zlib.crc32(path.read_bytes()))
    assert fingerprint_of(str(path), environ) == [__version__, str(path), environ["HOME"], *stamp]
    assert fingerprint_of(os.path.relpath(path), {}) == [__version__, str(path), None, *stamp]
    assert fingerprint_of(f"{path}.none", environ) == []


def test_a_file_that_changes_while_it_is_parsed_is_parsed_again(path, environ):
    fingerprint = fingerprint_of(str(path), environ)
    os.utime(path, ns=(0, 0))
    config = load(str(path))._replace(alerts=Alerts())
    save_cached(config, str(path), environ, fingerprint)
    assert load_cached(str(path), environ) is None
    save_cached(config, str(path), environ, fingerprint_of(str(path), environ))
    assert load_cached(str(path), environ) is not None


def test_each_file_has_a_cache_of_its_own_and_no_temporary_file_remains(path, environ):
    other = path.with_name("other.yaml")
    other.write_text("topics: []\n")
    for config_file in (path, other, path):
        load_for_papers(str(config_file), environ)
    load_for_papers(os.path.relpath(path), environ)
    assert len(cache_files(environ)) == 2
    folder = cache_files(environ)[0].parent
    assert len(list(folder.iterdir())) == 2
    assert folder.stat().st_mode & 0o077 == 0
    assert all(
        re.fullmatch(r"config-[0-9a-f]{8}\.json", cache.name) for cache in cache_files(environ)
    )


@pytest.mark.parametrize("damage", [b"", b"\x00\xff", b"[]", b'{"of": 1}', b"[" * 100_000])
def test_a_damaged_cache_is_ignored(path, environ, damage):
    load_for_papers(str(path), environ)
    (cache,) = cache_files(environ)
    cache.write_bytes(damage)
    assert load_for_papers(str(path), environ).topics == load(str(path)).topics
    assert json.loads(cache.read_bytes())["of"]


def test_a_cache_with_unexpected_content_is_ignored(path, environ):
    load_for_papers(str(path), environ)
    (cache,) = cache_files(environ)
    stored = json.loads(cache.read_bytes())
    cache.write_text(json.dumps(stored | {"config": [1, 2]}), encoding="utf-8")
    assert load_for_papers(str(path), environ).topics == load(str(path)).topics


def test_a_cache_that_cannot_be_written_is_not_an_error(path, environ, tmp_path):
    (tmp_path / "cache").write_text("a file, not a folder", encoding="utf-8")
    assert load_for_papers(str(path), environ).topics == load(str(path)).topics


@pytest.mark.skipif(sys.platform != "linux", reason="other systems use platformdirs")
@pytest.mark.parametrize("variable", [None, "", "  ", "/somewhere"])
def test_the_folders_match_those_of_platformdirs(monkeypatch, tmp_path, variable):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONFIG", "DATA", "CACHE"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
        if variable is not None:
            monkeypatch.setenv(f"XDG_{name}_HOME", variable)

    assert user_folder("config", os.environ) == platformdirs.user_config_dir(
        "papertrack", appauthor=False
    )
    assert user_folder("data", os.environ) == platformdirs.user_data_dir(
        "papertrack", appauthor=False
    )
    assert user_folder("cache", os.environ) == platformdirs.user_cache_dir(
        "papertrack", appauthor=False
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems use platformdirs")
@pytest.mark.parametrize("variable", ["rel", "./rel", "../rel", "~/rel"])
@pytest.mark.parametrize("kind", ["config", "data", "cache"])
def test_a_relative_folder_in_the_environment_is_ignored(kind, variable):
    assert user_folder(kind, {f"XDG_{kind.upper()}_HOME": variable}) == user_folder(kind, {})


@pytest.mark.parametrize("kind", ["config", "data", "cache"])
def test_other_systems_use_platformdirs(monkeypatch, kind):
    monkeypatch.setattr(sys, "platform", "other")
    find = getattr(platformdirs, f"user_{kind}_dir")
    assert user_folder(kind, {}) == find("papertrack", appauthor=False)


OTHERS = {
    "a folder that others may write to": (lambda folder, _: folder.chmod(0o777)),
    "a folder that a group may write to": (lambda folder, _: folder.chmod(0o770)),
    "a file that others may write to": (lambda _, file: file.chmod(0o602)),
    "a folder of another user": (lambda folder, _: os.chown(folder, 65534, 65534)),
    "a file of another user": (lambda _, file: os.chown(file, 65534, 65534)),
}


@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_a_cache_that_others_could_write_is_neither_used_nor_renewed(path, environ, change):
    expected = load_for_papers(str(path), environ)
    (cache,) = cache_files(environ)
    forged = json.loads(cache.read_text())
    forged["config"]["library"] = "/elsewhere"
    cache.write_text(json.dumps(forged))
    assert load_for_papers(str(path), environ).library == "/elsewhere", "the cache is not in use"
    try:
        change(cache.parent, cache)
    except OSError:  # also if root is that of a container, which knows no other user
        pytest.skip("only root can give files to another user")
    assert load_cached(str(path), environ) is None
    assert load_for_papers(str(path), environ) == expected
    if not os.access(cache.parent, os.W_OK) or cache.parent.stat().st_mode & 0o022:
        assert json.loads(cache.read_text()) == forged


def test_a_cache_folder_that_is_a_link_is_not_used(path, environ, tmp_path):
    load_for_papers(str(path), environ)
    (cache,) = cache_files(environ)
    cache.parent.rename(tmp_path / "other")
    cache.parent.symlink_to(tmp_path / "other")
    assert load_cached(str(path), environ) is None


def test_a_file_of_the_same_size_and_times_with_another_content_is_parsed_again(path, environ):
    before = fingerprint_of(str(path), environ)
    status = path.stat()
    path.write_text(TEXT.replace("agent]", "other]"), encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    after = fingerprint_of(str(path), environ)
    assert path.stat().st_size == status.st_size
    assert before[-1] != after[-1]


def test_a_configuration_from_a_pipe_is_read_once(tmp_path, environ):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_text, args=(TEXT,))
    writer.start()
    assert load_for_papers(str(pipe), environ).topics[0].name == "agents"
    writer.join()
    assert cache_files(environ) == []
