"""The commands `library info`, `verify`, `backup`, `restore` and `compact`."""

import csv
import io
import json
import re
import resource
import shlex
import shutil
import stat
import zipfile
from ctypes import CDLL
from pathlib import Path

import pytest
from pages import numbered
from program import Program

from papertrack.storage.lock import hold_lock

DAY, BEFORE = "2026-03-31", "2026-03-30"
PAPERS, LISTINGS, INDEX = f"papers.{DAY}.json", f"listings.{DAY}.json", "index.2603.json"
BACKUP = "papertrack-2026-03-31.zip"  # the default name
TRUNCATED = b'{"papertrack": 1, "ro'


def files(folder):
    """The contents of a folder by path, with the bytes of files, without caches and locks."""
    paths = {path.relative_to(folder): path for path in folder.rglob("*")}
    return {
        str(name): _content(path)
        for name, path in paths.items()
        if name.name != ".lock" and name.parts[0] != "cache"
    }


def _content(path):
    if path.is_symlink():
        return path.readlink()
    return path.read_bytes() if path.is_file() else "a folder"


def tables(folder):
    """The bytes of the tables of a library, without other files."""
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


def ids(program):
    """The ids of all stored papers."""
    return program("list", "--all", "-f", "ids").out.split()


def outputs(program):
    """The output of several commands, which together show a whole library."""

    def output_of(*words):
        result = program(*words)
        assert (result.code, result.err) == (0, "")
        return result.out

    printed = output_of("list", "--all", "-f", "jsonl")
    stored = [json.loads(line)["id"] for line in printed.splitlines()]
    return (
        printed,
        output_of("list", "--starred", "-f", "ids"),
        output_of("-q", "coverage", "--since", "2026-03-01", "-f", "json"),
        output_of("show", *stored, "-f", "json"),
    )


def has_short_message(result):
    """Check that stderr has one to three lines, and stdout none."""
    assert result.out == ""
    assert 1 <= len(result.err.splitlines()) <= 3, result.err
    assert "Traceback" not in result.err
    assert "bug" not in result.err
    return True


# --- info


def info_of(program):
    (row,) = json.loads(program("library", "info", "-f", "json").out)["data"]
    return row


def test_info_counts_the_papers_of_list_and_the_bytes_on_disk(owner):
    owner("star", "2603.00001")
    owner("hide", "2603.00002")
    papers = [json.loads(line) for line in owner("list", "--all", "-f", "jsonl").out.splitlines()]
    days = {listed["day"] for paper in papers for listed in paper["listings"]}
    sizes = {path: path.stat().st_size for path in owner.library.rglob("*") if path.is_file()}
    of_tables = [sizes[path] for path in owner.library.glob("*.json")]
    info = info_of(owner)
    assert info["library"] == str(owner.library)
    assert (info["papers"], info["marked"]) == (len(papers), 2)
    assert (info["days"], info["first_day"], info["last_day"]) == (
        len(days),
        min(days),
        max(days),
    )
    assert (info["tables"], info["bytes"]) == (len(of_tables), sum(of_tables))
    assert info["bytes"] + info["bytes_kept"] == sum(sizes.values())
    assert info["damaged"] == 0


def test_info_has_the_same_values_in_every_format(reader):
    expected = info_of(reader)
    words = ["-" if value is None else str(value) for value in expected.values()]

    def printed(form):
        result = reader("library", "info", "-f", form)
        assert (result.code, result.err) == (0, "")
        return result.out

    assert json.loads(printed("jsonl")) == expected
    (row,) = csv.DictReader(io.StringIO(printed("csv")))
    assert row == dict(zip(expected, words, strict=True))
    assert printed("plain") == "\t".join(words) + "\n"
    for form in ("md", "ids", "table"):
        # A long path is divided between lines, at its spaces if it has some.
        assert "".join(str(reader.library).split()) in "".join(printed(form).split())


def test_info_of_an_empty_library_succeeds_and_creates_nothing(papertrack):
    info = info_of(papertrack)
    assert {info[key] for key in ("papers", "days", "marked", "tables", "bytes")} == {0}
    assert {info[key] for key in ("first_day", "last_day", "written")} == {None}
    assert not papertrack.library.exists()
    _, output = papertrack.in_terminal("library", "info")
    assert b"never" in output


