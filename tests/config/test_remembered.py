"""A configuration is read again exactly when it may say something else."""

import json
import os
import re
import sys
from pathlib import Path

import platformdirs
import pytest

from papertrack import __version__
from papertrack.config import load, load_for_papers
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


def memory(environ):
    return list(Path(user_folder("cache", environ)).glob("*.json"))


def test_what_is_remembered_is_all_but_the_alerts(path, environ):
    expected = load(str(path))._replace(alerts=Alerts())
    assert load_for_papers(str(path), environ) == expected
    assert load_for_papers(str(path), environ) == expected


def test_no_secret_is_remembered_and_nobody_else_can_read_it(path, environ):
    load_for_papers(str(path), environ)
    (kept,) = memory(environ)
    assert "hunter2" not in kept.read_text(encoding="utf-8")
    assert kept.stat().st_mode & 0o077 == 0


def test_a_changed_file_is_read_again(path, environ):
    load_for_papers(str(path), environ)
    path.write_text(TEXT.replace("agent]", "turtle]"), encoding="utf-8")
    assert load_for_papers(str(path), environ).topics[0].any == ("turtle",)


def test_a_file_that_became_wrong_is_told(path, environ):
    load_for_papers(str(path), environ)
    path.write_text(TEXT + "nonsense: 1\n", encoding="utf-8")
    with pytest.raises(ConfigError):
        load_for_papers(str(path), environ)


def test_another_home_gives_the_tilde_another_meaning(path, environ, tmp_path):
    load_for_papers(str(path), environ)
    (kept,) = memory(environ)
    before = kept.read_bytes()
    load_for_papers(str(path), environ | {"HOME": str(tmp_path / "elsewhere")})
    assert kept.read_bytes() != before


def test_a_file_that_asks_the_environment_is_not_remembered(path, environ):
    path.write_text("library: $HOME/papers\n", encoding="utf-8")
    load_for_papers(str(path), environ)
    assert memory(environ) == []


def test_a_password_in_an_address_is_not_remembered(path, environ):
    path.write_text(TEXT.replace("https://example.org/hf", "https://me:pw@example.org"), "utf-8")
    load_for_papers(str(path), environ)
    assert memory(environ) == []


def test_what_is_remembered_is_taken_without_reading_the_file_again(path, environ):
    load_for_papers(str(path), environ)
    (kept,) = memory(environ)
    kept.write_text(kept.read_text().replace('"agents"', '"from memory"'))
    assert load_for_papers(str(path), environ).topics[0].name == "from memory"


def test_a_memory_is_of_one_file_of_one_home_and_of_one_version(path, environ):
    found = path.stat()
    stamp = [found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino]
    assert fingerprint_of(str(path), environ) == [__version__, str(path), environ["HOME"], *stamp]
    assert fingerprint_of(os.path.relpath(path), {}) == [__version__, str(path), None, *stamp]
    assert fingerprint_of(f"{path}.none", environ) == []


def test_a_file_that_changed_while_it_was_read_is_read_again(path, environ):
    mark = fingerprint_of(str(path), environ)
    os.utime(path, ns=(0, 0))
    config = load(str(path))._replace(alerts=Alerts())
    save_cached(config, str(path), environ, mark)
    assert load_cached(str(path), environ) is None
    save_cached(config, str(path), environ, fingerprint_of(str(path), environ))
    assert load_cached(str(path), environ) is not None


def test_each_file_has_a_memory_of_its_own_and_nothing_else_is_left(path, environ):
    other = path.with_name("other.yaml")
    other.write_text("topics: []\n")
    for one in (path, other, path):
        load_for_papers(str(one), environ)
    load_for_papers(os.path.relpath(path), environ)
    assert len(memory(environ)) == 2
    folder_of = memory(environ)[0].parent
    assert len(list(folder_of.iterdir())) == 2
    assert folder_of.stat().st_mode & 0o077 == 0
    assert all(re.fullmatch(r"config-[0-9a-f]{8}\.json", one.name) for one in memory(environ))


@pytest.mark.parametrize("damage", [b"", b"\x00\xff", b"[]", b'{"of": 1}', b"[" * 100_000])
def test_a_damaged_memory_is_no_memory(path, environ, damage):
    load_for_papers(str(path), environ)
    (kept,) = memory(environ)
    kept.write_bytes(damage)
    assert load_for_papers(str(path), environ).topics == load(str(path)).topics
    assert json.loads(kept.read_bytes())["of"]


def test_a_memory_of_another_shape_is_no_memory(path, environ):
    load_for_papers(str(path), environ)
    (kept,) = memory(environ)
    stored = json.loads(kept.read_bytes())
    kept.write_text(json.dumps(stored | {"config": [1, 2]}), encoding="utf-8")
    assert load_for_papers(str(path), environ).topics == load(str(path)).topics


def test_where_nothing_can_be_written_nothing_is_remembered(path, environ, tmp_path):
    (tmp_path / "cache").write_text("a file, no folder", encoding="utf-8")
    assert load_for_papers(str(path), environ).topics == load(str(path)).topics


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere platformdirs is asked itself")
@pytest.mark.parametrize("variable", [None, "", "  ", "/somewhere"])
def test_the_folders_are_those_of_platformdirs(monkeypatch, tmp_path, variable):
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


@pytest.mark.parametrize("kind", ["config", "data", "cache"])
def test_on_other_systems_platformdirs_is_asked(monkeypatch, kind):
    monkeypatch.setattr(sys, "platform", "other")
    find = getattr(platformdirs, f"user_{kind}_dir")
    assert user_folder(kind, {}) == find("papertrack", appauthor=False)
