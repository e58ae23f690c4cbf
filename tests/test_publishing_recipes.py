"""The recipes of .github/PUBLISHING.md, followed as written, and the files of .docker."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from shutil import which

import pytest

ROOT = Path(__file__).parents[1]
DOCKER = ROOT / ".docker"
RECIPES = re.findall(r"```sh\n(.*?)```", (ROOT / ".github/PUBLISHING.md").read_text(), re.DOTALL)
GIT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "t",
    "GIT_AUTHOR_EMAIL": "t@example.org",
    "GIT_COMMITTER_NAME": "t",
    "GIT_COMMITTER_EMAIL": "t@example.org",
}


@pytest.fixture
def shell(papertrack, server):
    """Runs a recipe with bash in a clone of an empty repository; no source is on the internet."""
    tools = papertrack.script().parent
    environ = papertrack.environ() | GIT | {"PATH": f"{tools}:{os.environ['PATH']}"}
    bare, clone = papertrack.home / "lab.git", papertrack.home / "papers"
    subprocess.run(["git", "init", "-q", "--bare", "--initial-branch=main", bare], check=True)
    subprocess.run(["git", "clone", "-q", bare, clone], check=True, stderr=subprocess.DEVNULL)

    def run(recipe):
        text = recipe.replace("https://lab.example.org/papers", server.url_for("").rstrip("/"))
        return subprocess.run(
            ["bash", "-e", "-c", text], cwd=clone, env=environ, check=False,
            capture_output=True, text=True,
        )  # fmt: skip

    return run


def test_a_group_publishes_proposes_topics_and_reads_its_feed(shell, papertrack, server):
    begin, propose, read = RECIPES
    done = shell(begin)
    assert done.returncode == 0, done.stderr
    tree = shell("git ls-tree -r --name-only origin/main").stdout.split()
    assert {"config.yaml", "README.md", ".github/workflows/papertrack.yml"} <= set(tree)
    done = shell(propose)
    assert done.returncode == 0, done.stderr
    assert "video generation" in shell("git show origin/video:config.yaml").stdout
    broken = shell("sed -i 's/^topics:/topcis:/' config.yaml && " + propose.splitlines()[2])
    assert broken.returncode == 2, "the gate is shut for a configuration with a mistake"

    papers = papertrack.home / "papers.jsonl"
    papers.write_text('{"id": "2603.00001", "title": "One", "listed": "2026-03-31"}\n')
    assert papertrack("import", papers).code == 0
    feed = papertrack.bytes("export", "--all", "-f", "atom").stdout
    server.expect_request("/all.atom").respond_with_data(feed)
    done = shell(read)
    assert done.returncode == 0, done.stderr
    assert "2603.00001" in done.stdout


def test_the_container_runs_as_a_user_with_one_volume():
    lines = (DOCKER / "Containerfile").read_text().splitlines()
    last_stage = lines[max(n for n, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert [line for line in last_stage if line.startswith("VOLUME")] == ["VOLUME /papers"]
    (user,) = (line.split()[1] for line in last_stage if line.startswith("USER"))
    assert user.partition(":")[0].isdecimal(), "Kubernetes sees that a number is not root"
    assert user.partition(":")[0] != "0"
    ignored = (DOCKER / "Containerfile.dockerignore").read_text().splitlines()
    copied = [line[1:] for line in ignored if line.startswith("!")]
    assert [name for name in copied if not (ROOT / name).exists()] == []


def _builder():
    """A program that can build images here, or None."""
    for name in ("podman", "docker"):
        if which(name):
            done = subprocess.run([name, "info"], capture_output=True, check=False, timeout=60)
            if done.returncode == 0:
                return name
    return None


def test_the_container_is_built_and_runs_on_a_read_only_root():
    builder = _builder()
    if builder is None:
        pytest.skip("no program here can build images")
    words = [builder, "build", "-q", "-f", ".docker/Containerfile", "-t", "papertrack-test", "."]
    built = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if built.returncode and "resolve" in built.stderr + built.stdout:
        pytest.skip("the base image cannot be fetched")
    assert built.returncode == 0, built.stderr
    run = [builder, "run", "--rm", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "all"]
    for words in (["today", "--sample", "-f", "ids"], ["library", "info"]):
        done = subprocess.run([*run, "papertrack-test", *words], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(which("systemd-analyze") is None, reason="systemd is not here")
def test_systemd_accepts_the_service_and_its_timer(tmp_path):
    for unit in DOCKER.glob("papertrack.*"):
        text = unit.read_text().replace("/opt/papertrack/bin/papertrack", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    units = sorted(tmp_path.glob("papertrack.*"))
    assert len(units) == 2
    words = ["systemd-analyze", "verify", "--man=no", *units]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_commands_of_the_service_exist(papertrack):
    text = (DOCKER / "papertrack.service").read_text()
    commands = re.findall(r"ExecStart=/opt/papertrack/bin/papertrack (.*)", text)
    assert len(commands) == 3
    for command in commands:
        assert papertrack(*shlex.split(command), "--help").code == 0, command