# --- verify


def test_verify_finds_no_problems_in_an_intact_library_and_changes_nothing(owner):
    before = files(owner.library)
    for words in ("verify", "verify --repair"):
        result = owner("library", *words.split())
        assert (result.code, result.out) == (0, "")
        assert "no problems found" in result.err
    assert owner("-q", "library", "verify") == (0, "", "")
    assert files(owner.library) == before


def test_verify_of_an_empty_library_succeeds_and_creates_nothing(papertrack):
    for words in ("verify", "verify --repair"):
        assert papertrack("library", *words.split()).code == 0
    assert not papertrack.library.exists()


def _forget(folder):
    """Delete the journal, as if the last transactions were no longer kept."""
    for file in (folder / ".journal").iterdir():
        file.unlink()


def _rows(path):
    return json.loads(path.read_bytes())["rows"]


def _edit(path, change):
    document = json.loads(path.read_bytes())
    change(document["rows"])
    path.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")


def _damaged_with_a_journal(folder):
    (folder / PAPERS).write_bytes(b"")


def _damaged_with_a_backup(folder):
    _forget(folder)
    shutil.copy(folder / PAPERS, folder / f"{PAPERS}.bak")
    (folder / PAPERS).write_bytes(TRUNCATED)


def _missing_with_a_backup(folder):
    _forget(folder)
    (folder / PAPERS).rename(folder / f"{PAPERS}.bak")


def _papers_damaged(folder):
    lost = _rows(folder / PAPERS).keys()
    _forget(folder)
    (folder / PAPERS).write_bytes(TRUNCATED)
    return lost


def _a_paper_that_is_none(folder):
    _edit(folder / PAPERS, lambda rows: rows.update({"2603.00003": {"x": 1}}))
    return {"2603.00003"}


def _index_gone(folder):
    _forget(folder)
    (folder / INDEX).unlink()


def _index_of_a_paper_that_is_not_there(folder):
    _edit(folder / INDEX, lambda rows: rows[f"papers.{DAY}"]["ids"].append("2603.99999"))


def _listing_of_an_unknown_paper(folder):
    _edit(folder / LISTINGS, lambda rows: rows.update({"2603.99999": rows["2603.00003"]}))


def _journal_damaged(folder):
    (folder / ".journal" / "commit").write_bytes(b"half")


@pytest.fixture(scope="session")
def paper_ids(reader):
    """The ids of the papers in the library before it is damaged."""
    return set(ids(reader))


# Functions that damage a library and return the ids of lost papers; and the expected report.
DAMAGES = [
    (_damaged_with_a_journal, [f"{PAPERS} .*journal"]),
    (_damaged_with_a_backup, [f"{PAPERS} .*backup"]),
    (_missing_with_a_backup, [f"{PAPERS} .*missing.*backup"]),
    (_papers_damaged, [f"{PAPERS} .*no usable copy", f"listings.{DAY}: 25 .*not stored"]),
    (
        _a_paper_that_is_none,
        [f"papers.{DAY}: 1 invalid.*2603.00003", f"listings.{DAY}: 1 .*not stored"],
    ),
    (_index_gone, [f"papers.{DAY}: 24 .*index", f"papers.{BEFORE}: 24 .*index"]),
    (_index_of_a_paper_that_is_not_there, [f"papers.{DAY}: 1 .*not in the table: 2603.99999"]),
    (_listing_of_an_unknown_paper, [f"listings.{DAY}: 1 .*not stored: 2603.99999"]),
    (_journal_damaged, [r"\.journal/commit"]),
]


