"""Libraries, archives and import files with random damage, made by mutation of real ones.

`check` damages one of them as a number says, and runs the program on it. As a script, with a number
of minutes, it tries one number after the other and prints what it has seen.
"""

import gzip
import json
import random
import re
import shutil
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path
from time import monotonic

import pyarrow as arrow
from program import FORKS, Program
from pyarrow import ArrowException
from pyarrow.parquet import read_table, write_table

DAY = "2026-03-31"
# The exit codes of the contract that can follow from damage.
CODES = {0, 2, 5}
SECONDS, MEGABYTES = 30, 400  # that a run may take
_READING = (
    ("list", "--all", "-f", "jsonl"),
    ("today", "--offline", "-f", "table"),
    ("search", "paper", "--since", "2026-01-01"),
    ("show", "2603.00001"),
    ("why", "2603.00002"),
    ("export", "--all"),
    ("coverage",),
    ("alert", "log"),
    ("trending", "-f", "plain"),
    ("library", "info"),
    ("star", "2603.00003"),
    ("undo",),
    ("stats",),
    ("recommend", "--all"),
    ("recommend", "--like", "papers.jsonl"),
    ("cite", "2603.00001"),
    ("export", "--all", "-f", "parquet", "-o", "again/"),
)
_ODD = (
    *(None, True, False, 0, -1, 7, 10**30, 1e300, "", "text", "2026-03-31", "9999-12-31T23:59:59Z"),
    *([], [[]], [None], [1, 2], ["a", "b"], {}, {"a": {}}, "\x1b]0;x\x07", "\ud800", "x" * 100_000),
    *("-rf", "../../x", "\u202e\u200b", "<!-- papertrack end -->", "0001-01-01T00:00:00+23:59"),
)
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u200b\u202e]")


class Seen(Counter):
    """How often each kind of damage had each outcome, and the largest run in megabytes."""

    megabytes = 0.0


def create(home):
    """A program with a library that has rows of every kind, a backup and an import file."""
    program = Program(home)
    program.configure(
        "topics: [{name: paper, any: [paper]}]\\n"
        "sources: {huggingface: {enabled: false}}\\n"
        "alerts: {channels: [{name: n, type: file, path: notes.md}]}\\n".replace("\\n", "\n")
    )
    program("alert")
    rows = [
        {
            "id": f"2603.{number:05}",
            "title": f"Paper {number} on things",
            "abstract": f"Abstract {number}",
            "authors": ["Ada One", "Bo Two"],
            "categories": ["cs.CL"],
            "keywords": ["word"],
            "code_url": "https://github.com/o/r",
            "upvotes": number,
            "listings": [{"source": "huggingface", "day": DAY, "rank": number}],
        }
        for number in range(1, 13)
    ]
    (home / "papers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for words in (
        ("import", "papers.jsonl"),
        ("tag", "-t", "good", "2603.00001"),
        ("note", "2603.00002", "my own words"),
        ("alert",),
        ("today", "--offline"),
        ("search", "paper"),
        ("library", "backup", "-o", "backup.zip"),
        ("star", "2603.00004"),
        ("export", "--all", "-f", "parquet", "-o", "tables/"),
        ("export", "--all", "-f", "bibtex", "-o", "papers.bib"),
        ("export", "--all", "-f", "ris", "-o", "papers.ris"),
    ):
        assert program(*words).code in (0, 1), words
    return program


def check(original, number, seen):
    """Damage a copy of the program's home in a way that follows from a number, and use it.

    Raises AssertionError if something happens that no damage may cause.
    """
    chance = random.Random(number)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        shutil.copytree(original.home, home)
        program = Program(home)
        kind = chance.choice(sorted(_KINDS))
        damaged = _KINDS[kind](program, chance)
        first, *_ = [_run(program, words, seen) for words in damaged]
        seen[kind, first] += 1
        _check_use(program, chance, seen)


