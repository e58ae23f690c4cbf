"""The commands about the library's files: info, verify, backup, restore, compact."""

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
BACKUP = "papertrack-2026-03-31.zip"  # as it is named of itself
CUT_OFF = b'{"papertrack": 1, "ro'


def files(folder):
    """What is in a folder, with the bytes of files, but the cache and the lock: that one says
    nothing by being there.
    """
    found = {path.relative_to(folder): path for path in folder.rglob("*")}
    return {
        str(name): _content(path)
        for name, path in found.items()
        if name.name != ".lock" and name.parts[0] != "cache"
    }


def _content(path):
    if path.is_symlink():
        return path.readlink()
    return path.read_bytes() if path.is_file() else "a folder"


def tables(folder):
    """The bytes of a library's tables, without what is kept beside them."""
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


def ids(program):
    """The papers that are stored."""
    return program("list", "--all", "-f", "ids").out.split()


def answers(program):
    """What a library says, in the bytes of several commands."""

    def said(*words):
        done = program(*words)
        assert (done.code, done.err) == (0, "")
        return done.out

    printed = said("list", "--all", "-f", "jsonl")
    stored = [json.loads(line)["id"] for line in printed.splitlines()]
    return (
        printed,
        said("list", "--starred", "-f", "ids"),
        said("-q", "coverage", "--since", "2026-03-01", "-f", "json"),
        said("show", *stored, "-f", "json"),
    )


def is_told(done):
    """One to three lines on stderr, and nothing on stdout."""
    assert done.out == ""
    assert 1 <= len(done.err.splitlines()) <= 3, done.err
    assert "Traceback" not in done.err
    assert "bug" not in done.err
    return True


# --- info


def _information(program):
    (row,) = json.loads(program("library", "info", "-f", "json").out)["data"]
    return row


def test_info_counts_what_list_shows_and_what_is_on_the_disk(owner):
    owner("star", "2603.00001")
    owner("hide", "2603.00002")
    papers = [json.loads(line) for line in owner("list", "--all", "-f", "jsonl").out.splitlines()]
    days = {listed["day"] for paper in papers for listed in paper["listings"]}
    sizes = {path: path.stat().st_size for path in owner.library.rglob("*") if path.is_file()}
    of_tables = [sizes[path] for path in owner.library.glob("*.json")]
    found = _information(owner)
    assert found["library"] == str(owner.library)
    assert (found["papers"], found["marked"]) == (len(papers), 2)
    assert (found["days"], found["first_day"], found["last_day"]) == (
        len(days),
        min(days),
        max(days),
    )
    assert (found["tables"], found["bytes"]) == (len(of_tables), sum(of_tables))
    assert found["bytes"] + found["bytes_kept"] == sum(sizes.values())
    assert found["damaged"] == 0


def test_info_says_the_same_in_every_format(reader):
    expected = _information(reader)
    words = ["-" if value is None else str(value) for value in expected.values()]

    def printed(form):
        done = reader("library", "info", "-f", form)
        assert (done.code, done.err) == (0, "")
        return done.out

    assert json.loads(printed("jsonl")) == expected
    (row,) = csv.DictReader(io.StringIO(printed("csv")))
    assert row == dict(zip(expected, words, strict=True))
    assert printed("plain") == "\t".join(words) + "\n"
    for form in ("md", "ids", "table"):
        assert str(reader.library) in printed(form)


def test_info_of_an_empty_library_is_no_failure_and_makes_nothing(papertrack):
    found = _information(papertrack)
    assert {found[key] for key in ("papers", "days", "marked", "tables", "bytes")} == {0}
    assert {found[key] for key in ("first_day", "last_day", "written")} == {None}
    assert not papertrack.library.exists()
    _, seen = papertrack.in_terminal("library", "info")
    assert b"never" in seen


# --- verify


def test_verify_finds_nothing_in_a_sound_library_and_changes_nothing(owner):
    before = files(owner.library)
    for words in ("verify", "verify --repair"):
        done = owner("library", *words.split())
        assert (done.code, done.out) == (0, "")
        assert "all is well" in done.err
    assert owner("-q", "library", "verify") == (0, "", "")
    assert files(owner.library) == before


def test_verify_of_an_empty_library_is_no_failure_and_makes_nothing(papertrack):
    for words in ("verify", "verify --repair"):
        assert papertrack("library", *words.split()).code == 0
    assert not papertrack.library.exists()


def _forget(folder):
    """As when the last transactions are no longer kept."""
    for kept in (folder / ".journal").iterdir():
        kept.unlink()