@pytest.mark.parametrize(
    ("damage_library", "patterns"),
    DAMAGES,
    ids=[damage.__name__[1:] for damage, _ in DAMAGES],
)
def test_verify_lists_problems_and_repair_leaves_an_intact_library(
    owner, paper_ids, damage_library, patterns
):
    """Verify changes nothing; repair keeps damaged files and all readable papers."""
    lost = set(damage_library(owner.library) or ())
    before = files(owner.library)
    result = owner("library", "verify")
    assert result.code == 5
    assert [pattern for pattern in patterns if not re.search(pattern, result.out)] == [], result.out
    advice = "to repair: papertrack library verify --repair"
    assert re.search(rf"^papertrack: \d+ problems? found\n +{advice}$", result.err, re.MULTILINE)
    assert files(owner.library) == before
    repaired = owner("library", "verify", "--repair")
    assert (repaired.code, repaired.out) == (0, result.out)
    contents = set(files(owner.library).values())
    assert {body for name, body in before.items() if name.endswith(".json")} <= contents
    again = owner("library", "verify")
    assert (again.code, again.out) == (0, "")
    assert set(ids(owner)) == paper_ids - lost


def test_many_problems_are_counted_and_the_first_are_listed(owner):
    for number in range(60):
        day = f"2025-{number // 5 + 1:02}-{number % 5 + 1:02}"
        (owner.library / f"listings.{day}.json").write_bytes(TRUNCATED)
    result = owner("library", "verify")
    *reported, rest = result.out.splitlines()
    assert result.code == 5
    assert all("listings.2025" in line for line in reported)
    assert len(reported) + int(re.fullmatch(r"… and (\d+) more", rest)[1]) == 60
    assert "60 problems" in result.err


def test_info_counts_damaged_files_that_were_set_aside(owner):
    (owner.library / PAPERS).write_bytes(TRUNCATED)
    owner("library", "verify", "--repair")
    assert info_of(owner)["damaged"] == 1


@pytest.fixture
def fetched(papertrack, daily):
    """A library of three complete days, which would not be fetched again."""
    daily.days = {f"2026-03-2{day}": numbered(10 * day, 3) for day in (5, 6, 7)}
    papertrack.ask(daily.url)
    assert papertrack("fetch").code == 0
    daily.asked.clear()
    return papertrack


def _a_row_gone(path):
    _edit(path, lambda rows: rows.popitem())


def _damaged(path):
    path.write_bytes(TRUNCATED)


@pytest.mark.parametrize(
    ("table", "lose"),
    [
        ("papers", Path.unlink),
        ("papers", _a_row_gone),
        ("listings", _damaged),
        ("listings", _a_row_gone),
    ],
)
def test_only_days_that_lost_papers_are_fetched_again(fetched, daily, table, lose):
    printed = fetched("list", "--all", "-f", "jsonl")
    _forget(fetched.library)
    lose(fetched.library / f"{table}.2026-03-26.json")
    repaired = fetched("library", "verify", "--repair")
    assert repaired.code == 0
    assert "fetch --since 2026-03-26" in repaired.err
    assert fetched("fetch").code == 0
    assert "2026-03-26" in daily.asked
    assert {"2026-03-25", "2026-03-27"}.isdisjoint(daily.asked)
    assert fetched("list", "--all", "-f", "jsonl") == printed


# --- backup


def test_a_backup_is_named_after_the_day_and_private(owner, paper_ids):
    before = files(owner.library)
    result = owner("library", "backup", umask=0)
    assert (result.code, result.out) == (0, f"{BACKUP}\n")
    assert f"{len(paper_ids)} papers" in result.err
    assert stat.S_IMODE((owner.home / BACKUP).stat().st_mode) == 0o600
    assert files(owner.library) == before
    assert owner("-q", "library", "backup", "-o", "other.zip") == (0, "other.zip\n", "")


@pytest.mark.parametrize("existing", ["file", "folder", "dangling link"])
def test_a_backup_never_replaces_an_existing_path(owner, existing):
    path = owner.home / "there"
    {
        "file": lambda: path.write_text("mine"),
        "folder": path.mkdir,
        "dangling link": lambda: path.symlink_to("nowhere"),
    }[existing]()
    before = files(owner.home)
    result = owner("library", "backup", "-o", "there")
    assert result.code == 2
    assert has_short_message(result)
    assert files(owner.home) == before


def _small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


