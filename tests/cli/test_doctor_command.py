"""`papertrack doctor`: its exit codes, formats and discretion."""

import json

import pytest

PASSWORD = "hunter2"
OFFLINE = ["doctor", "--offline"]


@pytest.fixture
def doctor(owner):
    """Run doctor without the network and without a schedule; return exit code and rows."""

    def run(*options):
        result = owner(*OFFLINE, "--json", *options, env={"PATH": "/usr/bin:/bin"})
        document = json.loads(result.out)
        assert (document["schema"], document["command"]) == (1, "doctor")
        return result.code, document["data"]

    run.program = owner
    return run


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_healthy_installation_has_no_problems_and_nothing_changes(doctor):
    before = files(doctor.program.home)
    code, rows = doctor()
    assert code == 0
    assert {row["state"] for row in rows} <= {"ok", "warning"}
    assert {row["area"] for row in rows} >= {
        *("configuration", "library", "search index", "schedule"),
        *("network", "terminal", "versions"),
    }
    assert files(doctor.program.home) == before


def test_each_line_is_tab_separated_in_a_pipe_and_marked_on_a_terminal(owner):
    lines = owner(*OFFLINE).out.splitlines()
    assert all(len(line.split("\t")) == 4 for line in lines)
    code, output = owner.in_terminal(*OFFLINE)
    assert code == 0
    assert "✓".encode() in output


def test_every_configuration_problem_is_a_row_and_the_exit_code_is_2(doctor):
    doctor.program.configure("libary: x\ntopics: 7\n")
    code, rows = doctor()
    assert code == 2
    problems = [row for row in rows if row["state"] == "problem"]
    assert [row["area"] for row in problems] == ["configuration"] * 2
    assert "library" not in {row["area"] for row in rows}


def test_damage_exits_with_5_until_it_is_fixed(doctor):
    (doctor.program.library / "listings.2026-03-31.json").write_bytes(b"{")
    assert doctor()[0] == 5
    assert doctor("--fix")[0] == 0
    assert doctor()[0] == 0
    assert doctor.program("library", "verify").code == 0


def test_a_channel_that_cannot_work_exits_with_6_and_no_secret_is_shown(doctor):
    doctor.program.configure(
        "alerts: {channels: [\n"
        f"  {{name: hook, type: webhook, url: 'http://me:{PASSWORD}@127.0.0.1/'}},\n"
        "  {name: team, type: webhook, url_env: NOT_SET_ANYWHERE}]}\n"
    )
    code, rows = doctor()
    assert code == 6
    assert PASSWORD not in json.dumps(rows)
    channels = [row["state"] for row in rows if row["area"] == "channels"]
    assert channels == ["ok", "problem"]


def test_a_source_that_is_down_exits_with_3(owner, unused_url):
    owner.configure(f"sources: {{huggingface: {{base_url: '{unused_url}'}}}}")
    result = owner("doctor", "--json")
    assert result.code == 3
    rows = json.loads(result.out)["data"]
    assert [row["state"] for row in rows if row["area"] == "sources"] == ["problem"]


def test_proxies_are_named_without_passwords(owner):
    env = {
        "HTTPS_PROXY": f"http://me:{PASSWORD}@proxy.example:8080",
        "HTTP_PROXY": f"http://me:{PASSWORD}@[x",
    }
    result = owner(*OFFLINE, env=env)
    assert result.code == 3, "an invalid address is a problem"
    assert "proxy.example:8080" in result.out
    assert PASSWORD not in result.out + result.err


def test_an_encoding_that_cannot_show_names_is_a_warning(owner):
    env = {"PYTHONIOENCODING": "ascii"}
    code, output = owner.in_terminal(*OFFLINE, env=env, forked=False)
    assert code == 0
    assert b"PYTHONUTF8" in output
