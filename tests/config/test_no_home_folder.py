"""A user without a home folder, as in `docker run --user 54321`."""

import os
import subprocess
import sys

import pytest

from papertrack.config.folders import expand_home

_PROGRAM = """
import os
from papertrack import config
from papertrack.config import folders
from papertrack.errors import UsageError
os.setuid(54321)
environ = {}
os.environ.pop("HOME", None)
for find in (
    lambda: config.resolve_library(None, environ, config.Config()),
    lambda: config.resolve_library("~/papers", environ, config.Config()),
    lambda: folders.expand_home("~"),
):
    try:
        print(find())
    except UsageError as error:
        print(error.what, error.why, error.next_step, sep=" | ")
print(config.resolve_library("/data", environ, config.Config()))
print(config.resolve_path(None, environ)[0])
print(folders.user_folder("cache", environ))
"""


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0,
    reason="only root can become a user without a name",
)
def test_no_path_begins_with_a_tilde_without_a_home_folder():
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    why = "$HOME is not set, and the user has no entry in the password database"
    assert ended.stdout.splitlines() == [
        f"no home folder for {path} | {why} | set HOME, or --library and --config"
        for path in ("~/.local/share", "~/papers", "~")
    ] + [
        "/data",
        "/nonexistent/.config/papertrack/config.yaml",
        "/nonexistent/.cache/papertrack",
    ]


def test_a_tilde_is_the_home_folder_and_other_paths_stay(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert expand_home("~/papers") == f"{tmp_path}/papers"
    for path in ("papers", "/papers", "~no-such-user/x", "a~"):
        assert expand_home(path) == path