@pytest.mark.parametrize(
    ("place", "how"),
    [("nowhere/it.zip", {}), ("it.zip", {"preexec_fn": _small_files})],
    ids=["a folder that is not there", "no room"],
)
def test_a_backup_that_cannot_be_written_exits_with_5_and_leaves_nothing(owner, place, how):
    before = files(owner.home)
    result = owner("library", "backup", "-o", place, **how)
    assert result.code == 5
    assert has_short_message(result)
    assert files(owner.home) == before


def test_a_backup_restored_in_another_home_gives_the_same_output(fetched, tmp_path):
    fetched("star", "2603.00050", "2603.00071")
    fetched("hide", "2603.00051")
    expected, archive = outputs(fetched), tmp_path / "it.zip"
    assert fetched("library", "backup", "-o", archive).code == 0
    other = Program(tmp_path / "other")
    (other.home / "config").symlink_to(fetched.home / "config")
    result = other("library", "restore", archive)
    assert (result.code, result.out) == (0, "")
    assert "undo" not in result.err, "there was no library before"
    assert outputs(other) == expected
    assert tables(other.library) == tables(fetched.library)
    assert stat.S_IMODE(other.library.stat().st_mode) == 0o700
    assert other("library", "verify").code == 0
    assert {Path(name).parts[0] for name in files(other.home)} == {"config", "library"}


# --- restore


@pytest.fixture(scope="session")
def backup(reader, tmp_path_factory):
    """The bytes of a backup with 50 papers."""
    path = tmp_path_factory.mktemp("backup") / "it.zip"
    assert reader("library", "backup", "-o", path).code == 0
    return path.read_bytes()


@pytest.fixture
def changed(owner):
    """A library that differs from the backup."""
    owner("star", "2603.00001")
    return owner


def _cut(part):
    return lambda body: body[: int(part * len(body))]


def _flipped(place):
    """Return a function that flips a bit of an archive, at the offset that `place` returns."""

    def flip(body):
        changed_body = bytearray(body)
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            changed_body[place(archive)] ^= 1
        return bytes(changed_body)

    return flip


def _within(name):
    """Return a function that returns the offset of the middle of a packed file."""

    def place(archive):
        entry = archive.getinfo(name)
        return entry.header_offset + 30 + len(name) + entry.compress_size // 2

    return place


def _repacked(change):
    """Return a function that changes the files in an archive."""

    def pack(body):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        change(entries)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in entries.items():
                archive.writestr(name, content)
        return buffer.getvalue()

    return pack


def _with_contents(**more):
    """Return a function that changes values in the table of contents."""

    def change(entries):
        contents = json.loads(entries["papertrack.json"])
        entries["papertrack.json"] = json.dumps(contents | more).encode()

    return _repacked(change)


def _entry(name, content):
    return _repacked(lambda entries: entries.update({name: content}))


def _without(name):
    return _repacked(lambda entries: entries.pop(name))


def _with_table(name):
    """Return a function that adds a table with a path outside of the library."""

    def change(entries):
        contents = json.loads(entries["papertrack.json"])
        contents["tables"][name] = 0
        entries["papertrack.json"] = json.dumps(contents).encode()
        entries[f"tables/{name}.json"] = b'{"papertrack":1,"rows":{}}'

    return _repacked(change)


INVALID = {
    "an empty file": lambda _body: b"",
    **{f"cut at {part:.0%}": _cut(part) for part in (0.3, 0.9, 0.999)},
    **{
        f"a bit of {name} flipped": _flipped(_within(name))
        for name in (f"tables/{PAPERS}", "papertrack.json")
    },
    "text": lambda _body: b"Not Found\n",
    "no table of contents": _without("papertrack.json"),
    "contents that are not JSON": _entry("papertrack.json", b"{"),
    "contents that are a number": _entry("papertrack.json", b"7"),
    "contents that are nested deeply": _entry("papertrack.json", b"[" * 200_000),
    "contents of other types": _with_contents(tables=["papers"], papers="many"),
    "contents of a later papertrack": _with_contents(papertrack=99),
    "a missing table": _without(f"tables/{PAPERS}"),
    "a table with fewer rows": _entry(f"tables/{PAPERS}", b'{"papertrack":1,"rows":{}}'),
    "a table that is truncated": _entry(f"tables/{PAPERS}", TRUNCATED),
    "a table of a later papertrack": _entry(f"tables/{PAPERS}", b'{"papertrack":99,"rows":{}}'),
    "a table outside of the folder": _with_table("../elsewhere"),
    "a table at the root": _with_table("/tmp/elsewhere"),
}


