"""Every example in the README and in --help works as typed.

An example runs on a machine that has the shipped configuration, as `config init` writes it, and a
library with the sample, both in a git repository, after the lines before it that add a topic or a
feed. Three things differ from a reader's machine: the addresses of services in the configuration
are those of a server of this test, as tests have no internet; `crontab` is a program that stores
its file in the home folder, as a build machine has none; and $EDITOR and $BROWSER are `true`.
Examples that name rows of a table are run on a terminal after `papertrack list`.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from arxiv_pages import atom, result
from full_screen import FullScreen
from pages import entry
from program import Program
from werkzeug import Response

from papertrack.cli.app import COMMANDS

ROOT = Path(__file__).parents[1]
CONFIG = ".config/papertrack/config.yaml"  # in the home folder
README = (ROOT / "README.md").read_text(encoding="utf-8")
# The library also has the papers that examples name by id or by part of a title.
NAMED_PAPERS = {
    "2603.10165": "Named by its id",
    "2603.11421": "Cinematic camera control",
}
# What the README's placeholders stand for.
VALUES = {"ID": "2603.10165", "FILE": "papers.jsonl", "COMMAND": "today", "TOPIC": "video"}
# What must have happened before an example, by a part of the example.
PREPARATIONS = {
    "--ticks notes/": ["export", "--style", "digest", "--all", "-o", "notes/"],
    "import tables/": ["export", "--all", "-f", "parquet", "-o", "tables/"],
    "library restore": ["library", "backup"],
    "alert mute": ["alert"],
    "alert unmute": ["alert"],
    "--starred -f ids": ["star", "2603.10165"],
}
NEEDS_SHELL = re.compile(r"[|&<>$~]")  # outside of quotes
# Names rows of the table printed last, or copies through the terminal.
NAMES_ROWS = re.compile(r"^papertrack (?!.*--).* \d(-\d)?( |$)|^papertrack (open|cite) |--copy")
NEEDS_TERMINAL = re.compile(r" (--install|--remove|restore)\b")  # these ask for confirmation
COMMAND_NAMES = [name for group in COMMANDS.values() for name in group]


@pytest.fixture(scope="module")
def prepared_home(filled):
    """A home folder with the configuration and the library that examples run with."""
    return filled("examples", _fill)


def _fill(home):
    papertrack = Program(home)
    done = _run(papertrack, "papertrack config init")
    assert done[0] == 0, done
    papers = [{"id": key, "title": title} for key, title in NAMED_PAPERS.items()]
    sample = _run(papertrack, "papertrack today --sample -f jsonl")[1]
    lines = [json.dumps(paper | {"listed": "2026-03-30"}) for paper in papers]
    (home / "papers.jsonl").write_text(sample + "\n".join(lines) + "\n", encoding="utf-8")
    done = _run(papertrack, "papertrack import papers.jsonl")
    assert done[0] == 0, done
    (home / ".git").mkdir()
    outline = "<outline text='Lab' xmlUrl='https://example.org/feed.xml'/>"
    (home / "feeds.opml").write_text(f"<opml version='2.0'><body>{outline}</body></opml>")
    bibliography = "@misc{planning, title={Planning agents}, eprint={2603.00099}}"
    (home / "refs.bib").write_text(bibliography)
    _write_programs(home / "bin")
    # The folder exists on a machine that has the shell fish.
    (home / ".config/fish/completions").mkdir(parents=True)


@pytest.fixture(scope="module")
def home_after(prepared_home, tmp_path_factory):
    """Return the home folder in which some command lines were run; those of each tuple run once."""
    homes = {}

    def create(lines, services):
        home = tmp_path_factory.mktemp("after") / "home"
        shutil.copytree(prepared_home, home)
        config = home / CONFIG
        text = config.read_text(encoding="utf-8")
        text = re.sub(r"https://[\w.]*(huggingface.co|arxiv.org)", services, text)
        config.write_text(text.replace("delay_seconds: 3 ", "delay_seconds: 0 "))
        for line in lines:
            done = _run(Program(home), line)
            assert done[0] == 0, (line, done)
        return home

    def home(lines, services):
        if lines not in homes:
            homes[lines] = create(lines, services)
        return homes[lines]

    return home


@pytest.fixture
def run_example(home_after, services, tmp_path):
    """Run an example in a home folder of its own; return exit code, stdout and stderr."""
    count = iter(range(1000))

    def run(example, before=()):
        preparing = [arguments for part, arguments in PREPARATIONS.items() if part in example]
        lines = *before, *(shlex.join(["papertrack", *words]) for words in preparing)
        home = tmp_path / str(next(count))
        shutil.copytree(home_after(lines, services), home)
        if "config init" in example:
            (home / CONFIG).unlink()
        return _run(Program(home), example)

    return run


@pytest.fixture(scope="module")
def help_texts(tmp_path_factory):
    """Return the help of a command, of papertrack itself for "", and of the subcommands."""
    papertrack = Program(tmp_path_factory.mktemp("help") / "home")

    @cache
    def texts(name):
        words = name.split()
        text = papertrack(*words, "--help").out
        _, _, listed = text.partition("\nCommands:\n")
        names = re.findall(r"^  ([a-z][\w-]*)\s", listed, re.MULTILINE)
        return text, *(papertrack(*words, subcommand, "--help").out for subcommand in names)

    return texts


@pytest.fixture
def services(daily, server):
    """The URL of a server that answers as Hugging Face and arXiv do."""
    day = date(2026, 3, 31)
    for number in range(100):
        daily.days[str(day)] = [entry(f"2602.{number:05}", day=day)]
        day -= timedelta(days=1)

    def respond_with_paper(request):
        paper_id = request.path.partition("/api/papers/")[2]
        return Response(json.dumps(entry(paper_id)["paper"]), content_type="application/json")

    def respond_with_results(request):
        ids = request.args["id_list"].split(",")
        results = [result(f"{paper_id}v1") for paper_id in ids]
        head = {
            "id": "<id>https://arxiv.org/api/abc</id>",
            "total": f"<opensearch:totalResults>{len(results)}</opensearch:totalResults>",
            "start": "<opensearch:startIndex>0</opensearch:startIndex>",
        }
        return Response(atom(*results, **head), content_type="application/atom+xml")

    server.expect_request(re.compile("/pdf/.*")).respond_with_data(b"%PDF-1.7\n%%EOF\n")
    server.expect_request("/api/query").respond_with_handler(respond_with_results)
    server.expect_request("/api/papers/search").respond_with_json([entry("2602.90000")])
    server.expect_request(re.compile("/api/papers/.*")).respond_with_handler(respond_with_paper)
    return daily.url


@pytest.mark.parametrize("name", ["", *COMMAND_NAMES])
def test_the_examples_in_the_help_of_a_command_work(name, help_texts, run_example):
    failed = {}
    for text in help_texts(name):
        examples = list(_examples_of_help(text))
        for number, example in enumerate(examples):
            done = run_example(example, filter(_adds, examples[:number]))
            if done[0] != 0:
                failed[example] = done
    assert failed == {}


def _adds(example):
    return example.startswith(("papertrack topics add ", "papertrack feeds add "))


def test_every_command_has_examples(help_texts):
    texts = {name: "".join(help_texts(name)) for name in COMMAND_NAMES}
    without = [name for name, text in texts.items() if not list(_examples_of_help(text))]
    assert without == []


def _examples_of_readme():
    blocks = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    # .ci/run sets up and tests with the line of the README; here is no package index.
    lines = [line for line in lines if not line.startswith("python3 -m venv")]
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    inline = re.findall(r"`(papertrack [^`]+)`", prose)
    return list(dict.fromkeys([*lines, *inline]))


README_EXAMPLES = _examples_of_readme()


@pytest.mark.parametrize("typed", README_EXAMPLES)
def test_an_example_of_the_readme_works(typed, help_texts, run_example):
    """Unless it is in the help of its command, whose examples are tested above."""
    example = typed
    for placeholder, value in VALUES.items():
        example = re.sub(rf"\b{placeholder}\b", value, example)
    if not _is_in_help(help_texts, example):
        before = filter(_adds, README_EXAMPLES[: README_EXAMPLES.index(typed)])
        code, _, err = run_example(example, before)
        assert code == 0, err


def _is_in_help(help_texts, example):
    words = shlex.split(example, comments=True)
    texts = help_texts(words[1]) if words[1] in COMMAND_NAMES else ()
    return any(_without_comment(example) in _examples_of_help(text) for text in texts)


def _without_comment(line):
    return re.split(r"\s{2,}", line)[0]


def _examples_of_help(text):
    """The lines of paragraphs that begin with a command, without the explanations beside them."""
    for paragraph in text.split("\n\n"):
        lines = [line.strip() for line in paragraph.splitlines()]
        if lines and re.match(r"papertrack( |$)|\$EDITOR ", lines[0]):
            yield from map(_without_comment, lines)


def _run(papertrack, example):
    """Run an example in the home folder, in a shell only if it needs one, as that is slower."""
    names = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "PAPERTRACK_LIBRARY")
    env = dict.fromkeys(names) | {
        "PATH": f"{papertrack.home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "EDITOR": "true",
        "SHELL": "/bin/bash",
        "BROWSER": "true",
    }
    if example.startswith("papertrack browse"):
        return _read(shlex.split(example), papertrack, env)
    if NAMES_ROWS.search(example):
        runs = [["list", "--limit", "9"], shlex.split(example)[1:]]
        listed, (code, output) = papertrack.in_one_terminal(runs, env=env)
        return listed[0] or code, output.decode(), output.decode()
    unquoted = re.sub(r"'[^']*'|\"[^\"$]*\"", "", example)
    if not (NEEDS_SHELL.search(unquoted) or NEEDS_TERMINAL.search(example)):
        return tuple(papertrack(*shlex.split(example, comments=True)[1:], env=env))
    terminal, stdin = os.openpty()
    os.write(terminal, b"y\n")
    command = ["bash", "-e", "-o", "pipefail", "-c", example]
    environ = papertrack.environ(**env)
    done = subprocess.run(
        command, env=environ, cwd=papertrack.home, stdin=stdin, capture_output=True, check=False
    )
    os.close(stdin)
    os.close(terminal)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def _read(command, papertrack, env):
    """Run the reader on a screen, and leave it once it shows papers."""
    run = FullScreen(command, papertrack.environ(**env), papertrack.home)
    run.wait_for(" paper")
    run.press("q")
    code, output = run.end()
    return code, output.decode(), output.decode()


def _write_programs(folder):
    """Write `papertrack`, and a `crontab` that stores its file in the home folder."""
    folder.mkdir()
    file = '"$HOME/crontab.txt"'
    programs = {
        "papertrack": f'exec "{sys.executable}" -m papertrack "$@"',
        "crontab": f'if [ "$1" = -l ]; then touch {file}; cat {file}; else cat > {file}; fi',
    }
    for name, script in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