def _rows(path):
    return json.loads(path.read_bytes())["rows"]


def _edit(path, change):
    whole = json.loads(path.read_bytes())
    change(whole["rows"])
    path.write_text(json.dumps(whole, separators=(",", ":")), encoding="utf-8")


def _damaged_with_a_journal(folder):
    (folder / PAPERS).write_bytes(b"")


def _damaged_with_a_backup(folder):
    _forget(folder)
    shutil.copy(folder / PAPERS, folder / f"{PAPERS}.bak")
    (folder / PAPERS).write_bytes(CUT_OFF)


def _missing_with_a_backup(folder):
    _forget(folder)
    (folder / PAPERS).rename(folder / f"{PAPERS}.bak")


def _papers_damaged(folder):
    lost = _rows(folder / PAPERS).keys()
    _forget(folder)
    (folder / PAPERS).write_bytes(CUT_OFF)
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
def known(reader):
    """The papers that a library has before it is hurt."""
    return set(ids(reader))


# What is hurt, which returns the papers that are lost by it; and what is to be named.
HURTS = [
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


@pytest.mark.parametrize(("hurt", "named"), HURTS, ids=[hurt.__name__[1:] for hurt, _ in HURTS])
def test_verify_names_what_is_wrong_and_repair_leaves_a_sound_library(owner, known, hurt, named):
    """Looking changes nothing; repairing keeps what was damaged, and every paper that is there."""
    lost = set(hurt(owner.library) or ())
    before = files(owner.library)
    done = owner("library", "verify")
    assert done.code == 5
    assert [one for one in named if not re.search(one, done.out)] == [], done.out
    assert re.search(r"^papertrack: \d+ problems? found\n +papertrack library verify --repair$",
                     done.err, re.MULTILINE)  # fmt: skip
    assert files(owner.library) == before
    repaired = owner("library", "verify", "--repair")
    assert (repaired.code, repaired.out) == (0, done.out)
    kept = set(files(owner.library).values())
    assert {body for name, body in before.items() if name.endswith(".json")} <= kept
    again = owner("library", "verify")
    assert (again.code, again.out) == (0, "")
    assert set(ids(owner)) == known - lost


def test_a_great_many_problems_are_counted_and_the_first_are_named(owner):
    for number in range(60):
        day = f"2025-{number // 5 + 1:02}-{number % 5 + 1:02}"
        (owner.library / f"listings.{day}.json").write_bytes(CUT_OFF)
    done = owner("library", "verify")
    *named, rest = done.out.splitlines()
    assert done.code == 5
    assert all("listings.2025" in line for line in named)
    assert len(named) + int(re.fullmatch(r"… and (\d+) more", rest)[1]) == 60
    assert "60 problems" in done.err


def test_info_counts_the_files_that_were_set_aside(owner):
    (owner.library / PAPERS).write_bytes(CUT_OFF)
    owner("library", "verify", "--repair")
    assert _information(owner)["damaged"] == 1


@pytest.fixture
def fetched(papertrack, daily):
    """A library of three days that are settled, and would not be asked for again."""
    daily.days = {f"2026-03-2{day}": numbered(10 * day, 3) for day in (5, 6, 7)}
    papertrack.ask(daily.url)
    assert papertrack("fetch").code == 0
    daily.asked.clear()
    return papertrack


def _a_row_gone(path):
    _edit(path, lambda rows: rows.popitem())


def _damaged(path):
    path.write_bytes(CUT_OFF)


@pytest.mark.parametrize(
    ("table", "lose"),
    [
        ("papers", Path.unlink),
        ("papers", _a_row_gone),
        ("listings", _damaged),
        ("listings", _a_row_gone),
    ],
)
def test_days_that_lost_papers_are_asked_for_again_and_no_others(fetched, daily, table, lose):
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


def test_a_backup_is_named_by_its_day_printed_and_for_its_owner_alone(owner, known):
    before = files(owner.library)
    done = owner("library", "backup", umask=0)
    assert (done.code, done.out) == (0, f"{BACKUP}\n")
    assert f"{len(known)} papers" in done.err
    assert stat.S_IMODE((owner.home / BACKUP).stat().st_mode) == 0o600
    assert files(owner.library) == before
    assert owner("-q", "library", "backup", "-o", "other.zip") == (0, "other.zip\n", "")


@pytest.mark.parametrize("there", ["file", "folder", "dangling link"])
def test_a_backup_replaces_nothing_that_is_there(owner, there):
    path = owner.home / "there"
    {
        "file": lambda: path.write_text("mine"),
        "folder": path.mkdir,
        "dangling link": lambda: path.symlink_to("nowhere"),
    }[there]()
    before = files(owner.home)
    done = owner("library", "backup", "-o", "there")
    assert done.code == 2
    assert is_told(done)
    assert files(owner.home) == before


def _small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


@pytest.mark.parametrize(
    ("place", "how"),
    [("nowhere/it.zip", {}), ("it.zip", {"preexec_fn": _small_files})],
    ids=["a folder that is not there", "no room"],
)
def test_a_backup_that_cannot_be_written_is_5_and_leaves_nothing(owner, place, how):
    before = files(owner.home)
    done = owner("library", "backup", "-o", place, **how)
    assert done.code == 5
    assert is_told(done)
    assert files(owner.home) == before


def test_a_backup_restored_in_another_home_gives_the_same_answers(fetched, tmp_path):
    fetched("star", "2603.00050", "2603.00071")
    fetched("hide", "2603.00051")
    shown, there = answers(fetched), tmp_path / "it.zip"
    assert fetched("library", "backup", "-o", there).code == 0
    other = Program(tmp_path / "other")
    (other.home / "config").symlink_to(fetched.home / "config")
    done = other("library", "restore", there)
    assert (done.code, done.out) == (0, "")
    assert "undo" not in done.err, "there was nothing before"
    assert answers(other) == shown
    assert tables(other.library) == tables(fetched.library)
    assert stat.S_IMODE(other.library.stat().st_mode) == 0o700
    assert other("library", "verify").code == 0
    assert {Path(name).parts[0] for name in files(other.home)} == {"config", "library"}


# --- restore


@pytest.fixture(scope="session")
def backup(reader, tmp_path_factory):
    """The bytes of a backup of 50 papers."""
    path = tmp_path_factory.mktemp("backup") / "it.zip"
    assert reader("library", "backup", "-o", path).code == 0
    return path.read_bytes()


@pytest.fixture
def changed(owner):
    """A library that is not what the backup holds."""
    owner("star", "2603.00001")
    return owner


def _cut(part):
    return lambda body: body[: int(part * len(body))]


def _flipped(place):
    """One bit flipped where `place` finds it in the archive."""

    def flip(body):
        spoilt = bytearray(body)
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            spoilt[place(archive)] ^= 1
        return bytes(spoilt)

    return flip


def _within(name):
    """The middle of what is packed of an entry."""

    def place(archive):
        entry = archive.getinfo(name)
        return entry.header_offset + 30 + len(name) + entry.compress_size // 2

    return place


def _again(change):
    """An archive packed again, of entries that were changed."""

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


def _listing(**more):
    """An archive of which the list says something else."""

    def change(entries):
        said = json.loads(entries["papertrack.json"])
        entries["papertrack.json"] = json.dumps(said | more).encode()

    return _again(change)


def _entry(name, content):
    return _again(lambda entries: entries.update({name: content}))


def _without(name):
    return _again(lambda entries: entries.pop(name))


def _escaping(name):
    """An archive whose list names a table outside of the library, and has it."""

    def change(entries):
        said = json.loads(entries["papertrack.json"])
        said["tables"][name] = 0
        entries["papertrack.json"] = json.dumps(said).encode()
        entries[f"tables/{name}.json"] = b'{"papertrack":1,"rows":{}}'

    return _again(change)


REFUSED = {
    "nothing": lambda _body: b"",
    **{f"cut at {part:.0%}": _cut(part) for part in (0.3, 0.9, 0.999)},
    **{
        f"a bit of {name} flipped": _flipped(_within(name))
        for name in (f"tables/{PAPERS}", "papertrack.json")
    },
    "text": lambda _body: b"Not Found\n",
    "no list": _without("papertrack.json"),
    "a list that is no JSON": _entry("papertrack.json", b"{"),
    "a list that is a number": _entry("papertrack.json", b"7"),
    "a list that is very deep": _entry("papertrack.json", b"[" * 200_000),
    "a list of other types": _listing(tables=["papers"], papers="many"),
    "a list of a later papertrack": _listing(papertrack=99),
    "a table gone": _without(f"tables/{PAPERS}"),
    "a table with fewer rows": _entry(f"tables/{PAPERS}", b'{"papertrack":1,"rows":{}}'),
    "a table that is none": _entry(f"tables/{PAPERS}", CUT_OFF),
    "a table of a later papertrack": _entry(f"tables/{PAPERS}", b'{"papertrack":99,"rows":{}}'),
    "a table elsewhere": _escaping("../elsewhere"),
    "a table at the root": _escaping("/tmp/elsewhere"),
}


@pytest.mark.parametrize("spoil", REFUSED.values(), ids=REFUSED)
def test_what_is_no_whole_backup_is_refused_and_every_byte_stays(changed, backup, spoil):
    """Also that of a later papertrack. Nothing is written beside the library either."""
    (changed.home / "it.zip").write_bytes(spoil(backup))
    before = files(changed.home)
    done = changed("library", "restore", "it.zip")
    assert done.code == 5
    assert is_told(done)
    assert files(changed.home) == before


def test_a_backup_of_a_later_papertrack_is_refused_with_what_to_do(changed, backup):
    (changed.home / "it.zip").write_bytes(_listing(papertrack=99)(backup))
    said = changed("library", "restore", "it.zip").err
    assert "later papertrack" in said
    assert "update papertrack" in said


@pytest.mark.parametrize("name", ["nowhere.zip", "."])
def test_a_backup_that_cannot_be_read_is_5_and_every_byte_stays(changed, name):
    before = files(changed.home)
    done = changed("library", "restore", name)
    assert done.code == 5
    assert is_told(done)
    assert files(changed.home) == before


def test_what_a_backup_does_not_list_is_not_unpacked(changed, backup):
    def add(entries):
        names = ("../evil", "tables/../../evil", "/tmp/evil", "tables/state.2603.json", "evil")
        entries.update(dict.fromkeys(names, b"evil"))

    expected = {name: body for name, body in tables(changed.library).items() if "state" not in name}
    (changed.home / "it.zip").write_bytes(_again(add)(backup))
    assert changed("library", "restore", "it.zip").code == 0
    assert tables(changed.library) == expected
    assert b"evil" not in files(changed.home.parent).values()
    assert not Path("/tmp/evil").exists()


@pytest.mark.parametrize("hurt", [lambda _folder: None, _papers_damaged, _a_paper_that_is_none])
def test_a_restore_brings_the_backup_back_over_whatever_is_there(changed, backup, hurt):
    """Also over damage, of which the bytes are kept."""
    hurt(changed.library)
    damage = (changed.library / PAPERS).read_bytes()
    (changed.home / "it.zip").write_bytes(backup)
    done = changed("library", "restore", "it.zip")
    assert (done.code, done.out) == (0, "")
    assert "50 papers" in done.err
    with zipfile.ZipFile(io.BytesIO(backup)) as archive:
        packed = {
            name.removeprefix("tables/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("tables/")
        }
    assert tables(changed.library) == packed
    assert damage in files(changed.library).values()
    assert changed("library", "verify").code == 0


def test_a_restore_is_undone_by_the_command_that_it_prints(changed, backup, tmp_path):
    """Twice within a second, and in a folder whose name has a space."""
    changed.library = changed.library.rename(tmp_path / "my papers")
    (changed.home / "it.zip").write_bytes(backup)
    states = [tables(changed.library)]
    undo = []
    for words in (["star", "2603.00030"], ["star", "2603.00031"]):
        done = changed("library", "restore", "it.zip")
        undo.append(re.search(r"undo: papertrack (.*)", done.err)[1])
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


def test_compacting_removes_empty_tables_and_the_journal_and_no_paper(owner, known):
    owner("star", "2603.00001")
    owner("unstar", "2603.00001")
    (empty,) = owner.library.glob("state.*.json")
    stored, before = tables(owner.library), _information(owner)
    del stored[empty.name]
    done = owner("library", "compact")
    assert (done.code, done.out) == (0, "")
    assert "1 empty table removed" in done.err
    assert tables(owner.library) == stored
    assert list((owner.library / ".journal").iterdir()) == []
    after = _information(owner)
    assert after["bytes"] + after["bytes_kept"] < before["bytes"] + before["bytes_kept"]
    assert set(ids(owner)) == known
    assert owner("library", "verify").code == 0


def test_compacting_loses_nothing_that_only_the_journal_still_has(owner, known):
    (owner.library / PAPERS).write_bytes(CUT_OFF)
    assert owner("library", "compact").code == 0
    assert set(ids(owner)) == known
    assert owner("library", "verify").code == 0
    assert CUT_OFF in files(owner.library).values()


def test_compacting_an_empty_library_makes_nothing(papertrack):
    assert papertrack("library", "compact").code == 0
    assert not papertrack.library.exists()


# --- all of them


WRITING = ("backup", "restore it.zip", "compact", "verify --repair")


@pytest.fixture
def hurt(owner, backup):
    """A library that needs repair, and a backup in its home."""
    _papers_damaged(owner.library)
    (owner.home / "it.zip").write_bytes(backup)
    return owner


def test_while_another_run_writes_the_library_can_be_looked_at_and_all_else_is_75(hurt):
    before = files(hurt.home)
    with hold_lock(str(hurt.library), 5):
        busy = [hurt.start("library", *words.split()) for words in WRITING]
        assert hurt("library", "info").code == 0
        assert hurt("library", "verify").code == 5
        said = [process.communicate(timeout=300)[1] for process in busy]
    assert [process.returncode for process in busy] == [75] * len(WRITING), said
    assert all(b"try again" in one for one in said)
    assert files(hurt.home) == before


def _without_privileges():
    """Root obeys the modes of its own files, too."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.fixture
def read_only(hurt):
    """The same, where nothing can be written."""
    places = [hurt.home, *hurt.home.rglob("*")]
    modes = {path: path.stat().st_mode for path in places}
    for path in places:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield hurt
    for path, mode in modes.items():
        path.chmod(mode)


@pytest.mark.parametrize("words", WRITING)
def test_where_nothing_can_be_written_it_is_5_and_every_byte_stays(read_only, words):
    before = files(read_only.home)
    done = read_only("library", *words.split(), preexec_fn=_without_privileges)
    assert done.code == 5
    assert not re.search("Traceback|bug", done.err)
    assert re.search("cannot (lock|write)", done.err)
    assert files(read_only.home) == before


def test_where_nothing_can_be_written_the_library_can_be_looked_at(read_only):
    def run(words):
        return read_only("library", words, preexec_fn=_without_privileges)

    assert run("info").code == 0
    assert PAPERS in run("verify").out


# Python imports it at every start. What the system interrupts is not known so exactly.
INTERRUPTION = """
import os, sys

def on_event(event, arguments):
    if event == "open" and arguments[2] & os.O_CREAT and str(arguments[0]).endswith(".new"):
        raise KeyboardInterrupt

sys.addaudithook(on_event)
"""


@pytest.mark.parametrize("words", WRITING)
def test_ctrl_c_while_something_is_written_is_130_and_every_byte_stays(hurt, tmp_path, words):
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTION)
    before = files(hurt.home)
    done = hurt("library", *words.split(), env={"PYTHONPATH": tmp_path})
    assert done.code == 130
    assert "interrupted" in done.err
    assert "Traceback" not in done.err
    assert files(hurt.home) == before


@pytest.mark.parametrize("words", ["info", "backup"])
def test_a_reader_that_has_seen_enough_is_no_error(owner, words):
    code, err = _unread(owner, words)
    assert (code, err) == (0, "")


def test_what_is_to_be_repaired_is_repaired_also_where_nobody_reads_of_it(hurt):
    code, _ = _unread(hurt, "verify", "--repair")
    assert code == 0
    assert hurt("library", "verify").code == 0


def _unread(program, *words):
    """The exit code and stderr of a command whose stdout nobody reads."""
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
    """A library of papers with everything, and what `list` prints of it."""
    file = papertrack.home / "lines.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    assert papertrack("import", file).code == 0
    printed = papertrack("list", "--all", "-f", "jsonl").out
    return papertrack, printed


def test_what_was_imported_is_what_the_lines_say(exported):
    _, printed = exported
    found = {paper["id"]: paper for paper in map(json.loads, printed.splitlines())}
    assert found.keys() == {line["id"] for line in LINES}
    whole = LINES[0]
    kept = found[whole["id"]]
    plain = [key for key in whole if key not in ("listings", "observations", "state")]
    assert {key: kept[key] for key in plain} == {key: whole[key] for key in plain}
    for key in ("listings", "observations"):
        pairs = zip(kept[key], whole[key], strict=True)
        assert all(one.items() >= said.items() for one, said in pairs)
    for line in LINES:
        state = found[line["id"]]["state"]
        assert state | line.get("state", {}) == state


def test_a_library_printed_as_lines_is_the_same_library_in_another_home(exported, tmp_path):
    """Papers, marks and history; importing the lines once more changes nothing."""
    first, printed = exported
    other = Program(tmp_path / "other")
    (other.home / "lines.jsonl").write_text(printed)
    assert other("import", "lines.jsonl").code == 0
    assert answers(other) == answers(first)
    assert tables(other.library).keys() == tables(first.library).keys()
    before = tables(other.library)
    assert other("import", "lines.jsonl").code == 0
    assert tables(other.library) == before
