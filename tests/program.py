"""Runs papertrack as users and scripts do: as a process with its own environment.

Most runs are forked from a process that has imported everything (see starter.py), which takes a
tenth of the time. A new process is started where the start-up matters, and on systems without
pidfd_open.
"""

import os
import select
import shlex
import struct
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from forks import FORKING, Forks
from temporary import TEMPORARY

NOW = "2026-03-31T18:00:00Z"
# A folder without certificates: loading those of the system takes twice as long as most runs.
NOBODY = "/nowhere"
# The discard port has no server, so that requests to unconfigured services fail on this machine.
_DEAD_PROXY = "http://127.0.0.1:9"
_BASE_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "TMPDIR": TEMPORARY.name,
    "LANG": "C.UTF-8",
    "TERM": "xterm-256color",
    "PAGER": "",  # Nobody would press a key to end a pager.
    "HTTP_PROXY": _DEAD_PROXY,
    "HTTPS_PROXY": _DEAD_PROXY,
    "NO_PROXY": "127.0.0.1",
    "SSL_CERT_DIR": NOBODY,
}
FORKS = Forks(_BASE_ENVIRONMENT)
_OPTIONS_OF_FORKS = {"input", "stdout", "timeout", "umask"}


class Run(NamedTuple):
    """The result of a run: exit code, stdout and stderr as text."""

    code: int
    out: str
    err: str


class Program:
    """The program with the home, the configuration and the library of a user."""

    def __init__(self, home, library=None):
        self.home = home
        self.library = library or home / "library"
        self.now = NOW
        self.line = _command_line()
        home.mkdir(parents=True, exist_ok=True)

    def script(self):
        """A shell script that runs the program, as a shell gets it from PATH."""
        file = self.home / "bin" / "papertrack"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f'#!/bin/sh\nexec {shlex.join(self.line)} "$@"\n')
        file.chmod(0o755)
        return file

    def __call__(self, *arguments, **options):
        """Run to the end and return the output as text; see `bytes` for the options."""
        result = self.bytes(*arguments, **options)
        return Run(result.returncode, result.stdout.decode(), result.stderr.decode())

    def bytes(self, *arguments, env=(), **options):
        """Run to the end and return the output as bytes.

        The run is forked, unless it has a `program`, options of subprocess.run or an environment
        that changes how Python starts.
        """
        environ = self.environ(**dict(env))
        starts_as_usual = _start_variables(environ) == _start_variables(_BASE_ENVIRONMENT)
        if FORKING and starts_as_usual and options.keys() <= _OPTIONS_OF_FORKS:
            return self.forked(*arguments, environ=environ, **options)
        if "preexec_fn" in options:
            # Where files may not grow, Python before 3.12.8 would leave parts of compiled modules.
            environ["PYTHONDONTWRITEBYTECODE"] = "1"
        command = [*options.pop("program", self.line), *map(str, arguments)]
        options = {
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "timeout": 300,
            "input": b"",
        } | options
        return subprocess.run(command, env=environ, cwd=self.home, check=False, **options)

    def forked(self, *arguments, **options):
        """Fork a run; see `Forks.run` for options and result."""
        return FORKS.run(list(map(str, arguments)), folder=str(self.home), **options)

    def start(self, *arguments, env=(), **options):
        """Start a run without waiting for it."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = {"env": self.environ(**dict(env)), "cwd": self.home}
        return subprocess.Popen([*self.line, *map(str, arguments)], **(pipes | process | options))

    def in_terminal(self, *arguments, **options):
        """Run in a pseudo-terminal; see `in_one_terminal` for the options and the result."""
        (result,) = self.in_one_terminal([arguments], **options)
        return result

    def in_one_terminal(self, runs, *, width=80, env=(), forked=FORKING):
        """Run one after the other in a pseudo-terminal, each with the arguments of a command line.

        Returns the exit code and the output of each, with LF line ends.
        """
        from fcntl import ioctl
        from termios import TIOCSWINSZ

        terminal, inner = os.openpty()
        name = os.ttyname(inner)
        ioctl(inner, TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        start = self._fork_in_terminal if forked else self._start_in_terminal
        results = []
        for arguments in runs:
            with start(inner, *arguments, env=env) as wait:
                os.close(inner)
                output = b"".join(iter(lambda: _read(terminal), b""))
                results.append((wait(), output.replace(b"\r\n", b"\n")))
            inner = os.open(name, os.O_RDWR | os.O_NOCTTY)
        os.close(inner)
        os.close(terminal)
        return results

    def _fork_in_terminal(self, inner, *arguments, env):
        place = {"folder": str(self.home), "environ": self.environ(**dict(env))}
        return FORKS.in_terminal(list(map(str, arguments)), inner, **place)

    @contextmanager
    def _start_in_terminal(self, inner, *arguments, env):
        with self.start(*arguments, env=env, stdin=inner, stdout=inner, stderr=inner) as process:
            yield lambda: process.wait(300)

    def shell_in_terminal(self, script, env=()):
        """Run a script of commands on one pseudo-terminal; return the exit code and the output."""
        import pty

        process, terminal = pty.fork()
        if not process:
            os.chdir(self.home)
            os.execve("/bin/sh", ["sh", "-c", script], self.environ(**dict(env)))
        output = b"".join(iter(lambda: _read(terminal), b""))
        os.close(terminal)
        _, status = os.waitpid(process, 0)
        return os.waitstatus_to_exitcode(status), output.decode().replace("\r\n", "\n")

    def configure(self, text):
        """Write the configuration file."""
        path = self.home / "config/papertrack/config.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def ask(self, url, text=""):
        """Write a configuration with Hugging Face at a URL, and with further text."""
        return self.configure(f"sources: {{huggingface: {{base_url: '{url}'}}}}\n{text}")

    def environ(self, **changes):
        """The environment of a run: of this machine only PATH; `changes` add, replace or remove."""
        variables = {
            **_BASE_ENVIRONMENT,
            "HOME": self.home,
            "XDG_CONFIG_HOME": self.home / "config",
            "XDG_DATA_HOME": self.home / "data",
            "XDG_CACHE_HOME": self.home / "cache",
            "PAPERTRACK_NOW": self.now,
            "PAPERTRACK_LIBRARY": self.library,
        } | changes
        return {key: str(value) for key, value in variables.items() if value is not None}


def _start_variables(environ):
    """The variables that Python reads only at start-up; a forked run follows PYTHONPATH, too."""
    names = {name for name in environ if name.startswith(("PYTHON", "LC_", "LANG"))}
    return {name: environ[name] for name in names - {"PYTHONPATH"}}


def _command_line():
    """The installed command, or the module if it is not installed."""
    installed = Path(sys.executable).with_name("papertrack")
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "papertrack"]


def _read(terminal):
    """Read the next bytes; none at the end, where Linux raises OSError."""
    if not select.select([terminal], [], [], 300)[0]:
        raise TimeoutError
    with suppress(OSError):
        return os.read(terminal, 65536)
    return b""
