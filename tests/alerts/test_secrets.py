"""No secret is printed, stored or logged, even by runs that fail."""

import secrets

import pytest
from log_lines import events

_TOKENS = ("path", "bearer", "mail", "apprise", "file", "source")


@pytest.mark.parametrize("verbose", [[], ["-vv"]], ids=["logged", "log printed"])
def test_no_secret_is_in_any_output_or_stored_file(papertrack, hook, import_papers, verbose):
    tokens = {name: secrets.token_hex(12) for name in _TOKENS}
    token_file = papertrack.home / "token"
    token_file.write_text(f"{tokens['file']}\n")
    token_file.chmod(0o600)
    config = papertrack.configure(f"""
sources: {{huggingface: {{base_url: 'http://me:{tokens["source"]}@127.0.0.1:9'}}}}
topics: [{{name: agents, any: [agent]}}]
alerts:
  channels:
    - {{name: hook, type: webhook, url_env: HOOK_URL, token_env: HOOK_TOKEN}}
    - {{name: other, type: webhook, url: '{hook.url}', token_file: '{token_file}'}}
    - {{name: mail, type: email, to: me@example.org, port: 9, user: me, password_env: MAIL}}
    - {{name: team, type: apprise, url_env: TEAM}}
log: ../../papertrack.log
""")
    hook.status = 500
    env = {
        "HOOK_URL": f"{hook.url}/{tokens['path']}",
        "HOOK_TOKEN": tokens["bearer"],
        "MAIL": tokens["mail"],
        "TEAM": f"json://me:{tokens['apprise']}@127.0.0.1:9/",
    }
    papertrack("alert", env=env)
    import_papers(papertrack, 1)
    runs = [
        papertrack(*arguments, *verbose, env=env)
        for arguments in (
            ("--debug", "alert", "-v"),
            ("--debug", "alert", "test", "hook"),
            ("--debug", "alert", "test", "mail"),
            ("--debug", "alert", "test", "team"),
            ("alert", "log"),
            ("config", "show"),
            ("config", "check"),
        )
    ]
    assert [run.code for run in runs] == [6, 6, 6, 6, 0, 0, 0]
    assert runs[0].err.count("the next run retries") >= 4
    output = "".join(run.out + run.err for run in runs)
    own_files = {token_file, config}
    stored = b"".join(
        path.read_bytes() + path.name.encode()
        for path in papertrack.home.rglob("*")
        if path.is_file() and path not in own_files
    )
    assert [name for name, token in tokens.items() if token in output] == []
    assert [name for name, token in tokens.items() if token.encode() in stored] == []
    log = events((papertrack.home / "papertrack.log").read_text())
    assert {"hook", "other", "mail", "team"} <= {event.facts.get("channel") for event in log}
    assert "http://***@127.0.0.1:9" in "".join(event.facts.get("url", "") for event in log)
    assert any(" request " in run.err for run in runs) == bool(verbose)
