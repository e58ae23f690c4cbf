"""papertrack as people and scripts start it: a process of its own in an environment of its own.

Runs to the end are forked from a process that has imported all of it, see starter.py, which takes a
tenth of the time; where the start itself matters, and on systems without such forks, it is a fresh
one.
"""

import os
import select
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from forks import FORKING, Forks

NOW = "2026-03-31T18:00:00Z"
# The authorities to trust: to read the usual ones takes twice as long as most runs.
NOBODY = "/nowhere"
# Nobody listens on the discard port: whatever a test forgets to configure stays on this machine.
_NOWHERE = "http://127.0.0.1:9"
_ALWAYS = {
    "PATH": os.environ["PATH"],
    "LANG": "C.UTF-8",
    "TERM": "xterm-256color",
    "HTTP_PROXY": _NOWHERE,
    "HTTPS_PROXY": _NOWHERE,
    "NO_PROXY": "127.0.0.1",
    "SSL_CERT_DIR": NOBODY,
}
FORKS = Forks(_ALWAYS)


class Run(NamedTuple):
    """What a run left behind, as text."""

    code: int
    out: str
    err: str


class Program:
    """The program with the home, the configuration and the library of one imagined user."""

    def __init__(self, home, library=None):
        self.home = home
        self.library = library or home / "library"
        self.now = NOW
        self.line = _command_line()
        home.mkdir(parents=True, exist_ok=True)

    def __call__(self, *arguments, **how):
        """Run to the end; stdout and stderr are pipes. How: what `bytes` takes."""
        done = self.bytes(*arguments, **how)
        return Run(done.returncode, done.stdout.decode(), done.stderr.decode())

    def bytes(self, *arguments, env=(), **how):
        """As a call, with what was written as bytes. Forked, but with a `program`, with what only
        subprocess.run knows and where the environment says how Python is to start.
        """
        environ = self.environ(**dict(env))
        usual = how.keys() <= {"stdout", "timeout", "umask"} and _start(environ) == _start(_ALWAYS)
        if FORKING and usual:
            return self.forked(*arguments, environ=environ, **how)
        command = [*how.pop("program", self.line), *map(str, arguments)]
        how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 300} | how
        return subprocess.run(
            command, env=environ, cwd=self.home, stdin=subprocess.DEVNULL, check=False, **how
        )

    def forked(self, *arguments, **how):
        """As `bytes`, with what `Forks.run` takes and gives."""
        return FORKS.run(list(map(str, arguments)), folder=str(self.home), **how)

    def start(self, *arguments, env=(), **how):
        """Start, and do not wait."""
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE} | how
        how = {"stderr": subprocess.PIPE, "env": self.environ(**dict(env)), "cwd": self.home} | how
        return subprocess.Popen([*self.line, *map(str, arguments)], **how)

    def in_terminal(self, *arguments, width=80, env=()):
        """Run in a pseudo-terminal; the exit code and the bytes that reached it, in LF lines."""
        from fcntl import ioctl
        from termios import TIOCSWINSZ

        terminal, inside = os.openpty()
        ioctl(inside, TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        process = self.start(*arguments, env=env, stdin=inside, stdout=inside, stderr=inside)
        os.close(inside)
        seen = b"".join(iter(lambda: _read(terminal), b""))
        os.close(terminal)
        return process.wait(300), seen.replace(b"\r\n", b"\n")

    def configure(self, text):
        """Write the configuration file."""
        path = self.home / "config/papertrack/config.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def ask(self, url, more=""):
        """Write a configuration that asks Hugging Face at `url`."""
        return self.configure(f"sources: {{huggingface: {{base_url: '{url}'}}}}\n{more}")

    def environ(self, **more):
        """Nothing of this machine but the way to programs, and what a test adds or takes away."""
        known = {
            **_ALWAYS,
            "HOME": self.home,
            "XDG_CONFIG_HOME": self.home / "config",
            "XDG_DATA_HOME": self.home / "data",
            "XDG_CACHE_HOME": self.home / "cache",
            "PAPERTRACK_NOW": self.now,
            "PAPERTRACK_LIBRARY": self.library,
        } | more
        return {key: str(value) for key, value in known.items() if value is not None}


def _start(environ):
    """What Python reads only when it starts."""
    return {one for one in environ.items() if one[0].startswith(("PYTHON", "LC_", "LANG"))}


def _command_line():
    """The installed command, or the module where it is not installed."""
    installed = Path(sys.executable).with_name("papertrack")
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "papertrack"]


def _read(terminal):
    """The next bytes, none at the end: Linux then says that the terminal is gone."""
    if not select.select([terminal], [], [], 300)[0]:
        raise TimeoutError
    with suppress(OSError):
        return os.read(terminal, 65536)
    return b""