def _check_use(program, chance, seen):
    """Read the library, repair it, and read it again: everything must answer then."""
    commands = chance.sample(_READING, 4)
    for words in commands:
        _run(program, words, seen)
    assert _run(program, ("library", "verify", "--repair"), seen) == 0
    assert _run(program, ("library", "verify"), seen) == 0
    for words in commands:
        code = _run(program, words, seen)
        assert code in (0, 2), (words, code)  # 2: the paper is lost
    ids = program("list", "--all", "-f", "ids").out.split()
    assert len(set(ids)) == len(ids), "a paper is listed twice"
    # Whatever the damage was, the papers can be stored, and each once.
    assert _run(program, ("import", "papers.jsonl"), seen) == 0
    after = program("list", "--all", "-f", "ids").out.split()
    assert len(set(after)) == len(after)
    assert set(after) >= {f"2603.{number:05}" for number in range(1, 13)}


def _run(program, words, seen):
    run = program.forked(*words, environ=program.environ(), timeout=SECONDS)
    out, err = run.stdout.decode(), run.stderr.decode()
    told = (words, run.returncode, err[-2000:])
    assert run.returncode in CODES, told
    assert "Traceback" not in err, told
    assert not _CONTROLS.search(re.sub(r"\x1b\[[\d;]*m", "", out + err)), told
    assert run.megabytes < MEGABYTES, told
    seen.megabytes = max(seen.megabytes, run.megabytes)
    return run.returncode


# --- kinds of damage: each returns the command lines to run at once


def _damage_table(program, chance):
    path = chance.choice(sorted(program.library.glob("*.json")))
    if chance.random() < 0.3:
        path.write_bytes(mutate_bytes(path.read_bytes(), chance))
    else:
        path.write_text(mutate_json(path.read_text(), chance))
    if chance.random() < 0.5:
        shutil.rmtree(program.library / ".journal", ignore_errors=True)
    if chance.random() < 0.2:
        path.unlink()
    return [("library", "verify")]


def _damage_journal(program, chance):
    path = chance.choice(sorted((program.library / ".journal").iterdir()))
    path.write_bytes(mutate_bytes(path.read_bytes(), chance))
    if chance.random() < 0.5:
        path.rename(path.with_name("commit"))
    return [("library", "verify")]


def _damage_index(program, chance):
    path = program.library / chance.choice([".words.sqlite"] * 4 + [".words.sqlite.sum"])
    path.write_bytes(mutate_bytes(path.read_bytes(), chance))
    expected = program("search", "paper", "-f", "ids").out
    assert len(expected.split()) == 12, "a search in a damaged index"
    return [("search", "things")]


def _damage_archive(program, chance):
    path = program.home / "backup.zip"
    before = _tables(program)
    if chance.random() < 0.4:
        path.write_bytes(mutate_bytes(path.read_bytes(), chance))
    else:
        _repack(path, chance)
    code = program.forked(
        "library", "restore", "backup.zip", environ=program.environ(), timeout=SECONDS
    ).returncode
    assert code in (0, 5)
    assert code == 0 or _tables(program) == before, "a refused archive changed the library"
    return [("library", "verify")]


def _repack(path, chance):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(chance.choice((1, 1, 2, 5))):
        name = chance.choice(sorted(members))
        members[name] = mutate_json(members[name].decode(), chance).encode()
    if chance.random() < 0.2:
        members[chance.choice(("tables/x.json", "../x", "/x", "tables/\x1b"))] = b"{}"
    if chance.random() < 0.2:
        del members[chance.choice(sorted(members))]
    with zipfile.ZipFile(path, "w", chance.choice((0, 8))) as archive:
        for name, body in members.items():
            archive.writestr(name, body)


def _damage_import(program, chance):
    path = program.home / "strange"
    text = (program.home / "papers.jsonl").read_text()
    lines = text.splitlines()
    for _ in range(chance.choice((1, 3, 12))):
        place = chance.randrange(len(lines))
        lines[place] = mutate_json(lines[place], chance)
    body = "\n".join(lines).encode(errors="surrogatepass")
    if chance.random() < 0.3:
        body = mutate_bytes(body, chance)
    packed = chance.choice((None, gzip.compress, _zipped))
    body = packed(body) if packed else body
    path.write_bytes(mutate_bytes(body, chance) if chance.random() < 0.3 else body)
    return [("import", "strange"), ("import", "strange"), ("library", "verify")]