@pytest.mark.parametrize("modify", INVALID.values(), ids=INVALID)
def test_an_invalid_backup_is_rejected_and_no_byte_changes(changed, backup, modify):
    """Nothing is written next to the library either."""
    (changed.home / "it.zip").write_bytes(modify(backup))
    before = files(changed.home)
    result = changed("library", "restore", "it.zip")
    assert result.code == 5
    assert has_short_message(result)
    assert files(changed.home) == before


def test_a_backup_of_a_later_papertrack_is_rejected_with_advice(changed, backup):
    (changed.home / "it.zip").write_bytes(_with_contents(papertrack=99)(backup))
    message = changed("library", "restore", "it.zip").err
    assert "later papertrack" in message
    assert "update papertrack" in message


@pytest.mark.parametrize("name", ["nowhere.zip", "."])
def test_an_unreadable_backup_exits_with_5_and_no_byte_changes(changed, name):
    before = files(changed.home)
    result = changed("library", "restore", name)
    assert result.code == 5
    assert has_short_message(result)
    assert files(changed.home) == before


def test_files_missing_from_the_table_of_contents_are_not_unpacked(changed, backup):
    def add(entries):
        names = ("../evil", "tables/../../evil", "/tmp/evil", "tables/state.2603.json", "evil")
        entries.update(dict.fromkeys(names, b"evil"))

    marks = ("state", "reading.undo", "reading.starred")
    expected = {
        name: body for name, body in tables(changed.library).items() if not name.startswith(marks)
    }
    (changed.home / "it.zip").write_bytes(_repacked(add)(backup))
    assert changed("library", "restore", "it.zip").code == 0
    assert tables(changed.library) == expected
    assert b"evil" not in files(changed.home.parent).values()
    assert not Path("/tmp/evil").exists()


