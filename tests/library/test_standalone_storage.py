"""The storage can be used without the rest of papertrack."""

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


def test_tinydb_on_a_folder_imports_only_the_storage_of_papertrack(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tmp_path / "library")],
        capture_output=True,
        check=True,
        timeout=300,
    )
    rows, modules = json.loads(done.stdout)
    imported = {name for name in modules if name.split(".")[0] == "papertrack"}
    assert rows == [{"n": 1}]
    assert "papertrack.storage.folder" in imported
    assert {name for name in imported if not name.startswith("papertrack.storage")} == {
        "papertrack",
        "papertrack.errors",
        "papertrack.log",
    }


def _example():
    """The code in the docstring: its only indented lines."""
    lines = storage.__doc__.splitlines()
    return dedent("\n".join(line for line in lines if not line or line.startswith("    ")))


def test_the_example_in_the_docstring_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(_example(), {})  # trusted: it is in this repository
    database = TinyDB("library", storage=FolderStorage)
    assert database.table("papers").all() == [{"title": "…"}]
    assert database.table("log").all() == [{"what": "added"}]
    assert [path.name for path in tmp_path.iterdir()] == ["library"]
