"""Tab completion, and the imports that it must not cost other runs."""

import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOPICS = "topics: [{name: agents, any: [agent]}, {name: video generation, any: [video]}]"
REPORT_MODULES = """
import sys
sys.argv = ["papertrack", *sys.argv[1:]]
import os
def end(code):
    sys.stdout.flush()
    watched = "typer", "rich", "httpx", "rapidfuzz", "filelock", "yaml", "shellingham"
    loaded = [name for name in sys.modules if name.startswith(watched)]
    sys.stderr.write("loaded: " + " ".join(loaded))
os._exit = end
from papertrack.__main__ import main
main()
"""


def complete(program, line):
    """The completions that bash gets at the end of a line."""
    words = [*shlex.split(line), *([""] if line.endswith(" ") else [])]
    env = {
        "_PAPERTRACK_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    result = program(env=env)
    assert "Traceback" not in result.err
    return result.out.split()


@pytest.fixture
def reader(papertrack):
    papertrack.configure(TOPICS)
    return papertrack


@pytest.mark.parametrize(
    ("line", "completions"),
    [
        ("papertrack to", ["today", "topics"]),
        ("papertrack unh", ["unhide"]),
        ("papertrack config ", ["init", "path", "show", "check"]),
        ("papertrack today --s", ["--source", "--sample"]),
        ("papertrack today -f j", ["json", "jsonl"]),
        ("papertrack list --topic a", ["agents"]),
        ("papertrack today -t v", ["video", "generation"]),
        ("papertrack trending --by ", ["rising", "upvotes", "stars", "comments", "late", "code"]),
    ],
)
def test_commands_options_formats_and_topics_complete(reader, line, completions):
    assert sorted(complete(reader, line)) == sorted(completions)


def test_every_command_completes(reader):
    completions = complete(reader, "papertrack ")
    assert {"today", "trending", "list", "search", "show", "why", "fetch", "import"} < {
        *completions
    }


@pytest.mark.parametrize("option", ["-q", "--no-color", "--library x", "--library=x"])
def test_a_line_with_global_options_completes(reader, option):
    assert complete(reader, f"papertrack {option} list --topic a") == ["agents"]


def test_topics_complete_from_the_configuration_on_the_line(papertrack, tmp_path):
    (tmp_path / "named.yaml").write_text(TOPICS)
    config = shlex.quote(str(tmp_path / "named.yaml"))
    line = f"papertrack --config {config} today -t ag"
    assert complete(papertrack, line) == ["agents"]


def test_a_broken_configuration_completes_to_nothing_silently(papertrack):
    papertrack.configure("topics: [")
    assert complete(papertrack, "papertrack today -t a") == []


def bash_completions(program, line, *words):
    """The completions of the script in bash, which splits the line up to the cursor into words."""
    if not shutil.which("bash"):
        pytest.skip("bash is not installed")
    script = program("completion", "bash").out
    completion = f"COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; "
    completion += f"COMP_LINE={shlex.quote(line)}; COMP_POINT={len(line)}; "
    completion += '_papertrack_completion "$COMMAND"; printf "%s\\n" "${COMPREPLY[@]}"'
    result = subprocess.run(
        ["bash", "-c", f"{script}\n{completion}"],
        env=program.environ(COMMAND=str(program.script())),
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "last_words", "expected"),
    [
        ("papertrack toda", ["toda"], ["today"]),
        ("papertrack today -t v", ["-t", "v"], [r"video\ generation"]),
        (r"papertrack today -t video\ ", ["-t", r"video\ "], [r"video\ generation"]),
        ('papertrack today -t "v', ["-t", '"v'], ["video generation"]),
        ("papertrack today -t 'v", ["-t", "'v"], ["video generation"]),
        ("papertrack list --source hug", ["--source", "hug"], ["huggingface"]),
        ("papertrack import FI", ["FI"], [""]),
    ],
)
def test_bash_completes_with_the_script_and_quotes_spaces(reader, line, last_words, expected):
    assert bash_completions(reader, line, "papertrack", *last_words) == expected


PAPERS = [
    {"id": "2603.10165", "title": "Camera control", "listed": "2026-03-31"},
    {"id": "2603.00002", "title": "Wing flow", "listed": "2026-03-30"},
    {"id": "cran:12", "title": "Wing: flow", "listed": "2026-03-30"},
]


@pytest.fixture
def owner(papertrack):
    file = papertrack.home / "papers.jsonl"
    file.write_text("".join(f"{json.dumps(paper)}\n" for paper in PAPERS))
    assert papertrack("import", file).code == 0
    assert papertrack("tag", "-t", "reading", "cran:12").code == 0
    return papertrack


@pytest.mark.parametrize(
    ("line", "completions"),
    [
        ("papertrack show 2603", ["2603.10165", "2603.00002"]),
        ("papertrack star 2603.10165 c", ["cran:12"]),
        ("papertrack note 2603.1", ["2603.10165"]),
        ("papertrack list --tag r", ["reading"]),
        ("papertrack untag -t ", ["reading"]),
        ("papertrack --library elsewhere show 2603", []),
    ],
)
def test_recent_papers_and_tags_complete_newest_first(owner, line, completions):
    assert complete(owner, line) == completions


