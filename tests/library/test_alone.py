"""The storage is of use to programs that have nothing to do with papers."""

import json
import subprocess
import sys
from textwrap import dedent

from tinydb import TinyDB

from papertrack import storage
from papertrack.storage.folder import FolderStorage

_PROGRAM = """
import json, sys
from tinydb import TinyDB
from papertrack.storage.folder import FolderStorage

database = TinyDB(sys.argv[1], storage=FolderStorage)
with database.storage.transaction():
    database.insert({"n": 1})
    database.table("other").insert({"n": 2})
print(json.dumps([database.all(), sorted(sys.modules)]))
"""


def test_plain_tinydb_on_a_folder_loads_nothing_of_papertrack_but_the_storage(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path / "library")],
        capture_output=True,
        check=True,
        timeout=300,
    )
    rows, modules = json.loads(done.stdout)
    ours = {name for name in modules if name.split(".")[0] == "papertrack"}
    assert rows == [{"n": 1}]
    assert "papertrack.storage.folder" in ours
    assert {name for name in ours if not name.startswith("papertrack.storage")} == {
        "papertrack",
        "papertrack.errors",
        "papertrack.log",
    }


def _example():
    """The lines of the docstring that are code: the only ones that are indented so far."""
    lines = storage.__doc__.splitlines()
    return dedent("\n".join(line for line in lines if not line or line.startswith("    ")))


def test_the_example_of_the_docstring_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(_example(), {})  # it is ours
    database = TinyDB("library", storage=FolderStorage)
    assert database.table("papers").all() == [{"title": "…"}]
    assert database.table("log").all() == [{"what": "added"}]
    assert [path.name for path in tmp_path.iterdir()] == ["library"]
