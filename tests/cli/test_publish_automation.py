"""`publish --github`, `--gitlab` and `--cron`: the library in a repository, kept fresh by a runner.

There is no GitHub here: the steps of the workflow that are commands run with bash in a clone of a
bare repository, as GitHub's runner does it, against the mirror. Its actions (checkout, the upload
of the site and its deployment) and GitLab's runner are not tried.
"""

import os
import re
import shlex
import subprocess
import time

import pytest
import yaml

GIT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{
        f"GIT_{who}_{what}": "t@example.org"
        for who in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    },
}
CONFIG = """
library: library
sources: {{huggingface: {{base_url: '{url}'}}}}
topics:
  - {{name: agents, any: [agent, agentic]}}
alerts:
  channels:
    - {{name: notes, type: file, path: notes}}
    - {{name: hook, type: webhook, url_env: HOOK_URL}}
network: {{deadline_seconds: 60}}
"""
MARKS = "<!-- papertrack begin -->\n<!-- papertrack end -->\n"
DAY, NEXT = "2026-03-30T06:17:00Z", "2026-03-31T06:17:00Z"


class Runner:
    """A bare repository with a library, and clones in which the steps of a workflow run."""

    def __init__(self, program, folder, url):
        self.program, self.folder, self.now = program, folder, DAY
        self.bare, self.count = folder / "lab.git", 0
        tools = folder / "tools"
        tools.mkdir(parents=True)
        (tools / "papertrack").symlink_to(program.script())
        self.called = folder / "gh"
        (tools / "gh").write_text(f'#!/bin/sh\necho "$@" >> {shlex.quote(str(self.called))}\n')
        (tools / "gh").chmod(0o755)
        self.path = f"{tools}:{os.environ['PATH']}"
        self.run("git", "init", "--quiet", "--bare", "--initial-branch=main", self.bare)
        self.first = self.clone()
        (self.first / "config.yaml").write_text(CONFIG.format(url=url))
        (self.first / "README.md").write_text("# Papers of the lab\n\nOur own words.\n\n" + MARKS)

    def environ(self, **more):
        base = {k: v for k, v in self.program.environ().items() if k != "PAPERTRACK_LIBRARY"}
        return base | GIT | {"PATH": self.path, "PAPERTRACK_NOW": self.now, **more}

    def run(self, *words, cwd=None, check=True, **more):
        done = subprocess.run(
            list(map(str, words)), cwd=cwd or self.folder, env=self.environ(**more), check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout
        return done.stdout

    def clone(self):
        self.count += 1
        folder = self.folder / f"clone{self.count}"
        self.run("git", "clone", "--quiet", "--depth", "1", f"file://{self.bare}", folder)
        return folder

    def push(self, folder, message):
        self.run("git", "add", "--all", cwd=folder)
        self.run("git", "commit", "--quiet", "--message", message, cwd=folder)
        self.run("git", "push", "--quiet", "origin", "HEAD:main", cwd=folder)

    def commits(self):
        return self.run("git", "log", "--format=%s", "main", cwd=self.bare).splitlines()

    def files(self, commit="main"):
        names = self.run("git", "ls-tree", "-r", "--name-only", commit, cwd=self.bare)
        return names.splitlines()

    def text(self, path):
        return self.run("git", "show", f"main:{path}", cwd=self.bare)

    def workflow(self, folder, between=lambda: None):
        """Run the commands of the update in a clone; return their output."""
        text = (folder / ".github/workflows/papertrack.yml").read_text()
        output = []
        for step in yaml.safe_load(text)["jobs"]["update"]["steps"]:
            if "run" not in step or step["name"] == "Install":
                continue
            if step["name"] == "Commit":
                between()
            env = {name: self.value(value) for name, value in step.get("env", {}).items()}
            output.append(self.run("bash", "-e", "-c", step["run"], cwd=folder, **env))
        return "".join(output)

    def value(self, expression):
        expressions = {
            "${{ secrets.HOOK_URL }}": "http://127.0.0.1:9/s3cret",
            "${{ steps.pages.outputs.base_url }}": "https://lab.example.org/papers",
        }
        return expressions.get(expression, expression)


@pytest.fixture
def runner(papertrack, mirror, tmp_path):
    mirror.clock(DAY)
    runner = Runner(papertrack, tmp_path / "runner", mirror.url)
    runner.run(
        "papertrack",
        "--config",
        "config.yaml",
        "publish",
        "--github",
        "--install",
        cwd=runner.first,
    )
    runner.push(runner.first, "Begin")
    return runner


def test_a_workflow_commits_what_is_new_and_nothing_else(runner, mirror):
    output = runner.workflow(runner.clone())
    assert len(runner.commits()) == 2
    files = runner.files()
    assert {"library/papers.2026-03-30.json", "library/coverage.2026.json", "README.md"} <= set(
        files
    )
    private = r"\.bak$|\.lock$|/\.journal/|/matches\.|^site/|sqlite"
    assert [name for name in files if re.search(private, name)] == []
    assert "Our own words." in runner.text("README.md")

    mirror.fail(status=500)
    runner.now = NEXT
    failed = runner.workflow(runner.clone())
    assert "::warning::papertrack fetch: some sources failed" in failed
    assert "nothing new to commit" in failed
    assert len(runner.commits()) == 2, "a failed upstream is no commit"

    mirror.fail(delay=0, path="nowhere")
    mirror.clock(NEXT)

    def propose_topic():
        colleague = runner.clone()
        config = colleague / "config.yaml"
        config.write_text(
            config.read_text().replace("topics:", "topics:\n  - {name: b, any: [b c]}")
        )
        runner.push(colleague, "Add a topic")

    output += runner.workflow(runner.clone(), between=propose_topic)
    assert "::warning::papertrack alert: some deliveries failed" in output, "the hook is dead"
    assert any(name.startswith("notes/") for name in runner.files())
    assert "s3cret" not in output + "".join(map(runner.text, runner.files()))
    assert runner.commits()[:2] == [runner.commits()[0], "Add a topic"]
    assert "library/papers.2026-03-31.json" in runner.files()
    assert "{name: b, any: [b c]}" in runner.text("config.yaml")
    verified = runner.run(
        "papertrack", "--config", "config.yaml", "library", "verify", cwd=runner.clone()
    )
    assert "no problems" in verified
    assert not runner.called.exists(), "the schedule was enabled although there was activity"


def test_after_a_quiet_month_the_schedule_is_enabled_again(runner):
    folder = runner.clone()
    text = (folder / ".github/workflows/papertrack.yml").read_text()
    (step,) = (
        step
        for step in yaml.safe_load(text)["jobs"]["update"]["steps"]
        if step.get("name") == "Stay scheduled"
    )
    for days, calls in ((29, ""), (31, "workflow enable papertrack.yml\n")):
        date = f"@{int(time.time()) - days * 86400} +0000"
        words = ("git", "commit", "--quiet", "--amend", "--no-edit", "--date", date)
        runner.run(*words, cwd=folder, GIT_COMMITTER_DATE=date)
        runner.run("bash", "-e", "-c", step["run"], cwd=folder)
        assert (runner.called.read_text() if runner.called.exists() else "") == calls


def test_the_script_for_cron_pushes_what_is_new_and_runs_wait_for_each_other(runner):
    folder = runner.clone()
    runner.run(
        "papertrack", "--config", "config.yaml", "publish", "--cron", "--install", cwd=folder
    )
    environ = runner.environ(HOOK_URL="http://127.0.0.1:9/")
    runs = [
        subprocess.Popen([folder / "papertrack-update"], env=environ, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    outputs = [run.communicate()[0].decode() for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert len(runner.commits()) == 2
    assert sum("nothing new to commit" in output for output in outputs) == 1
    assert (folder / "site/index.html").exists()


@pytest.fixture
def repository(papertrack):
    """A program whose home is a git repository with a configuration."""
    subprocess.run(["git", "init", "--quiet", papertrack.home], check=True)
    (papertrack.home / "config.yaml").write_text(
        "library: library\nalerts: {channels: [{name: m, type: email, to: a@example.org, host: h,"
        " user: u, encryption: tls, password_env: MAIL_PASSWORD},"
        " {name: k, type: webhook, url_file: secret}]}\n"
        "sources: {feeds: [{name: lab, url: 'https://lab.example.org/feed'}]}\n"
    )
    return papertrack


def publish(program, *words, config="config.yaml"):
    env = {"PAPERTRACK_LIBRARY": ""}
    return program("--config", config, "publish", *words, env=env)


def test_the_workflow_runs_once_a_day_and_gets_only_the_named_secrets(repository):
    run = publish(repository, "--github")
    assert run.code == 0, run.err
    assert "channel 'k' reads a secret from a file" in run.err
    texts = run.out.split("# .github/workflows/")[1:]
    update, check = (yaml.safe_load(text.partition("\n")[2]) for text in texts)
    (schedule,) = update[True]["schedule"]
    minute, *others = schedule["cron"].split()
    assert (int(minute) % 5 != 0, others) == (True, ["6", "*", "*", "*"])
    assert update["concurrency"] == {"group": "papertrack", "cancel-in-progress": False}
    assert update["permissions"] == check["permissions"] == {"contents": "read"}
    assert re.findall(r"secrets\.\w+", run.out) == ["secrets.MAIL_PASSWORD"]
    assert "papertrack-cli[feeds]>=" in run.out
    assert check[True] == "pull_request", "nothing of a stranger's runs with a token or a secret"


def test_the_job_of_gitlab_has_the_same_commands(repository):
    run = publish(repository, "--gitlab", "public-site")
    jobs = yaml.safe_load(run.out)
    commands = [line.strip() for line in "\n".join(jobs["pages"]["script"]).splitlines()]
    github = [
        line.strip() for line in publish(repository, "--github", "public-site").out.splitlines()
    ]
    shared = [line for line in commands if line in github]
    assert {"run fetch", "run alert", 'test "$pushed"'} <= set(shared)
    assert jobs["pages"]["resource_group"] == "papertrack"
    for script in jobs["pages"]["script"]:
        subprocess.run(["bash", "-n", "-c", script], check=True)


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("library: ../elsewhere\n", ("--github",), "the library is in"),
        ("library: 'a b'\n", ("--github",), "cannot be used in a workflow"),
        ("library: library\n", ("--github", "../site"), "cannot be used in a workflow"),
        ("library: library\n", ("--github", "--cron"), "choose --github"),
        ("library: library\n", ("--install",), "choose --github"),
    ],
)
def test_what_cannot_be_kept_in_a_repository_is_refused(repository, text, words, message):
    (repository.home / "config.yaml").write_text(text)
    run = publish(repository, *words)
    assert (run.code, message in run.err) == (2, True), run.err


def test_a_configuration_outside_of_a_repository_is_refused(papertrack, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("library: library\n")
    run = publish(papertrack, "--github", config=file)
    assert (run.code, "is in no git repository" in run.err) == (2, True)


def test_a_file_that_papertrack_did_not_write_is_not_replaced(repository):
    file = repository.home / ".gitlab-ci.yml"
    file.write_text("test: {script: [make]}\n")
    assert publish(repository, "--gitlab", "--install").code == 2
    assert file.read_text() == "test: {script: [make]}\n"
    file.unlink()
    for _ in range(2):
        assert publish(repository, "--gitlab", "--install").code == 0
    assert "papertrack publish --gitlab" in file.read_text()