@pytest.mark.parametrize(
    "damage_library", [lambda _folder: None, _papers_damaged, _a_paper_that_is_none]
)
def test_a_restore_replaces_any_library_and_keeps_damaged_files(changed, backup, damage_library):
    """This includes damaged libraries; the damaged bytes are kept."""
    damage_library(changed.library)
    damage = (changed.library / PAPERS).read_bytes()
    (changed.home / "it.zip").write_bytes(backup)
    result = changed("library", "restore", "it.zip")
    assert (result.code, result.out) == (0, "")
    assert "50 papers" in result.err
    with zipfile.ZipFile(io.BytesIO(backup)) as archive:
        packed = {
            name.removeprefix("tables/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("tables/")
        }
    assert tables(changed.library) == packed
    assert damage in files(changed.library).values()
    assert changed("library", "verify").code == 0


def test_the_printed_undo_command_undoes_a_restore(changed, backup, tmp_path):
    """Also twice within a second, and in a folder whose name has a space."""
    changed.library = changed.library.rename(tmp_path / "my papers")
    (changed.home / "it.zip").write_bytes(backup)
    states = [tables(changed.library)]
    undo = []
    for words in (["star", "2603.00030"], ["star", "2603.00031"]):
        result = changed("library", "restore", "it.zip")
        undo.append(re.search(r"undo: papertrack (.*)", result.err)[1])
        assert changed(*words).code == 0
        states.append(tables(changed.library))
    for command, state in zip(undo, states, strict=False):
        assert changed(*shlex.split(command)).code == 0
        assert tables(changed.library) == state


def test_an_empty_library_can_be_backed_up_and_restored(owner, papertrack, tmp_path):
    papertrack.library = tmp_path / "empty"
    assert papertrack("library", "backup", "-o", tmp_path / "it.zip").code == 0
    papertrack.library = tmp_path / "home" / "library"
    assert owner("library", "restore", tmp_path / "it.zip").code == 0
    assert tables(owner.library) == {}
    assert owner("library", "verify").code == 0


# --- compact


def test_compact_removes_empty_tables_and_the_journal_but_no_papers(owner, paper_ids):
    owner("star", "2603.00001")
    owner("unstar", "2603.00001")
    (empty,) = owner.library.glob("state.*.json")
    stored, before = tables(owner.library), info_of(owner)
    del stored[empty.name]
    result = owner("library", "compact")
    assert (result.code, result.out) == (0, "")
    assert "1 empty table removed" in result.err
    assert tables(owner.library) == stored
    assert list((owner.library / ".journal").iterdir()) == []
    after = info_of(owner)
    assert after["bytes"] + after["bytes_kept"] < before["bytes"] + before["bytes_kept"]
    assert set(ids(owner)) == paper_ids
    assert owner("library", "verify").code == 0


def test_compact_keeps_tables_that_only_the_journal_can_repair(owner, paper_ids):
    (owner.library / PAPERS).write_bytes(TRUNCATED)
    assert owner("library", "compact").code == 0
    assert set(ids(owner)) == paper_ids
    assert owner("library", "verify").code == 0
    assert TRUNCATED in files(owner.library).values()


def test_compact_of_an_empty_library_creates_nothing(papertrack):
    assert papertrack("library", "compact").code == 0
    assert not papertrack.library.exists()


# --- all commands


WRITING = ("backup", "restore it.zip", "compact", "verify --repair")


@pytest.fixture
def damaged(owner, backup):
    """A library that needs repair, with a backup in its home."""
    _papers_damaged(owner.library)
    (owner.home / "it.zip").write_bytes(backup)
    return owner


def test_while_another_run_writes_reading_works_and_writing_exits_with_75(damaged):
    before = files(damaged.home)
    with hold_lock(str(damaged.library), 5):
        busy = [damaged.start("library", *words.split()) for words in WRITING]
        assert damaged("library", "info").code == 0
        assert damaged("library", "verify").code == 5
        messages = [process.communicate(timeout=300)[1] for process in busy]
    assert [process.returncode for process in busy] == [75] * len(WRITING), messages
    assert all(b"try again" in message for message in messages)
    assert files(damaged.home) == before


def _without_privileges():
    """Make root obey file permissions, too."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.fixture
def read_only(damaged):
    """The damaged library and its backup, with read-only files and folders."""
    places = [damaged.home, *damaged.home.rglob("*")]
    modes = {path: path.stat().st_mode for path in places}
    for path in places:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield damaged
    for path, mode in modes.items():
        path.chmod(mode)


@pytest.mark.parametrize("words", WRITING)
def test_writing_a_read_only_library_exits_with_5_and_no_byte_changes(read_only, words):
    before = files(read_only.home)
    result = read_only("library", *words.split(), preexec_fn=_without_privileges)
    assert result.code == 5
    assert not re.search("Traceback|bug", result.err)
    assert re.search("cannot (lock|write)", result.err)
    assert files(read_only.home) == before


def test_a_read_only_library_can_be_read(read_only):
    def run(words):
        return read_only("library", words, preexec_fn=_without_privileges)

    assert run("info").code == 0
    assert PAPERS in run("verify").out


# A sitecustomize module, imported at start-up, interrupts at an exact point; a signal would not.
INTERRUPT = """
import os, sys

def on_event(event, arguments):
    creates = event == "open" and arguments[2] & os.O_CREAT
    if creates and (str(arguments[0]).endswith(".new") or ".papertrack-" in str(arguments[0])):
        raise KeyboardInterrupt

sys.addaudithook(on_event)
"""


@pytest.mark.parametrize("words", WRITING)
def test_ctrl_c_while_writing_exits_with_130_and_no_byte_changes(damaged, tmp_path, words):
    (tmp_path / "sitecustomize.py").write_text(INTERRUPT)
    before = files(damaged.home)
    options = {"env": {"PYTHONPATH": tmp_path}, "program": damaged.line}
    result = damaged("library", *words.split(), **options)
    assert result.code == 130
    assert "interrupted" in result.err
    assert "Traceback" not in result.err
    assert files(damaged.home) == before


@pytest.mark.parametrize("words", ["info", "backup"])
def test_a_reader_that_has_seen_enough_is_no_error(owner, words):
    code, err = _unread(owner, words)
    assert (code, err) == (0, "")


def test_repair_completes_even_if_stdout_is_closed(damaged):
    code, _ = _unread(damaged, "verify", "--repair")
    assert code == 0
    assert damaged("library", "verify").code == 0


def _unread(program, *words):
    """The exit code and stderr of a command whose stdout is closed."""
    process = program.start("library", *words)
    process.stdout.close()
    with process.stderr:
        err = process.stderr.read().decode()
    return process.wait(300), err


# --- a library as JSON Lines


LINES = [
    {
        "id": "2603.00001",
        "title": "Words of two",
        "abstract": "What one says.",
        "version": 2,
        "authors": ["Ada One", "Bo Two"],
        "categories": ["cs.CL"],
        "keywords": ["planning"],
        "submitted": "2026-03-26T17:00:00Z",
        "updated": "2026-03-29T17:00:00Z",
        "announced": "2026-03-27",
        "code_url": "https://github.com/o/r",
        "project_url": "https://o.example/r",
        "organization": "The Lab",
        "first_seen": "2026-03-27T09:00:00Z",
        "listings": [
            {"source": "arxiv", "day": "2026-03-27"},
            {"source": "huggingface", "day": BEFORE, "rank": 3},
            {"source": "arxiv", "day": DAY, "kind": "revised"},
        ],
        "observations": [
            {"at": "2026-03-30T09:00:00Z", "upvotes": 3, "comments": 0},
            {"at": "2026-03-31T09:00:00Z", "upvotes": 2, "stars": 7},
        ],
        "sources": ["arxiv", "huggingface"],
        "provenance": {
            **dict.fromkeys(("title", "version", "authors", "categories"), "arxiv"),
            **dict.fromkeys(("submitted", "updated", "announced"), "arxiv"),
            **dict.fromkeys(("abstract", "keywords", "organization"), "huggingface"),
            **dict.fromkeys(("code_url", "project_url"), "huggingface"),
        },
        "state": {
            "starred": True,
            "read": True,
            "tags": ["to cite", "日本"],
            "note": "First line\n\n  second, indented",
        },
    },
    {
        "id": "2603.00002",
        "title": "Hidden",
        "listings": [{"source": "arxiv", "day": "2026-03-27", "kind": "cross"}],
        "state": {"hidden": True},
    },
    {"id": "2512.00001", "title": "Never listed", "first_seen": "2025-12-01T09:00:00Z"},
    {"id": "cran:12", "title": "Counted once", "upvotes": 3, "state": {"note": "A note"}},
]


@pytest.fixture
def exported(papertrack):
    """A library whose papers have all fields, and the output of `list`."""
    file = papertrack.home / "lines.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    assert papertrack("import", file).code == 0
    printed = papertrack("list", "--all", "-f", "jsonl").out
    return papertrack, printed


def test_imported_papers_equal_the_lines(exported):
    _, printed = exported
    papers = {paper["id"]: paper for paper in map(json.loads, printed.splitlines())}
    assert papers.keys() == {line["id"] for line in LINES}
    line = LINES[0]
    stored_paper = papers[line["id"]]
    plain = [key for key in line if key not in ("listings", "observations", "state")]
    assert {key: stored_paper[key] for key in plain} == {key: line[key] for key in plain}
    for key in ("listings", "observations"):
        pairs = zip(stored_paper[key], line[key], strict=True)
        assert all(stored.items() >= imported.items() for stored, imported in pairs)
    for line in LINES:
        state = papers[line["id"]]["state"]
        assert state | line.get("state", {}) == state


def test_printed_lines_import_as_the_same_library_in_another_home(exported, tmp_path):
    """With marks and history; importing the lines twice changes nothing."""
    first, printed = exported
    other = Program(tmp_path / "other")
    (other.home / "lines.jsonl").write_text(printed)
    assert other("import", "lines.jsonl").code == 0
    assert outputs(other) == outputs(first)
    assert tables(other.library).keys() == tables(first.library).keys()
    before = tables(other.library)
    assert other("import", "lines.jsonl").code == 0
    assert tables(other.library) == before