def _damage_parquet(program, chance):
    path = chance.choice(sorted((program.home / "tables").rglob("*.parquet")))
    rows = json.dumps(read_table(path).to_pylist(), default=str)
    try:
        other = arrow.Table.from_pylist(json.loads(mutate_json(rows, chance)))
    except (ArrowException, TypeError, ValueError, AttributeError, OverflowError):
        other = None
    if other is None or chance.random() < 0.3:
        path.write_bytes(mutate_bytes(path.read_bytes(), chance))
    else:
        write_table(other, path)
    return [("import", "tables/"), ("recommend", "--like", str(path)), ("library", "verify")]


def _damage_bibliography(program, chance):
    path = program.home / chance.choice(("papers.bib", "papers.ris"))
    path.write_bytes(mutate_bytes(path.read_bytes(), chance))
    return [("import", path.name), ("recommend", "--like", path.name), ("library", "verify")]


def _zipped(body):
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", 8) as archive:
            archive.writestr("papers.jsonl", body)
        file.seek(0)
        return file.read()


_KINDS = {
    "archive": _damage_archive,
    "bibliography": _damage_bibliography,
    "import": _damage_import,
    "index": _damage_index,
    "journal": _damage_journal,
    "parquet": _damage_parquet,
    "table": _damage_table,
}


def _tables(program):
    return {path.name: path.read_bytes() for path in program.library.glob("*.json")}


# --- mutations


def mutate_bytes(body, chance):
    """A text of bytes with some changed, lost, repeated or inserted."""
    body = bytearray(body)
    for _ in range(chance.choice((1, 1, 1, 4, 30))):
        at, length = chance.randrange(len(body) + 1), chance.choice((1, 2, 16, 512))
        action = chance.randrange(5)
        if action == 0 and body:
            body[at % len(body)] ^= 1 << chance.randrange(8)
        elif action == 1:
            del body[at : at + length]
        elif action == 2:
            body[at:at] = body[at : at + length]
        elif action == 3:
            body[at : at + length] = bytes(length)
        else:
            body[at : at + length] = chance.randbytes(length)
    if chance.random() < 0.1:
        del body[chance.randrange(len(body) + 1) :]
    return bytes(body)


def mutate_json(text, chance):
    """A JSON text with a value replaced, lost, repeated, renamed or nested."""
    value = json.loads(text)
    holders = [value]
    for holder in holders:
        parts = holder.values() if isinstance(holder, dict) else holder
        holders += [part for part in parts if isinstance(part, dict | list) and part]
    for _ in range(chance.choice((1, 1, 2, 6))):
        holder = chance.choice(holders)
        places = list(holder) if isinstance(holder, dict) else range(len(holder))
        if not places:
            continue
        place, other = chance.choice(places), chance.choice(places)
        action = chance.randrange(5)
        if action == 0:
            del holder[place]
        elif action == 1:
            holder[place] = holder[other]
        elif action == 2:
            holder[place] = json.loads("[" * 200 + "]" * 200)
        elif action == 3 and isinstance(holder, dict):
            holder[str(chance.choice(_ODD))] = holder.pop(place)
        else:
            holder[place] = chance.choice(_ODD)
    return json.dumps(value)


def main(minutes, start):
    seen, failures, began = Seen(), [], monotonic()
    with tempfile.TemporaryDirectory() as folder:
        original = create(Path(folder, "home"))
        number = start
        while monotonic() - began < 60 * minutes:
            number += 1
            try:
                check(original, number, seen)
            except Exception as error:  # noqa: BLE001  # all of them are reported at the end
                failures.append((number, repr(error)[:900]))
                print(number, repr(error)[:900], flush=True)  # noqa: T201
    print(number - start, "cases,", len(failures), "failures,", f"{seen.megabytes:.0f} MB")  # noqa: T201
    for outcome, times in sorted(seen.items()):
        print(times, *outcome)  # noqa: T201
    FORKS.end()


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