def test_rows_of_the_table_printed_last_come_first(owner):
    """The shell asks on the terminal on which the table was printed."""
    papertrack = shlex.quote(str(owner.script()))
    script = f"""
        {papertrack} list --until 2026-03-30 --limit 1
        echo COMPLETIONS
        export COMP_WORDS='papertrack show 2' COMP_CWORD=-1
        _PAPERTRACK_COMPLETE=complete_bash {papertrack} | cat
    """
    code, output = owner.shell_in_terminal(script)
    assert code == 0
    assert output.partition("COMPLETIONS")[2].split() == ["2603.00002", "2603.10165"]


def test_bash_completes_what_follows_a_colon(owner):
    words = ["papertrack", "show", "cran", ":", "1"]
    assert bash_completions(owner, "papertrack show cran:1", *words) == ["12"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_scripts_of_other_shells_are_valid_where_these_are_installed(papertrack, shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = papertrack("completion", shell).out
    subprocess.run([shell, "-n"], input=script, text=True, check=True)


@pytest.mark.parametrize(
    ("shell", "path"),
    [
        ("bash", ".bash_completions/papertrack.sh"),
        ("zsh", ".zfunc/_papertrack"),
        ("fish", "config/fish/completions/papertrack.fish"),
    ],
)
def test_the_same_script_is_installed(papertrack, shell, path):
    assert papertrack("completion", shell, "--install").code == 0
    script = papertrack("completion", shell).out
    assert (papertrack.home / path).read_text().strip() == script.strip()


@pytest.mark.parametrize(("shell", "name"), [("bash", ".bashrc"), ("zsh", ".zshrc")])
def test_an_installation_adds_one_line_to_the_file_of_the_reader(papertrack, shell, name):
    file = papertrack.home / name
    file.write_bytes(b"alias l=ls\xff\r\nset -o vi")
    for _ in range(2):
        assert papertrack("completion", shell, "--install").code == 0
    kept, added = file.read_bytes().split(b"\nset -o vi\n")
    assert kept == b"alias l=ls\xff\r"
    assert added.count(b"\n") == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_an_installation_on_a_full_disk_leaves_the_file_of_the_reader(papertrack, shell):
    for name in (".bashrc", ".zshrc"):
        (papertrack.home / name).write_text("alias l=ls\n")
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # noqa: E731
    result = papertrack("completion", shell, "--install", preexec_fn=limit)
    assert (result.code, result.out) == (2, "")
    for name in (".bashrc", ".zshrc"):
        assert (papertrack.home / name).read_text() == "alias l=ls\n"


def described(line):
    """The environment with which the scripts of zsh and fish ask for completions."""
    action = {"_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": line}
    return {"_PAPERTRACK_COMPLETE": "complete_fish", **action}


def test_zsh_and_fish_get_a_description_of_each_completion(owner):
    lines = owner(env=described("papertrack ")).out.splitlines()
    assert "star\tStar papers" in lines
    assert len(lines) == len({line.partition("\t")[0] for line in lines}) > 30
    assert owner(env=described("papertrack show 2603.1")).out == "2603.10165\tCamera control\n"
    assert "--offline\tfetch nothing" in owner(env=described("papertrack today --off")).out


@pytest.mark.parametrize("line", ["papertrack ", "papertrack show 2603.1", "papertrack today --"])
def test_completions_with_descriptions_import_no_rich(owner, line):
    modules = modules_imported_by(owner, env=described(line))
    assert "typer" in modules
    assert not {"typer.rich_utils", "rich", "httpx", "yaml"}.intersection(modules)


@pytest.mark.parametrize(
    ("line", "completions"),
    [
        ("papertrack today -t v", ["video generation"]),
        ("papertrack today -t 'v", ["video generation"]),
        ("papertrack unh", ["unhide\tUnhide papers"]),
        ("papertrack import FI", ["FILE.jsonl"]),
    ],
)
def test_fish_completes_with_the_installed_script(reader, line, completions):
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    reader("completion", "fish", "--install")
    (reader.home / "FILE.jsonl").touch()
    path = f"{Path(reader.line[0]).parent}:{os.environ['PATH']}"
    result = subprocess.run(
        ["fish", "-c", f'complete -C "{line}"'],
        env=reader.environ(PATH=path),
        cwd=reader.home,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.splitlines() == completions


def modules_imported_by(program, *words, env=()):
    """The third-party modules that a run imports."""
    result = program.bytes(*words, env=env, program=[sys.executable, "-c", REPORT_MODULES])
    return result.stderr.decode().rpartition("loaded: ")[2].split()


def test_a_plain_today_imports_nothing_that_it_does_not_use(reader):
    reader("today", "--offline")
    assert modules_imported_by(reader, "today", "--offline") == []


def test_a_table_imports_only_rich(reader):
    reader("today", "--offline")
    modules = modules_imported_by(reader, "today", "--offline", "-f", "table")
    assert {module.partition(".")[0] for module in modules} == {"rich"}


@pytest.mark.parametrize("words", ["--help", "today --help", "list"])
def test_other_commands_import_neither_rich_help_nor_the_network(reader, words):
    reader("list")
    modules = modules_imported_by(reader, *words.split())
    assert "typer" in modules
    for unused in ("typer.rich_utils", "rich", "httpx", "filelock"):
        assert unused not in modules
