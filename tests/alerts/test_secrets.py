"""Secrets on their way through runs that fail: none is said, stored or logged anywhere."""

import secrets

import pytest
from log_lines import events

_WORDS = ("path", "bearer", "mail", "apprise", "file", "source")


@pytest.mark.parametrize("loud", [[], ["-vv"]], ids=["logged", "log printed"])
def test_no_secret_is_in_any_output_or_stored_file(papertrack, hook, arrive, loud):
    tokens = {name: secrets.token_hex(12) for name in _WORDS}
    kept = papertrack.home / "token"
    kept.write_text(f"{tokens['file']}\n")
    kept.chmod(0o600)
    config = papertrack.configure(f"""
sources: {{huggingface: {{base_url: 'http://me:{tokens["source"]}@127.0.0.1:9'}}}}
topics: [{{name: agents, any: [agent]}}]
alerts:
  channels:
    - {{name: hook, type: webhook, url_env: HOOK_URL, token_env: HOOK_TOKEN}}
    - {{name: other, type: webhook, url: '{hook.url}', token_file: '{kept}'}}
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
    arrive(papertrack, 1)
    runs = [
        papertrack(*arguments, *loud, env=env)
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
    assert [one.code for one in runs] == [6, 6, 6, 6, 0, 0, 0]
    assert runs[0].err.count("kept and tried again") >= 4
    said = "".join(one.out + one.err for one in runs)
    mine = {kept, config}
    stored = b"".join(
        path.read_bytes() + path.name.encode()
        for path in papertrack.home.rglob("*")
        if path.is_file() and path not in mine
    )
    assert [name for name, token in tokens.items() if token in said] == []
    assert [name for name, token in tokens.items() if token.encode() in stored] == []
    log = events((papertrack.home / "papertrack.log").read_text())
    assert {"hook", "other", "mail", "team"} <= {one.facts.get("channel") for one in log}
    assert "http://***@127.0.0.1:9" in "".join(one.facts.get("url", "") for one in log)
    assert any(" request " in one.err for one in runs) == bool(loud)
